"""TextVectorization: texts to numbers of words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core import dtypes
from tenfold.keras import config
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.preprocessing.base import PreprocessingLayer, tensor_of, token_batches
from tenfold.keras.layers.preprocessing.encoding import check_choice
from tenfold.keras.layers.preprocessing.index_lookup import listed, output_mode_of
from tenfold.keras.layers.preprocessing.string_lookup import StringLookup
from tenfold.keras.saving import serialization
from tenfold.ops import array as array_ops
from tenfold.ops import elementwise, rearrange, sizes
from tenfold.ops.ragged.tensor import RaggedTensor
from tenfold.ops.strings.case import lower
from tenfold.ops.strings.characters import unicode_split
from tenfold.ops.strings.ngrams import ngrams as ngrams_of
from tenfold.ops.strings.regex import regex_replace
from tenfold.ops.strings.split import split as split_words

_PUNCTUATION = r"[!\"#$%&()*+,\-./:;<=>?@\[\\\]^_`{|}~']"


class TextVectorization(PreprocessingLayer):
    """Splits texts into words and gives their numbers in a vocabulary.

    Args:
      max_tokens: the most words that there may be, with the tokens for padding and for unknown words.
      standardize: what is done to texts first: "lower_and_strip_punctuation", "lower", "strip_punctuation", None, or a
        function of a tensor of texts.
      split: "whitespace", "character", None, or a function of a tensor of texts that returns one with one axis more.
      ngrams: sequences of up to so many words are words, too; or of these lengths, a tuple.
      output_mode: "int" for numbers, "multi_hot", "count" or "tf_idf" for vectors.
      output_sequence_length: with "int", how long rows are: cut or padded.
      pad_to_max_tokens: whether vectors are as long as `max_tokens` says, not as the vocabulary.
      vocabulary: list or array of words, or the path of a text file with a word in each line; else `adapt` finds them.
      idf_weights: what each word counts with `output_mode="tf_idf"`.
      sparse: whether vectors are a `tf.SparseTensor`.
      ragged: whether numbers are a `tf.RaggedTensor`.
      encoding: of the words as bytes.
      name: the layer's name.

    Example:
      >>> layer = tf.keras.layers.TextVectorization(output_sequence_length=4)
      >>> layer.adapt(["The cat sat.", "The dog"])
      >>> print(layer.get_vocabulary(), layer(["a cat", "the DOG!"]).numpy().tolist())
      ['', '[UNK]', 'the', 'sat', 'dog', 'cat'] [[1, 5, 0, 0], [2, 4, 0, 0]]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: str | Callable[..., Any] | None = "lower_and_strip_punctuation",
        split: str | Callable[..., Any] | None = "whitespace",
        ngrams: int | tuple[int, ...] | None = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        vocabulary_size: int | None = None,
        has_input_vocabulary: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, autocast=False, **kwargs)
        others = ", None and functions"
        if not callable(standardize):
            modes = ("lower_and_strip_punctuation", "lower", "strip_punctuation", None)
            check_choice(self, "standardize", standardize, modes, others)
        if not callable(split):
            check_choice(self, "split", split, ("whitespace", "character", None), others)
        mode = output_mode_of(self, output_mode)
        is_widths = isinstance(ngrams, tuple) and all(isinstance(width, int) for width in ngrams)
        if not (ngrams is None or isinstance(ngrams, int) or is_widths):
            raise ValueError(f"`ngrams` must be None, an integer, or a tuple of integers. Received: ngrams={ngrams}")
        if output_sequence_length is not None and (mode != "int" or not isinstance(output_sequence_length, int)):
            raise ValueError(
                "`output_sequence_length` must be an integer or None, and None if `output_mode` is not 'int'. Received: "
                f"output_sequence_length={output_sequence_length}, output_mode={output_mode}"
            )
        if ragged and mode != "int":
            raise ValueError(f"`ragged` needs `output_mode='int'`. Received: output_mode={output_mode}")
        self._standardize, self._split, self._ngrams_arg = standardize, split, ngrams
        self._ngrams = tuple(range(1, ngrams + 1)) if isinstance(ngrams, int) else ngrams
        self._ragged, self._output_mode, self._encoding = ragged, mode, encoding
        self._output_sequence_length = output_sequence_length
        self._lookup_layer = StringLookup(
            max_tokens=max_tokens,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            pad_to_max_tokens=pad_to_max_tokens,
            mask_token="",
            output_mode=mode,
            sparse=sparse,
            has_input_vocabulary=vocabulary is not None if has_input_vocabulary is None else has_input_vocabulary,
            encoding=encoding,
            vocabulary_size=vocabulary_size,
        )

    @property
    def compute_dtype(self) -> str:
        return "string"

    @property
    def variable_dtype(self) -> str:
        return "string"

    def build(self, input_shape: Any = None) -> None:
        pass

    # The vocabulary.

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Takes the words of texts as the vocabulary, those that come most often first.

        Args:
          data: tensor, array or list of texts, or an iterable of batches of them.
          batch_size: without effect.
          steps: how many batches of an iterable are read.
        Raises:
          ValueError: the layer was made with a vocabulary.
        """
        self.reset_state()
        for batch in token_batches(data, dtypes.string, steps):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Counts the words of a batch of texts."""
        self._lookup_layer.update_state(self._words(data))

    def finalize_state(self) -> None:
        """Makes the words that were counted the vocabulary."""
        self._lookup_layer.finalize_state()

    def reset_state(self) -> None:
        """Forgets what was counted."""
        self._lookup_layer.reset_state()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The words, the word of each number; with or without those for padding and unknown words."""
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """How many numbers there are, with those for padding and unknown words."""
        return self._lookup_layer.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Sets the words, and what each counts in the mode "tf_idf"; see `StringLookup.set_vocabulary`."""
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights=idf_weights)

    # Calling.

    def _words(self, inputs: Any) -> Any:
        """The words of texts, each text a row."""
        texts = tensor_of(inputs, dtypes.string)
        if callable(self._standardize):
            texts = self._standardize(texts)
        elif self._standardize is not None:
            texts = self._on_texts(self._standardized, texts)
        if self._split is not None:
            if texts.shape.rank > 1:
                if texts.shape[-1] != 1:
                    raise ValueError(
                        "When using `TextVectorization` to tokenize strings, the input rank must be 1 or the last shape dimension "
                        f"must be 1. Received: inputs.shape={texts.shape} with rank={texts.shape.rank}"
                    )
                texts = array_ops.squeeze(texts, -1)
            if callable(self._split):
                texts = self._split(texts)
            else:
                texts = split_words(texts) if self._split == "whitespace" else unicode_split(texts, "UTF-8")
        return texts if self._ngrams is None else ngrams_of(texts, self._ngrams, separator=" ")

    def _on_texts(self, function: Callable[..., Any], texts: Any) -> Any:
        return (
            texts.with_flat_values(function(texts.flat_values)) if isinstance(texts, RaggedTensor) else function(texts)
        )

    def _standardized(self, texts: Any) -> Any:
        mode = str(self._standardize)
        texts = lower(texts) if mode.startswith("lower") else texts
        return regex_replace(texts, _PUNCTUATION, "") if mode.endswith("strip_punctuation") else texts

    def call(self, inputs: Any) -> Any:
        found = self._lookup_layer.call(self._words(inputs))
        if self._output_mode != "int":
            return found
        length = self._output_sequence_length
        if isinstance(found, RaggedTensor) and not self._ragged:
            return found.to_tensor(default_value=0, shape=[*found.shape.as_list()[:-1], length])
        if length is None:
            return found
        found = found[:, :length] if isinstance(found, RaggedTensor) else found[..., :length]
        if self._ragged:
            return found
        missing = elementwise.maximum(length - sizes.shape(found)[-1], 0)
        padded = rearrange.pad(found, [*[[0, 0]] * (found.shape.rank - 1), [0, missing]])
        return sizes.ensure_shape(padded, [*found.shape.as_list()[:-1], length])

    def compute_output_shape(self, input_shape: Any) -> tuple:
        if self._output_mode == "int":
            return (input_shape[0], self._output_sequence_length)
        shape = tuple(input_shape)
        if self._split is not None:
            shape = (*shape, None)
        elif len(shape) <= 1:
            shape = (*shape, 1)
        return self._lookup_layer.compute_output_shape(shape)

    def compute_output_spec(self, inputs: Any) -> KerasTensor:
        dtype = "int64" if self._output_mode == "int" else config.floatx()
        return KerasTensor(self.compute_output_shape(inputs.shape), dtype)

    # Files.

    def get_config(self) -> dict[str, Any]:
        lookup = self._lookup_layer
        return {
            **super().get_config(),
            "max_tokens": lookup.max_tokens,
            "standardize": self._standardize,
            "split": self._split,
            "ngrams": self._ngrams_arg,
            "output_mode": self._output_mode,
            "output_sequence_length": self._output_sequence_length,
            "pad_to_max_tokens": lookup.pad_to_max_tokens,
            "sparse": lookup.sparse,
            "ragged": self._ragged,
            "vocabulary": listed(lookup.input_vocabulary),
            "idf_weights": listed(lookup.input_idf_weights),
            "encoding": self._encoding,
            "vocabulary_size": self.vocabulary_size(),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        config = dict(config)
        for key in ("standardize", "split"):
            if isinstance(config.get(key), dict):
                config[key] = serialization.deserialize_keras_object(config[key])
        if isinstance(config.get("ngrams"), list):
            config["ngrams"] = tuple(config["ngrams"])
        return super().from_config(config)

    def save_own_variables(self, store: Any) -> None:
        self._lookup_layer.save_own_variables(store)

    def load_own_variables(self, store: Any) -> None:
        self._lookup_layer.load_own_variables(store)

    def save_assets(self, dir_path: str) -> None:
        """Writes a vocabulary that is not in the configuration to a folder."""
        self._lookup_layer.save_assets(dir_path)

    def load_assets(self, dir_path: str) -> None:
        """Reads what `save_assets` wrote."""
        self._lookup_layer.load_assets(dir_path)
