"""Characters of texts: code points, encodings."""

from __future__ import annotations

import codecs
from itertools import pairwise
from math import prod
from typing import Any, NamedTuple

import numpy as np

from tenfold.core import dtypes
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor
from tenfold.core.text import as_text
from tenfold.ops.strings.elements import array_of_texts, elementwise, mapped, text_input, text_op
from tenfold.ops.strings.split import checked_splits

_WRITTEN = {"UTF-8": "utf-8", "UTF-16-BE": "utf-16-be", "UTF-32-BE": "utf-32-be"}
_LEAST_SURROGATE, REPLACEMENT = 0xD800, 0xFFFD


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Stands for bytes that are no character: a surrogate, which no text decodes to, that says how many they are."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return chr(_LEAST_SURROGATE + error.end - error.start), error.end


codecs.register_error("tenfold.mark", _mark)


class Reading(NamedTuple):
    """How bytes become code points.

    Attributes:
      encoding: name of the encoding.
      errors: what to do about bytes that are no characters: "strict", "replace" or "ignore".
      replacement: the code point in their place.
      replaces_controls: whether control characters are errors, too.
    """

    encoding: str
    errors: str
    replacement: int
    replaces_controls: bool

    def check(self) -> None:
        _check_errors(self.errors, self.replacement)
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            raise ValueError(f"Could not create converter for input encoding: {self.encoding}") from None

    def code_points(self, text: bytes) -> tuple[list[int], list[int]]:
        """The code points, and where in the text each of them begins."""
        codec, at = self.encoding, 0
        if codec.upper() == "UTF-16":
            at = 2 if text[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else 0
            codec = "utf-16-le" if text[:2] == codecs.BOM_UTF16_LE else "utf-16-be"
        decoded = text[at:].decode(codec, "tenfold.mark")
        is_byte_each = len(decoded) == len(text)
        found, places = [], []
        for character in decoded:
            code = ord(character)
            is_error = 0xD800 <= code < 0xE000
            width = 1 if is_byte_each else code - _LEAST_SURROGATE if is_error else len(character.encode(codec))
            kept: int | None = code
            if is_error or (self.replaces_controls and code < 0x20):
                kept = _instead(self.errors, self.replacement, "Invalid formatting on input string")
            if kept is not None:
                found.append(kept)
                places.append(at)
            at += width
        return found, places


def _check_errors(errors: str, replacement: int) -> None:
    if errors not in ("strict", "replace", "ignore"):
        raise ValueError(f"errors is {errors!r}; it must be 'strict', 'replace' or 'ignore'")
    if not _is_character(replacement):
        raise ValueError("replacement_char out of unicode codepoint range")


def _is_character(code: int) -> bool:
    return 0 <= code < _LEAST_SURROGATE or 0xE000 <= code < 0x110000


def _instead(errors: str, replacement: int, message: str) -> int | None:
    """What stands in place of what is no character; None for nothing."""
    if errors == "strict":
        raise ValueError(message)
    return replacement if errors == "replace" else None


def _written_codec(output_encoding: str) -> str:
    if output_encoding not in _WRITTEN:
        raise ValueError(f"output_encoding is {output_encoding!r}; it must be {', '.join(_WRITTEN)}")
    return _WRITTEN[output_encoding]


# Code points of texts.


def _decode_with_offsets_kernel(
    input,
    *,
    input_encoding,
    errors="replace",
    replacement_char=REPLACEMENT,
    replace_control_characters=False,
    Tsplits=dtypes.int64,
):
    reading = Reading(as_text(input_encoding), as_text(errors), replacement_char, replace_control_characters)
    reading.check()
    rows = [reading.code_points(text) for text in input.reshape(-1).tolist()]
    splits = np.cumsum([0, *[len(codes) for codes, _ in rows]]).astype(Tsplits._np)
    codes = np.array([code for codes, _ in rows for code in codes], np.int32)
    return splits, codes, np.array([place for _, places in rows for place in places], np.int64)


def _decode_kernel(
    input,
    *,
    input_encoding,
    errors="replace",
    replacement_char=REPLACEMENT,
    replace_control_characters=False,
    Tsplits=dtypes.int64,
):
    splits, codes, _ = _decode_with_offsets_kernel(
        input,
        input_encoding=input_encoding,
        errors=errors,
        replacement_char=replacement_char,
        replace_control_characters=replace_control_characters,
        Tsplits=Tsplits,
    )
    return splits, codes


def _decode_with_offsets_specs(input, *, Tsplits=dtypes.int64, **attrs):
    splits = Spec(Tsplits._np, (prod(input.shape) + 1,))
    return [splits, Spec.rows(np.dtype(np.int32)), Spec.rows(np.dtype(np.int64))]


def _decode_specs(input, *, Tsplits=dtypes.int64, **attrs):
    return _decode_with_offsets_specs(input, Tsplits=Tsplits)[:2]


DECODE = text_op("UnicodeDecode", _decode_kernel, outputs=("row_splits", "char_values"), infer=_decode_specs)
DECODE_WITH_OFFSETS = text_op(
    "UnicodeDecodeWithOffsets",
    _decode_with_offsets_kernel,
    outputs=("row_splits", "char_values", "char_to_byte_starts"),
    infer=_decode_with_offsets_specs,
)


# Texts of code points.


def _written(codes: list[int], codec: str, errors: str, replacement: int) -> bytes:
    kept = [
        code
        if _is_character(code)
        else _instead(errors, replacement, "Code point is out of range for Unicode, or is a surrogate.")
        for code in codes
    ]
    return "".join([chr(code) for code in kept if code is not None]).encode(codec)


def _encode_kernel(input_values, input_splits, *, output_encoding, errors="replace", replacement_char=REPLACEMENT):
    codec, how = _written_codec(as_text(output_encoding)), as_text(errors)
    _check_errors(how, replacement_char)
    splits = checked_splits(input_splits, input_values.size)
    if not splits:
        raise ValueError("row splits must have at least one element")
    rows = [input_values[start:end].tolist() for start, end in pairwise(splits)]
    return array_of_texts([_written(row, codec, how, replacement_char) for row in rows])


def _transcode_kernel(
    input,
    *,
    input_encoding,
    output_encoding,
    errors="replace",
    replacement_char=REPLACEMENT,
    replace_control_characters=False,
):
    codec = _written_codec(as_text(output_encoding))
    reading = Reading(as_text(input_encoding), as_text(errors), replacement_char, replace_control_characters)
    reading.check()
    return mapped(lambda text: "".join(map(chr, reading.code_points(text)[0])).encode(codec), input)


ENCODE = register(
    Op(
        "UnicodeEncode",
        _encode_kernel,
        types={dtypes.int32},
        vjp=NotDifferentiable("the result is text"),
        infer=lambda input_values, input_splits, **attrs: Spec(np.dtype(object), (max(input_splits.shape[0] - 1, 0),)),
    )
)
TRANSCODE = text_op("UnicodeTranscode", _transcode_kernel, infer=elementwise())


def unicode_transcode(
    input: Any,
    input_encoding: str,
    output_encoding: str,
    errors: str = "replace",
    replacement_char: int = REPLACEMENT,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Tensor:
    """Texts in another encoding.

    Args:
      input: string Tensor.
      input_encoding: how it is encoded: a name that Python's codecs know.
      output_encoding: "UTF-8", "UTF-16-BE" or "UTF-32-BE".
      errors: what to do about bytes that are no characters: "strict" for an error, "replace", or "ignore".
      replacement_char: the code point in their place.
      replace_control_characters: whether code points below 32 are replaced, too.
    Raises:
      tf.errors.InvalidArgumentError: there is no such encoding, or a text is not in it and errors are strict.
    Example:
      >>> tf.strings.unicode_transcode("sun", "UTF-8", "UTF-16-BE").numpy()
      b'\\x00s\\x00u\\x00n'
    """
    return TRANSCODE(
        text_input(input, TRANSCODE),
        input_encoding=input_encoding,
        output_encoding=output_encoding,
        errors=errors,
        replacement_char=replacement_char,
        replace_control_characters=replace_control_characters,
    )
