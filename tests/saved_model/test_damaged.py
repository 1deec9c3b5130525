"""Files that are damaged, or want what is not there: one error says so, before anything runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tenfold as tf
from tenfold.protos.graph import GraphDef, TensorProto
from tenfold.protos.saved_model import SavedModel
from tenfold.saved_model.values import array_of


def two_nodes():
    graph = GraphDef()
    graph.node.add(name="x", op="Placeholder").attr["dtype"].type = 1
    node = graph.node.add(name="y", op="Neg", input=["x"])
    node.attr["T"].type = 1
    return graph


def run(graph, outputs=("y:0",), x=1.0):
    return tf.graph_util.import_graph_def(graph, {"x:0": tf.constant(x)}, list(outputs))


def test_a_graph_runs():
    assert float(run(two_nodes())[0]) == -1.0


@pytest.mark.parametrize("given", ["graph.pb", None, 5])
def test_what_is_no_graph_is_an_error(given):
    with pytest.raises(TypeError, match=f"got {given!r}; graph_def must be a GraphDef"):
        tf.graph_util.import_graph_def(given)


def test_all_ops_that_are_missing_are_named():
    graph = two_nodes()
    graph.node.add(name="a", op="Nonesuch", input=["x"])
    graph.node.add(name="b", op="AnotherOne", input=["a"])
    with pytest.raises(NotImplementedError, match="ops that Tenfold does not have: AnotherOne, Nonesuch"):
        run(graph, ["b:0"])
    assert float(run(graph)[0]) == -1.0  # what is not needed does not matter


def test_a_circle_is_an_error():
    graph = two_nodes()
    graph.node[1].input[0] = "z"
    graph.node.add(name="z", op="Neg", input=["y"])
    with pytest.raises(ValueError, match="the graph goes in circles: y, z need one another"):
        run(graph)


def test_a_node_that_is_not_there_is_an_error():
    graph = two_nodes()
    graph.node[1].input[0] = "nothing"
    with pytest.raises(ValueError, match="uses the node 'nothing', which is not there"):
        run(graph)


def test_an_output_that_is_not_there_is_an_error():
    graph = two_nodes()
    graph.node[1].input[0] = "x:7"
    with pytest.raises(ValueError, match="output 7 of node 'x' is used, which has 1"):
        run(graph)


@pytest.mark.parametrize("count, what", [(0, "few"), (2, "many")])
def test_a_wrong_number_of_inputs_is_an_error(count, what):
    graph = two_nodes()
    graph.node[1].ClearField("input")
    graph.node[1].input.extend(["x"] * count)
    with pytest.raises(ValueError, match=f"has {count} inputs; that is too {what}"):
        run(graph)


def test_two_nodes_of_a_name_are_an_error():
    graph = two_nodes()
    graph.node.add(name="x", op="NoOp")
    with pytest.raises(ValueError, match="has two nodes 'x'"):
        run(graph)


def test_a_placeholder_without_a_value_is_an_error():
    with pytest.raises(ValueError, match="needs a value for its placeholder 'x'"):
        tf.graph_util.import_graph_def(two_nodes(), {}, ["y:0"])


def function(graph, name, calls):
    made = graph.library.function.add()
    made.signature.name = name
    made.signature.input_arg.add(name="x", type=1)
    made.signature.output_arg.add(name="y", type=1)
    last = "x"
    for i, called in enumerate(calls):
        node = made.node_def.add(name=f"call{i}", op="PartitionedCall", input=[last])
        node.attr["f"].func.name = called
        node.attr["Tin"].list.type.append(1)
        node.attr["Tout"].list.type.append(1)
        last = f"call{i}:output:0"
    made.ret["y"] = last
    return made


def calling(graph, name):
    node = graph.node.add(name="c", op="PartitionedCall", input=["x"])
    node.attr["f"].func.name = name
    node.attr["Tin"].list.type.append(1)
    node.attr["Tout"].list.type.append(1)
    return graph


def test_functions_that_call_each_other_are_an_error():
    graph = two_nodes()
    function(graph, "f", ["g"])
    function(graph, "g", ["f"])
    with pytest.raises(ValueError, match="function '[fg]' calls itself"):
        run(calling(graph, "f"), ["c:0"])


def test_a_function_that_is_not_there_is_an_error():
    with pytest.raises(ValueError, match="a function 'f' is called, which is not in the file"):
        run(calling(two_nodes(), "f"), ["c:0"])


def test_calls_that_multiply_end(monkeypatch):
    monkeypatch.setattr("tenfold.saved_model.importing._MOST_NODES", 10_000)
    graph = two_nodes()
    for i in range(40):
        function(graph, f"f{i}", [f"f{i + 1}"] * 2)
    function(graph, "f40", [])
    with pytest.raises(ValueError, match="would run more than"):
        run(calling(graph, "f0"), ["c:0"])


@pytest.mark.parametrize(
    "message, match",
    [
        (TensorProto(dtype=1, tensor_content=b"\0" * 7), "has 7 bytes"),
        (TensorProto(dtype=1, float_val=[1, 2]), "has 2 elements"),
        (TensorProto(dtype=99), "type number 99"),
        (TensorProto(dtype=20), "resource of shape"),
    ],
    ids=["bytes", "elements", "dtype", "resource"],
)
def test_a_constant_that_contradicts_itself_is_an_error(message, match):
    with pytest.raises(ValueError, match=match):
        array_of(message)


def test_a_few_bytes_do_not_become_a_huge_array():
    message = TensorProto(dtype=1, float_val=[1.0])
    for _ in range(4):
        message.tensor_shape.dim.add(size=1 << 15)
    with pytest.raises(ValueError, match="repeats one element"):
        array_of(message)


def test_complex_constants_have_the_dtype_that_they_say():
    """Those of complex64 once were complex128."""
    array = array_of(TensorProto(dtype=8, scomplex_val=[1.0, float("inf")]))
    assert array.dtype == np.complex64 and str(array) == "(1+infj)"


def test_short_constants_repeat_their_last_element():
    message = TensorProto(dtype=3, int_val=[1, 2])
    message.tensor_shape.dim.add(size=4)
    assert array_of(message).tolist() == [1, 2, 2, 2]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable([[1.0, 2.0]])

        @tf.function(input_signature=[tf.TensorSpec([None, 1], tf.float32), tf.TensorSpec([], tf.int32)])
        def f(self, x, n):
            y = x @ self.w
            for _ in tf.range(n):
                y = tf.where(y > 0.0, y * 2.0, -y)
            return {"y": y[:, 1]}

    folder = tmp_path_factory.mktemp("damaged") / "m"
    tf.saved_model.save(Net(), folder)
    return folder


def load_and_run(folder):
    loaded = tf.saved_model.load(folder)
    return loaded.f(tf.ones([3, 1]), tf.constant(2))["y"]


def test_what_no_object_is_is_an_error(saved, tmp_path):
    model = SavedModel.FromString((saved / "saved_model.pb").read_bytes())
    model.meta_graphs[0].object_graph_def.nodes[0].children[0].node_id = 1000
    copy(saved, tmp_path / "m", model.SerializeToString())
    with pytest.raises(ValueError, match="object 1000 is not among its"):
        tf.saved_model.load(tmp_path / "m")


def test_assets_lie_in_the_folder(saved, tmp_path):
    model = SavedModel.FromString((saved / "saved_model.pb").read_bytes())
    meta = model.meta_graphs[0]
    meta.object_graph_def.nodes.add().asset.asset_file_def_index = 0
    meta.asset_file_def.add(filename="../../etc/passwd")
    copy(saved, tmp_path / "m", model.SerializeToString())
    with pytest.raises(ValueError, match="outside of its folder"):
        tf.saved_model.load(tmp_path / "m")


def copy(saved, folder, data):
    (folder / "variables").mkdir(parents=True, exist_ok=True)
    for path in (saved / "variables").iterdir():
        (folder / "variables" / path.name).write_bytes(path.read_bytes())
    (folder / "saved_model.pb").write_bytes(data)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255), length=st.integers(0, 3))
def test_bytes_that_were_changed_are_an_error_or_a_result(saved, tmp_path, place, value, length):
    data = bytearray((saved / "saved_model.pb").read_bytes())
    at = int(place * len(data))
    data[at : at + length] = bytes([value])
    copy(saved, tmp_path / "m", bytes(data))
    try:
        found = load_and_run(tmp_path / "m")
    except (ValueError, TypeError, NotImplementedError, AttributeError, OSError, tf.errors.OpError):
        return
    assert isinstance(found, tf.Tensor) and isinstance(found.numpy(), np.ndarray)
