import numpy as np

from tests.ops.samples import ints, real, sample

X = real(3, 4)
MASK = np.array([[True, False, True], [False, False, True]])

SAMPLES = {
    "GatherV2": [
        sample(params=X, indices=ints([[0, 2], [1, 1]]), axis=0),
        sample(params=X, indices=ints(3, 0), axis=1),
        sample(params=X, indices=ints([[1, 0], [2, 3], [3, 3]]), axis=1, batch_dims=1),
    ],
    "GatherNd": [sample(params=X, indices=ints([[0, 1], [2, 3], [0, 1]])), sample(params=X, indices=ints([[2], [0]]))],
    "Where": [sample(condition=MASK)],
    "SelectV2": [
        sample(condition=MASK, t=real(2, 3), e=real(2, 3, seed=1)),
        sample(condition=MASK[:, :1], t=real(3), e=real()),
    ],
}
