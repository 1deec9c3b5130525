from tests.ops.samples import real, sample

X = real(2, 3)

SAMPLES = {
    "Shape": [sample(input=X), sample(input=X, out_type="int64")],
    "ShapeN": [sample(input=[X, real(4)])],
    "Size": [sample(input=X)],
    "Rank": [sample(input=X)],
    "EnsureShape": [sample(input=X, shape=[2, 3])],
}
