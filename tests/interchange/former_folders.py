"""Whether Tenfold reads the models that Keras 2 saves in folders, and the other way round. By hand, where Tenfold is:

    python -m tests.interchange.former_folders PYTHON [NAME ...]

PYTHON is the interpreter of an environment with `tensorflow-cpu==2.21.0` and `tf_keras==2.21.0`. Every model of
`former_models.py` is trained and saved by both, read by the other, and must give the same outputs, gradients, metrics and losses
of the next steps; prints what does not. `python -m tests.interchange.former_folders freeze`, run there, freezes some of Keras 2.
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

from tests.golden.archive import pack
from tests.interchange.former_models import MODELS, Case

RESULTS = "results.npz"
ARCHIVE = "former_folders.tar.xz"
# What once went wrong.
FROZEN = (
    "DepthwiseConv1D", "SpatialDropout1D", "activation hard_sigmoid", "ConvLSTM1D", "optimizer lion", "loss sparse logits",
    "loss huber delta", "metrics means", "nested", "nested_twice", "frozen_and_compiled", "frozen_slots", "never_trained",
    "thawed_after", "stateful", "custom_functions",
)  # fmt: skip
ENGINES = ("keras2", "tenfold")


def main() -> int:
    what, *rest = sys.argv[1:]
    if what == "freeze":
        with tempfile.TemporaryDirectory() as folder:
            assert not write("keras2", Path(folder), list(FROZEN))
            pack(Path(folder, "keras2"), ARCHIVE)
        return 0
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
            problems = read_one(tf, keras, name, path)
        except Exception:
            problems = [traceback.format_exc(limit=-4)]
        if problems:
            failed[name] = problems
    return failed


def read_one(tf: Any, keras: Any, name: str, path: Path) -> list[str]:
    """What is wrong with a model that is read from a folder."""
    case = MODELS[name](tf, keras)
    with np.load(path / RESULTS) as file:
        frozen = dict(file)
    model = keras.models.load_model(path, custom_objects=case.custom_objects, safe_mode=False)
    return compared(results(tf, model, case), frozen, case.tolerance)


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
    found = {}
    if _stateful(model):
        found["continued"] = tf.convert_to_tensor(model(case.x)).numpy()
    _reset(model)
    with tf.GradientTape() as tape:
        outputs = tf.nest.flatten(model(tf.nest.map_structure(tf.constant, case.x)))
        total = sum(tf.reduce_sum(tf.cast(y * y, "float32")) for y in outputs)
    gradients = tape.gradient(total, model.trainable_variables)
    found |= {f"output_{i}": tf.cast(y, "float32").numpy() for i, y in enumerate(outputs)}
    found |= {f"gradient_{i}": tf.convert_to_tensor(g).numpy() for i, g in enumerate(gradients)}
    if getattr(model, "optimizer", None) is None:
        return found
    _reset(model)
    y = _targets(case)
    evaluated = model.evaluate(case.x, y, verbose=0, batch_size=len(y[0] if isinstance(y, list) else y))
    _reset(model)
    found["steps"] = np.array(int(model.optimizer.iterations))
    if not case.is_random:
        found["evaluated"] = np.hstack(evaluated if isinstance(evaluated, list) else [evaluated])
        found["losses"] = np.array([_first(model.train_on_batch(case.x, y)) for _ in range(4)])
    return found


def _first(value: Any) -> float:
    return value[0] if isinstance(value, list) else value


def _stateful(model: Any) -> list[Any]:
    return [x for x in model.layers if getattr(x, "stateful", False) and hasattr(x, "reset_states")]


def _reset(model: Any) -> None:
    """Starts states of recurrent layers anew."""
    for layer in _stateful(model):
        layer.reset_states()


def compared(found: dict[str, np.ndarray], frozen: dict[str, np.ndarray], tolerance: float) -> list[str]:
    problems = []
    for key in sorted(found.keys() | frozen.keys()):
        if key not in found or key not in frozen:
            problems.append(f"{key} is only {'found' if key in found else 'frozen'}")
        elif found[key].shape != frozen[key].shape:
            problems.append(f"{key} has shape {found[key].shape}, was {frozen[key].shape}")
        elif not np.allclose(found[key], frozen[key], rtol=tolerance, atol=tolerance / 5, equal_nan=True):
            problems.append(f"{key} is {found[key].ravel()[:8]}, was {frozen[key].ravel()[:8]}")
    return problems


if __name__ == "__main__":
    sys.exit(main())
