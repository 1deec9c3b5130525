"""Freezes an export of Keras with layers that prepare text and numbers: `python -m tests.golden.make_text_saved_model`, in its environment."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

from tests.golden.archive import pack

ARCHIVE = "text_saved_model.tar.xz"
SENTENCES = ["the cat sat on the mat", "the dog ate the cat", "a Mouse, ran! up the clock", "hello world"]
TEXTS = ["the cat sat on the mat", "a Mouse, ran!  up unknown", "", "héllo wörld世 a,b,,c  the "]
NUMBERS = [[-1.0, 0.5, 1.0], [1.5, 2.0, 9.0], [0.0, 0.0, 0.0], [3.0, -2.0, 1.0]]


def model() -> keras.Model:
    layers = keras.layers
    text, numbers = keras.Input((1,), dtype="string", name="text"), keras.Input((3,), name="numbers")
    outputs = {}
    for mode, arguments in {
        "int": {},
        "multi_hot": {"max_tokens": 10, "pad_to_max_tokens": True},
        "count": {"ngrams": 2},
        "tf_idf": {"standardize": "lower"},
    }.items():
        layer = layers.TextVectorization(output_mode=mode, **arguments)
        layer.adapt(SENTENCES)
        outputs[f"words_{mode}"] = layer(text)
    characters = layers.TextVectorization(split="character", output_sequence_length=7)
    characters.adapt(SENTENCES)
    outputs["characters"] = characters(text)
    outputs["number_of_text"] = layers.StringLookup(vocabulary=TEXTS[:2], num_oov_indices=2)(text)
    outputs["hashed"] = layers.Hashing(50)(text)
    outputs["hashed_with_salt"] = layers.Hashing(50, salt=[1, 2])(text)
    bins = layers.Discretization([0.0, 1.0, 2.0])(numbers)
    outputs["bins"] = bins
    outputs["numbers_of_bins"] = layers.IntegerLookup(vocabulary=[0, 3], output_mode="multi_hot")(bins)
    outputs["categories"] = layers.CategoryEncoding(4, output_mode="count")(bins)
    normalization = layers.Normalization()
    normalization.adapt(np.array(NUMBERS))
    outputs["normalized"] = normalization(numbers)
    return keras.Model({"text": text, "numbers": numbers}, outputs)


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    made = model()
    made.export(str(folder / "text"), verbose=False)
    given = {"text": np.array([[text] for text in TEXTS], object), "numbers": np.array(NUMBERS, np.float32)}
    results = {key: value.numpy() for key, value in made(given).items()}
    np.savez_compressed(folder / "text" / "results.npz", **results)
    pack(folder / "text", ARCHIVE)


if __name__ == "__main__":
    main()
