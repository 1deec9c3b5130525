import numpy as np

from tests.ops.samples import real, sample

A = real(2, 3, 3)
POSITIVE = A @ A.transpose(0, 2, 1) + np.eye(3)

SAMPLES = {
    # A random direction is not symmetric, and the gradients of what reads one triangle are those of a symmetric matrix.
    "Cholesky": [sample(order=0, input=POSITIVE)],
    "SelfAdjointEigV2": [sample(order=0, input=POSITIVE)],
    "Qr": [sample(input=A), sample(input=real(2, 4, 3))],
    "Svd": [
        sample(complex_order=0, input=A + 2 * np.diag([1.0, 2.0, 4.0])),
        sample(input=real(2, 3, 3, seed=3), compute_uv=False),
    ],
    # Eigenvectors are known up to a complex factor only.
    "Eig": [sample(order=0, input=A + np.diag([1.0, 3.0, 6.0]), Tout="complex128")],
}
