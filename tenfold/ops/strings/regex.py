"""Regular expressions of RE2, with its own library: linear time whatever the pattern, as graphs of files may hold any."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.core.text import as_bytes
from tenfold.ops.strings.elements import elementwise, mapped, text_input, text_op


@lru_cache(256)
def _compiled(pattern: bytes) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace")
        raise ValueError(f"Invalid pattern: {pattern.decode('utf-8', 'replace')}, error: {reason}") from None


def _template(rewrite: bytes) -> list[bytes | int]:
    r"""The texts and the numbers of groups that a rewrite consists of; what follows a wrong escape is left out."""
    parts: list[bytes | int] = []
    literal, _, rest = rewrite.partition(b"\\")
    while _:
        parts.append(literal)
        if rest[:1].isdigit():
            parts.append(int(rest[:1]))
        elif rest[:1] == b"\\":
            parts.append(b"\\")
        else:
            return parts
        literal, _, rest = rest[1:].partition(b"\\")
    return [*parts, literal]


def _replaced(pattern: Any, template: list[bytes | int], text: bytes, everywhere: bool) -> bytes:
    found: list[bytes] = []
    at, last_end = 0, -1
    while match := pattern.search(text, at):
        start, end = match.span()
        found.append(text[at:start])
        if start == end == last_end:  # nothing, right behind a match
            following = start + 1
            while following < len(text) and text[following] & 0xC0 == 0x80:
                following += 1
            found.append(text[start:following])
            at = following
            if start == len(text):
                break
            continue
        found += [(match[part] or b"") if isinstance(part, int) else part for part in template]
        at = last_end = end
        if not everywhere:
            break
    return b"".join(found) + text[at:]


def _static_replace_kernel(input, *, pattern, rewrite, replace_global=True):
    regex, template = _compiled(as_bytes(pattern)), _template(as_bytes(rewrite))
    if any(isinstance(part, int) and part > regex.groups for part in template):
        return input
    return mapped(lambda text: _replaced(regex, template, text, replace_global), input)


def _replace_kernel(input, pattern, rewrite, *, replace_global=True):
    for name, given in (("Pattern", pattern), ("Rewrite", rewrite)):
        if given.ndim:
            raise ValueError(f"{name} must be scalar, but received {given.shape}")
    return _static_replace_kernel(input, pattern=pattern[()], rewrite=rewrite[()], replace_global=replace_global)


def _static_match_kernel(input, *, pattern):
    regex = _compiled(as_bytes(pattern))
    found = [regex.fullmatch(text) is not None for text in input.reshape(-1).tolist()]
    return np.array(found, bool).reshape(input.shape)


def _match_kernel(input, pattern):
    if pattern.ndim:
        raise ValueError(f"Pattern must be scalar, but received {pattern.shape}")
    return _static_match_kernel(input, pattern=pattern[()])


STATIC_REPLACE = text_op("StaticRegexReplace", _static_replace_kernel, infer=elementwise())
REPLACE = text_op("RegexReplace", _replace_kernel, infer=elementwise())
STATIC_FULL_MATCH = text_op("StaticRegexFullMatch", _static_match_kernel, infer=elementwise(bool))
FULL_MATCH = text_op("RegexFullMatch", _match_kernel, infer=elementwise(bool))


def regex_replace(
    input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None
) -> Tensor:
    r"""Replaces what a regular expression matches.

    Args:
      input: string Tensor.
      pattern: regular expression of RE2 (github.com/google/re2/wiki/Syntax): text, or a scalar string Tensor.
      rewrite: what stands in its place; `\1` to `\9` are what groups matched, `\0` all of it. A Tensor, or text.
      replace_global: whether all matches are replaced, or only the first of each text.
    Raises:
      tf.errors.InvalidArgumentError: `pattern` is no regular expression.
    Example:
      >>> print(tf.strings.regex_replace(["sun and moon"], "([a-z])oon", r"\1ars").numpy())
      [b'sun and mars']
    """
    if isinstance(pattern, (str, bytes)) and isinstance(rewrite, (str, bytes)):
        texts = text_input(input, STATIC_REPLACE)
        return STATIC_REPLACE(texts, pattern=pattern, rewrite=rewrite, replace_global=replace_global)
    operands = [convert(pattern, dtypes.string), convert(rewrite, dtypes.string)]
    return REPLACE(text_input(input, REPLACE), *operands, replace_global=replace_global)


def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Tensor:
    """Whether a regular expression matches texts as a whole.

    Args:
      input: string Tensor.
      pattern: regular expression of RE2: text, or a scalar string Tensor.
    Raises:
      tf.errors.InvalidArgumentError: `pattern` is no regular expression.
    Example:
      >>> print(tf.strings.regex_full_match(["moon", "moons"], "m.*n").numpy())
      [ True False]
    """
    if isinstance(pattern, (str, bytes)):
        return STATIC_FULL_MATCH(text_input(input, STATIC_FULL_MATCH), pattern=pattern)
    return FULL_MATCH(text_input(input, FULL_MATCH), convert(pattern, dtypes.string))
