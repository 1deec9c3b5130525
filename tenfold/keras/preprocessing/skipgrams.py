"""Pairs of words that stand together in texts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> np.ndarray:
    """Probabilities of keeping words, by their rank: frequent words are kept less often, as in word2vec.

    A word of frequency `f` is kept with the probability `sqrt(sampling_factor / f)`, 1 at most. Frequencies are those of Zipf's law:
    the word of rank `r` has `1 / (r (log r + 0.577) + 1/2 - 1/(12 r))`.

    Args:
      size: number of words.
      sampling_factor: frequency below which words are always kept.
    Returns:
      Array of floats `(size,)`; ranks 0, which is no word, and 1 have the same.
    Example:
      >>> tf.keras.preprocessing.sequence.make_sampling_table(4)
      array([0.0032, 0.0032, 0.0055, 0.0074])
    """
    rank = np.maximum(np.arange(size), 1)
    frequency = 1 / (rank * (np.log(rank) + 0.577) + 0.5 - 1 / (12 * rank))
    return np.minimum(1.0, np.sqrt(sampling_factor / frequency))


def skipgrams(
    sequence: Sequence[int],
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> tuple[list, list]:
    """Pairs of words that stand together, labelled 1, and pairs of such a word and any other, labelled 0.

    It draws from Python's `random`, whose state a seed, or `shuffle`, sets.

    Args:
      sequence: numbers of words; 0 is no word.
      vocabulary_size: the greatest number of a word, plus 1.
      window_size: how many words further on or back count as together.
      negative_samples: how many pairs with any other word come on one pair that stands together.
      shuffle: whether the pairs are shuffled.
      categorical: whether labels are `[0, 1]` and `[1, 0]` instead of 1 and 0.
      sampling_table: probability of keeping each word, as of `make_sampling_table`; None keeps all.
      seed: seed of the shuffling.
    Returns:
      The pairs, each a list of two numbers, and their labels.
    Example:
      >>> pairs, labels = tf.keras.preprocessing.sequence.skipgrams([1, 2, 3], 4, 1, negative_samples=0, shuffle=False)
      >>> pairs
      [[1, 2], [2, 1], [2, 3], [3, 2]]
      >>> labels
      [1, 1, 1, 1]
    """
    couples = []
    for i, word in enumerate(sequence):
        if not word or (sampling_table is not None and random.random() > sampling_table[word]):
            continue
        around = range(max(0, i - window_size), min(len(sequence), i + window_size + 1))
        couples += [[word, sequence[j]] for j in around if j != i and sequence[j]]
    together, apart = ([0, 1], [1, 0]) if categorical else (1, 0)
    labels: list = [together] * len(couples)
    if negative_samples > 0:
        words = [word for word, _ in couples]
        random.shuffle(words)
        count = int(len(words) * negative_samples)
        couples += [[words[i % len(words)], random.randint(1, vocabulary_size - 1)] for i in range(count)]
        labels += [apart] * count
    if shuffle:
        seed = random.randint(0, 10_000_000) if seed is None else seed
        for items in (couples, labels):  # the same seed: in the same order
            random.seed(seed)
            random.shuffle(items)
    return couples, labels
