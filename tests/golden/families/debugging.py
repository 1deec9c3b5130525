import numpy as np

from tests.golden.case import case, normal


def told(code):
    """The text of the error that an assertion raises, or what it returns."""

    def run(tf):
        try:
            return repr(eval(code, {"tf": tf, "d": tf.debugging, "c": tf.constant, "np": np}))
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    return case(run, name=code)


def checked(code):
    """The same while check_numerics is on, from the words that name the op."""

    def run(tf, **inputs):
        tf.debugging.enable_check_numerics()
        try:
            return repr(eval(code, {"tf": tf, **inputs}))
        except tf.errors.InvalidArgumentError as error:
            text = str(error)
            return (
                text[text.index("!!! Detected") : text.index(" [Op:")] if " [Op:" in text else text[text.index("!!!") :]
            )
        finally:
            tf.debugging.disable_check_numerics()

    return case(run, name=code, grad=False, x=np.array([0.0, -1.0, 2.0], np.float32))


PAIRS = [
    "1, 1",
    "1, 2",
    "2, 1",
    "[1, 2], [1, 3]",
    "[1, 2], [0, 2]",
    "[1.5, 2.0], [1.5, 3.0]",
    "[1, 2], 1",
    "[[1, 2]], [[0], [2]]",
]
COMPARISONS = ["equal", "none_equal", "less", "less_equal", "greater", "greater_equal"]
SIGNS = ["negative", "positive", "non_negative", "non_positive"]
NUMBERS = ["[-1, -2]", "[1, 2]", "[-1, 0]", "[1, 0]", "0", "0.0", "-1.5", "[]", "[[1, -1]]", "c([1, -1], tf.int8)"]

CASES = [
    *(told(f"d.assert_{f}({p})") for f in COMPARISONS for p in PAIRS),
    *(
        told(f"d.assert_{f}(tf.range(20), tf.range(20) + {n}, {k})")
        for f in COMPARISONS
        for n in (0, 1, -1)
        for k in ("message='m'", "summarize=1", "summarize=-1", "name='n'")
    ),
    *(
        told(code)
        for code in (
            "d.assert_equal(['a'], ['b'])",
            "d.assert_equal(c(True), c(False))",
            "d.assert_equal((2, 3), c([1.0, 2.0]).shape)",
            "d.assert_equal(c([1.0, 2.0]).shape, (2,))",
            "d.assert_equal([], [])",
            "d.assert_equal(1, 2, 'message', 3, 'name')",
            "d.assert_none_equal(1, 1, 3, 'message', 'name')",
        )
    ),
    *(
        case(f"tf.debugging.assert_{f}({p})")
        for f in COMPARISONS
        for p in ("[1, 2], [1, 2, 3]", "1, 1.0", "tf.constant(1), tf.constant(1.0)")
    ),
    *(
        told(f"d.assert_near({p})")
        for p in (
            "1.0, 1.1",
            "1.0, 1.0000001",
            "[1.0, 2.0], [1.0, 2.1], rtol=0.01, atol=0.01, message='m'",
            "[1.0, 2.0], [1.0, 2.1], 0.1",
            "[1.0, 2.0], [1.0, 2.1], summarize=1",
            "[1.0, 2.0], [1.0, np.nan]",
            "c(1.0, tf.float16), c(1.001, tf.float16)",
            "c(1.0, tf.float64), c(1.0 + 1e-15, tf.float64)",
            "c([1 + 1j]), c([1 + 1j])",
            "c([1 + 1j]), c([1 + 2j]), atol=c(0.1, tf.float64)",
        )
    ),
    *(
        case(f"tf.debugging.assert_near({p})")
        for p in ("1, 1", "1.0, 'a'", "tf.constant(1.0), tf.constant(1.0, tf.float64)")
    ),
    *(told(f"d.assert_{f}({x})") for f in SIGNS[:3] for x in NUMBERS),
    *(told(f"d.assert_{f}([-1, 1, 0], {k})") for f in SIGNS[:3] for k in ("message='m'", "summarize=1", "'m', 2, 'n'")),
    *(case(f"tf.debugging.assert_{f}({x})") for f in SIGNS for x in (*NUMBERS[:9], "['a']", "[True]")),
    *(
        told(code)
        for code in (
            "d.assert_rank(c([1]), 2)",
            "d.assert_rank(c([1]), 2, message='m')",
            "d.assert_rank(c([1]), 1)",
            "d.assert_rank([[1]], tf.constant(2))",
            "d.assert_rank(c([1]), [1])",
            "d.assert_rank(c([1]), 1.0)",
            "d.assert_rank_at_least(c([1]), 2)",
            "d.assert_rank_at_least(c([1]), 2, 'm', 'n')",
            "d.assert_rank_at_least(c([[1]]), 1)",
            "d.assert_rank_in(c([1]), [0, 2], message='m')",
            "d.assert_rank_in(c([1]), (0, 1))",
            "d.assert_rank_in(c([1]), 3)",
            "d.assert_integer(1.0)",
            "d.assert_integer(1.0, message='m')",
            "d.assert_integer([1])",
            "d.assert_integer(c(1, tf.uint8))",
            "d.assert_integer(True)",
            "d.assert_type(c(1.0), tf.int32)",
            "d.assert_type(c(1.0), tf.int32, message='m')",
            "d.assert_type([1.0], tf.float32)",
            "d.assert_type(c('a'), 'string')",
            "d.assert_scalar(c([1]))",
            "d.assert_scalar(c([1]), message='m')",
            "d.assert_scalar(1)",
            "d.assert_proper_iterable([1])",
            "d.assert_proper_iterable({1: 2})",
            "d.assert_proper_iterable('abc')",
            "d.assert_proper_iterable(np.array([1]))",
            "d.assert_proper_iterable(3)",
            "d.assert_same_float_dtype([c(1.0), c(2.0)])",
            "d.assert_same_float_dtype([c(1.0), c(2.0, tf.float64)])",
            "d.assert_same_float_dtype([c(1)])",
            "d.assert_same_float_dtype()",
            "d.assert_same_float_dtype(dtype=tf.float64)",
            "d.assert_same_float_dtype(dtype=tf.int32)",
            "d.assert_same_float_dtype([c(1.0)], tf.float64)",
            "d.assert_same_float_dtype([None, c(1.0)])",
            "d.is_numeric_tensor(c(1))",
            "d.is_numeric_tensor(c(1j))",
            "d.is_numeric_tensor(1)",
            "d.is_numeric_tensor(c('a'))",
            "d.is_numeric_tensor(c(True))",
            "d.is_numeric_tensor(tf.Variable(1.0))",
            "d.Assert(True, ['a'])",
            "d.Assert(False, ['a', 1])",
            "d.Assert(False, [c([1, 2, 3, 4, 5])])",
            "d.Assert(False, [c([1, 2, 3, 4, 5])], summarize=2)",
            "d.Assert(c(False), 'x')",
            "d.Assert(c(0), ['x'])",
            "d.Assert(1, ['x'])",
            "d.Assert(c(False), [c([[1.5, 2.0], [3.0, 4.0]]), c('s'), c(['a', 'b'])])",
            "d.Assert(c(False), [])",
            "tf.Assert is d.Assert, tf.assert_equal is d.assert_equal, tf.assert_less is d.assert_less",
            "tf.assert_greater is d.assert_greater, tf.assert_rank is d.assert_rank",
        )
    ),
    *(
        case(f"tf.debugging.{code}")
        for code in (
            "assert_proper_iterable(tf.constant(1))",
            "assert_same_float_dtype([1.0])",
            "Assert(tf.constant([True, False]), ['x'])",
            "Assert(False, [None])",
        )
    ),
    *(
        told(f"d.assert_shapes({code})")
        for code in (
            "[(c([[1, 2]]), (1, 'N')), (c([1, 2]), ('N',))]",
            "[(c([[1, 2]]), (1, 'N')), (c([1, 2, 3]), ('N',))]",
            "[(c([[1, 2]]), (2, 'N'))]",
            "[(c([[1, 2]]), (1, 2, 3))]",
            "[(c([[1, 2]]), (1, 2, 3))], message='m'",
            "[(c([[1, 2]]), 'NM')]",
            "[(c([[1, 2]]), ('N', 'Q')), (c([1]), ('Q',))]",
            "[(c([[1, 2]]), (..., 'N')), (c([1, 2]), ('N',))]",
            "[(c([[1, 2]]), ('N', ...))]",
            "[(c([[1, 2]]), ('*', 'N')), (c([1, 3]), ('N',))]",
            "[(c([[1, 2]]), (..., 3))]",
            "[(c([[1, 2]]), ('N', None)), (c([1, 2]), (2,))]",
            "[(c([[1, 2]]), ('N', '.'))]",
            "[(c([[1, 2]]), (1, ..., 2))]",
            "[(c(1), ())]",
            "[(c([1, 2]), ())]",
            "[(c([1, 2]), (...,))]",
            "[(c([[1]]), ())]",
            "[(c(1), 1)]",
            "[(c(1), ('N',)), (c([1, 2]), ('N',))]",
            "[(c(1), (..., 'N')), (c([1, 2]), ('N',))]",
            "[(c([[1, 2]]), ('1', '2'))]",
            "[(c([[1, 2]]), (None, None)), (c(1), None)]",
            "[(c([[1, 2]]), tf.TensorShape([2, None]))]",
            "[(tf.Variable([1, 2]), ('D',)), (np.zeros((2,)), ('D',))]",
            "[(c([[1, 2]]), ('N', 'M')), (c([[1, 2]]), ('M', 'N'))], ['info'], 3, 'hey', 'n'",
            "[]",
        )
    ),
    # NaN and infinity.
    *(
        case(f"tf.debugging.{f}(x, 'm') * 2", x=normal(3, dtype=t))
        for f in ("check_numerics", "assert_all_finite")
        for t in (np.float32, np.float64)
    ),
    *(
        case(f"tf.debugging.{f}({x}, 'm')")
        for f in ("check_numerics", "assert_all_finite")
        for x in ("[1.0, np.nan]", "[np.inf]", "[1]", "[1j]", "tf.constant([np.nan], tf.float16)")
    ),
    case("tf.debugging.check_numerics([1.0], None)"),
    case("tf.debugging.assert_all_finite([1.0])"),
    case("tf.debugging.check_numerics(tf.sqrt(x), 'm')", x=np.zeros(2, np.float32)),
    case("tf.raw_ops.CheckNumericsV2(tensor=x, message='m')", x=normal(3)),
    case("tf.raw_ops.CheckNumericsV2(tensor=[1.0, np.inf], message='m')"),
    *(
        checked(code)
        for code in (
            "tf.math.log(x)",
            "tf.sqrt(x)",
            "x / tf.constant([0.0, 1.0, 0.0])",
            "tf.constant([3e38]) * 2.0",
            "tf.cast(tf.constant(1e300, tf.float64), tf.float32)",
            "tf.constant([float('inf')])",
            "tf.identity(tf.constant(float('nan')))",
            "tf.reshape(tf.constant([float('inf')]), [1, 1])",
            "tf.square(x)",
        )
    ),
    case("tf.debugging.is_traceback_filtering_enabled()"),
    case("tf.math.is_non_decreasing([1, 2, 2]), tf.math.is_strictly_increasing([1, 2, 2])"),
    case(
        "tf.math.is_non_decreasing([[1.0, 2.0], [1.0, 3.0]]), tf.math.is_strictly_increasing([]), tf.math.is_strictly_increasing(3)"
    ),
    case("tf.math.is_non_decreasing([True])"),
    case("tf.math.is_strictly_increasing(['a'])"),
]
