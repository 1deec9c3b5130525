"""Cases of Keras layers: one run tells everything about a layer that a user can see."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import numpy as np

from tests.golden.case import Case, case

_SEVERAL = (
    "MultiHeadAttention",
    "GroupQueryAttention",
    "GroupedQueryAttention",
)  # called with several arguments, not with a list


def layer(
    kind: str,
    /,
    *args: Any,
    inputs: dict[str, Any],
    training: bool | None = None,
    call: dict[str, Any] | None = None,
    rtol: float = 2e-4,
    **kwargs: Any,
) -> Case:
    """A case of a layer: initial weights, outputs, gradients, updated weights, masks, shapes, names, configuration.

    Args:
      kind: class in `keras.layers`.
      *args, **kwargs: its arguments; one that is a layer itself is given by `made`.
      inputs: arrays that it is called on.
      training: the flag of the call.
      call: other keywords of the call; lists become tensors.
    """

    def run(tf: Any, **arrays: Any) -> dict[str, Any]:
        return observed(tf, lambda: _made(tf, made(kind, *args, **kwargs)), list(arrays.values()), training, call or {})

    parts = [str(a) for a in args] + [f"{k}={v}" for k, v in kwargs.items()]
    shapes = " ".join("x".join(map(str, np.shape(x))) for x in inputs.values())
    label = f"{kind}({', '.join(parts)}) on {shapes} training={training} {call or ''}"
    return case(run, grad=False, rtol=rtol, atol=rtol, name=label, **inputs)


def made(kind: str, /, *args: Any, **kwargs: Any) -> tuple:
    """Stands for a layer among the arguments of another one."""
    return ("layer", kind, args, kwargs)


def _made(tf: Any, value: Any) -> Any:
    if isinstance(value, tuple) and value and value[0] == "layer":
        _, name, args, kwargs = value
        return getattr(tf.keras.layers, name)(
            *[_made(tf, a) for a in args], **{k: _made(tf, v) for k, v in kwargs.items()}
        )
    return [_made(tf, v) for v in value] if isinstance(value, list) else value


def observed(tf: Any, make: Any, given: list, training: bool | None, call: dict[str, Any]) -> dict[str, Any]:
    """Makes a layer and calls it on tensors, and says all that came out."""
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(3)
    layer = make()
    extra = {k: tf.constant(v) if isinstance(v, list) else v for k, v in call.items()}
    if training is not None:
        extra["training"] = training
    arguments = given if type(layer).__name__ in _SEVERAL or len(given) == 1 else [given]
    layer(*arguments, **extra)
    initial = layer.get_weights()
    set_weights(layer)
    floats = [a for a in given if a.dtype.is_floating]
    with tf.GradientTape() as tape:
        tape.watch(floats)
        outputs = layer(*arguments, **extra)
        parts = [tf.cast(y, "float32") for y in tf.nest.flatten(outputs) if y.dtype.is_floating]
        loss = tf.add_n([tf.reduce_sum(y * tf.sin(y + 0.3)) for y in parts] + list(layer.losses))
    gradients = tape.gradient(loss, [*floats, *layer.trainable_variables])
    config = layer.get_config()
    copy = type(layer).from_config(deepcopy(config))
    return {
        "config": text(config),
        "copied": text(copy.get_config()) == text(config),
        "gradients": [None if g is None else tf.convert_to_tensor(g) for g in gradients],
        "input_spec": [_text_of_input_spec(s) for s in tf.nest.flatten(layer.input_spec)],
        "initial": [np.asarray(w) for w in initial],
        "supports_masking": layer.supports_masking,
        "losses": [tf.convert_to_tensor(x) for x in layer.losses],
        "masks": [getattr(y, "_keras_mask", None) for y in tf.nest.flatten(outputs)],
        "out": outputs,
        "paths": ", ".join(
            f"{v.path} {tuple(v.shape)} {v.trainable} {np.dtype(v.dtype if isinstance(v.dtype, str) else v.dtype.name)}"
            for v in layer.variables
        ),
        "spec": _text_of_spec(tf, copy, given, training, call),
        "shape": _text_of_shape(layer, given),
        "weights": [np.asarray(w) for w in layer.get_weights()],
    }


def set_weights(layer: Any) -> None:
    """Gives a layer weights that do not depend on random numbers."""
    values = []
    for i, weight in enumerate(layer.weights):
        shape = tuple(weight.shape)
        value = np.cos(np.arange(int(np.prod(shape))) * 0.7 + i).reshape(shape) * 0.5
        values.append(np.abs(value) + 0.1 if "variance" in weight.name or "stddev" in weight.name else value)
    layer.set_weights(values)


def text(config: Any) -> str:
    """A configuration as it would stand in a file."""
    return json.dumps(config, sort_keys=True, default=repr)


def _text_of_input_spec(spec: Any) -> str:
    if spec is None:
        return ""
    return str(
        {k: getattr(spec, k) for k in ("shape", "ndim", "min_ndim", "max_ndim") if getattr(spec, k)} | dict(spec.axes)
    )


def _text_of_spec(tf: Any, layer: Any, given: list, training: bool | None, call: dict[str, Any]) -> str:
    """What the layer returns in a functional model of any batch size."""
    symbols = [tf.keras.Input(tuple(x.shape[1:]), dtype=x.dtype.name) for x in given]
    arguments = symbols if type(layer).__name__ in _SEVERAL or len(symbols) == 1 else [symbols]
    keywords = {k: v for k, v in call.items() if not isinstance(v, list)}
    try:
        outputs = layer(*arguments, **keywords, **({} if training is None else {"training": training}))
    except Exception as error:
        return type(error).__name__
    return str(
        [(tuple(y.shape), y.dtype, getattr(y, "_keras_mask", None) is not None) for y in tf.nest.flatten(outputs)]
    )


def _text_of_shape(layer: Any, given: list) -> str:
    """What `compute_output_shape` says of a batch of any size."""
    shapes = [(None, *x.shape[1:]) for x in given]
    arguments = shapes if type(layer).__name__ in _SEVERAL or len(shapes) == 1 else [shapes]
    try:
        return str(layer.compute_output_shape(*arguments)).replace("[", "(").replace("]", ")")
    except Exception as error:
        return type(error).__name__
