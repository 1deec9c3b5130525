"""Python's operators on tensors and variables, with every kind of other operand, on both sides."""

import numpy as np

from tests.golden.case import case, integers, normal, uniform

OPERATORS = ("+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=")
TENSORS = {
    "float32": np.float32([1.5, 2.0]),
    "float64": np.float64([1.5, 2.0]),
    "float16": np.float16([1.5, 2.0]),
    "int32": np.int32([3, 2]),
    "int64": np.int64([3, 2]),
    "uint8": np.uint8([3, 2]),
    "int8": np.int8([3, 2]),
    "complex64": np.complex64([1 + 2j, 2.0]),
    "bool": np.array([True, False]),
}
OTHERS = (
    "2",
    "1.5",
    "1j",
    "2**40",
    "np.float32(2.0)",
    "np.float64(2.0)",
    "np.int64(2)",
    "np.array([1.0, 2.0])",
    "np.array([1, 2])",
)
OTHERS += ("[1, 2]", "[1.0, 2.0]", "(1, 2)", "'a'", "tf.constant([2.0, 3.0])", "tf.constant([2, 3])")
OTHERS += ("tf.constant([2.0, 3.0], tf.float64)", "tf.Variable([2.0, 3.0])", "tf.constant(['a', 'b'])", "object()")
# complex numbers: TensorFlow lists the type for // but has no kernel for it
NO_KERNEL = {("complex64", "//")}
# lists of truth values, and big ints beside narrow ones, are left to the cases of convert


def binary_cases():
    for dtype, x in TENSORS.items():
        for symbol in OPERATORS if dtype in ("float32", "int32") else ("+", "/", "//", "==", "<"):
            if (dtype, symbol) in NO_KERNEL:
                continue
            for other in OTHERS:
                if symbol == "**" and other == "2**40":
                    continue
                if (dtype, symbol) == ("bool", "/") and other.startswith("np."):
                    continue  # TensorFlow divides truth values by arrays, but by nothing else
                yield case(f"x {symbol} {other}", x=x, name=f"{dtype} {symbol} {other}")
                if not other.startswith("tf.constant"):
                    yield case(f"{other} {symbol} x", x=x, name=f"{other} {symbol} {dtype}")
            yield case(f"x {symbol} x", x=x, name=f"{dtype} {symbol} {dtype}")
        for symbol in ("&", "|", "^"):
            for other in (
                "2",
                "True",
                "[True, False]",
                "[1, 2]",
                "np.array([1, 2])",
                "x",
                "tf.constant([True, False])",
            ):
                if symbol != "|" or other in ("2", "True", "x"):  # with others TensorFlow's `|` fails by accident
                    yield case(f"x {symbol} {other}", x=x, name=f"{dtype} {symbol} {other}")
                    if not other.startswith("tf.constant") and other != "x":
                        yield case(f"{other} {symbol} x", x=x, name=f"{other} {symbol} {dtype}")
        for code in (
            "-x",
            "abs(x)",
            "~x",
            "+x",
            "divmod(x, x)",
            "x << 1",
            "pow(x, 2)",
            "x == None",
            "x != None",
            "None == x",
        ):
            yield case(code, x=x, name=f"{code} {dtype}")


OTHER = [
    case("x + y", x=normal(3, 1), y=normal(1, 4)),
    case("x + y", x=normal(3), y=normal(4)),
    case("x - 1 + 2.0 * y", x=normal(3, 1), y=normal(1, 4)),
    case("x == y", x=normal(3), y=normal(4)),
    case("x != y", x=normal(3), y=normal(4)),
    case("x == [1.0, 2.0]", x=normal(3)),
    case("x != [1.0, 2.0]", x=normal(3)),
    case("x < y", x=normal(3), y=normal(4)),
    case("x == y", x=normal(3), y=normal(3, dtype=np.float64)),
    case("x == y", x=normal(3), y=normal(4, dtype=np.float64)),
    case("x == y", x=np.array([np.nan, 1.0]), y=np.array([np.nan, 1.0])),
    case("x @ y", x=normal(2, 3), y=normal(3, 4)),
    case("x @ y", x=normal(2), y=normal(2)),
    case("[[1.0, 2.0]] @ x", x=normal(2, 3)),
    case("x @ np.ones((3, 2))", x=normal(2, 3)),
    case("np.ones((3, 2)) @ x", x=normal(2, 3)),
    case("x // y", x=integers(2), y=np.int32([0, 1])),
    case("x % y", x=integers(2), y=np.int32([0, 1])),
    case("x ** -1", x=integers(2)),
    case("x ** y", x=uniform(3, low=0.5, high=2.0), y=normal(3)),
    case("2.0 ** x", x=normal(3)),
    case("1 / x", x=np.float32([0.0, -0.0, 2.0])),
    case("x * -0.0", x=np.float32([1.0, -1.0])),
    case("1.0 / (x * -0.0)", x=np.float32([1.0, 2.0])),
    case("x + 300", x=np.int8([1, 2])),
    case("x + (-1)", x=np.uint8([1, 2])),
    case("x - 2", x=np.uint8([1, 2])),
    case("x + 2**70", x=normal(2)),
    case("x + 2**70", x=integers(2)),
    case("x + 1e9", x=np.float16([1, 2])),
    case("x + True", x=normal(2)),
    case("x + [True, False]", x=normal(2)),
    case("x * True", x=np.array([True, False])),
    case("True * x", x=np.array([True, False])),
    case("x == 1", x=np.array([True, False])),
    case("tf.constant('a') + 'b'"),
    case("'b' + tf.constant(['a'])"),
    case("tf.constant('a') + tf.constant(['a', 'b'])"),
    case("tf.constant('a') == 'a'"),
    case("tf.constant('a') != 'a'"),
    case("tf.constant('a') < 'b'"),
    case("tf.constant('a') - 'b'"),
    case("np.add(np.array([2.0]), x)", x=normal(1), grad=False),
    case("np.sin(x)", x=normal(2), grad=False),
    case("v = tf.Variable(x)\nv + 1", x=normal(2)),
    case("v = tf.Variable(x)\n1 - v * v / v", x=normal(2)),
    case("v = tf.Variable(x)\nnp.array([2.0, 1.0]) * v", x=normal(2)),
    case("v = tf.Variable(x)\nv == v", x=normal(2)),
    case("v = tf.Variable(x)\nv == tf.constant([1.0])", x=normal(2)),
    case("v = tf.Variable(x)\nv != tf.constant([1.0, 2.0, 3.0])", x=normal(2)),
    case("v = tf.Variable(x)\n-v, abs(v), v ** 2, v // 2, v % 2, v > 0, v <= 0", x=normal(2)),
    case("v = tf.Variable(x)\n~v, v & True, v | False, True ^ v, v * v", x=np.array([True, False])),
    case("v = tf.Variable([[1.0, 2.0]])\nv @ x, tf.transpose(x) @ tf.transpose(v), [[1.0, 1.0]] @ x", x=normal(2, 1)),
    case("v = tf.Variable(x)\nv += 1", x=normal(2)),
    *[
        case(f"import operator\nv = tf.Variable(x)\noperator.{f}(v, 1.0)", x=normal(2))
        for f in ("iadd", "isub", "imul", "itruediv", "ipow")
    ],
    case("import operator\noperator.iadd(x, 1.0)", x=normal(2)),
    case("sum([x, x, x])", x=normal(2)),
    case("max([x, x + 1.0])", x=normal()),
    case("sorted(tf.Tensor.OVERLOADABLE_OPERATORS - {'__div__', '__rdiv__'})"),
]

CASES = [*binary_cases(), *OTHER]
