"""Numbers of the intervals that values are in."""

from __future__ import annotations

import numpy as np

from tenfold.core import dtypes
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.ops.ufunc import spec_of_elements


def _kernel(input, *, boundaries):
    if list(boundaries) != sorted(boundaries):
        raise ValueError("Expected sorted boundaries")
    return np.searchsorted(np.array(boundaries, np.float32), input, "right").astype(np.int32)


BUCKETIZE = register(
    Op(
        "Bucketize",
        _kernel,
        types={dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64},
        vjp=NotDifferentiable("the result is an integer"),
        infer=spec_of_elements(lambda input: np.empty(1, np.int32)),
    )
)
