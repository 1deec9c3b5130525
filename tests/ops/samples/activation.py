from tests.ops.samples import real, sample

X = real(2, 3, low=-2, high=2)
DY = real(2, 3, seed=1)

SAMPLES = {
    **{name: [sample(features=X)] for name in ("Relu", "Elu", "Selu", "Softplus", "Softsign")},
    "Relu6": [sample(features=4 * X)],
    "LeakyRelu": [sample(features=X), sample(features=X, alpha=0.3)],
    **{name: [sample(gradients=DY, features=X)] for name in ("ReluGrad", "SoftplusGrad", "SoftsignGrad")},
    "Relu6Grad": [sample(gradients=DY, features=4 * X)],
    "LeakyReluGrad": [sample(gradients=DY, features=X, alpha=0.3)],
    **{name: [sample(gradients=DY, outputs=X / 3)] for name in ("EluGrad", "SeluGrad")},
    **{name: [sample(logits=X)] for name in ("Softmax", "LogSoftmax")},
}
