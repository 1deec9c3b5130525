"""Gradients of loops that TensorFlow wrote: lists onto which one loop pushes and off which another pops are native loops here."""

import numpy as np
import pytest

import tenfold as tf
from tenfold.graph.native import compiled
from tests.golden.archive import unpack


@pytest.mark.parametrize("name", ["over_a_range", "until", "of_five_turns", "of_any_size"])
def test_gradients_of_loops_in_files_of_tensorflow(name, tmp_path):
    folder = unpack("loop_saved_model.tar.xz", tmp_path)
    results, loaded = np.load(folder / "results.npz"), tf.saved_model.load(folder)
    step, x = getattr(loaded, f"{name}_slopes"), tf.constant(results["x"])
    for n in (0, 1, 5):
        for i, d in enumerate(step(x, tf.constant(n))):
            np.testing.assert_allclose(tf.convert_to_tensor(d), results[f"{name}/{n}/{i}"], 1e-4, 1e-6)
    if name == "of_any_size":  # runs turn by turn: how large the elements of lists are is not known
        return
    nodes = compiled(step.get_concrete_function(x, tf.constant(5)).graph).nodes
    assert not {"while", "Scan"}.intersection(node.op.name for node in nodes)
