"""What holds for every op, by the table of ops and the samples of `tests/ops/samples`. A new op is tested by a sample."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import tenfold as tf
from tenfold.core.op import REGISTRY
from tenfold.core.tensor import wrap
from tests.gradients import check_gradients, inner, is_differentiable, like
from tests.ops.samples import every_sample

NAMES = dir(tf.raw_ops)  # all files of ops are imported by that
SAMPLES = every_sample()
DOUBLE = (tf.float64, tf.complex128)
EACH = [pytest.param(name, s, id=f"{name}-{s}") for name in NAMES for s in SAMPLES.get(name, [])]
EACH_TYPE = [
    pytest.param(name, s, dtype, id=f"{name}-{dtype.name}-{s}")
    for name in NAMES
    for s in SAMPLES.get(name, [])
    for dtype in DOUBLE
    if dtype in (REGISTRY[name].types or DOUBLE)
]
DIFFERENTIABLE = [
    pytest.param(name, s, dtype, order, id=p.id)
    for p in EACH_TYPE
    for name, s, dtype in [p.values]
    for order in [s.complex_order if dtype is tf.complex128 else s.order]
    if REGISTRY[name].saves and order
]


def test_every_op_has_a_sample():
    missing = sorted(set(NAMES) - set(SAMPLES))
    assert not missing, f"add samples of {missing} to tests/ops/samples/, in the file named as that of the op"
    assert not set(SAMPLES) - set(NAMES), "samples of ops that do not exist"


def dtype_of(name):
    """One dtype that the op takes."""
    types = REGISTRY[name].types or [tf.float64]
    return next((dtype for dtype in (tf.float64, tf.complex128, tf.float32) if dtype in types), tf.float64)


class Function:
    """A sample's run as a function of tensors: of those that differences move, or of all."""

    def __init__(self, name, sample, dtype=tf.float64, all_arrays=False):
        self.run, self.arrays, self.places = getattr(tf.raw_ops, name), [], []
        self._arguments = {
            key: [*value] if isinstance(value, list) else value
            for key, value in sample.of_type(dtype.as_numpy_dtype).items()
        }
        for key, value in self._arguments.items():
            for i, item in enumerate(value) if isinstance(value, list) else [(None, value)]:
                is_moved = isinstance(item, np.ndarray) and item.dtype.kind in "fc" and key not in sample.fixed
                if is_moved or all_arrays and isinstance(item, np.ndarray):
                    self.places.append((key, i))
                    self.arrays.append(item)

    def __call__(self, *tensors):
        tf.random.set_seed(1)
        arguments = {key: [*value] if isinstance(value, list) else value for key, value in self._arguments.items()}
        for (key, i), tensor in zip(self.places, tensors, strict=True):
            if i is None:
                arguments[key] = tensor
            else:
                arguments[key][i] = tensor
        return tf.nest.flatten(self.run(**arguments))


def outcome(function, arrays):
    """Results and gradients as arrays, or the class of the error."""
    tensors = [wrap(array) for array in arrays]
    try:
        with tf.GradientTape() as tape:
            tape.watch([x for x in tensors if is_differentiable(x)])
            ys = function(*tensors)
        gradients = tape.gradient([y for y in ys if is_differentiable(y)], tensors)
    except LookupError:  # the op has no gradient, as in TensorFlow
        gradients = []
    except (tf.errors.OpError, ValueError, TypeError) as error:
        return type(error)
    return [None if y is None else np.asarray(tf.convert_to_tensor(y)) for y in (*ys, *gradients)]


def assert_same(got, expected):
    if isinstance(expected, type) or isinstance(got, type):
        assert got is expected
        return
    for a, b in zip(got, expected, strict=True):
        assert (a is None) == (b is None)
        if a is not None and a.dtype.kind in "fc":
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
        elif a is not None:
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name, sample, dtype, order", DIFFERENTIABLE)
def test_gradients_are_what_differences_say(name, sample, dtype, order):
    function = Function(name, sample, dtype)
    if any(is_differentiable(y) for y in function(*map(tf.constant, function.arrays))):
        check_gradients(function, *function.arrays, order=order, rtol=1e-5)


@pytest.mark.parametrize("name, sample, dtype, order", DIFFERENTIABLE)
def test_forward_mode_is_reverse_mode(name, sample, dtype, order):
    function = Function(name, sample, dtype)
    random = np.random.RandomState(0)
    xs = [tf.constant(x) for x in function.arrays]
    directions = [like(x, random) for x in function.arrays]
    with tf.autodiff.ForwardAccumulator(xs, [tf.constant(d) for d in directions]) as accumulator:
        try:
            ys = [y for y in function(*xs) if is_differentiable(y)]
        except LookupError:  # forward mode takes the gradient of the gradient, which is missing
            assert order == 1
            return
        along = accumulator.jvp(ys, unconnected_gradients="zero")
    with tf.GradientTape() as tape:
        tape.watch(xs)
        ys = [y for y in function(*xs) if is_differentiable(y)]
    dys = [like(y.numpy(), random) for y in ys]
    dxs = tape.gradient(ys, xs, [tf.constant(dy) for dy in dys], unconnected_gradients="zero")
    ahead = sum(inner(dy, t).numpy() for dy, t in zip(dys, along, strict=True))
    back = sum(inner(dx, d).numpy() for dx, d in zip(dxs, directions, strict=True))
    np.testing.assert_allclose(ahead, back, rtol=1e-9, atol=1e-9)


def backward(array):
    every = (*[slice(None, None, -1)] * array.ndim, ...)
    return array[every].copy()[every]


def spread(array):
    wide = np.full([2 * size for size in array.shape], 77, array.dtype)
    every = (slice(1, None, 2),) * array.ndim
    wide[every] = array
    return wide[every]


def broadcast(array):
    return np.broadcast_to(array[:1], array.shape) if array.ndim and array.size else array


@pytest.mark.parametrize("layout", [np.asfortranarray, backward, spread, broadcast], ids=lambda f: f.__name__)
@pytest.mark.parametrize("name, sample, dtype", EACH_TYPE)
def test_strides_do_not_matter_and_inputs_are_not_written_to(name, sample, dtype, layout):
    function = Function(name, sample, dtype, all_arrays=True)
    if not function.arrays or not sample.repeats:
        return
    views = [layout(array) for array in function.arrays]
    copies = [np.array(view, order="C") for view in views]
    kept = [copy.copy() for copy in copies]
    assert_same(outcome(function, views), outcome(function, copies))
    for view, copy, before in zip(views, copies, kept, strict=True):
        np.testing.assert_array_equal(view, before)
        np.testing.assert_array_equal(copy, before)


@pytest.mark.parametrize("name, sample", [p for p in EACH if p.values[1].repeats])
def test_a_second_run_gives_the_same(name, sample):
    function = Function(name, sample, dtype_of(name), all_arrays=True)
    first = outcome(function, function.arrays)
    assert not isinstance(first, type), first
    for a, b in zip(first, outcome(function, function.arrays), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name, sample", EACH)
def test_empty_tensors_work_or_are_refused(name, sample):
    function = Function(name, sample, all_arrays=True)
    for size in {size for array in function.arrays for size in array.shape}:
        outcome(function, [array[(*[slice(n != size and n) for n in array.shape], ...)] for array in function.arrays])


def public_function(name, sample):
    """The public function of an op's name that takes the raw op's arguments, or None."""
    wanted = re.sub(r"V\d$", "", name).lower()
    for space in (tf, tf.math, tf.nn, tf.linalg, tf.bitwise, tf.math.special):
        for key in dir(space):
            if key.replace("_", "") == wanted and inspect.isfunction(getattr(space, key)):
                function = getattr(space, key)
                if sample.arguments and set(sample.arguments) <= keywords(function) or len(sample.arguments) == 1:
                    return function
    return None


def keywords(function):
    return {p.name for p in inspect.signature(function).parameters.values() if p.kind is not p.VAR_POSITIONAL}


OTHER_FUNCTIONS = {
    *("Diag", "DiagPart", "Inv", "Mod"),  # have the names of ops and do something else
    *("CTCBeamSearchDecoder", "CTCGreedyDecoder"),  # return SparseTensors
}
PUBLIC = [p for p in EACH if p.values[0] not in OTHER_FUNCTIONS and public_function(*p.values)]


@pytest.mark.parametrize("name, sample", PUBLIC)
def test_the_public_function_does_what_the_raw_op_does(name, sample):
    function = Function(name, sample, dtype_of(name), all_arrays=True)
    expected = outcome(function, function.arrays)
    public = public_function(name, sample)
    by_name = set(sample.arguments) <= keywords(public)
    function.run = lambda **arguments: public(**arguments) if by_name else public(*arguments.values())
    assert_same(outcome(function, function.arrays), expected)


def broadcasting():
    """Ops of two tensors without attributes whose result has the shape that their operands broadcast to."""
    for name in NAMES:
        if (
            REGISTRY[name].attrs
            or len(REGISTRY[name].inputs) != 2
            or tf.float64 not in (REGISTRY[name].types or DOUBLE)
        ):
            continue
        function = Function(name, SAMPLES[name][0])
        x, y = [array.shape for array in function.arrays] if len(function.arrays) == 2 else ((), ())
        if x != y and function(*map(tf.constant, function.arrays))[0].shape == (x if len(x) > len(y) else y):
            yield name


@pytest.mark.parametrize("name", list(broadcasting()))
@settings(deadline=None, max_examples=15, derandomize=True, database=None)
@given(mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=3, max_dims=3))
def test_operands_broadcast(name, shapes):
    function = Function(name, SAMPLES[name][0], all_arrays=True)
    x, y = [np.resize(array, shape) for array, shape in zip(function.arrays, shapes.input_shapes, strict=True)]
    whole = [np.broadcast_to(array, shapes.result_shape) for array in (x, y)]
    result, *dxs = outcome(function, [x, y])
    expected, *gradients = outcome(function, whole)
    np.testing.assert_array_equal(result, expected)
    for array, got, gradient in zip([x, y][: len(gradients)], dxs, gradients, strict=True):
        assert (got is None) == (gradient is None)
        if got is not None:
            axes = range(gradient.ndim - array.ndim)
            summed = gradient.sum(tuple(axes))
            ones = tuple(i for i, size in enumerate(array.shape) if size == 1)
            np.testing.assert_allclose(got, summed.sum(ones, keepdims=True), rtol=1e-12, atol=1e-12)


def test_a_rule_that_is_wrong_by_a_thousandth_is_found():
    @tf.custom_gradient
    def square(x):
        return x * x, lambda dy: 2.002 * x * dy

    with pytest.raises(AssertionError):
        check_gradients(square, np.array([1.0, 2.0]), order=1, rtol=1e-5)
