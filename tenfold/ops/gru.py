"""Gated recurrent units over a whole sequence as one op; see `ops/recurrent.py`."""

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


def _kernel(x, kernel, bias, h, *mask):
    units = h.shape[1]
    both = 2 * units
    hs, gates = (np.empty((*x.shape[:2], n * units), x.dtype) for n in (1, 4))
    inner, change = np.empty((h.shape[0], 3 * units), x.dtype), np.empty(h.shape, x.dtype)
    for t, (gate, new) in enumerate(zip(gates, hs, strict=True)):
        blas.matmul(h, kernel, out=inner)
        inner += bias
        z_and_r, candidate = gate[:, :both], gate[:, both : 3 * units]
        np.add(inner[:, :both], x[t, :, :both], out=z_and_r)
        z_and_r *= 0.5  # sigmoid(v) = tanh(v / 2) / 2 + 1 / 2
        np.tanh(z_and_r, out=z_and_r)
        z_and_r *= 0.5
        z_and_r += 0.5
        gate[:, 3 * units :] = inner[:, both:]
        np.multiply(gate[:, units:both], inner[:, both:], out=candidate)
        candidate += x[t, :, both:]
        np.tanh(candidate, out=candidate)
        np.subtract(h, candidate, out=change)
        np.multiply(gate[:, :units], change, out=new)
        new += candidate
        skipped = recurrent.skipped_rows(mask, t)
        if skipped is not None:
            new[skipped] = h[skipped]
        h = new
    return hs, gates


def _grad_kernel(x, kernel, bias, h, hs, gates, dhs, *mask):
    """With n the candidate and m its part from the state, h' = n + z * (h - n) and n = tanh(x + r * m)."""
    time, batch, units = hs.shape
    old = recurrent.before(h, hs)
    z, r, n, m = (gates.reshape(time, batch, 4, units)[:, :, k] for k in range(4))
    to_z, to_n = (old - n) * z * (1 - z), (1 - z) * (1 - n * n)
    n_to_r = m * r * (1 - r)
    dxs, inner = (np.empty((time, batch, 3, units), hs.dtype) for _ in range(2))
    dh, product, back = np.zeros(h.shape, hs.dtype), np.empty(h.shape, hs.dtype), np.ascontiguousarray(kernel.T)
    for t in reversed(range(time)):
        dh += dhs[t]
        skipped = recurrent.skipped_rows(mask, t)
        if skipped is not None:
            passing = dh[skipped]
            dh[skipped] = 0
        dx = dxs[t]
        np.multiply(dh, to_z[t], out=dx[:, 0])
        np.multiply(dh, to_n[t], out=dx[:, 2])
        np.multiply(dx[:, 2], n_to_r[t], out=dx[:, 1])
        inner[t, :, :2] = dx[:, :2]
        np.multiply(dx[:, 2], r[t], out=inner[t, :, 2])
        blas.matmul(inner[t].reshape(batch, 3 * units), back, out=product)
        dh *= z[t]
        dh += product
        if skipped is not None:
            dh[skipped] = passing
    dxs, inner = (v.reshape(time, batch, 3 * units) for v in (dxs, inner))
    return dxs, recurrent.kernel_gradient(old, inner), np.add.reduce(inner, (0, 1)), dh


def _lower(b, x, kernel, bias, h, *mask):
    def step(b, at, states, constants):
        (x, *kept), (h,), (kernel, bias) = at, states, constants
        x_z, x_r, x_n = recurrent.columns(b, x, 3)
        h_z, h_r, m = recurrent.columns(b, b.contract(h, kernel) + bias, 3)
        z, r = b.sigmoid(x_z + h_z), b.sigmoid(x_r + h_r)
        n = b.tanh(x_n + r * m)
        h = recurrent.lower_chosen(b, kept, n + z * (h - n), h)
        return [h], [h, b.concat([z, r, n, m], 1)]

    units = h.shape[1]
    return recurrent.lower_steps(b, step, [x, *mask], [h], [kernel, bias], [units, 4 * units])[1]


def _lower_grad(b, x, kernel, bias, h, hs, gates, dhs, *mask):
    def step(b, at, states, constants):
        (gates, old, dh_t, *kept), (dh,), (kernel,) = at, states, constants
        z, r, n, m = recurrent.columns(b, gates, 4)
        dh = dh + dh_t
        dh_kept = recurrent.lower_chosen(b, kept, dh, b.full(dh.shape, 0, dh.dtype))
        d_z, d_n = dh_kept * ((old - n) * z * (1.0 - z)), dh_kept * ((1.0 - z) * (1.0 - n * n))
        d_r = d_n * (m * r * (1.0 - r))
        inner = b.concat([d_z, d_r, d_n * r], 1)
        dh_new = dh * z + b.contract(inner, kernel, transpose_y=True)
        return [recurrent.lower_chosen(b, kept, dh_new, dh)], [b.concat([d_z, d_r, d_n], 1), inner]

    old, zeros, width = recurrent.lower_before(b, h, hs), b.full(h.shape, 0, h.dtype), x.shape[2]
    (dh,), (dxs, inner) = recurrent.lower_steps(
        b, step, [gates, old, dhs, *mask], [zeros], [kernel], [width, width], is_reversed=True
    )
    return dxs, recurrent.lower_kernel_gradient(b, old, inner), b.reduce_sum(inner, [0, 1]), dh


def _step(kernel: Tensor, bias: Tensor) -> Callable[[Tensor, Tensor], list[Tensor]]:
    def step(x: Tensor, h: Tensor) -> list[Tensor]:
        x_z, x_r, x_n = join.split(x, 3, axis=-1)
        h_z, h_r, h_n = join.split(matmul(h, kernel) + bias, 3, axis=-1)
        z, n = sigmoid(x_z + h_z), tanh(x_n + sigmoid(x_r + h_r) * h_n)
        return [n + z * (h - n)]

    return step


def _expanded(x: Tensor, kernel: Tensor, bias: Tensor, h: Tensor, *mask: Tensor) -> list[Tensor]:
    return recurrent.looped(_step(kernel, bias), x, mask, [h])


def _vjp(dys, x, kernel, bias, h, outs, mask):
    return *GRU_GRAD(x, kernel, bias, h, *outs, dys[0], *mask), *[None for _ in mask]


def _grad_vjp(dys, x, kernel, bias, h, dhs, mask):
    *d_inputs, d_dhs = gradients_of_gradient(
        lambda x, kernel, bias, h: recurrent.unrolled(_step(kernel, bias), x, mask, [h]),
        [x, kernel, bias, h],
        [dhs],
        dys,
    )
    return *d_inputs, None, None, d_dhs, *[None for _ in mask]


def _infer(x, kernel, bias, h, *mask):
    units = kernel.shape[0]
    return [Spec(x.dtype, (*x.shape[:2], units)), Spec(x.dtype, (*x.shape[:2], 4 * units))]


def _infer_grad(x, kernel, bias, h, *rest):
    return [Spec(v.dtype, v.shape) for v in (x, kernel, bias, h)]


GRU = when_large(
    Op("GRU", _kernel, outputs=("hs", "gates"), vjp=_vjp, infer=_infer, lower=_lower, expand=_expanded),
    recurrent.is_large,
    recurrent.saves_much,
)
GRU_GRAD = when_large(
    Op(
        "GRUGrad",
        _grad_kernel,
        outputs=("x", "kernel", "bias", "h"),
        vjp=_grad_vjp,
        infer=_infer_grad,
        lower=_lower_grad,
    ),
    recurrent.is_large,
    recurrent.saves_much,
)


def gru(x: Tensor, kernel: Tensor, bias: Tensor, h: Tensor, mask: Sequence[Tensor]) -> Tensor:
    """Runs gated recurrent units over time, the reset gate applied after the product.

    Args:
      x: the projected inputs of the gates z, r and of the candidate, `(time, batch, 3 * units)`.
      kernel: `(units, 3 * units)`.
      bias: that of the product with the state, `(3 * units,)`.
      h: the first state, `(batch, units)`.
      mask: nothing, or a boolean tensor `(time, batch)`; where it is false, a step keeps the state.
    Returns:
      The states after each step, `(time, batch, units)`.
    """
    return GRU(x, kernel, bias, h, *mask)[0]
