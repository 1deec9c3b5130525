"""Kernels that run slice by slice: what is joined and what is not, and that it makes no difference to results."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import tenfold as tf
from tenfold.compiler import chain, fuse
from tenfold.compiler.builder import trace
from tenfold.compiler.executable import compile
from tenfold.compiler.explain import profile
from tenfold.compiler.isa import host_isa
from tenfold.compiler.program import Spec
from tests.compiler.programs import assert_same

BATCH, HEADS, TIME, WIDTH = 16, 4, 48, 16


@pytest.fixture(autouse=True)
def small_cache(monkeypatch):
    """A second cache that holds the scores of a few heads, not of all."""
    monkeypatch.setenv("TENFOLD_CACHE_DIR", "")
    for module in (chain, fuse):
        monkeypatch.setattr(module, "host_isa", lambda: replace(host_isa(), l2_bytes=1 << 17))


def program_of(function, *arrays):
    return trace(function, [Spec(a.shape, a.dtype) for a in arrays])


def normal(*shapes):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]


def heads(b, x):
    return b.transpose(b.reshape(x, (BATCH, TIME, HEADS, WIDTH)), (0, 2, 1, 3))


def attention(b, q, k, v):
    p = b.softmax(b.contract(heads(b, q), heads(b, k), transpose_y=True))
    return p, b.reshape(b.transpose(b.contract(p, heads(b, v)), (0, 2, 1, 3)), q.shape)


def attention_alone(b, q, k, v):
    return [attention(b, q, k, v)[1]]


def attention_with_gradients(b, q, k, v, dy):
    p, y = attention(b, q, k, v)
    dp = b.contract(heads(b, dy), heads(b, v), transpose_y=True)
    dv = b.contract(p, heads(b, dy), transpose_x=True)
    ds = p * (dp - b.reduce("sum", dp * p, [-1], keepdims=True))
    return [y, dv, b.contract(ds, heads(b, k)), b.contract(ds, heads(b, q), transpose_x=True)]


def scores_that_others_read(b, q, k, v):
    p, y = attention(b, q, k, v)
    return [y, b.reduce("sum", p, [0], keepdims=False)]


def weights_that_are_returned(b, q, k, v):
    p, y = attention(b, q, k, v)
    return [y, p]


@pytest.mark.parametrize(
    ("function", "steps"),
    [
        (attention_alone, 1),
        (attention_with_gradients, 1),
        (weights_that_are_returned, 1),
        (scores_that_others_read, 2),
    ],
)
def test_attention_runs_slice_by_slice(function, steps):
    arrays = normal(*[(BATCH, TIME, HEADS * WIDTH)] * function.__code__.co_argcount)[1:]
    program = program_of(function, *arrays)
    assert len(compile(program).steps) == steps
    assert_same(program, arrays, scale=20)


def test_what_only_a_chain_reads_has_memory_for_some_slices():
    arrays = normal(*[(BATCH, TIME, HEADS * WIDTH)] * 3)
    scores = 4 * BATCH * HEADS * TIME * TIME
    assert compile(program_of(attention_alone, *arrays)).arena_bytes < scores


def other_items(b, x, y, z):
    """The second product reads the results of the first in another order."""
    return [b.contract(b.transpose(b.contract(x, y), (1, 0, 2, 3)), z)]


def shared_operand(b, x, y, z):
    """The second product reads the first item's result for all others."""
    first = b.slice(b.contract(x, y), (0, 0, 0, 0), (1, *x.shape[1:]), (1, 1, 1, 1))
    return [b.contract(b.broadcast_to(first, x.shape), z)]


def shifted(b, x, y, z):
    """An element-wise kernel reads the item before as well."""
    product = b.contract(x, y)
    earlier, later = (b.slice(product, (n, 0, 0, 0), (BATCH - 1, *x.shape[1:])) for n in (0, 1))
    return [b.exp(later) + earlier, b.contract(product, z)]


@pytest.mark.parametrize("function", [other_items, shared_operand, shifted])
def test_what_reads_other_slices_is_not_joined(function):
    arrays = normal(*[(BATCH, BATCH, 32, 32)] * 3)
    program = program_of(function, *arrays)
    assert len(compile(program).steps) > 1
    assert_same(program, arrays, scale=20)


def test_results_do_not_depend_on_slices_or_threads(monkeypatch):
    arrays = normal(*[(BATCH, TIME, HEADS * WIDTH)] * 4)
    program = program_of(attention_with_gradients, *arrays)
    joined = compile(program)
    assert len(joined.steps) == 1
    found = [joined(*arrays)]
    before = tf.config.threading.get_intra_op_parallelism_threads()
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        found.append(joined(*arrays))
    finally:
        tf.config.threading.set_intra_op_parallelism_threads(before)
    monkeypatch.setattr(chain, "MOST_SLICES", 0)
    apart = compile(program)
    assert len(apart.steps) == 7
    found.append(apart(*arrays))
    for results in zip(*found, strict=True):
        for result in results[1:]:
            np.testing.assert_array_equal(result, results[0])


def descent(b, x, dy, w, v):
    """Weights and their velocity, updated by a gradient that nobody else reads."""
    velocity = v * 0.9 + b.contract(x, dy, transpose_x=True)
    b.update(v, velocity)
    b.update(w, w - velocity * 0.1)
    return []


def descent_from_the_sum(b, x, dy, w, v):
    """Whether weights grow depends on all of them, so no slice of the gradient goes on alone."""
    total = b.reduce_sum(b.contract(x, dy, transpose_x=True), [0])
    b.update(w, w - b.broadcast_to(total, w.shape))
    return []


@pytest.mark.parametrize(("function", "is_joined"), [(descent, True), (descent_from_the_sum, False)])
def test_weights_are_updated_slice_by_slice(function, is_joined):
    x, dy, w, v = normal((40, 2688), (40, 32), (2688, 32), (2688, 32))
    program = program_of(function, x, dy, w, v)
    compiled = compile(program)
    assert (len(compiled.steps) == 1) == is_joined
    assert compiled.arena_bytes < 2 * w.nbytes  # of the variables there is no copy
    assert_same(program, [x, dy, w, v], scale=20)


def test_a_report_of_a_chain_names_its_kernels():
    arrays = normal(*[(BATCH, TIME, HEADS * WIDTH)] * 3)
    (report,) = profile(program_of(attention_alone, *arrays), arrays, calls=2)
    assert [link.fused.split(",")[0] for link in report.links] == ["contract", "reduce_max", "contract"]
    assert report.operations == sum(link.operations for link in report.links)
