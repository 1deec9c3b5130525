"""Numbers of texts by their hashes, the same on every machine and for ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.core.tensor import Tensor
from tenfold.ops.fingerprint import fingerprint64
from tenfold.ops.strings.elements import elementwise, text_input, text_op

_MASK = (1 << 64) - 1


def murmur64(data: bytes) -> int:
    """The 64-bit hash of A. Appleby's MurmurHash2 (2008), with TensorFlow's seed."""
    factor, size = 0xC6A4A7935BD1E995, len(data)
    h = 0xDECAFCAFFE ^ size * factor & _MASK
    whole = size - size % 8
    for at in range(0, whole, 8):
        k = int.from_bytes(data[at : at + 8], "little") * factor & _MASK
        h = (h ^ (k ^ k >> 47) * factor & _MASK) * factor & _MASK
    if size % 8:
        h = (h ^ int.from_bytes(data[whole:], "little")) * factor & _MASK
    h = (h ^ h >> 47) * factor & _MASK
    return h ^ h >> 47


def sip_hash(data: bytes, key: tuple[int, int]) -> int:
    """SipHash-2-4 of J.-P. Aumasson and D. J. Bernstein, INDOCRYPT 2012, doi:10.1007/978-3-642-34931-7_28."""
    k0, k1 = key[0] & _MASK, key[1] & _MASK
    state = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 0xFF])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        state[3] ^= word
        _sip_rounds(state, 2)
        state[0] ^= word
    state[2] ^= 0xFF
    _sip_rounds(state, 4)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _sip_rounds(state: list[int], count: int) -> None:
    a, b, c, d = state
    for _ in range(count):
        a, c = a + b & _MASK, c + d & _MASK
        b, d = _rotated(b, 13) ^ a, _rotated(d, 16) ^ c
        a, c = _rotated(a, 32) + d & _MASK, b + c & _MASK
        b, d = _rotated(b, 17) ^ c, _rotated(d, 21) ^ a
        c = _rotated(c, 32)
    state[:] = a, b, c, d


def _rotated(x: int, shift: int) -> int:
    return (x << shift | x >> 64 - shift) & _MASK


def _buckets(input: np.ndarray, num_buckets: int, number: Callable[[bytes], int]) -> np.ndarray:
    if num_buckets < 1:
        raise ValueError(f"num_buckets is {num_buckets}; it must be at least 1")
    found = [number(text) % num_buckets for text in input.reshape(-1).tolist()]
    return np.array(found, np.int64).reshape(input.shape)


def _fast_kernel(input, *, num_buckets):
    return _buckets(input, num_buckets, fingerprint64)


def _strong_kernel(input, *, num_buckets, key):
    if len(key) != 2:
        raise ValueError(f"Key must have 2 elements; it has {len(key)}")
    return _buckets(input, num_buckets, lambda text: sip_hash(text, key))


def _plain_kernel(string_tensor, *, num_buckets):
    return _buckets(string_tensor, num_buckets, murmur64)


STRING_TO_HASH_BUCKET_FAST = text_op("StringToHashBucketFast", _fast_kernel, infer=elementwise(np.int64))
_STRONG = text_op("StringToHashBucketStrong", _strong_kernel, infer=elementwise(np.int64))
_PLAIN = text_op("StringToHashBucket", _plain_kernel, infer=elementwise(np.int64))


def to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Tensor:
    """A number for each text, by FarmHash's fingerprint.

    Args:
      input: string Tensor.
      num_buckets: numbers are 0 to this number, without it.
    Returns:
      int64 Tensor of the same shape.
    Raises:
      tf.errors.InvalidArgumentError: `num_buckets` is less than 1.
    Example:
      >>> print(tf.strings.to_hash_bucket_fast(["Hello", "TensorFlow", "2.x"], 3).numpy())
      [0 2 2]
    """
    return STRING_TO_HASH_BUCKET_FAST(text_input(input, STRING_TO_HASH_BUCKET_FAST), num_buckets=num_buckets)


def to_hash_bucket_strong(input: Any, num_buckets: int, key: Sequence[int], name: str | None = None) -> Tensor:
    """A number for each text, by SipHash: who does not know the key cannot make texts of equal numbers.

    Args:
      input: string Tensor.
      num_buckets: numbers are 0 to this number, without it.
      key: two integers.
    Returns:
      int64 Tensor of the same shape.
    Raises:
      tf.errors.InvalidArgumentError: `num_buckets` is less than 1, or there are not two integers.
    Example:
      >>> print(tf.strings.to_hash_bucket_strong(["Hello", "TF"], 3, [1, 2]).numpy())
      [2 0]
    """
    return _STRONG(text_input(input, _STRONG), num_buckets=num_buckets, key=tuple(key))


def to_hash_bucket(input: Any, num_buckets: int, name: str | None = None) -> Tensor:
    """A number for each text. `tf.strings.to_hash_bucket_fast` spreads them better.

    Args:
      input: string Tensor.
      num_buckets: numbers are 0 to this number, without it.
    Returns:
      int64 Tensor of the same shape.
    Raises:
      tf.errors.InvalidArgumentError: `num_buckets` is less than 1.
    Example:
      >>> print(tf.strings.to_hash_bucket(["sun", "moon"], 3).numpy())
      [2 2]
    """
    return _PLAIN(text_input(input, _PLAIN), num_buckets=num_buckets)
