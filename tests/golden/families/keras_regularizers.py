"""Keras regularizers and constraints: values, gradients, configurations, names, errors."""

from copy import deepcopy

from tests.golden.case import case, normal


def of(kind, name, /, *args, x=None, dtype=None, **kwargs):
    """A regularizer's loss, or a constraint's value, for a tensor."""

    def run(tf, x):
        x = tf.cast(x, dtype) if dtype else x
        return getattr(getattr(tf.keras, kind), name)(*args, **kwargs)(x)

    return case(run, name=f"{name} {args} {kwargs} {dtype or ''}", x=normal(3, 4) if x is None else x, rtol=2e-6)


def config(kind, name, /, *args, **kwargs):
    def run(tf):
        module = getattr(tf.keras, kind)
        made = getattr(module, name)(*args, **kwargs)
        serialized = module.serialize(made)
        again = module.deserialize(deepcopy(serialized))
        of_class = type(made).from_config(made.get_config())
        is_same = again.get_config() == of_class.get_config() == made.get_config()
        return made.get_config(), serialized, type(again).__name__, is_same

    return case(run, name=f"config {name} {args} {kwargs}")


def got(kind, identifier):
    def run(tf):
        found = getattr(tf.keras, kind).get(identifier)
        return None if found is None else (type(found).__name__, found.get_config())

    return case(run, name=f"get {kind} {identifier!r}")


def error(kind, name, /, *args, x=(2, 2), **kwargs):
    def run(tf):
        return getattr(getattr(tf.keras, kind), name)(*args, **kwargs)(tf.ones(x))

    return case(run, name=f"error {name} {args} {kwargs} {x}")


def layer_losses(tf):
    layer = tf.keras.layers.Dense(
        2, kernel_regularizer="l2", bias_regularizer=tf.keras.regularizers.L1(0.1), activity_regularizer="l1",
        kernel_initializer="ones", bias_initializer="ones",
    )  # fmt: skip
    layer(tf.ones((3, 2)))
    return list(layer.losses)


def custom_classes(tf):
    class Cubic(tf.keras.regularizers.Regularizer):
        def __call__(self, x):
            return tf.reduce_sum(x**3)

        def get_config(self):
            return {}

    class Rounded(tf.keras.constraints.Constraint):
        def __call__(self, w):
            return tf.round(w)

    x = tf.constant([1.25, 2.75])
    return Cubic()(x), Rounded()(x), tf.keras.regularizers.get(Cubic())(x), tf.keras.constraints.get(Rounded)(x)


def of_functions(tf):
    x = tf.constant([1.25, 2.75])
    twice = tf.keras.regularizers.get(lambda x: 2 * tf.reduce_sum(x))
    return twice(x), tf.keras.constraints.get(tf.round)(x)


COLUMNS = normal(4, 3) * 2
KERNEL = normal(2, 2, 3, 4)

CASES = [
    *[of("regularizers", name) for name in ("L1", "L2", "L1L2", "l1", "l2", "l1_l2", "OrthogonalRegularizer")],
    of("regularizers", "L1", 0.5),
    of("regularizers", "L2", l2=0.5),
    of("regularizers", "L1L2", l1=0.5, l2=0.25),
    of("regularizers", "L1L2", l1=0.5),
    of("regularizers", "L1L2", l2=0.5, dtype="float64"),
    of("regularizers", "L1L2", l1=0.5, l2=0.5, dtype="float16"),
    of("regularizers", "L2", 0.5, dtype="float64"),
    of("regularizers", "L1", 0),
    of("regularizers", "OrthogonalRegularizer", factor=0.5, mode="columns"),
    of("constraints", "MaxNorm", x=COLUMNS),
    of("constraints", "MaxNorm", max_value=1.0, axis=1, x=COLUMNS),
    of("constraints", "MaxNorm", 0.5, axis=(0, 1, 2), x=KERNEL),
    of("constraints", "max_norm", 1.0, x=COLUMNS, dtype="float64"),
    of("constraints", "NonNeg", x=COLUMNS),
    of("constraints", "UnitNorm", x=COLUMNS),
    of("constraints", "UnitNorm", axis=[0, 1, 2], x=KERNEL),
    of("constraints", "MinMaxNorm", x=COLUMNS),
    of("constraints", "MinMaxNorm", min_value=1.0, max_value=2.0, rate=0.5, axis=1, x=COLUMNS),
    case(layer_losses, rtol=2e-6),
    case(custom_classes),
    case(of_functions),
    *[config("regularizers", name) for name in ("L1", "L2", "L1L2", "OrthogonalRegularizer")],
    config("regularizers", "L1L2", l1=0.5, l2=0.25),
    config("regularizers", "OrthogonalRegularizer", factor=0.5, mode="columns"),
    *[config("constraints", name) for name in ("MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm")],
    config("constraints", "MaxNorm", 3.0, axis=[0, 1]),
    config("constraints", "MinMaxNorm", 0.5, 2.0, rate=0.5, axis=1),
    *[
        got("regularizers", identifier)
        for identifier in (
            "l1", "L1", "l2", "L2", "L1L2", "OrthogonalRegularizer", "orthogonal_regularizer", None, "no_such", "", 3,
            {"class_name": "L2", "config": {"l2": 0.5}}, {"class_name": "no_such", "config": {}},
        )
    ],
    *[
        got("constraints", identifier)
        for identifier in (
            "max_norm", "MaxNorm", "non_neg", "NonNeg", "unit_norm", "UnitNorm", "min_max_norm", "MinMaxNorm", None,
            "no_such", 3, {"class_name": "MaxNorm", "config": {"max_value": 5}}, {"class_name": "no_such", "config": {}},
        )
    ],
    error("regularizers", "L1", "a"),
    error("regularizers", "L1", -1.0),
    error("regularizers", "L2", float("inf")),
    error("regularizers", "L1L2", float("nan")),
    error("regularizers", "L1", None),
    error("regularizers", "L1L2", None, None),
    error("regularizers", "OrthogonalRegularizer", mode="diagonals"),
    error("regularizers", "OrthogonalRegularizer", x=(2, 2, 2)),
    error("regularizers", "Regularizer"),
    case(lambda tf: tf.keras.regularizers.Regularizer().get_config(), name="base config"),
    error("constraints", "Constraint"),
    case(lambda tf: tf.keras.constraints.Constraint().get_config(), name="base constraint config"),
]  # fmt: skip
