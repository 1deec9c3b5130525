from tests.ops.samples import real, sample

X, W = real(1, 4, 5, 2), real(2, 2, 2)
OPTIONS = {"strides": [1, 1, 1, 1], "rates": [1, 2, 1, 1], "padding": "VALID"}

SAMPLES = {
    # The gradients have none of their own, here as in TensorFlow.
    "Dilation2D": [sample(order=1, input=X, filter=W, **OPTIONS)],
    "Dilation2DBackpropInput": [sample(order=0, input=X, filter=W, out_backprop=real(1, 2, 4, 2), **OPTIONS)],
    "Dilation2DBackpropFilter": [sample(order=0, input=X, filter=W, out_backprop=real(1, 2, 4, 2), **OPTIONS)],
}
