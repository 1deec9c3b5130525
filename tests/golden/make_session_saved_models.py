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


def flow(session: Any, folder: str) -> dict[str, np.ndarray]:
    """Branches and loops as nodes among others: in one another, of data-dependent length, of growing shapes, with arrays of tensors."""
    v1.disable_control_flow_v2()
    v1.enable_resource_variables()
    x, n = v1.placeholder(tf.float32, [None, 3], "x"), v1.placeholder(tf.int32, [], "n")
    w = v1.get_variable("w", [5, 2], initializer=v1.random_normal_initializer(seed=3))
    factor = v1.get_variable("factor", [3], initializer=v1.constant_initializer([1.5, -1.0, 0.5]))
    count = v1.get_variable("count", [], initializer=v1.zeros_initializer(), use_resource=False, trainable=False)
    chosen = v1.cond(
        n > 1, lambda: v1.cond(n > 3, lambda: x * factor, lambda: x + 2.0), lambda: tf.reduce_sum(x, 1, keepdims=True) - factor
    )  # fmt: skip
    first, second = v1.cond(n > 1, lambda: (chosen * 2.0, x), lambda: (x, chosen + x))
    cases = v1.case([(n < 1, lambda: x + 1.0), (n < 3, lambda: x + 3.0)], default=lambda: x * 0.5)
    _, turned = v1.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, tf.tanh(y * factor)), [0, x])

    def outer(i: Any, y: Any) -> Any:
        inner = v1.while_loop(
            lambda j, z: j < i + 1, lambda j, z: (j + 1, z + y * tf.cast(j, tf.float32)), [0, y * 0.5]
        )
        return i + 1, v1.cond(i > 0, lambda: inner[1] * factor, lambda: inner[1])

    _, nested = v1.while_loop(lambda i, y: i < n, outer, [0, x])
    shapes = [tf.TensorShape([]), tf.TensorShape([None, 3])]
    _, grown = v1.while_loop(
        lambda i, y: i < n, lambda i, y: (i + 1, tf.concat([y, y[-1:] * factor], 0)), [0, x], shape_invariants=shapes
    )
    series = tf.stack([x, x * 2.0, x - 1.0])
    rows = tf.TensorArray(tf.float32, size=tf.shape(series)[0]).unstack(series)
    out = tf.TensorArray(tf.float32, size=tf.shape(series)[0])

    def turn(i: Any, h: Any, out: Any) -> Any:
        h = tf.tanh(tf.concat([rows.read(i), h], 1) @ w)
        return i + 1, h, out.write(i, h)

    _, _, out = v1.while_loop(lambda i, h, out: i < rows.size(), turn, [0, tf.zeros([tf.shape(x)[0], 2]), out])
    more = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    _, more = v1.while_loop(
        lambda i, a: i < n, lambda i, a: (i + 1, a.write(i, x[0] * tf.cast(i, tf.float32))), [0, more]
    )
    mapped = v1.map_fn(lambda row: tf.reduce_sum(row * factor), x)
    counted = v1.cond(n > 1, lambda: v1.assign_add(count, 1.0), lambda: v1.assign_sub(count, 1.0))
    with tf.control_dependencies([tf.debugging.assert_greater(n, -5)]):
        counted = tf.identity(counted)
    outputs = {"chosen": chosen, "first": first, "second": second, "cases": cases, "turned": turned, "nested": nested,
               "grown": grown, "recurrent": out.stack(), "more": more.stack(), "mapped": mapped}  # fmt: skip
    total = tf.add_n([tf.reduce_sum(y**2) for name, y in sorted(outputs.items())])
    gradients = v1.gradients(total, [x, w, factor])
    session.run(v1.global_variables_initializer())
    predict = v1.saved_model.signature_def_utils.predict_signature_def
    signatures = {"serving_default": predict({"x": x, "n": n}, outputs), "count": predict({"n": n}, {"count": counted}),
                  "gradients": predict({"x": x, "n": n}, {"x": gradients[0]})}  # fmt: skip
    builder = v1.saved_model.Builder(folder)
    builder.add_meta_graph_and_variables(
        session, ["serve"], {key: signatures[key] for key in ("serving_default", "count")}
    )
    builder.add_meta_graph(["train"], signatures)
    builder.save()
    results = {}
    for turns in (0, 1, 2, 4):
        found, slopes = session.run([outputs, gradients], {x: X, n: turns})
        results |= {f"{key}_{turns}": value for key, value in found.items()}
        results |= {f"gradient_{i}_{turns}": value for i, value in enumerate(slopes)}
    frozen = v1.graph_util.convert_variables_to_constants(
        session, session.graph_def, [y.op.name for y in outputs.values()]
    )
    Path(folder, "frozen.pb").write_bytes(frozen.SerializeToString())
    results["names"] = np.array([f"{key}={y.name}" for key, y in outputs.items()])
    return results


def lowered(folder: Path) -> dict[str, np.ndarray]:
    """A function of TensorFlow 2 that its freezer has written with branches and loops as nodes among others."""
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    v1.enable_control_flow_v2()
    v = tf.Variable(1.5)

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, "x"), tf.TensorSpec([], tf.int32, "n")])
    def f(x: Any, n: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(n):
                y = tf.tanh(y * 1.5)
            y = tf.switch_case(n, [lambda: y * y, lambda: y + tf.reduce_sum(y), lambda: y])
        scanned = tf.scan(lambda a, row: a * 0.5 + row * v, y)
        mapped = tf.map_fn(lambda row: tf.reduce_max(row) if n > 1 else row[0], x)
        grown = tf.TensorArray(tf.float32, 0, dynamic_size=True, element_shape=[3])
        for i in tf.range(n):
            grown = grown.write(2 * i, x[0] * tf.cast(i, tf.float32))
        return {"gradient": tape.gradient(y, x), "grown": grown.stack(), "mapped": mapped, "scanned": scanned, "y": y}

    frozen = convert_variables_to_constants_v2(f.get_concrete_function())
    folder.mkdir()
    (folder / "frozen.pb").write_bytes(frozen.graph.as_graph_def().SerializeToString())
    found = {f"{key}_{n}": value for n in (0, 1, 3) for key, value in f(tf.constant(X), tf.constant(n)).items()}
    names = [
        f"{key}={y.name}"
        for key, y in zip(("gradient", "grown", "mapped", "scanned", "y"), frozen.outputs, strict=True)
    ]
    return found | {"names": np.array(names)}


KINDS: list[Callable[[Any, str], dict[str, np.ndarray]]] = [simple, references, words, flow]


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    for make in KINDS:
        with tf.Graph().as_default(), v1.Session() as session:
            v1.set_random_seed(7)
            results = make(session, str(folder / make.__name__))
        np.savez(folder / make.__name__ / "results.npz", **results)
    results = lowered(folder / "lowered")
    np.savez(folder / "lowered" / "results.npz", **results)
    pack(folder, ARCHIVE)


if __name__ == "__main__":
    main()
