"""Changes of dtype, bits, and complex numbers."""

import ml_dtypes
import numpy as np

from tests.golden.case import case, integers, normal

NAMES = (
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "complex64",
    "complex128",
    "bool",
)
VALUES = np.array([0, 1, 2.7, 3.2, 100.5])


def values(name):
    x = VALUES - (0 if name.startswith("u") or name == "bool" else 2)
    if name.startswith("complex"):
        x = x + 1j * VALUES
    return x.astype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


CASES = [
    case(
        f"tf.cast(x, tf.{b})",
        x=np.abs(values(a)) if b.startswith("u") and a != "bool" else values(a),
        name=f"cast {a} {b}",
    )
    for a in NAMES
    for b in NAMES
]
CASES += [
    case("tf.cast(x, tf.int32)", x=np.float32([1.9, -1.9, np.nan, np.inf, -np.inf, 3e9])),
    case("tf.cast(x, tf.int64)", x=np.float64([1.9, -1.9, np.nan, np.inf, -np.inf, 3e19])),
    case("tf.cast(x, tf.bool)", x=np.float32([0.0, 0.5, np.nan, -0.0])),
    case("tf.cast(x, tf.bool)", x=np.array([0j, 1j, 1 + 0j])),
    case("tf.cast(x, tf.int8)", x=np.int32([300, -1, 128])),
    case("tf.cast(x, tf.float16)", x=np.float32([1e9, 1e-9, -1e9])),
    case("tf.cast(x, tf.bfloat16)", x=np.float32([1.00390625, 1.01171875, 3.4e38])),
    case("tf.cast(x, 'float64')", x=normal(3)),
    case("tf.cast(x, np.float64)", x=normal(3)),
    case("tf.cast(x, float)", x=integers(3)),
    case("tf.cast(x, bool)", x=integers(3)),
    case("tf.cast(x, dtype=tf.float32)", x=normal(2, 3)),
    case("tf.cast(x, tf.float32) is x", x=normal(2, 3)),
    case("tf.cast(x, 'nothing')", x=normal(3)),
    case("tf.cast(x, None)", x=normal(3)),
    case("tf.cast(x, tf.string)", x=normal(3)),
    case("tf.cast(['a'], tf.float32)"),
    case("tf.cast(['a'], tf.string)"),
    case("tf.cast(None, tf.float32)"),
    case("tf.cast(1.5, tf.int32)"),
    case("tf.cast(2**40, tf.int64)"),
    case("tf.cast([[1, 2], [3, 4]], tf.float16)"),
    case("tf.cast(tf.Variable(1.5), tf.float64)"),
    case("tf.cast(tf.Variable(1.5), tf.float32).numpy()"),
    case("tf.cast(tf.IndexedSlices(x, tf.constant([1])), tf.int32)", x=normal(1, 2)),
    case("tf.cast(tf.cast(x, tf.float64) * 2.0, tf.float32)", x=normal(3)),
    case("tf.cast(tf.cast(x, tf.int32), tf.float32)", x=normal(3)),
    case("tf.dtypes.cast(x, tf.int32)", x=normal(3)),
]
SATURATED = np.array([-np.inf, -1e30, -70000.0, -1.0, 0.0, 2.7, 300.0, 70000.0, 1e30, np.inf])
CASES += [
    case(f"tf.saturate_cast(x, tf.{b})", x=SATURATED.astype(a), name=f"saturate_cast {a} {b}")
    for a in ("float32", "float64")
    for b in (
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "int8",
        "int16",
        "int32",
        "uint8",
        "uint16",
        "uint32",
        "complex64",
    )
]
CASES += [
    case(
        f"tf.saturate_cast(x, tf.{b})",
        x=np.array([-1, 0, 5, 127]).astype(a) if a[0] == "i" else np.array([0, 200]).astype(a),
        name=f"saturate_cast {a} {b}",
    )
    for a in ("int8", "int16", "int32", "uint8", "uint16")
    for b in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float16")
]
CASES += [
    case("tf.saturate_cast(x, tf.uint8)", x=np.float32([-1, 300]).astype(ml_dtypes.bfloat16)),
    case("tf.saturate_cast(x, tf.complex64)", x=np.array([1e300 - 1e300j]), grad=False),
    case("tf.saturate_cast(x, tf.float32)", x=np.array([1e300 - 1e300j]), grad=False),
    case("tf.saturate_cast([True], tf.int32)"),
    case("tf.saturate_cast(x, tf.bool)", x=normal(2)),
    case("tf.saturate_cast(['a'], tf.int32)"),
    case("tf.dtypes.saturate_cast([-5, 500], tf.uint8)"),
]
BITS = {
    "int8": np.int8([1, -2, 3, 4]),
    "uint16": np.uint16([1, 2, 3, 4]),
    "float16": np.float16([1, 2, 3, 4]),
    "float32": np.float32([[1, 2], [3, 4]]),
    "int64": np.int64([[1, 2]]),
    "float64": np.float64([1, 2]),
    "complex64": np.complex64([1 + 2j, 3j]),
}
CASES += [
    case(f"tf.bitcast(x, tf.{b})", x=x, name=f"bitcast {a} {b}", grad=False)
    for a, x in BITS.items()
    for b in (
        "int8",
        "uint8",
        "int16",
        "float16",
        "int32",
        "uint32",
        "float32",
        "int64",
        "float64",
        "complex64",
        "complex128",
    )
]
CASES += [
    case("tf.bitcast(x, tf.int16)", x=np.float32([1, 2]).astype(ml_dtypes.bfloat16), grad=False),
    case("tf.bitcast(1.0, tf.uint8)"),
    case("tf.bitcast(0xffffffff, tf.uint32)"),
    case("tf.bitcast(x, tf.bool)", x=normal(2)),
    case("tf.bitcast([True], tf.uint8)"),
    case("tf.bitcast(['a'], tf.uint8)"),
    case("tf.bitcast(x, tf.int64)", x=np.zeros((0, 2), np.int32)),
    case("tf.bitcast(tf.transpose(x), tf.int64)", x=integers(2, 3)),
]
Z = normal(2, 3, dtype=np.float64) + 1j * normal(2, 3, seed=1, dtype=np.float64)
for d in (np.complex64, np.complex128):
    for op in ("real", "imag", "angle", "conj"):
        CASES.append(case(f"tf.math.{op}(x)", x=Z.astype(d), name=f"{op} {d.__name__}"))
    CASES.append(case("tf.abs(x)", x=Z.astype(d), name=f"abs {d.__name__}"))
    CASES.append(case("tf.complex(tf.math.real(x), tf.math.imag(x) * 2.0)", x=Z.astype(d)))
for op in ("real", "imag", "angle", "conj"):
    for x in ("[1.5, -2.0, -0.0, np.nan]", "[1, -2]", "[True]", "['a']", "1 - 2j", "None"):
        if (op, x) not in (("imag", "[True]"), ("imag", "['a']")):
            CASES.append(case(f"tf.math.{op}({x})"))
    CASES.append(case(f"tf.math.{op}(x)", x=normal(3)))
CASES += [
    case("tf.complex(x, y)", x=normal(3), y=normal(2, 1)),
    case("tf.complex(x, y)", x=normal(3, dtype=np.float64), y=normal(3, dtype=np.float64, seed=1)),
    case("tf.complex(1.0, 2.0)"),
    case("tf.complex(1, 2)"),
    case("tf.complex(x, y)", x=normal(3), y=normal(3, dtype=np.float64)),
    case("tf.complex(x, y)", x=normal(3, dtype=np.float16), y=normal(3, dtype=np.float16)),
    case("tf.complex(x, y)", x=normal(3), y=normal(2)),
    case("tf.complex(real=x, imag=x)", x=normal(3)),
    case("tf.dtypes.complex(x, x)", x=normal(3)),
    case("tf.abs(x)", x=np.array([0j, 3 + 4j, np.inf + 1j])),
    case("tf.math.angle(x)", x=np.array([0j, -1 + 0j, 1j, -1j])),
    case("z = tf.complex(x, x * 2.0)\ntf.abs(z * tf.math.conj(z)) + tf.math.real(z) * tf.math.imag(z)", x=normal(3)),
]
