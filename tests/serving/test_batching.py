"""Requests that run together give what they give alone."""

import asyncio
import dataclasses
import shutil

import numpy as np
import pytest

import tenfold as tf
from tenfold.__main__ import main
from tenfold.compiler import loader
from tenfold.saved_model.restored import StoredTrace
from tenfold.serving.signature import Signature
from tests.serving.client import SMALL, asked, save, serving

PATH = "/v1/models/m:predict"


def together(folder, requests, settings=SMALL):
    """The answers to requests that come at the same time, and the numbers of those that ran together."""

    async def ask():
        async with serving(folder, settings=settings) as client:
            found = await asyncio.gather(*[client.post(PATH, r) for r in requests])
            _, text = await client.send("GET", "/metrics")
            return found, text.decode().splitlines()

    found, lines = asyncio.run(ask())
    (batches,) = [line for line in lines if line.startswith("tenfold_batch_requests_count")]
    return found, int(batches.split()[-1])


@pytest.fixture(scope="module")
def dense(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "m"
    kernel = np.random.default_rng(1).normal(size=(6, 3)).astype(np.float32)
    spec = tf.TensorSpec([None, 6], tf.float32, name="x")
    save(folder / "1", lambda x: {"y": tf.nn.softmax(x @ kernel)}, spec)
    return folder


@pytest.mark.parametrize("delay", [0.0, 0.02])
def test_joined_requests_give_what_they_give_alone(dense, delay):
    random = np.random.default_rng(2)
    requests = [{"instances": random.normal(size=(n, 6)).tolist()} for n in [1, 3, 2, 1, 9, 1, 4, 1, 1, 1] * 3]
    found, batches = together(dense, requests, dataclasses.replace(SMALL, batch_delay_seconds=delay))
    alone = asked(dense, *[(PATH, r) for r in requests])
    assert batches < len(requests) or not delay
    for (status, answer), (_, expected), request in zip(found, alone, requests, strict=True):
        assert status == 200
        assert len(answer["predictions"]) == len(request["instances"])
        np.testing.assert_allclose(answer["predictions"], expected["predictions"], rtol=1e-6)


def test_rows_that_depend_on_each_other_run_alone(tmp_path):
    spec = tf.TensorSpec([None], tf.float32, name="x")
    save(tmp_path / "m/1", lambda x: {"y": x - tf.reduce_mean(x)}, spec)
    found, batches = together(tmp_path / "m", [{"instances": [float(i), i + 2.0]} for i in range(8)])
    assert [answer["predictions"] for _, answer in found] == [[-1.0, 1.0]] * 8
    assert batches == 8


def test_requests_of_other_sizes_run_apart(tmp_path):
    save(tmp_path / "m/1", lambda x: {"y": x * 2.0}, tf.TensorSpec([None, None], tf.float32, name="x"))
    rows = [[float(i)] * (1 + i % 3) for i in range(9)]
    found, _ = together(tmp_path / "m", [{"instances": [row]} for row in rows])
    assert [answer["predictions"] for _, answer in found] == [[[2 * x for x in row]] for row in rows]


def test_an_error_stays_with_its_request(tmp_path):
    table = np.arange(5, dtype=np.float32)
    spec = tf.TensorSpec([None], tf.int32, name="i")
    save(tmp_path / "m/1", lambda i: {"y": tf.gather(table, i)}, spec)
    indices = [0, 1, 99, 2, 3, -1, 4]
    found, _ = together(tmp_path / "m", [{"instances": [i]} for i in indices])
    for i, (status, answer) in zip(indices, found, strict=True):
        if 0 <= i < 5:
            assert (status, answer) == (200, {"predictions": [float(i)]})
        else:
            assert status == 400
            assert str(i) in answer["error"]


def test_one_row_is_compiled_ahead_where_none_are_joined_but_nothing_is_changed(tmp_path):
    module, spec = tf.Module(), tf.TensorSpec([None, 2], tf.float32, name="x")
    module.count = tf.Variable(0)

    def summed(x):
        return {"y": x - tf.reduce_mean(x, 0)}

    def counted(x):
        module.count.assign_add(1)
        return summed(x)

    module.functions = {f.__name__: tf.function(f, input_signature=[spec]) for f in (summed, counted)}
    tf.saved_model.save(module, tmp_path, {key: f.get_concrete_function() for key, f in module.functions.items()})
    loaded = tf.saved_model.load(tmp_path)
    for name, programs in (("summed", 1), ("counted", 0)):
        signature = Signature(name, loaded.signatures[name], 4)
        signature.prepare(None, lambda: True)
        assert not signature.is_joinable and len(loaded.signatures[name].graph.programs) == programs
    assert int(loaded.count) == 0


@pytest.mark.skipif(not loader.HAS_IMAGES, reason="code is stored on Linux on x86-64")
def test_code_beside_the_model_is_used(dense, tmp_path, monkeypatch):
    """Requests are joined and padded for the sizes that there is code for, and nothing is traced."""
    shutil.copytree(dense, tmp_path / "m")
    requests = [{"instances": np.random.default_rng(n).random((n, 6)).tolist()} for n in (1, 3, 6)]
    expected, _ = together(dense, requests)
    assert main(["compile", str(tmp_path / "m" / "1"), "--batch", "1,4"]) == 0
    monkeypatch.setattr(StoredTrace, "traced", lambda *_: pytest.fail("traced"))
    found, _ = together(tmp_path / "m", requests, dataclasses.replace(SMALL, compiled=True))
    for (status, answer), (_, other) in zip(found, expected, strict=True):
        assert status == 200
        np.testing.assert_allclose(answer["predictions"], other["predictions"], rtol=1e-5)


def test_all_texts_of_json_are_answered(dense):
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
    values = st.recursive(
        leaves, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=3), x, max_size=2)
    )
    documents = values | st.fixed_dictionaries({"instances": values}) | st.fixed_dictionaries({"inputs": values})

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(documents, min_size=20, max_size=20))
    def check(batch):
        for status, answer in asked(dense, *[(PATH, x) for x in batch]):
            assert status in (200, 400)
            assert list(answer) == [("error" if status == 400 else "outputs")]

    check()
