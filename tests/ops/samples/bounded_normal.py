import numpy as np

from tests.ops.samples import ints, real, sample

BOUNDS = (real(2, 1), real(2, 1, low=0.5), real(2, 1, low=-3, high=-1), real(2, 1, low=0, high=2))

SAMPLES = {
    "ParameterizedTruncatedNormal": [
        sample(
            shape=[2, 5],
            seed=3,
            seed2=4,
            **dict(zip(("means", "stdevs", "minvals", "maxvals"), [x.reshape(2) for x in BOUNDS], strict=True)),
        )
    ],
    # The sampler rejects: a sample jumps where its parameters move. Its gradient is that of the quantile.
    "StatelessParameterizedTruncatedNormal": [
        sample(
            order=0,
            shape=[5, 2, 1],
            seed=ints(3, 4, dtype=np.int64),
            **dict(zip(("means", "stddevs", "minvals", "maxvals"), BOUNDS, strict=True)),
        )
    ],
}
