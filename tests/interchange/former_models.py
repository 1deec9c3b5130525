"""Models that Keras 2 and Tenfold build alike: one for each layer, and for each thing that layers and models are made with.

`MODELS` maps a name to a function of `tf` and `keras`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Case(NamedTuple):
    """A model with a batch for it.

    Attributes:
      y: targets; None for random ones of the outputs' shapes.
      compile: how it is compiled, other than with Adam and the mean squared error.
      is_random: whether two engines cannot go the same way, as where random numbers are drawn in training.
      custom_objects: what is needed to read it.
      change: what is done to the model between training and saving.
      tolerance: relative, of all that is compared.
    """

    model: Any
    x: Any
    y: Any = None
    compile: dict[str, Any] = {}
    is_random: bool = False
    custom_objects: dict[str, Any] = {}
    change: Callable[[Any], None] | None = None
    tolerance: float = 1e-4


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


# No row twice but the masked one: Keras 2's optimizers take the gradients of a row's uses one by one, Keras 3's their sum.
IDS = np.array([[1, 2, 0, 0], [4, 3, 5, 0], [6, 7, 8, 9]], np.int32)
ROW, SEQUENCE, IMAGE, VOLUME = numbers(4, 6), numbers(4, 6, 8), numbers(3, 6, 6, 2), numbers(2, 4, 4, 4, 2)
RANDOM = "Dropout", "SpatialDropout", "Gaussian", "Alpha", "drop"

# What follows a Keras Input, made from `keras.layers`, and a batch.
STACKS: dict[str, tuple[Callable[[Any], Any], np.ndarray]] = {
    "Dense": (lambda L: L.Dense(3, activation="tanh"), SEQUENCE),
    "EinsumDense": (lambda L: L.EinsumDense("abc,cd->abd", (None, 3), bias_axes="d", activation="relu"), SEQUENCE),
    "Embedding": (lambda L: L.Embedding(12, 3), np.arange(12, dtype=np.int32).reshape(3, 4)),
    "Embedding mask": (lambda L: [L.Embedding(10, 3, mask_zero=True), L.LSTM(2), L.Dense(1)], IDS),
    "Activation": (lambda L: [L.Dense(3), L.Activation("softplus")], ROW),
    "Lambda": (lambda L: [L.Dense(3), L.Lambda(lambda x: x * 2.0)], ROW),
    "ReLU": (lambda L: [L.Dense(3), L.ReLU(1.5, 0.1, 0.2)], ROW),
    "LeakyReLU": (lambda L: [L.Dense(3), L.LeakyReLU(0.2)], ROW),
    "ELU": (lambda L: [L.Dense(3), L.ELU(0.7)], ROW),
    "PReLU": (lambda L: [L.Dense(3), L.PReLU(alpha_initializer="ones", shared_axes=[1])], SEQUENCE),
    "ThresholdedReLU": (lambda L: [L.Dense(3), L.ThresholdedReLU(0.3)], ROW),
    "Softmax": (lambda L: [L.Dense(3), L.Softmax(axis=1)], SEQUENCE),
    "Conv1D": (lambda L: L.Conv1D(4, 3, strides=2, padding="causal", activation="relu"), SEQUENCE),
    "Conv1D groups": (lambda L: L.Conv1D(4, 3, groups=2, dilation_rate=2), SEQUENCE),
    "Conv2D": (lambda L: L.Conv2D(3, (2, 3), padding="same", dilation_rate=2), IMAGE),
    "Conv3D": (lambda L: L.Conv3D(3, 2, strides=(1, 2, 1)), VOLUME),
    "Conv1DTranspose": (lambda L: L.Conv1DTranspose(3, 3, strides=2, padding="same"), SEQUENCE),
    "Conv2DTranspose": (lambda L: L.Conv2DTranspose(3, 3, strides=2, output_padding=1), IMAGE),
    "Conv3DTranspose": (lambda L: L.Conv3DTranspose(2, 2, strides=2), VOLUME),
    "SeparableConv1D": (lambda L: L.SeparableConv1D(3, 2, depth_multiplier=2), SEQUENCE),
    "SeparableConv2D": (lambda L: L.SeparableConv2D(3, 2, padding="same"), IMAGE),
    "DepthwiseConv1D": (lambda L: L.DepthwiseConv1D(2, depth_multiplier=2), SEQUENCE),
    "DepthwiseConv2D": (lambda L: L.DepthwiseConv2D(2), IMAGE),
    "MaxPooling1D": (lambda L: [L.Dense(3), L.MaxPooling1D(2)], SEQUENCE),
    "MaxPooling2D": (lambda L: [L.Dense(3), L.MaxPooling2D(2, 1, "same")], IMAGE),
    "MaxPooling3D": (lambda L: [L.Dense(3), L.MaxPooling3D(2)], VOLUME),
    "AveragePooling1D": (lambda L: [L.Dense(3), L.AveragePooling1D(2)], SEQUENCE),
    "AveragePooling2D": (lambda L: [L.Dense(3), L.AveragePooling2D(2, 1, "same")], IMAGE),
    "AveragePooling3D": (lambda L: [L.Dense(3), L.AveragePooling3D(2)], VOLUME),
    "GlobalMaxPooling1D": (lambda L: [L.Dense(3), L.GlobalMaxPooling1D()], SEQUENCE),
    "GlobalMaxPooling2D": (lambda L: [L.Dense(3), L.GlobalMaxPooling2D(keepdims=True)], IMAGE),
    "GlobalMaxPooling3D": (lambda L: [L.Dense(3), L.GlobalMaxPooling3D()], VOLUME),
    "GlobalAveragePooling1D": (lambda L: [L.Dense(3), L.GlobalAveragePooling1D()], SEQUENCE),
    "GlobalAveragePooling2D": (lambda L: [L.Dense(3), L.GlobalAveragePooling2D()], IMAGE),
    "GlobalAveragePooling3D": (lambda L: [L.Dense(3), L.GlobalAveragePooling3D()], VOLUME),
    "SimpleRNN": (lambda L: L.SimpleRNN(3, return_sequences=True), SEQUENCE),
    "LSTM": (lambda L: L.LSTM(3, go_backwards=True, unit_forget_bias=False), SEQUENCE),
    "LSTM unroll": (lambda L: L.LSTM(3, unroll=True, recurrent_activation="hard_sigmoid"), SEQUENCE),
    "LSTM drop": (lambda L: L.LSTM(3, dropout=0.2, recurrent_dropout=0.2), SEQUENCE),
    "GRU": (lambda L: L.GRU(3, return_sequences=True), SEQUENCE),
    "GRU reset before": (lambda L: L.GRU(3, reset_after=False), SEQUENCE),
    "GRU drop": (lambda L: L.GRU(3, dropout=0.2), SEQUENCE),
    "RNN": (lambda L: L.RNN(L.LSTMCell(3)), SEQUENCE),
    "StackedRNNCells": (lambda L: L.RNN([L.SimpleRNNCell(2), L.GRUCell(3), L.LSTMCell(2)]), SEQUENCE),
    "Bidirectional": (lambda L: L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode="mul"), SEQUENCE),
    "Bidirectional two": (lambda L: L.Bidirectional(L.GRU(3), backward_layer=L.LSTM(3, go_backwards=True)), SEQUENCE),
    "TimeDistributed": (lambda L: L.TimeDistributed(L.Conv1D(2, 3)), IMAGE),
    "ConvLSTM1D": (lambda L: L.ConvLSTM1D(2, 2), IMAGE),
    "ConvLSTM2D": (lambda L: L.ConvLSTM2D(2, 2, return_sequences=True), VOLUME),
    "ConvLSTM3D": (lambda L: L.ConvLSTM3D(2, 2, padding="same"), numbers(2, 3, 3, 3, 3, 2)),
    "BatchNormalization": (lambda L: [L.Dense(3), L.BatchNormalization(momentum=0.8)], SEQUENCE),
    "BatchNormalization axis": (lambda L: L.BatchNormalization(axis=1, scale=False, epsilon=1e-2), IMAGE),
    "LayerNormalization": (lambda L: L.LayerNormalization(axis=[1, 2]), IMAGE),
    "GroupNormalization": (lambda L: L.GroupNormalization(2), SEQUENCE),
    "UnitNormalization": (lambda L: [L.Dense(3), L.UnitNormalization()], ROW),
    "SpectralNormalization": (lambda L: L.SpectralNormalization(L.Dense(3)), ROW),
    "Dropout": (lambda L: [L.Dense(3), L.Dropout(0.3)], ROW),
    "SpatialDropout1D": (lambda L: [L.Dense(3), L.SpatialDropout1D(0.3)], SEQUENCE),
    "SpatialDropout2D": (lambda L: [L.Dense(3), L.SpatialDropout2D(0.3)], IMAGE),
    "SpatialDropout3D": (lambda L: [L.Dense(3), L.SpatialDropout3D(0.3)], VOLUME),
    "GaussianDropout": (lambda L: [L.Dense(3), L.GaussianDropout(0.3)], ROW),
    "GaussianNoise": (lambda L: [L.Dense(3), L.GaussianNoise(0.3)], ROW),
    "AlphaDropout": (lambda L: [L.Dense(3), L.AlphaDropout(0.3)], ROW),
    "ActivityRegularization": (lambda L: [L.Dense(3), L.ActivityRegularization(0.1, 0.2)], ROW),
    "Masking": (lambda L: [L.Masking(0.5), L.LSTM(3)], np.where(SEQUENCE > 0, SEQUENCE, np.float32(0.5))),
    "Reshape": (lambda L: [L.Dense(3), L.Reshape((3, -1))], SEQUENCE),
    "Flatten": (lambda L: [L.Conv2D(2, 2), L.Flatten(), L.Dense(1)], IMAGE),
    "Permute": (lambda L: [L.Dense(3), L.Permute((2, 1))], SEQUENCE),
    "RepeatVector": (lambda L: [L.Dense(3), L.RepeatVector(2)], ROW),
    "Cropping1D": (lambda L: [L.Dense(3), L.Cropping1D((1, 2))], SEQUENCE),
    "Cropping2D": (lambda L: [L.Dense(3), L.Cropping2D(((1, 0), (1, 2)))], IMAGE),
    "Cropping3D": (lambda L: [L.Dense(3), L.Cropping3D(1)], VOLUME),
    "ZeroPadding1D": (lambda L: [L.Dense(3), L.ZeroPadding1D((1, 2))], SEQUENCE),
    "ZeroPadding2D": (lambda L: [L.Dense(3), L.ZeroPadding2D(((1, 0), (1, 2)))], IMAGE),
    "ZeroPadding3D": (lambda L: [L.Dense(3), L.ZeroPadding3D(1)], VOLUME),
    "UpSampling1D": (lambda L: [L.Dense(3), L.UpSampling1D(2)], SEQUENCE),
    "UpSampling2D": (lambda L: [L.Dense(3), L.UpSampling2D((2, 3), interpolation="bilinear")], IMAGE),
    "UpSampling3D": (lambda L: [L.Dense(3), L.UpSampling3D(2)], VOLUME),
    "Identity": (lambda L: [L.Dense(3), L.Identity()], ROW),
    **{
        f"activation {name}": (lambda L, name=name: [L.Dense(3), L.Dense(3, activation=name)], ROW)
        for name in "elu exponential gelu hard_sigmoid linear mish relu selu sigmoid softmax softplus softsign swish tanh".split()
    },
    **{
        f"initializer {name}": (lambda L, name=name: L.Dense(6, kernel_initializer=name), ROW)
        for name in (
            "glorot_normal glorot_uniform he_normal he_uniform identity lecun_normal lecun_uniform ones orthogonal "
            "random_normal random_uniform truncated_normal variance_scaling zeros"
        ).split()
    },
}

# A layer of two inputs.
PAIRS: dict[str, Callable[[Any], Any]] = {
    "Add": lambda L: L.Add(),
    "Subtract": lambda L: L.Subtract(),
    "Multiply": lambda L: L.Multiply(),
    "Average": lambda L: L.Average(),
    "Maximum": lambda L: L.Maximum(),
    "Minimum": lambda L: L.Minimum(),
    "Concatenate": lambda L: L.Concatenate(axis=1),
    "Dot": lambda L: L.Dot(axes=2, normalize=True),
    "Attention": lambda L: L.Attention(use_scale=True, score_mode="concat"),
    "AdditiveAttention": lambda L: L.AdditiveAttention(),
}

OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "sgd": lambda o: o.SGD(0.1),
    "nesterov": lambda o: o.SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda o: o.Adam(0.01, amsgrad=True, clipnorm=0.1),
    "adamw": lambda o: o.AdamW(0.01, weight_decay=0.1),
    "ema": lambda o: o.Adam(0.01, use_ema=True, ema_overwrite_frequency=2),
    "rmsprop": lambda o: o.RMSprop(0.01, centered=True, momentum=0.5),
    "adagrad": lambda o: o.Adagrad(0.1, global_clipnorm=0.5),
    "adadelta": lambda o: o.Adadelta(1.0),
    "adamax": lambda o: o.Adamax(0.01, clipvalue=0.2),
    "nadam": lambda o: o.Nadam(0.01),
    "ftrl": lambda o: o.Ftrl(0.1, l1_regularization_strength=0.01),
    "lion": lambda o: o.Lion(0.01),
    "adafactor": lambda o: o.Adafactor(0.1),
    "exponential": lambda o: o.Adam(o.schedules.ExponentialDecay(0.1, 2, 0.9, staircase=True)),
    "piecewise": lambda o: o.SGD(o.schedules.PiecewiseConstantDecay([1, 3], [0.1, 0.05, 0.01])),
    "polynomial": lambda o: o.SGD(o.schedules.PolynomialDecay(0.1, 10, power=2.0)),
    "inverse time": lambda o: o.SGD(o.schedules.InverseTimeDecay(0.1, 2, 0.5)),
    "cosine": lambda o: o.SGD(o.schedules.CosineDecay(0.1, 8)),
    "restarts": lambda o: o.SGD(o.schedules.CosineDecayRestarts(0.1, 2)),
    "legacy sgd": lambda o: getattr(o, "legacy", o).SGD(0.1, momentum=0.9),
    "legacy adam": lambda o: getattr(o, "legacy", o).Adam(0.01, amsgrad=True),
    "legacy rmsprop": lambda o: getattr(o, "legacy", o).RMSprop(0.01, momentum=0.5, centered=True),
}

# Losses by name, and those that ask for labels of another kind.
LOSSES = (
    "mse mae mape msle hinge squared_hinge huber log_cosh poisson kl_divergence cosine_similarity binary_crossentropy "
    "binary_focal_crossentropy categorical_crossentropy categorical_focal_crossentropy categorical_hinge"
).split()
LOSS_CLASSES: dict[str, Callable[[Any], Any]] = {
    "sparse logits": lambda o: o.SparseCategoricalCrossentropy(from_logits=True, ignore_class=1),
    "binary smoothing": lambda o: o.BinaryCrossentropy(label_smoothing=0.1),
    "categorical logits sum": lambda o: o.CategoricalCrossentropy(from_logits=True, reduction="sum"),
    "huber delta": lambda o: o.Huber(delta=0.3),
    "cosine axis": lambda o: o.CosineSimilarity(axis=0),
}
METRICS: dict[str, Callable[[Any], Any]] = {
    "names": lambda m: ["accuracy", "mae", "binary_accuracy", "kullback_leibler_divergence"],
    "auc": lambda m: [m.AUC(curve="PR", num_thresholds=20), m.AUC(multi_label=True, num_labels=3)],
    "counts": lambda m: [m.Precision(0.3), m.Recall([0.2, 0.6]), m.TruePositives(), m.FalseNegatives(0.1)],
    "at": lambda m: [m.PrecisionAtRecall(0.5), m.SensitivityAtSpecificity(0.5)],
    "iou": lambda m: [m.BinaryIoU([0, 1], 0.3), m.OneHotMeanIoU(3)],
    "f": lambda m: [m.F1Score(average="macro"), m.FBetaScore(beta=0.5), m.R2Score()],
    "means": lambda m: [m.RootMeanSquaredError(), m.CosineSimilarity(axis=1), m.TopKCategoricalAccuracy(2)],
}


def _stack(keras: Any, make: Callable[[Any], Any], x: np.ndarray, **options: Any) -> Case:
    made = make(keras.layers)
    layers = made if isinstance(made, list) else [made]
    model = keras.Sequential([keras.Input(x.shape[1:], dtype=x.dtype.name), *layers])
    return Case(model, x, **options)


def _classifier(keras: Any, **compiled: Any) -> Case:
    layers = keras.layers
    parts = [layers.Dense(5, activation="tanh"), layers.Dense(3, activation="softmax")]
    labels = np.eye(3, dtype=np.float32)[[0, 2, 1, 0]]
    return Case(keras.Sequential([keras.Input((6,)), *parts]), ROW, labels, compiled)


def regularized(tf: Any, keras: Any) -> Case:
    R, C, L = keras.regularizers, keras.constraints, keras.layers
    parts = [
        L.Dense(4, kernel_regularizer=R.L1L2(0.01, 0.02), bias_regularizer="l2", activity_regularizer=R.L1(0.1)),
        L.Dense(4, kernel_constraint=C.MaxNorm(0.5), bias_constraint=C.NonNeg()),
        L.Dense(4, kernel_regularizer=R.OrthogonalRegularizer(0.1), kernel_constraint=C.UnitNorm(axis=0)),
        L.Dense(2, kernel_constraint=C.MinMaxNorm(0.1, 0.5, rate=0.7)),
    ]
    return Case(keras.Sequential([keras.Input((6,)), *parts]), ROW)


def initialized(tf: Any, keras: Any) -> Case:
    init, L = keras.initializers, keras.layers
    parts = [
        L.Dense(4, kernel_initializer=init.VarianceScaling(2.0, "fan_out", "uniform", seed=3), bias_initializer=init.Constant(0.3)),
        L.Dense(4, kernel_initializer=init.TruncatedNormal(0.1, 0.2), bias_initializer=init.RandomUniform(-1, 1)),
        L.Dense(4, kernel_initializer=init.Orthogonal(1.5), bias_initializer="ones"),
        L.Dense(4, kernel_initializer=init.Identity(0.5)),
    ]  # fmt: skip
    return Case(keras.Sequential([keras.Input((6,)), *parts]), ROW)


def multi_head_attention(tf: Any, keras: Any) -> Case:
    query, value = keras.Input((6, 8)), keras.Input((4, 5))
    attended = keras.layers.MultiHeadAttention(2, 3, value_dim=4, output_shape=7)(query, value)
    return Case(keras.Model([query, value], attended), [SEQUENCE, numbers(4, 4, 5, seed=2)])


def self_attention(tf: Any, keras: Any) -> Case:
    x = keras.Input((6, 8))
    attended = keras.layers.MultiHeadAttention(2, 3, use_bias=False)(x, x, use_causal_mask=True)
    return Case(keras.Model(x, keras.layers.Add()([x, attended])), SEQUENCE)


def masked_attention(tf: Any, keras: Any) -> Case:
    L, ids = keras.layers, keras.Input((4,), dtype="int32")
    x = L.Embedding(10, 4, mask_zero=True)(ids)
    return Case(keras.Model(ids, L.GlobalAveragePooling1D()(L.MultiHeadAttention(2, 3)(x, x))), IDS)


def shared(tf: Any, keras: Any) -> Case:
    layer, x = keras.layers.Dense(6, activation="tanh"), keras.Input((6,))
    return Case(keras.Model(x, layer(layer(x)) * 2.0 - x), ROW)


def two_outputs(tf: Any, keras: Any) -> Case:
    L, x = keras.layers, keras.Input((6,), name="x")
    hidden = L.Dense(4, activation="relu")(x)
    model = keras.Model(x, [L.Dense(2, name="a")(hidden), L.Dense(1, name="b")(hidden)])
    compiled = {"loss": {"a": "mse", "b": "mae"}, "loss_weights": {"a": 0.5, "b": 2.0}, "metrics": {"b": ["mse"]}}
    return Case(model, ROW, [numbers(4, 2, seed=1), numbers(4, 1, seed=2)], compiled)


def named_inputs(tf: Any, keras: Any) -> Case:
    L = keras.layers
    inputs = {"a": keras.Input((6,), name="a"), "b": keras.Input((6,), name="b")}
    model = keras.Model(inputs, L.Dense(2)(L.Concatenate()([inputs["a"], inputs["b"]])))
    return Case(model, {"a": ROW, "b": ROW[::-1].copy()})


def nested(tf: Any, keras: Any) -> Case:
    L, x, y = keras.layers, keras.Input((6,)), keras.Input((6,))
    inner = keras.Model(x, [L.Dense(4, activation="relu")(x), L.Dense(4)(x)])
    a, b = inner(y)
    stack = keras.Sequential([L.Dense(4), L.BatchNormalization(), L.Dense(2)])
    return Case(keras.Model(y, stack(L.Add()([a, b]))), ROW)


def nested_twice(tf: Any, keras: Any) -> Case:
    L, y = keras.layers, keras.Input((6,))
    inner = keras.Sequential([keras.Input((6,)), L.Dense(6, activation="tanh")])
    return Case(keras.Model(y, L.Concatenate()([inner(y), inner(inner(y))])), ROW)


def deferred(tf: Any, keras: Any) -> Case:
    """A Sequential model without input shape, built by its first batch."""
    L = keras.layers
    model = keras.Sequential([L.Dense(4, activation="relu"), L.BatchNormalization(), L.Dense(2)])
    model(ROW)
    return Case(model, ROW)


def frozen_after(tf: Any, keras: Any) -> Case:
    """Layers frozen when the optimizer has states for their weights. Keras 2 itself goes on training them until it is compiled again."""

    def freeze(model: Any) -> None:
        model.layers[1].trainable = False

    return nested(tf, keras)._replace(change=freeze, is_random=True)


def frozen_slots(tf: Any, keras: Any) -> Case:
    optimizer = getattr(keras.optimizers, "legacy", keras.optimizers).Adam(0.02)
    return frozen_and_compiled(tf, keras)._replace(compile={"optimizer": optimizer})


def frozen_and_compiled(tf: Any, keras: Any) -> Case:
    def freeze(model: Any) -> None:
        model.layers[1].trainable = False
        model.compile(model.optimizer, "mse")

    return nested(tf, keras)._replace(change=freeze)


def thawed_after(tf: Any, keras: Any) -> Case:
    """A layer that the optimizer has no state for, and which is trained from now on."""

    def thaw(model: Any) -> None:
        model.layers[1].trainable = True
        model.compile(keras.optimizers.Adam(0.02), "mse")

    return frozen_before(tf, keras)._replace(change=thaw)


def frozen_before(tf: Any, keras: Any) -> Case:
    case = nested(tf, keras)
    case.model.layers[1].trainable = False
    return case


def encoder_decoder(tf: Any, keras: Any) -> Case:
    """An LSTM that goes on where another one ended."""
    L, x, y = keras.layers, keras.Input((6, 8)), keras.Input((6, 8))
    _, *state = L.LSTM(3, return_state=True)(x)
    decoded = L.LSTM(3, return_sequences=True)(y, initial_state=state)
    return Case(keras.Model([x, y], L.TimeDistributed(L.Dense(2))(decoded)), [SEQUENCE, SEQUENCE[::-1].copy()])


def stateful(tf: Any, keras: Any) -> Case:
    L, x = keras.layers, keras.Input(batch_shape=(4, 6, 8))
    return Case(keras.Model(x, L.Dense(1)(L.GRU(3, stateful=True)(x))), SEQUENCE, is_random=True)


def bidirectional_mask(tf: Any, keras: Any) -> Case:
    L, ids = keras.layers, keras.Input((None,), dtype="int32")
    x = L.Bidirectional(L.LSTM(3, return_sequences=True))(L.Embedding(10, 4, mask_zero=True)(ids))
    return Case(keras.Model(ids, L.TimeDistributed(L.Dense(2))(x)), IDS)


def mixed_precision(tf: Any, keras: Any) -> Case:
    L, x = keras.layers, keras.Input((6,))
    y = L.Dense(2, dtype="float32")(L.Dense(4, dtype="mixed_bfloat16", activation="relu")(x))
    return Case(keras.Model(x, y), ROW, tolerance=0.02)


def float64(tf: Any, keras: Any) -> Case:
    L, x = keras.layers, keras.Input((6,), dtype="float64")
    return Case(keras.Model(x, L.Dense(2, dtype="float64")(L.Dense(4, dtype="float64")(x))), ROW.astype(np.float64))


def add_loss(tf: Any, keras: Any) -> Case:
    class Penalty(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            self.add_loss(0.1 * tf.reduce_sum(tf.square(x)))
            return x

    L = keras.layers
    model = keras.Sequential([keras.Input((6,)), L.Dense(3), Penalty(), L.Dense(2)])
    return Case(model, ROW, custom_objects={"Penalty": Penalty})


def custom_layer(tf: Any, keras: Any) -> Case:
    class Scaled(keras.layers.Layer):
        def __init__(self, factor: float = 1.0, **options: Any) -> None:
            super().__init__(**options)
            self.factor = factor

        def build(self, shape: Any) -> None:
            self.scale = self.add_weight(name="scale", shape=(shape[-1],), initializer="ones")
            self.count = self.add_weight(name="count", shape=(), initializer="zeros", trainable=False)
            super().build(shape)

        def call(self, x: Any) -> Any:
            return x * self.scale * self.factor

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "factor": self.factor}

    L = keras.layers
    model = keras.Sequential([keras.Input((6,)), L.Dense(4, activation="tanh"), Scaled(0.5), L.Dense(2)])
    return Case(model, ROW, custom_objects={"Scaled": Scaled})


def custom_cell(tf: Any, keras: Any) -> Case:
    class Minimal(keras.layers.Layer):
        def __init__(self, units: int, **options: Any) -> None:
            super().__init__(**options)
            self.units = self.state_size = self.output_size = units

        def build(self, shape: Any) -> None:
            self.kernel = self.add_weight(name="kernel", shape=(shape[-1], self.units), initializer="ones")
            self.recurrent = self.add_weight(name="recurrent", shape=(self.units, self.units), initializer="orthogonal")
            super().build(shape)

        def call(self, x: Any, states: Any) -> Any:
            y = tf.tanh(tf.matmul(x, self.kernel) + tf.matmul(states[0], self.recurrent))
            return y, [y]

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    model = keras.Sequential([keras.Input((6, 8)), keras.layers.RNN(Minimal(3)), keras.layers.Dense(1)])
    return Case(model, SEQUENCE, custom_objects={"Minimal": Minimal})


def custom_functions(tf: Any, keras: Any) -> Case:
    def halved(x: Any) -> Any:
        return x * 0.5

    def squares(y_true: Any, y_pred: Any) -> Any:
        return tf.reduce_mean(tf.square(y_true - y_pred), -1)

    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4, activation=halved), keras.layers.Dense(2)])
    objects = {"halved": halved, "squares": squares}
    return Case(model, ROW, compile={"loss": squares, "metrics": [squares]}, custom_objects=objects)


def _residual(tf: Any, keras: Any, has_config: bool) -> Case:
    class Residual(keras.Model):
        def __init__(self, units: int = 6, **options: Any) -> None:
            super().__init__(**options)
            self.units = units
            self.inner, self.norm = keras.layers.Dense(units, activation="relu"), keras.layers.BatchNormalization()
            self.last = [keras.layers.Dense(4), keras.layers.Dense(2)]
            self.heads = {"a": keras.layers.Dense(2), "b": keras.layers.Dense(2)}

        def call(self, x: Any, training: bool = False) -> Any:
            y = self.norm(x + self.inner(x), training=training)
            for layer in self.last:
                y = layer(y)
            return y + self.heads["a"](x) * self.heads["b"](x)

        if has_config:

            def get_config(self) -> dict[str, Any]:
                return {**super().get_config(), "units": self.units}

    model = Residual()
    model(ROW)
    return Case(model, ROW, custom_objects={"Residual": Residual})


def subclassed(tf: Any, keras: Any) -> Case:
    return _residual(tf, keras, True)


def subclassed_without_config(tf: Any, keras: Any) -> Case:
    return _residual(tf, keras, False)


def subclassed_without_class(tf: Any, keras: Any) -> Case:
    return _residual(tf, keras, True)._replace(custom_objects={})


def layer_without_class(tf: Any, keras: Any) -> Case:
    return custom_layer(tf, keras)._replace(custom_objects={})


def subclass_in_functional(tf: Any, keras: Any) -> Case:
    inner, x = subclassed(tf, keras), keras.Input((6,))
    return inner._replace(model=keras.Model(x, keras.layers.Dense(1)(inner.model(x))))


def never_trained(tf: Any, keras: Any) -> Case:
    def compile_again(model: Any) -> None:
        model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse")

    return nested(tf, keras)._replace(change=compile_again)


def not_compiled(tf: Any, keras: Any) -> Case:
    """A part that was never compiled."""
    return _classifier(keras)._replace(compile={"optimizer": None})


MODELS: dict[str, Callable[[Any, Any], Case]] = {
    **{
        name: lambda tf, keras, name=name: _stack(keras, *STACKS[name], is_random=any(word in name for word in RANDOM))
        for name in STACKS
    },
    **{name: lambda tf, keras, name=name: _pair(keras, PAIRS[name]) for name in PAIRS},
    **{
        f"optimizer {name}": lambda tf, keras, name=name: _classifier(
            keras, optimizer=OPTIMIZERS[name](keras.optimizers)
        )
        for name in OPTIMIZERS
    },
    **{f"loss {name}": lambda tf, keras, name=name: _classifier(keras, loss=name) for name in LOSSES},
    **{
        f"loss {name}": lambda tf, keras, name=name: _with_loss(keras, LOSS_CLASSES[name](keras.losses), name)
        for name in LOSS_CLASSES
    },
    **{
        f"metrics {name}": lambda tf, keras, name=name: _classifier(keras, metrics=METRICS[name](keras.metrics))
        for name in METRICS
    },
    **{
        f.__name__: f
        for f in (
            regularized, initialized, multi_head_attention, self_attention, masked_attention, shared, two_outputs,
            named_inputs, nested, nested_twice, deferred, frozen_before, frozen_after, frozen_slots, frozen_and_compiled, never_trained, thawed_after, encoder_decoder, stateful, bidirectional_mask,
            mixed_precision, float64, add_loss, custom_layer, custom_cell, custom_functions, subclassed,
            subclassed_without_config, subclassed_without_class, layer_without_class, subclass_in_functional,
            not_compiled,
        )
    },
}  # fmt: skip


def _pair(keras: Any, make: Callable[[Any], Any]) -> Case:
    L, a, b = keras.layers, keras.Input((6, 8)), keras.Input((6, 8))
    return Case(keras.Model([a, b], make(L)([L.Dense(3)(a), L.Dense(3)(b)])), [SEQUENCE, SEQUENCE[::-1].copy()])


def _with_loss(keras: Any, loss: Any, name: str) -> Case:
    case = _classifier(keras, loss=loss)
    if "logits" in name:
        case.model.layers[-1].activation = keras.activations.linear
    return case._replace(y=np.array([0, 2, 1, 0])) if name.startswith("sparse") else case
