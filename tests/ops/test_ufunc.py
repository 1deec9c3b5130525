"""How element-wise ops meet their operands, beside what the golden cases of operators show."""

import inspect
import threading
import warnings

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.context import recorders


def test_zero_keeps_its_sign_beside_a_tensor():
    x = tf.constant([1.0, 2.0])
    for _ in range(2):  # the second time, numbers come from a cache, where 0.0 == -0.0
        assert np.signbit((x * -0.0).numpy()).all()
        assert not np.signbit((x * 0.0).numpy()).any()
        assert not np.signbit((-0.0 + x * 0.0).numpy()).any()


def test_equal_numbers_of_different_types_are_told_apart():
    x, n = tf.constant([1.0, 2.0]), tf.constant([1, 2])
    assert (x * 1).dtype == (x * 1.0).dtype == tf.float32
    assert (n * 1).dtype == tf.int32
    with pytest.raises(TypeError):
        n * 1.0
    with pytest.raises(tf.errors.InvalidArgumentError):
        n + 1.0


def test_number_beside_a_tensor_has_no_part_in_the_tape():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * 3.0
        z = y * 3.0
    assert tape.gradient(z, x).numpy().tolist() == [9.0, 9.0]
    with tf.GradientTape() as other:
        w = tf.constant([1.0]) * 3.0
    assert other.gradient(w, x) is None


def test_function_shows_its_documented_signature():
    assert str(inspect.signature(tf.maximum)) == "(x: 'Any', y: 'Any', name: 'str | None' = None) -> 'Tensor'"
    assert list(inspect.signature(tf.atan2).parameters) == ["y", "x", "name"]
    assert tf.maximum.__name__ == "maximum"
    assert "larger" in tf.maximum.__doc__


def test_keywords_are_those_of_the_signature():
    assert tf.atan2(x=1.0, y=0.0).numpy() == 0.0
    assert tf.subtract(y=1.0, x=3.0).numpy() == 2.0
    assert tf.math.zeta(q=1.0, x=2.0).numpy() == pytest.approx(np.pi**2 / 6)
    with pytest.raises(TypeError):
        tf.atan2(a=1.0, x=2.0)


@pytest.mark.parametrize(
    "compute", [lambda x: x / 0.0, tf.exp, lambda x: tf.math.log(x - 1000.0), lambda x: tf.cast(x * np.nan, tf.int32)]
)
def test_infinities_and_nans_are_silent_where_numpy_would_raise(compute):
    x = tf.constant([1000.0])
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        compute(x)


def test_shapes_that_do_not_broadcast_are_named():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"float32 \(3,\), float32 \(4,\)"):
        tf.ones(3) + tf.ones(4)


def test_thread_does_not_record_on_the_tape_of_another():
    found = []
    with tf.GradientTape():
        thread = threading.Thread(target=lambda: found.append(recorders()))
        thread.start()
        thread.join()
    assert found == [()]


def test_kernel_in_double_precision_works_by_blocks():
    x = np.random.RandomState(0).uniform(-3, 3, (3, 20000)).astype(np.float32)
    whole = tf.math.erfc(x.T).numpy()
    parts = np.stack([tf.math.erfc(row).numpy() for row in x], 1)
    np.testing.assert_array_equal(whole, parts)
