from tests.ops.samples import ints, real, sample

SAMPLES = {
    "SparseToDense": [
        sample(
            sparse_indices=ints([[0, 1], [1, 2]]), output_shape=[2, 3], sparse_values=real(2), default_value=real(),
        ),
        sample(
            sparse_indices=ints([3, 1]), output_shape=[4], sparse_values=real(2), default_value=real(),
            validate_indices=False,
        ),
    ],
}  # fmt: skip
