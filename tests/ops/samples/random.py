import numpy as np

from tests.ops.samples import ints, sample

SEEDS = {"seed": 3, "seed2": 4}
SEED = ints(3, 4, dtype=np.int64)
KEY = {"key": ints([5], dtype=np.uint64), "counter": ints(6, 7, dtype=np.uint64), "alg": 1}
BOUNDS = {"minval": ints(-3), "maxval": ints(9)}

SAMPLES = {
    **{
        name: [sample(shape=[2, 3], dtype=dtype, **SEEDS) for dtype in ("float16", "float32", "float64")]
        for name in ("RandomUniform", "RandomStandardNormal", "TruncatedNormal")
    },
    **{
        name: [sample(shape=[2, 3], seed=SEED, dtype=dtype) for dtype in ("bfloat16", "float32", "float64")]
        for name in ("StatelessRandomUniform", "StatelessRandomNormal", "StatelessTruncatedNormal")
    },
    **{
        name: [sample(shape=[2, 3], dtype=dtype, **KEY) for dtype in ("bfloat16", "float32", "float64")]
        for name in ("StatelessRandomUniformV2", "StatelessRandomNormalV2", "StatelessTruncatedNormalV2")
    },
    "StatelessRandomUniformFullInt": [sample(shape=[2, 3], seed=SEED, dtype="int64")],
    "StatelessRandomUniformFullIntV2": [sample(shape=[2, 3], dtype="uint32", **KEY)],
    "RandomUniformInt": [sample(shape=[2, 3], **BOUNDS, **SEEDS)],
    "StatelessRandomUniformInt": [sample(shape=[2, 3], seed=SEED, **BOUNDS)],
    "StatelessRandomUniformIntV2": [sample(shape=[2, 3], **BOUNDS, **KEY)],
}
