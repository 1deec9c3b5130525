"""Numbers rounded to few bits, with their gradients."""

import numpy as np

from tests.golden.case import case, normal

X = np.array([-7, -6, -5.9, -0.1, 0, 0.02, 1, 3, 5.99, 6, 6.02, np.nan, np.inf], np.float32)
ROWS = normal(2, 5, 3) * 3
LOW, HIGH = np.array([-1, -4, 0], np.float32), np.array([1, 2, 0], np.float32)
Q = "tf.quantization.fake_quant_with_min_max"
LIMITS = ((-6, 6), (1, 6), (-3, -1), (-0.01, 6), (0, 0), (0.1, 0.7))

D = "tf.quantization.quantize_and_dequantize_v2"
V = "tf.raw_ops.QuantizeAndDequantize"

CASES = [
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
