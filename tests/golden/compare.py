"""How what came out of a case is compared with what came out of it under TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.golden.case import Case

TOLERANCE = {
    "float16": 2e-3,
    "bfloat16": 2e-2,
    "float32": 2e-5,
    "float64": 1e-10,
    "complex64": 2e-5,
    "complex128": 1e-10,
}


def check(got: dict[str, Any], expected: dict[str, Any], case: Case) -> None:
    """Compares values and gradients.

    Raises:
      AssertionError: they differ.
    """
    assert "error" not in got, f"{got['error']}: {got['text']}"
    for what in ("values", "gradients"):
        wanted, found = expected[what], got[what]
        assert (wanted is None) == (found is None), what
        for a, b in zip(found or [], wanted or [], strict=True):
            compare(a, b, case, what)


def compare(got: Any, expected: Any, case: Case, what: str) -> None:
    if expected is None or got is None:
        assert got is None and expected is None, f"{what}: got {got}, TensorFlow has {expected}"
        return
    (kind, value), (expected_kind, expected_value) = got, expected
    assert kind == expected_kind, what
    if not isinstance(expected_value, np.ndarray):
        if isinstance(expected_value, float):
            np.testing.assert_allclose(value, expected_value, 1e-5, 1e-12, err_msg=what)
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
