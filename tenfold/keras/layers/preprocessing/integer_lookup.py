"""IntegerLookup: integers to numbers without gaps."""

from __future__ import annotations

from typing import Any

from tenfold.keras.layers.preprocessing.index_lookup import IndexLookup


class IntegerLookup(IndexLookup):
    """Numbers for the integers of a vocabulary; see `StringLookup`.

    Args:
      max_tokens: the most integers that there may be, with those for masked and unknown ones.
      num_oov_indices: how many numbers unknown integers have; 0 makes them an error.
      mask_token: the integer whose number is 0, or that is left out of vectors.
      oov_token: what an unknown number becomes with `invert`.
      vocabulary: list or array of integers; else `adapt` finds them.
      vocabulary_dtype: "int64".
      idf_weights: what each integer counts with `output_mode="tf_idf"`.
      invert: whether numbers become integers of the vocabulary.
      output_mode: "int" for numbers, "one_hot", "multi_hot", "count" or "tf_idf" for vectors.
      sparse: whether vectors are a `tf.SparseTensor`.
      pad_to_max_tokens: whether vectors are as long as `max_tokens` says, not as the vocabulary.
      oov_method: how unknown integers are dealt to their numbers, "floormod" or "farmhash".
      salt: one or two integers that "farmhash" depends on.
      name: the layer's name.

    Example:
      >>> layer = tf.keras.layers.IntegerLookup()
      >>> layer.adapt([12, 1138, 42, 42])
      >>> print(layer.get_vocabulary(), layer([42, 7]).numpy())
      [-1, 42, 1138, 12] [1 0]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if vocabulary_dtype != "int64":
            raise ValueError(
                f"Only `vocabulary_dtype='int64'` is supported at this time. Received: vocabulary_dtype={vocabulary_dtype}"
            )
        super().__init__(
            max_tokens,
            num_oov_indices,
            mask_token,
            oov_token,
            vocabulary_dtype,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            invert=invert,
            output_mode=output_mode,
            sparse=sparse,
            pad_to_max_tokens=pad_to_max_tokens,
            oov_method=oov_method,
            salt=salt,
            name=name,
            **kwargs,
        )

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        for key in ("oov_token", "mask_token"):
            config[key] = None if config[key] is None else int(config[key])
        if config["vocabulary"] is not None:
            config["vocabulary"] = [int(value) for value in config["vocabulary"]]
        return config
