"""Keras layers: outputs, gradients of inputs and weights, weights after a call in training, configurations."""

from tests.golden.case import case, integers, normal, uniform
from tests.golden.layer_case import layer

X2, X3, X4 = normal(3, 4), normal(2, 5, 4), normal(2, 6, 6, 4)
X5 = normal(2, 4, 4, 4, 2)
MIXED = ({"dtype": "mixed_float16", "rtol": 1e-2}, {"dtype": "mixed_bfloat16", "rtol": 6e-2}, {"dtype": "float64"})
MASK = [[True, True, False, False, True], [False] * 5]
IDS = integers(2, 5, low=0, high=7)


def _masked(kind, *args, **kwargs):
    """A layer on inputs that carry masks."""

    def run(tf, x, y):
        made_layer = getattr(tf.keras.layers, kind)(*args, **kwargs)
        masking = tf.keras.layers.Masking()
        x, y = (masking(a * tf.cast(a[:, :, :1] > 0, a.dtype)) for a in (x, y))
        z = made_layer([x, y])
        return z, getattr(z, "_keras_mask", None)

    return case(run, grad=False, rtol=1e-5, name=f"{kind}{args} of masked inputs", x=X3, y=normal(2, 5, 4, seed=1))


def _reversed(**kwargs):
    def run(tf, x, ids):
        tf.keras.utils.set_random_seed(1)
        table = tf.keras.layers.ReversibleEmbedding(7, 4, **kwargs)
        rows = table(ids)
        scores = table(x, reverse=True)
        return rows, scores, table(x[:, 0], reverse=True), getattr(rows, "_keras_mask", None), len(table.weights)

    return case(run, rtol=1e-4, atol=1e-4, name=f"ReversibleEmbedding {kwargs}", x=X3, ids=IDS)


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
    layer("Flatten", inputs={"x": X4}),
    layer("Reshape", (-1, 2), inputs={"x": X3}),
    layer("Permute", (2, 1), inputs={"x": X3}),
    layer("RepeatVector", 3, inputs={"x": X2}),
    layer("Dropout", 0.5, inputs={"x": X2}),
    layer("Dropout", 0.5, seed=3, inputs={"x": X2}, training=True),
    layer("SpatialDropout1D", 0.5, seed=3, inputs={"x": X3}, training=True),
    layer("SpatialDropout2D", 0.5, seed=3, inputs={"x": X4}, training=True),
    layer("GaussianDropout", 0.5, seed=3, inputs={"x": X2}, training=True),
    layer("GaussianNoise", 0.5, seed=3, inputs={"x": X2}, training=True),
    layer("AlphaDropout", 0.5, seed=3, inputs={"x": X2}, training=True),
    layer("ActivityRegularization", 0.1, 0.2, inputs={"x": X2}),
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
    *[
        layer("Dense", 3, inputs={"x": X3}, **options)
        for options in (
            *MIXED,
            {"kernel_regularizer": "l2", "bias_regularizer": "l2"},
            {"activity_regularizer": "l2"},
            {"trainable": False},
            {"kernel_constraint": "non_neg", "bias_constraint": "max_norm"},
            {"kernel_initializer": "lecun_normal"},
            {"bias_initializer": "random_normal"},
            {"activation": "gelu"},
            {"name": "logits"},
        )
    ],
    *[layer("Dense", 3, inputs={"x": normal(3, 4, dtype=t)}) for t in ("float64", "float16")],
    layer("Dense", 3, inputs={"x": integers(3, 4)}),
    layer("EinsumDense", "ab,bc->ac", output_shape=3, bias_axes="c", inputs={"x": X2}),
    layer("EinsumDense", "...x,xy->...y", output_shape=3, bias_axes="y", activation="tanh", inputs={"x": X4}),
    layer("EinsumDense", "ab...,bc->ac...", output_shape=3, bias_axes="c", inputs={"x": X3}),
    layer("EinsumDense", "abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de", inputs={"x": X3}),
    layer("EinsumDense", "abc,cd->abd", output_shape=(5, 3), bias_axes="bd", inputs={"x": X3}, kernel_regularizer="l2"),
    *[layer("EinsumDense", "abc,cd->abd", output_shape=(None, 3), inputs={"x": X3}, **options) for options in MIXED],
    *[
        layer("Embedding", 7, 3, inputs={"x": IDS}, **options)
        for options in (
            *MIXED,
            {"mask_zero": True},
            {"embeddings_initializer": "normal"},
            {"embeddings_constraint": "unit_norm"},
            {"trainable": False},
            {"activity_regularizer": "l2"},
        )
    ],
    layer("Embedding", 7, 3, inputs={"x": IDS.astype("float32")}),
    layer("Embedding", 7, 3, inputs={"x": IDS[0]}),
    layer("ReversibleEmbedding", 7, 3, inputs={"x": IDS}),
    layer("ReversibleEmbedding", 7, 3, tie_weights=False, mask_zero=True, inputs={"x": IDS}),
    *[
        _reversed(**options)
        for options in (
            {},
            {"tie_weights": False},
            {"logit_soft_cap": 2.0},
            {"mask_zero": True},
            {"reverse_dtype": "float32"},
        )
    ],
    layer("ThresholdedReLU", 0.5, inputs={"x": X2}),
    *[layer("Activation", name, inputs={"x": X2}) for name in ("relu", "softmax", "gelu", "swish", None)],
    layer("ReLU", inputs={"x": X2}),
    layer("LeakyReLU", negative_slope=0.1, inputs={"x": X2}),
    layer("PReLU", inputs={"x": X3}, alpha_initializer="ones", alpha_regularizer="l2"),
    layer("PReLU", shared_axes=[1, 2], inputs={"x": X4}),
    layer("ELU", inputs={"x": X2}),
    layer("Softmax", inputs={"x": X3}),
    layer("Softmax", axis=[1, 2], inputs={"x": X3}),
    layer("Softmax", inputs={"x": X3[:, :, 0]}, call={"mask": MASK}),
    layer("Softmax", inputs={"x": X3[:, :, 0]}, call={"mask": [[1.0, 0.0, 1.0, 0.4, 0.6]] * 2}),
    layer("Flatten", data_format="channels_first", inputs={"x": X4}),
    layer("Flatten", inputs={"x": normal(3)}),
    layer("Reshape", (4, 5), inputs={"x": X3}),
    layer("Reshape", (20,), inputs={"x": X3}),
    layer("Reshape", (2, -1, 2), inputs={"x": X3}),
    layer("Permute", (2, 3, 1), inputs={"x": X4}),
    layer("Masking", 1.0, inputs={"x": X3.round()}),
    *[
        layer("Dropout", 0.4, inputs={"x": X3}, training=True, **options)
        for options in (
            {"seed": 1},
            {},
            {"noise_shape": (None, 1, 4), "seed": 2},
            {"noise_shape": (2, 5, 1), "seed": 2},
            *MIXED[:1],
        )
    ],
    layer("Dropout", 0.0, inputs={"x": X2}, training=True),
    layer("Dropout", 1.0, inputs={"x": X2}, training=True),
    *[
        layer(f"SpatialDropout{r}D", 0.4, seed=1, inputs={"x": x}, training=t)
        for r, x in ((1, X3), (2, X4), (3, X5))
        for t in (True, False)
    ],
    layer("SpatialDropout2D", 0.4, data_format="channels_first", seed=1, inputs={"x": X4}, training=True),
    layer("SpatialDropout1D", 0.4, seed=1, dtype="float64", name="drop", inputs={"x": X3}, training=True),
    layer("AlphaDropout", 0.4, noise_shape=(2, 1, 4), seed=2, inputs={"x": X3}, training=True),
    *[
        layer(name, 0.4, inputs={"x": X2}, training=t)
        for name in ("GaussianDropout", "GaussianNoise", "AlphaDropout")
        for t in (True, False)
    ],
    layer("ActivityRegularization", inputs={"x": X3}),
    *[
        layer(
            name, inputs={"x": X3, "y": normal(2, 5, 4, seed=1), "z": normal(4, seed=2).reshape(1, 1, 4).repeat(2, 0)}
        )
        for name in ("Add", "Multiply", "Average", "Maximum", "Minimum")
    ],
    *[
        layer(name, inputs={"x": X3, "y": normal(2, 5, 4, seed=1)}, dtype="mixed_float16", rtol=1e-2)
        for name in ("Add", "Subtract")
    ],
    *[layer("Concatenate", axis=axis, inputs={"x": X3, "y": normal(2, 5, 4, seed=1)}) for axis in (-1, 1, 2, -2, 0)],
    *[
        layer("Dot", axes=axes, inputs={"x": X3, "y": normal(2, 5, 4, seed=1)}, **options)
        for axes in (1, 2, (1, 1), (2, 2), -1)
        for options in ({}, {"normalize": True})
    ],
    *[_masked(name) for name in ("Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract", "Concatenate")],
    _masked("Concatenate", 1),
    *[
        case(f"tf.keras.layers.{name}([x, y])", rtol=1e-5, x=X3, y=normal(2, 5, 4, seed=1))
        for name in ("add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate")
    ],
    case("tf.keras.layers.dot([x, y], axes=2, normalize=True)", rtol=1e-5, x=X3, y=normal(2, 5, 4, seed=1)),
    case("tf.keras.layers.Lambda(lambda x: x * 2.0)(x)", x=X2),
    case("tf.keras.layers.Lambda(lambda x, k=1.0: x * k, arguments={'k': 3.0})(x)", x=X2),
    case("tf.keras.layers.Lambda(lambda x: x[:, :2], output_shape=(2,)).compute_output_shape((None, 4))", x=X2),
    case("tf.keras.layers.Lambda(lambda x: x[:, :2])(tf.keras.Input((4,))).shape", grad=False, x=X2),
    case("tf.keras.layers.Lambda(lambda x, training=None: x * (2.0 if training else 1.0))(x, training=True)", x=X2),
    case("tf.keras.layers.Lambda(lambda x: x, mask=lambda x, m: x[:, 0] > 0)(x)._keras_mask", grad=False, x=X2),
    *[
        case(f"tf.keras.layers.{text}", grad=False, x=X3, y=normal(2, 4, 4))
        for text in (
            "Dense(-1)",
            "Dense(2.5)",
            "Dense('x')",
            "Dense(3, activation='x')",
            "Dense(3, kernel_initializer='x')",
            "Dense(3, kernel_regularizer='x')",
            "Dense(3, foo=1)",
            "Dense(3, name='a/b')",
            "Dense(3, name=1)",
            "Dense(3, dtype='x')",
            "Dense(3)(tf.keras.Input((5, None)))",
            "Dense(2)(x)[0, 0].shape",
            "Dense(2)([[1.0, 2.0]])",
            "EinsumDense('ab', 3, name='e')",
            "EinsumDense('abc,cd->abe', (5, 3))(x)",
            "EinsumDense('abc,cd->abd', (4, 3))(x)",
            "EinsumDense('abc,cd->abd', (5, 3), bias_axes='z')(x)",
            "EinsumDense('abc,ed->abd', (5, 3))(x)",
            "ReLU(negative_slope=-1)",
            "ReLU(max_value=-1)",
            "ReLU(threshold=-1)",
            "ReLU(negative_slope=None)",
            "LeakyReLU(-1)",
            "ThresholdedReLU(-1)",
            "Softmax()(x, mask=tf.constant([[True, False]]))",
            "Dropout(1.5)",
            "Dropout(-0.1)",
            "Dropout(0.5, noise_shape='x')",
            "Dropout(0.5, noise_shape=3)",
            "Dropout(0.5, noise_shape=(0, 1))",
            "GaussianDropout(2)",
            "GaussianNoise(-1.0)",
            "SpatialDropout2D(0.5)(x)",
            "SpatialDropout2D(0.5, data_format='x')",
            "Reshape((-1, -1))",
            "Reshape((3, 3))(x)",
            "Permute((1, 3))",
            "Permute((0, 1))",
            "Permute((2, 1, 3))(x)",
            "RepeatVector('x')",
            "RepeatVector(2)(x)",
            "Flatten(data_format='x')",
            "Add()(x)",
            "Add()([x])",
            "Add()([x, y])",
            "Subtract()([x, x, x])",
            "Concatenate()([x])",
            "Concatenate()([x, y])",
            "Concatenate()(x)",
            "Concatenate(axis=5)([x, x])",
            "Dot('x')",
            "Dot((1, 2, 3))",
            "Dot(1)([x, y])",
            "Dot(1)([x, x, x])",
            "Dot(1)(x)",
            "Wrapper('x')",
            "Lambda('x')(x)",
            "Input()",
            "Input((3,), batch_shape=(1, 3))",
            "Input((3,), batch_size=2).shape",
            "Input((None, 3), dtype='int32').dtype",
            "InputLayer()",
            "InputLayer((3,)).batch_shape",
            "deserialize({'class_name': 'Zeros', 'config': {}, 'module': 'keras.initializers', 'registered_name': None})",
            "deserialize(tf.keras.layers.serialize(tf.keras.layers.Dense(3, name='d'))).get_config()['units']",
        )
    ],
    case("tf.keras.layers.Dense(0)"),
    case("tf.keras.layers.Dense(3)(x)", x=uniform(3), grad=False),
    case("tf.keras.layers.Conv2D(3, 3)(x)", x=normal(2, 5), grad=False),
    case("tf.keras.layers.Concatenate()([x, y])", x=normal(2, 5), y=normal(3, 4), grad=False),
    case("tf.keras.layers.Reshape((7,))(x)", x=normal(2, 5), grad=False),
    case("tf.keras.layers.Embedding(3, 2)(x)", x=integers(2, low=5, high=6), grad=False),
]
