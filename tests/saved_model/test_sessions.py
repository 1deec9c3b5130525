"""SavedModels that sessions of TensorFlow 1 wrote (`tests/golden/make_session_saved_models.py`)."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf
from tenfold.protos.saved_model import SavedModel
from tests.golden.archive import unpack

X = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
WORDS = tf.constant([["sun", "moon"], ["comet", "star"]])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return unpack("session_saved_models.tar.xz", tmp_path_factory.mktemp("sessions"))


@pytest.fixture(scope="module")
def results(folder):
    return {path.name: dict(np.load(path / "results.npz")) for path in folder.iterdir()}


def load(folder, name, tags="serve", **options):
    return tf.saved_model.load(folder / name, tags, tf.saved_model.LoadOptions(**options))


def test_a_signature_with_variables_that_are_resources(folder, results):
    model = load(folder, "simple")
    assert list(model.signatures) == ["serving_default"]
    signature = model.signatures["serving_default"]
    spec = signature.structured_input_signature[1]["x"]
    assert (spec.shape.as_list(), spec.dtype) == ([None, 3], tf.float32)
    for found in (signature(x=tf.constant(X)), signature(tf.constant(X))):
        np.testing.assert_allclose(found["y"], results["simple"]["y"], rtol=1e-6)
    assert [v.name for v in model.variables] == ["hidden/w:0", "hidden/b:0", "logits/w:0", "logits/b:0"]
    assert all(v.trainable for v in model.variables)
    assert model.tensorflow_version.startswith("2.")


def test_its_variables_are_trained(folder):
    model = load(folder, "simple")
    y = model.prune("x:0", "y:0")
    optimizer, losses = tf.keras.optimizers.SGD(0.5), []
    for _ in range(5):
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(tf.math.log(y(tf.constant(X))[:, 0]))
        optimizer.apply_gradients(
            zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True)
        )
        losses.append(float(loss))
    assert losses == sorted(losses, reverse=True) and losses[0] > 1.2 * losses[-1]


def test_references_parts_and_inputs_with_defaults(folder, results):
    model = load(folder, "references")
    signatures = model.signatures
    assert list(signatures) == ["count", "scaled", "serving_default"]
    np.testing.assert_allclose(
        signatures["serving_default"](tf.constant(X))["y"], results["references"]["y"], rtol=1e-6
    )
    found = signatures["scaled"](x=tf.constant(X), rate=tf.constant(2.0))["y"]
    np.testing.assert_allclose(found, results["references"]["scaled"], rtol=1e-6)
    by_name = {v.name: v for v in model.variables}
    assert by_name["global_step:0"].numpy() == results["references"]["step"]
    assert by_name["table/part_1:0"].shape.as_list() == [2, 3]
    assert by_name["table/part_1:0"].trainable and not by_name["count:0"].trainable
    assert "head/w/Adam_1:0" in by_name


def test_a_signature_may_change_variables(folder):
    first, second = load(folder, "references"), load(folder, "references")
    assert [int(first.signatures["count"]()["count"]) for _ in range(3)] == [1, 2, 3]
    assert int(second.signatures["count"]()["count"]) == 1


def test_graphs_are_told_apart_by_tags(folder, results):
    model = load(folder, "references", ["train"])
    found = model.signatures["loss"](x=tf.constant(X), t=tf.zeros([2, 2]))["loss"]
    np.testing.assert_allclose(found, results["references"]["loss"], rtol=1e-6)
    with pytest.raises(ValueError, match=r"has graphs with the tags \[\['train'\], \['serve'\]\]"):
        tf.saved_model.load(folder / "references")


def test_tables_assets_and_local_variables_are_set(folder, results):
    for _ in range(2):
        model = load(folder, "words")
        found = model.signatures["serving_default"](WORDS)
        np.testing.assert_allclose(found["scores"], results["words"]["scores"], rtol=1e-5)
        np.testing.assert_array_equal(found["best"], results["words"]["best"].astype(object))
    assert len({asset.source() for asset in model.asset_paths}) == 1
    assert model.asset_paths[0].asset_path.numpy() == str(folder / "words" / "assets" / "vocabulary.txt").encode()


def test_a_model_of_a_session_is_saved_again(folder, results, tmp_path):
    model = load(folder, "words")
    tf.saved_model.save(model, tmp_path / "again", signatures=model.signatures)
    found = tf.saved_model.load(tmp_path / "again").signatures["serving_default"](WORDS)
    np.testing.assert_allclose(found["scores"], results["words"]["scores"], rtol=1e-5)


def test_prune_takes_names_tensors_and_operations(folder, results):
    model = load(folder, "simple")
    graph = model.graph
    x, y = graph.get_tensor_by_name("x:0"), graph.as_graph_element("y:0")
    assert (x.name, x.dtype, x.shape.as_list(), x.op.type) == ("x:0", tf.float32, [None, 3], "Placeholder")
    assert y.op.inputs[0].name == "logits/add:0" and graph.as_graph_element("y") is y.op
    assert [op.name for op in graph.get_operations()][0] == "x"
    expected = results["simple"]["y"]
    for feeds, fetches in [("x:0", "y:0"), (x, y), ([x], [y]), ({"in": "x:0"}, {"out": y, "run": "y"})]:
        (found, *rest) = tf.nest.flatten(model.prune(feeds, fetches)(tf.constant(X)))
        np.testing.assert_allclose(found, expected, rtol=1e-6)
        assert rest in ([], [None])
    from_inside = model.prune("Relu:0", "y:0")
    np.testing.assert_allclose(tf.reduce_sum(from_inside(tf.ones([1, 4])), 1), [1.0], rtol=1e-6)


def test_what_cannot_be_pruned_is_an_error(folder):
    model = load(folder, "references")
    with pytest.raises(KeyError, match="The operation, 'nothing', does not exist in the graph"):
        model.prune([], "nothing:0")
    with pytest.raises(KeyError, match="exists but only has 1 outputs"):
        model.prune("x:0", "y:1")
    with pytest.raises(ValueError, match="needs a value for its placeholder 'x'.*feeds of prune"):
        model.prune([], "y:0")
    with pytest.raises(ValueError, match="must be tensors. Got 'x'"):
        model.prune("x", "y:0")


def test_a_session_s_training_goes_on(folder):
    """Its optimizer's op updates variables that are references, and their slots."""
    model = load(folder, "references")
    given = tf.constant(X), tf.ones((2, 2))
    loss, step = (model.prune(["x:0", "target:0"], name) for name in ("loss:0", "Adam"))
    losses = []
    for _ in range(20):
        step(*given)
        losses.append(float(loss(*given)))
    assert losses[-1] < 0.2 * losses[0], losses


def test_a_variable_without_a_value_is_set_by_its_initializer(folder):
    graph = SavedModel.FromString((folder / "references" / "saved_model.pb").read_bytes()).meta_graphs[1]
    assert "saved_model_main_op" not in graph.collection_def
    model = load(folder, "references")
    assert np.isfinite(
        model.prune([], "of_unused:0")()
    )  # its graph has no main op: initializers of local variables ran


def test_variables_are_read_from_another_checkpoint(folder):
    model = load(folder, "simple")
    expected = [v.numpy() for v in model.variables]
    for v in model.variables:
        v.assign(tf.zeros_like(v))
    model.restore(folder / "simple" / "variables" / "variables")
    for v, value in zip(model.variables, expected, strict=True):
        np.testing.assert_array_equal(v, value)


def changed(folder, tmp_path, name, change):
    """A copy of a model with another graph."""
    import shutil

    shutil.copytree(folder / name, tmp_path / name)
    path = tmp_path / name / "saved_model.pb"
    model = SavedModel.FromString(path.read_bytes())
    change(model.meta_graphs[0])
    path.write_bytes(model.SerializeToString())
    return tmp_path / name


def test_only_its_own_checkpoint_is_read(folder, tmp_path):
    def change(meta):
        node = meta.graph_def.node.add(name="elsewhere", op="Const")
        node.attr["dtype"].type = node.attr["value"].tensor.dtype = 7
        node.attr["value"].tensor.string_val.append(b"/somewhere")
        for node in meta.graph_def.node:
            if node.op == "RestoreV2":
                node.input[0] = "elsewhere"

    with pytest.raises(ValueError, match="reads another checkpoint than that of the SavedModel"):
        tf.saved_model.load(changed(folder, tmp_path, "simple", change))


def test_guarded_ops_in_a_signature_must_be_allowed(folder, tmp_path):
    def change(meta):
        node = meta.graph_def.node.add(name="read", op="ReadFile", input=["path"])
        placeholder = meta.graph_def.node.add(name="path", op="Placeholder")
        placeholder.attr["dtype"].type = 7
        signature = meta.signature_def["read"]
        signature.inputs["path"].name, signature.inputs["path"].dtype = "path:0", 7
        signature.outputs["text"].name, signature.outputs["text"].dtype = f"{node.name}:0", 7

    path = changed(folder, tmp_path, "simple", change)
    with pytest.raises(NotImplementedError, match=r"unless you allow it: ReadFile \(reads files\)"):
        tf.saved_model.load(path)
    model = tf.saved_model.load(path, options=tf.saved_model.LoadOptions(allowed_ops=["ReadFile"]))
    (tmp_path / "text").write_bytes(b"abc")
    assert model.signatures["read"](tf.constant(str(tmp_path / "text")))["text"].numpy() == b"abc"


def test_a_damaged_checkpoint_is_one_error(folder, tmp_path):
    path = changed(folder, tmp_path, "simple", lambda meta: None)
    data = path / "variables" / "variables.data-00000-of-00001"
    content = bytearray(data.read_bytes())
    content[5] ^= 1
    data.write_bytes(content)
    with pytest.raises(tf.errors.DataLossError, match="tensor 'hidden/b'.*checksum"):
        tf.saved_model.load(path)


def test_what_is_compiled_is_the_model_that_is_saved_again(folder, results, tmp_path):
    from tenfold.saved_model.compiling import compile_functions

    with pytest.raises(NotImplementedError, match="a SavedModel of TensorFlow 1.*Save what tf.saved_model.load gives"):
        list(compile_functions(str(folder / "simple"), [2]))
    model = load(folder, "simple")
    tf.saved_model.save(model, tmp_path, signatures=dict(model.signatures))
    assert any(text.startswith("stored: ") for text in compile_functions(str(tmp_path), [2]))
    loaded = tf.saved_model.load(tmp_path, options=tf.saved_model.LoadOptions(compiled=True))
    found = loaded.signatures["serving_default"](tf.constant(X))["y"]
    np.testing.assert_allclose(found, results["simple"]["y"], rtol=1e-6)
