from tests.ops.samples import real, sample

X = real(2, 3, 4)

SAMPLES = {
    "MatrixBandPart": [sample(input=X, num_lower=1, num_upper=0)],
    "MatrixDiagV3": [
        sample(diagonal=real(2, 3), k=0, num_rows=-1, num_cols=-1, padding_value=0),
        sample(diagonal=real(2, 2, 3), k=[0, 1], num_rows=3, num_cols=4, padding_value=2, align="LEFT_RIGHT"),
    ],
    "MatrixDiagPartV3": [sample(input=X, k=0, padding_value=0), sample(input=X, k=[-1, 1], padding_value=3)],
    "MatrixSetDiagV3": [sample(input=X, diagonal=real(2, 3), k=0), sample(input=X, diagonal=real(2, 2, 3), k=[0, 1])],
    "Diag": [sample(diagonal=real(2, 3))],
    "DiagPart": [sample(input=real(2, 3, 2, 3))],
}
