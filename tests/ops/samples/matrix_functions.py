import numpy as np

from tests.ops.samples import real, sample

A = real(2, 3, 3) + 3 * np.eye(3)

SAMPLES = {"MatrixSquareRoot": [sample(input=A)], "MatrixLogarithm": [sample(order=0, input=A)]}
