"""Element-wise ops: first and second derivatives against differences, and properties on drawn numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import tenfold as tf
from tests.gradients import check_gradients

UNARY = {  # op: an interval in which it is smooth
    tf.exp: (-2, 2),
    tf.math.expm1: (-2, 2),
    tf.math.log: (0.2, 3),
    tf.math.log1p: (-0.7, 3),
    tf.sqrt: (0.2, 3),
    tf.math.rsqrt: (0.2, 3),
    tf.math.reciprocal: (0.3, 3),
    tf.math.reciprocal_no_nan: (0.3, 3),
    tf.square: (-2, 2),
    tf.negative: (-2, 2),
    tf.abs: (0.1, 2),
    tf.sigmoid: (-3, 3),
    tf.tanh: (-2, 2),
    tf.sin: (-3, 3),
    tf.cos: (-3, 3),
    tf.tan: (-1, 1),
    tf.asin: (-0.8, 0.8),
    tf.acos: (-0.8, 0.8),
    tf.atan: (-3, 3),
    tf.sinh: (-2, 2),
    tf.cosh: (-2, 2),
    tf.asinh: (-3, 3),
    tf.acosh: (1.3, 4),
    tf.atanh: (-0.8, 0.8),
}
BINARY = (
    tf.add,
    tf.subtract,
    tf.multiply,
    tf.divide,
    tf.pow,
    tf.maximum,
    tf.minimum,
    tf.atan2,
    tf.math.squared_difference,
    tf.math.divide_no_nan,
    tf.math.multiply_no_nan,
    tf.math.xlogy,
    tf.math.xlog1py,
    tf.math.xdivy,
)
SHAPES = (((2, 3), (2, 3)), ((3, 1), (4,)), ((), (3,)), ((2, 1, 3), (4, 1)))


def drawn(shape, low, high, seed):
    return np.random.RandomState(seed).uniform(low, high, shape)


@pytest.mark.parametrize("op", UNARY, ids=lambda op: op.__name__)
def test_gradient_is_the_slope(op):
    check_gradients(op, drawn((2, 3), *UNARY[op], 1))


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("op", BINARY, ids=lambda op: op.__name__)
def test_gradient_of_two_is_the_slope(op, shapes):
    check_gradients(op, drawn(shapes[0], 0.5, 2, 1), drawn(shapes[1], 0.5, 2, 2))


@pytest.mark.parametrize("exponent", [2, 3.0, 0.5, -1.5])
def test_gradient_of_power_with_a_number_is_the_slope(exponent):
    check_gradients(lambda x: x**exponent, drawn((4,), 0.5, 2, 1))


def test_gradient_of_clip_is_the_slope_in_the_limits_too():
    x, low, high = np.array([-2.0, 0.1, 2.0, 0.5]), np.array([-1.0]), np.array([[1.0], [0.3]])
    check_gradients(lambda x, low, high: tf.clip_by_value(x, low, high), np.tile(x, (2, 1)), low, high)


@pytest.mark.parametrize("x", [0.0, -1.0])
def test_gradient_of_power_in_the_exponent_is_zero_where_there_is_no_logarithm(x):
    x, y = tf.constant(x), tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(y)
        z = x**y
    assert tape.gradient(z, y).numpy() == 0


def test_gradient_of_maximum_goes_to_the_first_of_equals():
    x, y = tf.constant([1.0, 2.0]), tf.constant([1.0, 3.0])
    with tf.GradientTape() as tape:
        tape.watch([x, y])
        z = tf.maximum(x, y)
    assert [g.numpy().tolist() for g in tape.gradient(z, [x, y])] == [[1.0, 0.0], [0.0, 1.0]]


def test_complex_gradient_is_conjugated():
    # The steepest ascent of |z|**2 is along z.
    z = tf.constant([1 + 2j, -3j])
    with tf.GradientTape() as tape:
        tape.watch(z)
        y = tf.reduce_sum(tf.math.real(z * tf.math.conj(z)))
    np.testing.assert_allclose(tape.gradient(y, z).numpy(), 2 * z.numpy())


INTEGERS = st.sampled_from([np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64])


@settings(deadline=None)
@given(st.data(), INTEGERS)
def test_quotient_and_remainder_make_up_the_number(data, dtype):
    x = data.draw(arrays(dtype, 5))
    y = data.draw(arrays(dtype, 5).filter(lambda a: a.all()))
    floor = tf.math.floordiv(x, y) * y + tf.math.floormod(x, y)
    np.testing.assert_array_equal(floor.numpy(), x)
    rest = tf.math.floormod(x, y).numpy()
    assert ((rest == 0) | ((rest < 0) == (y < 0))).all()
    if dtype in (np.int32, np.int64):
        np.testing.assert_array_equal((tf.truncatediv(x, y) * y + tf.truncatemod(x, y)).numpy(), x)


@settings(deadline=None)
@given(st.data(), st.sampled_from([np.float32, np.float64, np.float16]))
def test_kinds_of_floats_exclude_each_other(data, dtype):
    x = data.draw(arrays(dtype, 6))
    kinds = [tf.cast(f(x), tf.int32) for f in (tf.math.is_nan, tf.math.is_inf, tf.math.is_finite)]
    assert (tf.add_n(kinds).numpy() == 1).all()
    assert (tf.equal(x, x).numpy() == ~tf.math.is_nan(x).numpy()).all()


@settings(deadline=None)
@given(arrays(np.float32, 8, elements=st.floats(-(2.0**60), 2.0**60, width=32)))
def test_rounding_functions_bracket_the_number(x):
    floor, ceil, nearest = tf.floor(x).numpy(), tf.math.ceil(x).numpy(), tf.round(x).numpy()
    assert ((floor <= x) & (x <= ceil) & (ceil - floor <= 1)).all()
    assert ((nearest == floor) | (nearest == ceil)).all()


def test_sum_of_many_leaves_its_terms_alone():
    x = tf.constant([1.0, 2.0])
    assert tf.add_n([x, x, x]).numpy().tolist() == [3.0, 6.0]
    assert x.numpy().tolist() == [1.0, 2.0]


def test_value_read_from_a_variable_survives_sums_of_one():
    v = tf.Variable([1.0])
    read = tf.add_n([v])
    v.assign_add([1.0])
    assert read.numpy().tolist() == [1.0]


def wrapped(number, dtype):
    """What is left of an integer in a dtype."""
    info = np.iinfo(dtype)
    return (number - int(info.min)) % (1 << info.bits) + int(info.min)


INTEGER_RULES = {
    tf.add: lambda x, y, bits: x + y,
    tf.subtract: lambda x, y, bits: x - y,
    tf.multiply: lambda x, y, bits: x * y,
    tf.math.floordiv: lambda x, y, bits: x // (y or 1),
    tf.math.floormod: lambda x, y, bits: x % (y or 1),
    tf.truncatediv: lambda x, y, bits: abs(x) // abs(y or 1) * (-1 if (x < 0) != (y < 0) else 1),
    tf.bitwise.left_shift: lambda x, y, bits: x << min(max(y, 0), bits - 1),
    tf.bitwise.right_shift: lambda x, y, bits: x >> min(max(y, 0), bits - 1),
}


@pytest.mark.parametrize("runs", [lambda f: f, tf.function], ids=["eager", "compiled"])
@pytest.mark.parametrize("name", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"])
def test_integers_at_the_ends_of_their_range_wrap_around(name, runs):
    """The least one divided by -1, which processors trap, shifts by more bits than there are, overflow."""
    info = np.iinfo(name)
    ends = {int(info.min), int(info.max), *(n for n in (-2, -1, 0, 1, 2, 3, 70) if n >= info.min)}
    x, y = (part.reshape(-1) for part in np.meshgrid(*[np.array(sorted(ends), name)] * 2))
    divisor = np.where(y == 0, 1, y).astype(name)

    @runs
    def every(x, y, divisor):
        divides = (tf.math.floordiv, tf.math.floormod, tf.truncatediv)
        return [op(x, divisor if op in divides else y) for op in INTEGER_RULES]

    for (op, rule), found in zip(INTEGER_RULES.items(), every(*map(tf.constant, (x, y, divisor))), strict=True):
        expected = [wrapped(rule(int(a), int(b), info.bits), name) for a, b in zip(x, y, strict=True)]
        np.testing.assert_array_equal(found, np.array(expected, name), op.__name__)
