"""Compiled programs against the interpreter, by random programs."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.compiler.programs import assert_same, programs


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs())
def test_compiled_programs_agree_with_the_interpreter(case):
    assert_same(*case)
