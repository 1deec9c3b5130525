"""Every case of every family: Tenfold against what real TensorFlow made of it."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import tenfold as tf
from tests.golden.case import DATA, FAMILIES, load, outcome

TOLERANCE = {
    "float16": 2e-3,
    "bfloat16": 2e-2,
    "float32": 2e-5,
    "float64": 1e-10,
    "complex64": 2e-5,
    "complex128": 1e-10,
}


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
    assert "error" not in got, f"{got['error']}: {got['text']}"
    for what in ("values", "gradients"):
        wanted, found = expected[what], got[what]
        assert (wanted is None) == (found is None), what
        for a, b in zip(found or [], wanted or [], strict=True):
            compare(a, b, case, what)


def compare(got, expected, case, what):
    if expected is None or got is None:
        assert got is None and expected is None, f"{what}: got {got}, TensorFlow has {expected}"
        return
    (kind, value), (expected_kind, expected_value) = got, expected
    assert kind == expected_kind, what
    if not isinstance(expected_value, np.ndarray):
        if isinstance(expected_value, float):
            assert value == pytest.approx(expected_value, rel=1e-5, nan_ok=True), what
        else:
            assert value == expected_value, what
        return
    value = np.asarray(value)
    assert value.shape == expected_value.shape, what
    if value.dtype.kind == "V":
        value = value.astype(np.float32)
    tolerance = TOLERANCE.get(kind.removeprefix("numpy "))
    if tolerance is None:
        np.testing.assert_array_equal(value, expected_value, what)
    else:
        rtol = tolerance if case.rtol is None else case.rtol
        np.testing.assert_allclose(value, expected_value, rtol, rtol if case.atol is None else case.atol, err_msg=what)
