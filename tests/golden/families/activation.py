import numpy as np

from tests.golden.case import case, integers, normal

RECTIFIERS = ("relu", "relu6", "leaky_relu", "crelu")
SMOOTH = ("elu", "selu", "softsign", "softplus", "silu", "swish", "gelu", "softmax", "log_softmax")
EDGES = np.array([-1e4, -100, -20, -7, -1, -1e-3, -0.0, 0, 1e-3, 1, 6, 7, 20, 80], np.float32)


def second_order(function: str) -> str:
    return f"""
with tf.GradientTape() as tape:
    tape.watch(x)
    y = {function}
tape.gradient(y, x, output_gradients=tf.cos(x))
"""


CASES = [
    *(case(f"tf.nn.{name}(x)", x=normal(3, 4) * 4) for name in RECTIFIERS + SMOOTH),
    *(case(f"tf.nn.{name}(x)", x=EDGES) for name in RECTIFIERS + SMOOTH if "gelu" not in name),
    *(case(f"tf.nn.{name}(x)", x=normal(5, dtype=np.float64)) for name in RECTIFIERS + SMOOTH),
    *(case(f"tf.nn.{name}(x)", x=normal(5, dtype=np.float16)) for name in RECTIFIERS + SMOOTH if name != "gelu"),
    *(case(f"tf.nn.{name}(tf.cast(x, tf.bfloat16))", grad=False, x=normal(5)) for name in RECTIFIERS + SMOOTH[:-2]),
    *(case(f"tf.nn.{name}(x)", x=integers(6, low=-9, high=9)) for name in RECTIFIERS + SMOOTH),
    *(case(f"tf.nn.{name}(x)", x=integers(6, low=0, high=9, dtype=np.uint8)) for name in ("relu", "relu6")),
    *(case(f"tf.nn.{name}(x)", x=normal(0, 3)) for name in RECTIFIERS + SMOOTH),
    *(case(f"tf.nn.{name}(x)", x=np.array(1.5, np.float32)) for name in RECTIFIERS + SMOOTH),
    *(case(f"tf.nn.{name}([1.0, -2.0])") for name in RECTIFIERS + SMOOTH),
    *(case(f"tf.nn.{name}(x)", x=np.array([True])) for name in RECTIFIERS + SMOOTH),
    # TensorFlow does not conjugate the gradient of a complex silu
    *(
        case(f"tf.nn.{name}(x)", x=np.array([1 + 1j], np.complex64), grad=name not in ("silu", "swish"))
        for name in RECTIFIERS + SMOOTH
    ),
    *(
        case(second_order(f"tf.nn.{name}(x)"), x=normal(3, 4), rtol=5e-5)
        for name in RECTIFIERS + SMOOTH
        if name != "softsign"
    ),
    case("tf.nn.relu(x)", x=np.array([np.nan, -np.inf, np.inf], np.float32), grad=False),
    case("tf.nn.relu6(x)", x=np.array([np.nan, -np.inf, np.inf], np.float32), grad=False),
    case("tf.nn.leaky_relu(x, alpha=0.01)", x=normal(7)),
    case("tf.nn.leaky_relu(x, 1)", x=normal(7)),
    case("tf.nn.leaky_relu(x, alpha=a)", x=normal(7), a=np.float32(0.3)),
    case("tf.nn.leaky_relu(x, alpha=a)", x=normal(7), a=np.array(0.3, np.float32)),
    case("tf.nn.crelu(x, axis=0)", x=normal(2, 3)),
    case("tf.nn.crelu(x, axis=5)", x=normal(2, 3)),
    case("tf.nn.silu(x, beta=1.5)", x=normal(2, 3)),
    case("tf.nn.silu(x, 2)", x=normal(2, 3)),
    case("tf.nn.swish(x, b)", x=normal(2, 3), b=np.array(0.7, np.float32)),
    case("tf.nn.gelu(x, approximate=True)", x=normal(2, 3)),
    case("tf.nn.gelu(x, approximate=True)", x=EDGES),
    case("tf.nn.gelu(x, approximate=True)", x=normal(5, dtype=np.float64)),
    case("tf.nn.gelu(x)", x=EDGES, atol=1e-5),
    case("tf.nn.softmax(x, axis=0)", x=normal(3, 4)),
    case("tf.nn.softmax(x, axis=1)", x=normal(2, 3, 4)),
    case("tf.nn.softmax(x, axis=-2)", x=normal(2, 3, 4)),
    case("tf.nn.softmax(x, -1)", x=normal(2, 3, 4)),
    case("tf.nn.softmax(x, axis=tf.constant(1))", x=normal(2, 3)),
    case("tf.nn.softmax(x, axis=2)", x=normal(3, 4)),
    case("tf.nn.softmax(x, axis=-3)", x=normal(3, 4)),
    case("tf.nn.softmax(x)", x=normal(3, 0)),
    case("tf.nn.softmax(x)", x=np.array([[-np.inf, 0.0, 1.0]], np.float32)),
    case("tf.nn.softmax([1, 2])"),
    case("tf.nn.log_softmax(x, axis=0)", x=normal(3, 4)),
    case("tf.nn.log_softmax(x, axis=1)", x=normal(2, 3, 4)),
    case("tf.nn.log_softmax(x, axis=2)", x=normal(3, 4)),
    case("tf.math.log_sigmoid(x)", x=EDGES),
    case("tf.math.softplus(x)", x=normal(3)),
    case("tf.nn.sigmoid(x)", x=normal(3)),
    case("tf.nn.tanh(x)", x=normal(3)),
]
