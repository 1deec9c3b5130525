"""Embedding: rows of a trained table."""

from __future__ import annotations

from typing import Any

from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.core import symbolic_mask
from tenfold.keras.layers.dense import refuse_adapters
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.weights import weight_options
from tenfold.ops import cast as cast_ops
from tenfold.ops import einsum as einsum_ops
from tenfold.ops import exponential, logic
from tenfold.ops import gather as gather_ops
from tenfold.ops import matmul as matmul_ops


class Embedding(Layer):
    """Turns integers into rows of a trained table.

    Input shape: `(batch, ...)`, integers in `[0, input_dim)`. Output shape: `(batch, ..., output_dim)`.
    The gradient is `tf.IndexedSlices`: optimizers that can, update only the rows that were looked up.

    Args:
      input_dim: number of rows.
      output_dim: size of a row.
      embeddings_initializer, embeddings_regularizer, embeddings_constraint: of the table.
      mask_zero: whether 0 means padding, to be left out by the layers that follow.
      weights: list with the initial table.

    Example:
      >>> tf.keras.layers.Embedding(10, 4)(tf.constant([[1, 2, 3]])).shape
      TensorShape([1, 3, 4])
    """

    _checkpoint_names = {"embeddings": "_embeddings"}
    _config_names = (
        "input_dim", "output_dim", *weight_options("embeddings"), "activity_regularizer", "mask_zero",
        "quantization_config",
    )  # fmt: skip

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: int | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        length = kwargs.pop("input_length", None)
        if length is not None:
            kwargs["input_shape"] = (length,)
        super().__init__(**kwargs)
        refuse_adapters(self, lora_rank=lora_rank, lora_alpha=lora_alpha, quantization_config=quantization_config)
        self.input_dim, self.output_dim = int(input_dim), int(output_dim)
        self._describe_weight("embeddings", embeddings_initializer, embeddings_regularizer, embeddings_constraint)
        self.mask_zero = self.supports_masking = mask_zero
        self.autocast = False
        if weights is not None:
            self.build()
            self.set_weights([weights] if not isinstance(weights, (list, tuple)) else weights)

    def build(self, input_shape: Any = None) -> None:
        if not self.built:
            self.embeddings = self._make_weight("embeddings", (self.input_dim, self.output_dim))
            self.built = True

    def call(self, inputs: Any) -> Any:
        if inputs.dtype.name not in ("int32", "int64"):
            inputs = cast_ops.cast(inputs, "int32")
        return gather_ops.gather(self.embeddings, inputs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if not self.mask_zero:
            return None
        return symbolic_mask(self, inputs, mask) if isinstance(inputs, KerasTensor) else logic.not_equal(inputs, 0)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (*input_shape, self.output_dim)


class ReversibleEmbedding(Embedding):
    """An embedding that can also be used the other way: from vectors to a score for each row.

    Input shape: `(batch, ...)` of integers; with `reverse=True`, `(batch, ..., output_dim)`. Output shape:
    `(batch, ..., output_dim)`; with `reverse=True`, `(batch, ..., input_dim)`.

    Args:
      input_dim, output_dim, embeddings_initializer, ..., mask_zero: as for `Embedding`.
      tie_weights: whether the scores are products with the rows; else they have a kernel of their own.
      reverse_dtype: dtype of the scores, that of the vectors by default.
      logit_soft_cap: bound of the scores, which are `cap * tanh(score / cap)` then.

    Example:
      >>> layer = tf.keras.layers.ReversibleEmbedding(10, 4)
      >>> layer(layer(tf.constant([[1, 2, 3]])), reverse=True).shape
      TensorShape([1, 3, 10])
    """

    _config_names = ("tie_weights", "reverse_dtype", "logit_soft_cap")

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        reverse_dtype: Any = None,
        logit_soft_cap: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            input_dim,
            output_dim,
            embeddings_initializer=embeddings_initializer,
            embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint,
            mask_zero=mask_zero,
            **kwargs,
        )
        self.tie_weights = tie_weights
        self.reverse_dtype = reverse_dtype
        self.logit_soft_cap = logit_soft_cap

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        if not self.tie_weights:
            self.reverse_embeddings = self.add_weight(
                shape=(self.output_dim, self.input_dim),
                initializer=self.embeddings_initializer,
                name="reverse_embeddings",
            )

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        if not reverse:
            outputs = super().call(inputs)
            outputs._keras_mask = super().compute_mask(inputs)
            return outputs
        kernel = self.embeddings if self.tie_weights else self.reverse_embeddings
        if self.reverse_dtype is not None:
            inputs, kernel = cast_ops.cast(inputs, self.reverse_dtype), cast_ops.cast(kernel, self.reverse_dtype)
        if inputs.ndim == 2:
            logits = matmul_ops.matmul(inputs, kernel, transpose_b=self.tie_weights)
        else:
            logits = einsum_ops.einsum("...d,nd->...n" if self.tie_weights else "...d,dn->...n", inputs, kernel)
        cap = self.logit_soft_cap
        return logits if cap is None else exponential.tanh(logits / cap) * cap

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """None: only rows that are looked up are masked, which `call` does."""
        return None

    def compute_output_shape(self, input_shape: Any, reverse: bool = False) -> tuple:
        return (*input_shape[:-1], self.input_dim) if reverse else (*input_shape, self.output_dim)

    def compute_output_spec(self, inputs: Any, reverse: bool = False) -> KerasTensor:
        return KerasTensor(self.compute_output_shape(inputs.shape, reverse), self.compute_dtype)
