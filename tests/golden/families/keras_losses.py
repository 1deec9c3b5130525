"""Keras losses: values and gradients, shapes, dtypes, reductions, weights, masks, configurations, names, errors."""

from copy import deepcopy

import numpy as np

from tests.golden.case import case, integers, normal, uniform

ONE_HOT = np.eye(4, dtype=np.float32)[[1, 0, 3]]
BITS = np.array([[0, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 1]], np.float32)
SHARES = np.array([[0.1, 0.6, 0.2, 0.1], [0.3, 0.3, 0.3, 0.1], [0.25, 0.25, 0.05, 0.45]], np.float32)
LOGITS = normal(3, 4) * 3
EXTREME_SHARES = np.array([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]], np.float32)
EXTREME_LOGITS = np.array([[-1e3, 1e3, 0.0, 50.0], [1e4, -1e4, -90.0, 90.0], [3e38, -3e38, 0.0, 1.0]], np.float32)
NAN = np.array([[np.nan, 1.0, 0.5, 0.25], [0.5, 0.25, np.inf, 0.5], [-np.inf, 1.0, 0.5, 0.5]], np.float32)
LABELS = np.array([1, 0, 3], np.int32)

REGRESSION = ("mse", "mae", "mape", "msle", "cosine_similarity", "huber", "logcosh")
PLAIN = (*REGRESSION, "kld", "poisson", "hinge", "squared_hinge", "categorical_hinge")
OVERLAP = ("dice", "tversky")
CROSS = (
    "categorical_crossentropy",
    "binary_crossentropy",
    "categorical_focal_crossentropy",
    "binary_focal_crossentropy",
)
CLASSES = {
    "MeanSquaredError": {}, "MeanAbsoluteError": {}, "MeanAbsolutePercentageError": {},
    "MeanSquaredLogarithmicError": {}, "CosineSimilarity": {"axis": 0}, "Huber": {"delta": 0.5}, "LogCosh": {},
    "Hinge": {}, "SquaredHinge": {}, "CategoricalHinge": {}, "KLDivergence": {}, "Poisson": {},
    "BinaryCrossentropy": {"from_logits": True, "label_smoothing": 0.1, "axis": 0},
    "BinaryFocalCrossentropy": {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.5, "label_smoothing": 0.1},
    "CategoricalCrossentropy": {"from_logits": True, "label_smoothing": 0.1},
    "CategoricalFocalCrossentropy": {"alpha": 0.3, "gamma": 1.5, "from_logits": True, "label_smoothing": 0.1},
    "SparseCategoricalCrossentropy": {"from_logits": True, "ignore_class": 0},
    "Dice": {"axis": -1}, "Tversky": {"alpha": 0.3, "beta": 0.6, "axis": -1},
    "CategoricalGeneralizedCrossEntropy": {"q": 0.3},
}  # fmt: skip


def function(name, y_true, y_pred, text="", **kwargs):
    """A loss function's values and gradients."""
    arguments = "".join(f", {k}={v!r}" for k, v in kwargs.items())
    code = f"tf.keras.losses.{name}(y_true, y_pred{arguments})"
    tolerance = {"rtol": 2e-5, "atol": 2e-6}
    if y_pred.dtype == np.float64:
        tolerance = {"rtol": 1e-6, "atol": 1e-9}  # Keras makes some of its constants float32
    elif y_pred.dtype == np.float16:
        tolerance = {"rtol": 4e-3, "atol": 4e-3}
    return case(code, name=f"{name} {text} {arguments}", y_true=y_true, y_pred=y_pred, **tolerance)


def targets(name):
    return {"mape": LOGITS + 5, "kld": SHARES[::-1], "poisson": BITS, "hinge": BITS, "squared_hinge": BITS,
            "categorical_hinge": ONE_HOT, "categorical_crossentropy": ONE_HOT, "categorical_focal_crossentropy": ONE_HOT,
            "binary_crossentropy": BITS, "binary_focal_crossentropy": BITS, "dice": BITS, "tversky": BITS}.get(
        name, normal(3, 4, seed=1)
    )  # fmt: skip


def predictions(name):
    is_shares = name in (*CROSS, *OVERLAP, "kld", "poisson")
    return SHARES if is_shares else LOGITS


def ranks(name, true_shape, pred_shape):
    true, pred = uniform(*true_shape, low=0.1, high=0.9), uniform(*pred_shape, low=0.1, high=0.9, seed=1)
    return function(name, true, pred, f"ranks {true_shape} {pred_shape}")


def of_class(name, y_true, y_pred, sample_weight=None, *, mask=None, text="", dtype=None, **options):
    """A loss object's result and gradients, with weights and a mask."""

    def run(tf, y_true, y_pred):
        loss = getattr(tf.keras.losses, name)(dtype=dtype, **options)
        if mask is not None:
            y_pred = tf.identity(y_pred)
            y_pred._keras_mask = tf.constant(mask)
        weights = sample_weight
        if isinstance(sample_weight, np.ndarray):
            weights = tf.constant(sample_weight)
        return loss(y_true, y_pred, sample_weight=weights)

    shape = getattr(sample_weight, "shape", sample_weight)
    tolerance = {"rtol": 4e-3, "atol": 4e-3} if dtype == "float16" else {"rtol": 2e-5, "atol": 2e-6}
    masked = "" if mask is None else f"mask {np.shape(mask)}"
    name_ = f"{name} {y_true.shape} {y_pred.shape} weights {shape} {masked} {dtype or ''} {options} {text}"
    return case(run, name=name_, y_true=y_true, y_pred=y_pred, **tolerance)


def reductions():
    true, pred = normal(3, 4), normal(3, 4, seed=1)
    deep_true, deep_pred = normal(2, 3, 4), normal(2, 3, 4, seed=1)
    weights = {
        "none": None, "number": 0.5, "list": [1.0, 0.5, 2.0], "rows": np.array([1.0, 0.5, 0.0], np.float32),
        "column": np.array([[1.0], [0.5], [2.0]], np.float32), "ints": np.array([1, 0, 2]),
        "bools": np.array([True, False, True]), "float64": np.array([1.0, 0.5, 2.0]),
        "zeros": np.zeros(3, np.float32),
    }  # fmt: skip
    deep_weights = (
        np.array([1.0, 0.5], np.float32),
        np.array([[1.0], [0.5]], np.float32),
        uniform(2, 3),
        uniform(2, 3, 1),
    )
    masks = (np.array([True, False, True]), np.array([1.0, 0.0, 0.0], np.float32), np.array([False, False, False]))
    kinds = ("sum_over_batch_size", "mean", "sum", "none", None, "mean_with_sample_weight")
    for reduction in kinds:
        for kind, weight in weights.items():
            yield of_class("MeanSquaredError", true, pred, weight, reduction=reduction, text=kind)
        for weight in deep_weights:
            yield of_class("MeanAbsoluteError", deep_true, deep_pred, weight, reduction=reduction)
        for mask in masks:
            yield of_class("MeanSquaredError", true, pred, mask=mask, reduction=reduction, text=str(mask))
            yield of_class(
                "MeanSquaredError", true, pred, weights["rows"], mask=mask, reduction=reduction, text=str(mask)
            )
        deep_mask = np.array([[True, False, True], [True, True, False]])
        yield of_class("MeanSquaredError", deep_true, deep_pred, mask=deep_mask, reduction=reduction)
        for weight in deep_weights:
            yield of_class("MeanSquaredError", deep_true, deep_pred, weight, mask=deep_mask, reduction=reduction)
        yield of_class("MeanSquaredError", true[:0], pred[:0], reduction=reduction)
        yield of_class("MeanSquaredError", true[:0], pred[:0], np.zeros(0, np.float32), reduction=reduction)
        yield of_class("MeanSquaredError", deep_true[:, :0], deep_pred[:, :0], reduction=reduction)
        yield of_class("MeanSquaredError", true[0], pred[0], reduction=reduction, text="one row")
        yield of_class("Dice", BITS, SHARES, 0.5, reduction=reduction)
        yield of_class("Dice", BITS, SHARES, np.array([1.0, 2.0, 3.0], np.float32), reduction=reduction, axis=-1)
        for ignored in (None, 0, -1, 3):
            yield of_class(
                "SparseCategoricalCrossentropy",
                LABELS,
                SHARES,
                weights["rows"],
                reduction=reduction,
                ignore_class=ignored,
            )
            yield of_class("SparseCategoricalCrossentropy", LABELS, SHARES, reduction=reduction, ignore_class=ignored)
            yield of_class(
                "SparseCategoricalCrossentropy",
                LABELS,
                SHARES,
                mask=masks[0],
                reduction=reduction,
                ignore_class=ignored,
            )


def known(name, config):
    """A configuration without what Keras leaves out of it."""
    forgotten = {"CosineSimilarity": "axis", "SparseCategoricalCrossentropy": "axis", "Huber": "delta"}.get(name)
    return {k: v for k, v in config.items() if k != forgotten}


def config(name, /, **options):
    def run(tf):
        losses = tf.keras.losses
        made = getattr(losses, name)(**options)
        serialized = losses.serialize(made)
        again = losses.deserialize(deepcopy(serialized))
        of_class = type(made).from_config(made.get_config())
        config = known(name, made.get_config())
        serialized["config"] = known(name, serialized["config"])
        attributes = [getattr(made, k) for k in options if k in config]
        return config, serialized, type(again).__name__, again.get_config() == of_class.get_config(), attributes

    return case(run, name=f"config {name} {options}")


def got(identifier):
    def run(tf):
        found = tf.keras.losses.get(identifier)
        if found is None:
            return None
        kind = getattr(found, "__name__", type(found).__name__)
        return kind, known(kind, found.get_config()) if hasattr(found, "get_config") else None

    return case(run, name=f"get {identifier!r}")


def serialized(name):
    def run(tf):
        losses = tf.keras.losses
        function = getattr(losses, name)
        config = losses.serialize(function)
        return config, losses.deserialize(deepcopy(config)) is function

    return case(run, name=f"serialize {name}")


def error(name, /, *args, true=None, pred=None, **kwargs):
    def run(tf):
        loss = getattr(tf.keras.losses, name)(*args, **kwargs)
        return loss if true is None else loss(tf.constant(true), tf.constant(pred))

    shapes = "" if true is None else f"{true.shape} {pred.shape}"
    return case(run, name=f"error {name} {args} {kwargs} {shapes}")


def on_lists(tf):
    losses = tf.keras.losses
    return (
        losses.mse([1.0, 2.0], [2.0, 4.0]),
        losses.mse([1, 2], [2, 4]),
        losses.mae(np.array([1.0, 2.0]), [2.0, 4.0]),
        losses.mae([1, 2], [2.5, 4.0]),
        losses.mse(tf.constant([1.0, 2.0], tf.float64), tf.constant([2.0, 4.0])),
        losses.binary_crossentropy([1, 0], [0.5, 0.25]),
        losses.binary_crossentropy([True, False], [0.5, 0.25]),
        losses.categorical_crossentropy([[0, 1]], [[0.5, 0.5]]),
        losses.hinge([1, 0], [0.5, 0.25]),
        losses.MeanSquaredError()([1, 2], [2, 4]),
        losses.BinaryCrossentropy()(np.array([[1], [0]]), np.array([[0.5], [0.25]])),
    )


def custom_class(tf):
    class Cubes(tf.keras.losses.Loss):
        def __init__(self, power=3, **kwargs):
            super().__init__(**kwargs)
            self.power = power

        def call(self, y_true, y_pred):
            return tf.reduce_mean(tf.abs(y_true - y_pred) ** self.power, axis=-1)

        def get_config(self):
            return {**super().get_config(), "power": self.power}

    made = Cubes(power=2.0, name="cubes", reduction="sum")
    again = Cubes.from_config(made.get_config())
    default = Cubes()
    true, pred = tf.constant([[1.0, 2.0]]), tf.constant([[2.0, 5.0]])
    return (
        made(true, pred), again(true, pred, sample_weight=[0.5]), made.get_config(),
        default.name, default.reduction, default.dtype, Cubes(dtype="float16").dtype,
        Cubes(dtype="float64")(tf.constant([[1, 2]]), pred), Cubes(dtype=tf.keras.DTypePolicy("mixed_float16")).dtype,
    )  # fmt: skip


def custom_class_of_structures(tf):
    class Both(tf.keras.losses.Loss):
        def call(self, y_true, y_pred):
            a = tf.reduce_mean((y_true["a"] - y_pred["a"]) ** 2, -1)
            return a + tf.reduce_mean(tf.abs(y_true["b"] - y_pred["b"]), -1)

    true = {"a": tf.constant([[1.0, 2.0]]), "b": tf.constant([[1, 2, 3]])}
    pred = {"a": tf.constant([[2.0, 2.0]]), "b": tf.constant([[1.5, 2.0, 3.0]])}
    return Both()(true, pred)


def subclass_of_a_loss(tf):
    class Smooth(tf.keras.losses.BinaryCrossentropy):
        def call(self, y_true, y_pred):
            return super().call(y_true, y_pred) * 2.0

    made = Smooth(label_smoothing=0.2)
    return made([[1.0, 0.0]], [[0.5, 0.25]]), made.get_config(), made.from_logits, made.label_smoothing, made.axis


def scalars_per_batch(tf):
    class Whole(tf.keras.losses.Loss):
        def call(self, y_true, y_pred):
            return tf.reduce_sum(tf.abs(y_true - y_pred))

    true, pred = tf.constant([1.0, 2.0]), tf.constant([2.0, 4.0])
    return Whole()(true, pred), Whole(reduction="sum")(true, pred, sample_weight=[0.5, 2.0])


def masks_of_results(tf):
    losses = tf.keras.losses
    ignoring = losses.sparse_categorical_crossentropy(tf.constant([1, 0, 3]), tf.constant(SHARES), ignore_class=0)
    circle = losses.circle(tf.constant([0, 0, 1]), tf.linalg.l2_normalize(tf.constant(LOGITS), -1))
    plain = losses.sparse_categorical_crossentropy(tf.constant([1, 0, 3]), tf.constant(SHARES))
    return ignoring._keras_mask, circle._keras_mask, getattr(plain, "_keras_mask", None)


def reduction_names(tf):
    reduction = tf.keras.losses.Reduction
    return reduction.NONE, reduction.SUM, reduction.SUM_OVER_BATCH_SIZE


def epsilon_counts(tf):
    before = tf.keras.backend.epsilon()
    tf.keras.backend.set_epsilon(1e-3)
    try:
        return tf.keras.losses.binary_crossentropy([[0.0, 1.0]], [[1.0, 0.0]]), tf.keras.losses.mape([[0.0]], [[1.0]])
    finally:
        tf.keras.backend.set_epsilon(before)


def circle_with_references(tf, x):
    embeddings = tf.linalg.l2_normalize(x, -1)
    return tf.keras.losses.circle(
        [0, 1, 1], embeddings, ref_labels=[1, 0], ref_embeddings=embeddings[:2] * 0.5, remove_diagonal=False, gamma=2.0
    )


def circle_without_the_diagonal(tf, x):
    embeddings = tf.linalg.l2_normalize(x, -1)
    return tf.keras.losses.circle([0, 1, 1, 0], embeddings, gamma=8, margin=0.3)


def ctc_class(tf, x):
    labels = tf.constant([[1, 2, 0], [2, 2, 1]])
    return tf.keras.losses.CTC()(labels, x), tf.keras.losses.CTC(reduction="none")(labels, x)


CASES = [
    *[function(name, targets(name), predictions(name)) for name in (*PLAIN, *OVERLAP, *CROSS)],
    *[function(name, normal(2, 3, 4), normal(2, 3, 4, seed=1), "deep") for name in PLAIN],
    *[function(name, targets(name), predictions(name).astype(np.float64), "float64") for name in (*PLAIN, *OVERLAP, *CROSS)],
    *[function(name, targets(name), predictions(name).astype(np.float16), "float16") for name in (*PLAIN, *OVERLAP, *CROSS)],
    *[function(name, integers(3, 4, low=0, high=2), predictions(name), "int targets") for name in (*PLAIN, *OVERLAP, *CROSS)],
    *[function(name, targets(name), NAN, "nan") for name in (*PLAIN, *OVERLAP, *CROSS)],
    *[function(name, targets(name), EXTREME_SHARES, "zeros and ones") for name in (*PLAIN, *OVERLAP, *CROSS)],
    *[function(name, targets(name) * 0, targets(name) * 0, "zeros") for name in (*PLAIN, *OVERLAP, *CROSS)],
    *[function(name, targets(name)[:0], predictions(name)[:0], "empty")
      for name in (*PLAIN, *OVERLAP, *CROSS) if name != "categorical_hinge"],  # Keras has no maximum of nothing
    *[function(name, targets(name), EXTREME_LOGITS, "large") for name in PLAIN],
    *[function(name, targets(name), LOGITS, "logits", from_logits=True) for name in CROSS],
    *[function(name, targets(name), EXTREME_LOGITS, "large", from_logits=True) for name in CROSS],
    *[function(name, targets(name), NAN, "nan", from_logits=True) for name in CROSS],
    *[function(name, targets(name), SHARES, label_smoothing=0.2) for name in CROSS],
    *[function(name, targets(name), LOGITS, from_logits=True, label_smoothing=0.2) for name in CROSS],
    *[function(name, targets(name), SHARES, axis=0) for name in CROSS],
    *[function(name, targets(name), LOGITS, from_logits=True, axis=0) for name in CROSS],
    *[
        ranks(name, *shapes)
        for name in (*REGRESSION, "kld", "poisson", "hinge")
        for shapes in (((3, 1), (3,)), ((3,), (3, 1)), ((2, 3, 1), (2, 3)), ((2, 3), (2, 3, 1)), ((3, 1), (3, 4)), ((), ()))
        if name != "cosine_similarity" or shapes[0]
    ],
    function("huber", LOGITS, SHARES, delta=0.5),
    function("huber", LOGITS, SHARES, delta=3.0),
    function("cosine_similarity", LOGITS, SHARES, axis=0),
    function("cosine_similarity", LOGITS, SHARES, axis=(0, 1)),
    function("hinge", np.where(BITS > 0, 1, -1).astype(np.float32), LOGITS, "signs"),
    function("squared_hinge", np.where(BITS > 0, 1, -1).astype(np.float32), LOGITS, "signs"),
    function("binary_focal_crossentropy", BITS, SHARES, apply_class_balancing=True, alpha=0.4, gamma=1.5),
    function("binary_focal_crossentropy", BITS, LOGITS, apply_class_balancing=True, from_logits=True),
    function("categorical_focal_crossentropy", ONE_HOT, SHARES, alpha=0.4, gamma=1.5),
    function("categorical_focal_crossentropy", ONE_HOT, SHARES, alpha=[0.1, 0.2, 0.3, 0.4]),
    function("dice", BITS, SHARES, axis=-1),
    function("dice", BITS, SHARES, axis=(0, 1)),
    function("tversky", BITS, SHARES, alpha=0.3, beta=0.6, axis=-1),
    function("binary_crossentropy", BITS[0], SHARES[0], "vector"),
    function("binary_crossentropy", BITS[:, :1], SHARES[:, :1], "column"),
    function("binary_crossentropy", BITS[:, 0], SHARES[:, :1], "ranks"),
    function("categorical_crossentropy", ONE_HOT, SHARES[:, :3], "shapes"),
    function("categorical_crossentropy", ONE_HOT, SHARES, axis=2),
    function("categorical_crossentropy", ONE_HOT, SHARES, axis=True),
    function("categorical_focal_crossentropy", ONE_HOT, SHARES, axis=True),
    function("categorical_crossentropy", normal(2, 3, 4), uniform(2, 3, 4), "deep"),
    function("categorical_crossentropy", normal(2, 3, 4), normal(2, 3, 4), "deep", axis=1, from_logits=True),
    *[
        function("sparse_categorical_crossentropy", true, pred, f"{true.dtype} {true.shape} {text}", **options)
        for true in (LABELS, LABELS[:, None], LABELS.astype(np.int64), LABELS.astype(np.float32), LABELS.astype(np.uint8))
        for pred, text, options in (
            (SHARES, "", {}), (LOGITS, "logits", {"from_logits": True}), (EXTREME_SHARES, "extreme", {}),
            (EXTREME_LOGITS, "extreme logits", {"from_logits": True}), (SHARES, "", {"ignore_class": 0}),
            (LOGITS, "logits", {"from_logits": True, "ignore_class": 3}), (NAN, "nan", {}),
        )
    ],
    function("sparse_categorical_crossentropy", integers(2, 3, low=0, high=4), uniform(2, 3, 4), "deep"),
    function("sparse_categorical_crossentropy", integers(2, 3, 1, low=0, high=4), uniform(2, 3, 4), "deep column"),
    function("sparse_categorical_crossentropy", integers(2, 3, low=0, high=4), uniform(2, 3, 4), "deep", ignore_class=1),
    function("sparse_categorical_crossentropy", LABELS * 0 - 1, SHARES, "ignored all", ignore_class=-1),
    function("sparse_categorical_crossentropy", LABELS[:0], SHARES[:0], "empty"),
    function("sparse_categorical_crossentropy", LABELS[0], SHARES[0], "one"),
    function("sparse_categorical_crossentropy", LABELS, SHARES, axis=0),
    function("sparse_categorical_crossentropy", LABELS, SHARES, axis=1),
    function("sparse_categorical_crossentropy", LABELS[:2], SHARES, "shapes"),
    function("sparse_categorical_crossentropy", BITS, SHARES, "same ranks"),
    function("sparse_categorical_crossentropy", LABELS, SHARES.astype(np.float64), "float64"),
    function("sparse_categorical_crossentropy", LABELS, SHARES.astype(np.float16), "float16"),
    function("categorical_generalized_cross_entropy", LABELS, SHARES, q=0.5),
    function("categorical_generalized_cross_entropy", LABELS, SHARES, q=0.3),
    function("categorical_generalized_cross_entropy", LABELS, SHARES.astype(np.float64), q=0.3),
    case(circle_with_references, x=normal(3, 4), rtol=2e-5, atol=2e-6),
    case(circle_without_the_diagonal, x=normal(4, 3), rtol=2e-5, atol=2e-6),
    function("ctc", np.array([[1, 2, 0], [2, 2, 1]], np.int32), normal(2, 6, 4)),
    function("ctc", np.array([[1, 2], [3, 0]], np.int32), normal(2, 3, 4) * 4),
    function("ctc", np.array([[0, 0], [3, 1]], np.int32), normal(2, 3, 4), "no labels"),
    function("ctc", np.array([1, 1], np.int32), normal(2, 2, 4), "ranks"),
    function("ctc", np.array([[1, 1]], np.int32), normal(2, 4), "ranks"),
    case(ctc_class, x=normal(2, 6, 4), rtol=2e-5, atol=2e-6),
    *[
        of_class(name, LABELS if name.startswith("Sparse") or "Generalized" in name else BITS, SHARES, **extra)
        for name, options in CLASSES.items()
        for extra in ({}, options, {"dtype": "float64"}, {"dtype": "float16"}, {"reduction": "none"})
        if extra.get("dtype") != "float16" or name not in ("KLDivergence", "CategoricalGeneralizedCrossEntropy")
    ],
    *[
        of_class(name, normal(*shapes[0]), normal(*shapes[1], seed=1), reduction=reduction)
        for name in ("MeanSquaredError", "MeanAbsoluteError", "Hinge", "Poisson", "BinaryCrossentropy")
        for shapes in (((3, 1), (3,)), ((3,), (3, 1)), ((2, 3), (2, 3, 1)), ((2, 3, 1), (2, 3)))
        for reduction in ("sum_over_batch_size", "none")
    ],
    of_class("MeanSquaredError", normal(3), normal(3, 1), np.array([1.0, 2.0, 3.0], np.float32)),
    of_class("SparseCategoricalCrossentropy", LABELS[:, None], LOGITS, from_logits=True),
    of_class("SparseCategoricalCrossentropy", integers(2, 3, low=0, high=4), uniform(2, 3, 4), ignore_class=1),
    of_class("SparseCategoricalCrossentropy", integers(2, 3, low=0, high=4), uniform(2, 3, 4), uniform(2, 3), ignore_class=1),
    of_class("SparseCategoricalCrossentropy", integers(2, 3, low=0, high=4), uniform(2, 3, 4), uniform(2), ignore_class=1),
    of_class("CategoricalCrossentropy", ONE_HOT, SHARES, np.array([1.0, 2.0, 0.0], np.float32)),
    of_class("BinaryCrossentropy", BITS[:, :1], SHARES[:, :1], np.array([[1.0], [2.0], [0.0]], np.float32)),
    of_class("Circle", np.array([0, 0, 1], np.int32), SHARES),
    of_class("Circle", np.array([0, 0, 1], np.int32), SHARES, remove_diagonal=False, gamma=8.0, margin=0.2),
    *reductions(),
    *[
        config(name, **options)
        for name, kwargs in CLASSES.items()
        for options in ({}, {**kwargs, "reduction": "sum", "name": "x"})
        if name != "CategoricalGeneralizedCrossEntropy"  # Keras cannot read what it writes of it
    ],
    config("Circle"),
    config("Circle", gamma=8.0, margin=0.3, remove_diagonal=False, reduction="none"),
    config("CTC", name="sequences"),
    config("CategoricalFocalCrossentropy", alpha=[0.1, 0.9]),
    *[
        got(identifier)
        for identifier in (
            *CLASSES, "Circle", "CTC", "mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error",
            "mean_squared_logarithmic_error", "cosine_similarity", "huber", "log_cosh", "hinge", "squared_hinge",
            "categorical_hinge", "kl_divergence", "poisson", "binary_crossentropy", "binary_focal_crossentropy",
            "categorical_crossentropy", "categorical_focal_crossentropy", "sparse_categorical_crossentropy", "dice", "tversky",
            "circle", "ctc", "bce", "BCE", "kld", "KLD", "mae", "MAE", "mse", "MSE", "mape", "MAPE", "msle", "MSLE", None,
            "no_such", "", 3, "Mse", {"class_name": "no_such", "config": {}},
            {"class_name": "Huber", "config": {"name": "h", "reduction": "sum"}},
            {"class_name": "BinaryCrossentropy", "config": {"from_logits": True}},
            {"module": "keras.losses", "class_name": "Poisson", "config": {"name": "p"}, "registered_name": None},
        )
        if identifier != "CategoricalGeneralizedCrossEntropy"
    ],
    *[
        serialized(name)
        for name in (
            "mse", "mae", "mape", "msle", "cosine_similarity", "huber", "logcosh", "kld", "poisson", "hinge", "squared_hinge",
            "categorical_hinge", "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy",
            "categorical_focal_crossentropy", "sparse_categorical_crossentropy", "dice", "tversky", "circle", "ctc",
        )
    ],
    error("MeanSquaredError", reduction="average"),
    error("MeanSquaredError", reduction=3),
    error("CategoricalGeneralizedCrossEntropy", q=1.0),
    error("CategoricalGeneralizedCrossEntropy", 0),
    error("SparseCategoricalCrossentropy", axis=0, true=LABELS, pred=SHARES),
    error("CategoricalCrossentropy", true=LABELS, pred=SHARES),
    error("BinaryCrossentropy", true=LABELS, pred=SHARES),
    error("MeanSquaredError", true=normal(3, 4), pred=normal(2, 4)),
    error("Loss", true=LABELS, pred=SHARES),
    error("Huber", 1.0, "sum", "name", None, "excess"),
    error("MeanSquaredError", delta=1.0),
    case(on_lists, rtol=1e-6),
    case(custom_class),
    case(custom_class_of_structures),
    case(subclass_of_a_loss, rtol=1e-6),
    case(scalars_per_batch),
    case(masks_of_results),
    case(reduction_names),
    case(epsilon_counts, rtol=1e-5),
]  # fmt: skip
