"""Attention of several heads."""

from __future__ import annotations

import math
from typing import Any

from tenfold.keras import constraints, initializers, naming, regularizers
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.activation import Softmax
from tenfold.keras.layers.attention import causal_mask
from tenfold.keras.layers.dense import EinsumDense
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.regularization import Dropout
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import einsum as einsum_ops
from tenfold.ops import gather as gather_ops
from tenfold.ops import logic, ranges, softmax


class _HeadAttention(Layer):
    """What attention of several heads shares: masks, options of the projections."""

    kernel_regularizer: Any
    bias_regularizer: Any
    use_bias: bool
    dropout: float
    _softmax: Softmax
    sliding_window: int | None
    _projection_regularizer: Any  # of the outputs of the projections

    def _describe_projections(
        self, kernel_initializer: Any, bias_initializer: Any, kernel_regularizer: Any, bias_regularizer: Any,
        activity_regularizer: Any, kernel_constraint: Any, bias_constraint: Any,
    ) -> None:  # fmt: skip
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self._projection_regularizer = regularizers.get(activity_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def _projection(
        self, equation: str, output_shape: Any, bias_axes: str, name: str, activation: Any = None
    ) -> EinsumDense:
        return EinsumDense(
            equation,
            output_shape=output_shape,
            bias_axes=bias_axes if self.use_bias else None,
            activation=activation,
            name=name,
            kernel_initializer=_copied(self.kernel_initializer),
            bias_initializer=_copied(self.bias_initializer),
            kernel_regularizer=self.kernel_regularizer,
            bias_regularizer=self.bias_regularizer,
            activity_regularizer=self._projection_regularizer,
            kernel_constraint=self.kernel_constraint,
            bias_constraint=self.bias_constraint,
            dtype=self.dtype_policy,
        )

    def _merged_mask(
        self,
        query: Any,
        value: Any,
        query_mask: Any,
        value_mask: Any,
        key_mask: Any,
        attention_mask: Any,
        is_causal: bool,
    ) -> Any:
        """The conjunction of all masks, of shape `(batch, tq, tv)`; None if there is none."""
        parts = [] if attention_mask is None else [cast_ops.cast(attention_mask, "bool")]
        if query_mask is not None:
            parts.append(array_ops.expand_dims(cast_ops.cast(query_mask, "bool"), -1))
        for mask in (value_mask, key_mask):
            if mask is not None:
                parts.append(array_ops.expand_dims(cast_ops.cast(mask, "bool"), -2))
        queries, keys = query._array.shape[1], value._array.shape[1]
        if is_causal:
            parts.append(causal_mask(queries, keys))
        if self.sliding_window is not None:
            distance = array_ops.expand_dims(ranges.range(queries), 1) - ranges.range(keys)
            is_near = logic.logical_and(
                logic.less(distance, self.sliding_window), logic.greater(distance, -self.sliding_window)
            )
            parts.append(array_ops.expand_dims(is_near, 0))
        merged = None
        for part in parts:
            merged = part if merged is None else logic.logical_and(merged, part)
        return merged

    def _weights(self, scores: Any, mask: Any, is_shown: bool) -> Any:
        """The attention weights. Where all keys of a query are masked, they are zeros if shown or dropped, else equal."""
        if mask is None or is_shown or self.dropout > 0:
            return self._softmax(scores, mask=mask)
        lowest = 0.7 * float(scores.dtype.min)
        return softmax.softmax(gather_ops.where(mask, scores, cast_ops.cast(lowest, scores.dtype)), -1)


def _alphabet(start: int, count: int) -> str:
    return "abcdefghijklmnopqrstuvw"[start : start + count]


_UNEQUAL = (
    "All dimensions of `value` and `key`, except the last one, must be equal. Received: value_shape={} and key_shape={}"
)


def _copied(initializer: Any) -> Any:
    """An initializer of the same kind, so that two kernels do not start equal."""
    return (
        type(initializer).from_config(initializer.get_config()) if hasattr(initializer, "get_config") else initializer
    )


class MultiHeadAttention(_HeadAttention):
    """Attention of several heads (Vaswani et al., 2017, arXiv:1706.03762).

    Call: `layer(query, value, key=None, attention_mask=None, use_causal_mask=False, return_attention_scores=False)` with
    query `(batch, tq, ..., dim)`, value and key `(batch, tv, ..., dim)`. Output shape: that of the query, with the last
    axis replaced by `output_shape` if given.

    Args:
      num_heads: number of heads.
      key_dim, value_dim: sizes of the projections per head; `value_dim` is `key_dim` by default.
      dropout: share of the attention weights that is dropped in training.
      use_bias: whether the projections add biases.
      output_shape: last sizes of the output; the query's by default.
      attention_axes: axes over which attention runs; all but batch, heads and features by default.
      sliding_window: how many positions around a query are looked at; all by default.
      use_gate: whether the result is multiplied by a sigmoid gate of the query.

    Example:
      >>> layer = tf.keras.layers.MultiHeadAttention(num_heads=2, key_dim=4)
      >>> layer(tf.ones([2, 3, 8]), tf.ones([2, 5, 8])).shape
      TensorShape([2, 3, 8])
    """

    supports_masking = True
    _saved_attributes = ("query_dense", "key_dense", "value_dense", "output_dense")
    _checkpoint_names = {name: f"_{name}" for name in _saved_attributes}
    _config_names = (
        "num_heads", "key_dim", "value_dim", "dropout", "use_bias", "use_gate", "output_shape", "attention_axes",
        "sliding_window", "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer",
        "kernel_constraint", "bias_constraint", "seed",
    )  # fmt: skip

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
        sliding_window: int | None = None,
        flash_attention: Any = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if flash_attention:
            raise ValueError("MultiHeadAttention: flash_attention=True is not supported on the CPU. Leave it out.")
        self.num_heads = num_heads
        self.key_dim = key_dim
        self.value_dim = value_dim or key_dim
        self.dropout = dropout
        self.use_bias = use_bias
        self.use_gate = use_gate
        self.seed = seed
        self.output_shape = (
            (output_shape,) if isinstance(output_shape, int) else None if output_shape is None else tuple(output_shape)
        )
        self.attention_axes: Any = (attention_axes,) if isinstance(attention_axes, int) else attention_axes
        self.sliding_window = sliding_window
        self._describe_projections(
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
        )

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:  # type: ignore[override]
        key_shape = value_shape if key_shape is None else key_shape
        if tuple(value_shape[1:-1]) != tuple(key_shape[1:-1]):
            raise ValueError(_UNEQUAL.format(value_shape, key_shape))
        rank = len(query_shape) - 1
        axes, features = _alphabet(0, rank), _alphabet(rank, 3)
        free = [None] * (rank - 1)

        def project(name: str, shape: Any, size: int, activation: Any = None) -> EinsumDense:
            layer = self._projection(
                f"{axes}{features[0]},{features}->{axes}{features[1:]}",
                (*free, self.num_heads, size),
                features[1:],
                name,
                activation,
            )
            layer._ensure_built(shape)
            return layer

        self.query_dense = project("query", query_shape, self.key_dim)
        self.key_dense = project("key", key_shape, self.key_dim)
        if self.use_gate:
            self.gate_dense = project("gate", query_shape, self.value_dim, "sigmoid")
        self.value_dense = project("value", value_shape, self.value_dim)
        self._make_equations(len(query_shape) + 1)
        self._dropout_layer = Dropout(self.dropout, dtype=self.dtype_policy, seed=self.seed)  # its seed is drawn here
        last = self.output_shape or (query_shape[-1],)
        heads, results = _alphabet(rank, 2), _alphabet(rank + 2, len(last))
        self.output_dense = self._projection(
            f"{axes}{heads},{heads}{results}->{axes}{results}", (*free, *last), results, "attention_output"
        )
        self.output_dense._ensure_built((*query_shape[:-1], self.num_heads, self.value_dim))
        self.built = True

    def _make_equations(self, rank: int) -> None:
        """The einsums of scores and results, for projected tensors of shape `(batch, ..., heads, size)`."""
        axes = self.attention_axes
        axes = tuple(range(1, rank - 2)) if axes is None else tuple(a if a >= 0 else a + rank - 1 for a in axes)
        self.attention_axes = axes
        letters = "abcdefghij"[: rank - 2] + "nz"
        targets = [c.upper() if i in axes else c for i, c in enumerate(letters)]
        attended, looked_at = "".join(letters[i] for i in axes), "".join(targets[i] for i in axes)
        kept = "".join(c for i, c in enumerate(letters[:-1]) if i not in axes)
        scores = kept + attended + looked_at
        query, key = letters, "".join(targets)
        self._score_equation = f"{key},{query}->{scores}"
        self._result_equation = f"{scores},{key}->{query}"
        self._softmax = Softmax(axis=tuple(range(-len(axes), 0)), dtype=self.dtype_policy)

    def call(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        key_mask = None if key is None else key_mask
        key = value if key is None else key
        query_mask = query._keras_mask  # as in Keras, which does not look at the argument
        mask = self._merged_mask(query, value, query_mask, value_mask, key_mask, attention_mask, use_causal_mask)
        for tensor in (query, value, key):
            tensor._keras_mask = None  # it has been used; as in Keras, layers that take the same tensor later see none
        gate = self.gate_dense(query) if self.use_gate else None
        q, k, v = self.query_dense(query), self.key_dense(key), self.value_dense(value)
        scores = einsum_ops.einsum(self._score_equation, k, q * (1.0 / math.sqrt(self.key_dim)))
        if mask is not None:
            for _ in range(scores.ndim - mask.ndim):
                mask = array_ops.expand_dims(mask, -len(self.attention_axes) * 2 - 1)
        weights = self._weights(scores, mask, return_attention_scores or query.ndim != 3)
        dropped = self._dropout_layer(weights, training=training) if self.dropout > 0 else weights
        result = einsum_ops.einsum(self._result_equation, dropped, v)
        output = self.output_dense(result if gate is None else result * gate)
        return (output, weights) if return_attention_scores else output

    def compute_mask(self, query: Any, previous_mask: Any = None) -> Any:
        return previous_mask if not isinstance(previous_mask, list) else previous_mask[0]

    def compute_output_shape(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> tuple:
        return (*query_shape[:-1], *self.output_shape) if self.output_shape else tuple(query_shape)

    def compute_output_spec(self, query: Any, value: Any, key: Any = None, **kwargs: Any) -> Any:
        output = KerasTensor(self.compute_output_shape(query.shape, value.shape), self.compute_dtype)
        if not kwargs.get("return_attention_scores"):
            return output
        return output, KerasTensor((query.shape[0], self.num_heads, query.shape[1], value.shape[1]), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "activity_regularizer": regularizers.serialize(self._projection_regularizer)}


class GroupQueryAttention(_HeadAttention):
    """Attention in which several query heads share a key and value head (Ainslie et al., 2023, arXiv:2305.13245).

    Call and shapes as of `MultiHeadAttention`, for `(batch, time, dim)`.

    Args:
      head_dim: size of each head.
      num_query_heads, num_key_value_heads: numbers of heads; the first is a multiple of the second.
      Others: as for `MultiHeadAttention`.

    Example:
      >>> layer = tf.keras.layers.GroupQueryAttention(head_dim=4, num_query_heads=4, num_key_value_heads=2)
      >>> layer(tf.ones([2, 3, 8]), tf.ones([2, 5, 8])).shape
      TensorShape([2, 3, 8])
    """

    supports_masking = True
    _saved_attributes = ("_query_dense", "_key_dense", "_value_dense", "_output_dense")
    _config_names = (
        "head_dim", "num_query_heads", "num_key_value_heads", "use_bias", "use_gate", "sliding_window", "dropout",
        "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer", "activity_regularizer",
        "kernel_constraint", "bias_constraint", "seed",
    )  # fmt: skip

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: Any = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs["name"] = kwargs.get("name") or naming.auto_name("grouped_query_attention")
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        if flash_attention:
            raise ValueError("GroupQueryAttention: flash_attention=True is not supported on the CPU. Leave it out.")
        if num_query_heads % num_key_value_heads:
            raise ValueError("`num_query_heads` must be divisible by `num_key_value_heads`.")
        self.head_dim = head_dim
        self.num_query_heads = num_query_heads
        self.num_key_value_heads = num_key_value_heads
        self.dropout = dropout
        self.use_bias = use_bias
        self.use_gate = use_gate
        self.seed = seed
        self.sliding_window = sliding_window
        self._describe_projections(
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
        )

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:  # type: ignore[override]
        key_shape = value_shape if key_shape is None else key_shape
        if tuple(value_shape[1:-1]) != tuple(key_shape[1:-1]):
            raise ValueError(_UNEQUAL.format(value_shape, key_shape))

        def project(name: str, shape: Any, heads: int, activation: Any = None) -> EinsumDense:
            layer = self._projection("bqm,muh->bquh", (None, heads, self.head_dim), "uh", name, activation)
            layer._ensure_built(shape)
            return layer

        self._query_dense = project("query", query_shape, self.num_query_heads)
        self._key_dense = project("key", key_shape, self.num_key_value_heads)
        if self.use_gate:
            self._gate_dense = project("gate", query_shape, self.num_query_heads, "sigmoid")
        self._value_dense = project("value", value_shape, self.num_key_value_heads)
        self._dropout_layer = Dropout(self.dropout, dtype=self.dtype_policy, seed=self.seed)  # its seed is drawn here
        self._output_dense = self._projection("bquh,uhm->bqm", (None, query_shape[-1]), "m", "attention_output")
        self._output_dense._ensure_built((query_shape[0], query_shape[1], self.num_query_heads, self.head_dim))
        self._softmax = Softmax(axis=-1, dtype=self.dtype_policy)
        self.built = True

    def call(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        key_mask = None if key is None else key_mask
        key = value if key is None else key
        mask = self._merged_mask(query, value, query_mask, value_mask, key_mask, attention_mask, use_causal_mask)
        q, k, v = self._query_dense(query), self._key_dense(key), self._value_dense(value)
        batch, length = q._array.shape[:2]
        repeats = self.num_query_heads // self.num_key_value_heads
        q = array_ops.reshape(q, (batch, length, self.num_key_value_heads, repeats, self.head_dim))
        scores = einsum_ops.einsum("bqgrh,bkgh->bgrqk", q * (1.0 / math.sqrt(self.head_dim)), k)
        if mask is not None:
            mask = array_ops.expand_dims(array_ops.expand_dims(mask, -3), -3) if mask.ndim == 3 else mask
        weights = self._weights(scores, mask, return_attention_scores)
        dropped = self._dropout_layer(weights, training=training) if self.dropout > 0 else weights
        result = einsum_ops.einsum("bgrqk,bkgh->bqgrh", dropped, v)
        result = array_ops.reshape(result, (batch, length, self.num_query_heads, self.head_dim))
        if self.use_gate:
            result = result * self._gate_dense(query)
        output = self._output_dense(result)
        if not return_attention_scores:
            return output
        shape = weights._array.shape
        weights = array_ops.reshape(weights, (shape[0], self.num_query_heads, *shape[3:]))
        weights._keras_mask = None if mask is None else array_ops.squeeze(mask, 1)
        return output, weights

    def compute_output_shape(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> tuple:
        return tuple(query_shape)

    def compute_output_spec(self, query: Any, value: Any, key: Any = None, **kwargs: Any) -> Any:
        output = KerasTensor(query.shape, self.compute_dtype)
        if not kwargs.get("return_attention_scores"):
            return output
        return output, KerasTensor(
            (query.shape[0], self.num_query_heads, query.shape[1], value.shape[1]), self.compute_dtype
        )
