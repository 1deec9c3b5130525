"""Keras layers: outputs, gradients of inputs and weights, weights after a call in training, configurations."""

from tests.golden.case import case, integers, normal, uniform


def _weights(layer):
    """Gives a layer weights that do not depend on random numbers."""
    import numpy as np

    values = []
    for i, w in enumerate(layer.get_weights()):
        value = np.cos(np.arange(w.size) * 0.7 + i).reshape(w.shape).astype(w.dtype) * 0.5
        values.append(np.abs(value) + 0.1 if "variance" in layer.weights[i].name else value)
    layer.set_weights(values)


def layer(name, *args, inputs, training=None, call=None, **kwargs):
    """Runs a layer on inputs, under a tape."""

    def run(tf, **arrays):
        made = getattr(tf.keras.layers, name)(
            *[_made(tf, a) for a in args], **{k: _made(tf, v) for k, v in kwargs.items()}
        )
        given = list(arrays.values())
        x = given[0] if len(given) == 1 else given
        extra = {k: tf.constant(v) if isinstance(v, list) else v for k, v in (call or {}).items()}
        if training is not None:
            extra["training"] = training
        if name in ("MultiHeadAttention", "GroupQueryAttention"):
            made(*given, **extra)
            _weights(made)
            out = made(*given, **extra)
        else:
            made(x, **extra)
            _weights(made)
            out = made(x, **extra)
        with tf.GradientTape() as tape:
            floats = [a for a in given if a.dtype.is_floating]
            tape.watch(floats)
            y = made(*given, **extra) if name in ("MultiHeadAttention", "GroupQueryAttention") else made(x, **extra)
            flat = [tf.reduce_sum(t * t) for t in tf.nest.flatten(y)]
            loss = tf.add_n(flat)
        watched = [*floats, *made.trainable_variables]
        gradients = tape.gradient(loss, watched)
        shape = (
            made.compute_output_shape([tuple(a.shape) for a in given] if len(given) > 1 else tuple(x.shape))
            if name not in ("MultiHeadAttention", "GroupQueryAttention", "EinsumDense")
            else None
        )
        return {
            "out": out,
            "gradients": [None if g is None else tf.convert_to_tensor(g) for g in gradients],
            "weights": [tf.constant(w) for w in made.get_weights()],
            "shape": "" if shape is None else str(tuple(shape)),
        }

    run.__name__ = f"{name}{args}{kwargs}{training}"
    return case(run, grad=False, rtol=2e-4, atol=2e-4, **inputs)


def _made(tf, value):
    """Arguments that are layers themselves are given as ("layer", name, args)."""
    if isinstance(value, tuple) and value and value[0] == "layer":
        return getattr(tf.keras.layers, value[1])(*value[2], **(value[3] if len(value) > 3 else {}))
    return value


X2, X3, X4, X5 = normal(3, 4), normal(2, 5, 4), normal(2, 6, 6, 4), normal(2, 4, 4, 4, 2)
CASES = [
    layer("Dense", 3, inputs={"x": X2}),
    layer("Dense", 3, activation="relu", use_bias=False, inputs={"x": X3}),
    layer("Dense", 2, activation="softmax", inputs={"x": X4}),
    layer("EinsumDense", "abc,cd->abd", output_shape=(None, 3), bias_axes="d", inputs={"x": X3}),
    layer("Embedding", 7, 3, inputs={"x": integers(2, 5, low=0, high=7)}),
    layer("Activation", "tanh", inputs={"x": X2}),
    layer("ReLU", max_value=1.0, negative_slope=0.1, threshold=0.2, inputs={"x": X2}),
    layer("LeakyReLU", inputs={"x": X2}),
    layer("PReLU", shared_axes=[1], inputs={"x": X3}),
    layer("ELU", alpha=0.5, inputs={"x": X2}),
    layer("Softmax", axis=1, inputs={"x": X3}),
    layer("Conv1D", 3, 3, inputs={"x": X3}),
    layer("Conv1D", 3, 2, padding="causal", dilation_rate=2, activation="relu", inputs={"x": X3}),
    layer("Conv1D", 4, 3, strides=2, padding="same", groups=2, inputs={"x": X3}),
    layer("Conv2D", 3, 3, inputs={"x": X4}),
    layer("Conv2D", 3, (2, 3), strides=2, padding="same", use_bias=False, inputs={"x": X4}),
    layer("Conv2D", 4, 3, dilation_rate=2, activation="sigmoid", inputs={"x": X4}),
    layer("Conv3D", 2, 2, inputs={"x": X5}),
    layer("Conv1DTranspose", 3, 3, strides=2, padding="same", inputs={"x": X3}),
    layer("Conv1DTranspose", 3, 3, strides=2, inputs={"x": X3}),
    layer("Conv2DTranspose", 3, 3, strides=2, padding="same", inputs={"x": X4}),
    layer("Conv2DTranspose", 3, 3, strides=2, padding="valid", output_padding=1, inputs={"x": X4}),
    layer("Conv3DTranspose", 2, 2, strides=2, inputs={"x": X5}),
    layer("DepthwiseConv1D", 3, inputs={"x": X3}),
    layer("DepthwiseConv2D", 3, strides=2, padding="same", depth_multiplier=2, inputs={"x": X4}),
    layer("SeparableConv1D", 3, 3, inputs={"x": X3}),
    layer("SeparableConv2D", 3, 3, padding="same", inputs={"x": X4}),
    layer("MaxPooling1D", inputs={"x": X3}),
    layer("MaxPooling2D", 3, strides=2, padding="same", inputs={"x": X4}),
    layer("MaxPooling3D", inputs={"x": X5}),
    layer("AveragePooling1D", 2, inputs={"x": X3}),
    layer("AveragePooling2D", 3, strides=2, padding="same", inputs={"x": X4}),
    layer("AveragePooling3D", 2, inputs={"x": X5}),
    layer("GlobalMaxPooling1D", inputs={"x": X3}),
    layer("GlobalMaxPooling2D", keepdims=True, inputs={"x": X4}),
    layer("GlobalAveragePooling1D", inputs={"x": X3}),
    layer("GlobalAveragePooling1D", inputs={"x": X3}, call={"mask": [[True, True, False, False, True]] * 2}),
    layer("GlobalAveragePooling2D", inputs={"x": X4}),
    layer("GlobalAveragePooling3D", inputs={"x": X5}),
    layer("Flatten", inputs={"x": X4}),
    layer("Reshape", (-1, 2), inputs={"x": X3}),
    layer("Permute", (2, 1), inputs={"x": X3}),
    layer("RepeatVector", 3, inputs={"x": X2}),
    layer("UpSampling1D", 2, inputs={"x": X3}),
    layer("UpSampling2D", (2, 3), inputs={"x": X4}),
    layer("UpSampling2D", 2, interpolation="bilinear", inputs={"x": X4}),
    layer("UpSampling3D", inputs={"x": X5}),
    layer("ZeroPadding1D", (1, 2), inputs={"x": X3}),
    layer("ZeroPadding2D", ((1, 0), (2, 1)), inputs={"x": X4}),
    layer("ZeroPadding3D", inputs={"x": X5}),
    layer("Cropping1D", (1, 2), inputs={"x": X3}),
    layer("Cropping2D", ((1, 0), (2, 1)), inputs={"x": X4}),
    layer("Cropping3D", 1, inputs={"x": X5}),
    layer("Dropout", 0.5, inputs={"x": X2}),
    layer("Dropout", 0.5, seed=3, inputs={"x": X2}, training=True),
    layer("SpatialDropout1D", 0.5, seed=3, inputs={"x": X3}, training=True),
    layer("SpatialDropout2D", 0.5, seed=3, inputs={"x": X4}, training=True),
    layer("GaussianDropout", 0.5, seed=3, inputs={"x": X2}, training=True),
    layer("GaussianNoise", 0.5, seed=3, inputs={"x": X2}, training=True),
    layer("AlphaDropout", 0.5, seed=3, inputs={"x": X2}, training=True),
    layer("ActivityRegularization", 0.1, 0.2, inputs={"x": X2}),
    layer("BatchNormalization", inputs={"x": X2}, training=True),
    layer("BatchNormalization", inputs={"x": X4}, training=False),
    layer("BatchNormalization", axis=1, momentum=0.8, epsilon=0.01, scale=False, inputs={"x": X4}, training=True),
    layer("BatchNormalization", inputs={"x": X3}, training=True, call={"mask": [[True, True, False, False, True]] * 2}),
    layer("LayerNormalization", inputs={"x": X3}),
    layer("LayerNormalization", axis=[1, 2], inputs={"x": X4}),
    layer("LayerNormalization", axis=1, center=False, inputs={"x": X3}),
    layer("GroupNormalization", 2, inputs={"x": X4}),
    layer("GroupNormalization", -1, inputs={"x": X3}),
    layer("RMSNormalization", inputs={"x": X3}),
    layer("UnitNormalization", inputs={"x": X3}),
    layer("Masking", 0.0, inputs={"x": X3 * (X3 > 0)}),
    layer("Identity", inputs={"x": X2}),
    layer("Add", inputs={"x": X3, "y": normal(2, 5, 4, seed=1)}),
    layer("Add", inputs={"x": X3, "y": normal(2, 4, seed=1)}),
    layer("Subtract", inputs={"x": X3, "y": normal(2, 5, 4, seed=1)}),
    layer("Multiply", inputs={"x": X3, "y": normal(2, 5, 1, seed=1)}),
    layer("Average", inputs={"x": X3, "y": normal(2, 5, 4, seed=1), "z": normal(2, 5, 4, seed=2)}),
    layer("Maximum", inputs={"x": X3, "y": normal(2, 5, 4, seed=1)}),
    layer("Minimum", inputs={"x": X3, "y": normal(2, 5, 4, seed=1)}),
    layer("Concatenate", axis=1, inputs={"x": X3, "y": normal(2, 2, 4, seed=1)}),
    layer("Dot", axes=1, inputs={"x": X2, "y": normal(3, 4, seed=1)}),
    layer("Dot", axes=(2, 1), normalize=True, inputs={"x": X3, "y": normal(2, 4, 3, seed=1)}),
    layer("SimpleRNN", 3, inputs={"x": X3}),
    layer("SimpleRNN", 3, return_sequences=True, go_backwards=True, inputs={"x": X3}),
    layer("LSTM", 3, inputs={"x": X3}),
    layer("LSTM", 3, return_sequences=True, inputs={"x": X3}),
    layer("LSTM", 3, inputs={"x": X3}, call={"mask": [[True, True, False, True, False]] * 2}),
    layer(
        "LSTM",
        3,
        return_sequences=True,
        zero_output_for_mask=True,
        inputs={"x": X3},
        call={"mask": [[True, True, False, True, False]] * 2},
    ),
    layer("LSTM", 3, activation="relu", recurrent_activation="hard_sigmoid", use_bias=False, inputs={"x": X3}),
    layer("GRU", 3, inputs={"x": X3}),
    layer("GRU", 3, reset_after=False, return_sequences=True, inputs={"x": X3}),
    layer("GRU", 3, inputs={"x": X3}, call={"mask": [[False, True, True, True, False]] * 2}),
    layer("RNN", ("layer", "LSTMCell", (3,)), return_sequences=True, inputs={"x": X3}),
    layer("Bidirectional", ("layer", "LSTM", (3,)), inputs={"x": X3}),
    layer("Bidirectional", ("layer", "GRU", (3,), {"return_sequences": True}), merge_mode="sum", inputs={"x": X3}),
    layer("TimeDistributed", ("layer", "Dense", (2,)), inputs={"x": X3}),
    layer("MultiHeadAttention", 2, 3, inputs={"q": X3, "v": normal(2, 6, 4, seed=1)}),
    layer(
        "MultiHeadAttention",
        2,
        3,
        value_dim=2,
        output_shape=5,
        inputs={"q": X3, "v": normal(2, 6, 4, seed=1), "k": normal(2, 6, 3, seed=2)},
    ),
    layer("MultiHeadAttention", 2, 3, inputs={"q": X3, "v": X3}, call={"use_causal_mask": True}),
    layer("GroupQueryAttention", 3, 4, 2, inputs={"q": X3, "v": normal(2, 6, 4, seed=1)}),
    layer("Attention", inputs={"q": X3, "v": normal(2, 6, 4, seed=1)}),
    layer("Attention", use_scale=True, score_mode="concat", inputs={"q": X3, "v": normal(2, 6, 4, seed=1)}),
    layer("AdditiveAttention", inputs={"q": X3, "v": normal(2, 6, 4, seed=1)}),
    case("tf.keras.layers.Dense(0)"),
    case("tf.keras.layers.Dense(3)(x)", x=uniform(3), grad=False),
    case("tf.keras.layers.Conv2D(3, 3)(x)", x=normal(2, 5), grad=False),
    case("tf.keras.layers.Concatenate()([x, y])", x=normal(2, 5), y=normal(3, 4), grad=False),
    case("tf.keras.layers.Reshape((7,))(x)", x=normal(2, 5), grad=False),
    case("tf.keras.layers.Embedding(3, 2)(x)", x=integers(2, low=5, high=6), grad=False),
]
