"""Whether Tenfold reads the models that Keras 2 saves in folders, and the other way round. By hand, where Tenfold is:

    python -m tests.interchange.former_folders PYTHON [NAME ...]

PYTHON is the interpreter of an environment with `tensorflow-cpu==2.21.0` and `tf_keras==2.21.0`. Every model of
`former_models.py` is trained and saved by both, read by the other, and must give the same outputs, gradients, metrics and losses
of the next steps; prints what does not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from tests.interchange.former_models import MODELS, Case

RESULTS = "results.npz"
ENGINES = ("keras2", "tenfold")


def main() -> int:
    what, *rest = sys.argv[1:]
    if what in ("write", "read"):
        engine, folder, *names = rest
        print(json.dumps((write if what == "write" else read)(engine, Path(folder), names)))
        return 0
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for step in ("write", "read"):
            for engine in ENGINES:
                python = what if engine == "keras2" else sys.executable
                command = [python, "-m", "tests.interchange.former_folders", step, engine, folder, *rest]
                done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
                wrong = json.loads(done.stdout.splitlines()[-1])
                failed += len(wrong)
                for name, problems in wrong.items():
                    print(f"{engine} {step} {name}:", *problems, sep="\n    ")
                print(f"{engine}: {step} {len(rest or MODELS) - len(wrong)} of {len(rest or MODELS)}")
    return int(failed > 0)


def engine_modules(engine: str) -> tuple[Any, Any]:
    """A module `tf` and its `keras`."""
    if engine == "tenfold":
        import tenfold

        return tenfold, tenfold.keras
    os.environ["TF_CPP_MIN_LOG_LEVEL"], os.environ["TF_USE_LEGACY_KERAS"] = "3", "1"
    import tensorflow
    import tf_keras

    return tensorflow, tf_keras


def write(engine: str, folder: Path, names: list[str]) -> dict[str, list[str]]:
    tf, keras = engine_modules(engine)
    failed = {}
    for name in names or MODELS:
        keras.utils.set_random_seed(7)
        path = folder / engine / name
        try:
            case = _trained(MODELS[name](tf, keras), keras)
            case.model.save(path)
            np.savez(path / RESULTS, **results(tf, case.model, case))
        except Exception:
            failed[name] = [traceback.format_exc(limit=-3)]
    return failed


def read(engine: str, folder: Path, names: list[str]) -> dict[str, list[str]]:
    """Reads what the other engine wrote; what is wrong with it, by name."""
    tf, keras = engine_modules(engine)
    other = next(name for name in ENGINES if name != engine)
    failed = {}
    for name in names or MODELS:
        keras.utils.set_random_seed(9)
        path = folder / other / name
        if not (path / RESULTS).exists():
            continue
        try:
            case = MODELS[name](tf, keras)
            with np.load(path / RESULTS) as file:
                frozen = dict(file)
            model = keras.models.load_model(path, custom_objects=case.custom_objects, safe_mode=False)
            problems = compared(results(tf, model, case), frozen, case.is_random)
        except Exception:
            problems = [traceback.format_exc(limit=-4)]
        if problems:
            failed[name] = problems
    return failed


def _trained(case: Case, keras: Any) -> Case:
    """The case with its model compiled and trained, and with targets."""
    y = _targets(case)
    if case.compile.get("optimizer", "") is not None:
        case.model.compile(**{"optimizer": keras.optimizers.Adam(0.02), "loss": "mse", **case.compile})
        for _ in range(3):
            case.model.train_on_batch(case.x, y)
        if case.change is not None:
            case.change(case.model)
    return case


def _targets(case: Case) -> Any:
    if case.y is not None:
        return case.y
    y = case.model(case.x)
    return (
        np.random.default_rng(5)
        .uniform(0, 1, tuple(y.shape))
        .astype(y.dtype if isinstance(y.dtype, str) else y.dtype.name)
    )


def results(tf: Any, model: Any, case: Case) -> dict[str, np.ndarray]:
    """What a model gives, the gradients for its variables, what it evaluates to, and the losses of its next steps."""
    _reset(model)
    with tf.GradientTape() as tape:
        outputs = tf.nest.flatten(model(tf.nest.map_structure(tf.constant, case.x)))
        total = sum(tf.reduce_sum(tf.cast(y * y, "float32")) for y in outputs)
    gradients = tape.gradient(total, model.trainable_variables)
    found = {f"output_{i}": tf.cast(y, "float32").numpy() for i, y in enumerate(outputs)}
    found |= {f"gradient_{i}": tf.convert_to_tensor(g).numpy() for i, g in enumerate(gradients)}
    if getattr(model, "optimizer", None) is None:
        return found
    _reset(model)
    y = _targets(case)
    evaluated = model.evaluate(case.x, y, verbose=0, batch_size=len(y[0] if isinstance(y, list) else y))
    found["evaluated"] = np.hstack(evaluated if isinstance(evaluated, list) else [evaluated])
    _reset(model)
    found["steps"] = np.array(int(model.optimizer.iterations))
    if not case.is_random:
        found["losses"] = np.array([_first(model.train_on_batch(case.x, y)) for _ in range(4)])
    return found


def _first(value: Any) -> float:
    return value[0] if isinstance(value, list) else value


def _reset(model: Any) -> None:
    """Starts states of recurrent layers anew."""
    for layer in model.layers:
        if getattr(layer, "stateful", False) and hasattr(layer, "reset_states"):
            layer.reset_states()


def compared(found: dict[str, np.ndarray], frozen: dict[str, np.ndarray], is_random: bool) -> list[str]:
    problems = []
    for key in sorted(found.keys() | frozen.keys()):
        if key not in found or key not in frozen:
            problems.append(f"{key} is only {'found' if key in found else 'frozen'}")
        elif found[key].shape != frozen[key].shape:
            problems.append(f"{key} has shape {found[key].shape}, was {frozen[key].shape}")
        elif not np.allclose(found[key], frozen[key], rtol=1e-4, atol=2e-5, equal_nan=True):
            problems.append(f"{key} is {found[key].ravel()[:8]}, was {frozen[key].ravel()[:8]}")
    return problems


if __name__ == "__main__":
    sys.exit(main())
