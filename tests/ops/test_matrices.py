"""Derivatives of linear algebra to second order, and what defines the decompositions."""

import numpy as np
import pytest

import tenfold as tf
from tests.gradients import check_gradients

L = tf.linalg


def normal(*shape, seed=0):
    return np.random.RandomState(seed + sum(shape)).standard_normal(shape)


def definite(*shape):
    x = normal(*shape)
    return x @ np.swapaxes(x, -1, -2) + shape[-1] * np.eye(shape[-1])


def regular(*shape):
    return normal(*shape) + np.diag(2.0 + 3.0 * np.arange(shape[-1]))


def both(function):
    """Makes a symmetric matrix of the input first, since these functions read one triangle."""
    return lambda x: function(x + L.matrix_transpose(x))


def joined(function):
    """All elements of several outputs in one tensor."""
    return lambda x: tf.concat([tf.reshape(y, [-1]) for y in function(x)], 0)


FUNCTIONS = {
    "band_part": (lambda x: L.band_part(x, 1, 0) ** 2.0, (3, 4), normal),
    "diag": (lambda x: L.diag(x, k=(-1, 1), num_rows=3, num_cols=4) ** 2.0, (2, 3, 3), normal),
    "diag_part": (lambda x: L.diag_part(x, k=(-1, 2)) ** 2.0, (2, 3, 4), normal),
    "tensor_diag": (lambda x: L.tensor_diag(x) ** 2.0, (2, 2), normal),
    "trace": (lambda x: L.trace(x) ** 2.0, (2, 3, 3), normal),
    "det": (L.det, (2, 3, 3), regular),
    "slogdet": (lambda x: L.slogdet(x)[1], (2, 3, 3), regular),
    "logdet": (both(L.logdet), (3, 3), definite),
    "inv": (L.inv, (3, 3), regular),
    "inv of the adjoint": (lambda x: L.inv(x, adjoint=True), (3, 3), regular),
    "cholesky": (both(L.cholesky), (3, 3), definite),
    "qr": (joined(L.qr), (3, 3), regular),
    "tall qr": (joined(L.qr), (4, 2), normal),
    "wide qr": (joined(L.qr), (2, 3), normal),
    "singular values": (lambda x: L.svd(x, compute_uv=False), (3, 2), normal),
    "svd": (joined(L.svd), (3, 3), regular),
    "wide svd": (joined(L.svd), (2, 4), normal),
    "tall svd": (joined(L.svd), (4, 2), normal),
    "full svd": (joined(lambda x: [t**2.0 for t in L.svd(x, full_matrices=True)]), (2, 3), normal),
    "eigvalsh": (both(L.eigvalsh), (3, 3), regular),
    "eigh": (both(joined(L.eigh)), (3, 3), regular),
    "eigvals": (lambda x: tf.math.real(tf.exp(-L.eigvals(x))), (3, 3), regular),
    "eig": (lambda x: tf.abs(L.eig(x)[1]) ** 2.0, (3, 3), regular),
    "lu": (lambda x: L.lu(x).lu, (4, 4), regular),
    "pinv": (L.pinv, (4, 2), normal),
    "expm": (lambda x: L.expm(x / 3.0), (3, 3), regular),
    "sqrtm": (L.sqrtm, (3, 3), regular),
    "norm": (lambda x: tf.norm(x, axis=0), (3, 3), normal),
    "norm of order 3": (lambda x: tf.norm(x, ord=3, axis=0), (3, 3), normal),
    "spectral norm": (lambda x: tf.norm(x, ord=2, axis=(0, 1)), (3, 2), normal),
    "l2_normalize": (lambda x: L.l2_normalize(x, 0), (3, 3), normal),
    "global_norm": (lambda x: L.global_norm([x, x * x]), (3,), normal),
}
PAIRS = {
    "set_diag": (lambda x, y: L.set_diag(x, y, k=(0, 1)) ** 2.0, (3, 4), (2, 3), normal),
    "cross": (L.cross, (2, 3), (2, 3), normal),
    "solve": (L.solve, (3, 3), (3, 2), regular),
    "solve of the adjoint": (lambda x, y: L.solve(x, y, adjoint=True), (3, 3), (3, 2), regular),
    "triangular_solve": (L.triangular_solve, (3, 3), (3, 2), regular),
    "upper triangular_solve": (lambda x, y: L.triangular_solve(x, y, lower=False), (3, 3), (2, 3, 2), regular),
    "adjoint triangular_solve": (lambda x, y: L.triangular_solve(x, y, adjoint=True), (2, 3, 3), (3, 2), regular),
    "cholesky_solve": (L.cholesky_solve, (3, 3), (3, 2), regular),
    "tall lstsq": (L.lstsq, (4, 2), (4, 1), normal),
    "wide lstsq": (lambda x, y: L.lstsq(x, y, l2_regularizer=0.1), (2, 3), (2, 1), normal),
    "lu_solve": (lambda x, y: L.lu_solve(*L.lu(x), y), (3, 3), (3, 2), regular),
    "tridiagonal_solve": (L.tridiagonal_solve, (3, 4), (4, 2), lambda *s: 2.0 + normal(*s)),
    "tridiagonal_matmul": (L.tridiagonal_matmul, (3, 4), (4, 2), normal),
    "banded_triangular_solve": (L.banded_triangular_solve, (2, 4), (4, 2), lambda *s: 2.0 + normal(*s)),
    "upper banded_triangular_solve": (
        lambda x, y: L.banded_triangular_solve(x, y, lower=False, adjoint=True),
        (2, 4),
        (3, 4, 2),
        lambda *s: 2.0 + normal(*s),
    ),
    "eigh_tridiagonal": (lambda x, y: L.eigh_tridiagonal(x * x, y), (3,), (2,), normal),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives(name):
    function, shape, make = FUNCTIONS[name]
    check_gradients(function, make(*shape))


@pytest.mark.parametrize("name", PAIRS)
def test_derivatives_of_both_inputs(name):
    function, first, second, make = PAIRS[name]
    check_gradients(function, make(*first), normal(*second, seed=1))


def complex_normal(*shape):
    return normal(*shape) + 1j * normal(*shape, seed=1)


@pytest.mark.parametrize(
    "function, make",
    [
        (lambda x: L.det(x), complex_normal),
        (lambda x: L.sqrtm(x + 4.0 * tf.eye(3, dtype=x.dtype)), complex_normal),
        (lambda x: L.inv(x), complex_normal),
        (lambda x: L.cholesky(L.matmul(x, x, adjoint_b=True) + tf.eye(3, dtype=x.dtype)), complex_normal),
        (lambda x: L.tridiagonal_solve(x, x[0] + 1.0), complex_normal),
        (lambda x: L.expm(x), complex_normal),
    ],
)
def test_complex_derivatives(function, make):
    """The gradient of a real function of z = x + iy is its derivative by x plus i times that by y."""
    z = make(3, 3)

    def size(x, y):
        return tf.abs(tf.reduce_sum(function(tf.complex(x, y)) * np.cos(1.0 + np.arange(3))))

    check_gradients(size, z.real, z.imag, order=1)


@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2), (2, 3, 4), (0, 3), (2, 0, 0)])
def test_decompositions_multiply_back(shape):
    x = normal(*shape)
    for full in (False, True):
        q, r = L.qr(x, full_matrices=full)
        np.testing.assert_allclose(tf.matmul(q, r).numpy(), x, atol=1e-12)
        np.testing.assert_allclose(
            tf.matmul(q, q, adjoint_a=True).numpy(),
            np.broadcast_to(np.eye(q.shape[-1]), (*shape[:-2], q.shape[-1], q.shape[-1])),
            atol=1e-12,
        )
        s, u, v = L.svd(x, full_matrices=full)
        k = s.shape[-1]
        np.testing.assert_allclose(
            tf.matmul(u[..., :k] * s[..., None, :], v[..., :k], adjoint_b=True).numpy(), x, atol=1e-12
        )
    np.testing.assert_allclose(tf.matmul(tf.matmul(x, L.pinv(x)), x).numpy(), x, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 9, 20])
def test_square_decompositions_multiply_back(n):
    x = normal(2, n, n) + 1j * normal(2, n, n, seed=1)
    factors, p = L.lu(x)
    np.testing.assert_allclose(L.lu_reconstruct(factors, p).numpy(), x, atol=1e-12)
    np.testing.assert_allclose(
        tf.matmul(L.lu_matrix_inverse(factors, p), x).numpy(), np.broadcast_to(np.eye(n), x.shape), atol=1e-9
    )
    e, v = L.eig(x)
    np.testing.assert_allclose(tf.matmul(x, v).numpy(), (v * e[..., None, :]).numpy(), atol=1e-11)
    h = x + np.swapaxes(x.conj(), -1, -2)
    e, v = L.eigh(h)
    np.testing.assert_allclose(tf.matmul(h, v).numpy(), (v * e[..., None, :]).numpy(), atol=1e-11)
    root = L.sqrtm(x)
    np.testing.assert_allclose(tf.matmul(root, root).numpy(), x, atol=1e-9)
    np.testing.assert_allclose(L.expm(L.logm(x)).numpy(), x, atol=1e-9)


@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("n", [1, 5, 16, 33, 64])
def test_triangular_solve_reads_one_triangle(lower, n):
    x, y = regular(n, n), normal(n, 3)
    triangle = np.tril(x) if lower else np.triu(x)
    np.testing.assert_allclose(triangle @ L.triangular_solve(x, y, lower=lower).numpy(), y, atol=1e-9)


def test_tridiagonal_solve_without_a_diagonal_needs_pivots():
    diagonals = tf.constant([[1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 1.0, 1.0]], tf.float64)
    x = tf.constant([[1.0], [2.0], [3.0], [4.0]], tf.float64)
    found = L.tridiagonal_solve(diagonals, L.tridiagonal_matmul(diagonals, x))
    np.testing.assert_allclose(found.numpy(), x.numpy())


def test_perturbed_singular_system_has_a_finite_solution():
    diagonals = tf.constant([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    assert np.isnan(L.tridiagonal_solve(diagonals, tf.ones([3])).numpy()).all()
    assert np.isfinite(L.tridiagonal_solve(diagonals, tf.ones([3]), perturb_singular=True).numpy()).all()


def test_one_singular_matrix_of_a_batch_leaves_the_others():
    x = np.stack([np.eye(2), -np.eye(2), 4.0 * np.eye(2)])
    factors = L.cholesky(x).numpy()
    np.testing.assert_array_equal(factors[[0, 2]], np.stack([np.eye(2), 2.0 * np.eye(2)]))
    assert np.isnan(np.diagonal(factors[1])).all()


def test_logarithm_and_root_of_a_defective_matrix():
    """Its eigenvectors do not span the space."""
    x = np.array([[5.0, 1.0, 0.0], [0.0, 5.0, 1.0], [0.0, 0.0, 5.0]], np.complex128)
    root = L.sqrtm(x).numpy()
    np.testing.assert_allclose(root @ root, x, atol=1e-13)
    np.testing.assert_allclose(L.expm(L.logm(x)).numpy(), x, atol=1e-12)


def test_half_precision_is_computed_in_float32():
    x = tf.constant([[4.0, 1.0], [1.0, 3.0]], tf.float16)
    for function in (L.cholesky, L.inv, L.det, L.sqrtm, L.expm, lambda x: L.solve(x, x), lambda x: L.svd(x)[0]):
        assert function(x).dtype == tf.float16
    np.testing.assert_allclose(L.matmul(L.inv(x), x).numpy(), np.eye(2), atol=2e-3)


def test_eigenvalues_have_names_at_the_top():
    x = tf.constant([[2.0, 0.0], [0.0, 3.0]])
    np.testing.assert_allclose(sorted(tf.eigvals(x).numpy().real), [2, 3])
    np.testing.assert_allclose(sorted(tf.eig(x)[0].numpy().real), [2, 3])
