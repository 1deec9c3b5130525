import numpy as np

from tests.ops.samples import ints, real, sample
from tests.ops.samples.random import KEY, SEED, SEEDS

SAMPLES = {
    "Multinomial": [sample(logits=real(2, 3), num_samples=4, **SEEDS)],
    "StatelessMultinomial": [sample(logits=real(2, 3), num_samples=4, seed=SEED)],
    "RandomShuffle": [sample(value=real(4, 2), **SEEDS)],
    "StatelessShuffle": [sample(order=0, value=real(4, 2), **KEY)],
    "RandomIndexShuffle": [sample(index=ints(0, 3), seed=ints(1, 2, 3, dtype=np.uint32), max_index=ints(9))],
}
