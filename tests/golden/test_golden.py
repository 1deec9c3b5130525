"""Every case of every family: Tenfold against what real TensorFlow made of it."""

from __future__ import annotations

import importlib

import pytest

import tenfold as tf
from tenfold.core.config import settings
from tests.golden.case import DATA, FAMILIES, load, outcome
from tests.golden.compare import check


def every_case():
    for path in sorted(FAMILIES.glob("*.py")):
        if path.stem != "__init__":
            cases = importlib.import_module(f"tests.golden.families.{path.stem}").CASES
            data = DATA / f"{path.stem}.npz"
            expected = load(data) if data.exists() else []
            if len(cases) != len(expected):  # a failure of this family alone
                yield pytest.param(None, path.stem, id=f"{path.stem}: frozen")
                continue
            for c, e in zip(cases, expected, strict=True):
                yield pytest.param(c, e, id=f"{path.stem}: {c}")


@pytest.fixture(autouse=True)
def _traced_on_numpy(request, monkeypatch):
    """Machine code is tested by rule; compiling what each of these functions becomes would take long."""
    if "[autograph:" in request.node.name:
        monkeypatch.setattr(settings, "compiles", False)


@pytest.mark.parametrize("case, expected", list(every_case()))
def test_same_as_tensorflow(case, expected):
    assert case is not None, f"run `python -m tests.golden.make {expected}` under TensorFlow"
    got = outcome(tf, case)
    if "error" in expected:
        # where TensorFlow has no kernel for a dtype (NotFoundError), the dtype is what is wrong here
        extended = (None, "InvalidArgumentError") if case.may_extend else ()
        assert got.get("error") in (expected["error"], *extended), (
            f"TensorFlow says {expected['text'][:300]}; here {got}"
        )
        return
    check(got, expected, case)
