"""Pooling for any number of spatial axes: shapes and machine code. The attributes are those of the raw ops."""

from __future__ import annotations

from typing import Any

from tenfold.compiler import pooling
from tenfold.core.symbol import Spec, may_equal
from tenfold.ops.conv_kernels import in_channels_last, in_format, lower_channels_last, lower_from_channels_last
from tenfold.ops.pool_kernels import plan
from tenfold.ops.windows import Window

_FORMATS = {2: "NHWC", 3: "NDHWC"}


class Pooling:
    """How ops with `rank` spatial axes are inferred and lowered."""

    def __init__(self, rank: int) -> None:
        self._rank = rank

    def _window(self, shape, ksize, strides, padding, explicit_paddings=(), data_format=None) -> tuple[Window, str]:
        data_format = data_format or _FORMATS[self._rank]
        return plan(tuple(shape), ksize, strides, padding, explicit_paddings, data_format, self._rank), data_format

    # Shapes.

    def infer(self, x, **attrs: Any) -> Spec:
        w, data_format = self._window(x.shape, **attrs)
        batch, *_, channels = in_channels_last(x.shape, data_format)
        return Spec(x.dtype, in_format((batch, *w.out, channels), data_format))

    def infer_max_gradient(self, orig_input, orig_output, grad, **attrs: Any) -> Spec:
        expected = self.infer(orig_input, **attrs).shape
        _check("orig_output", orig_output.shape, expected)
        _check("the gradient", grad.shape, expected)
        return Spec(grad.dtype, orig_input.shape)

    def infer_max_second_gradient(self, orig_input, orig_output, grad, **attrs: Any) -> Spec:
        expected = self.infer(orig_input, **attrs).shape
        _check("orig_output", orig_output.shape, expected)
        _check("the gradient", grad.shape, orig_input.shape)
        return Spec(grad.dtype, expected)

    def infer_mean_gradient(self, grad, *, orig_input_shape, **attrs: Any) -> Spec:
        shape = tuple(orig_input_shape)
        _check("the gradient", grad.shape, self.infer(Spec(grad.dtype, shape), **attrs).shape)
        return Spec(grad.dtype, shape)

    # Machine code.

    def lower_max(self, b, x, **attrs: Any) -> Any:
        return self._run(b, pooling.max_pool, [x], x.shape, attrs)

    def lower_max_gradient(self, b, orig_input, orig_output, grad, **attrs: Any) -> Any:
        # as TensorFlow, whose gradient in 3-D goes to each of several equal elements
        def gradient(b, x, y, dy, taps, strides, padding):
            return pooling.max_pool_gradient(b, x, y, dy, taps, strides, padding, to_every=self._rank == 3)

        return self._run(b, gradient, [orig_input, orig_output, grad], orig_input.shape, attrs)

    def lower_max_second_gradient(self, b, orig_input, orig_output, grad, **attrs: Any) -> Any:
        operands = [orig_input, orig_output, grad]
        return self._run(b, pooling.max_pool_second_gradient, operands, orig_input.shape, attrs)

    def lower_mean(self, b, value, **attrs: Any) -> Any:
        return self._run(b, pooling.average_pool, [value], value.shape, attrs)

    def lower_mean_gradient(self, b, grad, *, orig_input_shape, **attrs: Any) -> Any:
        def gradient(b, dy, taps, strides, padding):
            shape = in_channels_last(orig_input_shape, data_format)
            return pooling.average_pool_gradient(b, dy, shape, taps, strides, padding)

        _, data_format = self._window(orig_input_shape, **attrs)
        return self._run(b, gradient, [grad], orig_input_shape, attrs)

    def _run(self, b, program, operands, shape, attrs) -> Any:
        w, data_format = self._window(shape, **attrs)
        operands = [lower_channels_last(b, x, data_format) for x in operands]
        return lower_from_channels_last(b, program(b, *operands, w.kernel, w.strides, w.pads), data_format)


def _check(what: str, shape: Any, expected: Any) -> None:
    if not may_equal(tuple(shape), tuple(expected)):
        raise ValueError(f"{what} is {tuple(shape)}; it must be {tuple(expected)}")
