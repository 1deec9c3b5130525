import numpy as np

from tests.ops.samples import real, sample

SAMPLES = {
    name: [sample(sorted_inputs=np.sort(real(2, 5)), values=real(2, 3, seed=1))]
    for name in ("LowerBound", "UpperBound")
}
