"""Ops that read and write files: graphs run them only where they are allowed by name."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf
from tenfold.protos.graph import GraphDef

STRING, FLOAT = 7, 1


def graph_of(name, op, **types):
    """A GraphDef with a text placeholder `path` and a node that takes it, with types as attributes."""
    graph = GraphDef()
    graph.node.add(name="path", op="Placeholder").attr["dtype"].type = STRING
    node = graph.node.add(name=name, op=op, input=["path"])
    for key, value in types.items():
        node.attr[key].list.type.append(value)
    return graph


def texts(graph, name, value):
    """Enters a constant vector of one text."""
    node = graph.node.add(name=name, op="Const")
    node.attr["dtype"].type = STRING
    tensor = node.attr["value"].tensor
    tensor.dtype = STRING
    tensor.tensor_shape.dim.add(size=1)
    tensor.string_val.append(value.encode())


def run(graph, path, outputs, allowed=()):
    given = {"path:0": tf.constant(str(path))}
    return tf.graph_util.import_graph_def(graph, given, outputs, allowed_ops=allowed)


def reading():
    return graph_of("read", "ReadFile")


def copying():
    graph = reading()
    graph.node.add(name="copy", op="Placeholder").attr["dtype"].type = STRING
    graph.node.add(name="write", op="WriteFile", input=["copy", "read"])
    graph.node.add(name="done", op="Identity", input=["read", "^write"]).attr["T"].type = STRING
    return graph


def test_what_is_refused_is_named_with_the_way_to_allow_it(tmp_path):
    match = (
        r"may not run unless you allow it: ReadFile \(reads files\), WriteFile \(writes files\)\. .*"
        r"allowed_ops=\['ReadFile', 'WriteFile'\]"
    )
    with pytest.raises(NotImplementedError, match=match):
        run(copying(), tmp_path / "a", ["done:0"])
    with pytest.raises(NotImplementedError, match=r"allow it: WriteFile \(writes files\)"):
        run(copying(), tmp_path / "a", ["done:0"], ["ReadFile"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("op", ["PyFunc", "EagerPyFunc", "PyFuncStateless"])
def test_python_functions_never_run(op):
    graph = graph_of("call", op, Tin=STRING, Tout=STRING)
    with pytest.raises(NotImplementedError, match=f"ops whose Python code is not in the file: {op}. Nobody can run"):
        run(graph, "", ["call:0"])
    with pytest.raises(ValueError, match=f"allowed_ops has '{op}', which cannot be run"):
        run(graph, "", ["call:0"], [op])


def test_names_that_need_no_permission_are_errors():
    with pytest.raises(ValueError, match="has 'Relu'; only these ops must be allowed: .*ReadFile.*WriteFile"):
        run(reading(), "", ["read:0"], ["Relu"])
    with pytest.raises(ValueError, match=r"must be a list of names: allowed_ops=\['ReadFile'\]"):
        run(reading(), "", ["read:0"], "ReadFile")


def test_allowed_ops_read_and_write_when_they_run(tmp_path):
    @tf.function
    def copy(path, target):
        given = {"path:0": path, "copy:0": target}
        return tf.graph_util.import_graph_def(copying(), given, ["done:0"], allowed_ops=["ReadFile", "WriteFile"])[0]

    path, target = tmp_path / "text", tmp_path / "folder" / "copy"
    for content in (b"one", b"\x00\xfftwo"):
        path.write_bytes(content)
        assert copy(tf.constant(str(path)), tf.constant(str(target))).numpy() == content
        assert target.read_bytes() == content
    assert copy.experimental_get_tracing_count() == 1


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(tf.errors.NotFoundError, match="ReadFile: '.*nothing' cannot be read"):
        run(reading(), tmp_path / "nothing", ["read:0"], ["ReadFile"])


def checkpoint_graph(part=""):
    graph = reading()
    texts(graph, "names", "a")
    texts(graph, "parts", part)
    graph.node.add(name="x", op="Placeholder").attr["dtype"].type = FLOAT
    save = graph.node.add(name="save", op="SaveV2", input=["path", "names", "parts", "x"])
    save.attr["dtypes"].list.type.append(FLOAT)
    restore = graph.node.add(name="restore", op="RestoreV2", input=["path", "names", "parts"])
    restore.attr["dtypes"].list.type.append(FLOAT)
    return graph


def test_checkpoints_are_written_and_read(tmp_path):
    x, path = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), str(tmp_path / "c")
    given = {"path:0": tf.constant(path), "x:0": x}
    ops = ["SaveV2", "RestoreV2"]
    with pytest.raises(NotImplementedError, match=r"SaveV2 \(writes files\)"):
        tf.graph_util.import_graph_def(checkpoint_graph(), given)
    graph = checkpoint_graph()
    graph.node.add(name="saved", op="Identity", input=["x", "^save"]).attr["T"].type = FLOAT
    tf.graph_util.import_graph_def(graph, given, ["saved:0"], allowed_ops=ops)
    np.testing.assert_array_equal(tf.train.load_variable(path, "a"), x)
    (part,) = run(checkpoint_graph("3 2 1,2:-"), path, ["restore:0"], ops)
    np.testing.assert_array_equal(part, x[1:])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"'a' has shape \(3, 2\); \(4, 2\) is expected"):
        run(checkpoint_graph("4 2 1,2:-"), path, ["restore:0"], ops)
    with pytest.raises(tf.errors.InvalidArgumentError, match="is no part of a tensor"):
        run(checkpoint_graph("3 2 rows"), path, ["restore:0"], ops)
