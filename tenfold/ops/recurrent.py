"""What ops over whole sequences share, and the simple recurrent network as one.

Such an op takes the projected inputs of all steps, time first, and runs the loop over time in its kernel. Its
results are those of each step; the arrays that it keeps for its gradient, another loop, are results too, but gradients do not
flow to them. TensorFlow has no such ops of these operands, so they are not in `tf.raw_ops`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.core.op import Op
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import gather as gather_ops
from tenfold.ops.activation import relu
from tenfold.ops.exponential import tanh
from tenfold.ops.identity import identity
from tenfold.ops.matmul import matmul


def before(first: np.ndarray, states: np.ndarray) -> np.ndarray:
    """The state that each step begins with, from the first one and those after each step."""
    result = np.empty_like(states)
    if len(states):
        result[0] = first
        result[1:] = states[:-1]
    return result


def kernel_gradient(old: np.ndarray, dz: np.ndarray) -> np.ndarray:
    """The gradient to a recurrent kernel, for all steps at once, from old states and the gradients to the products."""
    return old.reshape(-1, old.shape[-1]).T @ dz.reshape(-1, dz.shape[-1])


def skipped_rows(mask: Sequence[np.ndarray], t: int) -> np.ndarray | None:
    """The rows of a batch that a step leaves alone; None if there are none."""
    if not mask or mask[0][t].all():
        return None
    return ~mask[0][t]


def unstacked(x: Tensor, mask: Sequence[Tensor]) -> list[tuple[Tensor, Tensor | None]]:
    """The input and the mask, as a column, of each step."""
    steps = array_ops.unstack(x, axis=0)
    masks = array_ops.unstack(array_ops.expand_dims(mask[0], -1), axis=0) if mask else [None] * len(steps)
    return list(zip(steps, masks, strict=True))


def chosen(mask: Tensor | None, new: Tensor, old: Tensor) -> Tensor:
    """`new`, but `old` in masked rows."""
    return new if mask is None else gather_ops.where(mask, new, old)


def gradients_of_gradient(
    run: Callable[..., Any], inputs: Sequence[Tensor], dys: Sequence[Tensor], us: Sequence[Tensor]
) -> list[Tensor]:
    """The gradients to `inputs` and `dys` of the gradient to `inputs`, by running step by step with public functions.

    Args:
      run: function of `inputs` that returns a list of results.
      dys: the gradients of the results.
      us: the gradients of the gradients to `inputs`.
    """
    from tenfold.autodiff.tape import GradientTape, UnconnectedGradients

    inputs, dys = [identity(x) for x in inputs], [identity(dy) for dy in dys]
    zero = UnconnectedGradients.ZERO
    with GradientTape(watch_accessed_variables=False) as outer:
        outer.watch([*inputs, *dys])
        with GradientTape(watch_accessed_variables=False) as inner:
            inner.watch(inputs)
            results = run(*inputs)
        gradients = inner.gradient(results, inputs, dys, zero)
    return outer.gradient(gradients, [*inputs, *dys], us, zero)


# The simple network: h = activation(x + h @ kernel).


def _kernel(x, kernel, h, *mask, activation="tanh"):
    hs = np.empty((*x.shape[:2], h.shape[1]), x.dtype)
    for t, out in enumerate(hs):
        np.matmul(h, kernel, out=out)
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
        np.matmul(dzs[t], back, out=dh)
        if skipped is not None:
            dh[skipped] = passing
    return dzs, kernel_gradient(before(h, hs), dzs), dh


def _steps(x: Tensor, kernel: Tensor, h: Tensor, mask: Sequence[Tensor], activation: str) -> list[Tensor]:
    outputs = []
    for step, kept in unstacked(x, mask):
        z = step + matmul(h, kernel)
        h = chosen(kept, tanh(z) if activation == "tanh" else relu(z), h)
        outputs.append(h)
    return [array_ops.stack(outputs)]


def _vjp(dy, x, kernel, h, out, mask, activation):
    return *SIMPLE_RNN_GRAD(x, kernel, h, out, dy, *mask, activation=activation), *[None for _ in mask]


def _grad_vjp(dys, x, kernel, h, dhs, mask, activation):
    d_x, d_kernel, d_h, d_dhs = gradients_of_gradient(
        lambda x, kernel, h: _steps(x, kernel, h, mask, activation), [x, kernel, h], [dhs], dys
    )
    return d_x, d_kernel, d_h, None, d_dhs, *[None for _ in mask]


def _infer(x, kernel, h, *mask, activation="tanh"):
    return Spec(x.dtype, (*x.shape[:2], kernel.shape[0]))


def _infer_grad(x, kernel, h, *rest, activation="tanh"):
    return [Spec(v.dtype, v.shape) for v in (x, kernel, h)]


SIMPLE_RNN = Op("SimpleRNN", _kernel, vjp=_vjp, infer=_infer)
SIMPLE_RNN_GRAD = Op("SimpleRNNGrad", _grad_kernel, outputs=("x", "kernel", "h"), vjp=_grad_vjp, infer=_infer_grad)


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
