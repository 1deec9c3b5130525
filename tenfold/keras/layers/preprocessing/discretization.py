"""Discretization: numbers of the intervals that values are in."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.dtypes import as_dtype
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.preprocessing.base import PreprocessingLayer, batches_of
from tenfold.keras.layers.preprocessing.encoding import OUTPUT_MODES, check_choice, encode_categories
from tenfold.ops import cast
from tenfold.ops.bucketize import BUCKETIZE


class Discretization(PreprocessingLayer):
    """Numbers of the intervals that values are in.

    Args:
      bin_boundaries: where intervals begin, in order; there is one more before the first.
      num_bins: how many intervals `adapt` makes, with about as many values in each.
      epsilon: how exact `adapt` is: one in so many values is kept of each batch.
      output_mode: "int" for numbers, "one_hot", "multi_hot" or "count" for vectors.
      sparse: whether vectors are a `tf.SparseTensor`.
      dtype: of vectors.
      name: the layer's name.

    Example:
      >>> print(tf.keras.layers.Discretization([0.0, 1.0, 2.0])([[-1.5, 1.0], [0.5, 3.4]]).numpy())
      [[0 2]
       [1 3]]
    """

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        check_choice(self, "output_mode", output_mode, OUTPUT_MODES)
        if sparse and output_mode == "int":
            raise ValueError("Discretization: `sparse` needs another `output_mode` than 'int'.")
        if num_bins is not None and num_bins < 0:
            raise ValueError(f"`num_bins` must be greater than or equal to 0. Received: `num_bins={num_bins}`")
        if (num_bins is None) == (bin_boundaries is None):
            raise ValueError(
                "Discretization: one of `num_bins` and `bin_boundaries` must be set, and not both. Received: "
                f"num_bins={num_bins}, bin_boundaries={bin_boundaries}"
            )
        self.bin_boundaries, self.num_bins, self.epsilon = bin_boundaries, num_bins, epsilon
        self.output_mode, self.sparse = output_mode, sparse
        self.reset_state()

    @property
    def output_dtype(self) -> str:
        return "int32" if self.output_mode == "int" else self.compute_dtype

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Finds intervals with about as many values of data in each.

        Args:
          data: array or tensor, or an iterable of batches.
          steps: how many batches of an iterable are read.
        Raises:
          ValueError: the layer was made with `bin_boundaries`.
        """
        if self.num_bins is None:
            raise ValueError(
                "Cannot adapt a Discretization layer that has been initialized with `bin_boundaries`, use `num_bins` instead."
            )
        self.reset_state()
        batches = batches_of(data, steps)
        for batch in [data] if batches is None else batches:
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Takes a batch of values into account."""
        values = np.asarray(data.numpy() if hasattr(data, "numpy") else data).astype(np.float32)
        merged = np.concatenate([_summary(values, self.epsilon), self.summary], 1)
        self.summary = _compressed(merged[:, np.argsort(merged[0])], self.epsilon)

    def finalize_state(self) -> None:
        """Makes the intervals from the values that were taken into account."""
        if self.num_bins is not None:
            self.bin_boundaries = _compressed(self.summary, 1.0 / self.num_bins)[0, :-1].tolist()

    def reset_state(self) -> None:
        """Forgets the values that were taken into account."""
        self.summary = np.zeros((2, 0), np.float32)

    def call(self, inputs: Any) -> Any:
        if self.bin_boundaries is None:
            raise ValueError(
                "You need to either pass the `bin_boundaries` argument at construction time or call `adapt(dataset)` before you "
                "can start using the `Discretization` layer."
            )
        depth = len(self.bin_boundaries) + 1
        if hasattr(inputs, "with_flat_values"):
            numbers = inputs.with_flat_values(self._numbers(inputs.flat_values))
        elif hasattr(inputs, "with_values"):
            numbers = inputs.with_values(self._numbers(inputs.values))
        else:
            numbers = self._numbers(inputs)
        return encode_categories(numbers, self.output_mode, depth, self.output_dtype, self.sparse)

    def _numbers(self, values: Any) -> Any:
        if values.dtype not in (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64):
            values = cast.cast(values, "float32" if values.dtype.is_floating else "int32")
        return BUCKETIZE(values, boundaries=tuple(map(float, self.bin_boundaries)))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return shape
        depth = self.num_bins if self.bin_boundaries is None else len(self.bin_boundaries) + 1
        if self.output_mode == "one_hot":
            return (*shape[:-1], depth) if len(shape) > 1 and shape[-1] == 1 else (*shape, depth)
        return (shape[0], *shape[2:], depth) if len(shape) > 1 else (depth,)

    def compute_output_spec(self, inputs: Any) -> KerasTensor:
        return KerasTensor(self.compute_output_shape(inputs.shape), self.output_dtype)

    def load_own_variables(self, store: Any) -> None:
        if len(store) == 1:
            self.summary = store["0"]

    def get_config(self) -> dict[str, Any]:
        return {
            "bin_boundaries": self.bin_boundaries,
            "num_bins": self.num_bins,
            "epsilon": self.epsilon,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "name": self.name,
            "dtype": as_dtype(self.dtype).name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        adapted = config.get("num_bins") is not None
        layer = super().from_config({**config, "bin_boundaries": None} if adapted else config)
        if adapted:
            layer.bin_boundaries = config.get("bin_boundaries")
        return layer


# A summary of values is a matrix: some of them in order, and how many each stands for.


def _summary(values: np.ndarray, epsilon: float) -> np.ndarray:
    """Every so manieth of the values in order, as many as `epsilon` says."""
    ordered = np.sort(values.reshape(-1))
    step = max(ordered.size * epsilon, 1)
    kept = ordered[int(step - 1) :: int(step)]
    return np.stack([kept, np.full_like(kept, step)])


def _compressed(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """A summary of at most `1 / epsilon` values, between those that it had."""
    if summary.shape[1] * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    weights = summary[1].cumsum()
    values = np.interp(shares, weights / weights[-1], summary[0])
    ends = np.interp(shares, weights / weights[-1], weights)
    return np.stack([values, np.diff(ends, prepend=0.0)]).astype(np.float32)
