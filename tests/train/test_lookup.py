"""Tables in checkpoints."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf

MutableHashTable = tf.lookup.experimental.MutableHashTable


def counts(**options):
    return MutableHashTable(tf.string, tf.int64, 0, **options)


def test_a_table_gets_its_content_back(tmp_path):
    module = tf.Module()
    module.counts, module.rows = counts(), MutableHashTable(tf.int64, tf.float32, [0.0, 0.0])
    module.counts.insert(["a", "b"], [1, 2])
    module.rows.insert([7], [[1.0, 2.0]])
    checkpoint = tf.train.Checkpoint(module=module)
    path = checkpoint.save(tmp_path / "c")
    shapes = dict(tf.train.list_variables(path))
    assert shapes["module/counts/.ATTRIBUTES/table-keys"] == [2]
    assert shapes["module/rows/.ATTRIBUTES/table-values"] == [1, 2]
    module.counts.insert(["b", "c"], [5, 6])
    module.rows.remove(tf.constant([7], tf.int64))
    checkpoint.restore(path).assert_consumed()
    np.testing.assert_array_equal(module.counts.lookup(["a", "b", "c"]), [1, 2, 0])
    np.testing.assert_array_equal(module.rows[[7, 8]], [[1.0, 2.0], [0.0, 0.0]])


def test_a_table_that_comes_later(tmp_path):
    table = counts()
    table.insert(["a"], [3])
    path = tf.train.Checkpoint(table=table).save(tmp_path / "c")
    module = tf.train.Checkpoint()
    module.restore(path)
    module.table = counts()
    assert module.table["a"].numpy() == 3


def test_a_table_of_other_types(tmp_path):
    path = tf.train.Checkpoint(table=counts()).save(tmp_path / "c")
    other = tf.train.Checkpoint(table=MutableHashTable(tf.int64, tf.int64, 0))
    with pytest.raises(tf.errors.InvalidArgumentError, match="table-keys: the table has int64, the checkpoint string"):
        other.restore(path)


def test_a_table_without_checkpoints(tmp_path):
    path = tf.train.Checkpoint(table=counts(checkpoint=False)).save(tmp_path / "c")
    assert not [name for name, _ in tf.train.list_variables(path) if "table" in name]
