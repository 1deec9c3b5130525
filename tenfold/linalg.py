"""`tf.linalg`: products, decompositions and solutions of matrices; linear operators, which are imported when first used."""

from __future__ import annotations

from importlib import import_module

from tenfold.ops.creation import eye as eye
from tenfold.ops.einsum import einsum as einsum
from tenfold.ops.einsum import tensordot as tensordot
from tenfold.ops.matmul import matmul as matmul
from tenfold.ops.matmul import matvec as matvec
from tenfold.ops.matrices import adjoint as adjoint
from tenfold.ops.matrices import cross as cross
from tenfold.ops.matrices import global_norm as global_norm
from tenfold.ops.matrices import matrix_transpose as matrix_transpose
from tenfold.ops.matrices import norm as norm
from tenfold.ops.matrices import normalize as normalize
from tenfold.ops.matrix_banded import banded_triangular_solve as banded_triangular_solve
from tenfold.ops.matrix_banded import eigh_tridiagonal as eigh_tridiagonal
from tenfold.ops.matrix_banded import tridiagonal_matmul as tridiagonal_matmul
from tenfold.ops.matrix_banded import tridiagonal_solve as tridiagonal_solve
from tenfold.ops.matrix_decompose import cholesky as cholesky
from tenfold.ops.matrix_decompose import eig as eig
from tenfold.ops.matrix_decompose import eigh as eigh
from tenfold.ops.matrix_decompose import eigvals as eigvals
from tenfold.ops.matrix_decompose import eigvalsh as eigvalsh
from tenfold.ops.matrix_decompose import matrix_rank as matrix_rank
from tenfold.ops.matrix_decompose import pinv as pinv
from tenfold.ops.matrix_decompose import qr as qr
from tenfold.ops.matrix_decompose import svd as svd
from tenfold.ops.matrix_diag import band_part as band_part
from tenfold.ops.matrix_diag import diag as diag
from tenfold.ops.matrix_diag import diag_part as diag_part
from tenfold.ops.matrix_diag import set_diag as set_diag
from tenfold.ops.matrix_diag import tensor_diag as tensor_diag
from tenfold.ops.matrix_diag import tensor_diag_part as tensor_diag_part
from tenfold.ops.matrix_diag import trace as trace
from tenfold.ops.matrix_functions import expm as expm
from tenfold.ops.matrix_functions import logm as logm
from tenfold.ops.matrix_functions import sqrtm as sqrtm
from tenfold.ops.matrix_lu import lu as lu
from tenfold.ops.matrix_lu import lu_matrix_inverse as lu_matrix_inverse
from tenfold.ops.matrix_lu import lu_reconstruct as lu_reconstruct
from tenfold.ops.matrix_lu import lu_solve as lu_solve
from tenfold.ops.matrix_solve import cholesky_solve as cholesky_solve
from tenfold.ops.matrix_solve import det as det
from tenfold.ops.matrix_solve import inv as inv
from tenfold.ops.matrix_solve import logdet as logdet
from tenfold.ops.matrix_solve import lstsq as lstsq
from tenfold.ops.matrix_solve import slogdet as slogdet
from tenfold.ops.matrix_solve import solve as solve
from tenfold.ops.matrix_solve import triangular_solve as triangular_solve
from tenfold.ops.normalization import l2_normalize as l2_normalize

_LINEAR_OPERATORS = {
    "LinearOperator": "base",
    **dict.fromkeys(("LinearOperatorFullMatrix", "LinearOperatorLowerTriangular"), "dense"),
    **dict.fromkeys(
        ("LinearOperatorDiag", "LinearOperatorIdentity", "LinearOperatorScaledIdentity", "LinearOperatorZeros"),
        "diagonal",
    ),
    **dict.fromkeys(("LinearOperatorAdjoint", "LinearOperatorComposition", "LinearOperatorInversion"), "composed"),
    **dict.fromkeys(("LinearOperatorCirculant", "LinearOperatorCirculant2D", "LinearOperatorCirculant3D"), "circulant"),
    "LinearOperatorKronecker": "kronecker",
    "LinearOperatorLowRankUpdate": "low_rank",
    **dict.fromkeys(("LinearOperatorBlockDiag", "LinearOperatorBlockLowerTriangular"), "blocks"),
    **dict.fromkeys(
        (
            "LinearOperatorHouseholder",
            "LinearOperatorPermutation",
            "LinearOperatorToeplitz",
            "LinearOperatorTridiag",
        ),
        "structured",
    ),
}


def __getattr__(name: str) -> object:
    """Imports linear operators, and `experimental`, when they are first used."""
    if name == "experimental":
        return import_module("tenfold.linalg_experimental")
    module = _LINEAR_OPERATORS.get(name)
    if module is None:
        raise AttributeError(f"module 'tenfold.linalg' has no attribute {name!r}")
    return getattr(import_module(f"tenfold.linear_operators.{module}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_LINEAR_OPERATORS, "experimental"])
