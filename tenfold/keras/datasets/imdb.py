"""IMDB: film reviews, good or bad."""

from __future__ import annotations

import warnings

import numpy as np

from tenfold.keras.datasets._storage import KERAS_STORAGE, read_npz
from tenfold.keras.datasets._words import encode, is_shorter, read_word_index
from tenfold.keras.utils.data_utils import get_file


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int | None = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
    **kwargs,
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Loads IMDB, 50,000 film reviews as lists of word numbers, downloading it (17 MB) when it is not in the cache.

    Words are numbered by how often they occur, the most frequent first; see `get_word_index`. Zero is left for
    padding. See Maas et al., Learning Word Vectors for Sentiment Analysis, ACL 2011.

    Args:
      path: name of the file in the cache.
      num_words: numbers from here on are replaced by `oov_char`; None takes the largest one.
      skip_top: numbers below this are replaced by `oov_char`.
      maxlen: reviews of this length, or longer, are left out; None or 0 keeps all.
      seed: seed of the shuffle of each set.
      start_char: number that begins every review; None for no beginning.
      oov_char: number of the words that are left out; None drops them.
      index_from: what is added to the words' numbers.
    Returns:
      `(x_train, y_train), (x_test, y_test)`: arrays of lists of ints, shape `(25000,)`, and of int64 labels, 1 for
      good, 0 for bad.
    Raises:
      OSError: the file is not in the cache and cannot be downloaded.
      ValueError, pickle.UnpicklingError: no review is shorter than `maxlen`; the file is truncated or corrupt.
      TypeError: a keyword is unknown.
    Example:
      >>> (x_train, y_train), (x_test, y_test) = tf.keras.datasets.imdb.load_data(num_words=10000)  # doctest: +SKIP
    """
    if "nb_words" in kwargs:
        warnings.warn("keras.datasets.imdb.load_data: nb_words is now called num_words.", stacklevel=2)
        num_words = kwargs.pop("nb_words")
    if kwargs:
        raise TypeError(f"keras.datasets.imdb.load_data: unknown keywords {', '.join(kwargs)}.")
    path = get_file(
        path,
        origin=f"{KERAS_STORAGE}imdb.npz",
        file_hash="69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    )
    x_train, y_train, x_test, y_test = read_npz(path, "x_train", "y_train", "x_test", "y_test")
    random = np.random.RandomState(seed)
    x_train, y_train = _shuffled_shorter(x_train, y_train, random, maxlen, start_char)
    x_test, y_test = _shuffled_shorter(x_test, y_test, random, maxlen, start_char)
    texts = encode(
        [*x_train, *x_test],
        num_words=num_words,
        skip_top=skip_top,
        start_char=start_char,
        oov_char=oov_char,
        index_from=index_from,
    )
    split = len(x_train)
    return (np.array(texts[:split], object), y_train), (np.array(texts[split:], object), y_test)


def _shuffled_shorter(x, y, random, maxlen, start_char):
    order = np.arange(len(x))
    random.shuffle(order)
    order = order[is_shorter(x[order].tolist(), maxlen, start_char)]
    if not len(order):
        raise ValueError(
            f"keras.datasets.imdb.load_data: no review is shorter than maxlen={maxlen}; one must be. Increase maxlen."
        )
    return x[order], y[order]


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """Loads the number of each word, downloading the file (1.6 MB) when it is not in the cache.

    In the texts, `index_from` is added to these numbers, so that with the defaults the most frequent word is 4.

    Args:
      path: name of the file in the cache.
    Raises:
      OSError: the file is not in the cache and cannot be downloaded.
    Example:
      >>> word_of = {n + 3: word for word, n in tf.keras.datasets.imdb.get_word_index().items()}  # doctest: +SKIP
    """
    url = f"{KERAS_STORAGE}imdb_word_index.json"
    return read_word_index(get_file(path, origin=url, file_hash="bfafd718b763782e994055a2d397834f"))
