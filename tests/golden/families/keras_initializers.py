"""Keras initializers and keras.random: the same numbers under the same seeds, configurations, errors."""

from copy import deepcopy

from tests.golden.case import case

RANDOM = (
    "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "GlorotUniform", "GlorotNormal", "HeUniform",
    "HeNormal", "LecunUniform", "LecunNormal",
)  # fmt: skip
SHAPES = ((3, 4), (5,), (3, 3, 2, 4), ())


def made(kind, /, *shapes, dtype=None, rtol=0.0, **kwargs):
    """Values for some shapes, one initializer for all."""

    def run(tf):
        initializer = getattr(tf.keras.initializers, kind)(**kwargs)
        return [initializer(shape, dtype=dtype) if dtype else initializer(shape) for shape in shapes or SHAPES]

    return case(run, name=f"{kind} {kwargs} {dtype or ''} {shapes or ''}", rtol=rtol, atol=rtol)


def config(kind, /, **kwargs):
    def run(tf):
        initializers = tf.keras.initializers
        initializer = getattr(initializers, kind)(**kwargs)
        serialized = initializers.serialize(initializer)
        again = initializers.deserialize(deepcopy(serialized))
        of_class = type(initializer).from_config(deepcopy(initializer.get_config()))
        is_same = (
            again.get_config() == of_class.get_config() == initializer.get_config() == initializer.clone().get_config()
        )
        return initializer.get_config(), serialized, type(again).__name__, is_same

    return case(run, name=f"config {kind} {kwargs}")


def got(identifier):
    def run(tf):
        found = tf.keras.initializers.get(identifier)
        return None if found is None else type(found).__name__

    return case(run, name=f"get {identifier!r}")


def drawn(code, **inputs):
    return case(code, rtol=inputs.pop("rtol", 0.0), atol=0.0, grad=False, **inputs)


def after_seed(tf):
    """What a seeded script draws: layers' weights, unseeded numbers, seeds."""
    tf.keras.utils.set_random_seed(1)
    dense, conv = tf.keras.layers.Dense(3), tf.keras.layers.Conv2D(2, 3, kernel_initializer="he_normal")
    dense.build((None, 4))
    conv.build((None, 8, 8, 3))
    embedding, norm = tf.keras.layers.Embedding(5, 3), tf.keras.layers.BatchNormalization()
    embedding.build(None)
    norm.build((None, 4))
    random = tf.keras.random
    return (
        [tf.constant(layer.get_weights()[0]) for layer in (dense, conv, embedding, norm)],
        random.normal((3,)),
        random.uniform((3,)),
        random.SeedGenerator().next(),
        tf.random.normal((3,)),
    )


def recurrent_after_seed(tf):
    tf.keras.utils.set_random_seed(7)
    lstm, gru = tf.keras.layers.LSTM(3), tf.keras.layers.GRU(2)
    lstm.build((None, 5, 4))
    gru.build((None, 5, 4))
    return [tf.constant(w) for w in (*lstm.get_weights(), *gru.get_weights())]


def model_after_seed(tf):
    tf.keras.utils.set_random_seed(3)
    model = tf.keras.Sequential(
        [tf.keras.layers.Dense(4, activation="relu"), tf.keras.layers.Dropout(0.5), tf.keras.layers.Dense(2)]
    )
    x = tf.ones((2, 3))
    return model(x), model(x, training=True), model(x, training=True)


def dropout_after_seed(tf):
    tf.keras.utils.set_random_seed(5)
    layers = [tf.keras.layers.Dropout(0.4), tf.keras.layers.Dropout(0.4, seed=3), tf.keras.layers.GaussianNoise(1.0)]
    x = tf.ones((3, 4))
    return [layer(x, training=True) for layer in layers for _ in range(2)]


def seeds_of_a_generator(tf):
    generator = tf.keras.random.SeedGenerator(7)
    drawn = [tf.convert_to_tensor(generator.next()) for _ in range(3)]
    drawn += [tf.convert_to_tensor(generator.next(ordered=False)) for _ in range(2)]
    drawn += [tf.keras.random.normal((2,), seed=generator) for _ in range(2)]
    state = generator.state
    return drawn, state.shape == (2,), tf.constant(state.numpy()), sorted(generator.get_config())


def one_instance_many_shapes(tf):
    initializer = tf.keras.initializers.GlorotUniform(seed=tf.keras.random.SeedGenerator(3))
    return [initializer((2, 3)) for _ in range(2)]


def of_a_function(tf):
    found = tf.keras.initializers.get(lambda shape, dtype=None: tf.ones(shape, dtype) * 2)
    layer = tf.keras.layers.Dense(2, kernel_initializer=found)
    layer.build((None, 2))
    return tf.constant(layer.get_weights()[0])


def of_a_tensor(tf):
    found = tf.keras.initializers.get(tf.constant([[1.0, 2.0], [3.0, 4.0]]))
    return found((2, 2)), found((2, 2), "float64")


def of_a_class(tf):
    return tf.keras.initializers.get(tf.keras.initializers.Ones)((2,))


def names(tf):
    found = dir(tf.keras.initializers)
    return [
        name in found for name in ("glorot_uniform", "HeNormal", "zeros", "constant", "orthogonal", "Identity", "get")
    ]


def error(kind, /, *args, shape=None, **kwargs):
    def run(tf):
        initializer = getattr(tf.keras.initializers, kind)(*args, **kwargs)
        return initializer(shape)

    return case(run, name=f"error {kind} {args} {kwargs} {shape}")


CASES = [
    made("Zeros"),
    made("Zeros", dtype="int32"),
    made("Ones", dtype="float64"),
    made("Ones", dtype="bool"),
    made("Constant", value=2.5),
    made("Constant", (2, 2), (3, 2), value=[1.0, 2.0]),
    made("Constant", (2,), value=3, dtype="int64"),
    made("Identity", (2, 2), (2, 3)),
    made("Identity", (3, 3), gain=2.0, dtype="float64"),
    *[made(name, seed=1) for name in RANDOM],
    *[made(name, seed=3, dtype="float64", rtol=1e-15) for name in RANDOM],
    *[made(name, (3, 4), seed=5, dtype="float16") for name in RANDOM],
    made("GlorotUniform", (3, 4), seed=5, dtype="bfloat16"),
    made("RandomNormal", mean=1.0, stddev=2.0, seed=4),
    made("RandomUniform", minval=-3.0, maxval=1.0, seed=4),
    made("TruncatedNormal", mean=1.0, stddev=2.0, seed=4),
    *[
        made("VarianceScaling", (4, 6), scale=2.0, mode=mode, distribution=distribution, seed=9)
        for mode in ("fan_in", "fan_out", "fan_avg")
        for distribution in ("truncated_normal", "untruncated_normal", "uniform", "normal")
    ],
    made("VarianceScaling", (3, 4, 5), seed=2, input_axes=(0, 1), output_axes=(2,)),
    made("GlorotUniform", (3, 4, 5), seed=2, input_axes=0, output_axes=(1, 2)),
    *[made("Orthogonal", shape, seed=3, rtol=1e-6) for shape in ((4, 4), (3, 5), (5, 3), (3, 3, 2, 4), (2, 2, 2))],
    made("Orthogonal", (3, 3), seed=3, gain=2.0, dtype="float64", rtol=1e-12),
    drawn(after_seed, rtol=1e-6),
    drawn(recurrent_after_seed, rtol=1e-5),
    drawn(model_after_seed, rtol=1e-6),
    drawn(dropout_after_seed),
    drawn(seeds_of_a_generator),
    drawn(one_instance_many_shapes),
    drawn(of_a_function),
    drawn(of_a_tensor),
    drawn(of_a_class),
    drawn(names),
    drawn("tf.keras.random.normal((3, 2), seed=1)"),
    drawn("tf.keras.random.normal((3, 2), mean=1.0, stddev=2.0, dtype='float64', seed=1)", rtol=1e-15),
    drawn("tf.keras.random.uniform((3, 2), seed=1)"),
    drawn("tf.keras.random.uniform((3, 2), minval=-2.0, maxval=5.0, dtype='float16', seed=2)"),
    drawn("tf.keras.random.truncated_normal((20,), stddev=2.0, seed=1)"),
    drawn("tf.keras.random.randint((8,), 0, 10, seed=1)"),
    drawn("tf.keras.random.randint((8,), -5, 10, dtype='int64', seed=1)"),
    drawn("tf.keras.random.randint((8,), 0, 10, dtype='uint8', seed=1)"),
    drawn("tf.keras.random.randint((8,), 0, 10, dtype='float32', seed=1)"),
    drawn("tf.keras.random.categorical([[0.1, 2.0, -1.0], [0.0, 0.0, 1.0]], 6, seed=1)"),
    drawn("tf.keras.random.categorical([[0.1, 2.0, -1.0]], 6, dtype='int64', seed=1)"),
    drawn("tf.keras.random.dropout(tf.ones((3, 4)), 0.5, seed=1)"),
    drawn("tf.keras.random.dropout(tf.ones((3, 4)), 0.5, noise_shape=(3, 1), seed=1)"),
    drawn("tf.keras.random.dropout(tf.ones((3, 4)), 0.5, noise_shape=(None, 1), seed=1)"),
    drawn("tf.keras.random.dropout(tf.ones((3, 4)), 0.0, seed=1)"),
    drawn("tf.keras.random.dropout(tf.ones((3, 4)), 1.0, seed=1)"),
    drawn("tf.keras.random.shuffle(tf.range(10), seed=1)"),
    drawn("tf.keras.random.shuffle(tf.reshape(tf.range(12), (3, 4)), axis=1, seed=1)"),
    drawn("tf.keras.random.shuffle(tf.reshape(tf.range(12), (3, 4)), seed=2)"),
    drawn("tf.keras.random.gamma((5,), 2.0, seed=1)", rtol=1e-6),
    drawn("tf.keras.random.gamma((5,), 0.5, dtype='float64', seed=1)", rtol=1e-12),
    drawn("tf.keras.random.beta((5,), 2.0, 3.0, seed=1)", rtol=1e-6),
    drawn("tf.keras.random.beta((2, 2), [0.5, 1.0], 3.0, seed=1)", rtol=1e-6),
    drawn("tf.keras.random.binomial((5,), 10.0, 0.3, seed=1)"),
    drawn("tf.keras.random.binomial((2, 2), [5.0, 20.0], 0.7, seed=1)"),
    drawn("tf.keras.random.normal((3,), seed='a')"),
    drawn("tf.keras.random.SeedGenerator('a')"),
    drawn("tf.keras.random.SeedGenerator(seed=1.5)"),
    drawn("tf.keras.utils.set_random_seed('a')"),
    *[config(name) for name in ("Zeros", "Ones", "Orthogonal", *RANDOM)],
    config("Constant", value=2.0),
    config("Orthogonal", gain=2.0, seed=3),
    config("VarianceScaling", scale=2.0, mode="fan_out", distribution="normal", seed=4),
    config("RandomNormal", mean=1.0, stddev=2.0, seed=3),
    config("RandomUniform", minval=1.0, maxval=2.0, seed=3),
    *[
        got(identifier)
        for identifier in (
            "glorot_uniform",
            "GlorotUniform",
            "he_normal",
            "HeNormal",
            "zeros",
            "Zeros",
            "ones",
            "zero",
            "one",
            "random_normal",
            "RandomNormal",
            "normal",
            "uniform",
            "random_uniform",
            "truncated_normal",
            "TruncatedNormal",
            "variance_scaling",
            "orthogonal",
            "OrthogonalInitializer",
            "identity",
            "IdentityInitializer",
            "lecun_normal",
            "lecun_uniform",
            "he_uniform",
            "glorot_normal",
            None,
            "no_such",
            "",
            3,
            {"class_name": "HeNormal", "config": {"seed": 3}},
            {"class_name": "no_such", "config": {}},
        )
    ],  # fmt: skip
    error("Identity", shape=(2, 2, 2)),
    error("Identity", shape=(2,)),
    error("Orthogonal", shape=(2,)),
    error("VarianceScaling", -1.0, shape=(2, 2)),
    error("VarianceScaling", mode="fan", shape=(2, 2)),
    error("VarianceScaling", distribution="gamma", shape=(2, 2)),
    error("RandomNormal", seed="a", shape=(2, 2)),
    error("RandomNormal", seed=1.5, shape=(2, 2)),
    error("Initializer", shape=(2, 2)),
    error("Constant", [1.0, 2.0, 3.0], shape=(2, 2)),
]
