from tests.ops.samples import real, sample

X = real(2, 3, 1, 5)

SAMPLES = {
    "BiasAdd": [sample(value=X, bias=real(5)), sample(value=X, bias=real(3), data_format="NCHW")],
    "BiasAddGrad": [sample(out_backprop=X), sample(out_backprop=X, data_format="NCHW")],
}
