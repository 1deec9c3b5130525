from tests.ops.samples import ints, real, sample

X = ints(3, 1, 3, 2, 1, 7)

SAMPLES = {
    "Unique": [sample(x=X)],
    "UniqueWithCounts": [sample(x=X)],
    "UniqueV2": [sample(x=X, axis=[]), sample(x=ints([[1, 2], [3, 4], [1, 2]]), axis=[0])],
    "UniqueWithCountsV2": [sample(x=X, axis=[]), sample(x=ints([[1, 2], [3, 4], [1, 2]]), axis=[0])],
    "ListDiff": [sample(x=X, y=ints(1, 4))],
    "DenseBincount": [sample(input=X, size=8, weights=real(6)), sample(input=X.reshape(2, 3), size=5, weights=real(0))],
    "HistogramFixedWidth": [sample(values=real(2, 5), value_range=real(2).copy() * 0 + [-0.5, 0.5], nbins=4)],
}
