"""Freezes an export of Keras with layers that prepare text and numbers, and a module whose functions take and return ragged and sparse tensors:
`python -m tests.golden.make_text_saved_model`, in the environment with both.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf

from tests.golden.archive import pack

ARCHIVE = "text_saved_model.tar.xz"
ROWS = "rows_saved_model.tar.xz"
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


def rows() -> tf.Module:
    module = tf.Module()
    ragged, sparse = tf.RaggedTensorSpec([None, None], tf.string), tf.SparseTensorSpec([None, 3], tf.float32)
    module.words = tf.function(tf.strings.split, input_signature=[tf.TensorSpec([None], tf.string)])
    module.first = tf.function(lambda x: {"first": x[:, :1], "lengths": x.row_lengths()}, input_signature=[ragged])
    module.doubled = tf.function(lambda x: x.with_values(x.values * 2.0), input_signature=[sparse])
    crossed = tf.sparse.cross_hashed
    module.crossed = tf.function(
        lambda x: tf.sparse.to_dense(crossed([x.to_sparse(), x.to_sparse()], 100)), input_signature=[ragged]
    )
    module.table = tf.Variable(np.arange(12, dtype=np.float32).reshape(4, 3))
    ids = tf.SparseTensorSpec([None, None], tf.int64)
    look_up = tf.nn.safe_embedding_lookup_sparse
    module.embedded = tf.function(lambda x: look_up(module.table, x, combiner="mean"), input_signature=[ids])
    return module


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    made = model()
    made.export(str(folder / "text"), verbose=False)
    given = {"text": np.array([[text] for text in TEXTS], object), "numbers": np.array(NUMBERS, np.float32)}
    results = {key: value.numpy() for key, value in made(given).items()}
    np.savez_compressed(folder / "text" / "results.npz", **results)
    pack(folder / "text", ARCHIVE)
    module = rows()
    tf.saved_model.save(module, str(folder / "rows"), signatures={"doubled": module.doubled})
    pack(folder / "rows", ROWS)


if __name__ == "__main__":
    main()
