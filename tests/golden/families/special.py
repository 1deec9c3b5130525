"""Special functions: where they are defined, at the edges, in both precisions, with their derivatives."""

import numpy as np

from tests.golden.case import case, integers, normal, uniform

EDGES = np.array([-np.inf, -50, -3.5, -2.0, -1.0, -0.5, 0.0, 1e-30, 0.5, 1.0, 2.0, 50.0, 1e4, np.inf, np.nan])
# TensorFlow's float32 kernels are coarser than float32
UNARY = {  # function: interval, and the tolerance that TensorFlow's float32 kernel needs
    "tf.math.lgamma": (0.05, 8, 2e-5),
    "tf.math.digamma": (0.05, 8, 2e-5),
    "tf.math.erf": (-4, 4, 2e-5),
    "tf.math.erfc": (-4, 8, 2e-5),
    "tf.math.erfinv": (-0.999, 0.999, 2e-5),
    "tf.math.erfcinv": (0.001, 1.999, 2e-5),
    "tf.math.ndtri": (0.001, 0.999, 2e-5),
    "tf.math.bessel_i0": (-9, 9, 2e-5),
    "tf.math.bessel_i0e": (-30, 30, 2e-5),
    "tf.math.bessel_i1": (-9, 9, 2e-5),
    "tf.math.bessel_i1e": (-30, 30, 2e-5),
    "tf.math.special.bessel_j0": (-30, 30, 2e-5),
    "tf.math.special.bessel_j1": (-30, 30, 2e-5),
    "tf.math.special.bessel_k0": (0.1, 20, 2e-5),
    "tf.math.special.bessel_k0e": (0.1, 30, 2e-5),
    "tf.math.special.bessel_k1": (0.1, 20, 2e-5),
    "tf.math.special.bessel_k1e": (0.1, 30, 2e-5),
    "tf.math.special.bessel_y0": (0.1, 30, 2e-5),
    "tf.math.special.bessel_y1": (0.1, 30, 2e-5),
    "tf.math.special.dawsn": (-6, 6, 2e-5),
    "tf.math.special.expint": (0.05, 60, 2e-5),
    "tf.math.special.fresnel_cos": (-6, 6, 2e-5),
    "tf.math.special.fresnel_sin": (-6, 6, 2e-5),
    "tf.math.special.spence": (0.05, 8, 2e-5),
}
# At these of the edges TensorFlow's value is not the function's: erf in float64, and Bessel functions at infinity, are NaN.
WRONG = {
    "tf.math.erf": [-np.inf, np.inf],
    "tf.math.bessel_i0": [-np.inf, np.inf],
    "tf.math.bessel_i1": [-np.inf, np.inf],
    "tf.math.special.bessel_j0": [-np.inf, np.inf],
    "tf.math.special.bessel_j1": [-np.inf, np.inf],
    "tf.math.special.bessel_y0": [np.inf],
    "tf.math.special.bessel_y1": [np.inf],
    "tf.math.special.expint": [np.inf],
    "tf.math.special.spence": [np.inf],
}


def second_order(op):
    return f"""
with tf.GradientTape() as tape:
    tape.watch(x)
    y = {op}(x)
tape.gradient(y, x, output_gradients=tf.cos(x))
"""


def unary_cases():
    for op, (low, high, rtol) in UNARY.items():
        x = uniform(40, low=low, high=high, dtype=np.float64)
        yield case(f"{op}(x)", x=x, name=f"{op} float64", rtol=1e-10)
        yield case(f"{op}(x)", x=x.astype(np.float32), name=f"{op} float32", rtol=rtol)
        edges = EDGES[~np.isin(EDGES, WRONG.get(op, []))]
        yield case(f"{op}(x)", x=edges, name=f"{op} edges", grad=False)
        yield case(f"{op}(x)", x=np.float32([[0.3, 0.4]]), name=f"{op} matrix")
        yield case(f"{op}(x)", x=np.float32(0.3), name=f"{op} scalar")
        yield case(f"{op}(x)", x=np.zeros((0, 2)), name=f"{op} empty")
        yield case(f"{op}(x)", x=integers(2), name=f"{op} ints")
        yield case(f"{op}(['a'])", name=f"{op} string")
        yield case(second_order(op), x=x[:8], name=f"{op} second order", rtol=1e-9)


POSITIVE = {"low": 0.2, "high": 12.0, "dtype": np.float64}


def binary_cases():
    for op in ("igamma", "igammac", "zeta", "polygamma"):
        a = uniform(30, seed=1, **POSITIVE)
        if op == "polygamma":
            a = np.floor(a / 2)
        if op == "zeta":
            a = a + 1
        x = uniform(30, seed=2, **POSITIVE)
        yield case(f"tf.math.{op}(a, x)", a=a, x=x, name=f"{op} float64", rtol=1e-9)
        yield case(
            f"tf.math.{op}(a, x)", a=a.astype(np.float32), x=x.astype(np.float32), name=f"{op} float32", rtol=1e-4
        )
        yield case(f"tf.math.{op}(a, x)", a=a[:4, None], x=x[:3], name=f"{op} broadcast", rtol=1e-9)
        yield case(f"tf.math.{op}(a, x)", a=a[:4], x=x[:3], name=f"{op} shapes that do not broadcast")
        yield case(f"tf.math.{op}(a, 2.0)", a=a[:4], name=f"{op} with a float", rtol=1e-9)
        yield case(f"tf.math.{op}(2, x)", x=x[:4], name=f"{op} of an int", rtol=1e-9)
        yield case(f"tf.math.{op}(a, x)", a=normal(2, dtype=np.float64), x=normal(2), name=f"{op} mixed")
        yield case(f"tf.math.{op}([1, 2], [1, 2])", name=f"{op} ints")
    edges = np.array([-1.0, 0.0, 1e-10, 0.5, 1.0, 5.0, 1e3, np.inf, np.nan])
    for op in ("igamma", "igammac"):
        yield case(f"tf.math.{op}(a, x)", a=edges[:, None], x=edges, name=f"{op} edges", grad=False, rtol=1e-8)
        yield case(
            f"tf.math.{op}(a, x)",
            a=np.array([30.0, 100.0, 1000.0, 1e4, 1e5]),
            x=np.array([40.0, 90.0, 1010.0, 1e4, 1.001e5]),
            grad=False,
            name=f"{op} large",
            rtol=1e-7,
        )
    q = np.array([-np.inf, -2.5, -2.0, -0.5, 0.0, 0.5, 1.0, 10.0, 1e10, np.inf])
    yield case(
        "tf.math.zeta(x, q)",
        x=np.array([-1.0, 0.5, 1.0, 1.5, 2.0, 3.0, 50.0, np.nan])[:, None],
        q=q,
        name="zeta edges",
        grad=False,
    )
    yield case(
        "tf.math.polygamma(n, x)",
        n=np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0])[:, None],
        x=q,
        name="polygamma edges",
        grad=False,
    )
    yield case("tf.math.polygamma(a=n, x=x)", n=np.float32(1), x=np.float32([1, 2]))
    yield case("tf.math.zeta(q=q, x=x)", x=np.float32(3), q=np.float32([1, 2]))


A, B = uniform(30, low=0.2, high=20, dtype=np.float64), uniform(30, low=0.2, high=20, seed=3, dtype=np.float64)
X = uniform(30, low=0.01, high=0.99, seed=4, dtype=np.float64)
BETA = [
    case("tf.math.betainc(a, b, x)", a=A, b=B, x=X, name="betainc float64", rtol=1e-9),
    case(
        "tf.math.betainc(a, b, x)",
        a=A.astype(np.float32),
        b=B.astype(np.float32),
        x=X.astype(np.float32),
        name="betainc float32",
        rtol=1e-4,
    ),
    case(
        "tf.math.betainc(a, b, x)",
        a=np.array([-1.0, 0, 0.5, 2, 100, np.inf, np.nan] * 8),
        b=np.repeat([-1.0, 0, 0.5, 2, 100, np.inf, np.nan, 1], 7),
        x=np.resize([-0.1, 0, 1e-3, 0.3, 0.9, 1, 1.1, np.nan, 0.5], 56),
        grad=False,
        name="betainc edges",
    ),
    case("tf.math.betainc(a, 2.0, 0.5)", a=A),
    case("tf.math.betainc(2.0, 3.0, x)", x=X.astype(np.float32)),
    case("tf.math.betainc(a, b, 0.5)", a=A[:2], b=B[:1]),
    case("tf.math.betainc(a, b, x)", a=A[:2], b=B[:2], x=X[:3]),
    case("tf.math.betainc(1.0, 1.0, x)", x=X[:1].astype(np.float32)),
    case("tf.math.betainc(a, b, x)", a=A[:2], b=B[:2], x=X[:2].astype(np.float32)),
    case("tf.math.betainc(2, 2.0, 0.5)"),
    case("tf.math.lbeta(x)", x=uniform(3, 4, low=0.2, high=5.0)),
    case("tf.math.lbeta(x)", x=uniform(2, 3, 4, low=0.2, high=5.0, dtype=np.float64)),
    case("tf.math.lbeta([])"),
    case("tf.math.lbeta(1.0)"),
    case("tf.math.lbeta([1, 2])"),
    case("tf.math.lgamma(x)", x=np.float16([0.5, 1, 3, 10])),
    case("tf.math.digamma(x)", x=np.float16([0.5, 1, 3, 10])),
    case("tf.math.erf(x)", x=np.float16([-1, 0.5, 3])),
    case("tf.math.erfc(x)", x=np.float16([-1, 0.5, 3])),
    case("tf.cast(tf.math.erf(tf.cast(x, tf.bfloat16)), tf.float32)", x=np.float32([-1, 0.5, 3]), rtol=2e-2),
    case("tf.math.bessel_i0(x)", x=np.float16([-1, 0.5, 3])),
    case("tf.math.erfcinv(1)"),
    case("tf.math.ndtri(x)", x=np.array([-0.1, 0.0, 1e-300, 1e-20, 0.5, 1.0, 1.1]), grad=False),
    case("tf.math.erfcinv(x)", x=np.array([-0.1, 0.0, 1e-300, 1e-20, 0.5, 1.0, 1.5, 2.0, 2.1]), grad=False),
    case("tf.math.special.expint(x)", x=np.array([0.3725074107813666, 1e-5, 30.0, 45.0, 700.0]), grad=False),
    case("tf.math.special.spence(x)", x=np.array([1.0]), grad=True),
    case("tf.math.special.bessel_j1(x)", x=np.array([0.0])),
    case("tf.math.bessel_i1e(x)", x=np.array([0.0])),
]

CASES = [*unary_cases(), *binary_cases(), *BETA]
