"""StringLookup: words to numbers."""

from __future__ import annotations

from typing import Any

from tenfold.keras.layers.preprocessing.index_lookup import IndexLookup


class StringLookup(IndexLookup):
    """Numbers for the words of a vocabulary, or with `invert` words for numbers.

    The first numbers stand for masked and for unknown words.

    Args:
      max_tokens: the most words that there may be, with the tokens for masked and unknown ones.
      num_oov_indices: how many numbers unknown words have; 0 makes them an error.
      mask_token: the word whose number is 0, or that is left out of vectors.
      oov_token: what an unknown number becomes with `invert`.
      vocabulary: list or array of words, or the path of a text file with a word in each line; else `adapt` finds them.
      idf_weights: what each word counts with `output_mode="tf_idf"`.
      invert: whether numbers become words.
      output_mode: "int" for numbers, "one_hot", "multi_hot", "count" or "tf_idf" for vectors.
      pad_to_max_tokens: whether vectors are as long as `max_tokens` says, not as the vocabulary.
      sparse: whether vectors are a `tf.SparseTensor`.
      encoding: of the words as bytes.
      name: the layer's name.
      salt: one or two integers that the numbers of unknown words depend on.

    Example:
      >>> layer = tf.keras.layers.StringLookup(vocabulary=["a", "b"])
      >>> print(layer([["b", "c"], ["a", "b"]]).numpy())
      [[2 0]
       [1 2]]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        self._encoding = encoding
        super().__init__(
            max_tokens,
            num_oov_indices,
            mask_token,
            oov_token,
            "string",
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            invert=invert,
            output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens,
            sparse=sparse,
            name=name,
            salt=salt,
            **kwargs,
        )
        self.encoding = encoding

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["vocabulary_dtype"]
        return {**config, "encoding": self.encoding}
