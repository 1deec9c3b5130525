"""SavedModels that TensorFlow wrote (`tests/golden/make_saved_models.py`): they give here what they gave there."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf
from tenfold.compiler import loader
from tenfold.saved_model.compiling import compile_functions
from tests.golden.archive import unpack
from tests.golden.make_saved_models import ARCHIVE
from tests.golden.model_kind_results import read_functions, read_model
from tests.golden.model_kinds import KINDS
from tests.golden.saved_model_results import compare, results
from tests.golden.saved_models import MODULES


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return unpack(ARCHIVE, tmp_path_factory.mktemp("saved_models"))


@pytest.mark.parametrize("name", MODULES)
def test_a_module_gives_the_same_results_and_gradients(folder, name):
    path = folder / "modules" / name
    assert compare(results(tf, tf.saved_model.load(path), MODULES[name](tf)), path) == []


@pytest.mark.parametrize("name", KINDS)
def test_an_exported_model_gives_the_same_results_and_gradients_and_trains(folder, name):
    path = folder / "kinds" / name
    assert not any(read_functions(tf, tf.keras, name, path).values())
    if name != "module":
        assert not any(read_model(tf, tf.keras, name, path, is_exact=False).values())


@pytest.mark.skipif(not loader.HAS_IMAGES, reason="code is stored on Linux on x86-64")
@pytest.mark.parametrize("name", ["modules/lstm", "kinds/lstm", "kinds/bidirectional"])
def test_loops_over_time_are_part_of_one_native_call(folder, name):
    """The lists that they write once had no batch before the first time step, so loops ran from Python."""
    lines = list(compile_functions(str(folder / name), [3]))
    assert lines and not [line for line in lines if "run on NumPy" in line]


def test_a_loaded_model_goes_on_training(folder):
    loaded = tf.saved_model.load(folder / "kinds" / "mlp")
    x, y = np.ones((4, 5), np.float32), np.zeros((4, 3), np.float32)
    optimizer, losses = tf.keras.optimizers.SGD(0.1), []
    for _ in range(5):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((loaded.serve(x) - y) ** 2)
        optimizer.apply_gradients(
            zip(tape.gradient(loss, loaded.trainable_variables), loaded.trainable_variables, strict=True)
        )
        losses.append(float(loss))
    assert losses == sorted(losses, reverse=True) and losses[-1] < losses[0] / 2


def test_second_derivatives_flow_through_a_loaded_function(folder):
    loaded = tf.saved_model.load(folder / "modules" / "mlp")
    x = tf.constant(np.random.default_rng(0).standard_normal((2, 4)).astype(np.float32))
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = loaded(x)[:, 0]
        dx = inner.gradient(y, x)
    ddx = outer.gradient(dx, x)
    assert ddx is not None and float(tf.reduce_max(tf.abs(ddx))) > 0


def test_a_loaded_object_has_what_the_saved_one_held(folder):
    loaded = tf.saved_model.load(folder / "modules" / "functions")
    assert [v.shape for v in loaded.variables] == [(3,), (3,)]
    assert isinstance(loaded.parts, list) and isinstance(loaded.named, dict)
    assert loaded.tensorflow_version == "2.21.0"
    assert loaded.f.experimental_get_tracing_count() == 0


def test_other_sizes_than_the_stored_ones_are_traced_anew(folder):
    loaded = tf.saved_model.load(folder / "modules" / "functions")
    x = tf.ones([5, 3])
    expected = x * loaded.parts[0].v * 2.0
    np.testing.assert_allclose(loaded.f(x, training=True)["y"], expected)


def test_a_call_that_fits_no_trace_is_an_error_that_lists_them(folder):
    loaded = tf.saved_model.load(folder / "modules" / "functions")
    with pytest.raises(ValueError, match=r"got \(float32\(2,\)\); its traces take:\n  1. float32\(2, 3\), False"):
        loaded.f(tf.ones([2]))


def test_a_saved_model_of_tensorflow_can_be_saved_again(folder, tmp_path):
    loaded = tf.saved_model.load(folder / "modules" / "mlp")
    x = tf.ones([2, 4])
    before = loaded(x)
    loaded.w1.assign(loaded.w1 * 2.0)
    tf.saved_model.save(loaded, tmp_path / "again")
    again = tf.saved_model.load(tmp_path / "again")
    np.testing.assert_allclose(again(x), loaded(x))
    assert not np.allclose(again(x), before)
