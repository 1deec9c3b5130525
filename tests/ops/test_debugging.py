"""Assertions, checks of numbers and tf.print, beyond their golden cases."""

import io
import logging
import sys

import numpy as np
import pytest

import tenfold as tf


@pytest.fixture
def checked():
    tf.debugging.enable_check_numerics()
    yield
    tf.debugging.disable_check_numerics()


def test_check_numerics_sees_ops_under_a_tape_and_in_the_gradient(checked):
    x = tf.Variable([0.0, 1.0])
    with tf.GradientTape() as tape:
        y = tf.sqrt(x)  # finite, but not its slope at 0
    with pytest.raises(tf.errors.InvalidArgumentError, match="Detected Infinity or NaN in output 0"):
        tape.gradient(y, x)


def test_check_numerics_looks_at_each_output(checked):
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r'output 0 of eagerly-executing op "TopKV2" \(# of outputs: 2\)'
    ):
        tf.math.top_k([1.0, np.inf])


def test_check_numerics_is_off_afterwards():
    tf.debugging.enable_check_numerics()
    tf.debugging.enable_check_numerics()  # twice is as good as once
    tf.debugging.disable_check_numerics()
    assert tf.math.log([0.0]).numpy() == -np.inf
    tf.debugging.disable_check_numerics()


def test_check_numerics_checks_the_gradient_too():
    x = tf.constant([0.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sqrt(tf.debugging.check_numerics(x, "x"))
    with pytest.raises(tf.errors.InvalidArgumentError, match="values detected in gradient. x : Tensor had Inf"):
        tape.gradient(y, x)


def test_print_goes_to_stderr_unless_told(capsys):
    tf.print("a", tf.constant([1, 2]))
    tf.print("b", output_stream=sys.stdout)
    captured = capsys.readouterr()
    assert (captured.err, captured.out) == ("a [1 2]\n", "b\n")


def test_print_takes_any_text_stream_and_logging_functions(caplog):
    stream = io.StringIO()
    tf.print(1, 2, sep="-", output_stream=stream)
    assert stream.getvalue() == "1-2\n"
    with caplog.at_level(logging.INFO):
        tf.print("hello", tf.constant(1), output_stream=logging.info)
    assert caplog.messages == ["hello 1"]


def test_print_appends_to_files(tmp_path):
    path = tmp_path / "out.txt"
    for i in range(2):
        tf.print(tf.constant(i), output_stream=f"file://{path}")
    assert path.read_text() == "0\n1\n"


def test_print_shows_complex_numbers(capsys):
    tf.print(tf.constant([1 + 2.5j]))  # TensorFlow prints a question mark
    assert capsys.readouterr().err == "[(1,2.5)]\n"


def test_assertions_return_nothing_and_take_variables():
    assert tf.debugging.assert_equal(tf.Variable([1, 2]), [1, 2]) is None
    with pytest.raises(tf.errors.InvalidArgumentError, match="Condition x > 0 did not hold"):
        tf.debugging.assert_positive(tf.Variable(-1.0))


def test_dump_of_debug_info_says_what_to_use_instead(tmp_path):
    with pytest.raises(tf.errors.UnimplementedError, match="enable_check_numerics"):
        tf.debugging.experimental.enable_dump_debug_info(str(tmp_path))
