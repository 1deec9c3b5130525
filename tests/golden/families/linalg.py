import numpy as np

from tests.golden.case import case, integers, normal


def _complex(*shape, seed=0, dtype=np.complex128):
    return (normal(*shape, seed=seed, dtype="float64") + 1j * normal(*shape, seed=seed + 1, dtype="float64")).astype(
        dtype
    )


def _definite(*shape, seed=0, dtype="float32", make=normal):
    x = make(*shape, seed=seed, dtype="complex128" if make is _complex else "float64")
    return (x @ np.swapaxes(x, -1, -2).conj() + shape[-1] * np.eye(shape[-1])).astype(dtype)


def _regular(*shape, seed=0, dtype="float32", make=normal):
    """Far from singular, with eigenvalues that differ."""
    x = make(*shape, seed=seed, dtype="complex128" if make is _complex else "float64")
    return (x + np.diag(2.0 + 3.0 * np.arange(shape[-1]))).astype(dtype)


def _kinds(code, shape=(3, 3), make=_regular, **options):
    """A case of one matrix `x`: float32, float64, a batch, complex."""
    return [
        case(code, x=make(*shape), name=f"{code} float32", **options),
        case(code, x=make(*shape, dtype="float64"), name=f"{code} float64", **options),
        case(code, x=make(2, *shape, dtype="float64"), name=f"{code} batch", **options),
        case(code, x=make(*shape, dtype="complex128", make=_complex), name=f"{code} complex", **options),
    ]


def _plain(*shape, dtype="float32", make=normal, seed=0):
    return make(*shape, seed=seed, dtype=dtype)


_SYMMETRIC = "tf.linalg.matmul(x, x, adjoint_b=True)"
_ALIGNMENTS = ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT")
_SHAPES = {"vector": (3,), "scalar": (), "wide": (2, 3), "tall": (3, 2), "empty": (0, 0), "empty batch": (0, 2, 2)}
_ON_ANY_SHAPE = (
    "det",
    "slogdet",
    "logdet",
    "inv",
    "cholesky",
    "eigvalsh",
    "eigvals",
    "lu",
    "sqrtm",
    "trace",
    "adjoint",
    "expm",
)

DIAGONALS = [
    *_kinds("tf.linalg.band_part(x, 1, 0)", (3, 4), _plain),
    *[
        case(f"tf.linalg.band_part(x, {low}, {high})", x=normal(*shape))
        for shape in ((3, 3), (2, 4), (4, 2))
        for low, high in ((0, 0), (-1, 0), (0, -1), (-1, -1), (1, 1), (0, 2), (-3, 1))
    ],
    case("tf.linalg.band_part(x, 1, 0)", x=integers(3, 3)),
    case("tf.linalg.band_part(x, 1, 0)", x=integers(3, 3) > 0, name="band_part bool"),
    case("tf.linalg.band_part(x, tf.constant(1, tf.int64), tf.constant(0, tf.int64))", x=normal(3, 3)),
    case("tf.linalg.band_part(x, 4, 0)", x=normal(3, 3)),
    case("tf.linalg.band_part(x, 0, 4)", x=normal(3, 3)),
    case("tf.linalg.band_part(x, 1.0, 0)", x=normal(3, 3)),
    case("tf.linalg.band_part(x, 0, 0)", x=normal(3), name="band_part of a vector"),
    case("tf.linalg.band_part(x, 0, 0)", x=np.zeros((0, 3), np.float32), name="band_part empty"),
    *_kinds("tf.linalg.diag(x)", (3,), _plain),
    *_kinds("tf.linalg.diag(x, k=1)", (3,), _plain),
    *[
        case(f"tf.linalg.diag(x, {arguments})", x=normal(3))
        for arguments in (
            "k=-2",
            "num_rows=4",
            "num_cols=5",
            "num_rows=3, num_cols=4",
            "k=1, num_rows=3, num_cols=4",
            "k=1, num_rows=5, num_cols=4",
            "k=-1, padding_value=9.0",
            "k=tf.constant(1)",
            "k=[1, 1]",
            "num_rows=2",
            "k=1, num_rows=6, num_cols=7",
            "k=(1, 0)",
            "k=(0, 1)",
            "k=(0, 1, 2)",
            "align='MIDDLE'",
            "padding_value='a'",
        )
    ],
    *[
        case(f"tf.linalg.diag(x, k={k}, align={align!r})", x=normal(2, k[1] - k[0] + 1, 3))
        for align in _ALIGNMENTS
        for k in ((-1, 0), (0, 1), (-1, 1), (-2, 2), (1, 2), (-3, -2))
    ],
    case("tf.linalg.diag(x, k=(-1, 1), num_rows=3, num_cols=4, padding_value=-1.0)", x=normal(3, 3)),
    case("tf.linalg.diag(x, padding_value=7)", x=integers(3)),
    case("tf.linalg.diag(x)", x=normal(), name="diag of a scalar"),
    case("tf.linalg.diag(x)", x=np.zeros(0, np.float32), name="diag empty"),
    *_kinds("tf.linalg.diag_part(x)", (3, 4), _plain),
    *[case(f"tf.linalg.diag_part(x, k={k})", x=normal(3, 4)) for k in (1, -1, 3, -2, 4, -3, (1, 0), (-1, -1), (0, 5))],
    *[
        case(f"tf.linalg.diag_part(x, k={k}, align={align!r}, padding_value=5.0)", x=normal(2, *shape))
        for align in _ALIGNMENTS
        for shape in ((3, 4), (4, 3))
        for k in ((-1, 0), (-1, 1), (-2, 2), (1, 2))
    ],
    case("tf.linalg.diag_part(x)", x=normal(3), name="diag_part of a vector"),
    case("tf.linalg.diag_part(x)", x=np.zeros((0, 3), np.float32), name="diag_part empty"),
    case("tf.linalg.diag_part(x, align='MIDDLE')", x=normal(3, 3)),
    *[
        case(
            f"tf.linalg.set_diag(x, tf.linalg.diag_part(y, k={k}, align={a!r}), k={k}, align={a!r})",
            x=normal(3, 4),
            y=normal(3, 4, seed=1),
        )
        for k in (0, 1, -2, (-1, 1), (0, 3), (-2, -1))
        for a in _ALIGNMENTS[:: 1 if isinstance(k, tuple) else 4]
    ],
    case("tf.linalg.set_diag(x, y)", x=normal(2, 3, 3), y=normal(2, 3)),
    case("tf.linalg.set_diag(x, y)", x=normal(3, 3), y=normal(2), name="set_diag of a wrong length"),
    case("tf.linalg.set_diag(x, y)", x=normal(2, 3, 3), y=normal(3), name="set_diag of a wrong batch"),
    case("tf.linalg.set_diag(x, y)", x=normal(3), y=normal(3), name="set_diag of a vector"),
    case("tf.linalg.set_diag(x, y)", x=normal(3, 3), y=integers(3), name="set_diag of another dtype"),
    case("tf.linalg.set_diag(x, y, k=4)", x=normal(3, 3), y=normal(1)),
    *[case("tf.linalg.tensor_diag(x)", x=normal(*s), name=f"tensor_diag {s}") for s in ((3,), (2, 3), ())],
    *[
        case("tf.linalg.tensor_diag_part(x)", x=normal(*s), name=f"tensor_diag_part {s}")
        for s in ((3, 3), (2, 3, 2, 3), (), (2, 3), (2, 2, 2))
    ],
    case("tf.linalg.tensor_diag(x)", x=integers(3, dtype="int8"), name="tensor_diag int8"),
    *_kinds("tf.linalg.trace(x)", (3, 4), _plain),
    *_kinds("tf.linalg.matrix_transpose(x)", (3, 4), _plain),
    *_kinds("tf.linalg.matrix_transpose(x, conjugate=True)", (3, 4), _plain),
    *_kinds("tf.linalg.adjoint(x)", (3, 4), _plain),
    *[
        case("tf.linalg.cross(x, y)", x=normal(*s), y=normal(*s, seed=1), name=f"cross {s}")
        for s in ((3,), (2, 3), (2,), (0, 3))
    ],
    case("tf.linalg.cross(x, y)", x=normal(3), y=normal(2, 3), name="cross of other shapes"),
    case("tf.linalg.cross(x, y)", x=integers(3), y=integers(3, seed=1), name="cross int32"),
    case("tf.linalg.cross(x, y)", x=_complex(3), y=_complex(3), name="cross complex"),
]

NORMS = [
    *[
        case(f"tf.norm(x, ord={o}, axis={axis}, keepdims={keep})", x=normal(3, 4))
        for o in ("'euclidean'", "1", "2", "np.inf", "3", "0.5")
        for axis in ("None", "0", "-1")
        for keep in (False, True)
    ],
    *[
        case(f"tf.linalg.norm(x, ord={o}, axis={axis}, keepdims={keep})", x=normal(2, 3, 4))
        for o in ("'euclidean'", "'fro'", "1", "2", "np.inf")
        for axis in ("(0, 1)", "[-2, -1]", "(2, 0)")
        for keep in (False, True)
    ],
    *[
        case(f"tf.norm(x, ord={o}, axis={axis})", x=normal(3, 4))
        for o, axis in (
            ("'fro'", 0),
            ("-1", 0),
            ("0", 0),
            ("'nuc'", (0, 1)),
            ("3", (0, 1)),
            ("None", 0),
            ("1", 5),
            ("1", (0, 0)),
            ("1", (0, 1, 2)),
            ("1", (1,)),
        )
    ],
    case("tf.norm(x)", x=integers(3)),
    *[case(f"tf.norm(x, ord={o})", x=_complex(3)) for o in (1, 2, 3, "np.inf")],
    *_kinds("tf.linalg.normalize(x)", (3, 4), _plain),
    *[
        case(f"tf.linalg.normalize(x, ord={o}, axis={axis})", x=normal(3, 4))
        for o, axis in ((1, 0), ("np.inf", -1), (2, (0, 1)))
    ],
    *[
        case(f"tf.math.l2_normalize(x{a})", x=normal(3, 4))
        for a in ("", ", 0", ", axis=[0, 1]", ", -1, epsilon=10.0", ", dim=1", ", axis=0, dim=1")
    ],
    case("tf.linalg.l2_normalize(x, 0)", x=_complex(3, 2)),
    case("tf.linalg.l2_normalize(x, 0)", x=np.zeros((3, 2), np.float32), name="l2_normalize of zeros"),
    case("tf.math.l2_normalize(x)", x=integers(3)),
    *[
        case(f"tf.linalg.global_norm({c})", x=normal(3), y=normal(2, 2))
        for c in ("[x, y]", "[x, None]", "(x, y, None)", "x", "[]", "[None]", "'xy'", "iter([x])")
    ],
    case("tf.linalg.global_norm([tf.IndexedSlices(x, [0, 0])])", x=normal(2, 3)),
    case(
        "tf.linalg.global_norm([x, y])", x=normal(3), y=normal(3, dtype="float64"), name="global_norm of other dtypes"
    ),
]

SOLUTIONS = [
    *[c for f in ("det", "inv", "slogdet") for c in _kinds(f"tf.linalg.{f}(x)")[:3]],
    case("tf.linalg.inv(x)", x=_regular(3, 3, make=_complex, dtype="complex128"), name="inv complex"),
    case("tf.linalg.slogdet(x)", x=_regular(3, 3, make=_complex, dtype="complex128"), name="slogdet complex"),
    case("tf.linalg.det(x)", x=_regular(3, 3, make=_complex, dtype="complex128"), name="det complex", grad=False),
    *_kinds("tf.linalg.inv(x, adjoint=True)"),
    *_kinds("tf.linalg.logdet(x)", make=_definite),
    *_kinds("tf.linalg.cholesky(x)", make=_definite),
    *_kinds("tf.linalg.cholesky(x)", (6, 6), make=_definite),
    *[
        case(f"tf.linalg.{f}(x, y{a})", x=make(2, 3, 3, dtype="float64"), y=normal(2, 3, 2, dtype="float64"))
        for f, make, arguments in (
            ("solve", _regular, ("", ", adjoint=True")),
            ("triangular_solve", _regular, ("", ", lower=False", ", adjoint=True", ", lower=False, adjoint=True")),
            ("cholesky_solve", _definite, ("",)),
            ("lstsq", _plain, ("", ", l2_regularizer=0.5")),
        )
        for a in arguments
    ],
    *[
        case(
            f"tf.linalg.{f}(x, y{a})",
            x=_regular(3, 3, dtype="complex128", make=_complex),
            y=_complex(3, 2),
            name=f"complex {f} {a}",
        )
        for f, arguments in (
            ("solve", ("", ", adjoint=True")),
            ("triangular_solve", ("", ", lower=False", ", adjoint=True", ", lower=False, adjoint=True")),
            ("cholesky_solve", ("",)),
        )
        for a in arguments
    ],
    *[
        case(
            f"tf.linalg.triangular_solve(x, y, lower={lower})",
            x=_regular(20, 20, dtype="float64"),
            y=normal(20, 5, dtype="float64"),
            name=f"large triangular_solve {lower}",
        )
        for lower in (True, False)
    ],
    *[
        case(
            f"tf.linalg.{f}(x, y)", x=_definite(*a, dtype="float64"), y=normal(*b, dtype="float64"), name=f"{f} {a} {b}"
        )
        for f in ("solve", "triangular_solve", "cholesky_solve", "lstsq")
        for a, b in (
            ((1, 3, 3), (3, 2)),
            ((3, 3), (2, 3, 2)),
            ((2, 1, 3, 3), (4, 3, 2)),
            ((3, 3), (3,)),
            ((3, 3), (2, 2)),
            ((3, 3), (3, 0)),
            ((0, 3, 3), (0, 3, 2)),
        )
    ],
    *[
        case(f"tf.linalg.{f}(x, y)", x=normal(2, 3), y=normal(2, 1), name=f"{f} of a wide matrix")
        for f in ("solve", "triangular_solve", "cholesky_solve")
    ],
    *[
        case(f"tf.linalg.{f}(x, y)", x=_regular(3, 3), y=normal(3, 1, dtype="float64"), name=f"{f} of two dtypes")
        for f in ("solve", "triangular_solve", "cholesky_solve", "lstsq")
    ],
    *[
        case(
            f"tf.linalg.lstsq(x, y{a})",
            x=normal(*s, dtype="float64"),
            y=normal(s[0], 2, dtype="float64"),
            grad="False" not in a,
            name=f"lstsq {s}{a}",
            rtol=1e-7,
        )
        for s in ((4, 3), (3, 4), (3, 3))
        for a in ("", ", l2_regularizer=0.3", ", fast=False", ", fast=False, l2_regularizer=0.3")
    ],
    case(
        "tf.linalg.lstsq(x, y, fast=False)",
        x=np.ones((3, 2)),
        y=normal(3, 2, dtype="float64"),
        grad=False,
        name="lstsq of rank 1",
    ),
    case(
        "tf.linalg.lstsq(x, y, fast=False)", x=normal(4, 2), y=normal(4, 1), name="gradient of lstsq that is not fast"
    ),
    *[
        case(f"tf.linalg.{f}(x)", x=np.array([[1.0, 2.0], [2.0, 4.0]]), name=f"{f} of a singular matrix", grad=False)
        for f in ("det", "inv", "lu", "matrix_rank", "pinv")
    ],
    case(
        "tf.linalg.solve(x, y)",
        x=np.array([[1.0, 2.0], [2.0, 4.0]]),
        y=normal(2, 1, dtype="float64"),
        name="solve a singular system",
    ),
    case(
        "tf.linalg.triangular_solve(x, y)",
        x=np.array([[0.0, 0.0], [2.0, 4.0]]),
        y=normal(2, 1, dtype="float64"),
        name="solve a singular triangle",
        grad=False,
    ),
    *[
        case(f"tf.linalg.{f}(x)", x=np.array([[1.0, 2.0], [2.0, 1.0]]), name=f"{f} of an indefinite matrix", grad=False)
        for f in ("det", "slogdet", "logdet")
    ],
    case(
        "tf.linalg.band_part(tf.linalg.cholesky(x), -1, 0)",
        x=np.array([[[1.0, 2.0], [2.0, 1.0]], [[4.0, 2.0], [2.0, 4.0]]]),
        grad=False,
    ),
    *[
        case(f"tf.linalg.{f}(x)", x=np.array([[np.nan, 2.0], [2.0, 1.0]]), name=f"{f} of NaN", grad=False)
        for f in ("det", "slogdet", "inv", "svd", "eigh", "eig", "lu", "expm", "sqrtm", "pinv")
    ],
    *[
        case(f"tf.linalg.{f}(x)", x=normal(*shape), name=f"{f} of {name}")
        for f in _ON_ANY_SHAPE
        for name, shape in _SHAPES.items()
        if (f, name) not in (("expm", "empty batch"), ("expm", "vector"), ("lu", "empty batch"), ("lu", "empty"))
    ],
    *[
        case(f"tf.linalg.{f}(x)", x=integers(3, 3), name=f"{f} of integers")
        for f in ("det", "inv", "cholesky", "qr", "svd", "eigh", "expm", "sqrtm", "pinv", "matrix_rank")
    ],
    case("tf.linalg.logm(x)", x=_regular(3, 3), name="logm of float32"),
]

DECOMPOSITIONS = [
    *_kinds("tf.linalg.qr(x)"),
    *_kinds("tf.linalg.qr(x)", (4, 3), _plain),
    *_kinds("tf.linalg.qr(x)", (2, 4), _plain),
    *_kinds("tf.linalg.qr(x, full_matrices=True)", (2, 3), _plain),
    *_kinds("tf.abs(tf.linalg.qr(x, full_matrices=True).r)", (4, 3), _plain, grad=False),
    case("tf.linalg.qr(x, full_matrices=True)", x=normal(4, 3), name="gradient of a full qr"),
    *_kinds("tf.linalg.svd(x, compute_uv=False)"),
    *_kinds("tf.linalg.svd(x, compute_uv=False)", (2, 4), _plain),
    *[
        c
        for shape in ((3, 3), (2, 3), (2, 4), (4, 2))
        for f in ("False", "True")
        if f == "False" or abs(shape[0] - shape[1]) < 2
        for c in _kinds(
            f"s, u, v = tf.linalg.svd(x, full_matrices={f})\nk = s.shape[-1]\n"
            "[s, tf.einsum('...ik,...jk->...ij', u[..., :k] ** 2.0, v[..., :k] ** 2.0), tf.abs(u[..., :k]), "
            "tf.linalg.matmul(u[..., :k] * tf.cast(tf.sin(s), u.dtype)[..., None, :], v[..., :k], adjoint_b=True)]",
            shape,
            _plain,
            rtol=2e-4 if False else None,
        )[:3]
    ],
    *_kinds(
        "s, u, v = tf.linalg.svd(x)\n[s, tf.linalg.matmul(u * tf.cast(tf.sin(s), u.dtype)[..., None, :], v, adjoint_b=True)]",
        (3, 3),
        _plain,
    )[3:],
    case("[t.shape.as_list() for t in tf.linalg.svd(x, full_matrices=True)]", x=normal(2, 5), grad=False),
    case("tf.linalg.svd(x, full_matrices=True)[1] ** 2.0", x=normal(2, 5), name="gradient of a full svd"),
    *_kinds(f"tf.linalg.eigvalsh({_SYMMETRIC})", (3, 3), _plain),
    *_kinds("tf.linalg.eigvalsh(x)", (3, 3), _regular),
    *_kinds(
        f"e, v = tf.linalg.eigh({_SYMMETRIC})\n[e, tf.abs(v), tf.linalg.matmul(v * tf.sin(e)[..., None, :], v, adjoint_b=True)]",
        (3, 3),
        _plain,
    ),
    *_kinds("e, v = tf.linalg.eigh(x)\n[e, tf.abs(v)]", (3, 3), _regular),
    *_kinds(
        "e = tf.linalg.eigvals(x)\n[tf.reduce_sum(e, -1), tf.reduce_prod(e, -1), tf.reduce_sum(tf.exp(-e), -1)]",
        (3, 3),
        _regular,
    ),
    *_kinds(
        "e, v = tf.linalg.eig(x)\n[tf.reduce_sum(tf.exp(-e), -1), "
        "tf.linalg.matmul(v * tf.sin(e)[..., None, :], tf.linalg.inv(v))]",
        (3, 3),
        _regular,
    ),
    *_kinds("tf.linalg.lu(x)", grad=False),
    *_kinds("tf.linalg.lu(x, output_idx_type=tf.int64)", (5, 5), grad=False),
    case("tf.linalg.lu(x, output_idx_type=tf.float32)", x=_regular(3, 3)),
    *_kinds("tf.linalg.lu_reconstruct(*tf.linalg.lu(x))", (4, 4), grad=False),
    *_kinds("tf.linalg.lu_matrix_inverse(*tf.linalg.lu(x))", (4, 4), grad=False),
    *[
        case(
            "tf.linalg.lu_solve(*tf.linalg.lu(x), y)",
            x=_regular(*a),
            y=normal(*b),
            grad=False,
            name=f"lu_solve {a} {b}",
        )
        for a, b in (((3, 3), (3, 2)), ((2, 3, 3), (2, 3, 2)), ((3, 3), (3,)), ((3, 3), (2, 2)), ((3, 3), (2, 3, 1)))
    ],
    case("tf.linalg.lu_reconstruct(x, [1, 0, 2])", x=_regular(3, 3)),
    case("tf.linalg.lu_solve(x, [1, 0, 2], y)", x=_regular(3, 3), y=normal(3, 2)),
    case("tf.linalg.lu_matrix_inverse(x, [2, 0, 1], validate_args=True)", x=_regular(3, 3)),
    *[c for shape in ((3, 3), (4, 2), (2, 4)) for c in _kinds("tf.linalg.pinv(x)", shape, _plain)[:3]],
    case("tf.linalg.pinv(x, rcond=0.5)", x=np.diag([1.0, 0.6, 0.4, 0.1])),
    case("tf.linalg.pinv(x, rcond=[0.5, 0.1])", x=np.stack([np.diag([1.0, 0.3]), np.diag([1.0, 0.3])])),
    case("tf.linalg.pinv(x)", x=normal(3), name="pinv of a vector"),
    case("tf.linalg.pinv(x)", x=_complex(3, 3), name="pinv complex"),
    *[
        case(f"tf.linalg.matrix_rank(x{a})", x=np.diag([3.0, 1.0, 1e-3, 0.0]).astype("float32"), grad=False)
        for a in ("", ", tol=1e-2", ", tol=2.0")
    ],
    case("tf.linalg.matrix_rank(x)", x=normal(2, 3, 4), grad=False),
    case("tf.linalg.matrix_rank(x)", x=normal(3), grad=False, name="matrix_rank of a vector"),
    *_kinds("tf.linalg.expm(x / 3.0)"),
    *_kinds("tf.linalg.expm(x)", (3, 3), _plain),
    case("tf.linalg.expm(x * tf.constant([[[0.01]], [[1.0]], [[9.0]]]))", x=normal(3, 3, 3), rtol=1e-4),
    # TensorFlow's gradients of complex roots, determinants and tridiagonal systems lack a conjugate.
    *_kinds("tf.linalg.sqrtm(x)", make=_definite)[:3],
    *_kinds("tf.linalg.sqrtm(x)", make=_regular)[:3],
    *_kinds("tf.linalg.sqrtm(x)", make=_regular, grad=False)[3:],
    case("tf.linalg.sqrtm(x)", x=np.array([[4.0, 1.0], [0.0, 4.0]]), name="sqrtm of a defective matrix"),
    case("tf.linalg.sqrtm(x)", x=-np.eye(2), name="sqrtm without a real root", grad=False),
    *[
        case("tf.linalg.logm(x)", x=x.astype("complex128"), name=f"logm {i}", grad=False)
        for i, x in enumerate(
            (
                _definite(3, 3),
                _regular(3, 3),
                _regular(2, 3, 3),
                np.array([[1, 2], [2, 1.0]]),
                np.array([[2, 1], [0, 2.0]]),
                np.array([[30, 1], [0, 30.0]]),
            )
        )
    ],
]

BANDED = [
    *[
        case(
            f"tf.linalg.tridiagonal_solve(x, y{a})",
            x=normal(2, 3, 5, dtype="float64") + 0.1,
            y=normal(2, 5, 3, dtype="float64"),
            name=f"tridiagonal_solve{a}",
            rtol=1e-8,
        )
        for a in ("", ", partial_pivoting=False", ", perturb_singular=True")
    ],
    case("tf.linalg.tridiagonal_solve(x, y)", x=normal(3, 5), y=normal(5), rtol=1e-3),
    case(
        "tf.linalg.tridiagonal_solve(x, y)",
        x=_complex(3, 4),
        y=_complex(4, 2),
        name="tridiagonal_solve complex",
        grad=False,
    ),
    case(
        "tf.linalg.tridiagonal_solve(x, y, transpose_rhs=True)",
        x=normal(3, 4, dtype="float64"),
        y=normal(2, 4, dtype="float64"),
    ),
    case(
        "tf.linalg.tridiagonal_solve(x, y, transpose_rhs=True, conjugate_rhs=True)",
        x=_complex(3, 4),
        y=_complex(2, 4),
        grad=False,
    ),
    case("tf.linalg.tridiagonal_solve(x, y, conjugate_rhs=True)", x=_complex(3, 4), y=_complex(4), grad=False),
    case(
        "tf.linalg.tridiagonal_solve(x, y, 'matrix')", x=_regular(4, 4, dtype="float64"), y=normal(4, dtype="float64")
    ),
    case(
        "tf.linalg.tridiagonal_solve((x[0], x[1], x[2]), y, 'sequence')",
        x=normal(3, 4, dtype="float64"),
        y=normal(4, dtype="float64"),
    ),
    case(
        "tf.linalg.tridiagonal_solve((x[0, 1:], x[1], x[2, 1:]), y, 'sequence')",
        x=normal(3, 4, dtype="float64"),
        y=normal(4, dtype="float64"),
    ),
    *[
        case(
            "tf.linalg.tridiagonal_solve(x, y)",
            x=normal(*a),
            y=normal(*b),
            name=f"tridiagonal_solve {a} {b}",
            rtol=1e-3,
        )
        for a, b in (
            ((3, 1), (1,)),
            ((3, 2), (2, 1)),
            ((3, 4), (5,)),
            ((2, 4), (4,)),
            ((3,), (3,)),
            ((2, 3, 4), (3, 4, 1)),
            ((2, 3, 4), (4,)),
        )
    ],
    case("tf.linalg.tridiagonal_solve(x, y, 'full')", x=normal(3, 4), y=normal(4)),
    case(
        "tf.linalg.tridiagonal_solve(x, y, partial_pivoting=False, perturb_singular=True)", x=normal(3, 4), y=normal(4)
    ),
    case(
        "tf.linalg.tridiagonal_solve(x, y)",
        x=np.zeros((3, 4)),
        y=normal(4, dtype="float64"),
        grad=False,
        name="tridiagonal_solve singular",
    ),
    *[
        case(
            f"tf.linalg.tridiagonal_matmul({d}, y{f})",
            x=make(*shape),
            y=make(*shape[:-2], 4, 2),
            name=f"tridiagonal_matmul {d} {f} {make.__name__} {shape}",
        )
        for make in (normal, _complex)
        for d, f, shape in (
            ("x", "", (3, 4)),
            ("x", "", (2, 3, 4)),
            ("[x[0], x[1], x[2]]", ", 'sequence'", (3, 4)),
            ("x", ", 'matrix'", (4, 4)),
            ("x", ", 'full'", (3, 4)),
        )
    ],
    case(
        "tf.linalg.tridiagonal_matmul(x, y)", x=normal(3, 4), y=normal(5, 2), name="tridiagonal_matmul of other sizes"
    ),
    case("tf.linalg.tridiagonal_matmul(x, y)", x=normal(3, 4), y=normal(4), name="tridiagonal_matmul of a vector"),
    *[
        case(
            f"tf.linalg.banded_triangular_solve(x, y, lower={lower}, adjoint={adjoint})",
            x=2.0 + make(*a),
            y=make(*b),
            name=f"banded {lower} {adjoint} {make.__name__} {a} {b}",
        )
        for make in (normal, _complex)
        for lower in (True, False)
        for adjoint in (True, False)
        for a, b in (((2, 4), (4, 2)), ((2, 3, 4), (2, 4, 1)), ((2, 4), (3, 4, 1)))
    ],
    *[
        case(
            f"tf.linalg.banded_triangular_solve(x, y, lower={lower})", x=2.0 + normal(1, 4), y=normal(4, 2), grad=False
        )
        for lower in (True, False)
    ],
    *[
        case(
            f"tf.linalg.banded_triangular_solve(x, y, lower={lower})",
            x=2.0 + normal(5, 3),
            y=normal(3, 2),
            name=f"more bands than rows {lower}",
            grad=False,
        )
        for lower in (True, False)
    ],
    case("tf.linalg.banded_triangular_solve(x, y)", x=normal(2, 4), y=normal(4), name="banded of a vector"),
    case("tf.linalg.banded_triangular_solve(x, y)", x=normal(2, 4), y=normal(3, 1), name="banded of other sizes"),
    case(
        "tf.linalg.banded_triangular_solve(x, y)",
        x=np.zeros((2, 4)),
        y=normal(4, 1, dtype="float64"),
        name="banded singular",
    ),
    *[
        case(
            f"tf.linalg.eigh_tridiagonal(x, y{a})",
            x=np.array([1.0, 2.0, 4.0, 7.0]),
            y=normal(3, dtype="float64"),
            grad=False,
            rtol=1e-7,
        )
        for a in (
            "",
            ", select='i', select_range=(1, 2)",
            ", select='v', select_range=(1.5, 5.0)",
            ", select='q'",
            ", select='i', select_range=(2, 1)",
        )
    ],
    case(
        "[tf.abs(t) for t in tf.linalg.eigh_tridiagonal(x, y, eigvals_only=False)]",
        x=np.array([1.0, 2.0, 4.0, 7.0]),
        y=normal(3, dtype="float64"),
        grad=False,
        rtol=1e-7,
    ),
    case("tf.linalg.eigh_tridiagonal(x, y)", x=normal(3), y=_complex(2), name="eigh_tridiagonal of two dtypes"),
    case("tf.linalg.eigh_tridiagonal(x, y)", x=normal(3), y=normal(3), name="eigh_tridiagonal of other sizes"),
]

CASES = DIAGONALS + NORMS + SOLUTIONS + DECOMPOSITIONS + BANDED
