"""Long short-term memory over a whole sequence as one op; see `ops/recurrent.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tenfold.core import blas
from tenfold.core.op import Op
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import join, recurrent
from tenfold.ops.exponential import sigmoid, tanh
from tenfold.ops.large import when_large
from tenfold.ops.matmul import matmul
from tenfold.ops.second_order import gradients_of_gradient


def _kernel(x, kernel, h, c, *mask):
    """With sigmoid(v) = tanh(v / 2) / 2 + 1 / 2, one hyperbolic tangent gives all gates."""
    units = h.shape[1]
    scale, offset = np.full(4 * units, 0.5, x.dtype), np.full(4 * units, 0.5, x.dtype)
    scale[2 * units : 3 * units], offset[2 * units : 3 * units] = 1, 0
    gates, kernel = np.multiply(x, scale, order="C"), kernel * scale
    hs, cs = (np.empty((*x.shape[:2], units), x.dtype) for _ in range(2))
    product, candidate = np.empty(gates.shape[1:], x.dtype), np.empty(h.shape, x.dtype)
    for t, (z, h_new, c_new) in enumerate(zip(gates, hs, cs, strict=True)):
        blas.matmul(h, kernel, out=product)
        z += product
        np.tanh(z, out=z)
        z *= scale
        z += offset
        i, f, g, o = (z[:, n * units : (n + 1) * units] for n in range(4))
        np.multiply(i, g, out=candidate)
        np.multiply(f, c, out=c_new)
        c_new += candidate
        np.tanh(c_new, out=h_new)
        h_new *= o
        skipped = recurrent.skipped_rows(mask, t)
        if skipped is not None:
            h_new[skipped], c_new[skipped] = h[skipped], c[skipped]
        h, c = h_new, c_new
    return hs, cs, gates


def _grad_kernel(x, kernel, h, c, hs, cs, gates, dhs, dcs, *mask):
    """With a the gates i, f, g, o and p the numbers that each is multiplied by, g, the old c, i and tanh(c):

    dc += dh * o * (1 - tanh(c)**2),  dz = (dc, dc, dc, dh) * p * a',  dc = dc * f,  dh = dz @ kernel.T
    """
    time, batch, units = hs.shape
    split = (time, batch, 4, units)
    i, f, g, o = (gates.reshape(split)[:, :, n] for n in range(4))
    tanh_c = np.tanh(cs)
    factors = (gates * (1 - gates)).reshape(split)
    factors[:, :, 0] *= g
    factors[:, :, 1] *= recurrent.before(c, cs)
    factors[:, :, 2] = (1 - g * g) * i
    factors[:, :, 3] *= tanh_c
    through_c = (1 - tanh_c * tanh_c) * o
    dzs = np.empty((time, batch, 4 * units), hs.dtype)
    dh, dc, more = (np.zeros(h.shape, hs.dtype) for _ in range(3))
    back = np.ascontiguousarray(kernel.T)
    for t in reversed(range(time)):
        dh += dhs[t]
        dc += dcs[t]
        skipped = recurrent.skipped_rows(mask, t)
        if skipped is not None:
            dh_passing, dc_passing = dh[skipped], dc[skipped]
            dh[skipped] = dc[skipped] = 0
        np.multiply(dh, through_c[t], out=more)
        dc += more
        dz = dzs[t].reshape(split[1:])
        np.multiply(factors[t, :, :3], dc[:, None], out=dz[:, :3])
        np.multiply(factors[t, :, 3], dh, out=dz[:, 3])
        dc *= f[t]
        blas.matmul(dzs[t], back, out=dh)
        if skipped is not None:
            dh[skipped], dc[skipped] = dh_passing, dc_passing
    return dzs, recurrent.kernel_gradient(recurrent.before(h, hs), dzs), dh, dc


def _lower(b, x, kernel, h, c, *mask):
    def step(b, at, states, constants):
        (x, *kept), (h, c), (kernel,) = at, states, constants
        i, f, g, o = recurrent.columns(b, x + b.contract(h, kernel), 4)
        i, f, g, o = b.sigmoid(i), b.sigmoid(f), b.tanh(g), b.sigmoid(o)
        c_new = f * c + i * g
        h = recurrent.lower_chosen(b, kept, o * b.tanh(c_new), h)
        c = recurrent.lower_chosen(b, kept, c_new, c)
        return [h, c], [h, c, b.concat([i, f, g, o], 1)]

    units = h.shape[1]
    return recurrent.lower_steps(b, step, [x, *mask], [h, c], [kernel], [units, units, 4 * units])[1]


def _lower_grad(b, x, kernel, h, c, hs, cs, gates, dhs, dcs, *mask):
    def step(b, at, states, constants):
        (gates, c_old, c, dh_t, dc_t, *kept), (dh, dc), (kernel,) = at, states, constants
        i, f, g, o = recurrent.columns(b, gates, 4)
        dh, dc, tanh_c = dh + dh_t, dc + dc_t, b.tanh(c)
        through = dc + dh * (o * (1.0 - tanh_c * tanh_c))
        dz = b.concat(
            [
                through * (g * (i * (1.0 - i))),
                through * (c_old * (f * (1.0 - f))),
                through * (i * (1.0 - g * g)),
                dh * (tanh_c * (o * (1.0 - o))),
            ],
            1,
        )
        dz = recurrent.lower_chosen(b, kept, dz, b.full(dz.shape, 0, dz.dtype))
        dc = recurrent.lower_chosen(b, kept, through * f, dc)
        return [recurrent.lower_chosen(b, kept, b.contract(dz, kernel, transpose_y=True), dh), dc], [dz]

    zeros = b.full(h.shape, 0, h.dtype)
    xs = [gates, recurrent.lower_before(b, c, cs), cs, dhs, dcs, *mask]
    (dh, dc), (dzs,) = recurrent.lower_steps(b, step, xs, [zeros, zeros], [kernel], [x.shape[2]], is_reversed=True)
    return dzs, recurrent.lower_kernel_gradient(b, recurrent.lower_before(b, h, hs), dzs), dh, dc


def _step(kernel: Tensor) -> Callable[[Tensor, Tensor, Tensor], list[Tensor]]:
    def step(x: Tensor, h: Tensor, c: Tensor) -> list[Tensor]:
        i, f, g, o = join.split(x + matmul(h, kernel), 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return [sigmoid(o) * tanh(c), c]

    return step


def _expanded(x: Tensor, kernel: Tensor, h: Tensor, c: Tensor, *mask: Tensor) -> list[Tensor]:
    return recurrent.looped(_step(kernel), x, mask, [h, c])


def _vjp(dys, x, kernel, h, c, outs, mask):
    return *LSTM_GRAD(x, kernel, h, c, *outs, *dys[:2], *mask), *[None for _ in mask]


def _grad_vjp(dys, x, kernel, h, c, dhs, dcs, mask):
    d_x, d_kernel, d_h, d_c, *d_dys = gradients_of_gradient(
        lambda x, kernel, h, c: recurrent.unrolled(_step(kernel), x, mask, [h, c]), [x, kernel, h, c], [dhs, dcs], dys
    )
    return d_x, d_kernel, d_h, d_c, None, None, None, *d_dys, *[None for _ in mask]


def _infer(x, kernel, h, c, *mask):
    state = Spec(x.dtype, (*x.shape[:2], kernel.shape[0]))
    return [state, state, Spec(x.dtype, x.shape)]


def _infer_grad(x, kernel, h, c, *rest):
    return [Spec(v.dtype, v.shape) for v in (x, kernel, h, c)]


LSTM = when_large(
    Op("LSTM", _kernel, outputs=("hs", "cs", "gates"), vjp=_vjp, infer=_infer, lower=_lower, expand=_expanded),
    recurrent.is_large,
    recurrent.saves_much,
)
LSTM_GRAD = when_large(
    Op(
        "LSTMGrad",
        _grad_kernel,
        outputs=("x", "kernel", "h", "c"),
        vjp=_grad_vjp,
        infer=_infer_grad,
        lower=_lower_grad,
    ),
    recurrent.is_large,
    recurrent.saves_much,
)


def lstm(x: Tensor, kernel: Tensor, h: Tensor, c: Tensor, mask: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Runs long short-term memory over time, with sigmoids for gates and hyperbolic tangents.

    Args:
      x: the projected inputs of the gates i, f, g, o, `(time, batch, 4 * units)`.
      kernel: `(units, 4 * units)`.
      h, c: the first states, `(batch, units)`.
      mask: nothing, or a boolean tensor `(time, batch)`; where it is false, a step keeps the states.
    Returns:
      Both states after each step, `(time, batch, units)`.
    """
    hs, cs, _ = LSTM(x, kernel, h, c, *mask)
    return hs, cs
