from tests.ops.samples import real, sample

SAMPLES = {
    "ZerosLike": [sample(x=real(2, 3))],
    "OnesLike": [sample(x=real(2, 3))],
    "Fill": [sample(dims=[2, 3], value=real())],
}
