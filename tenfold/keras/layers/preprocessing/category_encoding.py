"""CategoryEncoding: numbers of categories as vectors."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.preprocessing.base import PreprocessingLayer
from tenfold.keras.layers.preprocessing.encoding import encode_categories


class CategoryEncoding(PreprocessingLayer):
    """Vectors of which categories are there, or how often; of integers from 0 to `num_tokens - 1`.

    Args:
      num_tokens: how many categories there are.
      output_mode: "one_hot" for a vector for each number, "multi_hot" for one for each row, "count" for how often each
        category is in the row.
      sparse: whether vectors are a `tf.SparseTensor`.

    Example:
      >>> print(tf.keras.layers.CategoryEncoding(3, output_mode="count")([[0, 1], [2, 2]]).numpy())
      [[1. 1. 0.]
       [0. 0. 2.]]
    """

    def __init__(
        self, num_tokens: int | None = None, output_mode: str = "multi_hot", sparse: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        output_mode = "multi_hot" if output_mode == "binary" else output_mode
        if output_mode not in ("count", "one_hot", "multi_hot"):
            raise ValueError(f"Unknown arg for output_mode: {output_mode}")
        if num_tokens is None or num_tokens < 1:
            raise ValueError(
                f"CategoryEncoding: num_tokens is {num_tokens}; it must be 1 or more. If the number of tokens is not known "
                "beforehand, use the IntegerLookup layer instead."
            )
        self.num_tokens, self.output_mode, self.sparse = num_tokens, output_mode, sparse

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        if count_weights is not None:
            if self.output_mode != "count":
                raise ValueError(
                    "`count_weights` is not used when `output_mode` is not `'count'`. Received "
                    f"`count_weights={count_weights}`."
                )
            count_weights = convert(count_weights, as_dtype(self.compute_dtype))
        return encode_categories(inputs, self.output_mode, self.num_tokens, self.dtype, self.sparse, count_weights)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        shape = tuple(input_shape)
        if self.output_mode == "one_hot" and shape and (shape[-1] != 1 or len(shape) == 1):
            return (*shape, self.num_tokens)
        return (*shape[:-1], self.num_tokens)

    def compute_output_spec(self, inputs: Any, count_weights: Any = None) -> KerasTensor:
        return KerasTensor(self.compute_output_shape(inputs.shape), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_tokens": self.num_tokens, "output_mode": self.output_mode}
