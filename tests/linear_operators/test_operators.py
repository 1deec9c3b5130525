"""Operators against the matrices that they stand for, where TensorFlow is no measure: batches that broadcast, and variables."""

import subprocess
import sys

import numpy as np
import pytest

import tenfold as tf

L = tf.linalg


def normal(*shape, seed=0):
    return np.random.RandomState(seed + sum(shape)).standard_normal(shape)


def positive(*shape):
    return 1.0 + np.random.RandomState(sum(shape)).uniform(size=shape)


def full(*shape, **hints):
    return L.LinearOperatorFullMatrix(normal(*shape) + 3.0 * np.eye(shape[-1]), **hints)


BATCHES = {
    "diag": lambda: L.LinearOperatorDiag(positive(2, 1, 4)),
    "identity": lambda: L.LinearOperatorIdentity(4, batch_shape=[2, 1], dtype=tf.float64),
    "scaled identity": lambda: L.LinearOperatorScaledIdentity(4, positive(2, 1)),
    "full": lambda: full(2, 1, 4, 4),
    "triangular": lambda: L.LinearOperatorLowerTriangular(normal(2, 1, 4, 4) + 3.0 * np.eye(4)),
    "adjoint": lambda: full(2, 1, 4, 4).H,
    "inversion": lambda: full(2, 1, 4, 4).inverse(),
    "composition": lambda: L.LinearOperatorComposition([full(2, 1, 4, 4), L.LinearOperatorDiag(positive(4))]),
    "kronecker": lambda: L.LinearOperatorKronecker([full(2, 1, 2, 2), full(2, 2)]),
    "low rank": lambda: L.LinearOperatorLowRankUpdate(
        L.LinearOperatorDiag(positive(2, 1, 4)), normal(4, 2), positive(2)
    ),
    "block diag": lambda: L.LinearOperatorBlockDiag([full(2, 1, 2, 2), L.LinearOperatorDiag(positive(2))]),
    "block triangular": lambda: L.LinearOperatorBlockLowerTriangular([[full(2, 1, 2, 2)], [full(2, 2), full(2, 2)]]),
    "householder": lambda: L.LinearOperatorHouseholder(normal(2, 1, 4)),
    "permutation": lambda: L.LinearOperatorPermutation([[[3, 0, 2, 1]], [[0, 1, 3, 2]]], dtype=tf.float64),
    "toeplitz": lambda: L.LinearOperatorToeplitz(normal(2, 1, 4) + [5.0, 0.0, 0.0, 0.0], normal(4)),
    "tridiag": lambda: L.LinearOperatorTridiag(normal(2, 1, 3, 4) + [[0.0], [5.0], [0.0]]),
    "circulant": lambda: L.LinearOperatorCirculant(positive(2, 1, 4) * [1.0, 2.0, 3.0, 2.0], tf.float64),
    "circulant 2d": lambda: L.LinearOperatorCirculant2D(positive(2, 1, 1, 1) * [[4.0, 1.0], [2.0, 3.0]], tf.float64),
}


@pytest.mark.parametrize("name", BATCHES)
def test_batches_broadcast(name):
    operator = BATCHES[name]()
    dense = operator.to_dense().numpy()
    if name == "circulant":  # the spectrum is not that of a real matrix
        operator = L.LinearOperatorCirculant(tf.cast(operator.spectrum, tf.complex128), tf.complex128)
        dense = operator.to_dense().numpy()
    assert dense.shape == tuple(operator.shape) == (2, 1, 4, 4)
    x = normal(3, 4, 5).astype(dense.dtype)
    for adjoint in (False, True):
        matrix = np.swapaxes(dense, -1, -2).conj() if adjoint else dense
        np.testing.assert_allclose(operator.matmul(x, adjoint=adjoint).numpy(), matrix @ x, atol=1e-12)
        np.testing.assert_allclose(
            operator.solve(matrix @ x, adjoint=adjoint).numpy(), np.broadcast_to(x, (2, 3, 4, 5)), atol=1e-9
        )
        np.testing.assert_allclose(
            operator.matvec(x[..., 0], adjoint=adjoint).numpy(), (matrix @ x)[..., 0], atol=1e-12
        )
    np.testing.assert_allclose(operator.determinant().numpy(), np.linalg.det(dense), atol=1e-9)
    np.testing.assert_allclose(operator.log_abs_determinant().numpy(), np.linalg.slogdet(dense)[1], atol=1e-9)
    np.testing.assert_allclose(operator.trace().numpy(), np.trace(dense, axis1=-2, axis2=-1), atol=1e-12)
    np.testing.assert_allclose(operator.diag_part().numpy(), np.einsum("...ii->...i", dense), atol=1e-12)
    np.testing.assert_allclose(operator.inverse().to_dense().numpy(), np.linalg.inv(dense), atol=1e-9)
    np.testing.assert_allclose(operator.H.to_dense().numpy(), np.swapaxes(dense, -1, -2).conj(), atol=1e-12)
    np.testing.assert_allclose(
        operator.add_to_tensor(x[0, :, :4] + x[:, :, :4]).numpy(), dense + x[0, :, :4] + x[:, :, :4], atol=1e-12
    )
    np.testing.assert_allclose(tf.convert_to_tensor(operator).numpy(), dense, atol=1e-12)


@pytest.mark.parametrize("name", [n for n in BATCHES if n not in ("adjoint", "inversion")])
def test_parts_of_batches(name):
    operator = BATCHES[name]()
    dense = operator.to_dense().numpy()
    for key in (1, slice(1), (slice(None), 0), (Ellipsis, 0), -1):
        part = operator[key]
        index = (
            key
            if isinstance(key, tuple) and Ellipsis not in key
            else (key,)
            if not isinstance(key, tuple)
            else (slice(None), 0)
        )
        np.testing.assert_allclose(part.to_dense().numpy(), dense[index], atol=1e-12)


def test_operators_follow_their_variables_and_give_them_gradients():
    diagonal, u = tf.Variable([1.0, 2.0]), tf.Variable([[1.0], [1.0]])
    operator = L.LinearOperatorLowRankUpdate(L.LinearOperatorDiag(diagonal, is_positive_definite=True), u)
    assert {id(v) for v in operator.trainable_variables} == {id(diagonal), id(u)}
    diagonal.assign([3.0, 4.0])
    with tf.GradientTape() as tape:
        y = operator.determinant()
    assert float(y) == pytest.approx(19.0)
    np.testing.assert_allclose(tape.gradient(y, diagonal).numpy(), [5.0, 4.0], rtol=1e-5)


def test_a_subclass_needs_a_shape_and_a_product():
    class Twice(L.LinearOperator):
        def __init__(self, size):
            super().__init__(tf.float64, is_self_adjoint=True, is_positive_definite=True)
            self._size = size

        def _shape(self):
            return tf.TensorShape([self._size, self._size])

        def _matmul(self, x, adjoint=False, adjoint_arg=False):
            return 2.0 * (L.adjoint(x) if adjoint_arg else x)

    operator = Twice(3)
    assert float(operator.determinant()) == pytest.approx(8.0)
    np.testing.assert_allclose(operator.solvevec(np.ones(3)).numpy(), np.full(3, 0.5))
    np.testing.assert_allclose(operator.cholesky().to_dense().numpy(), np.sqrt(2.0) * np.eye(3))
    assert operator.parameters == {"size": 3}


def test_linear_operators_are_not_imported_before_they_are_used():
    code = "import sys, tenfold as tf; tf.linalg.inv; print('tenfold.linear_operators' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "False"
