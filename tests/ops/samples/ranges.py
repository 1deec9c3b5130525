import numpy as np

from tests.ops.samples import ints, real, sample

SAMPLES = {
    "Range": [sample(start=np.array(1.0), limit=np.array(4.0), delta=np.array(0.5))],
    "OneHot": [
        sample(indices=ints([[0, 2], [-1, 1]]), depth=3, on_value=real(), off_value=real(seed=1)),
        sample(indices=ints(0, 2), depth=3, on_value=real(), off_value=real(seed=1), axis=0),
    ],
}
