"""Freezes SavedModels as sessions of TensorFlow 1 wrote them: `python -m tests.golden.make_session_saved_models`, in its environment."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf

from tests.golden.archive import pack

ARCHIVE = "session_saved_models.tar.xz"
v1 = tf.compat.v1
X = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)


def dense(x: Any, units: int, name: str) -> Any:
    with v1.variable_scope(name):
        size = x.shape[-1]
        w = v1.get_variable("w", [size, units], initializer=v1.random_normal_initializer(seed=size + units))
        return x @ w + v1.get_variable("b", [units], initializer=v1.ones_initializer())


def simple(session: Any, folder: str) -> dict[str, np.ndarray]:
    """What `simple_save` writes, with variables that are resources."""
    v1.enable_resource_variables()
    x = v1.placeholder(tf.float32, [None, 3], "x")
    y = tf.nn.softmax(dense(tf.nn.relu(dense(x, 4, "hidden")), 2, "logits"), name="y")
    session.run(v1.global_variables_initializer())
    v1.saved_model.simple_save(session, folder, {"x": x}, {"y": y})
    return {"y": session.run(y, {x: X})}


def references(session: Any, folder: str) -> dict[str, np.ndarray]:
    """Variables that are references, one in parts, one trained with Adam, one that counts; two graphs with tags."""
    v1.disable_resource_variables()
    x, target = v1.placeholder(tf.float32, [None, 3], "x"), v1.placeholder(tf.float32, [None, 2], "target")
    rate = v1.placeholder_with_default(0.5, [], "rate")
    table = v1.get_variable(
        "table", [5, 3], initializer=v1.random_normal_initializer(seed=1), partitioner=v1.fixed_size_partitioner(2)
    )
    y = tf.identity(dense(x * rate + tf.reduce_sum(table, 0), 2, "head"), "y")
    loss = tf.reduce_mean((y - target) ** 2, name="loss")
    step = v1.train.get_or_create_global_step()
    train = v1.train.AdamOptimizer(0.1).minimize(loss, step)
    count = v1.get_variable("count", initializer=0, trainable=False)
    counted = tf.identity(v1.assign_add(count, 1), "counted")
    unused = v1.get_variable("unused", [], collections=[v1.GraphKeys.LOCAL_VARIABLES])
    tf.identity(unused, "of_unused")
    session.run(v1.global_variables_initializer())
    for _ in range(3):
        session.run(train, {x: X, target: np.ones((2, 2))})
    predict = v1.saved_model.signature_def_utils.predict_signature_def
    builder = v1.saved_model.Builder(folder)
    signatures = {"serving_default": predict({"x": x}, {"y": y}), "scaled": predict({"x": x, "rate": rate}, {"y": y}),
                  "count": v1.saved_model.build_signature_def({}, {"count": v1.saved_model.build_tensor_info(counted)})}  # fmt: skip
    builder.add_meta_graph_and_variables(
        session, ["train"], signature_def_map={"loss": predict({"x": x, "t": target}, {"loss": loss})}
    )
    builder.add_meta_graph(["serve"], signature_def_map=signatures)
    builder.save()
    return {"y": session.run(y, {x: X}), "scaled": session.run(y, {x: X, rate: 2.0}), "step": session.run(step),
            "loss": session.run(loss, {x: X, target: np.zeros((2, 2))})}  # fmt: skip


def words(session: Any, folder: str) -> dict[str, np.ndarray]:
    """As estimators export a classifier of texts: a vocabulary among the assets, filled by the main op, which sets a local variable, too."""
    v1.enable_resource_variables()
    path = Path(tempfile.mkdtemp()) / "vocabulary.txt"
    path.write_text("sun\nmoon\nstar\n")
    asset = tf.constant(str(path), name="vocabulary")
    v1.add_to_collection(v1.GraphKeys.ASSET_FILEPATHS, asset)
    texts = v1.placeholder(tf.string, [None, None], "texts")
    initializer = tf.lookup.TextFileInitializer(
        asset, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
    )
    ids = tf.lookup.StaticVocabularyTable(initializer, 2).lookup(texts)
    classes = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant([0, 1], tf.int64), tf.constant(["night", "day"])), "?"
    )
    rows = v1.get_variable("rows", [5, 4], initializer=v1.random_normal_initializer(seed=3))
    scale = v1.get_variable("scale", initializer=2.0, collections=[v1.GraphKeys.LOCAL_VARIABLES])
    logits = dense(tf.reduce_mean(tf.nn.embedding_lookup(rows, ids), 1) * scale, 2, "head")
    scores, best = tf.nn.softmax(logits), classes.lookup(tf.argmax(logits, 1))
    session.run([v1.global_variables_initializer(), v1.tables_initializer(), v1.local_variables_initializer()])
    signature = {"serving_default": v1.saved_model.signature_def_utils.predict_signature_def(
        {"texts": texts}, {"scores": scores, "best": best})}  # fmt: skip
    builder = v1.saved_model.Builder(folder)
    builder.add_meta_graph_and_variables(
        session, ["serve"], signature, assets_collection=v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS),
        main_op=tf.group(v1.tables_initializer(), v1.local_variables_initializer()),
    )  # fmt: skip
    builder.save()
    x = np.array([["sun", "moon"], ["comet", "star"]])
    found = session.run({"scores": scores, "best": best}, {texts: x})
    return {"scores": found["scores"], "best": found["best"].astype("S")}


KINDS: list[Callable[[Any, str], dict[str, np.ndarray]]] = [simple, references, words]


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    for make in KINDS:
        with tf.Graph().as_default(), v1.Session() as session:
            v1.set_random_seed(7)
            results = make(session, str(folder / make.__name__))
        np.savez(folder / make.__name__ / "results.npz", **results)
    pack(folder, ARCHIVE)


if __name__ == "__main__":
    main()
