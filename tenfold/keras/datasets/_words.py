"""Texts as lists of word numbers, the form of IMDB and Reuters."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np


def encode(
    texts: Sequence[Sequence[int]],
    *,
    num_words: int | None,
    skip_top: int,
    start_char: int | None,
    oov_char: int | None,
    index_from: int | None,
) -> list[list[int]]:
    """Numbers words from `index_from`, starts texts with `start_char`, replaces what is out of the vocabulary.

    The vocabulary is the numbers from `skip_top` up to and without `num_words`; None takes the largest number found,
    which so is itself left out, as in Keras. `start_char` has to be in the vocabulary like any word. `oov_char`
    stands for the others; None drops them.
    """
    shift = index_from or 0
    words = set().union(*texts)
    start = [] if start_char is None else [start_char]
    if not num_words:
        num_words = max([*start, max(words, default=0) + shift])

    def code(number):
        return number if skip_top <= number < num_words else oov_char

    code_of = {word: code(word + shift) for word in words}.__getitem__
    start = [code(number) for number in start]
    encoded = [[*start, *map(code_of, text)] for text in texts]
    if oov_char is None:
        return [[number for number in text if number is not None] for text in encoded]
    return encoded


def is_shorter(texts: Sequence[Sequence[int]], maxlen: int | None, start_char: int | None) -> np.ndarray:
    """Which texts have less than `maxlen` words, counting `start_char`; all if it is 0 or None."""
    start_words = start_char is not None
    return np.array([not maxlen or len(text) + start_words < maxlen for text in texts], bool)


def read_word_index(path: str) -> dict[str, int]:
    with open(path, encoding="utf-8") as file:
        return json.load(file)
