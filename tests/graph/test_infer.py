"""Shapes and dtypes of traced results, as far as they are known: small graphs in print."""

import textwrap

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.symbol import Size, Symbol, evaluate, hint_of, may_equal


def printed(function, *shapes, dtype=tf.float32):
    """The graph of a function of tensors of these shapes, in which None is any size."""
    specs = [tf.TensorSpec(shape, dtype) for shape in shapes]
    traced = tf.function(function, autograph=False, input_signature=specs)
    return str(traced.get_concrete_function().graph)


def text(expected):
    return textwrap.dedent(expected).strip()


def test_sizes_pass_through_products_and_sums():
    found = printed(lambda x: tf.reduce_sum(tf.nn.relu(x @ tf.ones([3, 2])), 1), [None, 3])
    assert found == text("""
        graph lambda(%0: float32[?, 3]):
          %1: float32[?, 2] = MatMul(%0, [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
          %2: float32[?, 2] = Relu(%1)
          %3: float32[?] = Sum(%2, axis=(1,), keep_dims=False)
          return %3
        """)


def test_reshape_keeps_what_follows_from_the_sizes():
    def flattened(x):
        return tf.reshape(x, [tf.shape(x)[0], -1]), tf.reshape(x, [-1, 2]), tf.reshape(x, [-1])

    found = printed(flattened, [None, 4, 2])
    assert found == text("""
        graph flattened(%0: float32[?, 4, 2]):
          %1: float32[?, 8] = Reshape(%0, shape=(?, -1))
          %2: float32[?, 2] = Reshape(%0, shape=(-1, 2))
          %3: float32[?] = Reshape(%0, shape=(-1,))
          return %1, %2, %3
        """)


def test_results_whose_size_depends_on_values():
    found = printed(lambda x: (tf.where(x), tf.boolean_mask(x, x)), [5], dtype=tf.bool)
    assert "int64[?, 1] = Where" in found and "bool[?] = GatherV2" in found


def test_integers_that_follow_from_shapes_have_the_dtype_of_the_result():
    """The one position of an axis of one element had the dtype of the elements."""
    positions = tf.function(lambda x: tf.argmax(x, axis=-1), autograph=False)
    assert positions(tf.zeros([3, 1], tf.int8)).dtype == tf.int64


def test_nodes_that_nobody_reads_are_dropped_and_effects_are_kept():
    v = tf.Variable(1.0)

    def function(x):
        tf.exp(x)
        v.assign(2.0)
        return x + 1.0

    assert printed(function, []) == text("""
        graph function(%0: float32[]):
          AssignVariableOp(2.0)
          %1: float32[] = AddV2(%0, 1.0)
          return %1
        """)


def test_what_is_known_is_computed_while_tracing():
    found = printed(lambda x: x * tf.cast(tf.shape(x)[1] * 2, tf.float32), [None, 3])
    assert found == text("""
        graph lambda(%0: float32[?, 3]):
          %1: float32[?, 3] = Mul(%0, 6.0)
          return %1
        """)


@pytest.mark.parametrize(
    "function, shape",
    [
        (lambda x: x[:2], [None]),
        (lambda x: tf.ones([3])[: tf.shape(x)[0]], [2]),
        (lambda x: tf.maximum(tf.shape(x)[0], 5) * tf.ones([1], tf.int32), [1]),
        (lambda x: tf.minimum(tf.shape(x)[0], 5) * tf.ones([1], tf.int32), [1]),
        (lambda x: tf.concat([x, x], 0), [None]),
        (lambda x: tf.pad(x, [[1, 2]]), [None]),
        (lambda x: tf.one_hot(tf.range(tf.size(x)), tf.size(x)), [None, None]),
        (lambda x: tf.tile(x, [tf.shape(x)[0]]), [None]),
        (lambda x: tf.squeeze(tf.expand_dims(x, 0), 0), [None]),
        (lambda x: tf.repeat(x, tf.range(tf.size(x))), [None]),
    ],
)
def test_static_shape_fits_at_every_size(function, shape):
    traced = tf.function(function, autograph=False, input_signature=[tf.TensorSpec([None], tf.float32)])
    static = traced.get_concrete_function().structured_outputs.shape
    assert static.is_compatible_with(shape)
    for n in (1, 2, 3, 7):
        x = tf.range(n, dtype=tf.float32)
        result = traced(x)
        assert static.is_compatible_with(result.shape)
        np.testing.assert_array_equal(result, function(x))
    assert traced.experimental_get_tracing_count() == 1


def size(hint, axis=0):
    return Size((Symbol(None, np.dtype("f4"), ()), axis), hint)


def test_sizes_reckon_like_the_integers_they_stand_for():
    n, m = size(5), size(7, 1)
    expression = [(n + 1) * m, 2 * n - m, m // 2, m % 4, -n, (n * 1) + 0]
    values = {n: 10, m: 3}
    assert evaluate(expression, values.__getitem__) == [33, 17, 1, 3, -10, 10]
    assert hint_of(expression) == [42, 3, 3, 3, -5, 5]
    assert n * 1 is n and 0 + n is n and n // 1 is n
    assert n + m == n + m and n != m and hash(n + m) == hash(n + m)
    with pytest.raises(TypeError):
        n / 2


def test_sizes_that_are_not_known_may_be_equal():
    n, m = size(5), size(7, 1)
    assert may_equal((n, 3), (m, 3)) and may_equal((n, 3), (4, 3)) and may_equal((), ())
    assert not may_equal((n, 3), (n, 4)) and not may_equal((n,), (n, 1))


def test_error_of_a_known_mistake_comes_while_tracing():
    traced = tf.function(lambda x, y: x @ y, autograph=False)
    with pytest.raises(ValueError, match="Matrix size-incompatible"):
        traced.get_concrete_function(tf.TensorSpec([None, 3]), tf.TensorSpec([4, None]))


@pytest.mark.parametrize("sizes", [[5, 5, 4], [None, None, None]], ids=["known", "unknown"])
def test_rows_chosen_by_value_meet_a_size_that_is_known(sizes):
    specs = [tf.TensorSpec([n], t) for n, t in zip(sizes, (tf.float32, tf.bool, tf.float32), strict=True)]
    traced = tf.function(lambda x, m, y: tf.boolean_mask(x, m) + y, input_signature=specs)
    mask = tf.constant([True, False, True, True, True])
    assert traced(tf.range(5.0), mask, tf.ones([4])).numpy().tolist() == [1.0, 3.0, 4.0, 5.0]


def test_sizes_that_are_gathered_from_a_shape_are_known_in_part():
    @tf.function(input_signature=[tf.TensorSpec([None, 5, 6], tf.float32)])
    def flat_and_back(x):
        shape = tf.raw_ops.Shape(input=x)
        rows = tf.reduce_prod(tf.gather(shape, [0, 1]))
        flat = tf.reshape(x, tf.stack([rows, tf.gather(shape, [2])[0]]))
        assert flat.shape.as_list() == [None, 6]
        back = tf.reshape(flat, tf.concat([tf.gather(shape, [0, 1]), [3, 2]], 0))
        assert back.shape.as_list() == [None, 5, 3, 2]
        return back

    assert flat_and_back(tf.ones([4, 5, 6])).shape == (4, 5, 3, 2)


def test_a_bias_tells_the_number_of_channels_and_nothing_else():
    # all unknown sizes became the number of channels
    @tf.function(input_signature=[tf.TensorSpec([None, None, None], tf.float32)])
    def add(x):
        y = tf.nn.bias_add(x, tf.ones([8]))
        assert y.shape.as_list() == [None, None, 8]
        return y

    assert add(tf.ones([2, 3, 8])).shape == (2, 3, 8)


def test_sizes_that_must_be_divisible_are_not_taken_for_known():
    # a dilated convolution of TensorFlow's is one between these, and the batch was fixed
    @tf.function(input_signature=[tf.TensorSpec([None, 8, 3], tf.float32)])
    def there_and_back(x):
        blocks = tf.raw_ops.SpaceToBatchND(input=x, block_shape=[2], paddings=[[0, 0]])
        y = tf.raw_ops.BatchToSpaceND(input=blocks * 2.0, block_shape=[2], crops=[[0, 0]])
        assert y.shape.as_list() == [None, 8, 3]
        return y

    assert there_and_back(tf.ones([5, 8, 3])).shape == (5, 8, 3)


def test_an_unknown_size_may_be_what_a_known_one_is():
    traced = tf.function(lambda x: x + tf.ones([2, 12]), input_signature=[tf.TensorSpec([None, 12], tf.float32)])
    assert traced.get_concrete_function()(tf.ones([2, 12])).shape == (2, 12)
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
        traced(tf.ones([5, 12]))


@pytest.mark.parametrize("axes", [[1], [1, 2]])
def test_sizes_may_be_such_that_what_is_computed_from_them_is_a_known_one(axes):
    # how many rows there are after the repetition was not found from what is made of it, and the product was refused
    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.float32)])
    def weighted(x):
        for axis in axes:
            x = tf.repeat(x, 2, axis=axis)
        return tf.reshape(x, [tf.shape(x)[0], -1]) * tf.range(105.0 * 2 ** len(axes)), tf.reshape(x, [-1, 3]) * tf.ones(
            [280 * 2 ** len(axes), 3]
        )

    x = np.random.default_rng(0).normal(size=(8, 7, 5, 3)).astype("f")
    expected = x
    for axis in axes:
        expected = np.repeat(expected, 2, axis=axis)
    found = weighted(x)
    flat = expected.reshape(8, -1)
    np.testing.assert_allclose(found[0], flat * np.arange(flat.shape[1]), rtol=1e-6)
    np.testing.assert_array_equal(found[1], expected.reshape(-1, 3))


def test_gradients_of_pools_whose_results_have_unknown_sizes():
    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 2], tf.float32)])
    def gradients(x):
        results = [tf.nn.avg_pool2d(x, 2, 2, "VALID"), tf.nn.max_pool2d(x, 3, 1, "SAME")]
        return [
            tf.gradients(
                tf.nn.conv2d_transpose(
                    y, tf.ones([2, 2, 1, 2]), [*tf.unstack(tf.shape(y) * [1, 2, 2, 0] + [0, 0, 0, 1])], 2
                ),
                x,
            )[0]
            for y in results
        ]

    mean, largest = gradients(tf.random.normal([2, 4, 6, 2]))
    np.testing.assert_array_equal(mean, np.ones([2, 4, 6, 2]))
    assert tf.reduce_sum(largest) == 4 * 2 * 4 * 6 * 2


def test_how_many_tensors_an_axis_has_must_be_known():
    # as many as had been thought of were made
    function = tf.function(
        lambda x: tf.unstack(tf.repeat(x, 2, axis=0)), input_signature=[tf.TensorSpec([None], tf.float32)]
    )
    with pytest.raises(ValueError, match="cannot infer `num` from shape"):
        function(tf.ones([3]))


ASKING = {  # an op asks for a size, or for multiples of one, that nothing known of the tensor says: it was refused, or all sizes were fixed
    "split": (lambda x: tf.split(x, 4)[1], [None, 2], (8, 2), [None, 2]),
    "unstack": (lambda x: tf.unstack(x, 4)[1], [None, 2], (4, 2), [2]),
    "depth_to_space": (
        lambda x: tf.nn.depth_to_space(x, 2),
        [1, None, None, None],
        (1, 5, 3, 8),
        [1, None, None, None],
    ),
    "batch_to_space": (lambda x: tf.batch_to_space(x, [2, 3], [[0, 0], [0, 0]]), [None, 2, 2], (6, 2, 2), [None, 4, 6]),
    "set_diag": (lambda x: tf.linalg.set_diag(x, tf.ones([5])), [None, None], (5, 7), [None, None]),
    "broadcast_to": (lambda x: tf.broadcast_to(x, [5, 2]), [None, 2], (5, 2), [5, 2]),
    "labels": (
        lambda x: tf.nn.sparse_softmax_cross_entropy_with_logits([0, 1, 1, 0, 1], x),
        [None, None],
        (5, 9),
        [5],
    ),
    "reverse_sequence": (lambda x: tf.reverse_sequence(x, [1, 2, 1, 2, 1], 1), [None, None], (5, 3), [5, None]),
    "segments": (lambda x: tf.math.unsorted_segment_sum(x, [0, 0, 1, 1, 0], 2), [None, 3], (5, 3), [2, 3]),
}


@pytest.mark.parametrize("name", ASKING)
def test_unknown_sizes_that_an_op_asks_for(name):
    function, spec, shape, result = ASKING[name]
    traced = tf.function(function, input_signature=[tf.TensorSpec(spec)]).get_concrete_function()
    assert traced.structured_outputs.shape.as_list() == result
    x = tf.random.normal(shape, seed=1)
    np.testing.assert_array_equal(traced(x), function(x))


def test_rows_of_an_unknown_number_meet_a_product_of_unknown_sizes():
    # in the gradient of the loss the rows of a matrix of unknown size meet those of a flattened one, and all sizes were fixed
    @tf.function(input_signature=[tf.TensorSpec([None, None, 3]), tf.TensorSpec([None, None], tf.int32)])
    def slopes(logits, labels):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        return tape.gradient(loss, logits)

    for shape in [(2, 3), (4, 5), (1, 1)]:
        slope = slopes(tf.zeros([*shape, 3]), tf.ones(shape, tf.int32))
        np.testing.assert_allclose(slope, np.broadcast_to([1 / 3, -2 / 3, 1 / 3], [*shape, 3]), rtol=1e-6)
    assert slopes.experimental_get_tracing_count() == 1
