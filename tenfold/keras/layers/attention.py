"""Attention layers."""

from __future__ import annotations

from typing import Any

from tenfold.keras import random
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.layer import Layer
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import exponential, logic, ranges, softmax
from tenfold.ops import gather as gather_ops
from tenfold.ops import matmul as matmul_ops
from tenfold.ops import reduce as reduce_ops


class Attention(Layer):
    """Dot-product attention (Luong et al., 2015, arXiv:1508.04025) of one head.

    Called on a list `[query, value]` or `[query, value, key]` of shapes `(batch, tq, dim)`, `(batch, tv, dim)`,
    `(batch, tv, dim)`. Output shape: `(batch, tq, dim)`.

    Args:
      use_scale: whether the scores are multiplied by a trained scalar.
      score_mode: `"dot"`, or `"concat"` for the tanh of sums.
      dropout: share of the attention weights that is dropped in training.
      seed: seed of dropout.

    Example:
      >>> tf.keras.layers.Attention()([tf.ones([2, 3, 4]), tf.ones([2, 5, 4])]).shape
      TensorShape([2, 3, 4])
    """

    _config_names: tuple[str, ...] = ("use_scale", "score_mode", "dropout", "seed")

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if score_mode not in ("dot", "concat"):
            raise ValueError(
                f"Invalid value for argument score_mode. Expected one of {{'dot', 'concat'}}. Received: score_mode={score_mode}"
            )
        self.use_scale, self.score_mode, self.dropout, self.seed = use_scale, score_mode, dropout, seed
        if dropout > 0:
            self.seed_generator = random.SeedGenerator(seed)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self._check(input_shape)
        self.scale = self.concat_score_weight = None
        if self.use_scale:
            self.scale = self.add_weight(shape=(), initializer="ones", name="scale")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight(shape=(), initializer="ones", name="concat_score_weight")
        self.built = True

    def _check(self, inputs: Any) -> None:
        is_several = isinstance(inputs, (list, tuple)) and not (inputs and isinstance(inputs[-1], int))  # not one shape
        if not is_several or not 2 <= len(inputs) <= 3:
            raise ValueError(
                f"{type(self).__name__} layer must be called on a list of inputs, namely [query, value] or [query, value, key]. "
                f"Received: inputs={inputs}."
            )

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        if self.score_mode == "dot":
            scores = matmul_ops.matmul(query, key, transpose_b=True)
            return scores if self.scale is None else scores * self.scale
        sums = array_ops.expand_dims(query, -2) + array_ops.expand_dims(key, -3)
        if self.scale is not None:
            sums = sums * self.scale
        return self.concat_score_weight * reduce_ops.reduce_sum(exponential.tanh(sums), -1)

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: Any = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        self._check(inputs)
        if mask is not None and not (isinstance(mask, (list, tuple)) and 2 <= len(mask) <= 3):
            raise ValueError(
                f"{type(self).__name__}: mask must be a list, namely [query_mask, value_mask] or with a third one, as the "
                f"inputs. Received: {mask}"
            )
        query, value = inputs[0], inputs[1]
        key = inputs[2] if len(inputs) > 2 else value
        query_mask, value_mask = (mask[0], mask[1]) if mask else (None, None)
        scores = self._calculate_scores(query, key)
        kept = None if value_mask is None else array_ops.expand_dims(cast_ops.cast(value_mask, "bool"), -2)
        if use_causal_mask:
            causal = causal_mask(scores._array.shape[-2], scores._array.shape[-1])
            kept = causal if kept is None else logic.logical_and(kept, causal)
        if kept is not None:
            lowest = 65504.0 if scores.dtype.name == "float16" else 1e9
            scores = gather_ops.where(kept, scores, scores - lowest)
        weights = softmax.softmax(scores, -1)
        if training and self.dropout > 0:
            weights = random.dropout(weights, self.dropout, seed=self.seed_generator)
        result = matmul_ops.matmul(weights, value)
        if query_mask is not None:
            result = result * cast_ops.cast(array_ops.expand_dims(query_mask, -1), result.dtype)
        return (result, weights) if return_attention_scores else result

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None if mask is None else mask[0]

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (*input_shape[0][:-1], input_shape[1][-1])

    def compute_output_spec(
        self,
        inputs: Any,
        mask: Any = None,
        return_attention_scores: bool = False,
        training: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        self._check(inputs)
        output = KerasTensor(self.compute_output_shape([x.shape for x in inputs]), self.compute_dtype)
        if not return_attention_scores:
            return output
        return output, KerasTensor((*inputs[0].shape[:-1], inputs[-1].shape[-2]), self.compute_dtype)


class AdditiveAttention(Attention):
    """Additive attention (Bahdanau et al., 2014, arXiv:1409.0473): scores are sums of tanh, with a trained scale.

    Example:
      >>> tf.keras.layers.AdditiveAttention()([tf.ones([2, 3, 4]), tf.ones([2, 5, 4])]).shape
      TensorShape([2, 3, 4])
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Any) -> None:
        self._check(input_shape)
        self.scale = self.add_weight(shape=(input_shape[0][-1],), name="scale") if self.use_scale else None
        self.built = True

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        sums = exponential.tanh(array_ops.expand_dims(query, -2) + array_ops.expand_dims(key, -3))
        return reduce_ops.reduce_sum(sums if self.scale is None else sums * self.scale, -1)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("score_mode")
        return config


def causal_mask(queries: int, keys: int) -> Any:
    """True where a query may look: at keys that are not later. Shape `(1, queries, keys)`."""
    rows, columns = ranges.range(queries), ranges.range(keys)
    return array_ops.expand_dims(logic.greater_equal(array_ops.expand_dims(rows, 1), columns), 0)
