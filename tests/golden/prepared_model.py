"""A model with layers that learned from data, which Keras and Tenfold build alike.

Under Keras, `python -m tests.golden.prepared_model` freezes its file and what it computes, which `tests/keras/saving/test_prepared_model.py` reads.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("data") / "prepared_model.keras"
SENTENCES = ["the cat sat on the mat", "the dog ate the cat", "a Mouse, ran! up the clock"]
NUMBERS = np.array([[-1.0, 0.5, 1.0], [1.5, 2.0, 9.0], [0.0, 0.0, 0.0]], np.float32)


def model(keras: Any) -> Any:
    layers = keras.layers
    text, numbers = keras.Input((1,), dtype="string", name="text"), keras.Input((3,), name="numbers")
    adapted = {
        "words": layers.TextVectorization(output_sequence_length=4, name="words"),
        "weighted": layers.TextVectorization(output_mode="tf_idf", ngrams=2, name="weighted"),
        "sentences": layers.StringLookup(name="sentences"),
    }
    for layer in adapted.values():
        layer.adapt(SENTENCES)
    bins, scaled, known = layers.Discretization(num_bins=3), layers.Normalization(), layers.IntegerLookup()
    bins.adapt(NUMBERS)
    scaled.adapt(NUMBERS)
    known.adapt(np.array([[0, 1], [1, 2]]))
    hashed = layers.Hashing(7)(text)
    outputs = {name: layer(text) for name, layer in adapted.items()}
    outputs["given"] = layers.StringLookup(vocabulary=SENTENCES, output_mode="one_hot")(text)
    outputs["known"] = known(bins(numbers))
    outputs["counted"] = layers.CategoryEncoding(8, output_mode="count")(hashed)
    outputs["crossed"] = layers.HashedCrossing(9)([text, hashed])
    outputs["dense"] = layers.Dense(2, kernel_initializer="ones")(layers.Rescaling(0.5)(scaled(numbers)))
    return keras.Model({"text": text, "numbers": numbers}, outputs)


def results(a_model: Any, tf: Any) -> dict[str, np.ndarray]:
    given = {"text": tf.constant([[text] for text in SENTENCES]), "numbers": tf.constant(NUMBERS)}
    return {name: np.asarray(value) for name, value in a_model(given).items()}


def main() -> None:
    import tensorflow as tf

    made = model(tf.keras)
    made.save(FILE)
    np.savez_compressed(FILE.with_suffix(".npz"), **results(made, tf))


if __name__ == "__main__":
    main()
