"""What runs under tf.function is what runs eagerly, for every op, by the table of ops and the samples of `tests/ops/samples`.

Many samples are traced into one function, and compiled once. Ops without machine code run on NumPy between the compiled parts.
"""

from __future__ import annotations

import dataclasses
import inspect
import itertools

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.dtypes import integers
from tenfold.core.op import REGISTRY
from tenfold.core.symbol import Symbol
from tenfold.core.tensor import wrap
from tenfold.graph import native
from tenfold.graph.native import Segment, compiled
from tenfold.graph.node import Step
from tenfold.graph.run import Program
from tenfold.graph.segment_counts import Rest
from tests.golden.compare import TOLERANCE
from tests.gradients import is_differentiable
from tests.ops.resized import resized
from tests.ops.samples import every_sample
from tests.ops.test_by_rule import Function, backward, broadcasting, dtype_of

NAMES = [name for name in REGISTRY if not REGISTRY[name].has_effects]
SAMPLES = every_sample()
DTYPES = (tf.float32, tf.float64, tf.float16, tf.bfloat16, tf.int32, tf.int64, tf.bool)
SMOOTH = (tf.float32, tf.float64)
_AT_ONCE = 12  # ops in one traced function


@pytest.fixture(autouse=True)
def _single_ops_are_compiled(monkeypatch):
    monkeypatch.setattr(native, "_LEAST_NODES", 1)


class Case:
    """An op on the arrays of a sample, perhaps others in their place, and perhaps what is done with its results.

    `run` takes that as a function, and the tensors, and returns what is compared.
    """

    def __init__(self, name, sample, dtype, arrays=None, then=None, run=None):
        op = Function(name, sample, dtype, all_arrays=True)
        self.function = (lambda *tensors: then(op(*tensors))) if then else op
        self.run = run or values_and_gradients
        self.name, self.sample, self.dtype = name, sample, dtype
        self.arrays = op.arrays if arrays is None else arrays
        self.are_fixed = [key in sample.fixed for key, _ in op.places]
        self.expected = eager(self.run, self.function, self.arrays)

    def __str__(self):
        return f"{self.name}({self.sample}) of {self.dtype.name}, shapes {[x.shape for x in self.arrays]}"


def values_and_gradients(function, tensors):
    with tf.GradientTape() as tape:
        tape.watch([x for x in tensors if is_differentiable(x)])
        ys = function(*tensors)
    try:
        gradients = tape.gradient([y for y in ys if is_differentiable(y)], tensors)
    except LookupError:  # the op has no gradient, as in TensorFlow
        gradients = []
    return [None if y is None else tf.convert_to_tensor(y) for y in (*ys, *gradients)]


def second_gradients(function, tensors):
    """Values and gradients, and the gradients of what these say."""
    watched = [x for x in tensors if is_differentiable(x)]
    with tf.GradientTape() as outer:
        outer.watch(watched)
        first = values_and_gradients(function, tensors)
        total = energy([dx for dx in first if dx is not None])
    try:
        second = [None if dx is None else tf.convert_to_tensor(dx) for dx in outer.gradient(total, watched)]
    except LookupError:  # the gradient has none, as in TensorFlow
        second = []
    return [*first, *second]


def energy(results):
    """A number for each result, which is not linear in it."""
    return [tf.reduce_mean(y * y * weights(y)) for y in results if is_differentiable(y)]


def weights(y):
    """A factor for each element of a tensor."""
    return tf.reshape(tf.cos(tf.cast(1 + tf.range(tf.size(y)), y.dtype)), tf.shape(y))


def eager(run, function, arrays):
    """What is compared as arrays, or the class of the error."""
    try:
        found = run(function, [wrap(array) for array in arrays])
    except (tf.errors.OpError, ValueError, TypeError) as error:
        return type(error)
    values = [None if y is None else y.numpy() for y in found]
    return [np.array(y, object) if isinstance(y, bytes) else y for y in values]


class Traced:
    """Cases in one function, traced and compiled."""

    def __init__(self, cases):
        counts = [len(case.arrays) for case in cases]
        self._ends = list(itertools.accumulate(counts, initial=0))

        def every(*tensors):
            parts = [tensors[a:b] for a, b in itertools.pairwise(self._ends)]
            return [case.run(case.function, part) for case, part in zip(cases, parts, strict=True)]

        specs = [tf.TensorSpec(x.shape, x.dtype) for case in cases for x in case.arrays]
        self.concrete = tf.function(every, autograph=False).get_concrete_function(*specs)
        self.compiled = compiled(self.concrete.graph)
        self.ops = {node.op.name for node in self.concrete.graph.nodes}

    def __call__(self, *arrays):
        """Results and gradients of each case, by pairs of a symbol and an array."""
        graph = self.concrete.graph
        found = Program(self.compiled)(*arrays, *[t._array for t in self.concrete._captured])
        pairs = iter(zip(graph.outputs, found, strict=True))
        structure = self.concrete._result
        return [[None if y is None else next(pairs) for y in case] for case in structure]


def in_machine_code(graph):
    """The names of the ops of a compiled graph that has run which are part of a native call."""
    found = set()
    for node in graph.nodes:
        if isinstance(node.op, Segment):
            found |= {inner.op.name for inner in node.op.nodes}
        elif isinstance(node.op, Step) and isinstance(node.op.run, Rest):
            found |= {
                name for program in node.op.run.graph.programs.values() for name in in_machine_code(program.graph)
            }
    return found


def assert_same(case, found):
    loosest = max([TOLERANCE.get(x.dtype.name, 0.0) for x in case.expected if x is not None], default=0.0)
    for place, (pair, expected) in enumerate(zip(found, case.expected, strict=True)):
        what = f"{case}, result {place}"
        assert (pair is None) == (expected is None), what
        if pair is None:
            continue
        symbol, got = pair
        if type(symbol) is Symbol:
            assert symbol.dtype == got.dtype, what
        got = integers(got)
        assert got.dtype == expected.dtype and got.shape == expected.shape, what
        if type(symbol) is Symbol:
            assert symbol.shape is None or tf.TensorShape(symbol.static_shape).is_compatible_with(got.shape), what
        tolerance = loosest  # an op that computes in float32 does so for float64 as well
        if got.dtype.name not in TOLERANCE:
            np.testing.assert_array_equal(got, expected, what)
        else:
            if got.dtype.itemsize == 2:
                got, expected = got.astype(np.float32), expected.astype(np.float32)
            np.testing.assert_allclose(got, expected, tolerance, tolerance, err_msg=what)


def check(cases, traced=None):
    """Runs the cases in one function, perhaps one that was traced for others of the same shapes."""
    traced = traced or Traced(cases)
    found = traced(*[x for case in cases for x in case.arrays])
    for case, results in zip(cases, found, strict=True):
        assert_same(case, results)
    return traced


def cases_of(name, dtypes=DTYPES, then=None, run=None):
    for sample in SAMPLES.get(name, []):
        if not sample.repeats:
            continue
        for dtype in dtypes if sample.has_type() else (dtype_of(name),):
            if sample.has_type() and dtype not in (REGISTRY[name].types or DTYPES):
                continue
            case = Case(name, sample, dtype, then=then, run=run)
            if not isinstance(case.expected, type):
                yield case


def with_arrays(case, change):
    """The case on changed arrays, but for those that follow from others; itself where that is an error or no change."""
    arrays = [x if fixed else change(x) for x, fixed in zip(case.arrays, case.are_fixed, strict=True)]
    changed = Case(case.name, case.sample, case.dtype, arrays)
    return case if isinstance(changed.expected, type) else changed


def in_groups(names):
    names = list(names)
    groups = [names[i : i + _AT_ONCE] for i in range(0, len(names), _AT_ONCE)]
    return [pytest.param(group, id=f"{group[0]}-{group[-1]}") for group in groups]


def with_special_values(array):
    """NaN and infinities among the elements."""
    if array.dtype.kind not in "fV" or array.dtype.names or not array.size:
        return array
    array = array.copy()
    special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0], array.dtype)
    array.reshape(-1)[:: max(array.size // 5, 2)] = np.resize(
        special, len(array.reshape(-1)[:: max(array.size // 5, 2)])
    )
    return array


def has_lowering(name):
    return REGISTRY[name].lower is not None or REGISTRY[name].by_count is not None


def usual(cases):
    """Whether one of them is of a dtype that machine code computes with as a matter of course."""
    return any(case.dtype in (tf.float32, tf.int32, tf.bool) or not case.sample.has_type() for case in cases)


@pytest.mark.parametrize("names", in_groups(NAMES))
def test_values_and_gradients_are_the_eager_ones(names):
    cases = [case for name in names for case in cases_of(name)]
    traced = check(cases)
    lowered = {name for name in names if has_lowering(name)} & traced.ops
    found = in_machine_code(traced.compiled)
    missing = [n for n in lowered - found if usual([case for case in cases if case.name == n])]
    assert not missing, f"no machine code was made of {missing}"
    for change in (backward, with_special_values):
        check([with_arrays(case, change) for case in cases], traced)


def scaled_shifted_and_summed(results):
    """Each floating result times numbers of its own, plus one for each of its last axis, and the sums of that."""
    found = []
    for y in results:
        if y.dtype.is_floating and y.shape.rank:
            scale = tf.reshape(tf.linspace(0.5, 1.5, tf.size(y)), tf.shape(y))
            z = y * tf.cast(scale, y.dtype) + tf.cast(tf.range(tf.shape(y)[-1]) + 1, y.dtype)
            found += [z, tf.reduce_sum(z, axis=0)]
    return found


@pytest.mark.parametrize("names", in_groups(NAMES))
def test_what_follows_is_fused_and_sees_the_right_places(names):
    check([case for name in names for case in cases_of(name, SMOOTH, scaled_shifted_and_summed)])


@pytest.mark.parametrize("names", in_groups(name for name in NAMES if REGISTRY[name].saves))
def test_second_gradients_are_the_eager_ones(names):
    check([case for name in names for case in cases_of(name, SMOOTH, energy, second_gradients)])


def with_other_sizes(name):
    """The op on its samples with other sizes, also where eager execution refuses them."""
    for number, sample in enumerate(SAMPLES.get(name, [])):
        if sample.repeats:
            dtype = dtype_of(name)
            for title, arguments in resized(sample, dtype.as_numpy_dtype):
                if not number or title.endswith("0"):
                    yield Case(name, dataclasses.replace(sample, arguments=arguments), dtype)


@pytest.mark.parametrize("names", in_groups(NAMES))
def test_nothing_one_element_and_no_axes(names):
    cases = [case for name in names for case in with_other_sizes(name)]
    check([case for case in cases if not isinstance(case.expected, type)])
    for case in [case for case in cases if isinstance(case.expected, type)]:
        try:
            (found,) = Traced([case])(*case.arrays)
        except (case.expected, ValueError):  # a ValueError where it is traced, as in TensorFlow
            continue
        assert not found[0][1].size, f"{case} is refused only eagerly"  # nobody looks at values when there are none


SHAPES = {
    1: [[()], [(37,)], [(3, 5, 7)], [(1025,)]],
    2: [[(37,), (37,)], [(5, 1), (1, 7)], [(2, 3, 17), (17,)], [(), (9,)], [(3, 1, 4), (1,)]],
}
PAIRS = set(broadcasting())
ELEMENTWISE = [
    name
    for name in NAMES
    if REGISTRY[name].lower is not None
    and not REGISTRY[name].attrs
    and (name in PAIRS or len(REGISTRY[name].inputs) == 1)
    and not REGISTRY[name].is_variadic
]


@pytest.mark.parametrize("names", in_groups(ELEMENTWISE))
def test_elements_of_tensors_of_all_shapes(names):
    cases = []
    for name in names:
        sample = SAMPLES[name][0]
        own = Function(name, sample, dtype_of(name), all_arrays=True).arrays
        for shapes in SHAPES[len(own)]:
            arrays = [np.resize(x, shape) for x, shape in zip(own, shapes, strict=True)]
            cases.append(Case(name, sample, dtype_of(name), arrays))
    check([case for case in cases if not isinstance(case.expected, type)])


def refused(name):
    """Cases of integers that eager execution refuses: indices out of range, divisors that are 0."""
    for sample in SAMPLES.get(name, []):
        for dtype in (dtype_of(name), tf.int32):
            if dtype not in (REGISTRY[name].types or DTYPES):
                continue
            own = Function(name, sample, dtype, all_arrays=True).arrays
            for place, value in itertools.product(range(len(own)), (-1, 0, 1 << 20)):
                if own[place].dtype.kind in "iu" and own[place].size:
                    arrays = [*own]
                    arrays[place] = np.array(value).astype(own[place].dtype) + np.zeros_like(own[place])
                    case = Case(name, sample, dtype, arrays)
                    if isinstance(case.expected, type):
                        yield Case(name, sample, dtype), case


REFUSED = [name for name in NAMES if has_lowering(name) and any(refused(name))]


@pytest.mark.parametrize("name", REFUSED)
def test_integers_out_of_range_are_refused(name):
    traced = {}
    for good, bad in refused(name):
        if str(good) not in traced:
            traced[str(good)] = Traced([good])
        with pytest.raises(bad.expected) as wanted:
            values_and_gradients(bad.function, [wrap(x) for x in bad.arrays])
        with pytest.raises(bad.expected) as found:
            traced[str(good)](*bad.arrays)
        assert str(found.value) == str(wanted.value)


@pytest.mark.parametrize("name", [name for name in NAMES if callable(REGISTRY[name].lower)])
def test_a_lowering_takes_all_attributes(name):
    """Nodes of files have all of them: products in files of TensorFlow once ran on NumPy."""
    op = REGISTRY[name]
    parameters = inspect.signature(op.lower).parameters.values()
    assert any(p.kind is p.VAR_KEYWORD for p in parameters) or {*op.attrs} <= {p.name for p in parameters}
