"""Writes printing.json: what real TensorFlow prints for tensors and variables.

Run with an interpreter that has tensorflow 2.21 and numpy 2: `python tests/golden/make_printing.py`.
"""

import json
import pathlib

import numpy as np
import tensorflow as tf

NUMERIC = "float32 float64 float16 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 uint64 complex64 complex128 bool"
CASES = [  # expression of an array, dtype
    *((f"np.array({value})", dtype) for dtype in NUMERIC.split() for value in ("1", "0")),
    *((f"np.array([[0, 1], [2, 3]])[:, :{n}]", dtype) for dtype in NUMERIC.split() for n in (0, 1, 2)),
    *(
        (f"np.array({value})", dtype)
        for dtype in ("float16", "bfloat16", "float32", "float64")
        for value in (
            "-0.0",
            "0.1",
            "1/3",
            "1e-7",
            "12345678.0",
            "65504.0",
            "np.nan",
            "-np.inf",
            "[1e-3, 1.0, 123.456]",
            "[1e-8, 1.0]",
            "[np.nan, 1.5]",
            "[np.inf, -np.inf, 2.0]",
            "[-1.0, 0.25]",
        )
    ),
    *(
        (f"np.array({value})", dtype)
        for dtype in ("complex64", "complex128")
        for value in (
            "1+2j",
            "-1.5-0.25j",
            "np.nan+1j",
            "[1+2j, 1e-5j]",
            "[1.5, -2j]",
        )
    ),
    ("np.array(np.iinfo('int64').min)", "int64"),
    ("np.array(np.iinfo('uint64').max)", "uint64"),
    ("np.array([-128, 127])", "int8"),
    ("np.array(300.0)", "float64"),
    ("np.array(1e16)", "float64"),
    ("np.array(3e38)", "float32"),
    ("np.arange(10.0)", "float32"),
    ("np.arange(24.0).reshape(2, 3, 4)", "float32"),
    ("np.arange(60).reshape(2, 30)", "int32"),
    ("np.arange(60.0).reshape(3, 20) / 7", "float32"),
    ("np.arange(60.0).reshape(3, 20) / 7", "float64"),
    ("np.arange(1000)", "int32"),
    ("np.arange(1001)", "int32"),
    ("np.arange(2000.0).reshape(40, 50)", "float32"),
    ("np.arange(4096.0).reshape(16, 16, 16)", "float32"),
    ("np.zeros((0,))", "float32"),
    ("np.zeros((0, 3))", "float32"),
    ("np.zeros((2, 0, 3))", "int32"),
    ("np.zeros((1, 1, 1, 1))", "float32"),
    ("np.array([True, False, True])", "bool"),
    ("np.array(b'', object)", "string"),
    ("np.array(b'abc', object)", "string"),
    ("np.array('é'.encode(), object)", "string"),
    ("np.array(b'quote \\' and \\\" \\n newline', object)", "string"),
    ("np.array([b'a', b'bcd'], object)", "string"),
    ("np.array([[b'a'], [b'it\\'s']], object)", "string"),
    ("np.zeros((0,), object)", "string"),
    ("np.array([b'x' * 50] * 3, object)", "string"),
    ("np.array([b'word'] * 1200, object)", "string"),
    ("np.array([1.0, 2.0])", "float8_e5m2"),
    ("np.array(1.5)", "float8_e4m3fn"),
]


def record(expression, dtype):
    array = eval(expression)
    if dtype != "string":
        array = array.astype(tf.as_dtype(dtype).as_numpy_dtype)
    tensor = tf.constant(array, dtype=dtype)
    case = {"array": expression, "dtype": dtype, "repr": repr(tensor), "str": str(tensor)}
    variable = tf.Variable(tensor, name="weights")
    if str(variable) != repr(variable):
        raise AssertionError("a variable's str and repr were expected to be equal")
    return case | {"variable": repr(variable), "format": f"{tensor}"}


if __name__ == "__main__":
    cases = [record(*case) for case in CASES]
    path = pathlib.Path(__file__).with_name("printing.json")
    path.write_text(
        json.dumps({"tensorflow": tf.__version__, "numpy": np.__version__, "cases": cases}, indent=1) + "\n"
    )
