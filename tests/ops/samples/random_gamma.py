from tests.ops.samples import real, sample
from tests.ops.samples.random import KEY, SEED, SEEDS

ALPHA = real(3, low=0.5, high=3)

# The sampler rejects: a sample jumps where its parameters move, and its gradient is that of the distribution's quantile.
SAMPLES = {
    "RandomGamma": [sample(order=0, shape=[2], alpha=ALPHA, **SEEDS)],
    "StatelessRandomGammaV2": [sample(order=0, shape=[2, 3], seed=SEED, alpha=ALPHA)],
    "StatelessRandomGammaV3": [sample(order=0, shape=[2, 3], alpha=ALPHA, **KEY)],
    "RandomPoissonV2": [sample(shape=[2], rate=ALPHA, dtype="int64", **SEEDS)],
    "StatelessRandomPoisson": [sample(shape=[2, 3], seed=SEED, lam=ALPHA, dtype="int32")],
    "StatelessRandomBinomial": [sample(shape=[2, 3], seed=SEED, counts=ALPHA * 0 + 9, probs=ALPHA / 4, dtype="int32")],
}
