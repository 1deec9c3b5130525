"""Reuters: newswires and their topics."""

from __future__ import annotations

import numpy as np

from tenfold.keras.datasets._storage import KERAS_STORAGE, read_npz
from tenfold.keras.datasets._words import encode, is_shorter, read_word_index
from tenfold.keras.utils.data_utils import get_file

_LABEL_NAMES = tuple(
    """cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass
    crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi
    iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead""".split()
)


def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int | None = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Loads Reuters, 11,228 newswires as lists of word numbers, downloading it (2 MB) when it is not in the cache.

    Words are numbered by how often they occur, the most frequent first; see `get_word_index`. Zero is left for
    padding. The newswires are those of Reuters-21578 with one of 46 topics.

    Args:
      path: name of the file in the cache.
      num_words: numbers from here on are replaced by `oov_char`; None takes the largest one.
      skip_top: numbers below this are replaced by `oov_char`.
      maxlen: newswires of this length, or longer, are left out; None or 0 keeps all.
      test_split: share of the newswires that becomes the test set.
      seed: seed of the shuffle before the split.
      start_char: number that begins every newswire; None for no beginning.
      oov_char: number of the words that are left out; None drops them.
      index_from: what is added to the words' numbers.
    Returns:
      `(x_train, y_train), (x_test, y_test)`: arrays of lists of ints, shape `(n,)`, and of int64 topics, numbered as
      in `get_label_names`.
    Raises:
      OSError: the file is not in the cache and cannot be downloaded.
      ValueError, pickle.UnpicklingError: no newswire is shorter than `maxlen`; the file is truncated or corrupt.
    Example:
      >>> (x_train, y_train), (x_test, y_test) = tf.keras.datasets.reuters.load_data(num_words=1000)  # doctest: +SKIP
    """
    path = get_file(
        path,
        origin=f"{KERAS_STORAGE}reuters.npz",
        file_hash="d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
    )
    x, y = read_npz(path, "x", "y")
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    order = order[is_shorter(x[order].tolist(), maxlen, start_char)]
    if not len(order):
        raise ValueError(
            f"keras.datasets.reuters.load_data: no newswire is shorter than maxlen={maxlen}; one must be. "
            "Increase maxlen."
        )
    texts = encode(
        x[order].tolist(),
        num_words=num_words,
        skip_top=skip_top,
        start_char=start_char,
        oov_char=oov_char,
        index_from=index_from,
    )
    y = y[order]
    split = int(len(texts) * (1 - test_split))
    return (np.array(texts[:split], object), y[:split]), (np.array(texts[split:], object), y[split:])


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """Loads the number of each word, downloading the file (0.6 MB) when it is not in the cache.

    In the texts, `index_from` is added to these numbers, so that with the defaults the most frequent word is 4.

    Args:
      path: name of the file in the cache.
    Raises:
      OSError: the file is not in the cache and cannot be downloaded.
    Example:
      >>> word_of = {n + 3: word for word, n in tf.keras.datasets.reuters.get_word_index().items()}  # doctest: +SKIP
    """
    url = f"{KERAS_STORAGE}reuters_word_index.json"
    return read_word_index(get_file(path, origin=url, file_hash="4d44cc38712099c9e383dc6e5f11a921"))


def get_label_names() -> tuple[str, ...]:
    """The names of the 46 topics, in the order of the labels.

    Example:
      >>> tf.keras.datasets.reuters.get_label_names()[:4]
      ('cocoa', 'grain', 'veg-oil', 'earn')
    """
    return _LABEL_NAMES
