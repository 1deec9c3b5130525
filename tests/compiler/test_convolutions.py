"""Convolutions and pooling as programs: compiled, interpreted, and against definitions."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.compiler import pooling
from tenfold.compiler.builder import trace
from tenfold.compiler.executable import compile
from tenfold.compiler.program import Spec
from tests.compiler.programs import assert_same

CASES = {
    "1-D": ((2, 11, 3), (3, 3, 8), {}),
    "2-D, same": ((2, 7, 6, 4), (3, 3, 4, 20), {"padding": [(1, 1), (1, 1)]}),
    "2-D, strides": ((2, 9, 8, 4), (3, 2, 4, 5), {"strides": (2, 3), "padding": [(1, 0), (0, 1)]}),
    "2-D, dilated": ((1, 9, 9, 3), (3, 3, 3, 4), {"dilations": (2, 2), "padding": [(2, 2), (2, 2)]}),
    "depthwise": ((2, 6, 6, 5), (3, 3, 1, 10), {"groups": 5, "padding": [(1, 1), (1, 1)]}),
    "groups": ((2, 6, 6, 4), (3, 3, 2, 6), {"groups": 2}),
    "3-D": ((1, 5, 4, 6, 2), (2, 2, 3, 2, 3), {"strides": (1, 2, 1)}),
    "1x1": ((2, 4, 4, 8), (1, 1, 8, 16), {}),
}


def arrays(*shapes):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(s).astype(np.float32) for s in shapes]


@pytest.mark.parametrize("case", CASES)
def test_convolution_and_its_gradients(case):
    x_shape, w_shape, options = CASES[case]
    x, w = arrays(x_shape, w_shape)
    program = trace(lambda b, x, w: b.convolution(x, w, **options), [Spec(a.shape, a.dtype) for a in (x, w)])
    (dy,) = arrays(program.output_specs[0].shape)

    def all_three(b, x, w, dy):
        return [
            b.convolution(x, w, **options),
            b.convolution_input_gradient(dy, w, x.shape, **options),
            b.convolution_filter_gradient(x, dy, w.shape, **options),
        ]

    assert_same(trace(all_three, [Spec(a.shape, a.dtype) for a in (x, w, dy)]), [x, w, dy], scale=20)


@pytest.mark.parametrize("case", CASES)
def test_gradients_are_the_transposes_of_the_convolution(case):
    """<conv(x, w), dy> = <x, input gradient> = <w, filter gradient>."""
    x_shape, w_shape, options = CASES[case]
    x, w = (a.astype(np.float64) for a in arrays(x_shape, w_shape))
    specs = [Spec(a.shape, a.dtype) for a in (x, w)]
    (y,) = compile(trace(lambda b, x, w: b.convolution(x, w, **options), specs))(x, w)
    dy = np.random.default_rng(1).standard_normal(y.shape)
    dx, dw = compile(
        trace(
            lambda b, x, w, dy: [
                b.convolution_input_gradient(dy, w, x.shape, **options),
                b.convolution_filter_gradient(x, dy, w.shape, **options),
            ],
            [*specs, Spec(dy.shape, dy.dtype)],
        )
    )(x, w, dy)
    np.testing.assert_allclose([(x * dx).sum(), (w * dw).sum()], (y * dy).sum(), rtol=1e-9)


POOLS = {
    "2x2": ((2, 6, 4, 3), (2, 2), (2, 2), [(0, 0), (0, 0)]),
    "2x2, with a rest": ((2, 7, 5, 3), (2, 2), (2, 2), [(0, 0), (1, 0)]),
    "3x3, overlapping": ((2, 7, 7, 3), (3, 3), (2, 2), [(1, 1), (1, 1)]),
    "3x2, gaps": ((1, 8, 9, 2), (2, 3), (3, 3), [(0, 0), (1, 0)]),
    "1-D": ((2, 9, 4), (4,), (1,), [(2, 1)]),
    "3-D": ((1, 4, 5, 4, 2), (2, 2, 2), (2, 1, 2), [(0, 0), (0, 1), (0, 0)]),
}


@pytest.mark.parametrize("dtype", ["float32", "int32"])
@pytest.mark.parametrize("case", POOLS)
def test_pooling_is_what_its_definition_says(case, dtype):
    shape, taps, strides, padding = POOLS[case]
    x = np.random.default_rng(0).integers(-3, 4, shape).astype(dtype)  # with ties
    spec = Spec(x.shape, x.dtype)
    (y,) = compile(trace(lambda b, x: pooling.max_pool(b, x, taps, strides, padding), [spec]))(x)
    dy = np.random.default_rng(1).integers(-5, 5, y.shape).astype(dtype)
    gradient = trace(
        lambda b, x, y, dy: pooling.max_pool_gradient(b, x, y, dy, taps, strides, padding),
        [spec, Spec(y.shape, y.dtype), Spec(y.shape, y.dtype)],
    )
    assert_same(gradient, [x, y, dy])
    (dx,) = compile(gradient)(x, y, dy)
    expected_y, expected_dx = np.zeros_like(y), np.zeros_like(x)
    for place in np.ndindex(y.shape):
        window = [
            slice(max(0, o * s - low), max(0, o * s - low + t))
            for o, s, t, (low, _) in zip(place[1:-1], strides, taps, padding, strict=True)
        ]
        seen = x[(place[0], *window, place[-1])]
        expected_y[place] = seen.max()
        first = np.unravel_index(np.argmax(seen), seen.shape)
        expected_dx[(place[0], *(w.start + f for w, f in zip(window, first, strict=True)), place[-1])] += dy[place]
    np.testing.assert_array_equal(y, expected_y)
    np.testing.assert_array_equal(dx, expected_dx)


@pytest.mark.parametrize("case", POOLS)
def test_average_pooling(case):
    shape, taps, strides, padding = POOLS[case]
    (x,) = arrays(shape)
    spec = Spec(x.shape, x.dtype)
    program = trace(lambda b, x: pooling.average_pool(b, x, taps, strides, padding), [spec])
    assert_same(program, [x])
    (y,) = compile(program)(x)
    (ones,) = compile(program)(np.ones_like(x))
    np.testing.assert_allclose(ones, 1, rtol=1e-6)  # what lies outside does not count
    (dy,) = arrays(y.shape)
    back = trace(
        lambda b, dy: pooling.average_pool_gradient(b, dy, shape, taps, strides, padding), [Spec(dy.shape, dy.dtype)]
    )
    assert_same(back, [dy])
    np.testing.assert_allclose((compile(back)(dy)[0] * x).sum(), (y * dy).sum(), rtol=1e-3, atol=1e-4)
