from tests.ops.samples import ints, real, sample

X = real(4, 3)
INDICES, TWICE = ints([[0], [2]]), ints([[2], [0], [2]])
DISTINCT = {"tensor": X, "indices": INDICES, "updates": real(2, 3)}
REPEATED = {"tensor": X, "indices": TWICE, "updates": real(3, 3)}

SAMPLES = {
    "ScatterNd": [sample(indices=TWICE, updates=real(3, 3), shape=[4, 3])],
    "TensorScatterUpdate": [sample(**DISTINCT)],
    "TensorScatterAdd": [sample(**DISTINCT), sample(**REPEATED)],
    "TensorScatterSub": [sample(**DISTINCT), sample(**REPEATED)],
    "TensorScatterMax": [sample(**DISTINCT), sample(**REPEATED)],
    "TensorScatterMin": [sample(**DISTINCT), sample(**REPEATED)],
}
