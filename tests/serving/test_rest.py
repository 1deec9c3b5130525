"""The REST interface, as TensorFlow Serving's documentation has it."""

import asyncio
import base64
import gzip
import json
import math

import pytest

import tenfold as tf
from tenfold.serving import Settings
from tests.serving.client import SMALL, asked, save, save_line, serving

F32, I64, TEXT = tf.float32, tf.int64, tf.string


def spec(dtype, *shape, name):
    return tf.TensorSpec(shape, dtype, name=name)


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "half_plus_three"
    save_line(folder / "123")
    return folder


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A model with all kinds of inputs and outputs."""
    folder = tmp_path_factory.mktemp("models") / "many"

    def mixed(tag, signal, sensor):
        return {"tag": tag, "total": tf.reduce_sum(signal, 1) + tf.reduce_sum(sensor, [1, 2])}

    save(
        folder / "1",
        mixed,
        spec(TEXT, None, name="tag"),
        spec(I64, None, 3, name="signal"),
        spec(I64, None, 2, 2, name="sensor"),
        ratio=(lambda x: {"ratio": 1.0 / x}, spec(F32, None, name="x")),
        negated=(lambda x: {"y": tf.logical_not(x)}, spec(tf.bool, None, name="x")),
        echo=(lambda image_bytes: {"image_bytes": image_bytes}, spec(TEXT, None, name="image_bytes")),
        words=(lambda x: {"x": x}, spec(TEXT, None, name="x")),
        large=(lambda x: {"y": x + 1}, spec(I64, None, name="x")),
        half=(lambda x: {"y": x + x}, spec(tf.float16, None, name="x")),
        scalar=(lambda x: {"y": x * x}, spec(F32, name="x")),
        whole=(lambda x: {"y": tf.reduce_sum(x)}, spec(F32, None, name="x")),
        free=(lambda x: {"y": x * 2.0}, tf.TensorSpec(None, F32, name="x")),
        regression=(lambda x: {"outputs": x * 2.0}, spec(F32, None, 1, name="x")),
        weighted=(lambda x: {"outputs": x @ [[1.0], [2.0]]}, spec(F32, None, 2, name="x")),
        single=(lambda x: {"outputs": x @ [[3.0]]}, spec(F32, None, 1, name="x")),
        classes=(
            lambda a, b: {"scores": tf.stack([a, b], 1), "classes": tf.fill([tf.size(a), 2], "c")},
            spec(F32, None, name="a"),
            spec(F32, None, name="b"),
        ),
        scores=(lambda a: {"scores": tf.stack([a, a + 1.0], 1)}, spec(F32, None, name="a")),
    )
    return folder


PREDICT = "/v1/models/many:predict"


def test_status_lists_versions(line):
    expected = {"version": "123", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    for path in ("/v1/models/half_plus_three", "/v1/models/half_plus_three/versions/123"):
        assert asked(line, (path, None)) == (200, {"model_version_status": [expected]})


def test_metadata_has_the_signatures(line):
    status, found = asked(line, ("/v1/models/half_plus_three/metadata", None))
    assert status == 200
    assert found["model_spec"] == {"name": "half_plus_three", "signature_name": "", "version": "123"}
    signature = found["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert signature["method_name"] == "tensorflow/serving/predict"
    assert signature["inputs"]["x"] == {
        "name": "serving_default_x:0",
        "dtype": "DT_FLOAT",
        "tensor_shape": {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False},
    }
    assert list(signature["outputs"]) == ["y"]


def test_predict_by_rows_and_columns(line):
    one, two = asked(
        line,
        ("/v1/models/half_plus_three:predict", {"instances": [1.0, 2.0, 5.0]}),
        ("/v1/models/half_plus_three/versions/123:predict", {"inputs": {"x": [1.0, 2]}}),
    )
    assert one == (200, {"predictions": [3.5, 4.0, 5.5]})
    assert two == (200, {"outputs": [3.5, 4.0]})


@pytest.mark.parametrize(
    "request_, expected",
    [
        (
            {"instances": [
                {"tag": "foo", "signal": [1, 2, 3], "sensor": [[1, 2], [3, 4]]},
                {"tag": {"b64": "YmFy"}, "signal": [3, 4, 1], "sensor": [[4, 5], [6, 8]]},
            ]},
            {"predictions": [{"tag": "foo", "total": 16}, {"tag": "bar", "total": 31}]},
        ),
        (
            {"inputs": {"tag": ["foo"], "signal": [[1, 2, 3]], "sensor": [[[1, 2], [3, 4]]]}},
            {"outputs": {"tag": ["foo"], "total": [16]}},
        ),
        ({"signature_name": "negated", "instances": [True, False]}, {"predictions": [False, True]}),
        ({"signature_name": "large", "instances": [2**62]}, {"predictions": [2**62 + 1]}),
        ({"signature_name": "half", "instances": [1.5]}, {"predictions": [3.0]}),
        ({"signature_name": "ratio", "instances": [[0.5], [2.0]]}, {"predictions": [[2.0], [0.5]]}),
        ({"signature_name": "regression", "instances": [1.0, 2.0, 5.0]}, {"predictions": [2.0, 4.0, 10.0]}),
        ({"signature_name": "scalar", "inputs": 3.0}, {"outputs": 9.0}),
        ({"signature_name": "whole", "inputs": [1.0, 2.0]}, {"outputs": 3.0}),
        ({"signature_name": "whole", "inputs": []}, {"outputs": 0.0}),
        ({"signature_name": "free", "inputs": [[1.0], [2.0]]}, {"outputs": [[2.0], [4.0]]}),
        (
            {"signature_name": "echo", "instances": [{"b64": "/w=="}, "a"]},
            {"predictions": [{"b64": "/w=="}, {"b64": "YQ=="}]},
        ),
        ({"signature_name": "words", "inputs": ["é", {"b64": "/w"}]}, {"outputs": ["é", {"b64": "/w=="}]}),
        ({"signature_name": "words", "inputs": {"x": ["a"]}}, {"outputs": ["a"]}),
    ],
)  # fmt: skip
def test_predict(many, request_, expected):
    assert asked(many, (PREDICT, request_)) == (200, expected)


def test_numbers_that_json_lacks_are_written_as_tensorflow_serving_does(many):
    async def ask():
        async with serving(many) as client:
            text = b'{"signature_name": "ratio", "instances": [0.0, -0.0, NaN, Infinity, 5, 1e-1]}'
            return await client.send("POST", PREDICT, text)

    status, text = asyncio.run(ask())
    assert (status, text) == (200, b'{"predictions": [Infinity, -Infinity, NaN, 0.0, 0.2, 10.0]}')
    assert math.isnan(json.loads(text)["predictions"][2])


def test_float32_has_as_few_digits_as_tell_it_apart(many):
    async def ask():
        async with serving(many) as client:
            return await client.send("POST", PREDICT, b'{"signature_name": "ratio", "instances": [5.0, 3.0]}')

    assert asyncio.run(ask()) == (200, b'{"predictions":[0.2,0.33333334]}')


@pytest.mark.parametrize(
    "path, request_, expected",
    [
        ("regress", {"signature_name": "regression", "examples": [{"x": [1.0]}, {"x": [2.0]}]}, [2.0, 4.0]),
        ("regress", {"signature_name": "weighted", "examples": [{"x": [1.0, 2.0]}, {"x": [0.5, 1.0]}]}, [5.0, 2.5]),
        ("regress", {"signature_name": "single", "examples": [{"x": 1.0}, {"x": 2.0}]}, [3.0, 6.0]),
        (
            "classify",
            {"signature_name": "classes", "examples": [{"a": 0.25}, {"a": 0.5}], "context": {"b": 0.75}},
            [[["c", 0.25], ["c", 0.75]], [["c", 0.5], ["c", 0.75]]],
        ),
        ("classify", {"signature_name": "scores", "examples": [{"a": 1.0}]}, [[["", 1.0], ["", 2.0]]]),
    ],
)
def test_classify_and_regress(many, path, request_, expected):
    assert asked(many, (f"/v1/models/many:{path}", request_)) == (200, {"results": expected})


def test_a_signature_of_one_text_gets_examples_as_messages(tmp_path):
    save(tmp_path / "m/1", lambda inputs: {"classes": inputs[:, None]}, spec(TEXT, None, name="inputs"))
    examples = [{"x": 1.5, "n": [1, 2], "s": ["a", {"b64": "/w=="}]}]
    status, found = asked(tmp_path / "m", ("/v1/models/m:classify", {"examples": examples}))
    assert status == 200
    label = found["results"][0][0][0]
    text = label.encode() if isinstance(label, str) else base64.b64decode(label["b64"])
    features = tf.train.Example.FromString(text).features.feature
    assert [*features["x"].float_list.value] == [1.5]
    assert [*features["n"].int64_list.value] == [1, 2]
    assert [*features["s"].bytes_list.value] == [b"a", b"\xff"]


def test_a_signature_that_parses_examples_is_asked_as_tensorflow_serving_is(tmp_path):
    def half_plus_two(inputs):
        x = tf.io.parse_example(inputs, {"x": tf.io.FixedLenFeature([1], tf.float32)})["x"]
        return {"outputs": 0.5 * x + 2.0}

    save(tmp_path / "m/1", half_plus_two, spec(TEXT, None, name="inputs"))
    document = {"examples": [{"x": 1.0}, {"x": 5.0}]}
    assert asked(tmp_path / "m", ("/v1/models/m:regress", document)) == (200, {"results": [2.5, 4.5]})
    status, found = asked(tmp_path / "m", ("/v1/models/m:regress", {"examples": [{"y": 1.0}]}))
    assert status == 400 and "Feature: x (data type: float32) is required" in found["error"]


@pytest.mark.parametrize(
    "document, message",
    [
        (b"", "JSON Parse error"),
        (b"{", "JSON Parse error"),
        (b"NaN{", "JSON Parse error"),
        (b'{"instances": ' + b"[" * 5000, "JSON Parse error"),
        (b"[" * 100000 + b"NaN", "JSON Parse error"),
        (b"\xff", "JSON Parse error"),
        ([1], "must be a JSON object"),
        ({}, "either 'instances' or 'inputs'"),
        ({"instances": [1.0], "inputs": [1.0]}, "either 'instances' or 'inputs'"),
        ({"signature_name": 3, "instances": [1.0]}, "must be a text"),
        ({"signature_name": "no", "instances": [1.0]}, 'Serving signature name: "no" not found'),
        ({"signature_name": "ratio", "instances": []}, "at least one"),
        ({"signature_name": "ratio", "instances": 1.0}, "must be a list"),
        ({"signature_name": "ratio", "instances": ["1"]}, "elements must be float32, the JSON text has str"),
        ({"signature_name": "ratio", "instances": [1.0, True]}, "the JSON text has bool"),
        ({"signature_name": "ratio", "instances": [None]}, "the JSON text has NoneType"),
        ({"signature_name": "ratio", "instances": [{"b64": "YQ=="}]}, "the JSON text has dict"),
        ({"signature_name": "ratio", "instances": [1e39]}, "too large for float32"),
        ({"signature_name": "ratio", "instances": [10**400]}, "JSON Parse error"),
        ({"signature_name": "weighted", "instances": [[1.0, 2.0, 3.0]]}, "for these sizes its graph fails"),
        ({"signature_name": "ratio", "instances": [[1.0], [1.0, 2.0]]}, "differ in length or kind"),
        ({"signature_name": "ratio", "instances": [[1.0], 2.0]}, "differ in length or kind"),
        ({"signature_name": "free", "inputs": json.loads("[" * 50 + "]" * 50)}, "nested deeper than 32"),
        ({"signature_name": "large", "instances": [1.5]}, "the JSON text has float"),
        ({"signature_name": "large", "instances": [2**63]}, "too large"),
        ({"signature_name": "negated", "instances": [1]}, "the JSON text has int"),
        ({"signature_name": "words", "instances": [1]}, "elements must be texts"),
        ({"signature_name": "words", "instances": [{"b64": "!"}]}, "not base64"),
        ({"signature_name": "words", "inputs": [{"b64": 1}]}, "b64"),
        (b'{"signature_name": "words", "instances": ["\\ud800"], "x": NaN}', "surrogates not allowed"),
        ({"signature_name": "ratio", "inputs": {"y": [1.0]}}, "Unknown inputs ['y']"),
        ({"signature_name": "ratio", "inputs": {}}, "Missing input 'x'"),
        ({"instances": [1]}, "must be objects with the keys"),
        ({"inputs": [1]}, "must be an object with the keys"),
        ({"instances": [{"tag": "a"}, {"signal": [1, 2, 3]}]}, "with the same keys"),
        ({"signature_name": "whole", "instances": [1.0]}, "no common number of rows"),
    ],
)  # fmt: skip
def test_bad_requests_are_told_why(many, document, message):
    status, found = asked(many, (PREDICT, document))
    assert status == 400
    assert list(found) == ["error"]
    assert message in found["error"]


@pytest.mark.parametrize(
    "verb, document, message",
    [
        ("classify", {"signature_name": "ratio", "examples": [{"x": 1.0}]}, "to classify, it must have 'classes'"),
        ("regress", {"signature_name": "ratio", "examples": [{"x": 1.0}]}, "to regress, it must have 'outputs'"),
        ("regress", {"signature_name": "regression"}, "'examples' must be a list"),
        ("regress", {"signature_name": "regression", "examples": [{}]}, "Missing input 'x'"),
        ("regress", {"signature_name": "regression", "examples": [{"x": [1.0]}], "context": {"x": [2.0]}}, "context"),
    ],
)
def test_bad_examples_are_told_why(many, verb, document, message):
    status, found = asked(many, (f"/v1/models/many:{verb}", document))
    assert status == 400
    assert message in found["error"]


@pytest.mark.parametrize(
    "method, path, status, message",
    [
        ("POST", "/v1/models/half:predict", 404, "Servable not found for request: Latest(half)"),
        ("POST", "/v1/models/half_plus_three/versions/7:predict", 404, "Specific(half_plus_three, 7)"),
        ("GET", "/v1/models/half", 404, "Could not find any versions of model half"),
        ("GET", "/v1/models/half_plus_three/versions/7", 404, "Could not find version 7"),
        ("GET", "/v1/models/half/metadata", 404, "Servable not found for request: Latest(half)"),
        ("GET", "/v1/models/half_plus_three:predict", 400, "Malformed request: GET"),
        ("POST", "/v1/models/half_plus_three:explain", 400, "Malformed request: POST"),
        ("GET", "/v1/models/half_plus_three/versions/" + "9" * 30, 400, "Malformed request"),
        ("GET", "/", 404, "Malformed request"),
    ],
)
def test_unknown_paths(line, method, path, status, message):
    async def ask():
        async with serving(line) as client:
            return await client.send(method, path, b'{"instances": [1.0]}')

    found, body = asyncio.run(ask())
    assert found == status
    assert message in json.loads(body)["error"]


def test_folders_of_models_are_served_by_their_names(tmp_path):
    save_line(tmp_path / "a/1")
    save_line(tmp_path / "b/2", offset=4.0)
    request_ = {"instances": [2.0]}
    a, b = asked(tmp_path, ("/v1/models/a:predict", request_), ("/v1/models/b:predict", request_))
    assert (a[1], b[1]) == ({"predictions": [4.0]}, {"predictions": [5.0]})
    assert asked(tmp_path, ("/v1/models/a:predict", request_), name="b")[0] == 404
    assert asked(tmp_path / "a", ("/v1/models/other:predict", request_), name="other")[0] == 200


def test_health_and_metrics(line, tmp_path):
    async def ask():
        async with serving(line) as client:
            await client.post("/v1/models/half_plus_three:predict", {"instances": [1.0]})
            await client.post("/v1/models/made_up:predict", {"instances": [1.0]})
            return await client.get("/healthz"), await client.send("GET", "/metrics")

    health, (status, text) = asyncio.run(ask())
    assert (health, status) == ((200, {"status": "ok"}), 200)
    lines = text.decode().splitlines()
    assert 'tenfold_requests_total{model="half_plus_three",method="predict",code="200"} 1' in lines
    assert 'tenfold_request_seconds_bucket{model="half_plus_three",method="predict",le="+Inf"} 1' in lines
    assert 'tenfold_batch_requests_count{model="half_plus_three"} 1' in lines
    assert 'tenfold_model_version{model="half_plus_three"} 123' in lines
    assert "tenfold_requests_in_flight 0" in lines
    assert b"made_up" not in text
    assert asked(tmp_path, ("/healthz", None)) == (503, {"error": "No model is available."})


def test_bodies_are_bounded(line):
    async def ask():
        async with serving(line, settings=Settings(max_body_bytes=100, max_batch_size=1)) as client:
            path, body = "/v1/models/half_plus_three:predict", b'{"instances": [1.0]}'
            told = await client.post(path, body, headers=[(b"content-length", b"101")])
            sent = await client.post(path, body + b" " * 100)
            encoded = await client.post(path, body, headers=[(b"content-encoding", b"br")])
            return told[0], sent[0], encoded[0], (await client.post(path, body + b" " * 80))[0]

    assert asyncio.run(ask()) == (413, 413, 415, 200)


def test_bodies_that_gzip_packed(line):
    packed, header = gzip.compress(b'{"instances": [1.0]}'), [(b"content-encoding", b"gzip")]

    async def ask(*bodies):
        async with serving(line, settings=Settings(max_body_bytes=200, max_batch_size=1)) as client:
            return [await client.post("/v1/models/half_plus_three:predict", body, headers=header) for body in bodies]

    bomb = gzip.compress(b" " * 200 + b'{"instances": [1.0]}')
    found = asyncio.run(ask(packed, bomb, packed[:-3], packed + b"x", b'{"instances": [1.0]}'))
    assert found[0] == (200, {"predictions": [3.5]})
    assert [status for status, _ in found[1:]] == [413, 400, 400, 400]
    assert "damaged" in found[2][1]["error"] and "200 bytes when it is unpacked" in found[1][1]["error"]


def test_labels_and_names_in_errors(line, tmp_path):
    for path, body in ("/labels/stable", None), ("/labels/stable:predict", {"instances": [1.0]}):
        status, answer = asked(line, (f"/v1/models/half_plus_three{path}", body))
        assert status == 400 and answer["error"].startswith("Unrecognized servable version label: stable")
    save(tmp_path / "m" / "1", lambda x: {"y": x @ tf.ones((3, 2))}, spec(F32, None, 3, name="x"))
    status, answer = asked(tmp_path / "m", ("/v1/models/m:predict", {"instances": [[1.0, 2.0]]}))
    assert status == 400 and answer["error"].startswith("serving_default: got float32(1, 2)")


def test_requests_are_bounded_in_number_and_time(line):
    async def ask():
        settings = Settings(max_requests=1, request_seconds=0.2, max_batch_size=1)
        async with serving(line, settings=settings) as client:
            path, body = "/v1/models/half_plus_three:predict", b'{"instances": [1.0]}'
            slow = asyncio.ensure_future(client.post(path, body, is_complete=False))
            await asyncio.sleep(0)
            return (await client.post(path, body))[0], (await slow)[0], (await client.post(path, body))[0]

    assert asyncio.run(ask()) == (429, 504, 200)


def test_large_requests_are_read_and_answered(line):
    values = [float(i % 100) for i in range(200_000)]
    status, found = asked(line, ("/v1/models/half_plus_three:predict", {"instances": values}))
    assert status == 200
    assert found["predictions"] == [0.5 * x + 3.0 for x in values]


@pytest.mark.parametrize(
    "changes", [{"max_batch_size": 3}, {"max_batch_size": 0}, {"max_requests": 0}, {"batch_delay_seconds": -1.0}]
)
def test_settings_are_checked(changes):
    with pytest.raises(ValueError, match=next(iter(changes))):
        Settings(**changes)


def test_what_is_no_http_is_refused(line):
    async def ask():
        async with serving(line, settings=SMALL) as client:
            await client.app({"type": "websocket"}, None, None)

    with pytest.raises(ValueError, match="only HTTP"):
        asyncio.run(ask())
