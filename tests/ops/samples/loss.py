import numpy as np

from tests.ops.samples import ints, real, sample

X = real(3, 4)
LABELS = np.exp(real(3, 4, seed=1))

SAMPLES = {
    "SoftmaxCrossEntropyWithLogits": [sample(features=X, labels=LABELS / LABELS.sum(1, keepdims=True))],
    "SparseSoftmaxCrossEntropyWithLogits": [sample(features=X, labels=ints(0, 3, 1))],
    "L2Loss": [sample(t=X)],
}
