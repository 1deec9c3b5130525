"""Machine code beside a model: it is used where it fits and was asked for, and nowhere else."""

from __future__ import annotations

import logging
import os
import subprocess
import sys

import numpy as np
import pytest

import tenfold as tf
from tenfold.__main__ import main
from tenfold.compiler import loader
from tenfold.saved_model import compiled, restored
from tenfold.saved_model.restored import CompiledFunction

pytestmark = pytest.mark.skipif(not loader.HAS_IMAGES, reason="code is stored on Linux on x86-64")
COMPILED = tf.saved_model.LoadOptions(compiled=True)


class Net(tf.Module):
    def __init__(self):
        super().__init__()
        rng = np.random.default_rng(0)
        self.w = tf.Variable(rng.standard_normal((6, 300)), dtype=tf.float32)
        self.table = tf.Variable(rng.standard_normal((5, 3)), dtype=tf.float32)
        self.calls = tf.Variable(0)
        self.shift = tf.constant(rng.standard_normal(300), tf.float32)

    @tf.function(input_signature=[tf.TensorSpec([None, 6], tf.float32, name="x")])
    def __call__(self, x):
        y = tf.nn.softmax(x @ self.w + self.shift)
        return {"y": y, "top": tf.argmax(y, 1)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="ids")])
    def rows(self, ids):
        return tf.exp(tf.gather(self.table, ids))

    @tf.function(input_signature=[tf.TensorSpec([2, 6], tf.float32, name="x")])
    def counted(self, x):
        self.calls.assign_add(1)
        return tf.exp(x) * 2.0

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="x")])
    def text(self, x):
        return tf.stack([x, x])


@pytest.fixture
def folder(tmp_path):
    net = Net()
    tf.saved_model.save(net, tmp_path / "1", {"serving_default": net.__call__, "rows": net.rows})
    assert main(["compile", str(tmp_path / "1"), "--batch", "1,4"]) == 0
    return tmp_path / "1"


X = np.random.default_rng(1).standard_normal((4, 6)).astype(np.float32)


@pytest.fixture
def traced(monkeypatch):
    """The names of stored traces that were traced."""
    names = []
    trace = restored.StoredTrace.traced
    monkeypatch.setattr(
        restored.StoredTrace, "traced", lambda self, specs: names.append(self.name) or trace(self, specs)
    )
    return names


def test_what_was_compiled_needs_no_trace(folder, traced):
    plain = tf.saved_model.load(folder)
    expected, rows = plain(X), plain.rows([3, 1, 4, 1])
    traced.clear()
    loaded = tf.saved_model.load(folder, options=COMPILED)
    for found in (loaded(X), loaded.signatures["serving_default"](x=X), loaded.signatures["serving_default"](X)):
        np.testing.assert_array_equal(found["y"], expected["y"])
        np.testing.assert_array_equal(found["top"], expected["top"])
    np.testing.assert_array_equal(loaded(X[:1])["y"], plain(X[:1])["y"])
    np.testing.assert_array_equal(loaded.rows([3, 1, 4, 1]), rows)
    assert loaded.signatures["serving_default"].structured_outputs["y"].shape.as_list() == [None, 300]
    assert traced == []


def test_variables_are_those_of_the_loaded_object(folder):
    loaded = tf.saved_model.load(folder, options=COMPILED)
    loaded.w.assign(loaded.w * 0.0)
    loaded.shift = None  # an attribute is not what the function captured
    np.testing.assert_allclose(loaded(X)["y"], tf.nn.softmax(tf.tile(Net().shift[None], [4, 1])), rtol=1e-6)


def test_it_runs_where_llvmlite_is_not(folder):
    script = f"""
import sys
sys.modules["llvmlite"] = None
import numpy as np
import tenfold as tf
x = np.frombuffer({X.tobytes()!r}, np.float32).reshape(4, 6)
loaded = tf.saved_model.load({str(folder)!r}, options=tf.saved_model.LoadOptions(compiled=True))
print(loaded(x)["y"].numpy().tobytes().hex())
"""
    environment = os.environ | {"TENFOLD_CACHE_DIR": ""}
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert run.stderr == "" and bytes.fromhex(run.stdout) == tf.saved_model.load(folder)(X)["y"].numpy().tobytes()


def test_other_shapes_and_gradients_take_the_plain_path(folder, traced):
    plain, loaded = tf.saved_model.load(folder), tf.saved_model.load(folder, options=COMPILED)
    traced.clear()
    more = np.concatenate([X, X])
    np.testing.assert_array_equal(loaded(more)["y"], plain(more)["y"])
    assert len(traced) > 0
    with tf.GradientTape(persistent=True) as tape:
        found, expected = (tf.reduce_sum(m(X)["y"] ** 2.0) for m in (loaded, plain))
    np.testing.assert_allclose(tape.gradient(found, loaded.w), tape.gradient(expected, plain.w), rtol=1e-6)
    assert tf.function(lambda x: loaded(x)["y"] * 2.0)(X).shape == (4, 300)


def test_errors_are_those_of_the_plain_path(folder):
    texts = []
    for options in (COMPILED, None):
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            tf.saved_model.load(folder, options=options).rows([0, 1, 9, 2])
        texts.append(caught.value.message)
    assert texts[0] == texts[1] and "9" in texts[0]


def used(folder):
    loaded = tf.saved_model.load(folder, options=COMPILED)
    assert loaded(X)["y"].shape == (4, 300)
    return isinstance(loaded.signatures["serving_default"], CompiledFunction)


def test_it_is_used_only_when_asked_for(folder):
    assert used(folder)
    assert not isinstance(tf.saved_model.load(folder).signatures["serving_default"], CompiledFunction)


def file_of(folder):
    (path,) = (folder / "assets.extra" / "tenfold").iterdir()
    return path


def test_no_damage_gets_through(folder, caplog):
    path = file_of(folder)
    whole = path.read_bytes()
    assert used(folder)
    caplog.set_level(logging.DEBUG, "tenfold")
    for place in range(0, len(whole), len(whole) // 40):
        for data in (whole[:place], whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]):
            path.write_bytes(data)
            assert compiled.read(str(folder)) is None
    assert not used(folder) and "is damaged, and not used" in caplog.text
    path.unlink()
    assert not used(folder) and "has no machine code" in caplog.text


@pytest.mark.parametrize("what", ["processor", "version"])
def test_another_processor_or_version_takes_the_plain_path(folder, what, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG, "tenfold")
    if what == "processor":
        monkeypatch.setattr(compiled.target, "fingerprint", lambda: "x86_64 of another kind")
    else:
        monkeypatch.setattr(compiled, "TENFOLD_VERSION", "0.0.1")
    assert not used(folder) and "has no machine code for this processor and version" in caplog.text
    path = file_of(folder)
    path.rename(compiled._path(str(folder)))  # as if it were for this one
    assert not used(folder) and "was made for another processor, version or model" in caplog.text


def test_code_of_another_model_is_not_used(folder, tmp_path, caplog):
    caplog.set_level(logging.DEBUG, "tenfold")
    net = Net()
    net.shift = tf.zeros(300)
    tf.saved_model.save(net, tmp_path / "2")
    target = tmp_path / "2" / "assets.extra" / "tenfold" / file_of(folder).name
    target.parent.mkdir(parents=True)
    target.write_bytes(file_of(folder).read_bytes())
    assert not isinstance(tf.saved_model.load(tmp_path / "2", options=COMPILED).rows, CompiledFunction)
    assert "or model, and is not used" in caplog.text


def test_the_command_says_what_it_stores(tmp_path, capsys):
    tf.saved_model.save(Net(), tmp_path / "1")
    assert main(["compile", str(tmp_path / "1"), "--batch", "2,2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("stored: __inference___call__") for line in lines) == 1
    assert any(line.startswith("not stored: __inference_counted") and "writes the variables" in line for line in lines)
    assert any(line.startswith("not stored: __inference_text") and "would run on NumPy" in line for line in lines)
    assert lines[-1] == f"wrote {file_of(tmp_path / '1')}"


@pytest.mark.parametrize(
    "arguments, code, text",
    [
        (["no such folder"], 1, "SavedModel file does not exist"),
        (["x", "--batch", "0"], 2, "must be positive numbers"),
        (["x", "--batch", "1,a"], 2, "must be positive numbers"),
    ],
)
def test_the_command_says_what_is_wrong(arguments, code, text, capsys):
    try:
        found = main(["compile", *arguments])
    except SystemExit as stop:
        found = stop.code
    assert found == code and text in capsys.readouterr().err


def test_nothing_to_store_is_an_error(tmp_path, capsys):
    module = tf.Module()
    module.f = tf.function(lambda x: tf.stack([x, x]), input_signature=[tf.TensorSpec([None], tf.string)])
    tf.saved_model.save(module, tmp_path / "1")
    assert main(["compile", str(tmp_path / "1")]) == 1
    assert "nothing could be stored" in capsys.readouterr().err
    assert not (tmp_path / "1" / "assets.extra").exists()
