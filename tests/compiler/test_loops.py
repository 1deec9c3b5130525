"""The loop IR: kernels as text, interpreted, and what is done to loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from tenfold.compiler import nest, special
from tenfold.compiler.builder import trace
from tenfold.compiler.executable import compile
from tenfold.compiler.fuse import fuse
from tenfold.compiler.interpreter import interpret
from tenfold.compiler.loops import Index, Kernel, Quotient, Remainder, Var, linear
from tenfold.compiler.passes import optimise
from tenfold.compiler.program import Spec
from tenfold.compiler.split import split
from tenfold.compiler.tile import tile
from tests.compiler.programs import programs


def kernels_of(p):
    """(kernel, values in its buffers) of every group that loops are written for."""
    for group in fuse(p):
        if group.is_fused and group.producer is None:
            if group.stored:
                yield nest.build(p, group, 1)
        elif p.instructions[group.members[0]].op in special.KERNELS:
            yield from special.build(p, group.members[0], 1)


def only_kernel(function, *shapes):
    p = optimise(trace(function, [Spec(s, np.dtype(np.float32)) for s in shapes]))
    ((kernel, _),) = kernels_of(p)
    return kernel


def test_loops_are_merged_where_memory_allows():
    assert str(only_kernel(lambda b, x: [b.exp(x) + 1.0], (3, 4, 5))) == (
        "for i0 in 60 by lanes:\n  b0[i0] = add(exp(b1[i0]), 1.0)"
    )
    assert str(only_kernel(lambda b, x, y: [x + y], (3, 4, 5), (5,))) == (
        "for i0 in 12:\n  for i2 in 5 by lanes:\n    b0[i0*5 + i2] = add(b1[i0*5 + i2], b2[i2])"
    )
    assert str(only_kernel(lambda b, x: [b.transpose(x, (1, 0)) * 2.0], (3, 4))) == (
        "for i0 in 4:\n  for i1 in 3 by lanes:\n    b0[i0*3 + i1] = mul(b1[i1*4 + i0], 2.0)"
    )


def test_a_reduction_and_what_follows_it():
    assert str(only_kernel(lambda b, x: [x / b.reduce_sum(x, [1], keepdims=True)], (3, 4))) == (
        "for i0 in 3:\n"
        "  r1 = identity of add : float32\n"
        "  for i1 in 4 by lanes:\n"
        "    r1 = add(r1, b0[i0*4 + i1])\n"
        "  for i1 in 4 by lanes:\n"
        "    b1[i0*4 + i1] = div(b0[i0*4 + i1], r1)"
    )


def test_split_and_merged_axes_meet_again_in_memory():
    i, j = Var("i", 6), Var("j", 4)
    index = Index(0, ((i, 4), (j, 1)))
    quotient, rest = index.divide(3)
    assert quotient.terms == ((Quotient(index, 3), 1),)
    assert rest.terms == ((Remainder(index, 3), 1),)
    assert linear([quotient, rest], [3, 1]) == index
    assert index.divide(4) == (Index(0, ((i, 1),)), Index(0, ((j, 1),)))


def test_what_is_divided_evenly_leaves_the_quotient():
    flat = Index(0, ((Var("row", 5), 128), (Var("column", 128), 1)))
    head, feature = flat.divide(32)
    row, head = head.divide(4)
    assert str(row) == "row"
    assert str(linear((head, feature), (32, 1))) == "column"


def test_a_long_sum_is_made_in_parts():
    kernels = split(only_kernel(lambda b, x: [b.reduce_sum(x)], (4000,)))
    assert [str(kernel) for kernel in kernels] == [
        "for c in 15:\n  r1 = identity of add : float32\n  for p in 256 by lanes:\n    r1 = add(r1, b0[c*256 + p])\n  b2[c] = r1",
        "r1 = identity of add : float32\nfor p in 160 by lanes:\n  r1 = add(r1, b0[p + 3840])\nb2[15] = r1",
        "r1 = identity of add : float32\nfor c in 16:\n  r1 = add(r1, b2[c])\nb1[0] = r1",
    ]


def test_a_transposed_matrix_is_read_line_by_line():
    def transposed(*shape):
        return only_kernel(lambda b, x: [b.transpose(x, (1, 0)) * 2.0], shape)

    assert str(tile(transposed(3000, 1000))) == (
        "for i1 in 3000 by lanes:\n  for i0t in 1000:\n    b0[i0t*3000 + i1] = mul(b1[i1*1000 + i0t], 2.0)"
    )
    assert str(tile(transposed(64, 4096))) == (
        "for i0 in 256:\n  for i1 in 64 by lanes:\n    for i0t in 16:\n"
        "      b0[i0*1024 + i0t*64 + i1] = mul(b1[i1*4096 + i0*16 + i0t], 2.0)"
    )
    for few in (transposed(4, 100_000), transposed(60, 70)):
        assert tile(few) is few
    rows = only_kernel(lambda b, x: [b.reduce_sum(b.transpose(x, (1, 0)), [1])], (3000, 1000))
    assert tile(rows) is rows


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "bool"])
@pytest.mark.parametrize("shape", [(700, 129), (64, 4096), (2048, 70), (1031, 1033)])
def test_tiles_of_a_transposed_matrix_say_the_same(shape, dtype):
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 9, shape).astype(dtype), rng.integers(0, 9, shape[::-1]).astype(dtype)

    def function(b, x, y):
        x = b.transpose(x, (1, 0))
        return [b.select(b.eq(x, y), x, 1)]

    run = compile(trace(function, [Spec(shape, x.dtype), Spec(y.shape, y.dtype)]))
    np.testing.assert_array_equal(*run(x, y), np.where(x.T == y, x.T, np.array(1).astype(dtype)))


@pytest.mark.parametrize("shape, axes", [((4096,), (0,)), ((3000, 5), (0,)), ((2, 2500), (1,)), ((70, 3, 4), (0, 1))])
def test_parts_of_a_reduction_say_the_same(shape, axes):
    def function(b, x):
        square = b.square(x)
        return [b.sqrt(b.reduce_sum(square, axes)), b.reduce_max(square, axes), square]

    p = optimise(trace(function, [Spec(shape, np.dtype(np.float64))]))
    x = np.random.default_rng(0).standard_normal(shape)
    for kernel, values in kernels_of(p):
        kernels = split(kernel)
        assert len(kernels) > 1
        memory = [
            x.ravel().copy() if v == 0 else np.zeros(b.size, b.dtype)
            for v, b in zip(values, kernel.buffers, strict=True)
        ]
        memory += [np.zeros(b.size, b.dtype) for b in kernels[-1].buffers[len(kernel.buffers) :]]
        for k in kernels:
            k.run(*memory)
        for v, found in zip(values, memory, strict=False):
            if v in p.outputs:
                expected = interpret(p, [x])[p.outputs.index(v)]
                np.testing.assert_allclose(found, expected.ravel(), rtol=1e-12)


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs(sizes=(0, 1, 2, 3, 5)))
def test_interpreted_kernels_agree_with_the_interpreted_program(case):
    p, arrays = case
    p = optimise(p)
    if any(i.op == "contract" for i in p.instructions):
        return  # no loops are written for it
    expected = interpret(p, [a.copy() for a in arrays])
    memory = {at: arrays[n].ravel().copy() for n, at in enumerate(p.inputs)}
    for at, i in enumerate(p.instructions):
        if i.op == "constant":
            memory[at] = i["value"].array.ravel()
    for kernel, values in kernels_of(p):
        given_arrays = []
        for v, buffer in zip(values, kernel.buffers, strict=True):
            if not buffer.is_scratch:
                given_arrays.append(memory.setdefault(v, np.zeros(buffer.size, buffer.dtype)))
        assert isinstance(kernel, Kernel)
        kernel.run(*given_arrays)
    for at, value in zip(p.outputs, expected, strict=True):
        while p.instructions[at].op == "reshape":
            at = p.instructions[at].operands[0]
        if value.size:
            np.testing.assert_allclose(memory[at], value.ravel(), rtol=1e-5, atol=1e-5)
