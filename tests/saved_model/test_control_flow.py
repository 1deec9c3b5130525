"""Branches and loops of TensorFlow 1, as sessions save them and TensorFlow's freezer writes them (`tests/golden/make_session_saved_models.py`)."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf
from tenfold.protos.graph import GraphDef
from tests.golden.archive import unpack

X = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
SPECS = [tf.TensorSpec([None, 3], tf.float32, name="x"), tf.TensorSpec([], tf.int32, name="n")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("flow")
    for name in ("flow", "lowered"):
        unpack("session_saved_models.tar.xz", path, name)
    return path


@pytest.fixture(scope="module")
def model(folder):
    return tf.saved_model.load(folder / "flow", "serve")


def results(folder, name):
    return dict(np.load(folder / name / "results.npz"))


@pytest.mark.parametrize("turns", [0, 1, 2, 4])
def test_a_session_s_branches_and_loops_give_its_results(folder, model, turns):
    expected = results(folder, "flow")
    found = model.signatures["serving_default"](x=tf.constant(X), n=tf.constant(turns))
    for name, value in found.items():
        np.testing.assert_allclose(value, expected[f"{name}_{turns}"], rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("turns", [0, 1, 2, 4])
def test_gradients_flow_through_them(folder, model, turns):
    expected = results(folder, "flow")
    x, variables = tf.Variable(X), {v.name: v for v in model.variables}
    with tf.GradientTape() as tape:
        found = model.signatures["serving_default"](x=x, n=tf.constant(turns))
        total = tf.add_n([tf.reduce_sum(y**2) for y in found.values()])
    for i, gradient in enumerate(tape.gradient(total, [x, variables["w:0"], variables["factor:0"]])):
        np.testing.assert_allclose(gradient, expected[f"gradient_{i}_{turns}"], rtol=2e-5, atol=1e-5)


def test_a_branch_changes_a_variable(folder):
    model = tf.saved_model.load(folder / "flow", "serve")
    count = model.signatures["count"]
    assert [float(count(tf.constant(n))["count"]) for n in (2, 5, 0)] == [1, 2, 1]
    with pytest.raises(tf.errors.InvalidArgumentError, match="Assert|assert|greater"):
        count(tf.constant(-7))


def test_it_is_saved_again(folder, model, tmp_path):
    tf.saved_model.save(model, tmp_path, signatures=model.signatures["serving_default"])
    found = tf.saved_model.load(tmp_path).signatures["serving_default"](x=tf.constant(X), n=tf.constant(3))
    expected = model.signatures["serving_default"](x=tf.constant(X), n=tf.constant(3))
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-6)


@pytest.mark.parametrize("is_traced", [False, True])
@pytest.mark.parametrize("name, turns", [("flow", 1), ("flow", 4), ("lowered", 0), ("lowered", 1), ("lowered", 3)])
def test_frozen_graphs(folder, name, turns, is_traced):
    expected = results(folder, name)
    data = (folder / name / "frozen.pb").read_bytes()
    outputs = dict(text.split("=") for text in expected["names"])

    def run(x, n):
        return tf.graph_util.import_graph_def(data, {"x:0": x, "n:0": n}, list(outputs.values()))

    run = tf.function(run, input_signature=SPECS) if is_traced else run
    for key, value in zip(outputs, run(tf.constant(X), tf.constant(turns)), strict=True):
        np.testing.assert_allclose(value, expected[f"{key}_{turns}"], rtol=1e-5, atol=1e-6, err_msg=key)


def test_what_gradients_of_a_session_need_is_named(folder):
    with pytest.raises(NotImplementedError, match=r"ops that Tenfold does not have: .*StackV2"):
        tf.saved_model.load(folder / "flow", "train")


def graph_of(*nodes):
    message = GraphDef()
    for name, op, *inputs in nodes:
        message.node.add(name=name, op=op, input=inputs).attr["T"].type = 1
    return message


def run(message, wanted):
    given = {"x:0": tf.constant(2.0), "p:0": tf.constant(True), "q:0": tf.constant(False)}
    return tf.graph_util.import_graph_def(message, given, [wanted])[0]


HEAD = [("x", "Placeholder"), ("p", "Placeholder"), ("q", "Placeholder"), ("s", "Switch", "x", "p")]


def test_sides_of_branches_may_do_nothing_and_say_which_they_are():
    merge = [("neg", "Neg", "s"), ("m", "Merge", "neg", "s:1")]
    assert float(run(graph_of(*HEAD, *merge), "m:0")) == 2
    of_number = [*merge, ("i", "Identity", "m:1")]
    assert int(run(graph_of(*HEAD, *of_number), "i:0")) == 1


def test_conditions_by_turns_are_branches_by_turns():
    """Two branches of one condition with another between them cannot be one."""
    first = [("a", "Neg", "s"), ("b", "Exp", "s:1"), ("m", "Merge", "a", "b")]
    between = [("t", "Switch", "m", "q"), ("c", "Neg", "t"), ("d", "Exp", "t:1"), ("o", "Merge", "c", "d")]
    last = [("u", "Switch", "o", "p"), ("e", "Neg", "u"), ("f", "Square", "u:1"), ("r", "Merge", "e", "f")]
    np.testing.assert_allclose(run(graph_of(*HEAD, *first, *between, *last), "r:0"), np.exp(2) ** 2, rtol=1e-6)


@pytest.mark.parametrize(
    "nodes, wanted, text",
    [
        ([*HEAD, ("neg", "Neg", "s")], "neg:0", r"node 'neg' \(Neg\) is asked for, and runs on one side"),
        ([*HEAD, ("m", "Merge", "s", "x")], "m:0", r"node 'm' \(Merge\) joins what are not the sides of one branch"),
        ([*HEAD, ("t", "Switch", "x", "q"), ("m", "Merge", "s", "t:1")], "m:0", "joins what are not the sides"),
        ([*HEAD, ("e", "Exit", "x"), ("y", "Neg", "e")], "y:0", r"node 'e' \(Exit\) is in no loop"),
    ],
)
def test_what_is_no_branch_is_named(nodes, wanted, text):
    with pytest.raises(NotImplementedError, match=text):
        run(graph_of(*nodes), wanted)


def test_a_loop_that_nothing_ends_is_named():
    nodes = [("enter", "Enter", "x"), ("m", "Merge", "enter", "n"), ("n", "NextIteration", "m"), ("e", "Exit", "m")]
    message = graph_of(*HEAD, *nodes)
    message.node[4].attr["frame_name"].s = b"loop"
    with pytest.raises(NotImplementedError, match="the loop 'loop' has 0 LoopCond nodes and 1 variables"):
        run(message, "e:0")
