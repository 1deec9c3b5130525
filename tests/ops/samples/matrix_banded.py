from tests.ops.samples import real, sample

RHS = real(2, 4, 2)
BANDS = real(3, 4)
BANDS[0] += 3  # the main diagonal

SAMPLES = {
    "TridiagonalSolve": [sample(diagonals=real(2, 3, 4) + [[0], [4], [0]], rhs=RHS)],
    "TridiagonalMatMul": [
        sample(superdiag=real(2, 1, 4), maindiag=real(2, 1, 4, seed=1), subdiag=real(2, 1, 4, seed=2), rhs=RHS)
    ],
    "BandedTriangularSolve": [
        sample(matrix=BANDS, rhs=real(4, 2)),
        sample(matrix=BANDS[::-1].copy(), rhs=real(4, 2), lower=False),
    ],
}
