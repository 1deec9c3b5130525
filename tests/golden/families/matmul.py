from tests.golden.case import case, integers, normal


def _complex(*shape, seed=0):
    return normal(*shape, seed=seed) + 1j * normal(*shape, seed=seed + 1)


_FLAGS = [
    (a, b) for a in ("", "transpose_a=True", "adjoint_a=True") for b in ("", "transpose_b=True", "adjoint_b=True")
]


def _flagged(flag_a, flag_b, batch_a=(), batch_b=(), make=normal):
    a = make(*batch_a, 4, 3) if flag_a else make(*batch_a, 3, 4)
    b = make(*batch_b, 2, 4) if flag_b else make(*batch_b, 4, 2)
    code = f"tf.matmul({', '.join(filter(None, ('a', 'b', flag_a, flag_b)))})"
    return case(code, a=a, b=b, name=f"{code} {make.__name__} {batch_a} {batch_b}")


CASES = [
    case("tf.matmul(a, b)", a=normal(3, 4), b=normal(4, 2)),
    case("a @ b", a=normal(3, 4), b=normal(4, 2)),
    case("tf.linalg.matmul(a, b)", a=normal(3, 4), b=normal(4, 2)),
    case("tf.matmul(a, tf.matmul(a, b))", a=normal(3, 3), b=normal(3, 2)),
    *[_flagged(f, g) for f, g in _FLAGS],
    *[_flagged(f, g, make=_complex) for f, g in _FLAGS],
    *[_flagged(f, g, (5,), (5,)) for f, g in _FLAGS],
    *[_flagged(f, g, (2,), (2,), make=_complex) for f, g in _FLAGS],
    *[
        _flagged(f, g, *batches)
        for f, g in (("", ""), ("transpose_a=True", ""), ("", "transpose_b=True"), ("adjoint_a=True", "adjoint_b=True"))
        for batches in (((2, 1), (3,)), ((5,), ()), ((), (5,)), ((1,), (4,)), ((2, 3), ()))
    ],
    *[
        case("tf.matmul(a, b)", a=integers(3, 4, dtype=d), b=integers(4, 2, dtype=d), name=f"matmul {d}")
        for d in ("int32", "int64")
    ],
    *[
        case("tf.matmul(a, b)", a=integers(2, 3, 4, dtype=d), b=integers(4, 2, dtype=d), name=f"batch matmul {d}")
        for d in ("int16", "int32", "int64")
    ],
    *[
        case("tf.matmul(a, b)", a=normal(3, 4, dtype=d), b=normal(4, 2, dtype=d), name=f"matmul {d}")
        for d in ("float16", "float64")
    ],
    case("tf.matmul(tf.cast(a, tf.bfloat16), tf.cast(b, tf.bfloat16))", a=normal(3, 4), b=normal(4, 2), rtol=2e-2),
    case("tf.matmul(a, tf.cast(b, tf.bfloat16))", a=normal(3, 4), b=normal(4, 2), rtol=2e-2),
    case("tf.matmul(tf.cast(a, tf.bfloat16), b)", a=normal(3, 4), b=normal(4, 2), rtol=2e-2),
    case("tf.matmul(a, b, output_type=tf.int32)", a=integers(3, 4, dtype="int8"), b=integers(4, 2, dtype="int8")),
    case(
        "tf.matmul(a, b, output_type=tf.int32)",
        a=integers(2, 3, 4, dtype="int8"),
        b=integers(4, 2, low=0, dtype="uint8"),
    ),
    case("tf.matmul(a, b, output_type=tf.float32)", a=normal(3, 4), b=normal(4, 2)),
    case("tf.matmul(a, b, output_type=tf.float64)", a=normal(3, 4), b=normal(4, 2)),
    case("tf.matmul(a, b, a_is_sparse=True)", a=normal(3, 4), b=normal(4, 2)),
    case("tf.matmul(a, b)", a=normal(3, 0), b=normal(0, 2), name="empty inner"),
    case("tf.matmul(a, b)", a=normal(0, 3), b=normal(3, 2), name="empty rows"),
    case("tf.matmul(a, b)", a=normal(0, 2, 3), b=normal(3, 2), name="empty batch"),
    case("tf.matmul(a, b)", a=normal(3, 4), b=normal(3, 2), name="sizes differ"),
    case("tf.matmul(a, b)", a=normal(2, 3, 4), b=normal(2, 3, 2), name="sizes differ in batch"),
    case("tf.matmul(a, b)", a=normal(2, 3, 4), b=normal(3, 4, 2), name="batches differ"),
    case("tf.matmul(a, b)", a=normal(4), b=normal(4, 2), name="vector a"),
    case("tf.matmul(a, b)", a=normal(3, 4), b=normal(4), name="vector b"),
    case("tf.matmul(a, b)", a=normal(3, 4), b=normal(4, 2, dtype="float64"), name="dtypes differ"),
    case("tf.matmul(a, b)", a=integers(3, 4, dtype="int8"), b=integers(4, 2, dtype="int8"), name="int8"),
    case("tf.matmul(a, b)", a=integers(3, 4) > 0, b=integers(4, 2) > 0, name="bool"),
    case("tf.matmul(a, b)", a=integers(3, 4, dtype="int16"), b=integers(4, 2, dtype="int16"), name="int16 of rank 2"),
    case("tf.matmul(a, b, transpose_a=True, adjoint_a=True)", a=normal(3, 3), b=normal(3, 3)),
    case("tf.matmul(a, b, transpose_b=True, adjoint_b=True)", a=normal(2, 3, 3), b=normal(3, 3)),
    case("tf.matmul(a, [[1, 2], [3, 4], [5, 6], [7, 8]])", a=normal(3, 4)),
    case("tf.matmul(a, np.ones((4, 2)))", a=normal(3, 4)),
    case("tf.matmul(np.ones((4, 3)), a)", a=normal(3, 4)),
    case("tf.matmul(a, None)", a=normal(3, 4)),
    case("tf.matmul(tf.Variable(a), tf.Variable(a), transpose_b=True)", a=normal(3, 4)),
    case("tf.linalg.matvec(a, b)", a=normal(3, 4), b=normal(4)),
    case("tf.linalg.matvec(a, b)", a=normal(5, 3, 4), b=normal(4), name="matvec batch of matrices"),
    case("tf.linalg.matvec(a, b)", a=normal(3, 4), b=normal(5, 4), name="matvec batch of vectors"),
    case("tf.linalg.matvec(a, b, transpose_a=True)", a=normal(3, 4), b=normal(3)),
    case("tf.linalg.matvec(a, b, adjoint_a=True)", a=_complex(3, 4), b=_complex(3)),
    case("tf.linalg.matvec(a, b)", a=normal(3, 4), b=normal(3), name="matvec sizes differ"),
    case("tf.linalg.matvec(a, b)", a=normal(3), b=normal(3), name="matvec of vectors"),
    case("tf.tensordot(a, b, 1)", a=normal(3, 4), b=normal(4, 2)),
    case("tf.tensordot(a, b, 0)", a=normal(3, 4), b=normal(4, 2)),
    case("tf.tensordot(a, b, 2)", a=normal(2, 3, 4), b=normal(3, 4, 5)),
    case("tf.tensordot(a, b, 2)", a=normal(3, 4), b=normal(3, 4)),
    case("tf.tensordot(a, b, [[0], [1]])", a=normal(3, 4), b=normal(2, 3)),
    case("tf.tensordot(a, b, [0, 1])", a=normal(3, 4), b=normal(2, 3)),
    case("tf.tensordot(a, b, [[0, 2], [1, 0]])", a=normal(3, 4, 5), b=normal(5, 3, 2)),
    case("tf.tensordot(a, b, ((-1,), (-2,)))", a=normal(3, 4, 5), b=normal(2, 5, 3)),
    case("tf.tensordot(a, b, tf.constant([[1], [0]]))", a=normal(3, 4), b=normal(4, 2)),
    case("tf.tensordot(a, b, np.array([[1], [0]]))", a=normal(3, 4), b=normal(4, 2)),
    case("tf.linalg.tensordot(a, b, [[], []])", a=normal(3), b=normal(2)),
    case("tf.tensordot(a, b, 1)", a=integers(3, 4), b=integers(4, 2), name="tensordot int32"),
    case("tf.tensordot(a, b, 1)", a=_complex(3, 4), b=_complex(4, 2), name="tensordot complex"),
    case("tf.tensordot(a, b, 1)", a=normal(5, 3, 4), b=normal(4), name="tensordot with a vector"),
    case("tf.tensordot(a, b, -1)", a=normal(3, 4), b=normal(4, 2)),
    case("tf.tensordot(a, b, 3)", a=normal(3, 4), b=normal(4, 2)),
    case("tf.tensordot(a, b, [[5], [0]])", a=normal(3, 4), b=normal(4, 2)),
    case("tf.tensordot(a, b, [[1, 0], [0]])", a=normal(3, 4), b=normal(4, 2)),
    case("tf.tensordot(a, b, [[1], [0], [0]])", a=normal(3, 4), b=normal(4, 2)),
    case("tf.tensordot(a, b, [[0], [0]])", a=normal(3, 4), b=normal(4, 2)),
    case("tf.tensordot(a, b, [[0, 0], [0, 0]])", a=normal(3, 3), b=normal(3, 3)),
    case("tf.tensordot(a, b, [[-3], [0]])", a=normal(3, 3), b=normal(3, 3)),
    case("tf.tensordot(a, b, 1.0)", a=normal(3, 3), b=normal(3, 3)),
    case("tf.tensordot(a, b, 1)", a=normal(3, 3), b=normal(3, 3, dtype="float64"), name="tensordot dtypes differ"),
]
