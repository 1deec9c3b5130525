"""Hashing and HashedCrossing: numbers of buckets for texts, integers and combinations of them."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.keras import config
from tenfold.keras.keras_tensor import KerasTensor, is_symbolic
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.preprocessing.base import PreprocessingLayer, tensor_of
from tenfold.keras.layers.preprocessing.encoding import OUTPUT_MODES, check_choice, encode_categories
from tenfold.keras.layers.preprocessing.vocabulary import salt_of
from tenfold.ops import array as array_ops
from tenfold.ops import cast, creation, logic, sizes
from tenfold.ops import gather as gather_ops
from tenfold.ops.ragged.tensor import RaggedTensor
from tenfold.ops.sparse.convert import to_dense
from tenfold.ops.sparse.cross import cross_hashed
from tenfold.ops.sparse.tensor import SparseTensor
from tenfold.ops.strings.as_string import as_string
from tenfold.ops.strings.hash_bucket import to_hash_bucket_fast, to_hash_bucket_strong


class Hashing(PreprocessingLayer):
    """Numbers of buckets for texts and integers, by their hash.

    Args:
      num_bins: how many buckets there are, with that of `mask_value`.
      mask_value: the value whose bucket is 0, which no other has.
      salt: one or two integers that the buckets depend on.
      output_mode: "int" for numbers, "one_hot", "multi_hot" or "count" for vectors.
      sparse: whether vectors are a `tf.SparseTensor`.

    Example:
      >>> print(tf.keras.layers.Hashing(3)([["A"], ["B"], ["C"]]).numpy().tolist())
      [[1], [0], [1]]
    """

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        dtype = dtype or ("int64" if output_mode == "int" else config.floatx())
        super().__init__(dtype=dtype, autocast=False, **kwargs)
        if num_bins is None or num_bins <= 0:
            raise ValueError(
                f"The `num_bins` for `Hashing` cannot be `None` or non-positive values. Received: num_bins={num_bins}."
            )
        check_choice(self, "output_mode", output_mode, OUTPUT_MODES)
        if output_mode == "int" and self.dtype_policy.name not in ("int32", "int64"):
            raise ValueError(f"Hashing: with output_mode='int', `dtype` must be 'int32' or 'int64'. Received: {dtype}")
        if sparse and output_mode == "int":
            raise ValueError("Hashing: `sparse` needs another `output_mode` than 'int'.")
        self.num_bins, self.mask_value, self.salt = num_bins, mask_value, salt_of(self, salt)
        self.output_mode, self.sparse = output_mode, sparse

    def call(self, inputs: Any) -> Any:
        if self.output_mode == "one_hot" and inputs.shape[-1] == 1:
            inputs = array_ops.squeeze(inputs, -1)
        if isinstance(inputs, SparseTensor):
            buckets: Any = inputs.with_values(self._buckets(inputs.values))
        elif isinstance(inputs, RaggedTensor):
            buckets = inputs.with_flat_values(self._buckets(inputs.flat_values))
        else:
            buckets = self._buckets(inputs)
        return encode_categories(buckets, self.output_mode, self.num_bins, self.dtype, self.sparse)

    def _buckets(self, values: Any) -> Any:
        has_mask = self.mask_value is not None and self.num_bins > 1
        count = self.num_bins - has_mask
        texts = cast.cast(values, dtypes.int64) if values.dtype.is_floating else values
        texts = texts if texts.dtype is dtypes.string else as_string(texts)
        buckets = (
            to_hash_bucket_fast(texts, count) if self.salt is None else to_hash_bucket_strong(texts, count, self.salt)
        )
        if not has_mask:
            return buckets
        is_masked = logic.equal(values, creation.constant(self.mask_value, values.dtype))
        return gather_ops.where(is_masked, creation.zeros_like(buckets), buckets + 1)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        shape = tuple(input_shape)
        return shape if self.output_mode == "int" else (*shape[:-1], self.num_bins)

    def compute_output_spec(self, inputs: Any) -> KerasTensor:
        return KerasTensor(self.compute_output_shape(inputs.shape), self.dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_bins": self.num_bins,
            "salt": self.salt,
            "mask_value": self.mask_value,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
        }


class HashedCrossing(Layer):
    """Numbers of buckets for combinations of texts or integers, one of each input.

    Args:
      num_bins: how many buckets there are.
      output_mode: "int" for numbers, "one_hot" for vectors.
      sparse: whether vectors are a `tf.SparseTensor`.
      name: the layer's name.
      dtype: of the numbers or vectors.

    Example:
      >>> layer = tf.keras.layers.HashedCrossing(num_bins=5)
      >>> print(layer((["A", "B", "A", "B"], [101, 101, 101, 102])).numpy())
      [1 4 1 1]
    """

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, dtype="int64" if output_mode == "int" and dtype is None else dtype, autocast=False)
        check_choice(self, "output_mode", output_mode, ("int", "one_hot"))
        self.num_bins, self.output_mode, self.sparse = num_bins, output_mode, sparse

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2:
            raise ValueError(
                f"`HashedCrossing` should be called on a list or tuple of at least two inputs. Received: inputs={inputs}"
            )
        given = inputs if is_symbolic(inputs) else [tensor_of(x) for x in inputs]
        return super().__call__(given, *args, **kwargs)

    def call(self, inputs: Any) -> Any:
        first = inputs[0].shape
        rank = len(first)
        if rank > 2 or (rank == 2 and first[-1] != 1) or any(tuple(x.shape) != tuple(first) for x in inputs[1:]):
            raise ValueError(
                "All `HashedCrossing` inputs should have one shape, `()`, `(batch_size)` or `(batch_size, 1)`. Received: "
                f"{[tuple(x.shape) for x in inputs]}"
            )
        if any(isinstance(x, (RaggedTensor, SparseTensor)) for x in inputs):
            raise ValueError("All `HashedCrossing` inputs should be dense tensors.")
        if not all(x.dtype.is_integer or x.dtype is dtypes.string for x in inputs):
            raise ValueError(
                "All `HashedCrossing` inputs should have an integer or string dtype. Received: "
                f"{[x.dtype.name for x in inputs]}"
            )
        crossed = to_dense(cross_hashed([array_ops.reshape(x, [-1, 1]) for x in inputs], self.num_bins))
        crossed = array_ops.reshape(crossed, sizes.shape(inputs[0]))
        return encode_categories(crossed, self.output_mode, self.num_bins, self.compute_dtype, self.sparse)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        first = tuple(input_shape[0])
        if self.output_mode == "int":
            return first
        return (*first, self.num_bins) if first and first[-1] != 1 else (*first[:-1], self.num_bins)

    def compute_output_spec(self, inputs: Any) -> KerasTensor:
        return KerasTensor(self.compute_output_shape([x.shape for x in inputs]), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            "num_bins": self.num_bins,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "name": self.name,
            "dtype": self.dtype,
        }
