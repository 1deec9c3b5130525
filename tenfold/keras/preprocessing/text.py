"""`tf.keras.preprocessing.text`: words and their numbers."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
_MODES = ("binary", "count", "tfidf", "freq")
_COUNTED = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")


def text_to_word_sequence(input_text: str, filters: str = _FILTERS, lower: bool = True, split: str = " ") -> list[str]:
    """The words of a text.

    Args:
      input_text: the text.
      filters: characters that part words, as `split` does.
      lower: whether the text is made lower case first.
      split: what stands between words.
    Example:
      >>> tf.keras.preprocessing.text.text_to_word_sequence("Well, well: a cat!")
      ['well', 'well', 'a', 'cat']
    """
    text = input_text.lower() if lower else input_text
    return [word for word in text.translate(dict.fromkeys(map(ord, filters), split)).split(split) if word]


def one_hot(
    input_text: str,
    n: int,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Iterable[str]] | None = None,
) -> list[int]:
    """Numbers from 1 to `n - 1` for the words of a text, by Python's `hash`: other ones in each process.

    Args:
      n: number of classes, of which 0 is left out.
      input_text, filters, lower, split, analyzer: as for `hashing_trick`.
    Example:
      >>> first, second, third = tf.keras.preprocessing.text.one_hot("to and to", 50)
      >>> first == third
      True
    """
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


def hashing_trick(
    text: str,
    n: int,
    hash_function: str | Callable[[str], int] | None = None,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Iterable[str]] | None = None,
) -> list[int]:
    """Numbers from 1 to `n - 1` for the words of a text, by a hash of each; several words may share one.

    Args:
      text: the text.
      n: number of classes, of which 0 is left out.
      hash_function: function of a word, `"md5"`, which is the same everywhere, or None for Python's `hash`.
      filters, lower, split: as for `text_to_word_sequence`.
      analyzer: function that takes a text apart into words, instead of `text_to_word_sequence`.
    Raises:
      TypeError: `hash_function` is another name.
    Example:
      >>> tf.keras.preprocessing.text.hashing_trick("the cat and the dog", 20, "md5")
      [17, 4, 4, 17, 17]
    """
    if hash_function == "md5":
        hash_function = _md5
    elif hash_function is None:
        hash_function = hash
    elif not callable(hash_function):
        raise TypeError(f"hashing_trick: hash_function is {hash_function!r}; it must be a function, 'md5' or None.")
    words = analyzer(text) if analyzer else text_to_word_sequence(text, filters, lower, split)
    return [hash_function(word) % (n - 1) + 1 for word in words]


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)


class Tokenizer:
    """Numbers the words of texts by how often they occur: the most frequent word is 1, 0 is no word.

    Args:
      num_words: if given, only numbers below it are used: the `num_words - 1` most frequent words.
      filters, lower, split: as for `text_to_word_sequence`.
      char_level: whether every character is a word.
      oov_token: word, with the number 1, that stands for those that are not known; None leaves them out.
      analyzer: function that takes a text apart into words, instead of `text_to_word_sequence`.
      document_count: number of texts that were counted before.

    Texts are strings, or lists of words.

    Attributes:
      word_counts: how often each word occurred, in the order in which they came.
      word_docs: in how many texts each word occurred.
      word_index, index_word: the numbers of words, and the words of numbers.
      index_docs: in how many texts the word of each number occurred.
      document_count: number of texts that were counted.
    Example:
      >>> tokenizer = tf.keras.preprocessing.text.Tokenizer(num_words=4, oov_token="?")
      >>> tokenizer.fit_on_texts(["The cat sat.", "The dog sat on the mat."])
      >>> tokenizer.texts_to_sequences(["The bird sat"])
      [[2, 1, 3]]
      >>> tokenizer.sequences_to_texts([[2, 1, 3]])
      ['the ? sat']
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = _FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable[[str], Iterable[str]] | None = None,
        document_count: int = 0,
    ) -> None:
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.document_count = document_count
        self.word_counts: OrderedDict[str, int] = OrderedDict()
        self.word_docs: defaultdict[str, int] = defaultdict(int)
        self.index_docs: defaultdict[int, int] = defaultdict(int)
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _words(self, text: Any) -> Iterable[str]:
        if isinstance(text, list):
            return [word.lower() for word in text] if self.lower else text
        if self.char_level:
            return text.lower() if self.lower else text
        return (
            self.analyzer(text) if self.analyzer else text_to_word_sequence(text, self.filters, self.lower, self.split)
        )

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Counts the words of texts, besides those counted before, and numbers all anew.

        Args:
          texts: strings, or lists of words.
        """
        for text in texts:
            words = list(self._words(text))
            self.document_count += 1
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in dict.fromkeys(words):
                self.word_docs[word] += 1
        vocabulary = sorted(self.word_counts, key=self.word_counts.__getitem__, reverse=True)
        if self.oov_token is not None:
            vocabulary.insert(0, self.oov_token)
        self.word_index = {word: i for i, word in enumerate(vocabulary, 1)}
        self.index_word = {i: word for word, i in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Sequence[Iterable[int]]) -> None:
        """Counts in how many sequences each number occurs, as `sequences_to_matrix` needs it for texts given as numbers.

        Args:
          sequences: list of sequences of numbers.
        """
        self.document_count += len(sequences)
        for sequence in sequences:
            for i in set(sequence):
                self.index_docs[i] += 1

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """The numbers of the words of each text; unknown words are left out, or `oov_token`."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """As `texts_to_sequences`, one text after the other."""
        unknown = self.word_index.get(self.oov_token) if self.oov_token is not None else None
        for text in texts:
            numbers = (self.word_index.get(word) for word in self._words(text))
            kept = (i if i is not None and self._is_used(i) else unknown for i in numbers)
            yield [i for i in kept if i is not None]

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """The words of each sequence of numbers, with blanks between them; unknown ones are left out, or `oov_token`."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Iterable[int]]) -> Iterator[str]:
        """As `sequences_to_texts`, one sequence after the other."""
        for sequence in sequences:
            words = (self.index_word.get(i) if self._is_used(i) else None for i in sequence)
            kept = (self.oov_token if word is None else word for word in words)
            yield " ".join(word for word in kept if word is not None)

    def _is_used(self, number: int) -> bool:
        return not self.num_words or number < self.num_words

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> np.ndarray:
        """A row for each text, as `sequences_to_matrix` makes it."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Sequence[Sequence[int]], mode: str = "binary") -> np.ndarray:
        """A row for each sequence, with a column for each number.

        Args:
          sequences: list of sequences of numbers.
          mode: what stands in the columns: `"binary"`, whether the number occurs; `"count"`, how often; `"freq"`, which part of
            the sequence it is; `"tfidf"`, how often, in logarithms, weighted by how rare it is among the texts that were counted.
        Returns:
          Array of floats `(len(sequences), num_words)`.
        Raises:
          ValueError: `mode` is another one, or nothing was counted that says how many columns there are, or how rare words are.
        Example:
          >>> tokenizer = tf.keras.preprocessing.text.Tokenizer(num_words=4)
          >>> tokenizer.sequences_to_matrix([[1, 3, 3], [2]], mode="count")
          array([[0., 1., 0., 2.],
                 [0., 0., 1., 0.]])
        """
        if mode not in _MODES:
            raise ValueError(f"Tokenizer.sequences_to_matrix: mode is {mode!r}; it must be one of {_MODES}.")
        if not self.num_words and not self.word_index:
            raise ValueError(
                "Tokenizer.sequences_to_matrix: no word is known. Pass num_words=, or call fit_on_texts first."
            )
        if mode == "tfidf" and not self.document_count:
            raise ValueError(
                "Tokenizer.sequences_to_matrix: mode='tfidf' needs counts of words. Call fit_on_texts first."
            )
        columns = self.num_words or len(self.word_index) + 1
        matrix = np.zeros((len(sequences), columns))
        for row, sequence in zip(matrix, sequences, strict=True):
            numbers, counts = np.unique(np.array([i for i in sequence if i < columns], np.intp), return_counts=True)
            if mode == "binary":
                row[numbers] = 1
            elif mode == "count":
                row[numbers] = counts
            elif mode == "freq":
                row[numbers] = counts / max(len(sequence), 1)
            else:
                texts = np.array([self.index_docs.get(i, 0) for i in numbers.tolist()])
                row[numbers] = (1 + np.log(counts)) * np.log(1 + self.document_count / (1 + texts))
        return matrix

    def get_config(self) -> dict[str, Any]:
        """The arguments and what was counted, dicts as JSON; without `analyzer`."""
        names = ("num_words", "filters", "lower", "split", "char_level", "oov_token", "document_count")
        return {name: getattr(self, name) for name in names} | {
            name: json.dumps(getattr(self, name)) for name in _COUNTED
        }

    def to_json(self, **kwargs: Any) -> str:
        """The tokenizer as JSON, without `analyzer`, for `tokenizer_from_json`.

        Args:
          **kwargs: passed to `json.dumps`.
        """
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """The tokenizer that `Tokenizer.to_json` wrote, here or in Keras.

    Example:
      >>> tokenizer = tf.keras.preprocessing.text.Tokenizer()
      >>> tokenizer.fit_on_texts(["a cat"])
      >>> tf.keras.preprocessing.text.tokenizer_from_json(tokenizer.to_json()).word_index
      {'a': 1, 'cat': 2}
    """
    config = json.loads(json_string)["config"]
    counted = {name: json.loads(config.pop(name)) for name in _COUNTED}
    tokenizer = Tokenizer(**config)
    tokenizer.word_counts.update(counted["word_counts"])
    tokenizer.word_docs.update(counted["word_docs"])
    tokenizer.index_docs.update({int(i): count for i, count in counted["index_docs"].items()})
    tokenizer.word_index.update(counted["word_index"])
    tokenizer.index_word.update({int(i): word for i, word in counted["index_word"].items()})
    return tokenizer
