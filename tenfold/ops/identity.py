"""Ops whose result is their input, and what they do to gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.op import NotDifferentiable, Op, register, undefined_gradient
from tenfold.core.tensor import Tensor
from tenfold.ops import row_rules


def _identity_kernel(input):
    return input


def _lower_identity(b, x):
    return x


IDENTITY = register(
    Op("Identity", _identity_kernel, vjp=lambda dy: dy, lower=_lower_identity, rows=row_rules.elementwise)
)
IDENTITY_N = register(Op("IdentityN", lambda *input: input, vjp=lambda dys: dys, lower=lambda b, *input: input))


def identity(input: Any, name: str | None = None) -> Tensor:
    """A tensor with the value of `input`; gradients pass.

    Example:
      >>> v = tf.Variable(1.0)
      >>> before = tf.identity(v)
      >>> _ = v.assign(2.0)
      >>> before.numpy()
      np.float32(1.0)
    """
    return IDENTITY(convert(input))


def identity_n(input: Sequence[Any], name: str | None = None) -> list[Tensor]:
    """Tensors with the values of a list of tensors.

    Example:
      >>> [t.numpy().tolist() for t in tf.identity_n([1, [2, 3]])]
      [1, [2, 3]]
    """
    return IDENTITY_N(*[convert(value) for value in input])


STOP_GRADIENT = register(
    Op(
        "StopGradient",
        _identity_kernel,
        vjp=NotDifferentiable("asked for"),
        lower=_lower_identity,
        rows=row_rules.elementwise,
    )
)
GUARANTEE_CONST = register(
    Op("GuaranteeConst", _identity_kernel, vjp=undefined_gradient("GuaranteeConst"), lower=_lower_identity)
)


def stop_gradient(input: Any, name: str | None = None) -> Tensor:
    """The same value, through which no gradient flows.

    Example:
      >>> x = tf.Variable(3.0)
      >>> with tf.GradientTape() as tape:
      ...     y = x * tf.stop_gradient(x)
      >>> print(tape.gradient(y, x).numpy())
      3.0
    """
    return STOP_GRADIENT(convert(input))


def guarantee_const(input: Any, name: str | None = None) -> Tensor:
    """The same value; a promise, of no use any more, that it never changes.

    Example:
      >>> tf.guarantee_const(1.0).numpy()
      np.float32(1.0)
    """
    return GUARANTEE_CONST(convert(input))
