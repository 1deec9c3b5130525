from tests.ops.samples import real, sample

X = real(2, 3)

SAMPLES = {
    "Identity": [sample(input=X)],
    "IdentityN": [sample(input=[X, real(3)])],
    "StopGradient": [sample(input=X)],
    "GuaranteeConst": [sample(order=0, input=X)],
}
