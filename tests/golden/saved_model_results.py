"""What the modules of `saved_models.py` compute, as arrays in a file beside their SavedModel, and comparing with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.golden.saved_models import Sample


def freeze(tf: Any, sample: Sample, folder: Path) -> None:
    """Saves a module before its calls, and what they give."""
    for call in sample.calls:
        method = getattr(sample.module, call.method)
        if method.input_signature is None:
            method.get_concrete_function(*_specs(tf, call.args), **_specs(tf, dict(call.keywords)))
    tf.saved_model.save(sample.module, str(folder))
    np.savez(folder / "results.npz", **results(tf, sample.module, sample))


def results(tf: Any, module: Any, sample: Sample) -> dict[str, np.ndarray]:
    """What the calls of a sample give on a module, which may be a loaded one, with gradients of the first."""
    found: dict[str, np.ndarray] = {}
    variables = [_at(module, path) for path in sample.variables]
    for i, call in enumerate(sample.calls):
        function = module if call.method == "__call__" else getattr(module, call.method)
        with tf.GradientTape() as tape:
            result = function(*_tensors(tf, call.args), **_tensors(tf, dict(call.keywords)))
            flat = tf.nest.flatten(result)
            total = tf.add_n([tf.reduce_sum(x * x) for x in flat if x.dtype.is_floating]) if variables else None
        found.update({f"{i}_{j}": x.numpy() for j, x in enumerate(flat)})
        if i == 0 and variables:
            for path, gradient in zip(sample.variables, tape.gradient(total, variables), strict=True):
                found[f"gradient_{path}"] = tf.convert_to_tensor(gradient).numpy()
    return found


def compare(found: dict[str, np.ndarray], folder: Path) -> list[str]:
    """What differs from the frozen results."""
    with np.load(folder / "results.npz") as file:
        frozen = {key: file[key] for key in file.files}
    wrong = [f"{key} is only on one side" for key in frozen.keys() ^ found.keys()]
    for key in frozen.keys() & found.keys():
        a, b = found[key], frozen[key]
        if a.dtype != b.dtype or a.shape != b.shape:
            wrong.append(f"{key} is {a.dtype}{a.shape}, was {b.dtype}{b.shape}")
        elif not np.allclose(a, b, rtol=1e-5, atol=1e-5):
            wrong.append(f"{key} differs by {np.abs(a - b).max()}")
    return wrong


def _specs(tf: Any, values: Any) -> Any:
    return tf.nest.map_structure(
        lambda x: tf.TensorSpec(x.shape, x.dtype) if isinstance(x, (np.ndarray, np.generic)) else x, values
    )


def _tensors(tf: Any, values: Any) -> Any:
    return tf.nest.map_structure(lambda x: tf.constant(x) if isinstance(x, (np.ndarray, np.generic)) else x, values)


def _at(module: Any, path: str) -> Any:
    for name in path.split("."):
        module = module[name] if isinstance(module, dict) else getattr(module, name)
    return module
