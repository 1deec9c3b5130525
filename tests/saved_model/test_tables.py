"""Tables and assets in SavedModels: those of TensorFlow (`tests/golden/make_table_saved_model.py`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tenfold as tf
from tenfold.saved_model.compiling import compile_functions
from tests.golden.archive import unpack


@pytest.fixture
def folder(tmp_path):
    return unpack("table_saved_model.tar.xz", tmp_path / "tables")


def frozen_calls(folder):
    """Method, argument and results of each call that TensorFlow made."""
    with np.load(folder / "results.npz") as file:
        frozen = dict(file)
    for name in [name for name in frozen if name.count(":") == 1]:
        results = [frozen[f"{name}:{i}"] for i in range(10) if f"{name}:{i}" in frozen]
        yield name.partition(":")[2], frozen[name], results


def check(folder, model):
    for method, x, expected in frozen_calls(folder):
        x = x.astype("S").astype(object) if x.dtype.kind in "SUO" else x
        found = tf.nest.flatten(getattr(model, method)(tf.constant(x)))
        assert len(found) == len(expected)
        for y, value in zip(found, expected, strict=True):
            np.testing.assert_array_equal(y, value)
            assert y.dtype.name == value.dtype.name


def test_results_and_changes(folder):
    check(folder, tf.saved_model.load(folder))


def test_signature_and_gradients(folder):
    model = tf.saved_model.load(folder)
    found = model.signatures["serving_default"](tf.constant(["sun", "comet"]))
    np.testing.assert_array_equal(found["output_0"], [3.0, -2.0])
    with tf.GradientTape() as tape:
        prices = model.find(tf.constant(["sun", "star"]))[0]
    np.testing.assert_array_equal(tape.gradient(prices, model.scale), 4.0)


def test_loaded_models_share_no_tables(folder):
    first, second = tf.saved_model.load(folder), tf.saved_model.load(folder)
    assert first.count(tf.constant(["moon"])) == 2
    assert second.count(tf.constant(["sun"])) == 1


def test_functions_inside_functions_and_loops(folder):
    model = tf.saved_model.load(folder)

    @tf.function
    def count(words, times):
        for _ in tf.range(times):
            model.count(words)
        return model.find(words)[3]

    np.testing.assert_array_equal(count(tf.constant(["moon", "sun"]), tf.constant(3)), [3, 10])


def test_a_missing_asset(folder):
    (folder / "assets" / "words.txt").unlink()
    with pytest.raises(tf.errors.NotFoundError, match=r"words.txt; No such file"):
        tf.saved_model.load(folder)


def test_a_file_that_is_no_asset_is_not_read(folder, tmp_path):
    from tenfold.protos import saved_model as messages
    from tenfold.saved_model.nodes import Nodes

    (tmp_path / "secret.txt").write_text("secret\n")
    model = messages.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    (meta,) = model.meta_graphs
    nodes = Nodes(in_function=False)
    nodes.constant(np.array(str(tmp_path / "secret.txt").encode(), object))
    nodes.written[0].name = "secret"
    meta.graph_def.node.extend(nodes.written)
    for node in meta.object_graph_def.nodes:
        if node.WhichOneof("kind") == "asset":
            node.constant.operation = "secret"
    (folder / "saved_model.pb").write_bytes(model.SerializeToString())
    with pytest.raises(ValueError, match=r"reads the file b'.*secret.txt', which is no asset"):
        tf.saved_model.load(folder)


def test_a_loaded_model_is_saved_again(folder, tmp_path):
    model = tf.saved_model.load(folder)
    tf.saved_model.save(model, tmp_path / "again", signatures=model.find)
    again = tf.saved_model.load(tmp_path / "again")
    for method, x, expected in frozen_calls(folder):
        if method == "find":
            found = again.signatures["serving_default"](tf.constant(x.astype("S").astype(object)))
            np.testing.assert_array_equal(found["output_2"], expected[2])
    check(folder, again)


def test_what_a_table_holds_is_saved_as_it_is_then(tmp_path):
    module = tf.Module()
    module.counts = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, 0)
    module.find = tf.function(lambda x: module.counts.lookup(x), input_signature=[tf.TensorSpec([None], tf.string)])
    for i in range(2):
        module.counts.insert(["a"], [i + 1])
        tf.saved_model.save(module, tmp_path / str(i))
    module.counts.remove(tf.constant(["a"]))
    tf.saved_model.save(module, tmp_path / "2")
    found = [tf.saved_model.load(tmp_path / str(i)).find(tf.constant(["a"])).numpy() for i in range(3)]
    assert found == [[1], [2], [0]]


def test_a_table_that_the_module_does_not_hold(tmp_path):
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, 0)
    module = tf.Module()
    module.find = tf.function(lambda x: table.lookup(x), input_signature=[tf.TensorSpec([None], tf.string)])
    with pytest.raises(AssertionError, match="references an 'untracked' resource.*uses a Table"):
        tf.saved_model.save(module, tmp_path / "m")


class WithFiles(tf.Module):
    def __init__(self, folder):
        super().__init__()
        (folder / "other").mkdir()
        (folder / "words.txt").write_text("sun\n")
        (folder / "other" / "words.txt").write_text("moon\n")
        self.first = tf.saved_model.Asset(str(folder / "words.txt"))
        self.second = tf.saved_model.Asset(folder / "other" / "words.txt")

    @tf.function(input_signature=[])
    def paths(self):
        return {"first": self.first.asset_path, "second": tf.cond(True, lambda: self.second.asset_path, lambda: "")}


def test_assets(tmp_path):
    module = WithFiles(tmp_path)
    assert module.paths()["first"] == str(tmp_path / "words.txt")
    tf.saved_model.save(module, tmp_path / "m", signatures=module.paths)
    (tmp_path / "words.txt").unlink()
    for folder in (tmp_path / "m", tmp_path / "moved"):
        loaded = tf.saved_model.load(folder)
        assert sorted(path.name for path in (folder / "assets").iterdir()) == ["words.txt", "words.txt_1"]
        for found in (loaded.paths(), loaded.signatures["serving_default"]()):
            texts = [Path(found[key].numpy().decode()).read_text() for key in ("first", "second")]
            assert texts == ["sun\n", "moon\n"]
            assert found["first"] == str(folder / "assets" / "words.txt") == loaded.first.asset_path
        tf.saved_model.save(loaded, folder, signatures=loaded.paths)  # in its own place
        folder.rename(tmp_path / "moved")


def test_an_asset_whose_file_is_gone(tmp_path):
    module = tf.Module()
    module.asset = tf.saved_model.Asset(str(tmp_path / "gone.txt"))
    with pytest.raises(tf.errors.NotFoundError, match="no file '.*gone.txt', which is an asset"):
        tf.saved_model.save(module, tmp_path / "m")
    with pytest.raises(TypeError):
        tf.saved_model.Asset(3)


def test_compiled_functions_beside_tables(tmp_path):
    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            pairs = tf.lookup.KeyValueTensorInitializer(["sun"], [3])
            self.table = tf.lookup.StaticHashTable(pairs, 0)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def find(self, x):
            return self.table.lookup(x)

        @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])
        def double(self, x):
            return tf.exp(x) * 2.0

    tf.saved_model.save(Module(), tmp_path / "m")
    lines = list(compile_functions(str(tmp_path / "m"), [1]))
    assert len(lines) >= 2 and not any("creator" in line or "initializer" in line for line in lines)
    loaded = tf.saved_model.load(tmp_path / "m", options=tf.saved_model.LoadOptions(compiled=True))
    assert loaded.double(tf.zeros([1, 2])).numpy().tolist() == [[2.0, 2.0]]
    assert loaded.find(tf.constant(["sun", "star"])).numpy().tolist() == [3, 0]
