"""FarmHash's 64-bit fingerprint of byte strings, and `tf.fingerprint` of the rows of a tensor.

Reference: G. Pike, FarmHash (2014), github.com/google/farmhash, function Fingerprint64: the numbers below are its.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.tensor import Tensor

_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_MASK = (1 << 64) - 1


def fingerprint64(data: bytes) -> int:
    """The 64-bit FarmHash fingerprint of a byte string."""
    size = len(data)
    if size <= 16:
        return _up_to_16(data, size)
    if size <= 32:
        return _up_to_32(data, size)
    if size <= 64:
        return _up_to_64(data, size)
    return _longer(data, size)


def concatenated(first: int, second: int) -> int:
    """The fingerprint of two that stand one behind the other, by TensorFlow's own rule."""
    factor = 0xC6A4A7935BD1E995
    found = (first ^ factor ^ _shift_mix(second * factor) * factor) * factor
    return _shift_mix(_shift_mix(found) * factor)


def _word(data: bytes, start: int) -> int:
    return int.from_bytes(data[start : start + 8], "little")


def _rotate(x: int, shift: int) -> int:
    x &= _MASK
    return (x >> shift | x << 64 - shift) & _MASK


def _shift_mix(x: int) -> int:
    x &= _MASK
    return x ^ x >> 47


def _mix(u: int, v: int, factor: int) -> int:
    a = _shift_mix((u ^ v) * factor)
    return _shift_mix((v ^ a) * factor) * factor & _MASK


def _up_to_16(data: bytes, size: int) -> int:
    factor = _K2 + size * 2
    if size >= 8:
        a, b = _word(data, 0) + _K2, _word(data, size - 8)
        return _mix((_rotate(b, 37) * factor + a) & _MASK, (_rotate(a, 25) + b) * factor & _MASK, factor)
    if size >= 4:
        first, last = int.from_bytes(data[:4], "little"), int.from_bytes(data[-4:], "little")
        return _mix(size + (first << 3), last, factor)
    if size:
        y = data[0] + (data[size >> 1] << 8)
        z = size + (data[-1] << 2)
        return _shift_mix(y * _K2 ^ z * _K0) * _K2 & _MASK
    return _K2


def _halves(data: bytes, size: int, factor: int, first: int) -> tuple[int, int, int]:
    """What 17 to 64 bytes have in common: two mixed sums, and the first word's product."""
    a, b = _word(data, 0) * first & _MASK, _word(data, 8)
    c, d = _word(data, size - 8) * factor & _MASK, _word(data, size - 16) * _K2 & _MASK
    return (_rotate(a + b, 43) + _rotate(c, 30) + d) & _MASK, (a + _rotate(b + _K2, 18) + c) & _MASK, a


def _up_to_32(data: bytes, size: int) -> int:
    factor = _K2 + size * 2
    y, z, _ = _halves(data, size, factor, _K1)
    return _mix(y, z, factor)


def _up_to_64(data: bytes, size: int) -> int:
    factor = _K2 + size * 2
    y, z, a = _halves(data, size, factor, _K2)
    z = _mix(y, z, factor)
    e, f = _word(data, 16) * factor & _MASK, _word(data, 24)
    g = (y + _word(data, size - 32)) * factor & _MASK
    h = (z + _word(data, size - 24)) * factor & _MASK
    return _mix((_rotate(e + f, 43) + _rotate(g, 30) + h) & _MASK, (e + _rotate(f + a, 18) + g) & _MASK, factor)


def _absorb(data: bytes, start: int, a: int, b: int) -> tuple[int, int]:
    """Mixes 32 bytes into two words."""
    w, x, y, z = (_word(data, start + i) for i in (0, 8, 16, 24))
    a += w
    b = _rotate(b + a + z, 21)
    c = a
    a += x + y
    b += _rotate(a, 44)
    return (a + z) & _MASK, (b + c) & _MASK


def _longer(data: bytes, size: int) -> int:
    x, y = 81 * _K2 + _word(data, 0), 81 * _K1 + 113
    z = _shift_mix(y * _K2 + 113) * _K2
    v, w = (0, 0), (0, 0)
    end = (size - 1) // 64 * 64
    rest = (size - 1) % 64

    def step(start: int, factor: int, ninefold: int) -> None:
        nonlocal x, y, z, v, w
        x = _rotate(x + y + v[0] + _word(data, start + 8), 37) * factor
        y = _rotate(y + v[1] + _word(data, start + 48), 42) * factor
        x = (x ^ w[1] * ninefold) & _MASK
        y = (y + v[0] * ninefold + _word(data, start + 40)) & _MASK
        z = _rotate(z + w[0], 33) * factor & _MASK
        v = _absorb(data, start, v[1] * factor, x + w[0])
        w = _absorb(data, start + 32, z + w[1], y + _word(data, start + 16))
        z, x = x, z

    for start in range(0, end, 64):
        step(start, _K1, 1)
    factor = _K1 + ((z & 0xFF) << 1)
    first = w[0] + rest
    v = (v[0] + first, v[1])
    w = (first + v[0], w[1])
    step(end + rest - 63, factor, 9)
    return _mix(
        (_mix(v[0], w[0], factor) + _shift_mix(y) * _K0 + z) & _MASK,
        (_mix(v[1], w[1], factor) + x) & _MASK,
        factor,
    )


def _fingerprint_kernel(data, *, method):
    if method not in (b"farmhash64", "farmhash64"):
        raise InvalidArgumentError(f"tf.fingerprint: method is {method!r}; it must be 'farmhash64'.")
    if not data.ndim:
        raise ValueError("`data` must have at least one dimension")
    if data.dtype.kind == "O":
        hashes = np.array([fingerprint64(text) for text in data.reshape(-1)], "<u8").reshape(data.shape)
        if data.ndim == 1:
            return hashes.view(np.uint8).reshape(-1, 8)
        data = hashes
    rows = [fingerprint64(row.tobytes()) for row in data]
    return np.array(rows, "<u8").view(np.uint8).reshape(-1, 8)


FINGERPRINT = register(
    Op("Fingerprint", _fingerprint_kernel, host=("method",), vjp=NotDifferentiable("the result is an integer"))
)


def fingerprint(data: Any, method: Any = "farmhash64", name: str | None = None) -> Tensor:
    """A hash of eight bytes for each row of a tensor, the same on every machine and for ever.

    Args:
      data: Tensor of rank 1 or more.
      method: "farmhash64".
    Returns:
      uint8 Tensor of shape `(rows, 8)`.
    Raises:
      tf.errors.InvalidArgumentError: `data` is a scalar, or there is no such method.
    Example:
      >>> print(tf.fingerprint(["a", "b"]).numpy())
      [[227 117 223 182 101  66  69 179]
       [ 22 241 200  94  33  96 178 163]]
    """
    return FINGERPRINT(convert(data), method=convert(method)._array[()])
