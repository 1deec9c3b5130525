import numpy as np

from tests.ops.samples import ints, real, sample

_SPLITS = ints(0, 2, 2, 3, dtype=np.int64)
_OUTER = ints(0, 1, 3, dtype=np.int64)
_NOTHING_KNOWN = ints(-1)

SAMPLES = {
    "RaggedBincount": [
        sample(splits=_SPLITS, values=ints(1, 1, 5), size=4, weights=np.zeros(0, np.float32)),
        sample(splits=_SPLITS, values=ints(1, 1, 3), size=4, weights=np.array([0.5, 2, 1], np.float32)),
        sample(splits=_SPLITS, values=ints(1, 1, 3), size=4, weights=np.zeros(0, np.int64), binary_output=True),
    ],
    "RaggedGather": [
        sample(params_nested_splits=[_SPLITS], params_dense_values=real(3), indices=ints(2, 0, 0), OUTPUT_RAGGED_RANK=1),
        sample(
            params_nested_splits=[_OUTER, _SPLITS], params_dense_values=real(3, 2), OUTPUT_RAGGED_RANK=3,
            indices=ints([[1, 0], [1, 1]], dtype=np.int64),
        ),
        sample(
            params_nested_splits=[_OUTER, _SPLITS], params_dense_values=real(3), indices=ints(1), OUTPUT_RAGGED_RANK=1,
        ),
    ],
    "RaggedRange": [
        sample(starts=ints(0, 5, 1), limits=ints(3, 5, 8), deltas=ints(1, -1, 3)),
        sample(starts=ints(2), limits=ints(2, 9, -4), deltas=ints(-3)),
        sample(starts=np.array([0, 1], np.float32), limits=np.array(2, np.float32), deltas=np.array(0.25, np.float32)),
    ],
    "RaggedTensorToSparse": [
        sample(rt_nested_splits=[_SPLITS], rt_dense_values=real(3)),
        sample(rt_nested_splits=[_OUTER, _SPLITS], rt_dense_values=real(3, 2)),
    ],
    "RaggedTensorToTensor": [
        sample(
            shape=_NOTHING_KNOWN, values=real(3), default_value=real(), row_partition_tensors=[_SPLITS],
            row_partition_types=["ROW_SPLITS"],
        ),
        sample(
            shape=ints(2, -1, 2), values=real(3, 2), default_value=real(2), row_partition_tensors=[_SPLITS],
            row_partition_types=["ROW_SPLITS"],
        ),
        sample(
            shape=ints(-1, 3, 1), values=real(3), default_value=real(), row_partition_tensors=[_OUTER, _SPLITS],
            row_partition_types=["ROW_SPLITS", "ROW_SPLITS"],
        ),
        sample(
            shape=ints(-1, -1), values=real(3), default_value=real(),
            row_partition_tensors=[ints(4, dtype=np.int64), ints(0, 2, 2, dtype=np.int64)],
            row_partition_types=["FIRST_DIM_SIZE", "VALUE_ROWIDS"],
        ),
    ],
}  # fmt: skip
