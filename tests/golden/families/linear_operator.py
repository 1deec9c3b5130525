import numpy as np

from tests.golden.case import case, normal

_DEFINITE = "is_self_adjoint=True, is_positive_definite=True"
_FULL = "tf.linalg.LinearOperatorFullMatrix"
_OPERATORS = {
    "full": (f"{_FULL}(a)", dict(a=normal(3, 3, dtype="float64") + 3 * np.eye(3))),
    "definite": (
        f"{_FULL}(tf.matmul(a, a, transpose_b=True), {_DEFINITE})",
        dict(a=normal(3, 3, dtype="float64") + 2 * np.eye(3)),
    ),
    "batch": (f"{_FULL}(a)", dict(a=normal(2, 3, 3, dtype="float64") + 3 * np.eye(3))),
    "complex": (
        f"{_FULL}(a)",
        dict(a=normal(3, 3, dtype="float64") + 1j * normal(3, 3, seed=1, dtype="float64") + 3 * np.eye(3)),
    ),
    "wide": (f"{_FULL}(a)", dict(a=normal(2, 3, dtype="float64"))),
    "triangular": ("tf.linalg.LinearOperatorLowerTriangular(a)", dict(a=normal(3, 3, dtype="float64") + 3 * np.eye(3))),
    "diag": ("tf.linalg.LinearOperatorDiag(a)", dict(a=np.array([1.5, -2.0, 3.0]))),
    "positive diag": (
        "tf.linalg.LinearOperatorDiag(a, is_positive_definite=True)",
        dict(a=np.array([[1.5, 2.0, 3.0], [4.0, 1.0, 2.0]])),
    ),
    "complex diag": ("tf.linalg.LinearOperatorDiag(a)", dict(a=np.array([1.5 + 1j, -2.0, 3.0j]))),
    "identity": ("tf.linalg.LinearOperatorIdentity(3, dtype=tf.float64)", {}),
    "batch of identities": ("tf.linalg.LinearOperatorIdentity(3, batch_shape=[2], dtype=tf.float64)", {}),
    "scaled identity": ("tf.linalg.LinearOperatorScaledIdentity(3, a)", dict(a=np.array(2.5))),
    "positive scaled identity": (
        "tf.linalg.LinearOperatorScaledIdentity(3, a, is_positive_definite=True)",
        dict(a=np.array([2.5, 3.5])),
    ),
    "zeros": ("tf.linalg.LinearOperatorZeros(3, dtype=tf.float64)", {}),
    "wide zeros": ("tf.linalg.LinearOperatorZeros(2, 3, dtype=tf.float64, is_square=False, is_self_adjoint=False)", {}),
    "composition": (
        f"tf.linalg.LinearOperatorComposition([{_FULL}(a), tf.linalg.LinearOperatorDiag(b)])",
        dict(a=normal(3, 3, dtype="float64") + 3 * np.eye(3), b=np.array([1.0, 2.0, 3.0])),
    ),
    "gramian": (
        f"o = {_FULL}(a, is_non_singular=True)\nop = tf.linalg.LinearOperatorComposition([o, o.H])",
        dict(a=normal(3, 3, dtype="float64") + 3 * np.eye(3)),
    ),
    "adjoint": (f"tf.linalg.LinearOperatorAdjoint({_FULL}(a))", dict(a=normal(3, 3, dtype="float64") + 3 * np.eye(3))),
    "inversion": (
        f"tf.linalg.LinearOperatorInversion({_FULL}(a))",
        dict(a=normal(3, 3, dtype="float64") + 3 * np.eye(3)),
    ),
    "kronecker": (
        f"tf.linalg.LinearOperatorKronecker([{_FULL}(a), {_FULL}(b)])",
        dict(a=normal(2, 2, dtype="float64") + 2 * np.eye(2), b=normal(3, 3, dtype="float64") + 3 * np.eye(3)),
    ),
    "definite kronecker": (
        f"tf.linalg.LinearOperatorKronecker([{_FULL}(tf.matmul(a, a, transpose_b=True), {_DEFINITE}), tf.linalg.LinearOperatorDiag(b, is_positive_definite=True)])",
        dict(a=normal(2, 2, dtype="float64") + 2 * np.eye(2), b=np.array([1.0, 2.0])),
    ),
    "batch kronecker": (
        f"tf.linalg.LinearOperatorKronecker([{_FULL}(a), {_FULL}(b), {_FULL}(c)])",
        dict(
            a=normal(2, 2, 2, dtype="float64") + 2 * np.eye(2),
            b=normal(1, 3, 3, dtype="float64") + 3 * np.eye(3),
            c=normal(2, 2, dtype="float64") + 2 * np.eye(2),
        ),
    ),
    "low rank": (
        "tf.linalg.LinearOperatorLowRankUpdate(tf.linalg.LinearOperatorDiag(a, is_non_singular=True), u, d, v)",
        dict(
            a=np.array([1.5, 2.0, 3.0]),
            u=normal(3, 2, dtype="float64"),
            d=np.array([1.0, -0.5]),
            v=normal(3, 2, seed=1, dtype="float64"),
        ),
    ),
    "positive low rank": (
        "tf.linalg.LinearOperatorLowRankUpdate(tf.linalg.LinearOperatorDiag(a, is_positive_definite=True), u, d, is_diag_update_positive=True)",
        dict(a=np.array([1.5, 2.0, 3.0]), u=normal(2, 3, 2, dtype="float64"), d=np.array([1.0, 0.5])),
    ),
    "plain low rank": (
        "tf.linalg.LinearOperatorLowRankUpdate(tf.linalg.LinearOperatorDiag(a, is_positive_definite=True), u)",
        dict(a=np.array([1.5, 2.0, 3.0]), u=normal(3, 1, dtype="float64")),
    ),
    "block diag": (
        f"tf.linalg.LinearOperatorBlockDiag([{_FULL}(a), tf.linalg.LinearOperatorDiag(b)])",
        dict(a=normal(2, 2, dtype="float64") + 2 * np.eye(2), b=np.array([1.0])),
    ),
    "positive block diag": (
        f"tf.linalg.LinearOperatorBlockDiag([{_FULL}(tf.matmul(a, a, transpose_b=True), {_DEFINITE}), tf.linalg.LinearOperatorDiag(b, is_positive_definite=True)])",
        dict(a=normal(2, 2, 2, dtype="float64") + 2 * np.eye(2), b=np.array([1.0])),
    ),
    "block triangular": (
        f"tf.linalg.LinearOperatorBlockLowerTriangular([[{_FULL}(a)], [{_FULL}(b), tf.linalg.LinearOperatorDiag(c)]])",
        dict(a=normal(2, 2, dtype="float64") + 2 * np.eye(2), b=normal(1, 2, dtype="float64"), c=np.array([2.0])),
    ),
    "householder": ("tf.linalg.LinearOperatorHouseholder(a)", dict(a=np.array([1.0, 2.0, -1.0]))),
    "permutation": ("tf.linalg.LinearOperatorPermutation([2, 0, 1], dtype=tf.float64)", {}),
    "batch of permutations": ("tf.linalg.LinearOperatorPermutation([[2, 0, 1], [1, 0, 2]], dtype=tf.float64)", {}),
    "toeplitz": (
        "tf.linalg.LinearOperatorToeplitz(a, b)",
        dict(a=np.array([4.0, 1.0, 2.0]), b=np.array([4.0, -1.0, 0.5])),
    ),
    "tridiag": ("tf.linalg.LinearOperatorTridiag(a)", dict(a=normal(3, 3, dtype="float64") + [[0.0], [4.0], [0.0]])),
    "tridiag of a matrix": (
        "tf.linalg.LinearOperatorTridiag(tf.linalg.band_part(a, 1, 1), 'matrix')",
        dict(a=normal(3, 3, dtype="float64") + 4 * np.eye(3)),
    ),
    "circulant": (
        "tf.linalg.LinearOperatorCirculant(a, input_output_dtype=tf.complex128)",
        dict(a=np.array([4.0 + 1j, 1.0, 2.0])),
    ),
    "real circulant": (
        "tf.linalg.LinearOperatorCirculant(a, input_output_dtype=tf.float64)",
        dict(a=np.array([4.0, 1.0, 1.0])),
    ),
    "circulant 2d": (
        "tf.linalg.LinearOperatorCirculant2D(a, input_output_dtype=tf.complex128)",
        dict(a=normal(2, 3, dtype="float64") + 3 + 1j),
    ),
}
_METHODS = [
    "op.to_dense()",
    "op.matmul(x)",
    "op.matmul(y, adjoint=True)",
    "op.matmul(tf.linalg.adjoint(x), adjoint_arg=True)",
    "op.matvec(x[:, 0])",
    "op.matvec(y[:, 0], adjoint=True)",
    "op.solve(y)",
    "op.solve(x, adjoint=True)",
    "op.solve(tf.linalg.adjoint(y), adjoint_arg=True)",
    "op.solvevec(y[:, 0])",
    "op.matmul(tf.stack([x, x * x]))",
    "op.solve(tf.stack([y, y * y]))",
    "op.determinant()",
    "op.log_abs_determinant()",
    "op.trace()",
    "op.diag_part()",
    "op.add_to_tensor(y @ tf.linalg.adjoint(x))",
    "op.adjoint().to_dense()",
    "op.inverse().to_dense()",
    "op.cholesky().to_dense()",
    "op.H.matmul(y)",
    "(op @ op).to_dense()",
    "op.solve(op).to_dense()",
    "op.eigvals()",
    "op.cond()",
]
_FACTS = (
    "[op.shape.as_list(), op.batch_shape.as_list(), op.domain_dimension.value, op.range_dimension.value, op.tensor_rank, "
    "op.shape_tensor(), op.batch_shape_tensor(), op.domain_dimension_tensor(), op.range_dimension_tensor(), "
    "op.is_square, op.is_non_singular, op.is_self_adjoint, op.is_positive_definite, op.name, op.dtype.name]"
)
_NOT = {  # (operator, method): what TensorFlow fails at, or leaves to chance
    ("wide zeros", "op.adjoint().to_dense()"),
    ("zeros", "op.cond()"),
    # batches that do not broadcast, or get lost, in TensorFlow
    ("batch of identities", "op.add_to_tensor(y @ tf.linalg.adjoint(x))"),
    ("positive scaled identity", "op.add_to_tensor(y @ tf.linalg.adjoint(x))"),
    ("positive diag", "op.add_to_tensor(y @ tf.linalg.adjoint(x))"),
    ("tridiag", "op.matmul(tf.stack([x, x * x]))"),
    ("tridiag of a matrix", "op.matmul(tf.stack([x, x * x]))"),
    # dtypes that get lost
    *[
        (name, method)
        for name in ("circulant", "real circulant", "circulant 2d")
        for method in (
            "op.adjoint().to_dense()",
            "op.H.matmul(y)",
            "(op @ op).to_dense()",
            "op.solve(op).to_dense()",
            "op.inverse().to_dense()",
        )
    ],
}


def _cases(name):
    making, inputs = _OPERATORS[name]
    making = making if "op = " in making else f"op = {making}"
    matrix = {
        "wide": (2, 3),
        "wide zeros": (2, 3),
        "kronecker": (6, 6),
        "definite kronecker": (4, 4),
        "batch kronecker": (12, 12),
        "circulant 2d": (6, 6),
    }.get(name, (3, 3))
    x = normal(matrix[1], 2, dtype="float64", seed=2)
    y = normal(matrix[0], 2, dtype="float64", seed=3)
    if name in ("complex", "complex diag", "circulant", "circulant 2d"):
        x, y = x + 1j * x[::-1], y + 1j * y[::-1]
    yield case(f"{making}\n{_FACTS}", grad=False, name=f"{name}: facts", **inputs)
    for method in _METHODS:
        if (name, method) not in _NOT:
            given = {
                k: v for k, v in (("x", x), ("y", y)) if f"({k}" in method or f"[{k}" in method or f" {k}" in method
            }
            has_gradient = "complex" not in name and "circulant" not in name
            yield case(f"{making}\n{method}", name=f"{name}: {method}", grad=has_gradient, **inputs, **given)


_ERRORS = [
    f"{_FULL}([1.0])",
    f"{_FULL}([[1, 2], [3, 4]])",
    f"{_FULL}([[1.0, 2.0]], is_non_singular=True, is_square=False)",
    f"{_FULL}([[1.0]], is_positive_definite=True, is_non_singular=False)",
    f"{_FULL}([[1.0]], is_self_adjoint=True, is_square=False)",
    f"{_FULL}([[1.0]], is_square=False).is_square",
    f"{_FULL}([[1.0, 2.0]]).matmul([[1.0]])",
    f"{_FULL}([[1.0, 2.0]]).matvec([1.0])",
    f"{_FULL}([[1.0, 2.0]]).solve([[1.0]])",
    f"{_FULL}([[1.0, 2.0]]).determinant()",
    f"{_FULL}([[1.0, 2.0]]).inverse()",
    f"{_FULL}([[1.0]]).matmul(tf.constant([[1.0]], tf.float64))",
    f"{_FULL}([[1.0]], is_non_singular=False).solve([[1.0]])",
    f"{_FULL}([[1.0]], is_non_singular=False).inverse()",
    f"{_FULL}([[1.0]]).cholesky()",
    f"{_FULL}([[1.0]]).eigvals()",
    f"{_FULL}([[1.0, 2.0]]).matmul({_FULL}([[1.0]]))",
    f"{_FULL}([[1.0, 2.0], [2.0, 4.0]]).assert_non_singular()",
    f"{_FULL}([[1.0, 2.0], [2.0, 1.0]], is_self_adjoint=True).assert_positive_definite()",
    f"{_FULL}([[1.0, 2.0], [2.0, 1.0]]).assert_positive_definite()",
    f"{_FULL}([[1.0, 2.0], [3.0, 1.0]]).assert_self_adjoint()",
    f"{_FULL}([[1.0, 2.0], [2.0, 1.0]]).assert_self_adjoint()",
    "tf.linalg.LinearOperatorLowerTriangular([1.0])",
    "tf.linalg.LinearOperatorLowerTriangular([[1.0]], is_square=False)",
    "tf.linalg.LinearOperatorLowerTriangular([[0.0]]).assert_non_singular()",
    "tf.linalg.LinearOperatorDiag(1.0)",
    "tf.linalg.LinearOperatorDiag([1.0], is_self_adjoint=False)",
    "tf.linalg.LinearOperatorDiag([1.0], is_square=False)",
    "tf.linalg.LinearOperatorDiag([0.0]).assert_non_singular()",
    "tf.linalg.LinearOperatorDiag([-1.0]).assert_positive_definite()",
    "tf.linalg.LinearOperatorDiag(tf.constant([1j])).assert_self_adjoint()",
    "tf.linalg.LinearOperatorIdentity(-1)",
    "tf.linalg.LinearOperatorIdentity(1.0)",
    "tf.linalg.LinearOperatorIdentity([1])",
    "tf.linalg.LinearOperatorIdentity(1, batch_shape=1)",
    "tf.linalg.LinearOperatorIdentity(1, batch_shape=[-1])",
    "tf.linalg.LinearOperatorIdentity(1, is_self_adjoint=False)",
    "tf.linalg.LinearOperatorIdentity(1, is_square=False)",
    "tf.linalg.LinearOperatorScaledIdentity(1, 2.0, is_square=False)",
    "tf.linalg.LinearOperatorScaledIdentity(1, 2.0, is_self_adjoint=False)",
    "tf.linalg.LinearOperatorScaledIdentity(2, 0.0).assert_non_singular()",
    "tf.linalg.LinearOperatorScaledIdentity(2, -1.0).assert_positive_definite()",
    "tf.linalg.LinearOperatorZeros(2, 3)",
    "tf.linalg.LinearOperatorZeros(2, is_non_singular=True)",
    "tf.linalg.LinearOperatorZeros(2).assert_non_singular()",
    "tf.linalg.LinearOperatorZeros(2).solve([[1.0], [2.0]])",
    "tf.linalg.LinearOperatorComposition([])",
    f"tf.linalg.LinearOperatorComposition([{_FULL}([[1.0]]), {_FULL}(tf.constant([[1.0]], tf.float64))])",
    f"tf.linalg.LinearOperatorComposition([{_FULL}([[1.0]], is_non_singular=True)], is_non_singular=False)",
    f"tf.linalg.LinearOperatorAdjoint({_FULL}([[1.0]], is_self_adjoint=True), is_self_adjoint=False)",
    f"tf.linalg.LinearOperatorInversion({_FULL}([[1.0]], is_non_singular=False))",
    "tf.linalg.LinearOperatorKronecker([])",
    f"tf.linalg.LinearOperatorKronecker([{_FULL}([[1.0]], is_self_adjoint=True)], is_self_adjoint=False)",
    "tf.linalg.LinearOperatorLowRankUpdate(tf.linalg.LinearOperatorDiag([1.0, 2.0]), [[1.0], [2.0]], is_diag_update_positive=False)",
    "tf.linalg.LinearOperatorLowRankUpdate(tf.linalg.LinearOperatorDiag([1.0, 2.0]), [[1.0], [2.0]], is_self_adjoint=False)",
    "tf.linalg.LinearOperatorBlockDiag([])",
    f"tf.linalg.LinearOperatorBlockDiag([{_FULL}([[1.0]], is_non_singular=True)], is_non_singular=False)",
    "tf.linalg.LinearOperatorBlockLowerTriangular([])",
    f"tf.linalg.LinearOperatorBlockLowerTriangular([[{_FULL}([[1.0]])], [{_FULL}([[1.0]])]])",
    "tf.linalg.LinearOperatorHouseholder(1.0)",
    "tf.linalg.LinearOperatorHouseholder([1.0], is_self_adjoint=False)",
    "tf.linalg.LinearOperatorHouseholder([1.0], is_positive_definite=True)",
    "tf.linalg.LinearOperatorHouseholder([1.0]).assert_positive_definite()",
    "tf.linalg.LinearOperatorPermutation([0, 0])",
    "tf.linalg.LinearOperatorPermutation(0)",
    "tf.linalg.LinearOperatorPermutation([0.0, 1.0])",
    "tf.linalg.LinearOperatorPermutation([0, 1], is_non_singular=False)",
    "tf.linalg.LinearOperatorToeplitz(1.0, [1.0])",
    "tf.linalg.LinearOperatorToeplitz([1.0, 2.0], [1.0])",
    "tf.linalg.LinearOperatorToeplitz([1.0], [1.0], is_square=False)",
    "tf.linalg.LinearOperatorTridiag([[1.0]], 'band')",
    "tf.linalg.LinearOperatorCirculant([1.0], is_self_adjoint=False)",
    "tf.linalg.LinearOperatorCirculant2D([1.0])",
]
_OTHERS = [
    f"[t.numpy() for t in tf.linalg.LinearOperatorBlockDiag([{_FULL}([[1.0, 2.0], [3.0, 4.0]]), tf.linalg.LinearOperatorDiag([5.0])]).matmul([[[1.0], [2.0]], [[3.0]]])]",
    f"[t.numpy() for t in tf.linalg.LinearOperatorBlockDiag([{_FULL}([[1.0, 2.0], [3.0, 4.0]]), tf.linalg.LinearOperatorDiag([5.0])]).matvec([[1.0, 2.0], [3.0]])]",
    f"[t.numpy() for t in tf.linalg.LinearOperatorBlockDiag([{_FULL}([[1.0, 2.0], [3.0, 4.0]]), tf.linalg.LinearOperatorDiag([5.0])]).solvevec([[1.0, 2.0], [3.0]])]",
    f"tf.linalg.LinearOperatorBlockLowerTriangular([[{_FULL}([[2.0]])], [{_FULL}([[3.0]]), {_FULL}([[4.0]])]]).matvec(tf.constant([1.0, 2.0]), adjoint=True)",
    f"[t.numpy() for t in tf.linalg.LinearOperatorBlockLowerTriangular([[{_FULL}([[2.0]])], [{_FULL}([[3.0]]), {_FULL}([[4.0]])]]).solve([[[1.0]], [[2.0]]])]",
    "tf.linalg.LinearOperatorDiag([[1.0, 2.0], [3.0, 4.0]])[1].to_dense()",
    "tf.linalg.LinearOperatorDiag([[1.0, 2.0], [3.0, 4.0]])[:1].to_dense()",
    "tf.linalg.LinearOperatorIdentity(2, batch_shape=[3, 2])[1].batch_shape.as_list()",
    f"tf.linalg.LinearOperatorKronecker([{_FULL}(tf.ones([4, 2, 2])), tf.linalg.LinearOperatorDiag([1.0, 2.0])])[2:].to_dense()",
    "type(tf.linalg.LinearOperatorDiag([1.0, 2.0]) @ tf.linalg.LinearOperatorDiag([3.0, 4.0])).__name__",
    "type(tf.linalg.LinearOperatorDiag([1.0, 2.0]) @ tf.linalg.LinearOperatorLowerTriangular([[3.0, 0.0], [1.0, 4.0]])).__name__",
    "type(tf.linalg.LinearOperatorIdentity(2) @ tf.linalg.LinearOperatorDiag([3.0, 4.0])).__name__",
    "type(tf.linalg.LinearOperatorDiag([3.0, 4.0]).inverse()).__name__",
    "type(tf.linalg.LinearOperatorDiag([3.0, 4.0], is_positive_definite=True).cholesky()).__name__",
    f"type({_FULL}([[1.0]]).H.H).__name__",
    f"type({_FULL}([[1.0]]).inverse().inverse()).__name__",
    f"tf.linalg.trace({_FULL}([[1.0, 2.0], [3.0, 4.0]]))",
    f"tf.linalg.det({_FULL}([[1.0, 2.0], [3.0, 4.0]]))",
    f"tf.linalg.diag_part({_FULL}([[1.0, 2.0], [3.0, 4.0]]))",
    f"tf.matmul({_FULL}([[1.0, 2.0], [3.0, 4.0]]), [[1.0], [2.0]])",
    f"tf.linalg.solve({_FULL}([[1.0, 2.0], [3.0, 4.0]]), [[1.0], [2.0]])",
    f"tf.linalg.inv({_FULL}([[1.0, 2.0], [3.0, 4.0]])).to_dense()",
    f"tf.linalg.adjoint({_FULL}([[1.0, 2.0], [3.0, 4.0]])).to_dense()",
    f"tf.linalg.cholesky({_FULL}([[2.0, 1.0], [1.0, 2.0]], {_DEFINITE})).to_dense()",
    f"sorted({_FULL}([[1.0]], is_square=True).parameters)",
    "v = tf.Variable([1.0, 2.0])\nop = tf.linalg.LinearOperatorDiag(v)\nv.assign([3.0, 4.0])\n[op.determinant(), len(op.trainable_variables)]",
    "v = tf.Variable([1.0, 2.0])\nop = tf.linalg.LinearOperatorDiag(v)\nwith tf.GradientTape() as tape:\n    y = op.log_abs_determinant()\ntape.gradient(y, v)",
    "tf.linalg.LinearOperatorCirculant([6.0, 1.0, 1.0], input_output_dtype=tf.float32).convolution_kernel()",
    "tf.linalg.LinearOperatorCirculant([6.0, 1.0, 1.0]).block_shape.as_list()",
    f"op = {_FULL}([[2.0, 1.0], [1.0, 3.0]], {_DEFINITE})\nout = tf.linalg.experimental.conjugate_gradient(op, tf.constant([1.0, 1.0]))\n[out.i, out.x]",
    f"op = {_FULL}([[2.0, 1.0], [1.0, 3.0]], {_DEFINITE})\nout = tf.linalg.experimental.conjugate_gradient(op, tf.constant([1.0, 1.0]), x=tf.constant([0.5, 0.5]), tol=1e-3, max_iter=1)\n[out.i, out.x]",
    f"tf.linalg.experimental.conjugate_gradient({_FULL}([[2.0, 1.0], [1.0, 3.0]]), [1.0, 1.0])",
]

CASES = [
    *[c for name in _OPERATORS for c in _cases(name)],
    *[case(code, grad=False, name=f"error: {code}") for code in _ERRORS],
    *[case(code, grad=False) for code in _OTHERS],
]
