"""Freezes a SavedModel of TensorFlow with tables: `python -m tests.golden.make_table_saved_model`, in its environment."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf

from tests.golden.archive import pack

ARCHIVE = "table_saved_model.tar.xz"
TEXTS = tf.TensorSpec([None], tf.string)
NUMBERS = tf.TensorSpec([None], tf.int64)


class Tables(tf.Module):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        lookup = tf.lookup
        words = folder / "words.txt"
        words.write_text("sun\nmoon\n")
        self.prices = lookup.StaticHashTable(lookup.KeyValueTensorInitializer(["sun", "star"], [1.5, 2.5]), -1.0)
        whole, number = lookup.TextFileIndex.WHOLE_LINE, lookup.TextFileIndex.LINE_NUMBER
        self.words = lookup.StaticHashTable(
            lookup.TextFileInitializer(str(words), tf.string, whole, tf.int64, number), -1
        )
        self.vocabulary = lookup.StaticVocabularyTable(
            lookup.TextFileInitializer(str(words), tf.string, whole, tf.int64, number), 3
        )
        self.counts = lookup.experimental.MutableHashTable(tf.string, tf.int64, 0)
        self.counts.insert(["sun"], [7])
        self.rows = lookup.experimental.MutableHashTable(tf.int64, tf.float32, [0.0, 0.0])
        self.rows.insert([3], [[1.0, 2.0]])
        self.dense = lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, 0, -5, initial_num_buckets=4)
        self.dense.insert([4], [9])
        self.scale = tf.Variable(2.0)

    @tf.function(input_signature=[TEXTS])
    def find(self, x: Any) -> Any:
        found = self.prices.lookup(x) * self.scale, self.words.lookup(x), self.vocabulary.lookup(x)
        return (*found, self.counts.lookup(x), self.vocabulary.size())

    @tf.function(input_signature=[NUMBERS])
    def find_numbers(self, x: Any) -> Any:
        return self.rows.lookup(x), self.dense.lookup(x)

    @tf.function(input_signature=[TEXTS])
    def count(self, x: Any) -> Any:
        self.counts.insert(x, self.counts.lookup(x) + 1)
        return self.counts.size()

    @tf.function(input_signature=[TEXTS])
    def forget(self, x: Any) -> Any:
        self.counts.remove(x)
        keys, values = self.counts.export()
        return tf.size(keys), tf.sort(values)


def calls() -> list[tuple[str, np.ndarray]]:
    x = np.array(["sun", "moon", "star", "comet"], object)
    return [
        ("find", x), ("find_numbers", np.array([3, 4, 5])), ("count", x[1:]), ("count", x[1:3]), ("find", x), ("forget", x[:1]),
        ("find", x),
    ]  # fmt: skip


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    tables = Tables(folder)
    tf.saved_model.save(tables, str(folder / "tables"), signatures=tables.find)
    results = {}
    for i, (method, x) in enumerate(calls()):
        found = getattr(tables, method)(tf.constant(x))
        results[f"{i}:{method}"] = np.array(x)
        for j, y in enumerate(tf.nest.flatten(found)):
            results[f"{i}:{method}:{j}"] = y.numpy()
    as_text = {key: y.astype("S") if y.dtype == object else y for key, y in results.items()}
    np.savez(folder / "tables" / "results.npz", **as_text)
    pack(folder / "tables", ARCHIVE)


if __name__ == "__main__":
    main()
