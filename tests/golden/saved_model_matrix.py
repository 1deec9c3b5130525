"""Who reads the SavedModels of whom: Tenfold, TensorFlow with its Keras, and Keras 2. Run by hand, where Tenfold is:

    python -m tests.golden.saved_model_matrix PYTHON

with the path of a Python that has `tensorflow-cpu==2.21.0` and `tf_keras==2.21.0`. Prints a table of the kinds of models and the
directions, then a line for each module, and what differs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

from tests.golden.model_kind_results import read_functions, read_model, write
from tests.golden.model_kinds import KINDS
from tests.golden.saved_model_results import compare, freeze, results
from tests.golden.saved_models import MODULES

ROOT = Path(__file__).parent.parent.parent
TENFOLD, TENSORFLOW, KERAS_2 = "Tenfold", "TensorFlow", "Keras 2"
DIRECTIONS = [(TENFOLD, TENSORFLOW), (TENSORFLOW, TENFOLD), (KERAS_2, TENFOLD), (TENFOLD, TENFOLD), (TENFOLD, KERAS_2)]


def engine(name: str) -> tuple[Any, Any]:
    """A module `tf` and its `keras`."""
    if name == TENFOLD:
        import tenfold

        return tenfold, tenfold.keras
    os.environ["TF_USE_LEGACY_KERAS"] = "1" if name == KERAS_2 else "0"
    import tensorflow

    if name == KERAS_2:
        import tf_keras

        return tensorflow, tf_keras
    import keras

    return tensorflow, keras


def write_all(name: str, folder: Path) -> dict[str, dict[str, list[str]]]:
    """Writes all kinds and modules; what went wrong, by their names."""
    tf, keras = engine(name)
    keras.utils.set_random_seed(7)
    wrong = {}
    for kind in KINDS:
        if kind != "module" or name != KERAS_2:
            wrong[kind] = {"written": _tried(write, tf, keras, kind, folder / "kinds" / kind)}
    for module in MODULES if name != KERAS_2 else ():
        wrong[f"modules/{module}"] = {"written": _tried(freeze, tf, MODULES[module](tf), folder / "modules" / module)}
    return wrong


def read_all(name: str, writer: str, folder: Path) -> dict[str, dict[str, list[str]]]:
    """Reads what is in a folder, by its functions, and where Keras reads folders, as models; what is wrong, by their names."""
    tf, keras = engine(name)
    keras.utils.set_random_seed(7)
    wrong: dict[str, dict[str, list[str]]] = {}
    for path in sorted(folder.glob("kinds/*")):
        kind = path.name
        found = _tried(read_functions, tf, keras, kind, path)
        as_model = _tried(read_model, tf, keras, kind, path, writer == name) if _is_model(name, kind) else {}
        wrong[kind] = {what: [*found.get(what, []), *as_model.get(what, [])] for what in {**found, **as_model}}
    for path in sorted(folder.glob("modules/*")):
        wrong[f"modules/{path.name}"] = {"same": _tried(_same, tf, path)}
    return wrong


def _is_model(reader: str, kind: str) -> bool:
    return reader != TENSORFLOW and kind != "module"


def _same(tf: Any, path: Path) -> list[str]:
    return compare(results(tf, tf.saved_model.load(str(path)), MODULES[path.name](tf)), path)


def _tried(function: Callable[..., Any], *args: Any) -> Any:
    """What a function returns; if it fails, that as the difference."""
    try:
        return function(*args)
    except Exception as error:
        if os.environ.get("VERBOSE"):
            traceback.print_exception(error)
        told = [f"{type(error).__name__}: {str(error)[:400]} {getattr(error, '__notes__', '')}"]
        return told if function in (write, freeze, _same) else {"read": told}


def main() -> int:
    what, *rest = sys.argv[1:]
    if what in ("write", "read"):
        *names, folder = rest
        found = write_all(*names, Path(folder)) if what == "write" else read_all(*names, Path(folder))
        print(json.dumps(found))
        return 0

    def run(*arguments: str) -> dict[str, dict[str, list[str]]]:
        python = sys.executable if arguments[1] == TENFOLD else what
        command = [python, "-m", "tests.golden.saved_model_matrix", *arguments]
        errors = None if os.environ.get("VERBOSE") else subprocess.DEVNULL
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=errors, text=True)
        return json.loads(done.stdout.splitlines()[-1])

    cells: dict[tuple[str, str], dict[str, dict[str, list[str]]]] = {}
    with tempfile.TemporaryDirectory() as name:
        written = {}
        for writer in dict.fromkeys(writer for writer, _ in DIRECTIONS):
            Path(name, writer).mkdir()
            written[writer] = run("write", writer, str(Path(name, writer)))
        for writer, reader in DIRECTIONS:
            read = run("read", reader, writer, str(Path(name, writer)))
            cells[writer, reader] = {
                key: {**{k: v for k, v in written[writer][key].items() if v}, **read.get(key, {})}
                for key in written[writer]
            }
    return _printed(cells)


def _printed(cells: dict[tuple[str, str], dict[str, dict[str, list[str]]]]) -> int:
    """Prints the table and the differences; how many cells have some."""
    print("kind".ljust(24), *[f"{a} -> {b}".ljust(30) for a, b in DIRECTIONS])
    for key in [*KINDS, *(f"modules/{name}" for name in MODULES)]:
        row = [cells[direction].get(key) for direction in DIRECTIONS]
        print(key.ljust(24), *[("-" if cell is None else _verdict(cell)).ljust(30) for cell in row])
    failed = {(*d, key): cell for d in DIRECTIONS for key, cell in cells[d].items() if any(cell.values())}
    for (writer, reader, key), cell in failed.items():
        print(f"{key}, {writer} -> {reader}: " + "; ".join(x for differences in cell.values() for x in differences))
    return len(failed)


def _verdict(cell: dict[str, list[str]]) -> str:
    failing = [what for what, differences in cell.items() if differences]
    return f"not {', '.join(failing)}" if failing else ", ".join(cell)


if __name__ == "__main__":
    sys.exit(main())
