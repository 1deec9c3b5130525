"""One compiled model for every layer, loss, metric and optimizer of Keras with its options: what folders must keep.

`CASES` maps names to functions that give `(model, x, y)`, of the classes of `keras`. `python -m tests.keras.saving.compiled_models GROUP
FOLDER` loads what `write` has saved, and goes on.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 6


def _numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((ROWS, *shape)).astype(np.float32)


def _integers(*shape: int, high: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, high, (ROWS, *shape)).astype(np.int32)


# Layers: arguments by class, or a function of `keras.layers`, and the shapes of the inputs without the batch.

SIZES = {1: (8, 3), 2: (6, 6, 3), 3: (4, 4, 4, 2)}
STEPS, VECTOR = (5, 3), (4,)


def _spatial(name: str, *args: Any, ranks: tuple[int, ...] = (1, 2, 3), **kwargs: Any) -> dict[str, Any]:
    return {f"{name.format(rank)}": ((args, kwargs), SIZES[rank]) for rank in ranks}


LAYERS: dict[str, Any] = {
    "Activation": ((("gelu",), {}), VECTOR),
    "ActivityRegularization": (((0.1, 0.2), {}), VECTOR),
    **_spatial("AdaptiveAveragePooling{}D", 2),
    **_spatial("AdaptiveMaxPooling{}D", 2),
    **_spatial("AveragePooling{}D", 2),
    **_spatial("MaxPooling{}D", 2, padding="same"),
    **_spatial("GlobalAveragePooling{}D"),
    **_spatial("GlobalMaxPooling{}D"),
    **_spatial("Conv{}D", 2, 3, padding="same", activation="relu"),
    **_spatial("Conv{}DTranspose", 2, 3, strides=2),
    **_spatial("DepthwiseConv{}D", 2, ranks=(1, 2)),
    **_spatial("SeparableConv{}D", 2, 2, ranks=(1, 2)),
    **_spatial("Cropping{}D", 1),
    **_spatial("ZeroPadding{}D", 1),
    **_spatial("UpSampling{}D", 2),
    **_spatial("SpatialDropout{}D", 0.3),
    **{
        f"ConvLSTM{rank}D": (((2, 2), {"return_sequences": True, "dropout": 0.2}), (3, *SIZES[rank]))
        for rank in (1, 2, 3)
    },
    **{name: (((), {}), [STEPS, STEPS]) for name in ("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract")},
    "Dot": (((2,), {}), [STEPS, STEPS]),
    "Attention": (((), {"use_scale": True}), [STEPS, STEPS]),
    "AdditiveAttention": (((), {"dropout": 0.2}), [STEPS, STEPS]),
    "MultiHeadAttention": (((2, 3), {"dropout": 0.2}), (STEPS, STEPS)),
    "GroupQueryAttention": (((3, 4, 2), {}), (STEPS, STEPS)),
    "AlphaDropout": (((0.3,), {}), VECTOR),
    "GaussianDropout": (((0.3,), {}), VECTOR),
    "GaussianNoise": (((0.3,), {}), VECTOR),
    "Dropout": (((0.3,), {"noise_shape": (None, 1, 3)}), STEPS),
    "BatchNormalization": (((), {"renorm": True}), SIZES[2]),
    "GroupNormalization": (((3,), {}), SIZES[2]),
    "LayerNormalization": (((), {}), STEPS),
    "RMSNormalization": (((), {}), STEPS),
    "UnitNormalization": (((), {}), STEPS),
    "SpectralNormalization": (lambda layers: layers.SpectralNormalization(layers.Dense(3)), VECTOR),
    "Dense": (((3,), {"kernel_regularizer": "l2", "bias_constraint": "non_neg"}), VECTOR),
    "EinsumDense": ((("abc,cd->abd",), {"output_shape": (5, 2), "bias_axes": "d"}), STEPS),
    "ELU": (((), {}), VECTOR),
    "LeakyReLU": (((), {}), VECTOR),
    "PReLU": (((), {"shared_axes": [1]}), STEPS),
    "ReLU": (((), {"max_value": 1.0, "negative_slope": 0.1}), VECTOR),
    "Softmax": (((), {}), VECTOR),
    "ThresholdedReLU": (((0.5,), {}), VECTOR),
    "Embedding": (((9, 3), {"mask_zero": True}), 5),
    "ReversibleEmbedding": (((9, 3), {}), 5),
    "Flatten": (((), {}), STEPS),
    "Identity": (((), {}), VECTOR),
    "Masking": (((0.0,), {}), STEPS),
    "Permute": ((((2, 1),), {}), STEPS),
    "RepeatVector": (((3,), {}), VECTOR),
    "Reshape": ((((-1, 3),), {}), STEPS),
    "SimpleRNN": (((3,), {"return_sequences": True, "recurrent_dropout": 0.2}), STEPS),
    "GRU": (((3,), {"dropout": 0.2}), STEPS),
    "LSTM": (((3,), {"return_sequences": True, "go_backwards": True}), STEPS),
    "Bidirectional": (lambda layers: layers.Bidirectional(layers.GRU(3), merge_mode="ave"), STEPS),
    "TimeDistributed": (lambda layers: layers.TimeDistributed(layers.Dense(3, "tanh")), STEPS),
    "RNN": (lambda layers: layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)]), STEPS),
    "SimpleRNNCell": (lambda layers: layers.RNN(layers.SimpleRNNCell(3, dropout=0.2)), STEPS),
    "LSTMCell": (lambda layers: layers.RNN(layers.LSTMCell(3), unroll=True), STEPS),
    "GRUCell": (lambda layers: layers.RNN(layers.GRUCell(3, reset_after=False), return_sequences=True), STEPS),
    "StackedRNNCells": (lambda layers: layers.RNN(layers.StackedRNNCells([layers.LSTMCell(3), layers.LSTMCell(2)])), STEPS),
    "CategoryEncoding": (((9,), {}), 5),
    "Discretization": ((([-1.0, 0.0, 1.0],), {"output_mode": "multi_hot"}), VECTOR),
    "Hashing": (((7,), {"output_mode": "count"}), 5),
    "IntegerLookup": (((), {"vocabulary": [1, 3, 5], "output_mode": "multi_hot"}), 5),
    "Normalization": (((), {"mean": [0.1, 0.2, 0.3, 0.4], "variance": [1.0, 2.0, 3.0, 4.0]}), VECTOR),
    "Rescaling": (((2.0, -1.0), {}), VECTOR),
    **_spatial("Resizing", 3, 4, interpolation="bicubic", ranks=(2,)),
    **_spatial("CenterCrop", 3, 4, ranks=(2,)),
    **_spatial("RandomFlip", seed=1, ranks=(2,)),
    **_spatial("RandomCrop", 6, 6, seed=1, ranks=(2,)),  # smaller ones do not crop when no training is on, as in Keras
    **_spatial("RandomContrast", 0.3, value_range=(-3, 3), seed=1, ranks=(2,)),
    **_spatial("RandomBrightness", 0.3, value_range=(-3, 3), seed=1, ranks=(2,)),
    **_spatial("RandomTranslation", 0.3, 0.2, seed=1, ranks=(2,)),
    **_spatial("RandomRotation", 0.3, seed=1, ranks=(2,)),
    **_spatial("RandomZoom", 0.3, fill_mode="constant", seed=1, ranks=(2,)),
}  # fmt: skip
# What is no layer that a model consists of, or is tested otherwise: code of the user's, and bases of classes.
MASKING = {"Masking", "Embedding"}
TEXT_LAYERS = {"HashedCrossing", "StringLookup", "TextVectorization"}
NO_LAYERS = {"InputLayer", "InputSpec", "Lambda", "Layer", "Wrapper", *TEXT_LAYERS}


def of_layer(name: str, keras: Any) -> Any:
    """A model with a layer, then what makes two numbers a row of it."""
    made, shapes = LAYERS[name]
    layers = keras.layers
    layer = made(layers) if callable(made) else getattr(layers, name)(*made[0], **made[1])
    if isinstance(shapes, int):
        inputs, x = keras.Input((shapes,), dtype="int32"), _integers(shapes, high=9)
        y = layer(inputs)
    elif isinstance(shapes, list) or isinstance(shapes[0], tuple):
        inputs, x = [keras.Input(shape) for shape in shapes], [_numbers(*s, seed=i) for i, s in enumerate(shapes)]
        y = layer(inputs) if isinstance(shapes, list) else layer(*inputs)
    else:
        inputs, x = keras.Input(shapes), _numbers(*shapes)
        y = layer(inputs)
    end = layers.LSTM(2)(y) if name in MASKING else layers.Dense(2)(layers.Flatten()(y))
    model = keras.Model(inputs, end)
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model, x, _numbers(2, seed=9)


# Losses and metrics: arguments by class; targets and predictions of the kinds that they want.

NUMBERS, BITS, LOGITS, SHARES, LABELS, SIGNS = "numbers", "bits", "logits", "shares", "labels", "signs"
LOSSES: dict[str, tuple[dict[str, Any], str]] = {
    "MeanSquaredError": ({"reduction": "sum"}, NUMBERS),
    "MeanAbsoluteError": ({"reduction": "mean_with_sample_weight"}, NUMBERS),
    "MeanAbsolutePercentageError": ({}, BITS),
    "MeanSquaredLogarithmicError": ({}, BITS),
    "CosineSimilarity": ({"axis": 0}, NUMBERS),
    "Huber": ({"delta": 0.5}, NUMBERS),
    "LogCosh": ({"name": "smooth"}, NUMBERS),
    "Hinge": ({}, SIGNS),
    "SquaredHinge": ({}, SIGNS),
    "CategoricalHinge": ({}, SHARES),
    "KLDivergence": ({}, SHARES),
    "Poisson": ({}, BITS),
    "BinaryCrossentropy": ({"from_logits": True, "label_smoothing": 0.1}, LOGITS),
    "BinaryFocalCrossentropy": ({"gamma": 1.5, "apply_class_balancing": True}, BITS),
    "CategoricalCrossentropy": ({"label_smoothing": 0.1}, SHARES),
    "CategoricalFocalCrossentropy": ({"alpha": 0.3}, SHARES),
    "CategoricalGeneralizedCrossEntropy": ({"q": 0.3}, LABELS),
    "SparseCategoricalCrossentropy": ({"ignore_class": 0}, LABELS),
    "Circle": ({"gamma": 64.0}, LABELS),
    "CTC": ({}, LABELS),
    "Dice": ({"axis": -1}, BITS),
    "Tversky": ({"alpha": 0.3, "beta": 0.6}, BITS),
}
NO_LOSSES = {"Loss", "LossFunctionWrapper", "Reduction"}

METRICS: dict[str, tuple[dict[str, Any], str]] = {
    **{name: ({}, kind) for name, (_, kind) in LOSSES.items() if name not in (
        "BinaryFocalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalGeneralizedCrossEntropy", "Circle", "CTC", "Dice",
        "Tversky", "Huber", "LogCosh",
    )},
    "Accuracy": ({}, BITS),
    "BinaryAccuracy": ({"threshold": 0.3}, BITS),
    "CategoricalAccuracy": ({"dtype": "float64"}, SHARES),
    "TopKCategoricalAccuracy": ({"k": 2}, SHARES),
    "SparseCategoricalAccuracy": ({}, LABELS),
    "SparseTopKCategoricalAccuracy": ({"k": 2}, LABELS),
    "AUC": ({"num_thresholds": 9, "curve": "PR", "summation_method": "minoring", "multi_label": True, "num_labels": 3}, BITS),
    **{name: ({"thresholds": [0.2, 0.7]}, BITS) for name in ("FalseNegatives", "FalsePositives", "TrueNegatives", "TruePositives")},
    "Precision": ({"top_k": 2, "class_id": 1}, SHARES),
    "Recall": ({"thresholds": 0.4}, BITS),
    **{name: ({f"{other}": 0.4}, BITS) for name, other in (
        ("PrecisionAtRecall", "recall"), ("RecallAtPrecision", "precision"),
        ("SensitivityAtSpecificity", "specificity"), ("SpecificityAtSensitivity", "sensitivity"),
    )},
    "F1Score": ({"average": "macro", "threshold": 0.5}, BITS),
    "FBetaScore": ({"beta": 0.5, "average": "weighted"}, SHARES),
    "BinaryIoU": ({"target_class_ids": [1], "threshold": 0.4}, BITS),
    "IoU": ({"num_classes": 3, "target_class_ids": [0, 2], "sparse_y_pred": False}, LABELS),
    "MeanIoU": ({"num_classes": 3, "ignore_class": 1, "sparse_y_pred": False}, LABELS),
    "OneHotIoU": ({"num_classes": 3, "target_class_ids": [0]}, SHARES),
    "OneHotMeanIoU": ({"num_classes": 3}, SHARES),
    "LogCoshError": ({}, NUMBERS),
    "RootMeanSquaredError": ({}, NUMBERS),
    "R2Score": ({"class_aggregation": "variance_weighted_average"}, NUMBERS),
    "PearsonCorrelation": ({}, NUMBERS),
    "ConcordanceCorrelation": ({}, NUMBERS),
}  # fmt: skip
NO_METRICS = {"Metric", "MeanMetricWrapper", "Mean", "Sum"}


def _classifier(keras: Any, kind: str) -> tuple[Any, Any, Any]:
    """A model of three numbers a row, with targets for them."""
    activation = {SHARES: "softmax", LABELS: "softmax", BITS: "sigmoid"}.get(kind)
    layers = [keras.layers.Dense(5, "relu"), keras.layers.Dropout(0.2), keras.layers.Dense(3, activation)]
    labels = _integers(high=3, seed=1)
    y = {
        NUMBERS: _numbers(3, seed=2),
        SIGNS: np.sign(_numbers(3, seed=2)),
        BITS: (_numbers(3, seed=2) > 0).astype(np.float32),
        LOGITS: (_numbers(3, seed=2) > 0).astype(np.float32),
        SHARES: np.eye(3, dtype=np.float32)[labels],
        LABELS: labels[:, None],
    }[kind]
    return keras.Sequential([keras.Input(VECTOR), *layers]), _numbers(*VECTOR), y


def of_loss(name: str, keras: Any) -> Any:
    options, kind = LOSSES[name]
    if name == "CTC":
        model = keras.Sequential([keras.Input((5, 3)), keras.layers.Dense(4)])
        x, y = _numbers(5, 3), _integers(2, high=2) + 1
    else:
        model, x, y = _classifier(keras, kind)
    if name in ("CategoricalGeneralizedCrossEntropy", "Circle"):
        y = y[:, 0]  # they want no axis of size 1
    model.compile("sgd", getattr(keras.losses, name)(**options))
    return model, x, y


def of_metric(name: str, keras: Any) -> Any:
    options, kind = METRICS[name]
    model, x, y = _classifier(keras, kind)
    loss = "sparse_categorical_crossentropy" if kind == LABELS else "mse"
    model.compile("sgd", loss, metrics=[getattr(keras.metrics, name)(**options)])
    return model, x, y


# Optimizers: options of each, and those of all.

OPTIMIZERS: dict[str, list[dict[str, Any]]] = {
    "Adadelta": [{"rho": 0.8}],
    "Adafactor": [{"beta_2_decay": -0.7, "relative_step": False}],
    "Adagrad": [{"initial_accumulator_value": 0.2}],
    "Adam": [{"amsgrad": True}],
    "AdamW": [{"amsgrad": True}],
    "Adamax": [{"beta_1": 0.8}],
    "Ftrl": [{"l1_regularization_strength": 0.01, "beta": 0.1}],
    "Lamb": [{"beta_2": 0.9}],
    "Lion": [{"beta_1": 0.8}],
    "Muon": [{"adam_lr_ratio": 0.5}, {"exclude_layers": ["dense"]}],
    "Nadam": [{"beta_1": 0.8}],
    "RMSprop": [{"momentum": 0.5, "centered": True}],
    "SGD": [{"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}],
    "ScheduleFreeAdamW": [{"warmup_steps": 4}],
}  # fmt: skip
OF_ALL: list[dict[str, Any]] = [
    {}, {"weight_decay": 0.01}, {"clipnorm": 0.1}, {"clipvalue": 0.1}, {"global_clipnorm": 0.1}, {"loss_scale_factor": 8.0},
    {"use_ema": True}, {"use_ema": True, "ema_overwrite_frequency": 2}, {"gradient_accumulation_steps": 2},
    {"gradient_accumulation_steps": 2, "use_ema": True, "ema_overwrite_frequency": 2, "weight_decay": 0.01, "clipnorm": 0.5},
]  # fmt: skip
NO_OPTIMIZERS = {"Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"}
SCHEDULES: dict[str, dict[str, Any]] = {
    "CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 5, "warmup_target": 0.2, "warmup_steps": 2},
    "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 2},
    "ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 2, "decay_rate": 0.5, "staircase": True},
    "InverseTimeDecay": {"initial_learning_rate": 0.1, "decay_steps": 2, "decay_rate": 0.5},
    "PiecewiseConstantDecay": {"boundaries": [2, 4], "values": [0.1, 0.05, 0.01]},
    "PolynomialDecay": {"initial_learning_rate": 0.1, "decay_steps": 5, "power": 2.0},
}


def of_optimizer(make: Callable[[Any], Any], keras: Any) -> Any:
    model, x, y = _classifier(keras, SHARES)
    model.compile(make(keras.optimizers), "categorical_crossentropy")
    return model, x, y


def _optimizers() -> Iterator[tuple[str, Callable[[Any], Any]]]:
    for name, own in OPTIMIZERS.items():
        for options in [*OF_ALL, *own]:
            text = " ".join(f"{key}={value}" for key, value in options.items())
            yield f"{name} {text}".strip(), lambda module, name=name, options=options: getattr(module, name)(**options)
    for name, options in SCHEDULES.items():
        yield name, lambda module, name=name, options=options: module.Adam(getattr(module.schedules, name)(**options))
    yield "LossScaleOptimizer", lambda module: module.LossScaleOptimizer(module.Adam(), dynamic_growth_steps=2)
    yield (
        "LossScaleOptimizer of accumulated",
        lambda module: module.LossScaleOptimizer(module.SGD(gradient_accumulation_steps=2)),
    )


CASES: dict[str, Callable[[Any], Any]] = {
    **{f"layer {name}": functools.partial(of_layer, name) for name in LAYERS},
    **{f"loss {name}": functools.partial(of_loss, name) for name in LOSSES},
    **{f"metric {name}": functools.partial(of_metric, name) for name in METRICS},
    **{f"optimizer {name}": functools.partial(of_optimizer, make) for name, make in _optimizers()},
}


def write(group: str, folder: Path) -> None:
    """Trains the models of a group, saves them to folders, and trains on, which `read` must do in the same way."""
    import tenfold as tf

    for name, make in _of(group):
        tf.keras.utils.set_random_seed(3)
        model, x, y = make(tf.keras)
        model.fit(x, y, batch_size=2, epochs=1, verbose=0)
        model.save(folder / _file(name))
        np.savez(folder / f"{_file(name)}.npz", **_went_on(model, x, y))


def read(group: str, folder: Path) -> None:
    """Loads the models in this process, and trains on; prints what differs."""
    import tenfold as tf

    for name, make in _of(group):
        model, (_, x, y) = tf.keras.models.load_model(folder / _file(name)), make(tf.keras)
        found, expected = _went_on(model, x, y), np.load(folder / f"{_file(name)}.npz")
        different = [key for key in expected if not np.array_equal(found[key], expected[key], equal_nan=True)]
        if different or list(found) != list(expected):
            print(f"{name}: {different or list(found)}")


def _of(group: str) -> list[tuple[str, Callable[[Any], Any]]]:
    return [(name, make) for name, make in CASES.items() if name.startswith(group)]


def _file(name: str) -> str:
    return name.replace(".", "_")


def _went_on(model: Any, x: Any, y: Any) -> dict[str, np.ndarray]:
    """The predictions of a model, and all that there is after one more epoch."""
    predicted = {"predicted": model.predict(x, verbose=0)}
    history = model.fit(x, y, batch_size=2, initial_epoch=1, epochs=2, verbose=0).history
    state = {str(i): v.numpy() for i, v in enumerate([*model.weights, *model.optimizer.variables])}
    return {**predicted, **{name: np.array(values) for name, values in history.items()}, **state}


if __name__ == "__main__":
    read(sys.argv[1], Path(sys.argv[2]))
