"""Texts as bytes: base64, and the numbers that are stored in them."""

from __future__ import annotations

import binascii
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.symbol import STAND_IN, Spec
from tenfold.core.tensor import Tensor
from tenfold.ops.strings.elements import elementwise, mapped, text_input, text_op

_TO_WEB_SAFE = bytes.maketrans(b"+/", b"-_")
_FROM_WEB_SAFE = bytes.maketrans(b"-_", b"+/")
_WEB_SAFE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _encoded(text: bytes, pad: bool) -> bytes:
    found = binascii.b2a_base64(text, newline=False).translate(_TO_WEB_SAFE)
    return found if pad else found.rstrip(b"=")


def _decoded(text: bytes) -> bytes:
    digits = text[:-2] + text[-2:].rstrip(b"=")
    if digits.translate(None, _WEB_SAFE):
        raise ValueError("Invalid character found in base64.")
    if len(digits) % 4 == 1:
        raise ValueError("Base64 string length cannot be 1 modulo 4.")
    return binascii.a2b_base64(digits.translate(_FROM_WEB_SAFE) + b"=" * (-len(digits) % 4))


def _encode_kernel(input, *, pad=False):
    return mapped(lambda text: _encoded(text, pad), input)


def _decode_kernel(input):
    return mapped(_decoded, input)


ENCODE_BASE64 = text_op("EncodeBase64", _encode_kernel, infer=elementwise())
DECODE_BASE64 = text_op("DecodeBase64", _decode_kernel, infer=elementwise())
_RAW_TYPES = {
    *(
        dtypes.float16,
        dtypes.bfloat16,
        dtypes.float32,
        dtypes.float64,
        dtypes.complex64,
        dtypes.complex128,
        dtypes.bool,
    ),
    *(dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64, dtypes.uint8, dtypes.uint16),
}


def _numbers(data: bytes, shape: tuple[int, ...], out_type: DType, little_endian: bool) -> np.ndarray:
    array = np.frombuffer(data, out_type._np)
    return (array if little_endian else array.byteswap()).reshape(shape)


def _check_type(out_type: DType) -> int:
    """The bytes of a number."""
    if out_type not in _RAW_TYPES:
        allowed = ", ".join(sorted([t.name for t in _RAW_TYPES]))
        raise ValueError(
            f"Value for attr 'out_type' of {out_type.name} is not in the list of allowed values: {allowed}"
        )
    return out_type.size


def _decode_raw_kernel(bytes, *, out_type, little_endian=True):
    width, found = _check_type(out_type), bytes.reshape(-1).tolist()
    size = len(found[0]) if found else 0
    for i, text in enumerate(found):
        if len(text) != size:
            raise ValueError(
                "DecodeRaw requires input strings to all be the same size, but "
                f"element {i} has size {len(text)} != {size}"
            )
    if size % width:
        raise ValueError(
            f"Input to DecodeRaw has length {size} that is not a multiple of {width}, the size of {out_type.name}"
        )
    return _numbers(b"".join(found), (*bytes.shape, size // width), out_type, little_endian)


def _decode_padded_raw_kernel(input_bytes, *, fixed_length, out_type, little_endian=True):
    width = _check_type(out_type)
    if fixed_length <= 0:
        raise ValueError(f"fixed_length ({fixed_length}) must be greater than zero.")
    if fixed_length % width:
        raise ValueError(f"fixed_length ({fixed_length}) must be a multiple of the size of out_type ({width})")
    found = [text[:fixed_length].ljust(fixed_length, b"\0") for text in input_bytes.reshape(-1).tolist()]
    return _numbers(b"".join(found), (*input_bytes.shape, fixed_length // width), out_type, little_endian)


DECODE_RAW = text_op(
    "DecodeRaw",
    _decode_raw_kernel,
    infer=lambda bytes, *, out_type, little_endian=True: Spec(out_type._np, (*bytes.shape, None), (STAND_IN,)),
)
DECODE_PADDED_RAW = text_op(
    "DecodePaddedRaw",
    _decode_padded_raw_kernel,
    host=("fixed_length",),
    infer=lambda input_bytes, *, fixed_length, out_type, little_endian=True: Spec(
        out_type._np, (*input_bytes.shape, fixed_length // out_type.size)
    ),
)


def encode_base64(input: Any, pad: bool = False, name: str | None = None) -> Tensor:
    """Texts of any bytes as texts of letters, digits, `-` and `_`.

    Args:
      input: string Tensor.
      pad: whether `=` fills up the last four characters.
    Example:
      >>> tf.io.encode_base64("sun").numpy()
      b'c3Vu'
    """
    return ENCODE_BASE64(text_input(input, ENCODE_BASE64), pad=pad)


def decode_base64(input: Any, name: str | None = None) -> Tensor:
    """The texts of which `tf.io.encode_base64` made these.

    Args:
      input: string Tensor.
    Raises:
      tf.errors.InvalidArgumentError: a text is none of these.
    Example:
      >>> tf.io.decode_base64("c3Vu").numpy()
      b'sun'
    """
    return DECODE_BASE64(text_input(input, DECODE_BASE64))


def decode_raw(
    input_bytes: Any,
    out_type: Any,
    little_endian: bool = True,
    fixed_length: int | None = None,
    name: str | None = None,
) -> Tensor:
    """The numbers whose bytes are in texts.

    Args:
      input_bytes: string Tensor.
      out_type: dtype of the numbers.
      little_endian: whether a number's lowest byte comes first.
      fixed_length: number of bytes that are read of each text, which zeros follow if it is shorter; otherwise all texts
        must be equally long.
    Returns:
      Tensor of the shape of `input_bytes` and an axis more.
    Raises:
      tf.errors.InvalidArgumentError: lengths differ, or are no multiple of the size of a number.
    Example:
      >>> tf.io.decode_raw(["ab", "cd"], tf.uint8).numpy().tolist()
      [[97, 98], [99, 100]]
    """
    dtype = as_dtype(out_type)
    if fixed_length is None:
        return DECODE_RAW(text_input(input_bytes, DECODE_RAW), out_type=dtype, little_endian=little_endian)
    data = text_input(input_bytes, DECODE_PADDED_RAW)
    return DECODE_PADDED_RAW(data, fixed_length=int(fixed_length), out_type=dtype, little_endian=little_endian)
