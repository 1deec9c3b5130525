"""Freezes checkpoints that TensorFlow wrote: `python -m tests.golden.make_checkpoints`.

Runs in an environment with `tensorflow-cpu==2.21.0`. Besides the objects of `tests/interchange`, all in one file each, there
are one in several files with a tensor in parts (`sharded`), and one that TensorFlow 1 wrote, by names, of variables that
are cut in three and in two (`by_name`). `values.npz` holds what TensorFlow reads from them.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf

from tests.interchange.objects import OBJECTS

ARCHIVE = Path(__file__).parent / "data" / "checkpoints.zip"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, make in OBJECTS.items():
            tf.keras.utils.set_random_seed(1)
            tf.train.Checkpoint(**make(tf)).save(str(folder / kind / "ckpt"))
        write_sharded(folder / "sharded" / "ckpt")
        write_by_name(folder / "by_name" / "model")
        values = {
            f"{kind}/{n}": v
            for kind, path in (("sharded", "ckpt"), ("by_name", "model-7"))
            for n, v in read(folder / kind / path)
        }
        np.savez(folder / "values.npz", **values)
        with zipfile.ZipFile(ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, str(path.relative_to(folder)))


def write_sharded(path: Path) -> None:
    table = tf.Variable(tf.reshape(tf.range(60.0), (20, 3)))
    checkpoint = tf.train.Checkpoint(table=table, few=tf.Variable(tf.range(5)), texts=tf.Variable(["x", "yy"]))
    policy = tf.train.experimental.MaxShardSizePolicy(max_shard_size=100)
    checkpoint.write(str(path), tf.train.CheckpointOptions(experimental_sharding_callback=policy))


def write_by_name(path: Path) -> None:
    path.parent.mkdir()
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        v1.get_variable("scope/w", initializer=np.arange(6, dtype="float32").reshape(2, 3))
        v1.get_variable("b", initializer=np.array([1, 2], "int32"))
        for name, shape, count in (("thirds", (7, 3), 3), ("long", (300, 2), 2)):
            cut = v1.fixed_size_partitioner(count)
            v1.get_variable(name, shape, initializer=v1.random_normal_initializer(seed=count), partitioner=cut)
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(path), global_step=7, write_meta_graph=False)


def read(path: Path) -> list[tuple[str, Any]]:
    reader = tf.train.load_checkpoint(str(path))
    names = [name for name, _ in tf.train.list_variables(str(path)) if "OBJECT_GRAPH" not in name]
    values = {name: np.asarray(reader.get_tensor(name)) for name in names}
    return [(name, value.astype("S") if value.dtype == object else value) for name, value in values.items()]


if __name__ == "__main__":
    main()
