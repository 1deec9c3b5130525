"""Loss: a loss function with its reduction over examples."""

from __future__ import annotations

from typing import Any

from tenfold.core import nest
from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.symbol import Size
from tenfold.core.tensor import Tensor
from tenfold.keras import config, naming
from tenfold.keras.losses.inputs import same_rank
from tenfold.keras.notes import note_once
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, logic, sizes
from tenfold.ops import reduce as reduce_ops

_REDUCTIONS = ("sum_over_batch_size", "sum", None, "none", "mean", "mean_with_sample_weight")


class Reduction:
    """The reductions by the names that Keras 2 gave them.

    Example:
      >>> tf.keras.losses.Reduction.SUM
      'sum'
    """

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"


class Loss:
    """Base of losses; subclasses define `call(y_true, y_pred)`, which returns one number per example.

    Args:
      name: name of the loss.
      reduction: `"sum_over_batch_size"` (the mean), `"sum"`, `"mean_with_sample_weight"` (divided by the sum of weights),
        or `"none"`.
      dtype: dtype of the computation, the default float type if None.

    Example:
      >>> class Distance(tf.keras.losses.Loss):
      ...     def call(self, y_true, y_pred):
      ...         return tf.norm(y_true - y_pred, axis=-1)
      >>> print(Distance()([[0.0, 0.0]], [[3.0, 4.0]]).numpy())
      5.0
    """

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        if reduction == "auto":
            note_once("The reduction `AUTO` of losses is `sum_over_batch_size`, the default, now.")
            reduction = "sum_over_batch_size"
        if reduction not in _REDUCTIONS:
            raise ValueError(f"{type(self).__name__}: reduction is {reduction!r}; it must be one of {_REDUCTIONS}.")
        self.name = name or naming.auto_name(type(self).__name__)
        self.reduction = reduction
        self._dtype: DType = as_dtype(getattr(dtype, "compute_dtype", dtype) or config.floatx())

    @property
    def dtype(self) -> str:
        return self._dtype.name

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """The loss of a batch.

        Args:
          y_true, y_pred: targets and predictions; they are cast to the dtype of the loss.
          sample_weight: factors of the examples; they, and the mask of `y_pred`, fit the shape of what `call` returns.
        Returns:
          A number, or one per example where `reduction` is `"none"`.
        """
        mask = getattr(y_pred, "_keras_mask", None)
        y_pred = self._prepared(y_pred)
        y_true = self._prepared_targets(y_true)
        losses = self.call(y_true, y_pred)
        own_mask = getattr(losses, "_keras_mask", None)
        if own_mask is not None:
            mask = own_mask if mask is None else logic.logical_and(mask, own_mask)
        return reduced(self._prepared(losses), sample_weight, mask, self.reduction)

    def _prepared_targets(self, y_true: Any) -> Any:
        return self._prepared(y_true)

    def _prepared(self, value: Any) -> Any:
        if type(value) is Tensor:
            if value._array.dtype is self._dtype._np:
                return value
            return cast_ops.cast(value, self._dtype)
        is_list = isinstance(value, (list, tuple))  # of numbers, or of tensors
        if isinstance(value, dict) or (is_list and any(isinstance(leaf, Tensor) for leaf in nest.flatten(value))):
            return nest.map_structure(self._prepared, value)
        return cast_ops.cast(convert(value), self._dtype)

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


def reduced(losses: Tensor, sample_weight: Any, mask: Any, reduction: str | None) -> Tensor:
    """Losses times weights and mask, reduced."""
    dtype = losses.dtype
    weights = None if sample_weight is None else cast_ops.cast(convert(sample_weight, None, dtype), dtype)
    if mask is not None:
        kept = cast_ops.cast(convert(mask), dtype)
        if reduction in ("mean", "sum_over_batch_size"):
            # masked examples are left out of the mean
            kept = kept * elementwise.divide_no_nan(_size(kept), reduce_ops.reduce_sum(kept))
        if weights is not None:
            kept, weights = same_rank(kept, weights)
            kept = weights * kept
        weights = kept
    if weights is not None:
        losses, weights = same_rank(losses, weights)
        losses = losses * weights
    shape = losses._array.shape
    if reduction is None or reduction == "none" or shape == () or shape == (0,):
        return losses
    if reduction == "sum":
        return reduce_ops.reduce_sum(losses)
    is_by_weight = reduction == "mean_with_sample_weight" and weights is not None
    if losses._array.dtype.char in "fd" and losses._array.size and not is_by_weight:
        return reduce_ops.reduce_mean(losses)  # the quotient below, to the bit
    total = reduce_ops.reduce_sum(losses)
    if is_by_weight:
        return elementwise.divide_no_nan(total, reduce_ops.reduce_sum(weights))
    return total / _size(losses) if losses._array.size else total


def _size(x: Tensor) -> Tensor:
    """The number of elements, in the tensor's dtype."""
    size = x._array.size
    return cast_ops.cast(sizes.size(x), x.dtype) if type(size) is Size else convert(float(size), x.dtype)


class LossFunctionWrapper(Loss):
    """Makes a loss of a function of `(y_true, y_pred)`; keywords are passed on to it.

    Args:
      fn: the function, which returns a number per example.
      reduction, name, dtype: those of `Loss`.

    Example:
      >>> distance = tf.keras.losses.LossFunctionWrapper(lambda y_true, y_pred, p: tf.abs(y_true - y_pred) ** p, p=3)
      >>> print(distance([0.0, 0.0], [1.0, 2.0]).numpy())
      4.5
    """

    def __init__(
        self, fn: Any, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: Any = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn
        self._fn_kwargs = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        if type(y_true) is Tensor and type(y_pred) is Tensor:
            y_true, y_pred = same_rank(y_true, y_pred)
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        from tenfold.keras.saving import serialization

        return {**super().get_config(), **serialization.serialize_keras_object({"fn": self.fn, **self._fn_kwargs})}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        from tenfold.keras.saving import serialization

        if "fn" in config:
            own = {key: config[key] for key in ("name", "reduction") if key in config}  # no names of custom functions
            config = serialization.deserialize_keras_object(config) | own
        return cls(**config)

    def __repr__(self) -> str:
        return f"<LossFunctionWrapper({self.fn}, kwargs={self._fn_kwargs})>"
