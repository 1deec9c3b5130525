"""The losses as classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.keras.losses import crossentropy, functions
from tenfold.keras.losses.loss import LossFunctionWrapper
from tenfold.keras.losses.sequence import ctc

_MEAN = "sum_over_batch_size"


class _KnownLoss(LossFunctionWrapper):
    """A loss of Keras' own functions: its options are attributes, and all of its configuration.

    Keras 3.15 leaves `Huber.delta`, `CosineSimilarity.axis` and `SparseCategoricalCrossentropy.axis` out of
    configurations; it reads those that have them.
    """

    def __init__(self, fn: Any, reduction: str | None, name: str | None, dtype: Any, **options: Any) -> None:
        super().__init__(fn, reduction, name, dtype, **options)
        vars(self).update(options)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["fn"]
        return config


class MeanSquaredError(_KnownLoss):
    """The mean of squared errors.

    Example:
      >>> print(tf.keras.losses.MeanSquaredError()([[0.0, 1.0]], [[1.0, 1.0]]).numpy())
      0.5
    """

    def __init__(
        self, reduction: str | None = _MEAN, name: str | None = "mean_squared_error", dtype: Any = None
    ) -> None:
        super().__init__(functions.mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(_KnownLoss):
    """The mean of absolute errors.

    Example:
      >>> print(tf.keras.losses.MeanAbsoluteError()([[0.0, 1.0]], [[1.0, 1.0]]).numpy())
      0.5
    """

    def __init__(
        self, reduction: str | None = _MEAN, name: str | None = "mean_absolute_error", dtype: Any = None
    ) -> None:
        super().__init__(functions.mean_absolute_error, reduction, name, dtype)


class MeanAbsolutePercentageError(_KnownLoss):
    """The mean of absolute errors in percent of the targets.

    Example:
      >>> print(tf.keras.losses.MeanAbsolutePercentageError()([[2.0, 1.0]], [[1.0, 1.0]]).numpy())
      25.0
    """

    def __init__(
        self, reduction: str | None = _MEAN, name: str | None = "mean_absolute_percentage_error", dtype: Any = None
    ) -> None:
        super().__init__(functions.mean_absolute_percentage_error, reduction, name, dtype)


class MeanSquaredLogarithmicError(_KnownLoss):
    """The mean of squared differences of logarithms.

    Example:
      >>> print(tf.keras.losses.MeanSquaredLogarithmicError()([[1.0]], [[1.0]]).numpy())
      0.0
    """

    def __init__(
        self, reduction: str | None = _MEAN, name: str | None = "mean_squared_logarithmic_error", dtype: Any = None
    ) -> None:
        super().__init__(functions.mean_squared_logarithmic_error, reduction, name, dtype)


class CosineSimilarity(_KnownLoss):
    """Minus the cosine of the angle between targets and predictions.

    Example:
      >>> print(tf.keras.losses.CosineSimilarity()([[0.0, 1.0]], [[0.0, 2.0]]).numpy())
      -1.0
    """

    def __init__(
        self, axis: int = -1, reduction: str | None = _MEAN, name: str | None = "cosine_similarity", dtype: Any = None
    ) -> None:
        super().__init__(functions.cosine_similarity, reduction, name, dtype, axis=axis)


class Huber(_KnownLoss):
    """Squared error for small errors, absolute for errors beyond `delta`.

    Example:
      >>> print(tf.keras.losses.Huber()([[0.0]], [[3.0]]).numpy())
      2.5
    """

    def __init__(
        self, delta: float = 1.0, reduction: str | None = _MEAN, name: str | None = "huber_loss", dtype: Any = None
    ) -> None:
        super().__init__(functions.huber, reduction, name, dtype, delta=delta)


class LogCosh(_KnownLoss):
    """The mean of `log(cosh(error))`.

    Example:
      >>> print(tf.keras.losses.LogCosh()([[0.0]], [[0.0]]).numpy())
      0.0
    """

    def __init__(self, reduction: str | None = _MEAN, name: str | None = "log_cosh", dtype: Any = None) -> None:
        super().__init__(functions.log_cosh, reduction, name, dtype)


class Hinge(_KnownLoss):
    """The mean of `max(1 - y_true * y_pred, 0)`.

    Example:
      >>> print(tf.keras.losses.Hinge()([[1.0, -1.0]], [[2.0, 0.5]]).numpy())
      0.75
    """

    def __init__(self, reduction: str | None = _MEAN, name: str | None = "hinge", dtype: Any = None) -> None:
        super().__init__(functions.hinge, reduction, name, dtype)


class SquaredHinge(_KnownLoss):
    """The mean of `max(1 - y_true * y_pred, 0)^2`.

    Example:
      >>> print(tf.keras.losses.SquaredHinge()([[1.0, -1.0]], [[2.0, 0.5]]).numpy())
      1.125
    """

    def __init__(self, reduction: str | None = _MEAN, name: str | None = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(functions.squared_hinge, reduction, name, dtype)


class CategoricalHinge(_KnownLoss):
    """`max(highest wrong - right + 1, 0)` of one-hot targets.

    Example:
      >>> print(tf.keras.losses.CategoricalHinge()([[0.0, 1.0]], [[1.0, 0.5]]).numpy())
      1.5
    """

    def __init__(
        self, reduction: str | None = _MEAN, name: str | None = "categorical_hinge", dtype: Any = None
    ) -> None:
        super().__init__(functions.categorical_hinge, reduction, name, dtype)


class KLDivergence(_KnownLoss):
    """The Kullback-Leibler divergence of distributions.

    Example:
      >>> print(tf.keras.losses.KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]).numpy())
      0.0
    """

    def __init__(self, reduction: str | None = _MEAN, name: str | None = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(functions.kl_divergence, reduction, name, dtype)


class Poisson(_KnownLoss):
    """The mean of `y_pred - y_true * log(y_pred)`.

    Example:
      >>> print(tf.keras.losses.Poisson()([[0.0]], [[2.0]]).numpy())
      2.0
    """

    def __init__(self, reduction: str | None = _MEAN, name: str | None = "poisson", dtype: Any = None) -> None:
        super().__init__(functions.poisson, reduction, name, dtype)


class BinaryCrossentropy(_KnownLoss):
    """Cross-entropy of targets 0 and 1.

    Args: those of `binary_crossentropy` and `Loss`.

    Example:
      >>> print(tf.keras.losses.BinaryCrossentropy()([[1.0]], [[0.5]]).numpy().round(4))
      0.6931
    """

    def __init__(
        self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1, reduction: str | None = _MEAN,
        name: str | None = "binary_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            crossentropy.binary_crossentropy, reduction, name, dtype,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip


class BinaryFocalCrossentropy(_KnownLoss):
    """Focal cross-entropy of targets 0 and 1.

    Args: those of `binary_focal_crossentropy` and `Loss`.

    Example:
      >>> print(tf.keras.losses.BinaryFocalCrossentropy()([[1.0]], [[0.5]]).numpy().round(4))
      0.1733
    """

    def __init__(
        self, apply_class_balancing: bool = False, alpha: float = 0.25, gamma: float = 2.0, from_logits: bool = False,
        label_smoothing: float = 0.0, axis: int = -1, reduction: str | None = _MEAN,
        name: str | None = "binary_focal_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            crossentropy.binary_focal_crossentropy, reduction, name, dtype, apply_class_balancing=apply_class_balancing,
            alpha=alpha, gamma=gamma, from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip


class CategoricalCrossentropy(_KnownLoss):
    """Cross-entropy of one-hot targets.

    Args: those of `categorical_crossentropy` and `Loss`.

    Example:
      >>> print(tf.keras.losses.CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4))
      0.6931
    """

    def __init__(
        self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1, reduction: str | None = _MEAN,
        name: str | None = "categorical_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            crossentropy.categorical_crossentropy, reduction, name, dtype,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip


class CategoricalFocalCrossentropy(_KnownLoss):
    """Focal cross-entropy of one-hot targets.

    Args: those of `categorical_focal_crossentropy` and `Loss`.

    Example:
      >>> print(tf.keras.losses.CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).numpy().round(4))
      0.0433
    """

    def __init__(
        self, alpha: Any = 0.25, gamma: float = 2.0, from_logits: bool = False, label_smoothing: float = 0.0,
        axis: int = -1, reduction: str | None = _MEAN, name: str | None = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            crossentropy.categorical_focal_crossentropy, reduction, name, dtype, alpha=alpha, gamma=gamma,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip


class SparseCategoricalCrossentropy(_KnownLoss):
    """Cross-entropy of targets that are numbers of classes.

    Args: those of `sparse_categorical_crossentropy` and `Loss`.

    Example:
      >>> print(tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)([1], [[0.0, 0.0]]).numpy().round(4))
      0.6931
    """

    def __init__(
        self, from_logits: bool = False, ignore_class: int | None = None, reduction: str | None = _MEAN, axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            crossentropy.sparse_categorical_crossentropy, reduction, name, dtype,
            from_logits=from_logits, ignore_class=ignore_class, axis=axis,
        )  # fmt: skip

    def _prepared_targets(self, y_true: Any) -> Any:
        """Targets as `call` takes them: numbers of classes are spared the way to the loss' dtype and back where it is wide enough."""
        is_known = type(self) is SparseCategoricalCrossentropy and self._dtype._np.itemsize >= 4
        targets = convert(y_true) if isinstance(y_true, np.ndarray) else y_true
        if is_known and type(targets) is Tensor and targets._array.dtype.kind == "i":
            return targets
        return super()._prepared_targets(targets)


class CTC(_KnownLoss):
    """Connectionist temporal classification: labels without their places in time.

    Args: those of `Loss`; `ctc` says what targets and predictions are.

    Example:
      >>> print(tf.keras.losses.CTC()(tf.constant([[1]]), tf.zeros((1, 2, 2))).numpy().round(4))
      0.2877
    """

    def __init__(self, reduction: str | None = _MEAN, name: str | None = "ctc", dtype: Any = None) -> None:
        super().__init__(ctc, reduction, name, dtype)


class Dice(_KnownLoss):
    """Dice loss of overlapping sets.

    Example:
      >>> print(tf.keras.losses.Dice()([[1.0, 0.0]], [[1.0, 0.0]]).numpy().round(4))
      0.0
    """

    def __init__(
        self, reduction: str | None = _MEAN, name: str | None = "dice", axis: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(functions.dice, reduction, name, dtype, axis=axis)


class Tversky(_KnownLoss):
    """Dice loss with weights of what is only in one of the two.

    Example:
      >>> print(tf.keras.losses.Tversky()([[1.0, 0.0]], [[1.0, 0.0]]).numpy().round(4))
      0.0
    """

    def __init__(
        self, alpha: float = 0.5, beta: float = 0.5, reduction: str | None = _MEAN, name: str | None = "tversky",
        axis: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(functions.tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)


class Circle(_KnownLoss):
    """Circle loss of normalized embeddings.

    Args: `gamma`, `margin`, `remove_diagonal` of `circle`, and those of `Loss`.

    Example:
      >>> tf.keras.losses.Circle().name
      'circle'
    """

    def __init__(
        self, gamma: float = 80.0, margin: float = 0.4, remove_diagonal: bool = True, reduction: str | None = _MEAN,
        name: str | None = "circle", dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            functions.circle, reduction, name, dtype, gamma=gamma, margin=margin, remove_diagonal=remove_diagonal
        )


class CategoricalGeneralizedCrossEntropy(_KnownLoss):
    """Cross-entropy that withstands wrong labels.

    Args:
      q: between 0 (cross-entropy) and 1 (mean absolute error).

    Example:
      >>> print(tf.keras.losses.CategoricalGeneralizedCrossEntropy()([1], [[0.0, 1.0]]).numpy())
      0.0
    """

    def __init__(
        self, q: float = 0.5, reduction: str | None = _MEAN, name: str | None = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:  # fmt: skip
        if not 0 < q < 1:
            raise ValueError("q must be in the interval (0, 1)")
        super().__init__(crossentropy.categorical_generalized_cross_entropy, reduction, name, dtype, q=q)
