"""IndexLookup: what StringLookup and IntegerLookup have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.dtypes import as_dtype
from tenfold.core.errors import FailedPreconditionError
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.keras import config
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.preprocessing.base import PreprocessingLayer, tensor_of, token_batches
from tenfold.keras.layers.preprocessing.encoding import OUTPUT_MODES, check_choice, encode_categories
from tenfold.keras.layers.preprocessing.vocabulary import (
    Counts,
    Token,
    check_tokens,
    salt_of,
    tokens_of,
    tokens_of_file,
)
from tenfold.lookup.initializers import KeyValueTensorInitializer
from tenfold.lookup.static import StaticHashTable
from tenfold.ops import array as array_ops
from tenfold.ops import assertions, cast, creation, division, identity, logic
from tenfold.ops import gather as gather_ops
from tenfold.ops.ragged.elementwise import map_flat_values
from tenfold.ops.ragged.tensor import RaggedTensor
from tenfold.ops.sizes import size
from tenfold.ops.sparse.tensor import SparseTensor
from tenfold.ops.strings.as_string import as_string
from tenfold.ops.strings.format import format as format_text
from tenfold.ops.strings.hash_bucket import to_hash_bucket_fast, to_hash_bucket_strong

_FORMER_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}
_VOCABULARY_FILE = "vocabulary.txt"


def output_mode_of(layer: Any, output_mode: str) -> str:
    """An output mode by its name of today.

    Raises:
      ValueError: there is no such mode.
    """
    mode = _FORMER_MODES.get(output_mode, output_mode)
    check_choice(layer, "output_mode", mode, (*OUTPUT_MODES, "tf_idf"))
    return mode


class IndexLookup(PreprocessingLayer):
    """Numbers for the words of a vocabulary, or words for numbers; see `StringLookup` for the arguments."""

    _encoding = "utf-8"

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Token,
        oov_token: Token,
        vocabulary_dtype: str,
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        name: str | None = None,
        salt: Any = None,
        vocabulary_size: int | None = None,
        has_input_vocabulary: bool | None = None,
        trainable: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, autocast=False)
        self.output_mode = output_mode_of(self, output_mode)
        check_choice(self, "oov_method", oov_method, ("floormod", "farmhash"))
        _check(max_tokens is None or max_tokens > 1, self, "`max_tokens` must be greater than 1", max_tokens=max_tokens)
        _check(max_tokens is not None or not pad_to_max_tokens, self, "`pad_to_max_tokens` needs `max_tokens`")
        _check(num_oov_indices >= 0, self, "`num_oov_indices` must be 0 or more", num_oov_indices=num_oov_indices)
        is_int = self.output_mode == "int"
        _check(is_int or not invert, self, "`output_mode` must be 'int' with `invert`", output_mode=output_mode)
        _check(not (is_int and sparse), self, "`sparse` needs another `output_mode` than 'int'", sparse=sparse)
        has_idf = self.output_mode == "tf_idf"
        _check(
            idf_weights is None or has_idf, self, "`idf_weights` need `output_mode='tf_idf'`", output_mode=output_mode
        )
        is_hashed = vocabulary_dtype == "string" or oov_method == "farmhash"
        _check(salt is None or is_hashed, self, "`salt` needs `oov_method='farmhash'`", oov_method=oov_method)
        self.invert, self.max_tokens, self.num_oov_indices = invert, max_tokens, num_oov_indices
        self.mask_token, self.oov_token, self.sparse = mask_token, oov_token, sparse
        self.pad_to_max_tokens, self.vocabulary_dtype = pad_to_max_tokens, as_dtype(vocabulary_dtype).name
        self.oov_method, self.salt = oov_method, salt_of(self, salt)
        self._frozen_vocab_size = vocabulary_size
        self.input_vocabulary = None if isinstance(vocabulary, str) else vocabulary
        self.input_idf_weights = idf_weights
        self._has_input_vocabulary = vocabulary is not None if has_input_vocabulary is None else has_input_vocabulary
        _check(
            not (has_idf and self._has_input_vocabulary and idf_weights is None),
            self,
            "with `vocabulary` and `output_mode='tf_idf'`, `idf_weights` must be given, too",
        )
        self._key_dtype = "int64" if invert else self.vocabulary_dtype
        self._value_dtype = self.vocabulary_dtype if invert else "int64"
        self._counts = Counts()
        self._set_tokens([])
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    # The vocabulary.

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Token]:
        """The words, the word of each number.

        Args:
          include_special_tokens: whether the tokens for masked and unknown words come first.
        """
        return [*self._special_tokens(), *self._tokens] if include_special_tokens else list(self._tokens)

    def vocabulary_size(self) -> int:
        """How many numbers there are, with those for masked and unknown words."""
        return self._token_start() + len(self._tokens)

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Sets the words, and what each counts in the mode "tf_idf".

        Args:
          vocabulary: list or array of words, which may begin with the tokens for masked and unknown ones, or the path of a
            text file with a word in each line.
          idf_weights: a number for each word.
        Raises:
          ValueError: it is empty, a word is there twice or reserved, there are more than `max_tokens`, or `idf_weights` does
            not fit.
        """
        has_idf = self.output_mode == "tf_idf"
        _check(not has_idf or idf_weights is not None, self, "`idf_weights` must be set with `output_mode='tf_idf'`")
        _check(has_idf or idf_weights is None, self, "`idf_weights` need `output_mode='tf_idf'`")
        if isinstance(vocabulary, str):
            _check(not has_idf, self, "a vocabulary of a file cannot be used with `output_mode='tf_idf'`")
            self._set_tokens(tokens_of_file(vocabulary, as_dtype(self.vocabulary_dtype), self._encoding))
            self._freeze_size()
            return
        given = tokens_of(vocabulary, self._encoding)
        _check(bool(given), self, "Cannot set an empty vocabulary", vocabulary=vocabulary)
        special = self._special_tokens()
        has_special = bool(special) and given[: len(special)] == special
        tokens = given[len(special) :] if has_special else given
        oov_token = {"OOV token": self.oov_token} if self.invert else {}
        check_tokens(tokens, special, {"mask token": self.mask_token, **oov_token})
        new_size = self._token_start() + len(tokens)
        _check(
            self.max_tokens is None or new_size <= self.max_tokens,
            self,
            f"the vocabulary has {new_size} tokens, with those for masked and unknown words; `max_tokens` is {self.max_tokens}",
        )
        self._set_tokens(tokens)
        self._freeze_size()
        if has_idf:
            weights = np.asarray(idf_weights.numpy() if isinstance(idf_weights, Tensor) else idf_weights)
            _check(
                weights.shape == (len(given),),
                self,
                f"`idf_weights` must be a vector as long as the vocabulary, {len(given)}; its shape is {weights.shape}",
            )
            self._set_idf(weights, 0 if has_special else self._token_start())

    def _set_tokens(self, tokens: list[Token]) -> None:
        start = self._token_start()
        words: np.ndarray = np.array(tokens, as_dtype(self.vocabulary_dtype).as_numpy_dtype)
        numbers = np.arange(start, start + len(tokens))
        keys, values = (numbers, words) if self.invert else (words, numbers)
        default: Token = self.oov_token if self.invert else self._oov_start() if self.num_oov_indices == 1 else -1
        self._tokens = tokens
        self.lookup_table = StaticHashTable(
            KeyValueTensorInitializer(keys, values, self._key_dtype, self._value_dtype), default
        )

    def _set_idf(self, weights: np.ndarray, missing: int) -> None:
        """Takes over the weights of words; those of tokens before them are their mean."""
        padded = [np.full(missing, weights.mean()), weights]
        if self.pad_to_max_tokens and self.max_tokens is not None:
            padded.append(np.zeros(self.max_tokens - missing - len(weights)))
        variable = Variable(np.concatenate(padded).astype(config.floatx()), trainable=False, name="idf_weights")
        object.__setattr__(self, "idf_weights", variable)  # none of the layer's weights

    def _special_tokens(self) -> list[Token]:
        return [self.mask_token] * self._oov_start() + [self.oov_token] * self.num_oov_indices

    def _oov_start(self) -> int:
        return 1 if self.mask_token is not None and self.output_mode == "int" else 0

    def _token_start(self) -> int:
        return self._oov_start() + self.num_oov_indices

    def _freeze_size(self) -> None:
        found, frozen = self.vocabulary_size(), self._frozen_vocab_size
        if self._has_depth() and frozen is not None and found != frozen:
            raise RuntimeError(
                f"{type(self).__name__} {self.name!r}: the vocabulary has {found} tokens and had {frozen}; with "
                f"output_mode={self.output_mode!r} the size cannot change. Set `max_tokens` and pad_to_max_tokens=True."
            )
        self._frozen_vocab_size = found

    def _has_depth(self) -> bool:
        """Whether the size of the output is that of the vocabulary."""
        return self.output_mode != "int" and not self.pad_to_max_tokens

    # Learning it.

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Takes the words of data as the vocabulary, those that come most often first.

        Args:
          data: tensor, array or list, or an iterable of batches.
          steps: how many batches of an iterable are read.
        Raises:
          ValueError: the layer was made with a vocabulary.
        """
        self.reset_state()
        for batch in token_batches(data, self.vocabulary_dtype, steps):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Counts the words of a batch."""
        if self._has_input_vocabulary:
            raise ValueError(
                f"Cannot adapt layer '{self.name}' after setting a static vocabulary via `vocabulary` argument or `set_vocabulary()` method."
            )
        self._counts.add(tensor_of(data, self.vocabulary_dtype))

    def finalize_state(self) -> None:
        """Makes the words that were counted the vocabulary."""
        counts = self._counts
        if self._has_input_vocabulary or not counts.tokens:
            self._freeze_size()
            return
        special = [token.encode() if isinstance(token, str) else token for token in (self.mask_token, self.oov_token)]
        tokens = counts.most_frequent(special, self.max_tokens and self.max_tokens - self._token_start())
        self._set_tokens(tokens_of(tokens, self._encoding))
        if self.output_mode == "tf_idf":
            self._set_idf(counts.idf_weights(tokens), self._token_start())
        self.reset_state()
        self._freeze_size()

    def reset_state(self) -> None:
        """Forgets what was counted."""
        self._counts = Counts()

    # Calling.

    @property
    def compute_dtype(self) -> str:
        return self.vocabulary_dtype

    @property
    def variable_dtype(self) -> str:
        return self.vocabulary_dtype

    def call(self, inputs: Any) -> Any:
        if self._has_depth() and self._frozen_vocab_size is None:
            raise RuntimeError(
                f"{type(self).__name__} {self.name!r}: with output_mode={self.output_mode!r} the vocabulary must be known first. "
                "Pass `vocabulary`, call adapt(), or set `max_tokens` and pad_to_max_tokens=True."
            )
        if not self._tokens:
            raise FailedPreconditionError(
                f"{type(self).__name__} {self.name!r}: it has no vocabulary. Pass `vocabulary`, or call adapt() or set_vocabulary() first."
            )
        keys = tensor_of(inputs, self._key_dtype)
        if isinstance(keys, SparseTensor):
            found: Any = keys.with_values(self._found(keys.values))
        elif isinstance(keys, RaggedTensor):
            found = map_flat_values(self._found, keys)
        else:
            found = self._found(keys)
        if self.output_mode == "int":
            return found
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        encoded = encode_categories(found, mode, self._depth(), self._value_dtype, self.sparse)
        if self.output_mode != "tf_idf":
            return encoded
        weights = self.idf_weights.read_value()
        encoded = cast.cast(encoded, weights.dtype)
        if isinstance(encoded, SparseTensor):
            return encoded.with_values(encoded.values * gather_ops.gather(weights, encoded.indices[:, -1]))
        return encoded * weights

    def _found(self, keys: Tensor) -> Tensor:
        """The number of each key, or the word of each number."""
        found = self.lookup_table.lookup(keys)
        if not self.invert:
            found = self._with_unknown(keys, found)
        if self.mask_token is None:
            return found
        masked_key: Token = 0 if self.invert else self.mask_token
        masked: Token = self.mask_token if self.invert else 0 if self.output_mode == "int" else dtypes.int64.max
        is_masked = logic.equal(keys, creation.constant(masked_key, keys.dtype))
        return gather_ops.where(is_masked, creation.constant(masked, found.dtype), found)

    def _with_unknown(self, keys: Tensor, found: Tensor) -> Tensor:
        """Numbers in which unknown keys have theirs."""
        count = self.num_oov_indices
        if count == 1:
            return found
        is_unknown = logic.equal(found, creation.constant(-1, found.dtype))
        if self.mask_token is not None:
            is_unknown &= logic.not_equal(keys, creation.constant(self.mask_token, keys.dtype))
        if not count:
            unknown = gather_ops.boolean_mask(array_ops.reshape(keys, [-1]), array_ops.reshape(is_unknown, [-1]))
            message = format_text(
                "When `num_oov_indices=0` all inputs should be in vocabulary, found OOV values {}, consider setting "
                "`num_oov_indices=1`.",
                (unknown,),
            )
            assertions.Assert(logic.equal(size(unknown), 0), [message])
            return identity.identity(found)
        if keys.dtype.is_integer and self.oov_method != "farmhash":
            buckets = division.floormod(keys, creation.constant(count, keys.dtype))
        else:
            words = as_string(keys) if keys.dtype.is_integer else keys
            buckets = (
                to_hash_bucket_fast(words, count)
                if self.salt is None
                else to_hash_bucket_strong(words, count, self.salt)
            )
        return gather_ops.where(is_unknown, cast.cast(buckets, found.dtype) + self._oov_start(), found)

    def _depth(self) -> int:
        depth = self.max_tokens if self.pad_to_max_tokens else self._frozen_vocab_size
        assert depth is not None  # noqa: S101
        return depth

    def compute_output_shape(self, input_shape: Any) -> tuple:
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return shape
        depth = self.max_tokens if self.pad_to_max_tokens else self._frozen_vocab_size
        if self.output_mode == "one_hot" and not (len(shape) > 1 and shape[-1] == 1):
            return (*shape, depth)
        return (*shape[:-1], depth)

    def compute_output_spec(self, inputs: Any) -> KerasTensor:
        dtype = self._value_dtype if self.output_mode == "int" else config.floatx()
        return KerasTensor(self.compute_output_shape(inputs.shape), dtype)

    # Files.

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "invert": self.invert,
            "max_tokens": self.max_tokens,
            "num_oov_indices": self.num_oov_indices,
            "oov_token": self.oov_token,
            "mask_token": self.mask_token,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "pad_to_max_tokens": self.pad_to_max_tokens,
            "vocabulary_dtype": self.vocabulary_dtype,
            "idf_weights": listed(self.input_idf_weights),
            "vocabulary": listed(self.input_vocabulary),
            "vocabulary_size": self._frozen_vocab_size,
            "oov_method": self.oov_method,
            "salt": self.salt,
        }

    def get_build_config(self) -> dict[str, Any]:
        return {}

    def build_from_config(self, config: dict[str, Any]) -> None:
        self.build(None)

    def save_own_variables(self, store: Any) -> None:
        if self.output_mode == "tf_idf":
            store["idf_weights"] = self.idf_weights.numpy()

    def load_own_variables(self, store: Any) -> None:
        if self.output_mode == "tf_idf":
            self._set_idf(np.asarray(store["idf_weights"]), 0)

    def save_assets(self, dir_path: str) -> None:
        """Writes a vocabulary that is not in the configuration to a folder."""
        if self.input_vocabulary is None:
            lines = "\n".join(map(str, self.get_vocabulary()))
            (Path(dir_path) / _VOCABULARY_FILE).write_text(lines, encoding="utf-8")

    def needs_assets(self) -> bool:
        """Whether it has no vocabulary yet."""
        return not self._tokens

    def load_assets(self, dir_path: str) -> None:
        """Reads what `save_assets` wrote."""
        if self.input_vocabulary is not None:
            return
        lines = (Path(dir_path) / _VOCABULARY_FILE).read_text(encoding="utf-8").splitlines()
        while lines and not lines[-1]:
            lines.pop()
        tokens = lines if self.vocabulary_dtype == "string" else list(map(int, lines))
        kept = getattr(self, "idf_weights", None)
        weights = np.zeros(len(tokens)) if kept is None else kept.numpy()[: len(tokens)]
        self.set_vocabulary(tokens, weights if self.output_mode == "tf_idf" else None)


def listed(values: Any) -> Any:
    """A tensor or an array as a list; anything else as it is."""
    values = values.numpy() if isinstance(values, Tensor) else values
    return values.tolist() if isinstance(values, np.ndarray) else values


def _check(holds: bool, layer: Any, what: str, **received: Any) -> None:
    if not holds:
        told = "".join(f" Received: {name}={value!r}." for name, value in received.items())
        raise ValueError(f"{type(layer).__name__}: {what}.{told}")
