import sys
from dataclasses import replace
from itertools import product
from math import prod
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("llvmlite", reason="kernels are machine code made by llvmlite")
from tenfold.compiler import large_filter  # noqa: E402
from tenfold.compiler.conv import Convolution, emit_filter_gradient, emit_forward, emit_input_gradient  # noqa: E402
from tenfold.compiler.functions import Module, const  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
from native_kernels import ISAS, run  # noqa: E402


class Reference:
    """A convolution as a sum over taps, and its adjoints, in float64."""

    def __init__(self, spec):
        self.spec = spec
        self.x_shape = (spec.batch, *spec.inputs, spec.channels)
        self.w_shape = (*spec.taps, spec.channels // spec.groups, spec.filters)
        self.y_shape = (spec.batch, *spec.outputs, spec.filters)
        self.padding = [(0, 0), *spec.padding, (0, 0)]

    def taps(self, padded):
        """Pairs of a tap and the view of the padded input that it meets."""
        for tap in product(*map(range, self.spec.taps)):
            ranges = zip(tap, self.spec.dilations, self.spec.strides, self.spec.outputs, strict=True)
            yield (
                tap,
                padded[
                    (
                        slice(None),
                        *(slice(t * d, t * d + s * (o - 1) + 1, s) if o else slice(0) for t, d, s, o in ranges),
                    )
                ],
            )

    def split(self, array):
        """The channels as (group, channel of the group)."""
        groups = self.spec.groups
        return array.reshape(*array.shape[:-1], groups, array.shape[-1] // groups)

    def forward(self, x, w):
        y = np.zeros(self.y_shape)
        for tap, view in self.taps(np.pad(x.astype(float), self.padding)):
            y += np.einsum("...gi,igo->...go", self.split(view), self.split(w[tap].astype(float))).reshape(y.shape)
        return y

    def input_gradient(self, dy, w):
        dx = np.pad(np.zeros(self.x_shape), self.padding)
        for tap, view in self.taps(dx):
            part = np.einsum("...go,igo->...gi", self.split(dy.astype(float)), self.split(w[tap].astype(float)))
            view += part.reshape(view.shape)
        return dx[tuple(slice(low, low + size) for (low, _), size in zip(self.padding, self.x_shape, strict=True))]

    def filter_gradient(self, x, dy):
        dw = np.zeros(self.w_shape)
        for tap, view in self.taps(np.pad(x.astype(float), self.padding)):
            both = np.einsum(
                "ngi,ngo->igo",
                *(self.split(v.reshape(prod(v.shape[:-1]), v.shape[-1]).astype(float)) for v in (view, dy)),
            )
            dw[tap] = both.reshape(dw[tap].shape)
        return dw


KERNELS = {
    "forward": (emit_forward, "x", "w", "y"),
    "input_gradient": (emit_input_gradient, "y", "w", "x"),
    "filter_gradient": (emit_filter_gradient, "x", "y", "w"),
}


def check(spec, kinds=tuple(KERNELS), isa=None, splits=None):
    reference = Reference(spec)
    rng = np.random.default_rng(0)
    results = []
    for kind in kinds:
        emit, *names = KERNELS[kind]
        a, b, c = (getattr(reference, f"{name}_shape") for name in names)
        a, b = (
            rng.integers(-9, 9, shape).astype(spec.dtype)
            if "int" in spec.dtype
            else rng.standard_normal(shape).astype(spec.dtype)
            for shape in (a, b)
        )
        module = Module()
        kernel = emit(module, spec, "f", isa=isa)
        result = run(module, kernel, a, b, np.full(c, 7, spec.dtype), splits=splits)
        expected, scale = getattr(reference, kind)(a, b), getattr(reference, kind)(np.abs(a), np.abs(b))
        unit = 0 if "int" in spec.dtype else 8 * np.finfo(spec.dtype).eps
        assert (np.abs(result - expected) <= unit * scale + 1e-30).all(), kind
        results.append(result)
    return results


def random_spec(seed):
    rng = np.random.default_rng(seed)
    rank = int(rng.integers(1, 4))

    def pick(*values):
        return tuple(int(v) for v in rng.choice(values, rank))

    groups = int(rng.choice([1, 1, 1, 2, 3]))
    channels, filters = (groups * int(rng.choice([1, 2, 3, 5, 16, 17])) for _ in range(2))
    if rng.integers(4) == 0:
        groups, filters = channels, channels * int(rng.choice([1, 1, 2, 3]))
    largest = [40, 13, 7][rank - 1]
    return Convolution(
        batch=int(rng.integers(1, 4)),
        inputs=pick(*range(1, largest)),
        channels=channels,
        taps=pick(1, 2, 3, 5),
        filters=filters,
        strides=pick(1, 1, 2, 3),
        dilations=pick(1, 1, 2, 3),
        padding=tuple((int(rng.integers(0, 4)), int(rng.integers(0, 4))) for _ in range(rank)),
        groups=groups,
        dtype=["float32", "float64"][rng.integers(2)],
    )


@pytest.mark.parametrize("seed", range(24))
def test_gradients_to_large_filters(monkeypatch, seed):
    """Filters that are taken to be large, whose sums are cut, and a cache for which columns are, too."""
    monkeypatch.setattr(large_filter, "LARGE", 0)
    monkeypatch.setattr(large_filter, "FEWEST_FILTERS", 0)
    monkeypatch.setattr(large_filter, "SLICE", 7)
    spec = replace(random_spec(seed), groups=1, filters=16 + 5 * seed)
    isa = replace(list(ISAS.values())[seed % 4], l2_bytes=1 << 14)
    assert large_filter.LargeFilterGradient.suits(spec) == (prod(spec.outputs) > 0)
    check(spec, ("filter_gradient",), isa, splits=1 + seed % 3)


@pytest.mark.parametrize("seed", range(40))
def test_random_convolutions(seed):
    check(random_spec(seed), isa=list(ISAS.values())[seed % 4], splits=1 + seed % 3)


SPECS = {
    "mnist, first layer": Convolution(3, (28, 28), 1, (5, 5), 32, padding=((2, 2), (2, 2))),
    "mnist, second layer": Convolution(3, (14, 14), 32, (5, 5), 64, padding=((2, 2), (2, 2))),
    "stride 2, first layer": Convolution(2, (33, 33), 3, (7, 7), 24, strides=(2, 2), padding=((3, 3), (3, 3))),
    "no padding": Convolution(2, (15, 17), 20, (3, 3), 40),
    "1x1": Convolution(2, (9, 9), 40, (1, 1), 70),
    "1x1, stride 2": Convolution(2, (9, 9), 40, (1, 1), 70, strides=(2, 2)),
    "window as large as the image": Convolution(5, (6, 7), 8, (6, 7), 30),
    "depthwise": Convolution(2, (12, 13), 35, (3, 3), 35, strides=(2, 1), padding=((1, 1), (1, 1)), groups=35),
    "depthwise, multiplier 2": Convolution(2, (12, 13), 9, (3, 3), 18, padding=((1, 1), (1, 1)), groups=9),
    "few channels": Convolution(2, (9, 8), 3, (3, 3), 40, padding=((1, 1), (1, 1))),
    "few filters": Convolution(2, (9, 8), 40, (3, 3), 3, padding=((1, 1), (1, 1)), dilations=(2, 1)),
    "few filters in groups": Convolution(2, (7, 6), 34, (3, 3), 4, groups=2),
    "few channels in groups": Convolution(2, (7, 6), 4, (3, 3), 34, groups=2, strides=(2, 1)),
    "rows in blocks": Convolution(1, (150, 40), 16, (3, 3), 16, padding=((1, 1), (1, 1))),
    "large filter": Convolution(1, (5, 5), 130, (3, 3), 300, padding=((1, 1), (1, 1))),
    "integers": Convolution(2, (9, 8), 5, (3, 2), 7, padding=((1, 1), (0, 1)), dtype="int32"),
    "stride larger than the filter": Convolution(2, (11, 11), 4, (2, 2), 6, strides=(4, 4)),
    "causal": Convolution(2, (50,), 6, (3,), 10, dilations=(4,), padding=((8, 0),)),
    "windows side by side": Convolution(2, (6, 4), 5, (3, 2), 7, strides=(3, 1)),
    "patches": Convolution(2, (9,), 20, (3,), 7, strides=(3,)),
    "no output": Convolution(2, (2, 2), 3, (3, 3), 4),
    "no image": Convolution(0, (5, 5), 3, (3, 3), 4, padding=((1, 1), (1, 1))),
    "no channel": Convolution(2, (5, 5), 0, (3, 3), 4, padding=((1, 1), (1, 1))),
    "only padding": Convolution(1, (1, 1), 3, (3, 3), 4, padding=((5, 5), (5, 5))),
}


@pytest.mark.parametrize("name", list(SPECS))
def test_named_convolutions(name):
    check(SPECS[name])


@pytest.mark.parametrize("name", ["mnist, second layer", "rows in blocks", "stride 2, first layer", "depthwise"])
def test_results_do_not_depend_on_how_tiles_are_grouped(name):
    first, *others = [check(SPECS[name], splits=splits) for splits in (1, 3, 1000, None)]
    for other in others:
        assert all(np.array_equal(x, y) for x, y in zip(first, other, strict=True))


@pytest.mark.parametrize("kind", list(KERNELS))
@pytest.mark.parametrize("name", [name for name in SPECS if name != "integers"])
def test_epilogue_sees_row_and_column(kind, name):
    spec = SPECS[name]
    reference = Reference(spec)
    emit, *names = KERNELS[kind]
    a, b, c = (getattr(reference, f"{n}_shape") for n in names)
    rng = np.random.default_rng(0)
    a, b, bias, other = (rng.standard_normal(shape).astype("f") for shape in (a, b, c[-1:], c))

    def add_both(done):
        builder = done.builder
        place = builder.add(builder.mul(done.row, const(c[-1])), done.column)
        value = builder.fadd(done.value, done.load(done.arguments[0], done.column))
        return builder.fadd(value, done.load(done.arguments[1], place))

    module = Module()
    kernel = emit(module, spec, "f", epilogue=add_both, arguments=2)
    result = run(module, kernel, a, b, np.zeros(c, "f"), bias, other)
    np.testing.assert_allclose(result, getattr(reference, kind)(a, b) + bias + other, rtol=1e-4, atol=1e-3)


def test_groups_that_do_not_divide_the_channels():
    with pytest.raises(ValueError, match="2 groups"):
        Convolution(1, (5, 5), 3, (3, 3), 4, groups=2)


def test_axes_that_do_not_match():
    with pytest.raises(ValueError, match="one to three spatial axes"):
        Convolution(1, (5, 5), 3, (3,), 4)
