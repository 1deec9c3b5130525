"""Checkpoints that TensorFlow wrote (`tests/golden/make_checkpoints.py`): they are restored, and ours hold the same."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenfold as tf
from tests.interchange.objects import OBJECTS

ARCHIVE = Path(__file__).parents[1] / "golden" / "data" / "checkpoints.zip"
GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


@pytest.fixture(scope="module")
def files(tmp_path_factory: Any) -> Path:
    folder = tmp_path_factory.mktemp("checkpoints")
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(folder)
    return folder


@pytest.mark.parametrize("name", OBJECTS)
def test_what_tensorflow_saved_is_restored_and_saved_alike(name: str, files: Path, tmp_path: Path) -> None:
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(2)
    checkpoint = tf.train.Checkpoint(**OBJECTS[name](tf))
    saved = tf.train.latest_checkpoint(files / name)
    assert saved is not None
    checkpoint.restore(saved).assert_consumed()
    theirs = tf.train.load_checkpoint(saved)
    ours = tf.train.load_checkpoint(checkpoint.write(tmp_path / "again"))
    dtypes, shapes = ours.get_variable_to_dtype_map(), ours.get_variable_to_shape_map()
    for key, shape in theirs.get_variable_to_shape_map().items():
        assert dtypes[key] is theirs.get_variable_to_dtype_map()[key]
        assert shapes[key] == shape
        if key != GRAPH:
            np.testing.assert_array_equal(ours.get_tensor(key), theirs.get_tensor(key), err_msg=key)


@pytest.mark.parametrize("name", ["layer_conv2d", "functional", "parts", "root", "optimizer_nadam", "nested"])
def test_nothing_is_saved_that_tensorflow_would_not_restore(name: str, files: Path, tmp_path: Path) -> None:
    path = tf.train.Checkpoint(**OBJECTS[name](tf)).save(tmp_path / "ours")
    theirs, ours = (dict(tf.train.list_variables(p)) for p in (files / name / "ckpt-1", path))
    assert {key for key in ours if "seed" not in key} == set(theirs)


def values_of(kind: str, files: Path) -> dict[str, np.ndarray]:
    frozen = np.load(files / "values.npz")
    return {key.removeprefix(f"{kind}/"): frozen[key] for key in frozen if key.startswith(f"{kind}/")}


@pytest.mark.parametrize("kind, file", [("sharded", "ckpt"), ("by_name", "model-7")])
def test_tensors_in_several_files_and_in_parts_are_read(kind: str, file: str, files: Path) -> None:
    reader = tf.train.load_checkpoint(files / kind / file)
    frozen = values_of(kind, files)
    assert set(frozen) == set(reader.get_variable_to_shape_map()) - {GRAPH}
    for name, value in frozen.items():
        np.testing.assert_array_equal(np.asarray(reader.get_tensor(name), value.dtype), value, err_msg=name)


class ByName(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = tf.Variable(tf.zeros([2, 3]), name="scope/w")
        self.b = tf.Variable([0, 0], name="b")


def test_a_checkpoint_of_tensorflow_1_is_restored_by_names(files: Path) -> None:
    module = ByName()
    status = tf.train.Checkpoint(module).restore(files / "by_name" / "model-7")
    status.assert_existing_objects_matched()
    np.testing.assert_array_equal(module.w, np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(module.b, [1, 2])
    with pytest.raises(AssertionError, match="2 values have no variable: .'long', 'thirds'"):
        status.assert_consumed()


def test_variables_without_a_name_in_it_are_told(files: Path) -> None:
    module = ByName()
    module.other = tf.Variable(1.0, name="other")
    with pytest.raises(AssertionError, match="1 variables have no value, such as .'other'"):
        tf.train.Checkpoint(module).restore(files / "by_name" / "model-7").assert_existing_objects_matched()
