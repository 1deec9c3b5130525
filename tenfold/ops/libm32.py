"""float32 log, sin and cos to the bit of glibc's, for the normals of `philox`.

glibc computes them in float64 with short polynomials, whose values, rounded to float32, are nearly always but not quite the nearest
ones: rounding NumPy's float64 functions differs from it in the last bit once in a hundred inputs, and NumPy's float32 functions
differ oftener and between machines. Coefficients are those of ARM's Optimized Routines (`logf`, `sincosf`), in glibc since 2.28.
All 2**23 values that a uniform float32 takes give glibc's bits.
"""

from __future__ import annotations

import numpy as np

# log x = log c + log(x / c): 16 points c per octave, for x in [0.699, 1.398), as 1 / c and log c.
_INVERSE_AND_LOG = np.array([
    (1.398907162146528, -0.33569133332882284),
    (1.3403141896637998, -0.2929040563774074),
    (1.286432210124115, -0.2518726580937369),
    (1.2367150214269895, -0.21245868807117255),
    (1.1906977166711752, -0.17453945183745634),
    (1.1479821020556429, -0.1380057072319758),
    (1.1082251448272158, -0.10275976698545139),
    (1.0711297413057381, -0.06871392447020525),
    (1.036437278977283, -0.0357891387398228),
    (1.0, 0.0),
    (0.9492859795739057, 0.05204517742929496),
    (0.8951049428609004, 0.11081431298787942),
    (0.8476821620351103, 0.1652495223695143),
    (0.8050314851692001, 0.21687389031699977),
    (0.7664671008843108, 0.2659635028121397),
    (0.731428603316328, 0.3127556664073557),
])  # fmt: skip
_FIRST_POINT_BITS = 0x3F330000  # of the float32 that begins the table's octave
_OCTAVES = np.repeat(np.arange(-25, 1), 16)  # uniforms lie in [2**-24, 1)
_SCALE = np.ldexp(np.tile(_INVERSE_AND_LOG[:, 0], 26), -_OCTAVES)
_OFFSET = np.tile(_INVERSE_AND_LOG[:, 1], 26) + _OCTAVES * np.log(2.0)
_LOG = (-0.4999997485802103, 0.333456765744066, -0.25089342214237154)  # r**2, r**3, r**4
_SIN = (-0.16666654943701084, 0.008332178146138854, -0.00019517298981385725)  # x**3, x**5, x**7
_COS = (-0.49999999725108224, 0.041666623324344516, -0.001388676379437604, 2.4390450703564542e-05)  # x**2, ..., x**8


def log32(x: np.ndarray) -> np.ndarray:
    """Logarithms of float32 values in [2**-24, 1)."""
    point = x.view(np.int32) - np.int32(_FIRST_POINT_BITS)
    point >>= np.int32(19)
    point += np.int32(-_OCTAVES[0] * 16)
    r = np.take(_SCALE, point)
    r *= x
    r -= 1.0
    square = r * r
    y = r * _LOG[1]
    y += _LOG[0]
    y += square * _LOG[2]
    y *= square
    r += np.take(_OFFSET, point)
    y += r
    return y.astype(np.float32)


def sincos32(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sines and cosines of float32 values in [0, 2 pi)."""
    x = x.astype(np.float64)
    quarter_turns = np.rint(x * (2 / np.pi))
    x -= quarter_turns * (np.pi / 2)
    square = x * x
    even = square * _COS[0]
    even += 1.0
    odd = square * _SIN[0]
    odd *= x
    odd += x
    fourth = square * square
    x *= fourth  # now x**5
    tail = square * _SIN[2]
    tail += _SIN[1]
    tail *= x
    odd += tail
    np.multiply(fourth, _COS[1], out=tail)
    even += tail
    fourth *= square  # now x**6
    square *= _COS[3]
    square += _COS[2]
    square *= fourth
    even += square
    odd, even = odd.astype(np.float32), even.astype(np.float32)
    turns = quarter_turns.astype(np.int32)
    is_swapped = (turns & 1).astype(bool)
    sine, cosine = np.where(is_swapped, even, odd), np.where(is_swapped, odd, even)
    sine.view(np.int32)[:] ^= (turns & 2) << 30
    turns += 1
    cosine.view(np.int32)[:] ^= (turns & 2) << 30
    return sine, cosine
