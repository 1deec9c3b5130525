import numpy as np

from tests.ops.samples import real, sample

SAMPLES = {
    "Select": [
        sample(condition=np.array([[True, False], [False, True]]), x=real(2, 2), y=real(2, 2, seed=1)),
        sample(condition=np.array([True, False]), x=real(2, 3), y=real(2, 3, seed=1)),
        sample(condition=np.array(True), x=real(2, 3), y=real(2, 3, seed=1)),
    ]
}
