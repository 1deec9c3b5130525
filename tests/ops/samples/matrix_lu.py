import numpy as np

from tests.ops.samples import real, sample

SAMPLES = {"Lu": [sample(input=real(2, 3, 3) + 3 * np.eye(3))]}
