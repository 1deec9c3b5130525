"""Operations on bits."""

import numpy as np

from tests.golden.case import case, integers, normal

DTYPES = (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64)
OPS = ("bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift")

CASES = [
    case(
        f"tf.bitwise.{op}(x, y)",
        x=integers(3, 1, low=0, high=100, dtype=d),
        y=integers(4, low=0, high=7, dtype=d),
        name=f"{op} {d.__name__}",
    )
    for op in OPS
    for d in DTYPES
]
CASES += [
    case("tf.bitwise.invert(x)", x=integers(5, low=0, high=100, dtype=d), name=f"invert {d.__name__}") for d in DTYPES
]
CASES += [
    case(
        f"tf.bitwise.{op}({arguments})",
        x=integers(4, low=-50, high=50),
        y=np.int32([1, 0, 3, 31]),
        name=f"{op} {arguments}",
    )
    for op in OPS
    for arguments in (
        "x, y",
        "x, 3",
        "12, 10",
        "x, [1, 2, 3, 4]",
        "x, 1.5",
        "x, tf.constant(1, tf.int64)",
        "[1.0], [2.0]",
        "[True], [False]",
        "x, [1, 2]",
    )
]
CASES += [
    case(
        f"tf.bitwise.{op}(x, y)",
        x=np.array([1, -1, 100, -100], d),
        y=np.array([-1, bits, bits + 9, bits - 1], d),
        name=f"{op} outside of {d.__name__}",
    )
    for op in ("left_shift", "right_shift")
    for d, bits in ((np.int8, 8), (np.int16, 16), (np.int32, 32), (np.int64, 64))
]
CASES += [
    case("tf.bitwise.right_shift(x, y)", x=np.array([128, 255], np.uint8), y=np.array([9, 3], np.uint8)),
    case("tf.bitwise.left_shift(x, y)", x=np.array([1, 255], np.uint64), y=np.array([70, 63], np.uint64)),
    case("tf.bitwise.invert([1.0])"),
    case("tf.bitwise.invert([True])"),
    case("tf.bitwise.invert(5)"),
    case("tf.bitwise.bitwise_and(x, x)", x=normal(2)),
    case("tf.raw_ops.PopulationCount(x=x)", x=np.int32([0, 1, -1, 255])),
    case("tf.raw_ops.PopulationCount(x=x)", x=np.uint8([0, 1, 255])),
]
