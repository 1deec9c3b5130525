"""Every golden case inside `tf.function`: what TensorFlow's functions make of it, Tenfold's make of it too."""

from __future__ import annotations

import importlib
import inspect

import pytest

import tenfold as tf
from tenfold.core.config import settings
from tests.golden.case import DATA, load
from tests.golden.compare import check
from tests.golden.traced import TRACED, traced_families, traced_outcome


def every_case():
    for name in traced_families():
        cases = importlib.import_module(f"tests.golden.families.{name}").CASES
        files = [path / f"{name}.npz" for path in (DATA, TRACED)]
        eager, traced = (load(file) if file.exists() else [] for file in files)
        if not len(cases) == len(eager) == len(traced):
            yield pytest.param(None, name, None, id=f"{name}: frozen")
            continue
        for case, by_eager, by_traced in zip(cases, eager, traced, strict=True):
            is_refused = "error" in by_traced and "error" not in by_eager  # by TensorFlow, in a function
            if not is_refused and "keras.layers" not in source(case):  # layers make variables in a way of their own
                yield pytest.param(case, by_eager, by_traced, id=f"{name}: {case}")


def source(case):
    return case.code if isinstance(case.code, str) else inspect.getsource(case.code)


@pytest.fixture(autouse=True, scope="module")
def _on_numpy():
    """Machine code is tested by rule; compiling thousands of functions would take minutes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "compiles", False)
        yield


@pytest.mark.parametrize("case, eager, traced", list(every_case()))
def test_same_as_tensorflow(case, eager, traced):
    assert case is not None, f"run `python -m tests.golden.make_traced {eager}` under TensorFlow"
    got = traced_outcome(tf, case)
    if "error" in traced:
        assert "error" in got or case.may_extend, f"TensorFlow says {traced['text'][:300]}; here {got}"
        return
    check(got, traced if "values" in traced and not _is_as_eagerly(got, eager, case) else eager, case)


def _is_as_eagerly(got, eager, case):
    """Whether a case that has other results in TensorFlow's functions has those of eager code in ours. Random numbers must differ."""
    if "error" in eager or "seed" in str(case.code).replace("from_seed", ""):
        return False
    try:
        check(got, eager, case)
    except AssertionError:
        return False
    return True
