from tests.ops.samples import real, sample

X, W, DY = real(2, 5, 6, 3), real(3, 2, 3, 2), real(2, 5, 6, 6)
SAME = {"strides": [1, 1, 1, 1], "padding": "SAME"}

SAMPLES = {
    "DepthwiseConv2dNative": [
        sample(input=X, filter=W, **SAME),
        sample(input=X, filter=W, strides=[1, 2, 2, 1], padding="VALID"),
    ],
    "DepthwiseConv2dNativeBackpropInput": [sample(input_sizes=[2, 5, 6, 3], filter=W, out_backprop=DY, **SAME)],
    "DepthwiseConv2dNativeBackpropFilter": [sample(input=X, filter_sizes=[3, 2, 3, 2], out_backprop=DY, **SAME)],
}
