import numpy as np

from tests.ops.samples import ints, real, sample

_INDICES = ints([[0, 1], [2, 0], [2, 3]], dtype=np.int64)
_UNSORTED = ints([[2, 3], [0, 1], [2, 0]], dtype=np.int64)
_OTHERS = ints([[0, 2], [2, 3]], dtype=np.int64)
_SHAPE = ints(4, 5, dtype=np.int64)
_VALUES = ints(1, 3, 1, dtype=np.int64)
_NO_WEIGHTS = np.zeros(0, np.float32)
_WEIGHTS = np.array([0.5, 2, 1], np.float32)
_TEXTS = np.array([b"a", b"b", b"c"], object)
_KEY = 0xDECAFCAFFE
_PAIR = {
    "a_indices": _INDICES, "a_values": real(3), "a_shape": _SHAPE,
    "b_indices": _OTHERS, "b_values": real(2, seed=1), "b_shape": _SHAPE,
}  # fmt: skip

SAMPLES = {
    "DenseCountSparseOutput": [
        sample(values=ints([[1, 1, 4], [0, 2, 2]]), weights=_NO_WEIGHTS, binary_output=False),
        sample(values=_VALUES, weights=_WEIGHTS, binary_output=False, maxlength=3),
        sample(values=_VALUES, weights=_WEIGHTS, binary_output=True, minlength=9),
    ],
    "DenseToDenseSetOperation": [
        sample(set1=ints([[1, 2, 2], [3, 4, 5]]), set2=ints([[2, 9], [5, 3]]), set_operation=operation)
        for operation in ("a-b", "b-a", "intersection", "union")
    ],
    "DenseToSparseSetOperation": [
        sample(
            set1=ints([[1], [2], [3], [4]], dtype=np.int64), set2_indices=_INDICES, set2_values=_VALUES, set2_shape=_SHAPE,
            set_operation="union",
        ),
    ],
    "EditDistance": [
        sample(
            hypothesis_indices=_INDICES, hypothesis_values=_VALUES, hypothesis_shape=[4, 5], truth_indices=_OTHERS,
            truth_values=_VALUES[1:], truth_shape=[3, 9], normalize=normalize,
        )
        for normalize in (True, False)
    ],
    "RaggedCountSparseOutput": [
        sample(splits=ints(0, 2, 2, 3, dtype=np.int64), values=ints(1, 1, 4), weights=_WEIGHTS, binary_output=False),
    ],
    "SetSize": [sample(set_indices=_INDICES, set_values=_TEXTS, set_shape=[4, 5])],
    "SparseAdd": [
        sample(
            a_indices=_INDICES, a_values=real(3), a_shape=_SHAPE, b_indices=_OTHERS, b_values=real(2, seed=1),
            b_shape=_SHAPE, thresh=np.float32(0),
        ),
    ],
    "SparseAddGrad": [
        sample(
            backprop_val_grad=real(4), a_indices=_INDICES, b_indices=_OTHERS,
            sum_indices=ints([[0, 1], [0, 2], [2, 0], [2, 3]], dtype=np.int64),
        ),
    ],
    "SparseBincount": [
        sample(indices=_INDICES, values=_VALUES, dense_shape=[4, 5], size=4, weights=_NO_WEIGHTS),
        sample(indices=_INDICES, values=_VALUES, dense_shape=[4, 5], size=2, weights=_WEIGHTS, binary_output=True),
        sample(indices=ints([[1], [2], [3]], dtype=np.int64), values=_VALUES, dense_shape=[4], size=4, weights=_WEIGHTS),
    ],
    "SparseConcat": [
        sample(indices=[_INDICES, _OTHERS], values=[real(3), real(2, seed=1)], shapes=[_SHAPE, _SHAPE], concat_dim=axis)
        for axis in (0, -1)
    ],
    "SparseCountSparseOutput": [
        sample(indices=_INDICES, values=_VALUES, dense_shape=[4, 5], weights=_NO_WEIGHTS, binary_output=False),
        sample(
            indices=ints([[1], [2], [3]], dtype=np.int64), values=ints(1, 3, 1), dense_shape=[4], weights=_WEIGHTS,
            binary_output=False, minlength=7,
        ),
    ],
    "SparseCross": [
        sample(
            indices=[_INDICES], values=[_TEXTS], shapes=[_SHAPE], hash_key=_KEY, out_type="int64",
            dense_inputs=[ints([[1, 2], [3, -4], [5, 6], [7, 8]], dtype=np.int64)], hashed_output=True, num_buckets=100,
            internal_type="int64",
        ),
        sample(
            indices=[_INDICES, _INDICES], values=[_TEXTS, _VALUES], shapes=[_SHAPE, _SHAPE], hash_key=_KEY, out_type="string",
            dense_inputs=[], hashed_output=False, num_buckets=0, internal_type="int64",
        ),
    ],
    "SparseCrossV2": [
        sample(
            indices=[_INDICES], values=[_TEXTS], shapes=[_SHAPE], dense_inputs=[ints([[1], [2], [3], [4]], dtype=np.int64)],
            sep=np.array(b"&", object),
        ),
    ],
    **{
        f"SparseDenseCwise{name}": [
            sample(sp_indices=_INDICES, sp_values=real(3), sp_shape=_SHAPE, dense=real(*shape, low=0.5, seed=1))
            for shape in ((4, 5), (4, 1), (5,), ())
        ]
        for name in ("Add", "Mul", "Div")
    },
    **{
        f"SparseReduce{name}": [
            sample(order=2 if name == "Sum" else 0, 
                input_indices=_INDICES, input_values=real(3), input_shape=[4, 5], reduction_axes=axes, keep_dims=keep_dims
            )
            for axes, keep_dims in (([1], False), ([0], True), ([-2, -1], False), ([], True))
        ]
        for name in ("Max", "MaxSparse", "Sum", "SumSparse")
    },
    "SparseReorder": [sample(input_indices=_UNSORTED, input_values=real(3), input_shape=[4, 5])],
    "SparseFillEmptyRows": [
        sample(indices=_INDICES, values=real(3), dense_shape=_SHAPE, default_value=real()),
        sample(indices=_UNSORTED, values=real(3), dense_shape=_SHAPE, default_value=real()),
    ],
    "SparseFillEmptyRowsGrad": [sample(reverse_index_map=ints(0, 3, dtype=np.int64), grad_values=real(5))],
    "SparseReshape": [
        sample(input_indices=_INDICES, input_shape=_SHAPE, new_shape=ints(2, -1, 5, dtype=np.int64)),
        sample(input_indices=_INDICES, input_shape=_SHAPE, new_shape=ints([-1], dtype=np.int64)),
    ],
    "SparseSlice": [
        sample(
            indices=_INDICES, values=real(3), shape=_SHAPE, start=ints(1, 0, dtype=np.int64), size=ints(2, 3, dtype=np.int64)
        ),
    ],
    "SparseSliceGrad": [
        sample(
            backprop_val_grad=real(1), input_indices=_INDICES, input_start=ints(1, 0, dtype=np.int64),
            output_indices=ints([[1, 0]], dtype=np.int64),
        ),
    ],
    "SparseSoftmax": [sample(sp_indices=_INDICES, sp_values=real(3), sp_shape=[4, 5])],
    "SparseSparseMaximum": [sample(order=0, **_PAIR)],
    "SparseSparseMinimum": [sample(order=0, **_PAIR)],
    "SparseSplit": [
        sample(order=0, split_dim=axis, indices=_INDICES, values=real(3), shape=_SHAPE, num_split=3) for axis in (0, 1)
    ],
    "SparseTensorDenseAdd": [sample(a_indices=_INDICES, a_values=real(3), a_shape=_SHAPE, b=real(4, 5))],
    "SparseTensorDenseMatMul": [
        sample(a_indices=_UNSORTED, a_values=real(3), a_shape=[4, 5], b=real(5, 2)),
        sample(a_indices=_INDICES, a_values=real(3), a_shape=[4, 5], b=real(3, 4), adjoint_a=True, adjoint_b=True),
    ],
    "SparseToSparseSetOperation": [
        sample(
            set1_indices=_INDICES, set1_values=_VALUES, set1_shape=_SHAPE, set2_indices=_OTHERS, set2_values=_VALUES[1:],
            set2_shape=_SHAPE, set_operation="intersection",
        ),
    ],
    "SparseToDense": [
        sample(
            sparse_indices=ints([[0, 1], [1, 2]]), output_shape=[2, 3], sparse_values=real(2), default_value=real(),
        ),
        sample(
            sparse_indices=ints([[3], [1]]), output_shape=[4], sparse_values=real(2), default_value=real(),
            validate_indices=False,
        ),
        sample(sparse_indices=ints([1, 3]), output_shape=[4], sparse_values=ints(5, 6), default_value=ints(0)),
    ],
}  # fmt: skip
