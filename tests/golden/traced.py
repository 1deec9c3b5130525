"""Golden cases inside `tf.function`, under TensorFlow and under Tenfold.

Variables that a case makes are made once, in the first of the two traces in which `tf.function` allows it, and get their
initial values by `assign` at every call: so reads, assignments and gradients of variables are traced, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.golden.case import DATA, FAMILIES, Case, _evaluate, _flat, _frozen, _is_differentiable

TRACED = DATA / "traced"

WHOLE_PROGRAMS = {
    "autograph": "functions are traced in it already",
    "function": "functions are traced in it already",
    "config": "changes settings of the process",
    "misuse": "mistakes, most of which are found before anything runs",
    "print": "prints when it is traced; tf.print in functions is tested in tests/tracing",
    "keras_attention": "layers make variables",
    "keras_callbacks": "models that are trained",
    "keras_conv_layers": "layers make variables",
    "keras_image_data": "arrays and files",
    "keras_image_layers": "layers make variables",
    "keras_initializers": "seeds are drawn in Python",
    "keras_layer_api": "layers make variables",
    "keras_layers": "layers make variables",
    "keras_metrics": "metrics make variables",
    "keras_models": "models that are trained",
    "keras_normalization_layers": "layers make variables",
    "keras_optimizers": "optimizers make variables",
    "keras_preprocessing": "layers learn from data",
    "keras_py_dataset": "models that are trained",
    "keras_recurrent": "layers make variables",
    "keras_schedules": "numbers of Python",
    "keras_shuffle": "models that are trained",
    "keras_text": "lists of Python",
    "keras_training": "models that are trained",
    "sizes_by_rule": "tests/ops/test_lowerings.py runs the same cases traced and compiled",
}


def traced_families() -> list[str]:
    return sorted(p.stem for p in FAMILIES.glob("*.py") if p.stem != "__init__" and p.stem not in WHOLE_PROGRAMS)


def traced_outcome(tf: Any, a_case: Case) -> dict[str, Any]:
    """What `outcome` tells, for a case that runs as a traced function of its arrays."""
    inputs = {k: tf.constant(v) if isinstance(v, np.ndarray) else v for k, v in a_case.inputs.items()}
    names = [k for k, v in a_case.inputs.items() if isinstance(v, np.ndarray)]
    floating = [k for k in names if _is_differentiable(inputs[k])]
    wants_gradient = a_case.grad and bool(floating)
    variables: list[Any] = []
    known: list[Any] = []  # what the function returns besides tensors

    def run(*tensors: Any) -> tuple[list, list | None]:
        known.clear()
        given = {**inputs, **dict(zip(names, tensors, strict=True))}
        with tf.variable_creator_scope(_reusing(tf, variables)):
            if not wants_gradient:
                values, gradients = _flat(_evaluate(a_case.code, tf, given)), None
            else:
                sources = [given[k] for k in floating]
                with tf.GradientTape() as tape:
                    tape.watch(sources)
                    values = _flat(_evaluate(a_case.code, tf, given))
                targets = [v for v in values if tf.is_tensor(v) and hasattr(v, "shape") and _is_differentiable(v)]
                seeds = [_seed(tf, t) for t in targets]
                gradients = tape.gradient(targets, sources, output_gradients=seeds) if targets else None
        is_known = [not (tf.is_tensor(v) or isinstance(v, tf.Variable)) for v in values]
        known.extend(_frozen(v) if k else None for v, k in zip(values, is_known, strict=True))
        returned = [v for v, k in zip(values, is_known, strict=True) if not k]
        return returned, gradients and [None if g is None else tf.convert_to_tensor(g) for g in gradients]

    try:
        tensors, gradients = tf.function(run, autograph=False)(*[inputs[k] for k in names])
    except Exception as error:
        return {"error": type(error).__name__, "text": str(error)}
    found = iter(tensors)
    return {
        "values": [_frozen(next(found)) if k is None else k for k in known],
        "gradients": gradients and [None if g is None else _frozen(g) for g in gradients],
    }


def _reusing(tf: Any, variables: list[Any]) -> Callable[..., Any]:
    """A creator of variables that makes the n-th one of a function only once."""
    count = 0

    def create(next_creator: Callable[..., Any], **kwargs: Any) -> Any:
        nonlocal count
        initial = kwargs["initial_value"]
        value = tf.convert_to_tensor(initial() if callable(initial) else initial, dtype=kwargs.get("dtype"))
        if count == len(variables):
            variables.append(next_creator(**{**kwargs, "initial_value": tf.zeros(value.shape, value.dtype)}))
        variable = variables[count]
        count += 1
        variable.assign(value)
        return variable

    return create


def _seed(tf: Any, target: Any) -> Any:
    """The gradient of a target: what `outcome` takes, also for shapes that are not known yet."""
    shape = target.shape.as_list() if target.shape.rank is not None else [None]
    if None in shape:
        count = tf.cast(tf.range(tf.size(target)), tf.float64)
        return tf.cast(tf.reshape(tf.cos(count + 1.0), tf.shape(target)), target.dtype)
    size = int(np.prod(shape))
    return tf.constant(np.cos(1 + np.arange(size)).reshape(shape).astype(target.dtype.as_numpy_dtype))
