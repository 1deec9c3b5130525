"""Requests as arrays, and results as answers, in the forms of TensorFlow Serving's REST interface."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.shapes import TensorShape
from tenfold.saved_model import DEFAULT_SERVING_SIGNATURE_DEF_KEY
from tenfold.serving.dense import array_from, from_base64, is_base64, parsed, printable, written
from tenfold.serving.models import Servable
from tenfold.serving.refused import Refused
from tenfold.serving.signature import Arrays, Signature


def read(verb: str, body: bytes, servable: Servable) -> tuple[Signature, Arrays, str]:
    """What a request asks.

    Args:
      verb: `predict`, `classify` or `regress`.
      body: JSON.
      servable: whom it is for.
    Returns:
      The signature, its arguments, and the form of the answer.
    """
    document = parsed(body)
    if type(document) is not dict:
        raise Refused(400, "The request must be a JSON object.")
    key = document.get("signature_name", "") or DEFAULT_SERVING_SIGNATURE_DEF_KEY
    if type(key) is not str:
        raise Refused(400, "'signature_name' must be a text.")
    if key not in servable.signatures:
        raise Refused(400, f'Serving signature name: "{key}" not found in signature def')
    signature = servable.signatures[key]
    if verb != "predict":
        arrays, form = _from_examples(document, signature), verb
        _check_outputs(verb, signature)
    elif ("instances" in document) == ("inputs" in document):
        raise Refused(400, "A predict request has either 'instances' or 'inputs'.")
    elif "instances" in document:
        arrays, form = _from_rows(document["instances"], signature, "instances"), "predictions"
    else:
        arrays, form = _from_columns(document["inputs"], signature), "outputs"
    signature.check(arrays)
    return signature, arrays, form


def _from_columns(inputs: Any, signature: Signature) -> Arrays:
    if type(inputs) is dict and not is_base64(inputs):
        columns = inputs
    elif len(signature.inputs) == 1:
        columns = dict.fromkeys(signature.inputs, inputs)
    else:
        raise Refused(400, f"'inputs' must be an object with the keys {sorted(signature.inputs)}.")
    return _arrays(columns, signature)


def _from_rows(rows: Any, signature: Signature, key: str) -> Arrays:
    if type(rows) is not list or not rows:
        raise Refused(400, f"'{key}' must be a list with at least one element.")
    if type(rows[0]) is not dict or is_base64(rows[0]):
        if len(signature.inputs) != 1:
            raise Refused(400, f"Elements of '{key}' must be objects with the keys {sorted(signature.inputs)}.")
        return _arrays(dict.fromkeys(signature.inputs, rows), signature)
    names = rows[0].keys()
    if not all(type(row) is dict and row.keys() == names for row in rows):
        raise Refused(400, f"Elements of '{key}' must be objects with the same keys.")
    return _arrays({name: [row[name] for row in rows] for name in names}, signature)


def _arrays(columns: dict[str, Any], signature: Signature) -> Arrays:
    unknown = sorted(columns.keys() - signature.inputs.keys())
    if unknown:
        raise Refused(400, f"Unknown inputs {unknown}; signature {signature.key!r} takes {sorted(signature.inputs)}.")
    return {name: array_from(x, signature.inputs[name].dtype, name) for name, x in columns.items()}


# Examples of classify and regress.


def _from_examples(document: dict[str, Any], signature: Signature) -> Arrays:
    """Features by name; or, for a signature that takes a single tensor of texts, as messages `tf.train.Example`."""
    examples, context = document.get("examples"), document.get("context", {})
    if type(examples) is not list or not examples or not all(type(x) is dict for x in examples):
        raise Refused(400, "'examples' must be a list of objects, with at least one.")
    if type(context) is not dict or any(context.keys() & x.keys() for x in examples):
        raise Refused(400, "'context' must be an object whose features are not in 'examples'.")
    rows = [{**context, **example} for example in examples]
    specs = list(signature.inputs.items())
    if len(specs) == 1 and specs[0][1].dtype.name == "string" and specs[0][0] not in rows[0]:
        texts = np.empty(len(rows), object)
        texts[:] = [_example(row) for row in rows]
        return {specs[0][0]: texts}
    columns = _from_rows(rows, signature, "examples")
    return {name: _shaped(x, signature.inputs[name].shape) for name, x in columns.items()}


def _shaped(feature: np.ndarray, shape: TensorShape) -> np.ndarray:
    """A feature, which each example has as a number or a flat list, as its signature wants it, if there are as many numbers."""
    rest = shape[1:] if shape.rank else TensorShape(None)
    count = rest.num_elements()
    if count is None or feature.size != len(feature) * count:
        return feature
    return feature.reshape(len(feature), *rest.as_list())


def _example(features: dict[str, Any]) -> bytes:
    from tenfold import train

    messages: Any = train
    by_name = {name: messages.Feature(**_feature(name, x)) for name, x in features.items()}
    return messages.Example(features=messages.Features(feature=by_name)).SerializeToString()


def _feature(name: str, value: Any) -> dict[str, Any]:
    from tenfold import train

    messages: Any = train
    values = value if type(value) is list else [value]
    kinds = {*map(type, values)}
    try:
        if kinds <= {int}:
            return {"int64_list": messages.Int64List(value=values)}
        if kinds <= {int, float}:
            return {"float_list": messages.FloatList(value=values)}
        if kinds <= {str, dict}:
            texts = [x.encode() if type(x) is str else from_base64(x) for x in values]
            return {"bytes_list": messages.BytesList(value=texts)}
    except (ValueError, OverflowError) as error:
        raise Refused(400, f"Feature {name!r}: {error}") from None
    raise Refused(400, f"Feature {name!r} must be a number, a text, or a list of numbers or of texts.")


_WANTED = {"classify": {"classes", "scores"}, "regress": {"outputs"}}


def _check_outputs(verb: str, signature: Signature) -> None:
    """Refuses signatures that are not made for a verb. TensorFlow 2 marks none: names of outputs tell."""
    if not signature.outputs or set(signature.outputs) - _WANTED[verb]:
        raise Refused(
            400,
            f"Signature {signature.key!r} has the outputs {signature.outputs}; to {verb}, it must have "
            f"{' or '.join(map(repr, sorted(_WANTED[verb])))}.",
        )


# Answers.


def answer(form: str, arrays: Arrays) -> bytes:
    """The JSON text of results.

    Args:
      form: what `read` returned.
      arrays: the results, by name.
    """
    values = {name: printable(x, name) for name, x in arrays.items()}
    if form == "outputs":
        document: Any = next(iter(values.values())) if len(values) == 1 else values
    elif form == "predictions":
        document = _rows(arrays, values)
    else:
        form, document = "results", _classes(values) if form == "classify" else _flat(arrays["outputs"])
    return written({form: document}, list(values.values()))


def _rows(arrays: Arrays, values: dict[str, Any]) -> Any:
    counts = {x.shape[:1] for x in arrays.values()}
    if len(counts) != 1 or counts == {()}:
        shapes = {name: x.shape for name, x in arrays.items()}
        raise Refused(
            400, f"The outputs {shapes} have no common number of rows; ask with 'inputs' in place of 'instances'."
        )
    if len(values) == 1:
        return next(iter(values.values()))
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def _classes(values: dict[str, Any]) -> list:
    """For each example, pairs of label and score."""
    some = next(iter(values.values()))
    scores = values.get("scores", some)
    if np.ndim(scores) != 2:
        raise Refused(400, "To classify, outputs must have two axes: examples and classes.")
    labels = values.get("classes", [[""] * len(row) for row in scores])
    if "scores" not in values:
        return [[[label, 0.0] for label in row] for row in labels]
    return [[[a, b] for a, b in zip(*pair, strict=True)] for pair in zip(labels, scores, strict=True)]


def _flat(array: np.ndarray) -> np.ndarray:
    if array.ndim == 2 and array.shape[1] == 1 or array.ndim == 1:
        return np.ascontiguousarray(array.reshape(-1))
    raise Refused(400, f"To regress, 'outputs' must have one number for each example; its shape is {array.shape}.")
