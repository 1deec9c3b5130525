import numpy as np

from tests.ops.samples import sample

SAMPLES = {"Bucketize": [sample(input=np.array([[-1, 0.5, 1], [1.5, 2, 9]], np.float32), boundaries=[0.5, 1.0, 2.0])]}
