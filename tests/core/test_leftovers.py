"""What killed writers leave is removed by the next one that writes the same file, what others are writing is not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import tenfold as tf

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files are not locked there")

KILLED = """
import os, sys
import tenfold as tf

def kill(event, args):
    if event == "os.rename" and str(args[1]).startswith({folder!r}):  # and not one of the compiler's cache
        os.kill(os.getpid(), 9)

model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
sys.addaudithook(kill)
{save}
"""
SAVES = {
    "m.keras": "model.save(PATH)",
    "m.h5": "model.save(PATH)",
    "m.weights.h5": "model.save_weights(PATH)",
    "folder": "model.save(PATH)",
    "checkpoint": "tf.train.Checkpoint(model).write(PATH)",
}


def model():
    return tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])


def age(folder):
    """Makes all that is in a folder look as if it was written long ago."""
    for entry in os.scandir(folder):
        os.utime(entry.path, (1e9, 1e9))


@pytest.mark.parametrize("name", SAVES)
def test_what_a_killed_save_left_goes_with_the_next_one(name, tmp_path):
    path = os.path.join(tmp_path, name)
    save = SAVES[name].replace("PATH", repr(path))
    run = subprocess.run([sys.executable, "-c", KILLED.format(save=save, folder=str(tmp_path))], check=False)
    assert run.returncode == -9
    left = set(os.listdir(tmp_path))
    assert left
    (tmp_path / "others.part").write_text("mine")
    age(tmp_path)
    exec(save, {"model": model(), "tf": tf})  # noqa: S102
    there = set(os.listdir(tmp_path))
    assert not there & left and "others.part" in there


def test_what_another_one_is_writing_stays(tmp_path):
    from tenfold.core.atomic import replacing, replacing_folder

    with replacing(tmp_path / "file") as part, replacing_folder(str(tmp_path / "folder"), ["x"]) as made:
        part.write_text("slow")
        age(tmp_path)
        for text in "first", "second":
            with replacing(tmp_path / "file") as other:
                other.write_text(text)
            with replacing_folder(str(tmp_path / "folder"), ["x"]) as another:
                open(os.path.join(another, "x"), "w").close()
        assert part.exists() and os.path.isdir(made)
    assert (tmp_path / "file").read_text() == "slow"


def test_what_was_made_a_moment_ago_stays(tmp_path):
    """It may be a writer's that has not locked it yet."""
    (tmp_path / ".file.abcdefgh.part").write_text("new")
    from tenfold.core.atomic import replacing

    with replacing(tmp_path / "file") as part:
        part.write_text("x")
    assert (tmp_path / ".file.abcdefgh.part").exists()
