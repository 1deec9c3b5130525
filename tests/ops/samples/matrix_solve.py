import numpy as np

from tests.ops.samples import real, sample

A, B = real(2, 3, 3) + 3 * np.eye(3), real(2, 3, 2)

SAMPLES = {
    "MatrixDeterminant": [sample(input=A)],
    "LogMatrixDeterminant": [sample(complex_order=0, input=A)],  # the sign has no gradient
    "MatrixInverse": [sample(input=A), sample(input=A, adjoint=True)],
    "MatrixSolve": [sample(matrix=A, rhs=B), sample(matrix=A, rhs=B, adjoint=True)],
    "MatrixTriangularSolve": [
        sample(matrix=A, rhs=B),
        sample(matrix=A, rhs=B, lower=False, adjoint=True),
    ],
    "MatrixSolveLs": [
        sample(matrix=real(2, 4, 3), rhs=real(2, 4, 2), l2_regularizer=0.5),
        sample(matrix=real(2, 3, 4), rhs=real(2, 3, 2), l2_regularizer=0.5),
    ],
}
