"""Every op on its samples with other sizes: nothing, one, no axes (see `tests/ops/resized.py`).

`sizes_left_out.txt` names those of which TensorFlow says nothing that counts.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.golden.case import Case, case
from tests.golden.families.by_rule import NO_GRADIENT, OTHER_BYTES, UNIQUE_UP_TO_A_FACTOR, run
from tests.ops.resized import resized
from tests.ops.samples import every_sample

LEFT_OUT = {*Path(__file__).with_name("sizes_left_out.txt").read_text().splitlines()}


def _every_case() -> list[Case]:
    found = []
    for name, samples in sorted(every_sample().items()):
        for sample in samples:
            if sample.repeats and name not in UNIQUE_UP_TO_A_FACTOR | OTHER_BYTES:
                for change, arguments in resized(sample, np.float32):
                    code, inputs = run(name, arguments)
                    title = f"{name} {change} {sample}"
                    found.append(case(code, grad=name not in NO_GRADIENT, may_extend=True, name=title, **inputs))
    return found


CASES = [c for c in _every_case() if c.name not in LEFT_OUT]
