"""Graphs of objects that say anything: restoring ends, with an error of a known class or without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tenfold as tf
from tenfold.protos import objects as messages
from tenfold.train.bundle_writer import write_bundle

KEY = "v/.ATTRIBUTES/VARIABLE_VALUE"
names = st.sampled_from(["v", "items", "0", "1", "inner", "optimizer", "_variables", "iter", "layer-0", "x"])
numbers = st.integers(-1, 5)
keys = st.sampled_from([KEY, "missing", "", "_CHECKPOINTABLE_OBJECT_GRAPH"])
attribute = st.builds(
    lambda name, key: {"name": name, "checkpoint_key": key}, st.sampled_from(["VARIABLE_VALUE", "py_state", "x"]), keys
)
node = st.builds(
    lambda children, attributes, own, slots: {
        "children": [{"local_name": name, "node_id": number} for name, number in children],
        "attributes": attributes,
        "own_attributes": own,
        "slot_variables": [
            {"original_variable_node_id": a, "slot_name": "m", "slot_variable_node_id": b} for a, b in slots
        ],
    },
    st.lists(st.tuples(names, numbers), max_size=5),
    st.lists(attribute, max_size=2),
    st.lists(attribute, max_size=1),
    st.lists(st.tuples(numbers, numbers), max_size=2),
)


class Tree(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.v = tf.Variable([1.0, 2.0])
        self.items = [tf.Variable([0.0, 0.0]), {"x": self.v}]
        self.inner = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
        self.optimizer = tf.keras.optimizers.Adam()
        self.optimizer.build(self.inner.trainable_variables)


def write(prefix: Path, graph: bytes) -> str:
    text = np.empty((), object)
    text[()] = graph
    write_bundle(str(prefix), {KEY: np.array([3.0, 4.0], np.float32), "_CHECKPOINTABLE_OBJECT_GRAPH": text})
    return str(prefix)


def restore(path: str) -> None:
    checkpoint = tf.train.Checkpoint(Tree())
    try:
        status = checkpoint.read(path).expect_partial()
        for ask in (status.assert_consumed, status.assert_nontrivial_match):
            try:
                ask()
            except AssertionError:
                pass
    except (tf.errors.DataLossError, tf.errors.NotFoundError, tf.errors.InvalidArgumentError, ValueError):
        pass


@settings(deadline=None, max_examples=50)
@given(st.lists(node, min_size=1, max_size=6))
def test_any_graph(tmp_path_factory: Any, nodes: list[dict]) -> None:
    graph = messages.TrackableObjectGraph(nodes=nodes)
    restore(write(tmp_path_factory.getbasetemp() / "graph", graph.SerializeToString()))


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=60))
def test_any_bytes(tmp_path_factory: Any, graph: bytes) -> None:
    restore(write(tmp_path_factory.getbasetemp() / "bytes", graph))


@pytest.mark.parametrize("graph", [b"", b"\xff", messages.TrackableObjectGraph(nodes=[{"children": [{"node_id": 7}]}])])
def test_a_graph_that_cannot_be_is_a_loss_of_data(graph: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "x", graph if isinstance(graph, bytes) else graph.SerializeToString())
    with pytest.raises(tf.errors.DataLossError, match="object graph of checkpoint .* is damaged"):
        tf.train.Checkpoint(Tree()).read(path)
