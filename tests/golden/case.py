"""Cases that run the same under TensorFlow and under Tenfold, and what came out of them.

A case is an expression, a few lines ending in one, or a function of `tf`. Its inputs become tensors; where the result
depends on floating inputs, the gradients with respect to them are part of what came out. So are errors, by class.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(__file__).with_name("data")
FAMILIES = Path(__file__).with_name("families")


@dataclass(frozen=True)
class Case:
    code: str | Callable[[Any], Any]
    inputs: dict[str, Any] = field(default_factory=dict)
    grad: bool = True
    rtol: float | None = None
    atol: float | None = None
    name: str = ""
    may_extend: bool = False

    def __str__(self) -> str:
        text = self.name or (self.code if isinstance(self.code, str) else self.code.__name__)
        return re.sub(r" at 0x\w+", "", " ".join(text.split()))[:100]  # the same in every process


def case(
    code: str | Callable[[Any], Any],
    *,
    grad: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    name: str = "",
    may_extend: bool = False,
    **inputs: Any,
) -> Case:
    """A case; `inputs` are NumPy arrays (tensors when it runs), any other value is passed as it is.

    `grad=False` leaves gradients out; `rtol` and `atol` replace the tolerance of the dtype, and need a reason.
    `may_extend=True` lets Tenfold compute what TensorFlow refuses; else it must refuse it too.
    """
    return Case(code, inputs, grad, rtol, atol, name, may_extend)


def normal(*shape: int, seed: int = 0, dtype: Any = np.float32) -> np.ndarray:
    """Standard normal numbers, the same in every run."""
    return np.random.RandomState(seed + 7 * len(shape) + sum(shape)).standard_normal(shape).astype(dtype)


def uniform(*shape: int, low: float = 0.0, high: float = 1.0, seed: int = 0, dtype: Any = np.float32) -> np.ndarray:
    """Uniform numbers from `[low, high)`, the same in every run."""
    return np.random.RandomState(seed + 7 * len(shape) + sum(shape)).uniform(low, high, shape).astype(dtype)


def integers(*shape: int, low: int = -5, high: int = 6, seed: int = 0, dtype: Any = np.int32) -> np.ndarray:
    """Uniform integers from `[low, high)`, the same in every run."""
    return np.random.RandomState(seed + 7 * len(shape) + sum(shape)).randint(low, high, shape).astype(dtype)


def outcome(tf: Any, a_case: Case) -> dict[str, Any]:
    """Runs a case under an engine: `{"values": [...], "gradients": [...]}` or `{"error": class name, "text": message}`."""
    inputs = {k: tf.constant(v) if isinstance(v, np.ndarray) else v for k, v in a_case.inputs.items()}
    floating = [v for k, v in inputs.items() if isinstance(a_case.inputs[k], np.ndarray) and _is_differentiable(v)]
    wants_gradient = a_case.grad and bool(floating)
    try:
        if not wants_gradient:
            return {"values": [_frozen(v) for v in _flat(_evaluate(a_case.code, tf, inputs))], "gradients": None}
        with tf.GradientTape() as tape:
            tape.watch(floating)
            values = _flat(_evaluate(a_case.code, tf, inputs))
        targets = [v for v in values if hasattr(v, "dtype") and hasattr(v, "shape") and _is_differentiable(v)]
        targets = [t for t in targets if tf.is_tensor(t)]
        seeds = [
            tf.constant(np.cos(1 + np.arange(t.numpy().size)).reshape(t.shape).astype(t.dtype.as_numpy_dtype))
            for t in targets
        ]
        gradients = tape.gradient(targets, floating, output_gradients=seeds) if targets else None
    except Exception as error:
        return {"error": type(error).__name__, "text": str(error)}
    return {
        "values": [_frozen(v) for v in values],
        "gradients": None
        if gradients is None
        else [None if g is None else _frozen(tf.convert_to_tensor(g)) for g in gradients],
    }


def _is_differentiable(value: Any) -> bool:
    dtype = getattr(value, "dtype", None)
    return bool(getattr(dtype, "is_floating", False) or getattr(dtype, "is_complex", False))


def _evaluate(code: str | Callable, tf: Any, inputs: dict[str, Any]) -> Any:
    if callable(code):
        return code(tf, **inputs)
    names = {"tf": tf, "np": np, **inputs}
    module = ast.parse(code.strip())
    last = module.body.pop()
    exec(compile(module, "<case>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<case>", "eval"), names)


def _flat(value: Any) -> list:
    if isinstance(value, dict):
        return [leaf for key in sorted(value) for leaf in _flat(value[key])]
    if isinstance(value, (list, tuple)) and not hasattr(value, "as_list"):
        return [leaf for item in value for leaf in _flat(item)]
    if type(value).__name__ == "IndexedSlices":
        return [value.values, value.indices]
    if type(value).__name__ == "RaggedTensor":
        return [value.flat_values, *value.nested_row_splits]
    if type(value).__name__ == "SparseTensor":
        return [value.indices, value.values, value.dense_shape]
    return [value]


def _frozen(value: Any) -> tuple[str, Any]:
    """A pair of a kind and a plain value: ("float32", array), ("python", 3), ("text", "...")."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return "python", value
    if isinstance(value, np.ndarray) or isinstance(value, np.generic):
        return "numpy " + value.dtype.name, np.asarray(value)
    if hasattr(value, "dtype") and hasattr(value, "numpy"):
        return value.dtype.name, np.asarray(value.numpy())
    return "text", repr(value)


def save(path: Path, outcomes: list[dict[str, Any]]) -> None:
    """Writes outcomes to an .npz without pickles; the same outcomes give the same bytes."""
    arrays: dict[str, np.ndarray] = {}

    def packed(pair: tuple[str, Any] | None) -> Any:
        if pair is None or not isinstance(pair[1], np.ndarray):
            return pair
        kind, array = pair
        if array.dtype.kind in "OSU":
            return [kind, {"shape": array.shape, "bytes": [x.decode("latin1") for x in array.reshape(-1)]}]
        if array.dtype.kind == "V":
            array = array.astype(np.float32)
        arrays[f"a{len(arrays)}"] = array
        return [kind, {"array": f"a{len(arrays) - 1}"}]

    index = [
        {k: [packed(p) for p in v] if isinstance(v, list) else v for k, v in an_outcome.items()}
        for an_outcome in outcomes
    ]
    arrays["index"] = np.frombuffer(json.dumps(index).encode(), np.uint8)
    np.savez_compressed(path, **arrays)


def load(path: Path) -> list[dict[str, Any]]:
    """Reads what `save` wrote."""
    with np.load(path) as file:
        arrays = dict(file)

    def unpacked(pair: Any) -> Any:
        if pair is None or not isinstance(pair[1], dict):
            return pair
        kind, where = pair
        if "array" in where:
            return kind, arrays[where["array"]]
        array = np.array([x.encode("latin1") for x in where["bytes"]], object)
        return kind, array.reshape(where["shape"])

    index = json.loads(arrays["index"].tobytes())
    return [{k: [unpacked(p) for p in v] if isinstance(v, list) else v for k, v in entry.items()} for entry in index]
