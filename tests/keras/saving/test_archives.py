"""`.keras` archives: their weights are read where they are in the file, unless somebody packed them anew."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

import tenfold as tf


@pytest.fixture
def saved(tmp_path):
    model = tf.keras.Sequential([tf.keras.Input((30,)), tf.keras.layers.Dense(50)])
    model.compile("adam", "mse")
    model.fit(np.ones((4, 30)), np.ones((4, 50)), verbose=0)
    model.save(tmp_path / "m.keras")
    return model, tmp_path / "m.keras"


def test_other_tools_find_the_archive_whole(saved):
    with zipfile.ZipFile(saved[1]) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["metadata.json", "config.json", "model.weights.h5"]


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_that_was_packed_anew(saved, compression, tmp_path):
    model, path = saved
    other = tmp_path / "other.keras"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(other, "w", compression) as packed:
        for name in reversed(archive.namelist()):
            packed.writestr(name, archive.read(name))
    loaded = tf.keras.models.load_model(other)
    for a, b in zip(
        [*model.weights, *model.optimizer.variables], [*loaded.weights, *loaded.optimizer.variables], strict=True
    ):
        np.testing.assert_array_equal(a, b)


def test_a_changed_byte_of_the_weights_is_damage(saved):
    path = saved[1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="'model.weights.h5' is damaged"):
        tf.keras.models.load_model(path)


def test_frozen_layers_come_back(tmp_path):
    """The weights of a layer that was frozen before it was built counted twice, and the file did not fit."""
    model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2, trainable=False)])
    model.save(tmp_path / "m.keras")
    loaded = tf.keras.models.load_model(tmp_path / "m.keras")
    assert not loaded.trainable_weights
    np.testing.assert_array_equal(loaded.weights[0], model.weights[0])
    assert len(loaded.layers[0].weights) == 2


@pytest.mark.parametrize("name", ["m.keras", "m.h5", "m.weights.h5"])
def test_a_link_stays_and_leads_to_the_new_file(name, tmp_path):
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
    save = model.save_weights if "weights" in name else model.save
    (tmp_path / "there").mkdir()
    (tmp_path / name).symlink_to(tmp_path / "there" / "file")
    for _ in range(2):  # what it leads to is not there yet, then is
        save(tmp_path / name)
        assert (tmp_path / name).is_symlink() and [p.name for p in (tmp_path / "there").iterdir()] == ["file"]
    model.load_weights(tmp_path / name)


@pytest.mark.parametrize("name", ["m.keras", "m.weights.h5"])
def test_states_of_stateful_layers_are_kept_for_batches_of_the_same_size(name, tmp_path):
    def made(rows):
        lstm = tf.keras.layers.LSTM(4, stateful=True, return_sequences=True)
        model = tf.keras.Sequential(
            [tf.keras.Input((3, 2), batch_size=rows), lstm, tf.keras.layers.GRU(3, stateful=True)]
        )
        model.compile("sgd", "mse")
        return model

    model = made(5)
    model.predict(np.ones((5, 3, 2)), verbose=0)
    (model.save_weights if "weights" in name else model.save)(tmp_path / name)
    same, other = made(5), made(2)
    same.load_weights(tmp_path / name)
    other.load_weights(tmp_path / name)
    if "weights" not in name:
        same = tf.keras.models.load_model(tmp_path / name)
    expected = model.predict(np.ones((5, 3, 2)), verbose=0)
    np.testing.assert_array_equal(same.predict(np.ones((5, 3, 2)), verbose=0), expected)
    for layer, again in zip(model.layers, same.layers, strict=True):
        for state, kept in zip(layer.states, again.states, strict=True):
            np.testing.assert_array_equal(kept, state)
    assert not np.array_equal(other.predict(np.ones((2, 3, 2)), verbose=0), expected[:2])
