"""A few cases of each target; `python -m tests.fuzz` runs more."""

from __future__ import annotations

import sys
from random import Random

import pytest

from tenfold.core.config import settings
from tests.fuzz.targets import TARGETS

if sys.platform != "linux":
    pytest.skip("the limits of the cases are those of Linux", allow_module_level=True)
from tests.fuzz.run import one_case  # noqa: E402


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TARGETS)
def test_changed_files_are_read_or_refused(name, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "compiles", False)
    target = TARGETS[name](tmp_path)
    for number in range(15):
        one_case(target, Random(number))
