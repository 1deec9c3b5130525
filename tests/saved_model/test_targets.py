"""Where SavedModels are written to: what else is there stays, and what is no folder is an error."""

import os

import pytest

import tenfold as tf


def module(value):
    made = tf.Module()
    made.v = tf.Variable(value)
    return made


def value(folder):
    return float(tf.saved_model.load(folder).v)


def test_other_files_in_the_folder_stay(tmp_path):
    # were deleted: the folder was replaced as a whole
    folder = tmp_path / "m"
    (folder / "assets.extra").mkdir(parents=True)
    others = folder / "letter.txt", folder / "assets.extra" / "tf_serving_warmup_requests"
    for path in others:
        path.write_text("dear")
    for number in 1.0, 2.0:
        tf.saved_model.save(module(number), folder)
        assert value(folder) == number
        assert [path.read_text() for path in others] == ["dear", "dear"]
    assert sorted(os.listdir(folder)) == [
        "assets", "assets.extra", "fingerprint.pb", "letter.txt", "saved_model.pb", "variables"
    ]  # fmt: skip
    assert os.listdir(tmp_path) == ["m"]


def test_what_a_model_no_longer_has_goes(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
    model.save(tmp_path)
    assert (tmp_path / "assets.extra" / "keras.json").is_file()
    tf.saved_model.save(module(1.0), tmp_path)
    assert not (tmp_path / "assets.extra" / "keras.json").exists() and not (tmp_path / "keras_metadata.pb").exists()
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_the_folder_in_which_the_process_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in 1.0, 2.0:
        tf.saved_model.save(module(number), ".")
        assert value(".") == number
    assert sorted(os.listdir(tmp_path)) == ["assets", "fingerprint.pb", "saved_model.pb", "variables"]


def test_a_link_stays_one(tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "latest").symlink_to("m")
    tf.saved_model.save(module(1.0), tmp_path / "latest")
    assert (tmp_path / "latest").is_symlink() and value(tmp_path / "m") == 1.0
    assert sorted(os.listdir(tmp_path)) == ["latest", "m"]


def test_paths_of_bytes_and_of_any_letters(tmp_path):
    path = tmp_path / "mödel ☃" / "1"
    tf.saved_model.save(module(1.0), os.fsencode(path))
    assert value(path) == value(os.fsencode(path)) == value(f"{path}/") == 1.0


@pytest.mark.parametrize("name", ["letter.txt", "letter.txt/m"])
def test_a_file_is_not_replaced(name, tmp_path):
    # was replaced by a folder
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(tf.errors.FailedPreconditionError, match="letter.txt' is not a directory"):
        tf.saved_model.save(module(1.0), tmp_path / name)
    assert (tmp_path / "letter.txt").read_text() == "dear" and os.listdir(tmp_path) == ["letter.txt"]


def test_an_empty_file_is_no_savedmodel(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"")
    with pytest.raises(ValueError, match="has no graph: it is empty"):
        tf.saved_model.load(tmp_path)
