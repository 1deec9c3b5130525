"""Every op on every sample in every dtype: values, dtypes and gradients of the raw ops. See `tests/ops/samples`."""

import ml_dtypes
import numpy as np

from tests.golden.case import case
from tests.ops.samples import every_sample

DTYPES = (np.float16, ml_dtypes.bfloat16, np.float32, np.float64, np.int32, np.complex64)
OTHER_BYTES = {"EncodePng"}  # compressors differ; the family image_files compares what is read again
UNIQUE_UP_TO_A_FACTOR = {"Eig", "Svd", "SelfAdjointEigV2"}
NO_GRADIENT = {  # in TensorFlow
    *("IRFFT3D", "RFFT3D"),
    *("FractionalAvgPoolGrad", "FractionalMaxPoolGrad", "LRNGrad", "Lu", "MaxPoolGradGradWithArgmax", "Mod"),
    *(
        "MaxPoolGradWithArgmax",
        "SoftsignGrad",
        "TruncateMod",
        "DenseCountSparseOutput",
        "RaggedBincount",
        "SparseBincount",
    ),
    *("RaggedCountSparseOutput", "SparseCountSparseOutput", "SparseFillEmptyRowsGrad"),
    *("SparseAddGrad", "SparseDenseCwiseAdd", "SparseSliceGrad", "SparseSparseMaximum", "SparseSparseMinimum"),
    *("ResizeBicubicGrad", "ResizeBilinearGrad", "ResizeNearestNeighborGrad", "ScaleAndTranslateGrad"),
}
IN_SINGLE_PRECISION = {
    "CTCBeamSearchDecoder",
    "CTCLoss",
    "ImageProjectiveTransformV2",
    "ImageProjectiveTransformV3",
    "ResizeBicubic",
    "ResizeBilinear",
}  # whatever their dtype
OTHER_GRADIENT = {  # not what differences say in TensorFlow: complex numbers are not conjugated
    *("Cumprod", "MatrixDeterminant", "MatrixSolveLs", "MatrixSquareRoot", "SegmentProd", "TridiagonalSolve"),
    "UnsortedSegmentProd",
}


def run(name, arguments):
    """The function of `tf` and of tensors that runs the op, and the tensors' values."""
    flat = {}
    for key, value in arguments.items():
        for i, item in enumerate(value) if isinstance(value, list) else [("", value)]:
            if isinstance(item, np.ndarray):
                flat[f"{key}_{i}"] = item

    def code(tf, **tensors):
        tf.random.set_seed(1)
        given = {
            key: [tensors.get(f"{key}_{i}", item) for i, item in enumerate(value)]
            if isinstance(value, list)
            else tensors.get(f"{key}_", value)
            for key, value in arguments.items()
        }
        result = getattr(tf.raw_ops, name)(**given)
        # TensorFlow leaves the second output out of the labels' gradient
        return result[0] if name == "SoftmaxCrossEntropyWithLogits" else result

    return code, flat


def cases():
    for name, samples in sorted(every_sample().items()):
        for sample in samples:
            if not sample.repeats or name in UNIQUE_UP_TO_A_FACTOR | OTHER_BYTES:
                continue
            for dtype in DTYPES if sample.has_type() else (np.float64,):
                if name == "Round" and dtype is np.int32:  # zeros in TensorFlow, whose tf.round never runs it
                    continue
                code, inputs = run(name, sample.of_type(dtype))
                has_gradient = name not in NO_GRADIENT and not (name in OTHER_GRADIENT and dtype is np.complex64)
                title = f"{name} {np.dtype(dtype).name} {sample}"
                rtol = 2e-5 if name in IN_SINGLE_PRECISION and dtype is np.float64 else None
                yield case(code, grad=has_gradient, rtol=rtol, may_extend=True, name=title, **inputs)


NOTHING = {
    "TensorScatterMax": {"tensor": np.zeros((4, 0)), "indices": np.zeros((0, 1), int), "updates": np.zeros((0, 0))},
    "LRN": {"input": np.zeros((2, 2, 2, 0), np.float32)},
    "FusedBatchNormV3": {
        "x": np.zeros((2, 3, 4, 0), np.float32),
        **{key: np.zeros(0, np.float32) for key in ("scale", "offset", "mean", "variance")},
    },
}  # tensors without channels
CASES = list(cases())
for op, given in NOTHING.items():
    code, inputs = run(op, given)
    CASES.append(case(code, name=f"{op} of nothing", **inputs))
