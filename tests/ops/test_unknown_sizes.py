"""Every op in functions of unknown sizes: values and gradients are the eager ones, at the sizes of a sample and at others."""

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.config import settings
from tenfold.core.tensor import wrap
from tests.ops.test_lowerings import NAMES, SAMPLES, Case, assert_same, dtype_of, in_groups, values_and_gradients

REFUSED = {
    "FractionalAvgPoolGrad": "its first tensor is a shape, of which the elements are needed",
    "BandedTriangularSolve": "its gradient needs the number of bands",
    "AvgPoolGrad": "an attribute is the shape that another tensor must fit",
    "AvgPool3DGrad": "the same",
}


@pytest.fixture(autouse=True, scope="module")
def _on_numpy():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "compiles", False)
        yield


def doubled(arrays, size):
    """The arrays with twice as many elements along every axis of a size."""
    for axis in range(max([x.ndim for x in arrays], default=0)):
        arrays = [np.concatenate([x, x], axis) if axis < x.ndim and x.shape[axis] == size else x for x in arrays]
    return arrays


def calls(name):
    """For each sample the case itself, and the cases of other sizes that the op takes."""
    for sample in SAMPLES.get(name, []):
        if sample.repeats:
            case = Case(name, sample, dtype_of(name))
            if case.arrays and not isinstance(case.expected, type):
                sizes = {size for x in case.arrays for size in x.shape}
                others = [Case(name, sample, dtype_of(name), doubled(case.arrays, size)) for size in sorted(sizes)]
                yield [case, *[other for other in others if not isinstance(other.expected, type)]]


@pytest.mark.parametrize("names", in_groups([name for name in NAMES if name not in REFUSED]))
def test_values_and_gradients_are_the_eager_ones(names):
    for cases in [cases for name in names for cases in calls(name)]:
        specs = [tf.TensorSpec([None] * x.ndim, x.dtype) for x in cases[0].arrays]
        function = cases[0].function
        traced = tf.function(
            lambda *tensors, function=function: values_and_gradients(function, tensors),
            autograph=False,
            input_signature=specs,
        )
        for case in cases:
            found = traced(*map(wrap, case.arrays))
            assert_same(case, [None if y is None else (y, y.numpy()) for y in found])
