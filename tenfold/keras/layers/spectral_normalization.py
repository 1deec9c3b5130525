"""Spectral normalization of another layer's kernel."""

from __future__ import annotations

from typing import Any

from tenfold.core.context import paused_recording, traced_graph
from tenfold.core.convert import convert
from tenfold.keras import initializers
from tenfold.keras.layers.core import Wrapper
from tenfold.keras.layers.input_spec import InputSpec
from tenfold.keras.layers.layer import Layer
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import matmul as matmul_ops
from tenfold.ops import normalization as norm_ops


class SpectralNormalization(Wrapper):
    """Divides the kernel of a layer by its largest singular value, in training, by power iteration.

    Miyato et al., 2018, arXiv:1802.05957.

    Example:
      >>> tf.keras.layers.SpectralNormalization(tf.keras.layers.Dense(2))(tf.ones([1, 3])).shape
      TensorShape([1, 2])
    """

    _config_names = ("power_iterations",)

    def __init__(self, layer: Layer, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        if power_iterations <= 0:
            raise ValueError(
                f"`power_iterations` should be greater than zero. Received: `power_iterations={power_iterations}`"
            )
        self.power_iterations = power_iterations

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        kernel = getattr(self.layer, "kernel", None)
        kernel = getattr(self.layer, "embeddings", None) if kernel is None else kernel
        if kernel is None:
            raise ValueError(f"{type(self.layer).__name__} object has no attribute 'kernel' nor 'embeddings'")
        self.kernel = kernel
        self.vector_u = self.add_weight(
            shape=(1, kernel.shape[-1]),
            initializer=initializers.TruncatedNormal(stddev=0.02),
            trainable=False,
            name="vector_u",
            dtype=kernel.dtype,
        )

    def call(self, inputs: Any, training: Any = False) -> Any:
        if training and (traced_graph() is not None or self.kernel._value._array.any()):
            with paused_recording():
                vector_u, kernel = self.normalized_weights()
            self.vector_u.assign(vector_u)
            self.kernel.assign(kernel)
        return cast_ops.cast(self.layer(inputs), inputs.dtype)

    def normalized_weights(self) -> tuple[Any, Any]:
        """The left singular vector after some more iterations, and the kernel divided by its largest singular value."""
        kernel = convert(self.kernel)
        weights = array_ops.reshape(kernel, [-1, kernel.shape[-1]])
        u = convert(self.vector_u)
        for _ in range(self.power_iterations):
            v = norm_ops.l2_normalize(matmul_ops.matmul(u, weights, transpose_b=True))
            u = norm_ops.l2_normalize(matmul_ops.matmul(v, weights))
        sigma = matmul_ops.matmul(matmul_ops.matmul(v, weights), u, transpose_b=True)
        return u, array_ops.reshape(weights / sigma, kernel.shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.layer.compute_output_shape(input_shape)
