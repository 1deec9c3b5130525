"""Mistakes inside `tf.function`, under TensorFlow and under Tenfold: the class of the error that a user's `except` has to name.

`python -m tests.golden.misuse` freezes what TensorFlow says, again and again where its process does not survive a mistake.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.golden.case import DATA
from tests.golden.families.misuse import CASES, SETUP

FROZEN = DATA / "misuse_in_functions.json"
CRASH = "Crash"


def names_of_error(tf: Any, code: str) -> list[str]:
    """The names of the error's class and of those it derives from, where the tensors of `SETUP` are arguments; none if all goes well."""
    made: dict[str, Any] = {"tf": tf}
    exec(SETUP, made)
    tensors = {name: value for name, value in made.items() if tf.is_tensor(value)}

    def run(*given: Any) -> Any:
        result = eval(code, {**made, **dict(zip(tensors, given, strict=True))})
        return result if tf.is_tensor(result) else None

    try:
        tf.function(run, autograph=False)(*tensors.values())
    except Exception as error:
        return [c.__name__ for c in type(error).__mro__]
    return []


def _freeze() -> None:
    import tensorflow as tf

    found = json.loads(FROZEN.read_text()) if FROZEN.exists() else {}
    for code in [c for c in (case.code.removeprefix(SETUP) for case in CASES) if c not in found]:
        found[code] = CRASH  # until it is known better
        FROZEN.write_text(json.dumps(found, indent=0))
        found[code] = next(iter(names_of_error(tf, code)), "")
    FROZEN.write_text(json.dumps(found, indent=0) + "\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["once"]:
        _freeze()
    else:
        FROZEN.unlink(missing_ok=True)
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        while subprocess.run([sys.executable, "-m", "tests.golden.misuse", "once"], env=environment).returncode:
            pass
