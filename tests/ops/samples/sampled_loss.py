import numpy as np

from tests.ops.samples import ints, sample

SAMPLES = {
    "ComputeAccidentalHits": [
        sample(
            true_classes=ints([[1, 2], [3, 4]], dtype=np.int64),
            sampled_candidates=ints(4, 1, 5, dtype=np.int64),
            num_true=2,
        )
    ]
}
