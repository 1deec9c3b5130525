"""What a user sees when an op fails: one error, with few lines below their own."""

import traceback

import pytest

import tenfold as tf

FAILING = {
    "matmul": lambda: tf.ones([2, 3]) @ tf.ones([2, 3]),
    "add": lambda: tf.ones([2, 3]) + tf.ones([2, 4]),
    "reshape": lambda: tf.reshape(tf.ones([2, 3]), [4]),
    "concat": lambda: tf.concat([tf.ones([2, 3]), tf.ones([3])], 0),
    "gather": lambda: tf.gather(tf.ones([3]), [5]),
    "conv2d": lambda: tf.nn.conv2d(tf.ones([1, 2, 2, 3]), tf.ones([3, 3, 4, 1]), 1, "SAME"),
    "inv": lambda: tf.linalg.inv(tf.zeros([2, 2])),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_failing_op_prints_one_error_without_its_kernel(name):
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        FAILING[name]()
    text = "".join(traceback.format_exception(caught.value))
    assert text.count("Traceback") == 1
    assert traceback.extract_tb(caught.value.__traceback__)[-1].name == "recover"  # the kernel would stand below


@pytest.fixture
def whole_tracebacks():
    tf.debugging.disable_traceback_filtering()
    yield
    tf.debugging.enable_traceback_filtering()


@pytest.mark.usefixtures("whole_tracebacks")
def test_without_filtering_the_error_of_numpy_is_the_cause():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Reshape") as caught:
        FAILING["reshape"]()
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.usefixtures("whole_tracebacks")
def test_without_filtering_the_lines_of_the_kernel_are_shown():
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        FAILING["gather"]()
    assert "_gather_kernel" in {frame.name for frame in traceback.extract_tb(caught.value.__traceback__)}


def test_memory_that_numpy_does_not_get_is_said_in_the_error():
    with pytest.raises(tf.errors.ResourceExhaustedError, match="out of memory: Unable to allocate"):
        tf.pad(tf.ones([1]), [[0, 2**48]])
