from tests.ops.samples import real, sample

X, W1 = real(2, 5, 6, 4), real(3, 2, 4, 3)
SAME = {"strides": [1, 1, 1, 1], "padding": "SAME"}
VALID = {"strides": [1, 2, 1, 1], "padding": "VALID"}
DILATED = {"strides": [1, 1, 1, 1], "padding": "VALID", "dilations": [1, 2, 1, 1]}
V, U = real(1, 4, 5, 4, 2), real(2, 3, 2, 2, 3)
SAME3 = {"strides": [1, 2, 1, 1, 1], "padding": "SAME"}

SAMPLES = {
    "Conv2D": [sample(input=X, filter=W1, **options) for options in (SAME, VALID, DILATED)]
    + [sample(input=X, filter=real(1, 1, 4, 3), **SAME), sample(input=X, filter=real(3, 2, 2, 4), **VALID)],
    "Conv2DBackpropInput": [
        sample(input_sizes=[2, 5, 6, 4], filter=W1, out_backprop=real(2, 5, 6, 3), **SAME),
        sample(input_sizes=[2, 5, 6, 4], filter=W1, out_backprop=real(2, 2, 5, 3), **VALID),
    ],
    "Conv2DBackpropFilter": [
        sample(input=X, filter_sizes=[3, 2, 4, 3], out_backprop=real(2, 5, 6, 3), **SAME),
        sample(input=X, filter_sizes=[3, 2, 4, 3], out_backprop=real(2, 2, 5, 3), **VALID),
    ],
    "Conv3D": [sample(input=V, filter=U, **SAME3)],
    "Conv3DBackpropInputV2": [sample(input_sizes=[1, 4, 5, 4, 2], filter=U, out_backprop=real(1, 2, 5, 4, 3), **SAME3)],
    "Conv3DBackpropFilterV2": [
        sample(input=V, filter_sizes=[2, 3, 2, 2, 3], out_backprop=real(1, 2, 5, 4, 3), **SAME3)
    ],
}
