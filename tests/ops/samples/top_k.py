from tests.ops.samples import real, sample, whole

X = real(2, 5)

SAMPLES = {
    "TopKV2": [sample(input=X, k=3)],
    "ApproxTopK": [sample(input=X, k=2), sample(input=X, k=1, reduction_dimension=0, is_max_k=False)],
    "NthElement": [sample(input=X, n=2), sample(input=X, n=0, reverse=True)],
    "InTopKV2": [sample(predictions=X.astype("float32"), targets=whole(2, low=0, high=5), k=2)],
}
