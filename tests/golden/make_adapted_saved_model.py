"""Freezes a SavedModel of Keras 2 whose layers have adapted to data: `python -m tests.golden.make_adapted_saved_model`, in an environment with
TensorFlow and tf-keras.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_USE_LEGACY_KERAS="1")

import numpy as np
import tensorflow as tf

from tests.golden.archive import pack

ARCHIVE = "adapted_saved_model.tar.xz"
SENTENCES = ["the cat sat on the mat", "the dog ate the cat", "a Mouse, ran! up the clock"]
NUMBERS = [[-1.0, 0.5, 1.0], [1.5, 2.0, 9.0], [0.0, 0.0, 0.0]]


def main() -> None:
    layers = tf.keras.layers
    text, numbers = tf.keras.Input((1,), dtype="string", name="text"), tf.keras.Input((3,), name="numbers")
    words = layers.TextVectorization(output_sequence_length=4, name="words")
    scaled = layers.Normalization(name="scaled")
    words.adapt(SENTENCES)
    scaled.adapt(np.array(NUMBERS))
    model = tf.keras.Model({"text": text, "numbers": numbers}, {"words": words(text), "scaled": scaled(numbers)})
    folder = Path(tempfile.mkdtemp())
    tf.saved_model.save(model, str(folder))
    given = {"text": tf.constant([[text] for text in SENTENCES]), "numbers": tf.constant(NUMBERS)}
    np.savez_compressed(folder / "results.npz", **{key: value.numpy() for key, value in model(given).items()})
    pack(folder, ARCHIVE)


if __name__ == "__main__":
    main()
