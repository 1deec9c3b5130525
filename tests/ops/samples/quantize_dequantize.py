import numpy as np

from tests.ops.samples import real, sample

X, DY = real(4, 3, low=-3, high=3), real(4, 3, seed=1)
LIMITS = {"input_min": np.float32(-1), "input_max": np.float32(2)}
OF_ROWS = {"input_min": np.full(4, -1, np.float32), "input_max": np.array([1, 2, 3, 4], np.float32)}

# The gradient is that of the identity, not of steps.
SAMPLES = {
    "QuantizeAndDequantizeV2": [
        sample(order=0, input=X, **LIMITS, num_bits=4, range_given=True),
        sample(order=0, input=X, **LIMITS, num_bits=4, signed_input=False),
    ],
    "QuantizeAndDequantizeV3": [sample(order=0, input=X, **OF_ROWS, num_bits=4, axis=0)],
    "QuantizeAndDequantizeV4": [sample(order=0, input=X, **LIMITS, num_bits=4, range_given=True)],
    "QuantizeAndDequantizeV4Grad": [sample(order=0, gradients=DY, input=X, **LIMITS)],
}
