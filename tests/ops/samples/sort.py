import numpy as np

from tests.ops.samples import real, sample

SAMPLES = {
    name: [
        sample(fixed=("sorted_inputs",), sorted_inputs=np.sort(real(2, width)), values=real(2, 3, seed=1))
        for width in (5, 70)
    ]
    for name in ("LowerBound", "UpperBound")
}
