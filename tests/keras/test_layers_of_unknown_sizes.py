"""Layers in functions that are traced once for inputs of unknown sizes: they give what they give eagerly."""

import numpy as np
import pytest

import tenfold as tf

L = tf.keras.layers
IMAGES = [None, None, None, 2]
STEPS = [None, None, 4]
CASES = [
    (lambda: L.Conv1D(3, 2, padding="causal", dilation_rate=2), STEPS),
    (lambda: L.Conv1DTranspose(3, 2, strides=2), STEPS),
    (lambda: L.Conv2D(3, 3, strides=2, padding="same"), IMAGES),
    (lambda: L.Conv2DTranspose(3, 3, strides=2, padding="same"), IMAGES),
    (lambda: L.Conv2DTranspose(3, 3, output_padding=0, dilation_rate=2), IMAGES),
    (lambda: L.Conv2DTranspose(3, 2, strides=2), IMAGES),
    (lambda: L.Conv3DTranspose(2, 2), [None, None, None, None, 2]),
    (lambda: L.SeparableConv2D(3, 3), IMAGES),
    (lambda: L.DepthwiseConv2D(3, padding="same"), IMAGES),
    (lambda: L.MaxPooling2D(2), IMAGES),
    (lambda: L.AveragePooling2D(3, strides=2, padding="same"), IMAGES),
    (lambda: L.GlobalAveragePooling2D(), IMAGES),
    (lambda: L.UpSampling2D((2, 3)), IMAGES),
    (lambda: L.UpSampling2D(2, interpolation="bilinear"), IMAGES),
    (lambda: L.UpSampling2D((1, 2), interpolation="bicubic"), IMAGES),
    (lambda: L.ZeroPadding2D(((1, 0), (2, 1))), IMAGES),
    (lambda: L.Cropping2D(((1, 0), (0, 1))), IMAGES),
    (lambda: L.Reshape((-1, 2)), STEPS),
    (lambda: L.Permute((2, 1)), STEPS),
    (lambda: L.Flatten(), [None, 3, 4]),
    (lambda: L.LayerNormalization(), STEPS),
    (lambda: L.GroupNormalization(2), STEPS),
    (lambda: L.GroupNormalization(2, axis=1), [None, 4, None, 3]),
    (lambda: L.UnitNormalization(), STEPS),
    (lambda: L.PReLU(shared_axes=[1]), STEPS),
    (lambda: L.EinsumDense("abc,cd->abd", (None, 4), bias_axes="d"), STEPS),
    (lambda: L.TimeDistributed(L.Dense(3)), STEPS),
    (lambda: L.SimpleRNN(3, return_sequences=True), STEPS),
    (lambda: L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode="sum"), STEPS),
    (lambda: L.RNN([L.GRUCell(3), L.LSTMCell(2)]), STEPS),
    (lambda: L.GRU(3, reset_after=False, return_sequences=True, go_backwards=True), STEPS),
    (lambda: L.RNN([L.GRUCell(3), L.LSTMCell(2)], return_sequences=True), STEPS),
    (lambda: L.SpatialDropout1D(0.5, seed=3), STEPS),
    (lambda: L.SpatialDropout2D(0.5, seed=3), IMAGES),
    (lambda: L.Dropout(0.5, noise_shape=(None, 1, None), seed=3), STEPS),
    (lambda: L.GaussianDropout(0.5, seed=3), STEPS),
    (lambda: L.GaussianNoise(0.5, seed=3), STEPS),
    (lambda: L.AlphaDropout(0.5, seed=3), STEPS),
]


def _input(shape, least):
    sizes = [least + i if n is None else n for i, n in enumerate(shape)]
    return tf.constant(np.random.default_rng(least).normal(size=sizes), tf.float32)


@pytest.mark.parametrize("make, shape", CASES, ids=lambda x: type(x()).__name__ if callable(x) else "")
def test_a_layer_in_a_function_of_unknown_sizes(make, shape):
    eager, traced = make(), make()
    inputs = [_input(shape, 3), _input(shape, 6)]
    for layer in (eager, traced):
        layer.build(tuple(inputs[0].shape))
    rng = np.random.default_rng(1)
    weights = [rng.normal(size=w.shape) if w.dtype.is_floating else w.numpy() for w in eager.weights]
    for layer in (eager, traced):
        layer.set_weights(weights)
    kwargs = {"training": True} if "Dropout" in type(eager).__name__ or "Noise" in type(eager).__name__ else {}
    run = tf.function(lambda x: traced(x, **kwargs), input_signature=[tf.TensorSpec(shape, tf.float32)])
    for x in inputs:
        np.testing.assert_allclose(run(x), eager(x, **kwargs), rtol=1e-5, atol=1e-6)


def test_steps_whose_number_a_layer_makes():
    # there had to be one
    layers = [L.UpSampling1D(2), L.TimeDistributed(L.Dense(3)), L.TimeDistributed(L.BatchNormalization())]
    model = tf.keras.Sequential(layers)
    run = tf.function(lambda x: model(x) + tf.ones([6, 1]), input_signature=[tf.TensorSpec(STEPS, tf.float32)])
    x = _input(STEPS, 3)[:, :3]
    np.testing.assert_allclose(run(x), model(x) + 1, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("has_mask", [False, True])
@pytest.mark.parametrize(
    "make",
    [
        lambda: L.GRU(3, reset_after=False, return_sequences=True),
        lambda: L.RNN([L.GRUCell(3), L.LSTMCell(2)], go_backwards=True),
        lambda: L.RNN(L.SimpleRNNCell(4), return_sequences=True, zero_output_for_mask=True),
    ],
)
def test_recurrent_layers_are_traced_once_for_all_lengths(make, has_mask):
    # a trace for each length, with all its steps; behind a layer that makes steps, as many as the trace thought there were
    layer, traces = make(), []
    layer.build((None, None, 4))

    def gradients(x, mask):
        traces.append(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(tf.repeat(x, 2, axis=1), mask=mask if has_mask else None)
            loss = tf.reduce_sum(y * y)
        return [y, *tape.gradient(loss, [x, *layer.trainable_variables])]

    specs = [tf.TensorSpec(STEPS, tf.float32), tf.TensorSpec([None, None], tf.bool)]
    run = tf.function(gradients, input_signature=specs)
    for least in (3, 6):
        x = _input(STEPS, least)
        mask = tf.sequence_mask([2 * least - 2 * (i % 2) for i in range(x.shape[0])], 2 * x.shape[1])
        found = run(x, mask)
        for a, b in zip(found, gradients(x, mask), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    assert len(traces) == 1 + 2  # and two eager runs


MERGES = [L.Add, L.Subtract, L.Multiply, L.Average, L.Maximum, L.Minimum, L.Concatenate]


@pytest.mark.parametrize("merge", MERGES)
def test_masked_sequences_are_merged_and_normalised_for_any_number_of_them(merge):
    # the mask was broadcast to a shape that is not known in full
    tokens = tf.keras.Input([4], dtype="int32")
    x = L.Embedding(9, 3, mask_zero=True)(tokens)
    merged = merge()([x, L.Dense(3)(x)])
    model = tf.keras.Model(tokens, [L.GlobalAveragePooling1D()(merged), L.BatchNormalization()(merged)])
    spec = tf.TensorSpec([None, 4], tf.int32)
    run = tf.function(lambda x: model(x, training=True), input_signature=[spec])
    for rows in ([[1, 2, 0, 0], [3, 0, 0, 0], [1, 1, 1, 4]], [[0, 0, 0, 0], [5, 6, 7, 8]]):
        for y, z in zip(run(tf.constant(rows)), model(tf.constant(rows), training=True), strict=True):
            np.testing.assert_allclose(y, z, rtol=1e-5, atol=1e-6)


def test_a_sequential_model_takes_images_of_any_size():
    for layers in ([], [tf.keras.Input((16, 16, 2))]):
        model = tf.keras.Sequential([*layers, L.Conv2D(4, 3), L.GlobalAveragePooling2D()])
        assert model(tf.ones([2, 16, 16, 2])).shape == (2, 4)
        assert model(tf.ones([1, 20, 12, 2])).shape == (1, 4)
        assert model.predict(np.ones([3, 5, 9, 2]), verbose=0).shape == (3, 4)


def test_a_functional_model_takes_the_sizes_of_its_input_only():
    image = tf.keras.Input((16, 16, 2))
    model = tf.keras.Model(image, L.GlobalAveragePooling2D()(image))
    with pytest.raises(ValueError, match=r"\(1, 20, 12, 2\).*\(None, 16, 16, 2\)"):
        model(tf.ones([1, 20, 12, 2]))
    run = tf.function(model, input_signature=[tf.TensorSpec([None, None, None, 2], tf.float32)])
    assert run(tf.ones([3, 16, 16, 2])).shape == (3, 2)


def test_activity_losses_are_per_row_where_the_number_of_rows_is_unknown():
    # were not divided by it
    layer = tf.keras.layers.Dense(2, activity_regularizer="l2", kernel_initializer="ones")
    x = tf.ones((4, 3))

    @tf.function(input_signature=[tf.TensorSpec([None, 3])])
    def losses(x):
        layer(x)
        return layer.losses

    layer(x)
    (eager,) = layer.losses
    assert float(losses(x)[0]) == pytest.approx(float(eager))
    assert float(losses(x)[0]) == pytest.approx(0.01 * 2 * 9)
    assert float(losses(x[:0])[0]) == 0.0
