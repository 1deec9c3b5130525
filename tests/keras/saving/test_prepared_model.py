"""Files of models whose layers learned from data."""

import zipfile

import numpy as np
import pytest

import tenfold as tf
from tests.golden.prepared_model import FILE, SENTENCES, model, results


@pytest.fixture(scope="module")
def made():
    return model(tf.keras)


def check(a_model, expected):
    found = results(a_model, tf)
    for name, value in expected.items():
        assert found[name].dtype == value.dtype
        np.testing.assert_allclose(found[name], value, 1e-5, 1e-6, err_msg=name)


def test_keras_file_is_read():
    read = tf.keras.models.load_model(FILE)
    with np.load(FILE.with_suffix(".npz")) as expected:
        check(read, dict(expected))
    assert read.get_layer("words").get_vocabulary()[:3] == ["", "[UNK]", "the"]


def test_it_learns_what_keras_learns(made):
    with np.load(FILE.with_suffix(".npz")) as expected:
        check(made, dict(expected))


@pytest.mark.parametrize("name", ["model.keras", "folder"])
def test_what_was_learned_is_saved(made, tmp_path, name):
    made.save(tmp_path / name)
    read = tf.keras.models.load_model(tmp_path / name)
    check(read, results(made, tf))
    assert read.get_layer("weighted").get_vocabulary() == made.get_layer("weighted").get_vocabulary()


def test_members_are_named_as_in_files_of_keras(made, tmp_path):
    made.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as ours, zipfile.ZipFile(FILE) as theirs:
        assert sorted(ours.namelist()) == sorted(theirs.namelist())


def test_the_served_function_takes_texts(made, tmp_path):
    tf.saved_model.save(made, tmp_path)
    signature = tf.saved_model.load(tmp_path).signatures["serving_default"]
    found = signature(text=tf.constant([[text] for text in SENTENCES]), numbers=tf.zeros([3, 3]))
    np.testing.assert_array_equal(found["words"], results(made, tf)["words"])


def test_members_that_point_elsewhere_stay_in_the_folder_of_the_layer(made, tmp_path):
    path = tmp_path / "model.keras"
    made.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("assets/layers/string_lookup//outside.txt", "x")
    tf.keras.models.load_model(path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["model.keras"]


def test_a_layer_of_the_users_keeps_files(tmp_path):
    @tf.keras.saving.register_keras_serializable("tests")
    class Noting(tf.keras.layers.Layer):
        note = None

        def call(self, inputs):
            return inputs

        def save_assets(self, dir_path):
            with open(f"{dir_path}/note.txt", "w") as file:
                file.write(self.note)

        def load_assets(self, dir_path):
            with open(f"{dir_path}/note.txt") as file:
                self.note = file.read()

    made = tf.keras.Sequential([tf.keras.Input((2,)), Noting()])
    made.layers[0].note = "hello"
    made.save(tmp_path / "model.keras")
    assert tf.keras.models.load_model(tmp_path / "model.keras").layers[0].note == "hello"


def test_a_vocabulary_file_that_a_model_names_is_not_read(tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("a\nb\n")
    layer = tf.keras.layers.StringLookup(vocabulary=str(words))
    assert layer(["b"]).numpy().tolist() == [2]
    config = tf.keras.layers.serialize(layer)
    config["config"]["vocabulary"] = str(words)
    with tf.keras.saving.CustomObjectScope({}):
        tf.keras.saving.deserialize_keras_object(config, safe_mode=False)
    from tenfold.keras.saving.serialization import SafeModeScope

    with SafeModeScope(True), pytest.raises((ValueError, TypeError), match="outside of it"):
        tf.keras.layers.deserialize(config)
