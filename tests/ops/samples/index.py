from tests.ops.samples import real, sample

X = real(3, 4)
PART = {"begin": [0, 3], "end": [3, 0], "strides": [2, -1]}

SAMPLES = {
    "StridedSlice": [sample(input=X, **PART), sample(input=X, begin=[1], end=[2], strides=[1], shrink_axis_mask=1)],
    "StridedSliceGrad": [sample(shape=[3, 4], dy=real(2, 3), **PART)],
    "TensorStridedSliceUpdate": [sample(input=X, value=real(2, 3), **PART)],
    "Slice": [sample(input=X, begin=[1, 0], size=[2, -1])],
}
