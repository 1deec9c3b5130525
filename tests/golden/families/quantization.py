"""Numbers rounded to few bits, with their gradients; quantized dtypes. Frozen with TF_ENABLE_ONEDNN_OPTS=0, that is, as TensorFlow documents it:
its kernels of oneDNN widen limits to symmetric ones and round differently where a number is half-way between two."""

import numpy as np

from tests.golden.case import case, normal

X = np.array([-7, -6, -5.9, -0.1, 0, 0.02, 1, 3, 5.99, 6, 6.02, np.nan, np.inf], np.float32)
ROWS = normal(2, 5, 3) * 3
LOW, HIGH = np.array([-1, -4, 0], np.float32), np.array([1, 2, 0], np.float32)
Q = "tf.quantization.fake_quant_with_min_max"
LIMITS = ((-6, 6), (1, 6), (-3, -1), (-0.01, 6), (0, 0), (0.1, 0.7))

D = "tf.quantization.quantize_and_dequantize_v2"
V = "tf.raw_ops.QuantizeAndDequantize"

R = "tf.raw_ops."
QUANTIZED = ("qint8", "quint8", "qint16", "quint16", "qint32")
MODES = ("MIN_COMBINED", "MIN_FIRST", "SCALED")
INTS = np.array([[0, 1, 2, 100], [127, 126, 40, 7]], np.int32)

CASES = [
    *(
        case(f"tf.quantization.quantize(x, {low}, {high}, tf.{name}, '{mode}')", x=normal(9) * 3, grad=False)
        for low, high in ((-1.0, 3.0), (0.0, 2.0), (1.0, 1.001), (-3.0, -1.0), (0.0, 0.0))
        for name in QUANTIZED
        for mode in MODES
    ),
    *(
        case(
            f"tf.quantization.quantize(x, -1.0, 2.0, tf.{name}, 'SCALED', '{mode}', narrow_range=True)",
            x=X[:-2],
            grad=False,
        )
        for name in QUANTIZED[:4]
        for mode in ("HALF_AWAY_FROM_ZERO", "HALF_TO_EVEN")
    ),
    *(
        case(
            f"tf.quantization.quantize(x, low, high, tf.{name}, '{mode}', axis=2)",
            x=ROWS,
            low=LOW,
            high=HIGH,
            grad=False,
        )
        for name in QUANTIZED[:4]
        for mode in MODES
    ),
    *(
        case(f"tf.quantization.dequantize(tf.cast(x, tf.{name}), {low}, {high}, '{mode}')", x=INTS)
        for low, high in ((-1.0, 3.0), (0.0, 2.0), (1.0, 1.0))
        for name in QUANTIZED
        for mode in (MODES if name != "qint32" else MODES[:2])
    ),
    *(
        case(
            f"tf.quantization.dequantize(tf.cast(x, tf.{name}), low, high, '{mode}', axis=1)",
            x=INTS[:, :3],
            low=LOW,
            high=HIGH,
            grad=False,
        )
        for name in QUANTIZED
        for mode in MODES
    ),
    case("tf.quantization.dequantize(tf.cast(x, tf.qint8), -1.0, 2.0, 'SCALED', narrow_range=True)", x=INTS),
    case("tf.quantization.dequantize(tf.cast(x, tf.qint8), -1.0, 2.0, dtype=tf.bfloat16)", x=INTS),
    case("tf.quantization.dequantize(tf.cast(x, tf.qint8), -1.0, 2.0, 'MIN_FIRST', dtype=tf.bfloat16)", x=INTS),
    case("tf.quantization.dequantize(tf.cast(x, tf.qint8), -1.0, 2.0, dtype=tf.float16)", x=INTS),
    case("tf.quantization.dequantize(x, -1.0, 2.0)", x=INTS),
    case("tf.quantization.dequantize(tf.cast(x, tf.qint8), [-1.0, 0.0], 2.0)", x=INTS),
    case("tf.quantization.dequantize(tf.cast(x, tf.qint8), -1.0, 2.0, 'OTHER')", x=INTS),
    case("tf.quantization.dequantize(tf.quantization.quantize(x, -1.0, 2.0, tf.qint8).output, -1.0, 2.0)", x=ROWS),
    case("tf.quantization.dequantize(tf.constant([1], tf.qint8), x, 2.0)", x=np.float32(-1)),
    case("tf.quantization.quantize([0.5], x, 2.0, tf.qint8).output_min", x=np.float32(-1)),
    case("tf.quantization.quantize(x, -1.0, 2.0, tf.int8)", x=ROWS),
    case("tf.quantization.quantize(x, 2.0, 1.0, tf.qint8)", x=ROWS),
    case("tf.quantization.quantize(x, [-1.0, 0.0], 2.0, tf.qint8)", x=ROWS),
    case("tf.quantization.quantize(x, [-1.0, 0.0], [2.0, 2.0], tf.qint8, axis=1)", x=ROWS),
    case("tf.quantization.quantize(x, -1.0, 2.0, tf.qint8, axis=-1)", x=ROWS),
    case("tf.quantization.quantize(x, -1.0, 2.0, tf.qint8, 'MIN_FIRST', 'HALF_TO_EVEN')", x=ROWS),
    case("tf.quantization.quantize(x, -1.0, 2.0, tf.qint8)", x=np.float64(1)),
    *(
        case(code.replace("Q", f"tf.cast(x, tf.{name})"), x=INTS, grad=False)
        for name in QUANTIZED[:2]
        for code in (
            "tf.cast(Q, tf.float32)",
            "tf.cast(Q, tf.qint32)",
            "tf.reshape(Q, [-1])",
            "tf.concat([Q, Q], 0)",
            "tf.gather(Q, [1])",
            "Q[:, 1:]",
            "tf.stack([Q, Q])",
            "tf.zeros([2], Q.dtype)",
            "tf.ones([2], Q.dtype)",
            "tf.fill([2], Q[0, 1])",
            "tf.bitcast(Q, tf.uint8)",
            "tf.identity(Q)",
            "tf.Variable(Q) + 0",
            "tf.pad(Q, [[0, 1], [1, 0]])",
            "Q + Q",
            "Q * 2",
            "tf.matmul(Q, Q)",
            "Q.dtype.size",
            "str(Q.dtype.as_numpy_dtype)",
            "Q.dtype.max",
            "Q.dtype.limits",
            "str(Q)",
            "int(Q[0, 1])",
        )
    ),
    case("tf.cast(x, tf.qint8)", x=X[:-2]),
    case("tf.cast(tf.cast(x, tf.qint8), tf.float32)", x=X[:-2]),
    case("tf.constant([1.5], tf.qint8)"),
    case("tf.constant([300], tf.quint8)"),
    *(
        case(
            f"{Q}_vars(x, low, high, num_bits={bits}, narrow_range={narrow})",
            x=X,
            low=np.float32(low),
            high=np.float32(high),
        )
        for low, high in LIMITS
        for bits in (2, 8, 16)
        for narrow in (False, True)
    ),
    *(
        case(f"{Q}_vars_gradient(x[::-1], x, {low:.2f}, {high:.2f})", x=normal(9) * 5, grad=False)
        for low, high in LIMITS
    ),
    case(f"{Q}_vars(x, 1.0, -1.0)", x=X, grad=False),
    *(
        case(f"{Q}_vars_per_channel(x, low, high, {bits}, {narrow})", x=x, low=LOW, high=HIGH)
        for x in (ROWS, ROWS[0], ROWS[0, 0])
        for bits, narrow in ((8, False), (3, True))
    ),
    case(f"{Q}_vars_per_channel_gradient(x * x, x, low, high, 4)", x=ROWS, low=LOW, high=HIGH, grad=False),
    case(f"{Q}_args(x)", x=X),
    case(f"{Q}_args(x, -1, 3.5, 5, narrow_range=True)", x=ROWS),
    case(f"{Q}_args_gradient(x * x, x, min=-1, num_bits=4)", x=ROWS, grad=False),
    case(f"{Q}_vars(x, -1.0, 1.0)", x=np.zeros((0, 3), np.float32)),
    case(f"{Q}_args(x, 1.0, -1.0)", x=X),
    case(f"{Q}_args(x, 1.0, 1.0)", x=X),
    case(f"{Q}_vars(x, [1.0], 2.0)", x=X),
    case(f"{Q}_vars(x, 1.0, [2.0])", x=X),
    case(f"{Q}_vars(x, -1.0, 1.0, num_bits=1)", x=X),
    case(f"{Q}_vars(x, -1.0, 1.0, num_bits=17)", x=X),
    case(f"{Q}_vars_per_channel(x, [-1.0, 1.0], [2.0, 2.0, 2.0])", x=ROWS),
    case(f"{Q}_vars_per_channel(x, 0.0, 1.0)", x=ROWS),
    case(f"{Q}_vars(x, -1.0, 1.0)", x=X.astype(np.float64)),
    case(f"{Q}_vars_gradient(tf.ones([2]), x, -1.0, 1.0)", x=X),
    *(
        case(f"{D}(x, {low}, {high}, {signed}, {bits}, {given}, narrow_range={narrow})", x=normal(9) * 3)
        for low, high in ((-1.0, 3.0), (0.0, 2.0), (-3.0, -1.0))
        for signed in (True, False)
        for bits in (2, 8, 16)
        for given, narrow in ((True, False), (True, True), (False, False))
    ),
    *(
        case(f"{D}(x, tf.zeros([{size}]), tf.zeros([{size}]), axis={axis}, num_bits=4)", x=ROWS)
        for axis, size in ((-1, 3), (0, 2), (1, 5))
    ),
    case(f"{D}(x, 0.0, 0.0, axis=1)", x=ROWS),
    *(
        case(f"{V}V3(input=x, input_min={low}, input_max={high}, axis={axis}, num_bits=4)", x=ROWS[0])
        for low, high, axis in (
            ("[-1.0, -2.0, -0.5]", "[3.0, 1.0, 0.5]", 1),
            ("-1.0 - tf.range(5.0)", "1.0 + tf.range(5.0)", 0),
        )
    ),
    case(
        f"{D}(x, -1.0, 1.0, round_mode='HALF_UP', num_bits=3, range_given=True)",
        x=np.float32([-1, -0.5, 0.5, 0.16, 1.5]),
    ),
    case(f"{D}(x, tf.constant(-1.0, tf.float64), 1.0, num_bits=5)", x=normal(7).astype(np.float64)),
    case(f"{D}(x, -1.0, 1.0)", x=np.zeros((0, 3), np.float32)),
    case(f"{D}(x, -1.0, 1.0, num_bits=0)", x=ROWS),
    case(f"{D}(x, -1.0, 1.0, num_bits=70)", x=ROWS),
    case(f"{D}(x, -1.0, 1.0, axis=5)", x=ROWS),
    case(f"{D}(x, 3.0, 1.0, range_given=True)", x=ROWS),
    case(f"{D}(x, [1.0, 2.0], [2.0, 3.0], range_given=True)", x=ROWS),
    case(f"{V}V2(input=x, input_min=-1.0, input_max=2.0, num_bits=4, range_given=True)", x=ROWS),
    case(f"{V}V3(input=x, input_min=-1.0, input_max=2.0, num_bits=4)", x=ROWS),
    case(f"{V}V4Grad(gradients=x, input=x, input_min=-1.0, input_max=2.0)", x=ROWS, grad=False),
]
