from tests.ops.samples import real, sample

X, V = real(2, 4, 6, 3), real(1, 4, 4, 6, 2)
OPTIONS = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}
OVERLAP = {"ksize": [1, 3, 2, 1], "strides": [1, 1, 2, 1], "padding": "SAME"}
OPTIONS3 = {"ksize": [1, 2, 2, 3, 1], "strides": [1, 2, 2, 3, 1], "padding": "VALID"}
Y = X.reshape(2, 2, 2, 3, 2, 3).max((2, 4))
Y3 = V.reshape(1, 2, 2, 2, 2, 2, 3, 2).max((2, 4, 6))


def grads(x, y, options):
    return {"fixed": ("orig_input", "orig_output"), "orig_input": x, "orig_output": y, **options}


SAMPLES = {
    "MaxPool": [sample(input=X, **OPTIONS), sample(input=X, **OVERLAP)],
    "MaxPoolGrad": [sample(grad=real(*Y.shape), **grads(X, Y, OPTIONS))],
    "MaxPoolGradGrad": [sample(grad=real(*X.shape, seed=1), **grads(X, Y, OPTIONS))],
    "MaxPool3D": [sample(input=V, **OPTIONS3)],
    "MaxPool3DGrad": [sample(grad=real(*Y3.shape), **grads(V, Y3, OPTIONS3))],
    "MaxPool3DGradGrad": [sample(grad=real(*V.shape, seed=1), **grads(V, Y3, OPTIONS3))],
    "AvgPool": [sample(value=X, **OPTIONS), sample(value=X, **OVERLAP)],
    "AvgPoolGrad": [sample(orig_input_shape=[2, 4, 6, 3], grad=real(2, 4, 3, 3), **OVERLAP)],
    "AvgPool3D": [sample(input=V, **OPTIONS3)],
    "AvgPool3DGrad": [sample(orig_input_shape=[1, 4, 4, 6, 2], grad=real(*Y3.shape), **OPTIONS3)],
}
