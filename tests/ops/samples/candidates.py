import numpy as np

from tests.ops.samples import sample, whole

CLASSES = whole(3, 2, low=0, high=4, dtype=np.int64)
COMMON = {"true_classes": CLASSES, "num_true": 2, "num_sampled": 5, "unique": True, "seed": 1, "seed2": 2}

SAMPLES = {
    **{
        name: [sample(range_max=10, **COMMON)]
        for name in ("UniformCandidateSampler", "LogUniformCandidateSampler", "LearnedUnigramCandidateSampler")
    },
    "FixedUnigramCandidateSampler": [sample(range_max=10, unigrams=[1.0 + i for i in range(10)], **COMMON)],
    "AllCandidateSampler": [sample(**COMMON)],
}
