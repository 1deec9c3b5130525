"""Convolutions of one to three spatial axes, channels last, and their gradients, as machine code.

    spec = Convolution(batch=50, inputs=(28, 28), channels=32, taps=(5, 5), filters=64, padding=((2, 2), (2, 2)))
    kernel = emit_forward(module, spec, "conv", epilogue=add_bias, arguments=1)

Kernels are run as those of `contraction` are, with the pointers x, w, y (forward), dy, w, dx (gradient to the input) or
x, dy, dw (gradient to the filter), workspace, and those for the epilogue. x is `[batch, *inputs, channels]`, w is `[*taps, channels /
groups, filters]`, y is `[batch, *outputs, filters]`, all contiguous. With as many groups as channels it is a depthwise convolution,
whose filter `[*taps, channels, multiplier]` is the same memory.

There is no matrix of patches: the blocks of `blocks` read the input where it is. Where windows reach beyond it, the rows that an
item of work needs are copied, zeros around them, into the workspace, and are read from the cache. A convolution that is a
matrix product (taps of size 1, or windows as large as the input) is left to `contraction`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from math import prod

from tenfold.compiler.contraction import Contraction, emit
from tenfold.compiler.correlation import Correlation
from tenfold.compiler.filter_gradient import FilterGradient
from tenfold.compiler.functions import Module
from tenfold.compiler.isa import Isa
from tenfold.compiler.large_filter import LargeFilterGradient
from tenfold.compiler.phases import (
    Kernel,
    Phase,
)
from tenfold.compiler.tiling import Axis, Epilogue, collapse
from tenfold.compiler.windows import Window, backward_windows, dense_strides, forward_window


@dataclass(frozen=True)
class Convolution:
    """What is to be computed.

    Args:
      batch: the number of images.
      inputs: their spatial sizes, one to three.
      channels: of the input.
      taps: the filter's spatial sizes.
      filters: channels of the output.
      strides: outputs are this many inputs apart.
      dilations: taps are this many inputs apart.
      padding: zeros before and after, for each axis.
      groups: the channels are cut into as many groups, each with filters of its own.
      dtype: float32, float64 or an integer dtype.
    """

    batch: int
    inputs: tuple[int, ...]
    channels: int
    taps: tuple[int, ...]
    filters: int
    strides: tuple[int, ...] = ()
    dilations: tuple[int, ...] = ()
    padding: tuple[tuple[int, int], ...] = ()
    groups: int = 1
    dtype: str = "float32"

    def __post_init__(self) -> None:
        rank = len(self.inputs)
        for name, default in (("strides", 1), ("dilations", 1), ("padding", (0, 0))):
            object.__setattr__(self, name, getattr(self, name) or (default,) * rank)
        lengths = {len(part) for part in (self.inputs, self.taps, self.strides, self.dilations, self.padding)}
        if lengths != {rank} or rank not in (1, 2, 3):
            raise ValueError(f"Convolution: one to three spatial axes, in all arguments alike, got {self}.")
        if self.channels % self.groups or self.filters % self.groups:
            raise ValueError(
                f"Convolution: {self.groups} groups divide neither {self.channels} channels nor {self.filters} filters."
            )

    @property
    def windows(self) -> list[Window]:
        """The spatial axes; a single one has another of size 1 before it."""
        axes = [
            forward_window(inputs, taps, stride, dilation, *padding)
            for inputs, taps, stride, dilation, padding in zip(
                self.inputs, self.taps, self.strides, self.dilations, self.padding, strict=True
            )
        ]
        return axes if len(axes) > 1 else [forward_window(1, 1, 1, 1, 0, 0), *axes]

    @property
    def outputs(self) -> tuple[int, ...]:
        """The spatial sizes of the output."""
        return tuple(window.outputs for window in self.windows[-len(self.inputs) :])

    @property
    def is_depthwise(self) -> bool:
        """Whether each channel has filters of its own."""
        return self.groups > 1 and self.groups == self.channels

    @property
    def as_product(self) -> Contraction | None:
        """The matrix product y = x @ w that this is, if it is one."""
        windows = self.windows
        if self.groups > 1 or any(w.needs_zeros for w in windows):
            return None
        source = dense_strides([w.inputs for w in windows], self.channels)
        image = prod(self.inputs) * self.channels
        rows = collapse(
            [Axis(self.batch, a=image), *(Axis(w.outputs, a=w.step * s) for w, s in zip(windows, source, strict=True))]
        )
        terms = collapse(
            [*(Axis(w.taps, a=w.spread * s) for w, s in zip(windows, source, strict=True)), Axis(self.channels, a=1)]
        )
        if len(rows) > 1 or len(terms) > 1:
            return None
        return Contraction(
            rows[0].size, self.filters, terms[0].size, (rows[0].a, terms[0].a), (self.filters, 1), dtype=self.dtype
        )  # fmt: skip


def emit_forward(
    module: Module,
    spec: Convolution,
    name: str,
    epilogue: Epilogue | None = None,
    arguments: int = 0,
    isa: Isa | None = None,
) -> Kernel:
    """Adds the functions of a convolution to a module; arguments as those of `contraction.emit`."""
    if not spec.batch * prod(spec.outputs) * spec.filters:
        return Kernel(())
    if matrix := spec.as_product:
        return emit(module, matrix, name, epilogue, arguments, isa)
    correlation = Correlation(spec, spec.windows, isa, is_backward=False)
    return correlation.emit(module, name, epilogue, arguments)


def emit_input_gradient(
    module: Module,
    spec: Convolution,
    name: str,
    epilogue: Epilogue | None = None,
    arguments: int = 0,
    isa: Isa | None = None,
) -> Kernel:
    """Adds the functions of a convolution's gradient to its input; arguments as those of `contraction.emit`."""
    if not spec.batch * prod(spec.inputs) * spec.channels:
        return Kernel(())
    matrix = spec.as_product
    if (
        matrix
        and matrix.a_strides == (matrix.k, 1)
        and matrix.m * matrix.k == spec.batch * prod(spec.inputs) * spec.channels
    ):
        back = replace(matrix, n=matrix.k, k=matrix.n, a_strides=(matrix.n, 1), b_strides=(1, matrix.n))
        if epilogue and prod(spec.taps) > 1:
            back = _by_taps(back, spec)
        return emit(module, back, name, epilogue, arguments, isa)
    phases: list[Phase] = []
    workspace = 0
    for number, windows in enumerate(product(*(backward_windows(w) for w in spec.windows))):
        correlation = Correlation(spec, windows, isa, is_backward=True)
        kernel = correlation.emit(module, f"{name}.{number}", epilogue, arguments)
        phases += [replace(phase, reads_b_only=False) for phase in kernel.phases]  # they share the workspace
        workspace = max(workspace, kernel.workspace_bytes)
    return Kernel(tuple(phases), workspace)


def _by_taps(back: Contraction, spec: Convolution) -> Contraction:
    """The same product as one for each tap, whose columns are the channels, as an epilogue counts them."""
    taps = prod(spec.taps)
    return replace(
        back,
        n=spec.channels,
        batch=(taps,),
        a_batch_strides=(0,),
        b_batch_strides=(spec.channels * spec.filters,),
        c_rows=(1, taps),
    )


def emit_filter_gradient(
    module: Module,
    spec: Convolution,
    name: str,
    epilogue: Epilogue | None = None,
    arguments: int = 0,
    isa: Isa | None = None,
) -> Kernel:
    """Adds the functions of a convolution's gradient to its filter; arguments as those of `contraction.emit`."""
    if not prod(spec.taps) * spec.channels * spec.filters:
        return Kernel(())
    if matrix := spec.as_product:
        turned = replace(matrix, m=matrix.k, k=matrix.m, a_strides=matrix.a_strides[::-1], b_strides=(matrix.n, 1))
        return emit(module, turned, name, epilogue, arguments, isa)
    kind = LargeFilterGradient if LargeFilterGradient.suits(spec) else FilterGradient
    return kind(spec, isa).emit(module, name, epilogue, arguments)
