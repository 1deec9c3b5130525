"""The primitives that are contractions, as kernels of `contraction` and `conv`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.compiler.functions import Module
from tenfold.compiler.loops import strides_of
from tenfold.compiler.program import Instruction, NotLowered, Program, Spec
from tenfold.compiler.views import Strided, strided

if TYPE_CHECKING:
    from tenfold.compiler.contraction import Contraction
    from tenfold.compiler.conv import Convolution

_EMITTERS = {
    "convolution": "emit_forward",
    "convolution_input_gradient": "emit_input_gradient",
    "convolution_filter_gradient": "emit_filter_gradient",
}


def emit(
    program: Program,
    at: int,
    name: str,
    epilogue: Callable[[Any], Any] | None = None,
    arguments: int = 0,
    packs_ahead: bool = False,
) -> tuple[Module, Any, int]:
    """The functions of a contraction, its kernel, and how many operations it takes.

    Args:
      program: where it is.
      at: its position.
      name: of the functions.
      epilogue: as that of `contraction.emit`.
      arguments: how many pointers the epilogue is called with.
      packs_ahead: as that of a `Contraction`.

    Raises:
      NotLowered: there is no kernel for the dtype.
    """
    from tenfold.compiler import contraction, conv  # code from the cache does without them

    i = program.instructions[at]
    if i.dtype == np.bool_:
        raise NotLowered(f"{i.op}: no machine code for bool")
    module = Module()
    x, y = (program.instructions[o] for o in i.operands)
    if i.op == "contract":
        spec = replace(product(program, at), packs_ahead=packs_ahead)
        kernel = contraction.emit(module, spec, name, epilogue, arguments)
        work = 2 * prod(i.shape) * spec.k
    else:
        convolution = _convolution(i, x.spec, y.spec)
        kernel = getattr(conv, _EMITTERS[i.op])(module, convolution, name, epilogue, arguments)
        work = 2 * convolution.batch * prod(convolution.outputs) * prod(convolution.taps) * convolution.channels
        work *= convolution.filters // convolution.groups
    return module, kernel, work


def operands(program: Program, at: int) -> list[Strided]:
    """Where the operands of a contraction lie in memory, as `passes.settle` has seen to."""
    found = [strided(program.instructions, o) for o in program.instructions[at].operands]
    return [place for place in found if place is not None]


def product(program: Program, at: int) -> Contraction:
    """The product with its operands where they lie in memory, and its result in the order that the instruction says."""
    from tenfold.compiler.contraction import Contraction

    i, (x, y) = program.instructions[at], operands(program, at)
    x_shape, y_shape = (program.instructions[o].shape for o in i.operands)
    m, k = _lines(x_shape, i["transpose_x"])
    order = dict(i.attrs).get("order") or range(len(x_shape))
    c_rows = dict(zip(order, strides_of(i.shape[:-1]), strict=False))
    return Contraction(
        m,
        _lines(y_shape, i["transpose_y"])[1],
        k,
        a_strides=_lines(x.strides, i["transpose_x"]),
        b_strides=_lines(y.strides, i["transpose_y"]),
        batch=x_shape[:-2],
        a_batch_strides=x.strides[:-2],
        b_batch_strides=y.strides[:-2],
        dtype=i.dtype.name,
        c_rows=tuple(c_rows[axis] for axis in range(len(x_shape) - 1)),
        a_start=x.start,
        b_start=y.start,
    )


def _lines(axes: tuple[int, ...], is_transposed: bool) -> tuple[int, int]:
    """What belongs to the rows and to the columns of an operand."""
    return (axes[-1], axes[-2]) if is_transposed else (axes[-2], axes[-1])


def _convolution(i: Instruction, first: Spec, second: Spec) -> Convolution:
    from tenfold.compiler import conv

    if i.op == "convolution":
        x, w = first.shape, second.shape
    elif i.op == "convolution_input_gradient":
        x, w = i["shape"], second.shape
    else:
        x, w = first.shape, i["shape"]
    return conv.Convolution(
        batch=x[0],
        inputs=x[1:-1],
        channels=x[-1],
        taps=w[:-2],
        filters=w[-1],
        strides=i["strides"],
        dilations=i["dilations"],
        padding=i["padding"],
        groups=i["groups"],
        dtype=i.dtype.name,
    )
