import numpy as np

from tests.ops.samples import real, sample

X = real(4, 3, low=-3, high=3).astype(np.float32)


def quantized(name, low, high, *shape):
    """Integers of a quantized dtype, as the arrays of one field that both engines take."""
    step = (high - low) / max(1, int(np.prod(shape)) - 1)
    plain = {"qint8": np.int8, "quint8": np.uint8, "qint32": np.int32, "qint16": np.int16, "quint16": np.uint16}[name]
    return np.asarray(low + step * np.arange(np.prod(shape)), plain).reshape(shape).view([(name, plain)])


LIMITS = {"min_range": np.float32(-1), "max_range": np.float32(2)}
OF_ROWS = {"min_range": np.full(4, -1, np.float32), "max_range": np.array([1, 2, 3, 4], np.float32)}
Q8 = quantized("qint8", -128, 127, 4, 3)

SAMPLES = {
    "QuantizeV2": [
        sample(order=0, input=X, **LIMITS, T="qint8"),
        sample(order=0, input=X, **LIMITS, T="quint8", mode="MIN_FIRST"),
        sample(order=0, input=X, **OF_ROWS, T="qint16", mode="SCALED", axis=0, narrow_range=True),
    ],
    "Dequantize": [
        sample(order=0, input=Q8, **LIMITS),
        sample(order=0, input=Q8, **LIMITS, mode="MIN_FIRST"),
        sample(order=0, input=Q8, **OF_ROWS, mode="SCALED", axis=0),
    ],
}
