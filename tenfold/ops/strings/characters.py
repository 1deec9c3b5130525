"""The characters of texts: decoded to code points and encoded again, or as a text each."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.ops import array as array_ops
from tenfold.ops import ranges, reduce, sizes
from tenfold.ops.strings.elements import text_input
from tenfold.ops.strings.unicode import DECODE_WITH_OFFSETS, ENCODE, REPLACEMENT


def unicode_decode(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = REPLACEMENT,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Any:
    """The code points of texts.

    Args:
      input: texts, a tensor or a `tf.RaggedTensor`.
      input_encoding: how they are encoded: a name that Python's codecs know.
      errors: what to do about bytes that are no characters: "strict" for an error, "replace", or "ignore".
      replacement_char: the code point in their place.
      replace_control_characters: whether code points below 32 are replaced, too.
    Returns:
      int32; for one text a vector, else a RaggedTensor with one axis more.
    Raises:
      tf.errors.InvalidArgumentError: there is no such encoding, or a text is not in it and errors are strict.
    Example:
      >>> tf.strings.unicode_decode(["né", ""], "UTF-8").to_list()
      [[110, 233], []]
    """
    return _decoded(input, input_encoding, errors, replacement_char, replace_control_characters)[0]


def unicode_decode_with_offsets(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = REPLACEMENT,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The code points of texts, and at which byte each begins; see `tf.strings.unicode_decode`.

    Example:
      >>> codes, offsets = tf.strings.unicode_decode_with_offsets("éa", "UTF-8")
      >>> print(codes.numpy(), offsets.numpy())
      [233  97] [0 2]
    """
    return _decoded(input, input_encoding, errors, replacement_char, replace_control_characters)


def unicode_split(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = REPLACEMENT,
    name: str | None = None,
) -> Any:
    """Splits texts into their characters; see `tf.strings.unicode_decode`.

    Args:
      input_encoding: "UTF-8", "UTF-16-BE" or "UTF-32-BE".
    Example:
      >>> tf.strings.unicode_split(["né"], "UTF-8").to_list()
      [[b'n', b'\\xc3\\xa9']]
    """
    return unicode_split_with_offsets(input, input_encoding, errors, replacement_char)[0]


def unicode_split_with_offsets(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = REPLACEMENT,
    name: str | None = None,
) -> tuple[Any, Any]:
    """Splits texts into their characters, and says at which byte each begins; see `tf.strings.unicode_split`.

    Example:
      >>> characters, offsets = tf.strings.unicode_split_with_offsets("éa", "UTF-8")
      >>> print(characters.numpy().tolist(), offsets.numpy())
      [b'\\xc3\\xa9', b'a'] [0 2]
    """
    codes, offsets = _decoded(input, input_encoding, errors, replacement_char, False)
    flat = codes.flat_values if hasattr(codes, "flat_values") else codes
    one_each = ranges.range(sizes.size(flat) + 1)
    characters = ENCODE(
        flat, one_each, output_encoding=input_encoding, errors=errors, replacement_char=replacement_char
    )
    return (characters if codes is flat else codes.with_flat_values(characters)), offsets


def _decoded(input: Any, encoding: str, errors: str, replacement: int, replaces_controls: bool) -> tuple[Any, Any]:
    """Code points and offsets of texts of any number of axes, each of which has a row of its own."""
    from tenfold.ops.ragged.tensor import RaggedTensor

    texts = input if isinstance(input, RaggedTensor) else text_input(convert(input), DECODE_WITH_OFFSETS)
    flat = texts.flat_values if isinstance(texts, RaggedTensor) else texts
    if flat.ndim > 1:
        inner = RaggedTensor.from_tensor(flat, ragged_rank=flat.ndim - 1)
        texts = texts.with_flat_values(inner) if isinstance(texts, RaggedTensor) else inner
        flat = inner.flat_values
    splits, codes, offsets = DECODE_WITH_OFFSETS(
        array_ops.reshape(flat, [-1]),
        input_encoding=encoding,
        errors=errors,
        replacement_char=replacement,
        replace_control_characters=replaces_controls,
    )
    if not flat.ndim:
        return codes, offsets
    rows = [RaggedTensor.from_row_splits(values, splits, validate=False) for values in (codes, offsets)]
    if isinstance(texts, RaggedTensor):
        rows = [texts.with_flat_values(values) for values in rows]
    return rows[0], rows[1]


def unicode_encode(
    input: Any,
    output_encoding: str,
    errors: str = "replace",
    replacement_char: int = REPLACEMENT,
    name: str | None = None,
) -> Any:
    """Texts from code points.

    Args:
      input: int32, a tensor or a `tf.RaggedTensor`; its last axis is that of the code points of a text.
      output_encoding: "UTF-8", "UTF-16-BE" or "UTF-32-BE".
      errors: what to do about numbers that are no code points: "strict" for an error, "replace", or "ignore".
      replacement_char: the code point in their place.
    Returns:
      Texts, with one axis less.
    Raises:
      ValueError: `input` is a scalar.
      tf.errors.InvalidArgumentError: a number is no code point and errors are strict, or there is no such encoding.
    Example:
      >>> tf.strings.unicode_encode([[110, 233], [97, 98]], "UTF-8").numpy().tolist()
      [b'n\\xc3\\xa9', b'ab']
    """
    from tenfold.ops.ragged.tensor import RaggedTensor

    def encoded(codes: Any) -> Any:
        if isinstance(codes, RaggedTensor):
            if codes.ragged_rank > 1 or codes.values.ndim > 1:
                return codes.with_values(encoded(codes.values))
            values, splits = codes.values, codes.row_splits
        else:
            shape = sizes.shape(codes)
            values = array_ops.reshape(codes, [-1])
            splits = ranges.range(reduce.reduce_prod(shape[:-1]) + 1) * shape[-1]
        texts = ENCODE(
            values, splits, output_encoding=output_encoding, errors=errors, replacement_char=replacement_char
        )
        return texts if isinstance(codes, RaggedTensor) else array_ops.reshape(texts, shape[:-1])

    codes = input if isinstance(input, RaggedTensor) else convert(input)
    if not isinstance(codes, RaggedTensor) and not codes.ndim:
        raise ValueError("tf.strings.unicode_encode: input is a scalar; it must have at least one axis.")
    ENCODE.require(codes.flat_values._array if isinstance(codes, RaggedTensor) else codes._array)
    return encoded(codes)
