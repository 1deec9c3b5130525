"""What ops over whole sequences share, and the simple recurrent network as one.

Such an op takes the projected inputs of all steps, time first, and runs the loop over time in its kernel. Its
results are those of each step; the arrays that it keeps for its gradient, another loop, are results too, but gradients do not
flow to them. TensorFlow has no such ops of these operands, so they are not in `tf.raw_ops`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.compiler.scan import scan
from tenfold.core import blas
from tenfold.core.op import Op
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import creation, join, logic, scatter, sizes
from tenfold.ops import gather as gather_ops
from tenfold.ops.activation import relu
from tenfold.ops.exponential import tanh
from tenfold.ops.large import when_large
from tenfold.ops.matmul import matmul
from tenfold.ops.second_order import gradients_of_gradient

_LARGE = 1 << 16  # elements: NumPy needs half a millisecond
_STEP = 1 << 10  # elements that NumPy's calls for a step count for
_SAVES_MUCH = 1 << 18  # elements: some milliseconds, and compiling a loop takes a tenth of a second


def before(first: np.ndarray, states: np.ndarray) -> np.ndarray:
    """The state that each step begins with, from the first one and those after each step."""
    result = np.empty_like(states)
    if len(states):
        result[0] = first
        result[1:] = states[:-1]
    return result


def kernel_gradient(old: np.ndarray, dz: np.ndarray) -> np.ndarray:
    """The gradient to a recurrent kernel, for all steps at once, from old states and the gradients to the products."""
    return blas.matmul(old.reshape(-1, old.shape[-1]).T, dz.reshape(-1, dz.shape[-1]))


def skipped_rows(mask: Sequence[np.ndarray], t: int) -> np.ndarray | None:
    """The rows of a batch that a step leaves alone; None if there are none."""
    if not mask or mask[0][t].all():
        return None
    return ~mask[0][t]


def lower_steps(
    b: Any,
    step: Callable[..., tuple[list, list]],
    xs: Sequence[Any],
    states: Sequence[Any],
    constants: Sequence[Any],
    outputs: Sequence[int],
    is_reversed: bool = False,
) -> tuple[list, list]:
    """The steps of such an op as a loop of machine code.

    Args:
      b: the builder.
      step: takes a builder, the elements of `xs` at a step, the states and the constants; returns the new states and the outputs.
      xs, states, constants: values; the first ones are `(time, batch, ...)`.
      outputs: the number of columns of each output.
      is_reversed: whether the last step is the first.
    Returns:
      The states after all steps, and the outputs of all, `(time, batch, columns)`.
    """
    time, batch, *_ = xs[0].shape
    rows = [((batch, columns), xs[0].dtype) for columns in outputs]
    return scan(b, step, time, xs, states, constants, rows, is_reversed)


def lower_before(b: Any, first: Any, states: Any) -> Any:
    """`before` in machine code."""
    time, *shape = states.shape
    rest = b.slice(states, [0] * states.ndim, [time - 1, *shape])
    return b.concat([b.expand_dims(first, [0]), rest], 0)


def lower_kernel_gradient(b: Any, old: Any, dz: Any) -> Any:
    """`kernel_gradient` in machine code."""
    rows = old.shape[0] * old.shape[1]
    return b.contract(b.reshape(old, (rows, old.shape[2])), b.reshape(dz, (rows, dz.shape[2])), transpose_x=True)


def lower_chosen(b: Any, kept: Sequence[Any], new: Any, old: Any) -> Any:
    """`chosen` in machine code, with the mask of a step as a vector, if there is one."""
    return b.select(b.expand_dims(kept[0], [1]), new, old) if kept else new


def columns(b: Any, x: Any, count: int) -> list:
    """A matrix cut into `count` of equally many columns."""
    rows, width = x.shape[0], x.shape[1] // count
    return [b.slice(x, (0, n * width), (rows, width)) for n in range(count)]


def is_large(x: np.ndarray, *others: np.ndarray, **attrs: Any) -> bool:
    """Whether projected inputs run as machine code."""
    return x.size + _STEP * len(x) > _LARGE


def saves_much(x: np.ndarray, *others: np.ndarray, **attrs: Any) -> bool:
    """Whether that soon pays."""
    return x.size > _SAVES_MUCH


def unrolled(
    step: Callable[..., list[Tensor]], x: Tensor, mask: Sequence[Tensor], states: Sequence[Tensor]
) -> list[Tensor]:
    """The states after each step, stacked, by ops one after the other, for tapes to see; arguments as of `looped`."""
    steps = join.unstack(x, axis=0)
    masks = join.unstack(array_ops.expand_dims(mask[0], -1), axis=0) if mask else [None] * len(steps)
    rows = []
    for now, kept in zip(steps, masks, strict=True):
        states = [chosen(kept, new, old) for new, old in zip(step(now, *states), states, strict=True)]
        rows.append(states)
    return [join.stack([row[i] for row in rows]) for i in range(len(states))]


def looped(
    step: Callable[..., list[Tensor]], x: Tensor, mask: Sequence[Tensor], states: Sequence[Tensor]
) -> list[Tensor]:
    """The states after each step, stacked, by a loop of public functions: what such an op is in files of other tools.

    Args:
      step: takes the projected input of a step and the states; returns the new states.
      x: the projected inputs, `(time, batch, columns)`.
      mask: none, or one, `(time, batch)`.
      states: before the first step.
    """
    from tenfold.graph.loops import while_loop

    time, count = sizes.shape(x)[0], len(states)

    def body(t: Tensor, *rest: Tensor) -> list[Tensor]:
        before = rest[:count]
        kept = array_ops.expand_dims(gather_ops.gather(mask[0], t), -1) if mask else None
        after = [
            chosen(kept, new, old) for new, old in zip(step(gather_ops.gather(x, t), *before), before, strict=True)
        ]
        place = array_ops.reshape(t, (1, 1))
        rows = zip(rest[count:], after, strict=True)
        written = [scatter.tensor_scatter_nd_update(stack, place, array_ops.expand_dims(row, 0)) for stack, row in rows]
        return [t + 1, *after, *written]

    stacks = [creation.zeros_like(x[..., : state._array.shape[-1]]) for state in states]
    first = creation.zeros((), time.dtype)
    return list(while_loop(lambda t, *_: logic.less(t, time), body, [first, *states, *stacks])[1 + count :])


def chosen(mask: Tensor | None, new: Tensor, old: Tensor) -> Tensor:
    """`new`, but `old` in masked rows."""
    return new if mask is None else gather_ops.where(mask, new, old)


# The simple network: h = activation(x + h @ kernel).


def _kernel(x, kernel, h, *mask, activation="tanh"):
    hs = np.empty((*x.shape[:2], h.shape[1]), x.dtype)
    for t, out in enumerate(hs):
        blas.matmul(h, kernel, out=out)
        out += x[t]
        if activation == "tanh":
            np.tanh(out, out=out)
        else:
            np.maximum(out, 0, out=out)
        skipped = skipped_rows(mask, t)
        if skipped is not None:
            out[skipped] = h[skipped]
        h = out
    return hs


def _lower(b, x, kernel, h, *mask, activation="tanh"):
    def step(b, at, states, constants):
        (x, *kept), (h,), (kernel,) = at, states, constants
        z = x + b.contract(h, kernel)
        h = lower_chosen(b, kept, b.tanh(z) if activation == "tanh" else b.maximum(z, 0), h)
        return [h], [h]

    _, (hs,) = lower_steps(b, step, [x, *mask], [h], [kernel], [h.shape[1]])
    return hs


def _lower_grad(b, x, kernel, h, hs, dhs, *mask, activation="tanh"):
    def step(b, at, states, constants):
        (h, dh_t, *kept), (dh,), (kernel,) = at, states, constants
        dh = dh + dh_t
        slope = 1.0 - h * h if activation == "tanh" else b.cast(b.gt(h, 0), h.dtype)
        dz = lower_chosen(b, kept, dh * slope, b.full(dh.shape, 0, dh.dtype))
        return [lower_chosen(b, kept, b.contract(dz, kernel, transpose_y=True), dh)], [dz]

    zeros = b.full(h.shape, 0, h.dtype)
    (dh,), (dzs,) = lower_steps(b, step, [hs, dhs, *mask], [zeros], [kernel], [h.shape[1]], is_reversed=True)
    return dzs, lower_kernel_gradient(b, lower_before(b, h, hs), dzs), dh


def _slopes(hs: Any, activation: str) -> Any:
    """The derivative of the activation, from its result."""
    return 1 - hs * hs if activation == "tanh" else (hs > 0).astype(hs.dtype)


def _grad_kernel(x, kernel, h, hs, dhs, *mask, activation="tanh"):
    dzs, slopes = np.empty_like(hs), _slopes(hs, activation)
    dh, back = np.zeros(h.shape, hs.dtype), np.ascontiguousarray(kernel.T)
    for t in reversed(range(len(hs))):
        dh += dhs[t]
        skipped = skipped_rows(mask, t)
        if skipped is not None:
            passing = dh[skipped]
            dh[skipped] = 0
        np.multiply(dh, slopes[t], out=dzs[t])
        blas.matmul(dzs[t], back, out=dh)
        if skipped is not None:
            dh[skipped] = passing
    return dzs, kernel_gradient(before(h, hs), dzs), dh


def _step(kernel: Tensor, activation: str) -> Callable[[Tensor, Tensor], list[Tensor]]:
    apply = tanh if activation == "tanh" else relu
    return lambda x, h: [apply(x + matmul(h, kernel))]


def _vjp(dy, x, kernel, h, out, mask, activation):
    return *SIMPLE_RNN_GRAD(x, kernel, h, out, dy, *mask, activation=activation), *[None for _ in mask]


def _grad_vjp(dys, x, kernel, h, dhs, mask, activation):
    d_x, d_kernel, d_h, d_dhs = gradients_of_gradient(
        lambda x, kernel, h: unrolled(_step(kernel, activation), x, mask, [h]), [x, kernel, h], [dhs], dys
    )
    return d_x, d_kernel, d_h, None, d_dhs, *[None for _ in mask]


def _infer(x, kernel, h, *mask, activation="tanh"):
    return Spec(x.dtype, (*x.shape[:2], kernel.shape[0]))


def _infer_grad(x, kernel, h, *rest, activation="tanh"):
    return [Spec(v.dtype, v.shape) for v in (x, kernel, h)]


def _expanded(x: Tensor, kernel: Tensor, h: Tensor, *mask: Tensor, activation: str = "tanh") -> Tensor:
    return looped(_step(kernel, activation), x, mask, [h])[0]


SIMPLE_RNN = when_large(
    Op("SimpleRNN", _kernel, vjp=_vjp, infer=_infer, lower=_lower, expand=_expanded), is_large, saves_much
)
SIMPLE_RNN_GRAD = when_large(
    Op(
        "SimpleRNNGrad",
        _grad_kernel,
        outputs=("x", "kernel", "h"),
        vjp=_grad_vjp,
        infer=_infer_grad,
        lower=_lower_grad,
    ),
    is_large,
    saves_much,
)


def simple_rnn(x: Tensor, kernel: Tensor, h: Tensor, mask: Sequence[Tensor], activation: str) -> Tensor:
    """Runs `h = activation(x[t] + h @ kernel)` over time.

    Args:
      x: `(time, batch, units)`.
      kernel: `(units, units)`.
      h: the first state, `(batch, units)`.
      mask: nothing, or a boolean tensor `(time, batch)`; where it is false, a step keeps the state.
      activation: `"tanh"` or `"relu"`.
    Returns:
      The states after each step, `(time, batch, units)`.
    """
    return SIMPLE_RNN(x, kernel, h, *mask, activation=activation)
