"""Saving a kind of model with what it computes and how it trains on, and comparing who reads it with that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.golden.model_kinds import KINDS, Kind

RESULTS = "results.npz"
_STEPS = 5
_TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}


def write(tf: Any, keras: Any, name: str, folder: Path) -> None:
    """Trains a model, saves it, and freezes what it computes and the losses of its next steps."""
    kind = KINDS[name](tf, keras)
    is_model = isinstance(kind.model, keras.Model)
    if is_model:
        kind.model.compile(keras.optimizers.Adam(0.02), "mse")
        for _ in range(2):
            kind.model.train_on_batch(kind.x, kind.y)
    if not is_model:
        tf.saved_model.save(kind.model, str(folder), signatures=kind.signatures)
    elif keras.__version__.startswith("3") and keras.__name__ != "tenfold.keras":
        kind.model.export(str(folder), verbose=False)
    else:
        kind.model.save(folder)
    found = computed(tf, kind.model, kind)
    for key, function in kind.signatures.items():
        found.update(_flat(tf, f"signature_{key}", function(tf.constant(kind.x))))
    if is_model:
        found["losses"] = losses(kind.model, kind)
    np.savez(folder / RESULTS, **found)


def computed(tf: Any, model: Any, kind: Kind) -> dict[str, np.ndarray]:
    """What a model gives, without training, and the gradients for its variables."""
    with tf.GradientTape() as tape:
        y = _called(tf, model, kind.x)
        total = tf.reduce_sum(y * y)
    gradients = tape.gradient(total, _variables(model))
    found = {f"gradient_{i}": tf.convert_to_tensor(g).numpy() for i, g in enumerate(gradients)}
    return {"y": y.numpy(), **found}


def losses(model: Any, kind: Kind) -> np.ndarray:
    """The losses of the next steps of a compiled model."""
    return np.array([model.train_on_batch(kind.x, kind.y) for _ in range(_STEPS)], np.float32)


def read_functions(tf: Any, keras: Any, name: str, folder: Path) -> dict[str, list[str]]:
    """What is wrong with the functions of a SavedModel, under `outputs`, `gradients` and `trains on`."""
    kind, frozen = KINDS[name](tf, keras), _frozen(folder)
    loaded = tf.saved_model.load(str(folder))
    found = computed(tf, loaded, kind)
    served = {key: f(tf.constant(kind.x)) for key, f in loaded.signatures.items() if key != "serve"}
    if not kind.signatures:
        (found["y_served"],) = [tf.convert_to_tensor(v).numpy() for v in served["serving_default"].values()]
        frozen["y_served"] = frozen["y"]
    for key, value in served.items() if kind.signatures else ():
        found.update(_flat(tf, f"signature_{key}", value))
    optimizer, variables = keras.optimizers.SGD(0.02), _variables(loaded)

    def loss(**training: bool) -> Any:
        return tf.reduce_mean((_called(tf, loaded, kind.x, **training) - kind.y) ** 2)

    before = float(loss())  # without dropout, whose numbers are others each time
    for _ in range(2 * _STEPS):
        with tf.GradientTape() as tape:
            value = loss(**({"training": True} if kind.is_random else {}))
        optimizer.apply_gradients(zip(tape.gradient(value, variables), variables, strict=True))
    after = float(loss())
    return {**_compared(found, frozen), "trains on": [] if after < before else [f"losses are {before}, {after}"]}


def read_model(tf: Any, keras: Any, name: str, folder: Path, is_exact: bool) -> dict[str, list[str]]:
    """What is wrong with the Keras model that a folder gives: one that goes on as the saved one did, or, if the
    folder is an export, one that trains.

    Args:
      is_exact: whether it goes the very same way.
    """
    kind, frozen = KINDS[name](tf, keras), _frozen(folder)
    model = keras.models.load_model(folder, custom_objects={type(kind.model).__name__: type(kind.model)})
    compared = _compared(computed(tf, model, kind), frozen)
    goes_on = model.optimizer is not None and int(model.optimizer.iterations) > 0  # Keras 2 leaves its state out
    if model.optimizer is None:
        model.compile(keras.optimizers.SGD(0.02), "mse")
    if is_exact or (goes_on and not kind.is_random):
        found, expected = losses(model, kind), frozen["losses"]
        is_right = np.array_equal(found, expected) if is_exact else np.allclose(found, expected, rtol=1e-4)
        return {**compared, "trains on": [] if is_right else [f"losses are {found}, were {expected}"]}
    before = model.evaluate(kind.x, kind.y, verbose=0)
    for _ in range(3):
        losses(model, kind)
    after = model.evaluate(kind.x, kind.y, verbose=0)
    return {**compared, "trains on": [] if after < before else [f"losses are {before}, {after}"]}


def _called(tf: Any, model: Any, x: np.ndarray, **training: bool) -> Any:
    """The call of a model, of a loaded one, or what is served of an export."""
    return model.serve(tf.constant(x)) if hasattr(model, "serve") else model(tf.constant(x), **training)


def _variables(model: Any) -> list[Any]:
    """Those that are trained; a `tf.Module` that TensorFlow has loaded does not tell them."""
    found = getattr(model, "trainable_variables", None)
    return list(found) if found is not None else [model.b, model.w]


def _frozen(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / RESULTS) as file:
        return dict(file)


def _flat(tf: Any, prefix: str, value: Any) -> dict[str, np.ndarray]:
    return {f"{prefix}_{i}": tf.convert_to_tensor(x).numpy() for i, x in enumerate(tf.nest.flatten(value))}


def _compared(found: dict[str, np.ndarray], frozen: dict[str, np.ndarray]) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {"outputs": [], "gradients": []}
    for key in (found.keys() | frozen.keys()) - {"losses"}:
        if key not in found and key.startswith("signature"):
            continue
        of = wrong["gradients" if key.startswith("gradient") else "outputs"]
        if key not in found or key not in frozen:
            of.append(f"{key} is only on one side")
        elif found[key].shape != frozen[key].shape or found[key].dtype != frozen[key].dtype:
            of.append(f"{key} is {found[key].dtype}{found[key].shape}, was {frozen[key].dtype}{frozen[key].shape}")
        elif not np.allclose(found[key], frozen[key], **_TOLERANCE):
            of.append(f"{key} differs by {np.abs(found[key] - frozen[key]).max():.1e}")
    return wrong
