import numpy as np

from tests.ops.samples import real, sample

X, DY = real(4, 3, low=-3, high=3), real(4, 3, seed=1)
LIMITS = {"min": np.float32(-1), "max": np.float32(2)}
OF_CHANNELS = {"min": np.full(3, -1, np.float32), "max": np.array([1, 2, 3], np.float32)}

# The gradient is that of the identity, not of steps.
SAMPLES = {
    "FakeQuantWithMinMaxArgs": [sample(order=0, inputs=X, num_bits=4)],
    "FakeQuantWithMinMaxArgsGradient": [sample(order=0, gradients=DY, inputs=X, min=-1.0, max=2.0)],
    "FakeQuantWithMinMaxVars": [sample(order=0, inputs=X, **LIMITS)],
    "FakeQuantWithMinMaxVarsGradient": [sample(order=0, gradients=DY, inputs=X, **LIMITS)],
    "FakeQuantWithMinMaxVarsPerChannel": [sample(order=0, inputs=X, **OF_CHANNELS)],
    "FakeQuantWithMinMaxVarsPerChannelGradient": [sample(order=0, gradients=DY, inputs=X, **OF_CHANNELS)],
}
