import collections
import os
import tempfile

import numpy as np

from tests.golden.case import case

Point = collections.namedtuple("Point", "x y")


def printed(code):
    """What `tf.print` writes to a file."""

    def run(tf):
        folder = tempfile.mkdtemp()
        path = os.path.join(folder, "out.txt")
        names = {"tf": tf, "np": np, "c": tf.constant, "Point": Point, "stream": "file://" + path}
        try:
            eval(f"tf.print({code}, output_stream=stream)", names)
            with open(path, encoding="utf-8") as file:
                return file.read()
        finally:
            if os.path.exists(path):
                os.remove(path)
            os.rmdir(folder)

    return case(run, name=code)


FLOATS = "0.0 1.0 0.1 1/3 1e-7 1e10 123456789.0 1234567.0 1e6 1e5 99999.9 16777216.0 1e-5 2.5e-5 0.00012345678 3.14159265358979".split()
FLOATS += "1e22 1e15 1e16 0.1+0.2 123456789.123 np.nan np.inf -np.inf".split()

CASES = [
    *(printed(f"c({x}, tf.{t})") for x in FLOATS for t in ("float32", "float64")),
    *(printed(f"c({x}, tf.{t})") for x in ("1/3", "1.5", "100.0") for t in ("float16", "bfloat16")),
    *(printed(f"c([5, 6], tf.{t})") for t in ("int8", "uint8", "int16", "int32", "int64", "uint64")),
    *(
        printed(code)
        for code in (
            "1",
            "1.0, 0.1, 1e-7",
            "'a', 'b'",
            "b'a', True, None",
            "c(True), c([True, False])",
            "c(2**63 - 1, tf.int64)",
            "c([1.0, 2.5]), c([[1.0, 2.5], [3, 4]])",
            "c([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])",
            "tf.range(6), tf.range(7)",
            "tf.range(10), summarize=2",
            "tf.range(10), summarize=-1",
            "tf.reshape(tf.range(100), [10, 10])",
            "tf.reshape(tf.range(100), [10, 10]), summarize=1",
            "tf.reshape(tf.range(1000), [10, 10, 10]), summarize=1",
            "tf.reshape(tf.range(24), [2, 3, 4])",
            "tf.reshape(tf.range(24), [2, 3, 1, 4])",
            "tf.zeros([0]), tf.zeros([0, 3])",
            "tf.ones([1, 1, 1, 1])",
            "c('a')",
            "c('a'), c('b')",
            "'s', c('é')",
            "c(['a', 'b'])",
            "c([['a', 'b'], ['c', 'd']])",
            "c(['a\"b\\n', \"it's\", '\\t', '\\x01', 'é', '\\\\'])",
            "c('a\"b\\n')",
            "c('')",
            "[1, 2.5, 'a', None, True, b'x']",
            "[c(1), c(2)]",
            "[c([1, 2]), 'a', 3]",
            "(1, 2), (c([1, 2]),)",
            "{'a': 1, 'b': c([1, 2])}",
            "{'b': c(2), 'a': c(1)}",
            "Point(1, c(2))",
            "[[1, [2, c(3)]], {'k': [c(4)]}]",
            "[], {}, ()",
            "np.array([1.0, 2.0]), np.float32(0.1)",
            "np.array(['a', 'b'])",
            "[np.array([1, 2]), c('str'), c(['s'])]",
            "tf.Variable([1.0, 2.0]), [tf.Variable(3)]",
            "'x:', c([1, 2]), 'y:', c(3.0)",
            "1, 2, 3, sep=', ', end='!'",
            "1, end=''",
            "'{}', c(1), '%s {{}}'",
            "['{}', c(1)]",
            "tf.float32, tf.TensorShape([1, 2]), c([1, 2]).shape",
            "range(3), {1: 2}, {3}",
            "list(range(60))",
            "[tf.range(20)] * 6",
            "{'k': list(range(40)), 'b': c(1)}",
            "c([1.5, 2.5]), c([1, 2, 3, 4, 5, 6, 7, 8]), summarize=1",
            "1, name='n'",
            "tf.ragged.constant([[1, 2], [], [3]])",
            "'a', tf.ragged.constant([[1.5], [2.0, -3.0]]), c([1, 2]), tf.ragged.constant([['x', \"it's\"], ['\\\\']]), 'b'",
            "tf.ragged.constant([[[1], []], [[2, 3]]]), {'k': tf.ragged.constant([[True]]), 'a': c(1)}",
            "tf.ragged.constant([[1], [2], [], [4, 5, 6, 7, 8, 9, 10], [1], [2], [3]])",
            "tf.ragged.constant([[1, 2], [3], [], [1, 2, 3, 4]]), summarize=1",
            "tf.ragged.constant([[1, 2]] * 9), summarize=-1",
            "tf.sparse.from_dense([[0, 1], [2, 0]])",
            "'a', tf.sparse.from_dense([[0.0, 1.5], [2.0, 0.0]]), {'k': tf.sparse.from_dense([['', 'b']])}, summarize=1",
        )
    ),
    case("tf.print(1, foo=3)"),
    case("tf.print(1, output_stream='stdout')"),
    case("tf.print(1, output_stream=3)"),
    case("tf.print('golden')"),
]
