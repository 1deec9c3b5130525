"""Words of a vocabulary: checked, read from files, and found in data by how often they are there."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.tensor import Tensor
from tenfold.keras.saving.registration import scopes
from tenfold.lookup.initializers import TextFileIndex, TextFileInitializer
from tenfold.ops.ragged.tensor import RaggedTensor
from tenfold.ops.sparse.tensor import SparseTensor

Token = Any  # a text as str, or an int


def tokens_of(values: Any, encoding: str) -> list[Token]:
    """The elements of an array or a sequence as Python's texts and integers."""
    if isinstance(values, Tensor):
        values = values.numpy()
    items = values.tolist() if isinstance(values, np.ndarray) else values
    return [item.decode(encoding) if isinstance(item, bytes) else _plain(item) for item in items]


def _plain(item: Any) -> Token:
    return item.item() if isinstance(item, np.generic) else item


def tokens_of_file(path: str, dtype: dtypes.DType, encoding: str) -> list[Token]:
    """The lines of a file.

    Raises:
      ValueError: there is no such file, or it was named by a model that is being loaded.
    """
    if scopes.safe_mode:
        raise ValueError(
            f"The model names a vocabulary file outside of it: {path!r}. It is not read, unless you trust the model and load it "
            "with safe_mode=False."
        )
    if not os.path.exists(path):
        raise ValueError(f"Vocabulary file {path} does not exist.")
    lines = TextFileInitializer(path, dtype, TextFileIndex.WHOLE_LINE, dtypes.int64, TextFileIndex.LINE_NUMBER)
    return tokens_of(lines.pairs()[0], encoding)


def check_tokens(tokens: Sequence[Token], special: Sequence[Token], reserved: dict[str, Token]) -> None:
    """Checks that no token is there twice, and none is one of the reserved ones.

    Raises:
      ValueError: one is.
    """
    repeated = [token for token, count in Counter(tokens).items() if count > 1]
    if repeated:
        raise ValueError(
            "The passed vocabulary has at least one repeated term. Please uniquify your dataset. The repeated terms are: "
            f"{repeated}"
        )
    for name, token in reserved.items():
        if token is not None and token in tokens:
            raise ValueError(
                f"Found reserved {name} {token!r} at an unexpected location in `vocabulary`. Leave mask and OOV tokens out, or "
                f"begin with them, in this order: {list(special)}."
            )


class Counts:
    """How often each token was in the data, and in how many documents, the rows of the data."""

    def __init__(self) -> None:
        self.tokens: Counter[Token] = Counter()
        self.documents_of: Counter[Token] = Counter()
        self.documents = 0

    def add(self, data: Any) -> None:
        for document in _documents(data):
            self.tokens.update(document)
            self.documents_of.update(set(document))
            self.documents += 1

    def most_frequent(self, excluded: Sequence[Token], count: int | None) -> list[Token]:
        """The tokens that came most often; of those that came equally often the last in their order first."""
        found = sorted(self.tokens, key=lambda token: (self.tokens[token], token), reverse=True)
        return [token for token in found if token not in excluded][:count]

    def idf_weights(self, tokens: Sequence[Token]) -> np.ndarray:
        """The inverse document frequency of each token, `log(1 + documents / (1 + documents with it))`."""
        counts = np.array([self.documents_of[token] for token in tokens], np.int64)
        return np.log(1 + self.documents / (1 + counts))


def _documents(data: Any) -> list[list[Token]]:
    """The tokens of each row of a tensor; texts as bytes."""
    if isinstance(data, SparseTensor):
        return [data.values.numpy().tolist()]
    if isinstance(data, RaggedTensor):
        splits = np.arange(data.flat_values.shape[0] + 1)
        for inner in reversed(data.nested_row_splits):
            splits = splits[inner.numpy()]
        values = data.flat_values.numpy().reshape(len(data.flat_values), -1)
        return [values[a:b].reshape(-1).tolist() for a, b in zip(splits[:-1], splits[1:], strict=True)]
    array = data.numpy() if data.shape.rank else np.array([data.numpy()], data.dtype.as_numpy_dtype)
    return [array.tolist()] if array.ndim == 1 else [row.reshape(-1).tolist() for row in array]


def salt_of(layer: Any, salt: Any) -> list[int] | None:
    """A salt as two integers.

    Raises:
      ValueError: it is neither an integer nor two.
    """
    if salt is None:
        return None
    if isinstance(salt, int):
        return [salt, salt]
    if isinstance(salt, (tuple, list)) and len(salt) == 2:
        return list(salt)
    raise ValueError(
        f"The `salt` argument for `{type(layer).__name__}` can only be a tuple of 2 integers, or a single integer. Received: salt={salt}."
    )
