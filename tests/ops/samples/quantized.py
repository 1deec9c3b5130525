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

A, B = quantized("quint8", 3, 250, 4, 3), quantized("quint8", 201, 20, 3, 5)
OF_A_B = {"min_a": np.float32(-1), "max_a": np.float32(2), "min_b": np.float32(-0.5), "max_b": np.float32(0.7)}
IMAGES, FILTERS = quantized("quint8", 0, 255, 2, 5, 6, 2), quantized("quint8", 255, 3, 3, 2, 2, 4)
FOURS = (
    (np.arange(120).reshape(2, 5, 6, 2) % 64 * 4).astype(np.uint8).view([("quint8", np.uint8)])
)  # oneDNN rounds otherwise
Q32 = quantized("qint32", -2000000, 3000000, 4, 3)
OF_Q32 = {"input_min": np.float32(-300), "input_max": np.float32(400)}
X8, Y8 = quantized("quint8", 0, 255, 4, 3), quantized("quint8", 240, 7, 3)
OF_X_Y = {"min_x": np.float32(-1), "max_x": np.float32(2), "min_y": np.float32(0), "max_y": np.float32(8)}
OF_IMAGES = {"min_input": np.float32(-1), "max_input": np.float32(2)}
OF_FEATURES = {"min_features": np.float32(-3), "max_features": np.float32(9)}
POOL = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1]}

SAMPLES |= {
    "QuantizedMatMul": [
        sample(order=0, a=A, b=B, **OF_A_B),
        sample(order=0, a=A.T.copy(), b=B.T.copy(), **OF_A_B, transpose_a=True, transpose_b=True),
    ],
    "QuantizedConv2D": [
        sample(order=0, input=IMAGES, filter=FILTERS, **OF_IMAGES, min_filter=np.float32(-2), max_filter=np.float32(1),
               strides=[1, stride, stride, 1], padding=padding)
        for stride, padding in ((1, "SAME"), (2, "VALID"))
    ],
    "QuantizedMul": [sample(order=0, x=X8, y=Y8, **OF_X_Y)],
    "QuantizedAdd": [sample(order=0, x=X8, y=Y8, **OF_X_Y)],
    "QuantizedBiasAdd": [
        sample(order=0, input=X8, bias=Y8, **OF_IMAGES, min_bias=np.float32(0), max_bias=np.float32(8), out_type="qint32")
    ],
    "Requantize": [
        sample(order=0, input=Q32, **OF_Q32, requested_output_min=np.float32(low), requested_output_max=np.float32(high), out_type="quint8")
        for low, high in ((-0.3, 0.2), (0, 1), (-0.1, 0.5))
    ],
    "RequantizationRange": [sample(order=0, input=Q32, **OF_Q32)],
    "QuantizeDownAndShrinkRange": [sample(order=0, input=Q32, **OF_Q32, out_type="quint8")],
    "QuantizedRelu": [sample(order=0, features=X8, **OF_FEATURES)],
    "QuantizedRelu6": [sample(order=0, features=X8, **OF_FEATURES)],
    "QuantizedMaxPool": [sample(order=0, input=IMAGES, **OF_IMAGES, **POOL, padding="SAME")],
    "QuantizedAvgPool": [sample(order=0, input=FOURS, **OF_IMAGES, **POOL, padding="SAME")],
    "QuantizedReshape": [sample(order=0, tensor=X8, shape=[6, 2], **OF_Q32)],
}  # fmt: skip
