"""Keras metrics: states and results over several batches, weights, masks, configurations, names, errors."""

from copy import deepcopy

import numpy as np

from tests.golden.case import case, integers, normal, uniform

ONE_HOT = np.eye(4, dtype=np.float32)[[1, 0, 3, 1, 2]]
BITS = np.array([[0, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 1], [1, 0, 1, 1], [0, 1, 0, 0]], np.float32)
SHARES = uniform(5, 4, low=0.01, high=0.99)
SHARES = (SHARES / SHARES.sum(-1, keepdims=True)).astype(np.float32)
SCORES = normal(5, 4)
LABELS = np.array([1, 0, 3, 2, 2], np.int32)
ROWS = np.array([1.0, 0.5, 0.0, 2.0, 1.5], np.float32)
VECTOR_BITS = np.array([0, 1, 1, 0, 1, 1, 0, 0, 1, 0], np.float32)
VECTOR = np.array([0.1, 0.9, 0.35, 0.4, 0.8, 0.5, 0.0, 1.0, 0.65, 0.2], np.float32)
NAN = np.array([np.nan, 0.5, 1.5, -0.5, 0.25, 0.5, 0.75, 1.0, 0.0, np.inf], np.float32)
OF_LOSSES = (
    "MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError",
    "CosineSimilarity", "LogCoshError", "Hinge", "SquaredHinge", "CategoricalHinge", "KLDivergence", "Poisson",
    "BinaryCrossentropy", "CategoricalCrossentropy", "RootMeanSquaredError", "PearsonCorrelation",
    "ConcordanceCorrelation",
)  # fmt: skip
COUNTS = ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")
AT = {
    "SensitivityAtSpecificity": 0.4,
    "SpecificityAtSensitivity": 0.4,
    "PrecisionAtRecall": 0.4,
    "RecallAtPrecision": 0.4,
}


def metric(name, batches, /, *args, rtol=2e-5, text="", **options):
    """A metric's results and variables before, between and after batches, and after it was reset and called."""

    def run(tf):
        tf.keras.backend.clear_session()
        made = getattr(tf.keras.metrics, name)(*args, **options)
        seen = [made.name, made.dtype]
        for batch in batches:
            tensors, mask = [], batch[3] if len(batch) > 3 else None
            for part in batch[:3]:
                tensors.append(tf.constant(part) if isinstance(part, np.ndarray) else part)
            if mask is not None:
                tensors[1] = tf.identity(tensors[1])
                tensors[1]._keras_mask = tf.constant(mask)
            made.update_state(*tensors)
            seen += [tf.convert_to_tensor(made.result()), [tf.constant(v.numpy()) for v in made.variables]]
        seen += [
            [v.path.split("/")[-1] for v in made.variables],
            [v.dtype.name if hasattr(v.dtype, "name") else v.dtype for v in made.variables],
        ]
        made.reset_state()
        seen += [[tf.constant(v.numpy()) for v in made.variables]]
        if batches:
            seen.append(tf.convert_to_tensor(made(*tensors)))
        else:
            seen.append(tf.convert_to_tensor(made.result()))
        return seen

    shapes = " ".join(str([getattr(part, "shape", part) for part in batch]) for batch in batches)
    return case(run, name=f"{name} {args} {options} {text} {shapes}", rtol=rtol, atol=2e-6)


def halves(*parts):
    """One batch as two of different sizes."""
    return [tuple(p if p is None else p[:2] for p in parts), tuple(p if p is None else p[2:] for p in parts)]


def truth(name):
    return {"Hinge": BITS, "SquaredHinge": BITS, "CategoricalHinge": ONE_HOT, "CategoricalCrossentropy": ONE_HOT,
            "BinaryCrossentropy": BITS, "KLDivergence": SHARES[::-1], "Poisson": BITS}.get(name, normal(5, 4, seed=1))  # fmt: skip


def guess(name):
    shares = ("CategoricalCrossentropy", "BinaryCrossentropy", "KLDivergence", "Poisson")
    return SHARES if name in shares else SCORES


def function(name, y_true, y_pred, text="", **kwargs):
    arguments = "".join(f", {k}={v!r}" for k, v in kwargs.items())
    code = f"tf.keras.metrics.{name}(y_true, y_pred{arguments})"
    shapes = f"{y_true.shape} {y_pred.shape} {y_true.dtype} {y_pred.dtype}"
    return case(code, name=f"{name} {text} {arguments} {shapes}", y_true=y_true, y_pred=y_pred, grad=False)


def config(name, /, *args, **options):
    def run(tf):
        tf.keras.backend.clear_session()
        metrics = tf.keras.metrics
        made = getattr(metrics, name)(*args, **options)
        serialized = metrics.serialize(made)
        again = metrics.deserialize(deepcopy(serialized))
        of_class = type(made).from_config(made.get_config())
        config = made.get_config()
        if name == "CosineSimilarity":  # Keras forgets it
            config.pop("axis", None)
            serialized["config"].pop("axis", None)
        if name == "SparseTopKCategoricalAccuracy" and not config.get("from_sorted_ids"):
            config.pop("from_sorted_ids", None)
            serialized["config"].pop("from_sorted_ids", None)
        attributes = [getattr(made, k) for k in options if k in config and name != "AUC"]  # its are enums
        return (
            config,
            serialized,
            type(again).__name__,
            again.get_config() == of_class.get_config(),
            attributes,
            repr(made),
        )

    return case(run, name=f"config {name} {args} {options}")


def got(identifier):
    def run(tf):
        tf.keras.backend.clear_session()
        found = tf.keras.metrics.get(identifier)
        return None if found is None else (type(found).__name__, found.name, getattr(found, "_direction", None))

    return case(run, name=f"get {identifier!r}")


def direction(name, /, *args):
    return case(
        lambda tf: getattr(getattr(tf.keras.metrics, name)(*args), "_direction", None), name=f"direction {name}"
    )


def error(name, /, *args, update=None, **kwargs):
    def run(tf):
        made = getattr(tf.keras.metrics, name)(*args, **kwargs)
        if update is not None:
            made.update_state(*[tf.constant(part) for part in update])
        return made.name

    shapes = "" if update is None else str([part.shape for part in update])
    return case(run, name=f"error {name} {args} {kwargs} {shapes}")


def named(tf):
    tf.keras.backend.clear_session()
    metrics = tf.keras.metrics
    return [
        (m.name, m.dtype, [v.path for v in m.variables], [v.name for v in m.variables])
        for m in (
            metrics.Mean(), metrics.Mean(), metrics.Mean(name="a/b"), metrics.Precision(), metrics.Precision(), metrics.AUC(),
            metrics.TruePositives(), metrics.MeanIoU(2), metrics.R2Score(), metrics.Accuracy(dtype="float16"),
            metrics.Precision(dtype="float64"), metrics.Sum(dtype=tf.keras.DTypePolicy("mixed_float16")),
        )
    ]  # fmt: skip


def custom(tf):
    class Largest(tf.keras.metrics.Metric):
        def __init__(self, name="largest", **kwargs):
            super().__init__(name=name, **kwargs)
            self.largest = self.add_weight(name="largest", initializer="zeros")
            self.counts = self.add_variable(shape=(2,), initializer="ones", dtype="int32", name="counts")
            self.inner = tf.keras.metrics.Mean(name="inner")
            self.more = [tf.keras.metrics.Sum(name="a"), tf.keras.metrics.Sum(name="b")]
            self.by_name = {"c": tf.keras.metrics.Mean(name="c")}

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.largest.assign(tf.maximum(self.largest, tf.reduce_max(y_pred)))
            self.counts.assign_add([1, 2])
            self.inner.update_state(y_pred, sample_weight)
            self.more[1].update_state(y_true)

        def result(self):
            return {"largest": self.largest, "inner": self.inner.result()}

    tf.keras.backend.clear_session()
    made = Largest(dtype="float32")
    first = {k: float(v) for k, v in made(tf.constant([1.0]), tf.constant([3.0, 5.0])).items()}
    made.update_state(tf.constant([2.0]), tf.constant([4.0]), sample_weight=[3.0])
    values = [tf.constant(v.numpy()) for v in made.variables]
    paths = [v.path for v in made.variables]
    made.reset_state()
    after = [tf.constant(v.numpy()) for v in made.variables]
    again = Largest.from_config(made.get_config())
    return first, values, paths, after, made.get_config(), again.name, repr(made), str(made)


def without_super(tf):
    class Bad(tf.keras.metrics.Metric):
        def __init__(self):
            self.x = 1

        def update_state(self, x):
            pass

        def result(self):
            return 0

    return Bad()(1)


def without_super_variable(tf):
    class Bad(tf.keras.metrics.Metric):
        def __init__(self):
            self.x = self.add_variable((), "zeros")

    return Bad()


def abstract(tf):
    made = tf.keras.metrics.Metric()
    errors = []
    for call in (lambda: made.update_state(1), made.result, lambda: made(1)):
        try:
            call()
        except NotImplementedError as error:
            errors.append(type(error).__name__)
    return errors, made.variables, made.name.startswith("metric")


def stateless(tf):
    made = tf.keras.metrics.Mean()
    made.update_state([1.0, 2.0])
    start = made.stateless_reset_state()
    state = made.stateless_update_state(start, tf.constant([4.0, 6.0]))
    state = made.stateless_update_state(state, tf.constant([8.0]), sample_weight=[2.0])
    return (
        [tf.convert_to_tensor(v) for v in start], [tf.convert_to_tensor(v) for v in state], made.stateless_result(state),
        made.result(), [tf.constant(v.numpy()) for v in made.variables],
    )  # fmt: skip


def stateless_of_counts(tf):
    made = tf.keras.metrics.Precision(thresholds=[0.3, 0.7])
    state = made.stateless_update_state(made.stateless_reset_state(), tf.constant(VECTOR_BITS), tf.constant(VECTOR))
    return made.stateless_result(state), [tf.convert_to_tensor(v) for v in state], made.result()


def stateless_lengths(tf):
    return tf.keras.metrics.Mean().stateless_update_state([tf.constant(0.0)], [1.0])


def wrapped(tf):
    metrics = tf.keras.metrics
    made = metrics.MeanMetricWrapper(
        lambda y_true, y_pred, power: tf.abs(y_true - y_pred) ** power, name="d", power=2.0
    )
    made.update_state(tf.constant([0.0, 0.0]), tf.constant([1.0, 3.0]))
    first = made.result()
    made.update_state(tf.constant([0.0]), tf.constant([1.0]), sample_weight=[4.0])
    of_loss = metrics.MeanMetricWrapper(tf.keras.losses.mse, name="m")
    config = of_loss.get_config()
    again = metrics.MeanMetricWrapper.from_config(deepcopy(config))
    again.update_state(tf.constant([[0.0, 2.0]]), tf.constant([[1.0, 3.0]]))
    of_object = metrics.MeanMetricWrapper(tf.keras.losses.MeanSquaredError(reduction="none"), name="o")
    of_object.update_state(tf.constant([[0.0, 2.0]]), tf.constant([[1.0, 3.0]]))
    return (
        first, made.result(), config, again.result(), of_object.result(),
        *(getattr(m, "_direction", None) for m in (made, of_loss, of_object)),
    )  # fmt: skip


def mean_values(tf):
    mean = tf.keras.metrics.Mean()
    results = [mean.result()]
    for values, weight in (
        (1.0, None), (3, None), ([1.0, 2.0], None), ([[1.0, 2.0], [3.0, 4.0]], None), (2.0, 3), (2.0, 0.5), ([1, 2], [0, 1]),
        ([True, False], None), (np.array([1.5, 2.5]), np.array([1.0, 3.0])), ([1.0, 2.0, 3.0], 0.0), (float("nan"), 0.0),
    ):  # fmt: skip
        mean.update_state(values, sample_weight=weight)
        results.append(mean.result())
    return results, float(mean.total), float(mean.count)


def own_masks(tf):
    """Masks of what is averaged count only where there are weights."""
    results = []
    for name in ("Mean", "Sum"):
        for weight in (None, [1.0, 2.0, 3.0]):
            made = getattr(tf.keras.metrics, name)()
            values = tf.identity([1.0, 2.0, 4.0])
            values._keras_mask = tf.constant([True, False, True])
            made.update_state(values, sample_weight=weight)
            results.append(made.result())
    for weight in (None, ROWS):
        made = tf.keras.metrics.SparseCategoricalCrossentropy(ignore_class=0)
        made.update_state(tf.constant(LABELS), tf.constant(SHARES), sample_weight=weight)
        results.append(made.result())
    return results


def in_a_function_of_float64(tf):
    before = tf.keras.backend.floatx()
    tf.keras.backend.set_floatx("float64")
    try:
        made = tf.keras.metrics.MeanSquaredError()
        precision = tf.keras.metrics.Precision()
        made.update_state(tf.constant([[1.0]]), tf.constant([[3.0]]))
        precision.update_state([1, 0], [0.9, 0.2])
        return made.result(), precision.result(), made.dtype, tf.keras.metrics.binary_accuracy([1.0], [0.6])
    finally:
        tf.keras.backend.set_floatx(before)


def lists(tf):
    metrics = tf.keras.metrics
    return (
        metrics.Accuracy()([1, 2, 3], [1, 2, 4]), metrics.Accuracy()([[1], [2]], [[1], [0]], sample_weight=[1, 3]),
        metrics.BinaryAccuracy()([[1], [0]], [[0.7], [0.6]]), metrics.SparseCategoricalAccuracy()([1, 0], [[0.1, 0.9], [0.2, 0.8]]),
        metrics.CategoricalAccuracy()([[0, 1]], [[0.1, 0.9]]), metrics.MeanSquaredError()([[0, 1]], [[1, 1]]),
        metrics.AUC(num_thresholds=3)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]), metrics.Precision()([0, 1, 1], [1, 0, 1]),
        metrics.MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1]), metrics.F1Score(threshold=0.5)([[1, 1]], [[0.2, 0.6]]),
        metrics.R2Score()([[1], [4], [3]], [[2], [4], [4]]), metrics.RootMeanSquaredError()([0, 1], [1, 1]),
    )  # fmt: skip


DEEP = (integers(2, 3, low=0, high=4), uniform(2, 3, 4))
MASK = np.array([True, False, True, True, False])

CASES = [
    case(named),
    *[metric(name, [], text="before") for name in ("Mean", "Sum", "Precision", "AUC", "MeanSquaredError", "Accuracy")],
    *[metric(name, halves(truth(name), guess(name))) for name in OF_LOSSES],
    *[metric(name, halves(truth(name), guess(name), ROWS)) for name in OF_LOSSES],
    *[metric(name, [(truth(name), guess(name), ROWS[:, None])]) for name in OF_LOSSES],
    *[metric(name, [(truth(name), guess(name), None, MASK)]) for name in OF_LOSSES],
    *[metric(name, [(truth(name), guess(name), ROWS, MASK)]) for name in OF_LOSSES],
    *[metric(name, [(truth(name), guess(name), 0.5)]) for name in OF_LOSSES],
    *[metric(name, [(normal(2, 3, 4), uniform(2, 3, 4, low=0.1))]) for name in OF_LOSSES],
    *[metric(name, [(normal(2, 3, 4), uniform(2, 3, 4, low=0.1), uniform(2, 3))]) for name in OF_LOSSES],
    *[metric(name, [(normal(2, 3, 4), uniform(2, 3, 4, low=0.1), uniform(2))]) for name in OF_LOSSES],
    *[metric(name, [(truth(name), guess(name))], dtype="float64") for name in OF_LOSSES],
    *[metric(name, [(truth(name), guess(name))], dtype="float16", rtol=4e-3) for name in OF_LOSSES],
    *[metric(name, [(truth(name)[:, 0], guess(name)[:, :1])], text="ranks") for name in OF_LOSSES[:8]],
    *[metric(name, [(truth(name)[:, :1], guess(name)[:, 0])], text="ranks") for name in OF_LOSSES[:8]],
    metric("BinaryCrossentropy", halves(BITS, SCORES), from_logits=True, label_smoothing=0.1),
    metric("CategoricalCrossentropy", halves(ONE_HOT, SCORES), from_logits=True, label_smoothing=0.1),
    metric("CategoricalCrossentropy", [(ONE_HOT, SHARES)], axis=0),
    metric("SparseCategoricalCrossentropy", halves(LABELS, SHARES)),
    metric("SparseCategoricalCrossentropy", halves(LABELS, SCORES, ROWS), from_logits=True),
    metric("SparseCategoricalCrossentropy", [(LABELS, SHARES)], ignore_class=0),
    metric("SparseCategoricalCrossentropy", [(LABELS, SHARES, ROWS)], ignore_class=0),
    metric("SparseCategoricalCrossentropy", [DEEP]),
    metric("CosineSimilarity", [(SCORES, SHARES)], axis=0),
    metric("PearsonCorrelation", [(SCORES, SHARES)], axis=0),
    metric("ConcordanceCorrelation", [(SCORES, SHARES)], axis=0),
    # accuracies
    metric("Accuracy", halves(LABELS, np.array([1, 2, 3, 2, 1], np.int32))),
    metric("Accuracy", halves(LABELS, np.array([1, 2, 3, 2, 1], np.int32), ROWS)),
    metric("Accuracy", [(LABELS, np.array([[1], [2], [3], [2], [1]], np.float32))]),
    metric("BinaryAccuracy", halves(BITS, uniform(5, 4))),
    metric("BinaryAccuracy", halves(BITS, uniform(5, 4), ROWS), threshold=0.3),
    metric("BinaryAccuracy", [(BITS[:, 0], uniform(5, 1))]),
    metric("BinaryAccuracy", [(BITS[:, :1], uniform(5, 1), ROWS)]),
    metric("BinaryAccuracy", [(BITS[:, :1], uniform(5, 1), ROWS[:, None])]),
    metric("BinaryAccuracy", [(BITS, uniform(5, 4), None, MASK)]),
    metric("CategoricalAccuracy", halves(ONE_HOT, SHARES)),
    metric("CategoricalAccuracy", halves(ONE_HOT, SHARES, ROWS)),
    metric("CategoricalAccuracy", [(ONE_HOT, SHARES, ROWS, MASK)]),
    metric("SparseCategoricalAccuracy", halves(LABELS, SHARES)),
    metric("SparseCategoricalAccuracy", halves(LABELS, SHARES, ROWS)),
    metric("SparseCategoricalAccuracy", [(LABELS[:, None], SHARES, ROWS)]),
    metric("SparseCategoricalAccuracy", [(LABELS.astype(np.float32), SHARES)]),
    metric("SparseCategoricalAccuracy", [DEEP]),
    metric("SparseCategoricalAccuracy", [(*DEEP, uniform(2, 3))]),
    metric("SparseCategoricalAccuracy", [(*DEEP, uniform(2))]),
    metric("SparseCategoricalAccuracy", [(*DEEP, None, np.array([[True, False, True], [True, True, False]]))]),
    metric("TopKCategoricalAccuracy", halves(ONE_HOT, SHARES), k=2),
    metric("TopKCategoricalAccuracy", halves(ONE_HOT, SHARES, ROWS), k=1),
    metric("TopKCategoricalAccuracy", [(np.eye(4, dtype=np.float32)[DEEP[0]], DEEP[1])], 2),
    metric("SparseTopKCategoricalAccuracy", halves(LABELS, SHARES), k=2),
    metric("SparseTopKCategoricalAccuracy", [(LABELS[:, None], SHARES, ROWS)], k=2),
    metric("SparseTopKCategoricalAccuracy", [DEEP], 3),
    metric("SparseTopKCategoricalAccuracy", [(LABELS, np.array([[1, 2, 0, 3]] * 5, np.int32))], k=2, from_sorted_ids=True),
    *[
        function(name, true, pred)
        for name, true, pred in (
            ("binary_accuracy", BITS, uniform(5, 4)), ("binary_accuracy", BITS[:, 0], uniform(5, 1)),
            ("binary_accuracy", BITS, uniform(5, 4).astype(np.float64)), ("binary_accuracy", BITS.astype(np.int32), uniform(5, 4)),
            ("categorical_accuracy", ONE_HOT, SHARES), ("categorical_accuracy", ONE_HOT.astype(np.int32), SHARES.astype(np.float64)),
            ("sparse_categorical_accuracy", LABELS, SHARES), ("sparse_categorical_accuracy", LABELS[:, None], SHARES),
            ("sparse_categorical_accuracy", *DEEP), ("sparse_categorical_accuracy", DEEP[0][..., None], DEEP[1]),
            ("sparse_categorical_accuracy", DEEP[0][:, :1], DEEP[1][:, :1]),
            ("sparse_categorical_accuracy", LABELS[:0], SHARES[:0]), ("sparse_categorical_accuracy", LABELS, SHARES.astype(np.float16)),
            ("top_k_categorical_accuracy", ONE_HOT, SHARES), ("sparse_top_k_categorical_accuracy", *DEEP),
        )
    ],
    function("binary_accuracy", BITS, uniform(5, 4), threshold=0.3),
    function("top_k_categorical_accuracy", ONE_HOT, SHARES, k=2),
    function("top_k_categorical_accuracy", np.eye(4, dtype=np.float32)[DEEP[0]], DEEP[1], k=2),
    function("sparse_top_k_categorical_accuracy", LABELS, SHARES, k=2),
    function("sparse_top_k_categorical_accuracy", LABELS[:, None], SHARES, k=2),
    function("sparse_top_k_categorical_accuracy", LABELS, np.where(SHARES < 0.2, np.nan, SHARES).astype(np.float32), "nan", k=2),
    function("sparse_top_k_categorical_accuracy", LABELS, np.round(SHARES, 1), "ties", k=2),
    function("sparse_top_k_categorical_accuracy", LABELS + 2, SHARES, "out of range", k=2),
    function("sparse_top_k_categorical_accuracy", LABELS, np.array([[1, 2, 0, 3]] * 5, np.int32), k=2, from_sorted_ids=True),
    function("pearson_correlation", SCORES, SHARES),
    function("pearson_correlation", SCORES, SHARES, axis=0),
    function("concordance_correlation", SCORES, SHARES),
    function("concordance_correlation", SCORES, SHARES, axis=0),
    *[function(name, SCORES, SHARES) for name in ("mse", "MAE", "mape", "MSLE", "logcosh", "kld", "huber", "kullback_leibler_divergence")],
    # counts at thresholds
    *[metric(name, halves(VECTOR_BITS, VECTOR)) for name in (*COUNTS, "Precision", "Recall")],
    *[metric(name, [(BITS, uniform(5, 4), ROWS)]) for name in (*COUNTS, "Precision", "Recall")],
    *[metric(name, [(VECTOR_BITS, NAN)], text="nan") for name in (*COUNTS, "Precision", "Recall")],
    *[metric(name, [(VECTOR_BITS, NAN)], [0.2, 0.4, 0.8], text="nan") for name in (*COUNTS, "Precision", "Recall")],
    *[metric(name, [(VECTOR_BITS[:0], VECTOR[:0])], text="empty") for name in (*COUNTS, "Precision", "AUC")],
    *[metric(name, halves(VECTOR_BITS, VECTOR), thresholds=[0.8, 0.2, 0.4]) for name in (*COUNTS, "Precision", "Recall")],
    *[metric(name, halves(VECTOR_BITS, VECTOR), thresholds=[0.0, 0.5, 1.0]) for name in (*COUNTS, "Precision", "Recall")],
    *[metric(name, halves(VECTOR_BITS, VECTOR), thresholds=0.35, dtype="float64") for name in (*COUNTS, "Precision", "Recall")],
    *[metric(name, [(VECTOR_BITS[:5, None], VECTOR[:5], ROWS)]) for name in COUNTS[:2]],
    *[metric(name, [(BITS, SHARES)], **options) for name in ("Precision", "Recall") for options in (
        {"top_k": 2}, {"top_k": 1, "thresholds": 0.3}, {"class_id": 1}, {"class_id": 2, "top_k": 2}, {"class_id": 0, "thresholds": [0.1, 0.3]},
    )],
    metric("Precision", [(BITS, SHARES, ROWS)], top_k=2),
    metric("Recall", [(BITS, uniform(5, 4), uniform(5, 4, seed=3))], class_id=3),
    *[metric(name, halves(VECTOR_BITS, VECTOR), value) for name, value in AT.items()],
    *[metric(name, [(VECTOR_BITS, VECTOR, uniform(10))], value, num_thresholds=5) for name, value in AT.items()],
    *[metric(name, [(VECTOR_BITS, VECTOR)], value, num_thresholds=1) for name, value in AT.items()],
    *[metric(name, [(VECTOR_BITS, VECTOR)], 1.0, num_thresholds=2) for name in AT],
    *[metric(name, [(BITS, uniform(5, 4))], 0.5, class_id=2) for name in AT],
    *[
        metric("AUC", halves(VECTOR_BITS, VECTOR), curve=curve, summation_method=method, **options)
        for curve in ("ROC", "PR", "PRGAIN", "pr")
        for method in ("interpolation", "minoring", "majoring")
        for options in ({}, {"num_thresholds": 5}, {"thresholds": [0.3, 0.1, 0.7]})
    ],
    metric("AUC", [(VECTOR_BITS, VECTOR, uniform(10))]),
    metric("AUC", [(VECTOR_BITS, NAN)], text="nan"),
    metric("AUC", [(VECTOR_BITS, VECTOR * 8 - 4)], from_logits=True),
    metric("AUC", halves(BITS, uniform(5, 4)), num_thresholds=7),
    metric("AUC", halves(BITS, uniform(5, 4)), multi_label=True, num_thresholds=7),
    metric("AUC", halves(BITS, uniform(5, 4), ROWS), multi_label=True, num_labels=4, num_thresholds=7),
    metric("AUC", [(BITS, uniform(5, 4))], multi_label=True, curve="PR", label_weights=[0.1, 0.2, 0.3, 0.4]),
    metric("AUC", [(BITS, uniform(5, 4))], multi_label=True, thresholds=[0.2, 0.6]),
    metric("AUC", [(BITS, uniform(5, 4))], label_weights=[0.1, 0.2, 0.3, 0.4], num_thresholds=9),
    metric("AUC", [(VECTOR_BITS * 0, VECTOR)], text="no positives"),
    metric("AUC", [(VECTOR_BITS * 0 + 1, VECTOR)], text="no negatives", curve="PR"),
    # scores and overlaps
    *[
        metric("FBetaScore", halves(BITS, uniform(5, 4), ROWS), average=average, beta=2.0, threshold=threshold)
        for average in (None, "micro", "macro", "weighted")
        for threshold in (None, 0.5)
    ],
    *[metric("F1Score", halves(ONE_HOT, SHARES), average=average) for average in (None, "micro", "macro", "weighted")],
    metric("FBetaScore", [(BITS, uniform(5, 4))], dtype="float64"),
    metric("IoU", halves(LABELS, np.array([1, 2, 3, 2, 1], np.int32)), num_classes=4, target_class_ids=[0, 2]),
    metric("IoU", [(LABELS, np.array([1, 2, 3, 2, 1], np.int32))], 4, [1], dtype="float32"),
    metric("IoU", [(LABELS, np.array([1, 2, 3, 2, 1], np.int32), ROWS)], 4, [1, 3], dtype="float32"),
    metric("IoU", [(LABELS, np.array([1, 2, 3, 2, 1], np.int32), np.array([1, 2, 3, 4, 5]))], 4, [1, 2]),
    metric("IoU", [(LABELS, np.array([1, 2, 3, 2, 1], np.int32))], 4, [0, 1, 2, 3], ignore_class=0),
    metric("IoU", [(LABELS + 1, np.array([1, 2, 7, 2, -1], np.int32))], 4, [0, 1, 2, 3], text="out of range"),
    metric("IoU", [(LABELS, SHARES)], 4, [0, 1], sparse_y_pred=False),
    metric("IoU", [(ONE_HOT.T, SHARES.T)], 4, [0, 1], sparse_y_true=False, sparse_y_pred=False, axis=0),
    metric("MeanIoU", halves(LABELS, np.array([1, 2, 3, 2, 1], np.int32)), num_classes=5),
    metric("MeanIoU", [(integers(2, 3, 4, low=0, high=3), integers(2, 3, 4, low=0, high=3, seed=1))], 3),
    metric("MeanIoU", [(integers(2, 3, low=0, high=3), integers(2, 3, low=0, high=3, seed=1), integers(2, 3, low=0, high=4, seed=2))], 3),
    metric("BinaryIoU", halves(VECTOR_BITS, VECTOR), target_class_ids=[0, 1], threshold=0.3),
    metric("BinaryIoU", halves(VECTOR_BITS, VECTOR), target_class_ids=[1]),
    metric("BinaryIoU", [(VECTOR_BITS, VECTOR, uniform(10))], dtype="float32"),
    metric("OneHotIoU", halves(ONE_HOT, SHARES), num_classes=4, target_class_ids=[0, 2]),
    metric("OneHotIoU", [(ONE_HOT, LABELS)], num_classes=4, target_class_ids=[0, 2], sparse_y_pred=True),
    metric("OneHotMeanIoU", halves(ONE_HOT, SHARES), num_classes=4),
    *[
        metric("R2Score", halves(SCORES, normal(5, 4, seed=2), weights), class_aggregation=aggregation, **options)
        for aggregation in ("uniform_average", None, "variance_weighted_average")
        for weights in (None, ROWS)
        for options in ({}, {"num_regressors": 2})
    ],
    metric("R2Score", [(SCORES, SHARES)], num_regressors=3, dtype="float64"),
    metric("R2Score", [(SCORES * 0 + 1, SCORES * 0 + 1)], text="constant"),
    metric("R2Score", [(SCORES * 0 + 1, SCORES)], text="constant targets", class_aggregation=None),
    metric("R2Score", [(SCORES[:, 0], SCORES[:, :1])], text="ranks"),
    metric("Mean", [(SCORES,), (SCORES[0], ROWS[:4])]),
    metric("Mean", [(uniform(2, 3, 4), uniform(2, 3)), (uniform(2, 3, 4), uniform(2)), (uniform(2, 3, 4),), (uniform(2, 3, 4), uniform(2, 3, 4))]),
    metric("Mean", [(SCORES[:0],)], text="empty"),
    metric("Sum", [(SCORES,), (SCORES[0], ROWS[:4])]),
    metric("Sum", [(uniform(2, 3, 4), uniform(2, 3)), (uniform(2, 3, 4), uniform(2)), (uniform(2, 3, 4),), (uniform(2, 3, 4), uniform(2, 3, 4))]),
    metric("Sum", [(SCORES, 0.5), (SCORES, np.array([[0.5], [1.0], [0.0], [1.0], [2.0]], np.float32))]),
    metric("Mean", [(SCORES[:, 0], np.array([[0.5], [1.0], [0.0], [1.0], [2.0]], np.float32))]),
    metric("Mean", [(SCORES, SCORES[:3, :3])], text="shapes"),
    # objects
    case(custom, rtol=1e-6),
    case(without_super),
    case(without_super_variable),
    case(abstract),
    case(stateless),
    case(stateless_of_counts),
    case(stateless_lengths),
    case(wrapped),
    case(mean_values),
    case(own_masks, rtol=1e-5),
    case(in_a_function_of_float64),
    case(lists, rtol=1e-5),
    *[config(name) for name in (
        "Mean", "Sum", *OF_LOSSES, "SparseCategoricalCrossentropy", "Accuracy", "BinaryAccuracy", "CategoricalAccuracy",
        "SparseCategoricalAccuracy", "TopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy", *COUNTS, "Precision", "Recall",
        "AUC", "FBetaScore", "F1Score", "R2Score", "BinaryIoU",
    )],
    *[config(name, value) for name, value in AT.items()],
    config("Mean", name="m", dtype="float16"),
    config("BinaryAccuracy", threshold=0.3),
    config("BinaryCrossentropy", from_logits=True, label_smoothing=0.1),
    config("CategoricalCrossentropy", from_logits=True, axis=1),
    config("SparseCategoricalCrossentropy", from_logits=True, ignore_class=0),
    config("PearsonCorrelation", axis=0),
    config("TopKCategoricalAccuracy", k=3),
    config("SparseTopKCategoricalAccuracy", k=3, from_sorted_ids=True),
    config("TruePositives", thresholds=[0.3, 0.5]),
    config("Precision", thresholds=0.3, top_k=2, class_id=1),
    config("SensitivityAtSpecificity", 0.5, num_thresholds=10, class_id=1),
    config("AUC", num_thresholds=5, curve="PR", summation_method="minoring", from_logits=True),
    config("AUC", thresholds=[0.5, 0.2]),
    config("AUC", multi_label=True, num_labels=2),
    config("FBetaScore", average="micro", beta=2.0, threshold=0.5),
    config("F1Score", average="macro"),
    config("IoU", num_classes=3, target_class_ids=[0, 2], ignore_class=1, axis=-1),
    config("MeanIoU", num_classes=3, sparse_y_pred=False),
    config("OneHotIoU", num_classes=3, target_class_ids=(0, 2)),
    config("OneHotMeanIoU", num_classes=3),
    config("R2Score", class_aggregation=None, num_regressors=2),
    *[
        got(identifier)
        for identifier in (
            *OF_LOSSES, "SparseCategoricalCrossentropy", "Mean", "Sum", "Accuracy", "BinaryAccuracy", "AUC", "Precision", "Recall",
            "F1Score", "R2Score", "BinaryIoU", *COUNTS, "mean", "sum", "accuracy", "auc", "precision", "recall", "binary_accuracy",
            "categorical_accuracy", "sparse_categorical_accuracy", "top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy",
            "true_positives", "mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error",
            "mean_squared_logarithmic_error", "root_mean_squared_error", "cosine_similarity", "log_cosh_error", "hinge",
            "squared_hinge", "categorical_hinge", "kl_divergence", "poisson", "binary_crossentropy", "categorical_crossentropy",
            "sparse_categorical_crossentropy", "f1_score", "r2_score", "binary_io_u", "f_beta_score", "pearson_correlation",
            "concordance_correlation", "bce", "BCE", "mse", "MSE", "mae", "MAE", "mape", "MAPE", "msle", "MSLE", None, "no_such", "", 3,
            {"class_name": "no_such", "config": {}}, {"class_name": "BinaryAccuracy", "config": {"threshold": 0.3}},
            {"module": "keras.metrics", "class_name": "Recall", "config": {"name": "p"}, "registered_name": None},
        )
    ],
    *[direction(name) for name in ("Mean", "Sum", "TruePositives", "FalseNegatives", "R2Score", "FBetaScore")],
    direction("MeanIoU", 2),
    direction("PrecisionAtRecall", 0.5),
    error("BinaryAccuracy", threshold=2.0),  # none: it may be one of logits
    error("Precision", thresholds=[0.5, 1.5]),
    error("Precision", class_id=1, update=(VECTOR_BITS, VECTOR)),
    error("AUC", num_thresholds=1),
    error("AUC", curve="XY"),
    error("AUC", summation_method="XY"),
    error("AUC", multi_label=True, update=(VECTOR_BITS, VECTOR)),
    error("AUC", num_labels=2),
    error("SensitivityAtSpecificity", 2.0),
    error("SensitivityAtSpecificity", 0.5, num_thresholds=0),
    error("PrecisionAtRecall", -1.0),
    error("FBetaScore", average="average"),
    error("FBetaScore", beta=1),
    error("FBetaScore", beta=-1.0),
    error("FBetaScore", threshold=1),
    error("FBetaScore", threshold=1.5),
    error("FBetaScore", update=(VECTOR_BITS, VECTOR)),
    error("IoU", num_classes=2, target_class_ids=[2]),
    error("R2Score", class_aggregation="mean"),
    error("R2Score", num_regressors=-1),
    error("R2Score", update=(VECTOR_BITS, VECTOR)),
    error("MeanSquaredError", update=(SCORES, SCORES[:3])),
    error("CategoricalCrossentropy", update=(LABELS, SHARES)),
    error("Mean", axis=1),
    error("Metric", "float32", "name", 1),
    error("MeanIoU"),
]  # fmt: skip
