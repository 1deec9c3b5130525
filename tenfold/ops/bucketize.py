"""Numbers of the intervals that values are in."""

from __future__ import annotations

import numpy as np

from tenfold.compiler.program import NotLowered
from tenfold.core import dtypes
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.ops.sort import lower_search
from tenfold.ops.ufunc import spec_of_elements


def _kernel(input, *, boundaries):
    if list(boundaries) != sorted(boundaries):
        raise ValueError("Expected sorted boundaries")
    return np.searchsorted(np.array(boundaries, np.float32), input, "right").astype(np.int32)


def _lower(b, input, *, boundaries):
    if list(boundaries) != sorted(boundaries):
        raise NotLowered("an error")
    dtype = np.result_type(np.float32, input.dtype)
    rows, sought = b.constant(boundaries, np.float32), b.cast(input, dtype)
    found = lower_search(b, b.cast(b.expand_dims(rows, [0]), dtype), b.reshape(sought, (1, sought.spec.size)), "right")
    return b.reshape(found, input.shape)


BUCKETIZE = register(
    Op(
        "Bucketize",
        _kernel,
        lower=_lower,
        types={dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64},
        vjp=NotDifferentiable("the result is an integer"),
        infer=spec_of_elements(lambda input: np.empty(1, np.int32)),
    )
)
