"""Numbers of texts by their fingerprints."""

from __future__ import annotations

import numpy as np

from tenfold.core import dtypes
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.ops.fingerprint import fingerprint64


def _kernel(input, *, num_buckets):
    if num_buckets < 1:
        raise ValueError(f"num_buckets is {num_buckets}; it must be at least 1")
    found = [fingerprint64(text) % num_buckets for text in input.reshape(-1).tolist()]
    return np.array(found, np.int64).reshape(input.shape)


STRING_TO_HASH_BUCKET_FAST = register(
    Op(
        "StringToHashBucketFast",
        _kernel,
        types={dtypes.string},
        vjp=NotDifferentiable("the result is an integer"),
    )
)
