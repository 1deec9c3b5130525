"""Compiled programs by hand: every dtype and primitive, errors, calls, memory, threads, control flow."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from tenfold.compiler import executable, parts
from tenfold.compiler.assemble import assemble
from tenfold.compiler.builder import trace
from tenfold.compiler.executable import compile
from tenfold.compiler.infer import ELEMENTWISE
from tenfold.compiler.interpreter import interpret
from tenfold.compiler.passes import optimise
from tenfold.compiler.program import NotLowered, Spec, StackSpec
from tenfold.compiler.target import host
from tenfold.core.errors import InternalError, InvalidArgumentError
from tests.compiler.programs import DTYPES, assert_same, values
from tests.compiler.test_passes import looked_up, looked_up_arrays, recurrence, recurrence_arrays


def program_of(function, *arrays):
    return trace(function, [Spec(a.shape, a.dtype) for a in arrays])


def check(function, *arrays, scale=1.0):
    assert_same(program_of(function, *arrays), list(arrays), scale)


LIMITED = {"acosh": 1.5, "atanh": 0.1, "asin": 0.1, "acos": 0.1, "pow": 1.0}
FINITE = ("lgamma", "floor_mod", "trunc_mod", "sinh", "cosh", "tan", "pow", "atan2", "trunc_div", "floor_div")


def operands_for(op, dtype):
    """Inputs within the domain of a primitive."""
    kind = np.dtype(dtype).kind
    arrays = [values((37,), dtype, seed) for seed in range(ELEMENTWISE[op].arity)]
    if op in FINITE:
        arrays = [np.where(np.isfinite(a) & (a != 0), a, 1).astype(dtype) for a in arrays]
    if kind in "iu" and op in ("floor_div", "floor_mod", "trunc_div", "trunc_mod"):
        arrays[0][:2] = np.iinfo(dtype).min
        arrays[1][:2] = [-1 if kind == "i" else 1, 3]
    if op in LIMITED:
        sizes = [np.where(np.isfinite(a), np.clip(np.abs(a), 0, 3), 0) * LIMITED[op] / 3 for a in arrays]
        arrays = [(size + (op == "acosh")).astype(dtype) for size in sizes]
    return arrays


@pytest.mark.parametrize("dtype", [*DTYPES, "bool"])
def test_every_elementwise_primitive(dtype):
    kind = np.dtype(dtype).kind
    ops = [op for op, rule in ELEMENTWISE.items() if kind in rule.kinds and not (op == "pow" and kind != "f")]
    arrays = {op: operands_for(op, dtype) for op in ops}

    def function(b, *inputs):
        given = iter(inputs)
        return [getattr(b, op)(*(next(given) for _ in arrays[op])) for op in ops]

    check(function, *(a for op in ops for a in arrays[op]))


@pytest.mark.parametrize("source", [*DTYPES, "bool"])
def test_cast_to_every_dtype(source):
    x = values((50,), source, 3)
    x = np.where(np.isfinite(x), x, 0).astype(source)
    check(
        lambda b, x, y: [b.cast(y if t[0] == "u" else x, t) for t in (*DTYPES, "bool")],
        x,
        x if x.dtype == np.bool_ else np.abs(x),
    )


REDUCED = [((40, 70), (1,)), ((40, 70), (0,)), ((5, 6, 7), (1,)), ((5, 6, 7), (0, 2)), ((3, 0), (1,)), ((), ())]


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_reduction(dtype):
    arrays = []
    for seed, (shape, _) in enumerate(REDUCED):
        x = values(shape, dtype, seed)
        arrays.append(np.where(np.isfinite(x), x, 1).astype(dtype))
    near_one = [(1 + x / 1e6).astype(dtype) if dtype[0] == "f" else x for x in arrays]

    def function(b, *inputs):
        results = []
        for n, (_, axes) in enumerate(REDUCED):
            results += [b.reduce(op, inputs[n], axes) for op in ("sum", "max", "min")]
            results.append(b.reduce_prod(inputs[n + len(REDUCED)], axes))
        return results

    check(function, *arrays, *near_one, scale=10)


@pytest.mark.parametrize("op", ["reduce_any", "reduce_all"])
def test_reduce_bool(op):
    check(lambda b, x: getattr(b, op)(x, [1]), values((6, 40), "bool", 1) | (np.arange(6) % 2 == 0)[:, None])


@pytest.mark.parametrize("dtype", [*DTYPES, "bool"])
def test_argmax_and_argmin(dtype):
    x = values((20, 30), dtype, 2)
    check(lambda b, x: [f(x, axis, t) for axis in (0, 1) for f, t in ((b.argmax, "int64"), (b.argmin, "int32"))], x)


def test_nan_goes_through_max():
    x = np.array([[1, np.nan, 3], [1, 2, 3]], np.float32)
    check(lambda b, x: [b.reduce_max(x, [1]), b.reduce_min(x, [0])], x)


def test_softmax_and_layer_norm_are_one_kernel_each():
    def layer_norm(b, x):
        mean = b.reduce_mean(x, [-1], keepdims=True)
        variance = b.reduce_mean(b.square(x - mean), [-1], keepdims=True)
        return (x - mean) * b.rsqrt(variance + 1e-3)

    x = np.random.default_rng(0).standard_normal((6, 50)).astype(np.float32)
    for function in (lambda b, x: b.softmax(x), layer_norm):
        check(function, x)
        assert len(compile(program_of(function, x)).steps) == 1


def test_adam_is_one_kernel_in_place():
    def adam(b, p, m, v, g):
        m1, v1 = m * 0.9 + g * 0.1, v * 0.99 + b.square(g) * 0.01
        for variable, value in ((p, p - m1 / (b.sqrt(v1) + 1e-7)), (m, m1), (v, v1)):
            b.update(variable, value)
        return []

    arrays = [np.abs(values((33, 5), "float32", s)) for s in range(4)]
    arrays = [np.where(np.isfinite(a), a, 1).astype(np.float32) for a in arrays]
    check(adam, *arrays)
    executable = compile(program_of(adam, *arrays))
    assert len(executable.steps) == 1
    assert executable.arena_bytes < 512  # nothing but addresses


def test_updates_that_cross():
    def swap(b, x, y):
        b.update(x, y)
        b.update(y, x)
        return [x + y, x]

    check(swap, values((40,), "float32", 1), values((40,), "float32", 2))


def test_update_with_its_own_transpose_and_cumulated_sum():
    def function(b, x, y):
        b.update(x, b.transpose(x, (1, 0)))
        b.update(y, b.cumulate("add", y, 0, reverse=True))
        return []

    check(function, values((20, 20), "int32", 1), values((20, 3), "int32", 2))


@pytest.mark.parametrize(
    "x, y, tx, ty",
    [
        ((5, 7), (7, 9), False, False),
        ((7, 5), (9, 7), True, True),
        ((2, 3, 4, 5), (2, 3, 5, 6), False, False),
        ((3, 4), (2, 4, 5), False, False),
        ((5, 0), (0, 4), False, False),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_contract(x, y, tx, ty, dtype):
    rng = np.random.default_rng(0)
    arrays = [rng.integers(-5, 5, s).astype(dtype) for s in (x, y)]
    check(lambda b, x, y: b.contract(x, y, tx, ty), *arrays)


def dense(b, x, w, bias, residual):
    z = b.contract(x, w) + bias
    return [b.tanh(z) + residual]


def test_bias_activation_and_residual_are_the_epilogue_of_a_contraction():
    rng = np.random.default_rng(0)
    for m, n in ((5, 1), (50, 10), (7, 37), (33, 64)):
        shapes = ((m, 20), (20, n), (n,), (m, n))
        arrays = [rng.standard_normal(s).astype(np.float32) for s in shapes]
        check(dense, *arrays)
        assert len(compile(program_of(dense, *arrays)).steps) == 1


def test_what_others_need_of_an_epilogue_is_stored_too():
    def function(b, x, w):
        z = b.contract(x, w)
        y = b.maximum(z, 0.0)
        return [b.gt(y, 0.0), b.transpose(y, (1, 0)), z, b.reduce_sum(y)]

    rng = np.random.default_rng(0)
    check(function, *(rng.standard_normal(s).astype(np.float32) for s in ((9, 40), (40, 21))), scale=10)


def test_what_is_read_through_a_view_of_the_same_shape_stays_where_it_is():
    def function(b, x, w):
        z = b.contract(x, w) + 1.0
        return [b.transpose(z, (0, 2, 1)), b.reverse(b.contract(w, x) * 2.0, [1]) + x]

    rng = np.random.default_rng(0)
    check(function, *(rng.standard_normal((2, 3, 3)).astype(np.float32) for _ in range(2)))


def test_an_epilogue_updates_a_variable_in_place():
    def function(b, x, dy, w):
        b.update(w, w - 0.1 * b.contract(x, dy, transpose_x=True))
        return []

    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(s).astype(np.float32) for s in ((9, 40), (9, 21), (40, 21))]
    check(function, *arrays)
    executable = compile(program_of(function, *arrays))
    assert len(executable.steps) == 1
    assert executable.arena_bytes < 40 * 21 * 4

    def square(b, w):
        b.update(w, w - 0.1 * b.contract(w, w))
        return []

    check(square, rng.standard_normal((17, 17)).astype(np.float32))


def test_a_product_that_is_read_in_two_places():
    """Both used to be computed by the epilogue, where only one of them is."""

    def function(b, x):
        y = b.contract(x, x) + 0.5
        return [b.exp(y) + b.exp(b.transpose(y, (1, 0)))]

    check(function, np.random.default_rng(0).standard_normal((3, 3)).astype(np.float32))


def test_a_scalar_of_a_product():
    x = np.random.default_rng(0).standard_normal((1, 4)).astype(np.float32)
    check(lambda b, x: [b.reshape(b.contract(x, x, transpose_y=True), ()) * 2.0], x)


@pytest.mark.parametrize(
    "shape", [(1,), (2,), (8,), (9,), (3, 17), (2, 64), (2, 65), (3, 1000), (200, 7), (3, 0), (0, 3)]
)
@pytest.mark.parametrize("most", [3, (1 << 31) - 1])
def test_argsort_is_stable(shape, most):
    x = np.random.default_rng(0).integers(-most - 1, most, shape, np.int32, endpoint=True)
    check(lambda b, x: [b.argsort(x), b.argsort(b.reverse(x, [0]))], x)


def test_an_epilogue_over_other_axes_than_the_contraction():
    def function(b, x, w, bias):
        z = b.reshape(b.contract(b.reshape(x, (12, 8)), w), (3, 4, 10))
        return [b.maximum(z + bias, 0.0)]

    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(s).astype(np.float32) for s in ((3, 4, 8), (8, 10), (4, 10))]
    check(function, *arrays)
    assert len(compile(program_of(function, *arrays)).steps) == 1


@pytest.mark.parametrize(
    "shape, axes", [((1 << 19,), (0,)), ((5000, 33), (0,)), ((3, 90000), (1,)), ((40, 50, 60, 8), (0, 1, 2))]
)
def test_long_reductions_are_cut_into_parts(shape, axes):
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)

    def function(b, x):
        mean = b.reduce_mean(x, axes)
        return [mean, b.sqrt(b.reduce_mean(b.square(x), axes)), b.reduce_max(b.abs(x), axes), b.maximum(x, 0.0)]

    check(function, x, scale=10)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_floats_of_16_bits(dtype):
    import ml_dtypes

    if dtype == "float16" and not host().has_half:
        pytest.skip("this processor does not convert float16")
    kind = np.dtype(getattr(ml_dtypes, dtype) if dtype == "bfloat16" else dtype)
    x = values((9, 37), "float32", 1)
    x[0, :6] = [np.nan, np.inf, -np.inf, 65504, 1e-7, -65504]
    x, bias = x.astype(kind), values((37,), "float32", 2).astype(kind)

    def function(b, x, bias):
        y = b.maximum(x, 0.5) + bias
        wide = b.cast(x, "float32")
        return [
            y,
            b.tanh(y),
            b.reverse(y * 3.0, [1]),
            wide,
            b.cast(wide, kind),
            b.cast(b.gt(x, bias), kind),
            b.concat([x, y], 0),
        ]

    program = program_of(function, x, bias)
    with np.errstate(all="ignore"):
        expected = interpret(program, [x, bias])
    for found, wanted in zip(compile(program)(x, bias), expected, strict=True):
        assert found.dtype == wanted.dtype
        np.testing.assert_allclose(
            found.astype(np.float32), wanted.astype(np.float32), rtol=1e-2 if dtype == "bfloat16" else 2e-3
        )
    wide = values((5000,), "float32", 3)
    exact = compile(program_of(lambda b, x: [b.cast(x, kind)], wide))
    np.testing.assert_array_equal(
        exact(wide)[0].view(np.uint16)[~np.isnan(wide)], wide.astype(kind).view(np.uint16)[~np.isnan(wide)]
    )
    a, b_ = (np.random.default_rng(s).standard_normal((8, 8)).astype(kind) for s in (0, 1))
    product = compile(program_of(lambda b, x, y: [b.contract(x, y), b.reduce_sum(x, [0])], a, b_))(a, b_)
    np.testing.assert_allclose(
        product[0].astype(np.float32), a.astype(np.float32) @ b_.astype(np.float32), rtol=0.02, atol=0.02
    )
    np.testing.assert_allclose(product[1].astype(np.float32), a.astype(np.float32).sum(0), rtol=0.02, atol=0.02)


@pytest.mark.parametrize("axis, batch_dims", [(0, 0), (1, 0), (1, 1), (2, 1)])
@pytest.mark.parametrize("index_type", ["int32", "int64", "uint8"])
def test_gather(axis, batch_dims, index_type):
    x = values((3, 4, 5), "float32", 1)
    indices = np.random.default_rng(0).integers(0, 3, (3, 2) if batch_dims else (2, 3)).astype(index_type)
    check(lambda b, x, i: b.gather(x, i, axis, batch_dims) * 2.0, x, indices)


@pytest.mark.parametrize("shape", [(7,), (7, 5), (7, 100), (7, 200), (7, 3, 2)])
def test_segment_sum_adds_rows_that_occur_often(shape):
    indices = np.random.default_rng(0).integers(0, 4, shape[:1])
    updates = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    check(lambda b, u, i: b.segment_sum(u, i, 4), updates, indices)


@pytest.mark.parametrize("shape", [(9,), (9, 1), (9, 5), (9, 200), (9, 3, 2), (30000, 64), (9, 0)])
def test_rows_that_are_looked_up_are_added_without_a_copy(shape):
    places, segments = (np.random.default_rng(s).integers(0, 9, 40) for s in (0, 1))
    table = values(shape, "float32", 1)

    def function(b, table, places, segments):
        total = b.segment_sum(b.gather(table, places), segments, 10)
        times = b.segment_sum(b.full(segments.shape, 1, "float32"), segments, 10)
        b.update(table, table * 0.5)
        return [total, times]

    check(function, table, places, segments)
    steps = compile(program_of(function, table, places, segments)).steps
    assert table.ndim > 2 or not table.size or len(steps) == 3


def test_what_is_looked_up_and_where_it_goes_are_checked():
    places = np.zeros(40, np.int64)
    sums = compile(program_of(lambda b, x, i, s: b.segment_sum(b.gather(x, i), s, 4), np.zeros((9, 5)), places, places))
    for arguments, text in (
        ((places + 9, places), r"= 9 is not in \[0, 9\)"),
        ((places, places - 1), r"= -1 is not in \[0, 4\)"),
    ):
        with pytest.raises(InvalidArgumentError, match=text):
            sums(np.zeros((9, 5)), *arguments)


@pytest.mark.parametrize("by", ["mul", "maximum", "minimum"])
@pytest.mark.parametrize("dtype", ["float32", "int32", "uint8"])
@pytest.mark.parametrize("shape", [(7,), (7, 5), (7, 200), (7, 3, 2), (7, 0), (0, 5)])
def test_rows_that_occur_often_are_folded(by, dtype, shape):
    indices = np.random.default_rng(0).integers(0, 4, shape[:1])
    check(lambda b, u, i: b.segment_fold(by, u, i, 4, 1), values(shape, dtype, 1), indices)


@pytest.mark.parametrize("width", [96, 50, 19])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_sums_of_short_rows_of_a_large_table_are_made_in_their_order(width, dtype):
    rng = np.random.default_rng(0)
    table, indices = np.zeros((20_000, width), dtype), rng.integers(0, 20_000, 6000)
    indices[::3] = 7  # many to one row
    updates = (100 * rng.standard_normal((6000, width))).astype(dtype)
    expected = table.copy()
    np.add.at(expected, indices, updates)
    found = compile(program_of(lambda b, i, u: b.segment_sum(u, i, 20_000), indices, updates))
    np.testing.assert_array_equal(*found(indices, updates), expected)
    adding = compile(program_of(lambda b, t, i, u: b.scatter_add(t, i, u), table, indices, updates))
    table += 3
    begun = table.copy()
    np.add.at(begun, indices, updates)
    np.testing.assert_array_equal(*adding(table, indices, updates), begun)
    indices[5000] = 20_000
    with pytest.raises(InvalidArgumentError, match=r"indices\[5000\] = 20000 is not in \[0, 20000\)"):
        found(indices, updates)


@pytest.mark.parametrize("by", ["add", "mul", "maximum", "minimum"])
@pytest.mark.parametrize("shape", [(7,), (7, 5), (7, 200)])
def test_rows_with_negative_indices_can_be_skipped(by, shape):
    indices = np.array([2, -1, 0, 2, -(2**40), 0, 2])
    updates = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    updates[1], updates[4] = np.nan, np.inf

    def function(b, u, i):
        return b.segment_sum(u, i, 4, True) if by == "add" else b.segment_fold(by, u, i, 4, 1, True)

    check(function, updates, indices)
    found = compile(program_of(function, updates, indices))
    assert np.isfinite(found(updates, indices)).all()
    indices[3] = 4
    with pytest.raises(InvalidArgumentError, match=r"indices\[3\] = 4 is not in \[0, 4\)"):
        found(updates, indices)


def test_sums_of_rows_begin_with_a_number_that_has_no_memory():
    program = program_of(lambda b, i, u: b.segment_sum(u, i, 50), np.zeros(9, np.int32), np.zeros((9, 3)))
    assert [len(step.calls) + len(step.copies) for step in compile(program).steps] == [2]


def test_scatter_add_to_a_variable_touches_its_rows_only():
    def function(b, table, indices, rows):
        b.update(table, b.scatter_add(table, indices, rows))
        return []

    table, indices = np.zeros((1000, 8), np.float32), np.array([1, 5, 1])
    check(function, table, indices, np.ones((3, 8), np.float32))
    (step,) = compile(program_of(function, table, indices, np.ones((3, 8), np.float32))).steps
    assert len(step.calls) == 1  # without the copy of the table


@pytest.mark.parametrize("wrong", [-1, 4, 2**40, -(2**63)])
def test_an_index_out_of_range_is_an_error_that_names_it(wrong):
    gather = compile(program_of(lambda b, x, i: b.gather(x, i), np.zeros(4), np.zeros((30, 2), np.int64)))
    indices = np.zeros((30, 2), np.int64)
    indices[17, 1] = wrong
    with pytest.raises(InvalidArgumentError, match=rf"indices\[17,1\] = {wrong} is not in \[0, 4\)"):
        gather(np.zeros(4), indices)
    assert gather(np.ones(4), np.zeros((30, 2), np.int64))[0].sum() == 60  # the next call is not disturbed


@pytest.mark.parametrize("op", ["floor_div", "floor_mod", "trunc_div", "trunc_mod"])
def test_integer_division_by_zero_is_an_error(op):
    divide = compile(program_of(lambda b, x, y: getattr(b, op)(x, y), np.ones(40, np.int32), np.ones(40, np.int32)))
    y = np.ones(40, np.int32)
    y[33] = 0
    with pytest.raises(InvalidArgumentError, match="Integer division by zero"):
        divide(np.ones(40, np.int32), y)


def test_what_has_no_machine_code_is_refused():
    with pytest.raises(NotLowered):
        compile(program_of(lambda b, x: b.transpose(x, (0,)), np.ones(3, np.complex64)))
    with pytest.raises(NotLowered):
        compile(program_of(lambda b, x: b.pow(x, x), np.ones(3, np.int32)))


# Calls.


def test_inputs_of_any_strides_and_wrong_ones():
    add = compile(program_of(lambda b, x, y: x + y, np.zeros((4, 6), np.float32), np.zeros((4, 6), np.float32)))
    x = np.arange(24, dtype=np.float32).reshape(6, 4).T
    y = np.arange(96, dtype=np.float32).reshape(8, 12)[::-2, ::2]
    np.testing.assert_array_equal(add(x, y)[0], x + y)
    with pytest.raises(TypeError, match="float64"):
        add(x.astype(np.float64), y)
    with pytest.raises(ValueError, match=r"\[6, 4\]"):
        add(x.T, y)
    with pytest.raises(TypeError, match="1 arrays"):
        add(x)
    np.testing.assert_array_equal(add(x.tolist() and np.asarray(x), np.ma.array(y))[0], x + y)


def test_an_updated_input_that_is_passed_twice_is_read_before_it_is_written():
    def function(b, x, y):
        b.update(x, x + b.reverse(y, [0]))
        return []

    step = compile(program_of(function, np.zeros(40, np.float32), np.zeros(40, np.float32)))
    x = np.arange(40, dtype=np.float32)
    step(x, x)
    np.testing.assert_array_equal(x, np.full(40, 39))
    memory = np.arange(50, dtype=np.float32)
    step(memory[:40], memory[10:])
    np.testing.assert_array_equal(memory[:40], np.full(40, 49))


def test_overlaps_are_found_again_after_calls_without_them():
    def function(b, x, y):
        b.update(x, x + b.reverse(y, [0]))
        return []

    step = compile(program_of(function, np.zeros(40, np.float32), np.zeros(40, np.float32)))
    memory = np.arange(50, dtype=np.float32)
    for other in (memory[10:], np.ones(40, np.float32), memory[10:], memory[10:]):
        x, y = memory[:40].copy(), other.copy()
        step(memory[:40], other)
        np.testing.assert_array_equal(memory[:40], x + y[::-1])
    with pytest.raises(ValueError, match="takes float32"):
        step(memory[:40], memory)
    y = memory[10:].copy()
    x = memory[:40].copy()
    step(memory[:40], memory[10:])
    np.testing.assert_array_equal(memory[:40], x + y[::-1])


def test_updated_inputs_must_not_overlap():
    def function(b, x, y):
        b.update(x, y)
        b.update(y, x)
        return []

    step = compile(program_of(function, np.zeros(4), np.zeros(4)))
    memory = np.zeros(6)
    with pytest.raises(ValueError, match="share memory"):
        step(memory[:4], memory[2:])


def test_equal_contractions_share_their_code():
    def function(b, x, w, v):
        return [b.maximum(b.contract(x, w), 0.0), b.maximum(b.contract(x, v), 0.0)]

    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(s).astype(np.float32) for s in ((20, 30), (30, 40), (30, 40))]
    check(function, *arrays)
    used = [call.function for step in compile(program_of(function, *arrays)).steps for call in step.calls]
    assert len(used) == 2
    assert len(set(used)) == 1


@pytest.mark.parametrize("cores", [2, 5])
def test_code_in_several_modules(monkeypatch, cores):
    """Kernels, contractions with equal epilogues, and procedures of a loop call each other across modules."""
    monkeypatch.setenv("TENFOLD_CACHE_DIR", "")
    monkeypatch.setattr(parts, "MODULE_BYTES", 1000)
    monkeypatch.setattr(executable, "usable_cores", lambda: cores)

    def function(b, x, w):
        y = b.maximum(b.contract(x, w), 0.0)
        z = b.maximum(b.contract(y, w, transpose_y=True), 0.0)
        loop = b.while_loop(
            lambda b, i, z: b.lt(i, 3), lambda b, i, z: [i + 1, b.tanh(z)], [b.constant(np.int32(0)), z]
        )
        return [y, z, loop[1], b.softmax(loop[1])]

    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(s).astype(np.float32) for s in ((20, 30), (30, 40))]
    check(function, *arrays)
    assert len(assemble(optimise(program_of(function, *arrays)), host(), most=cores).texts) == cores


def test_an_updated_input_must_be_writeable():
    step = compile(program_of(lambda b, x: b.update(x, x + 1.0) or [], np.zeros(4, np.float32)))
    x = np.zeros(4, np.float32)
    x.flags.writeable = False
    with pytest.raises(ValueError, match="writeable"):
        step(x)
    with pytest.raises(ValueError, match="contiguous"):
        step(np.zeros(8, np.float32)[::2])


def test_outputs_are_new_arrays():
    same = compile(program_of(lambda b, x: [x, x, b.reshape(x, (4,))], np.zeros((2, 2), np.float32)))
    x = np.ones((2, 2), np.float32)
    outputs = same(x)
    assert not any(np.shares_memory(a, b) for a in outputs for b in (x, *outputs) if a is not b)
    assert [o.shape for o in outputs] == [(2, 2), (2, 2), (4,)]


def test_many_python_threads_at_once():
    x = np.random.default_rng(0).standard_normal((200, 300)).astype(np.float32)
    run = compile(program_of(lambda b, x: b.softmax(b.contract(x, b.transpose(x, (1, 0)))), x))
    (expected,) = run(x)
    results = []
    threads = [threading.Thread(target=lambda: results.append([run(x)[0] for _ in range(20)])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all((y == expected).all() for result in results for y in result)


def test_results_do_not_depend_on_the_number_of_threads():
    import tenfold as tf

    x = np.random.default_rng(0).standard_normal((700, 800)).astype(np.float32)
    run = compile(
        program_of(lambda b, x: [b.softmax(x), b.reduce_sum(x), b.reduce_sum(x, [0]), b.tanh(x) * 2.0 + x], x)
    )
    many = run(x)
    before = tf.config.threading.get_intra_op_parallelism_threads()
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        for one, more in zip(run(x), many, strict=True):
            np.testing.assert_array_equal(one, more)
    finally:
        tf.config.threading.set_intra_op_parallelism_threads(before)
    np.testing.assert_allclose(many[1], x.sum(dtype=np.float64), rtol=1e-4)


# Control flow.


def rnn(b, x, u, h0):
    steps = x.shape[0]

    def body(b, i, h, out, x, u):
        h = b.tanh(b.gather(x, i) + b.contract(h, u))
        return [i + 1, h, b.write(out, i, h)]

    start = [b.constant(0, "int32"), h0, b.full(x.shape, 0, "float32")]
    return b.while_loop(lambda b, i, *rest: b.lt(i, steps), body, start, [x, u])[1:]


def test_a_recurrent_loop():
    rng = np.random.default_rng(0)
    check(rnn, *(rng.standard_normal(s).astype(np.float32) / 4 for s in ((20, 3, 8), (8, 8), (3, 8))))


def test_rows_of_stacks_are_written_where_they_are_computed():
    """States before a step, parts of a row, rows that are read again, and a stack whose first value may be anything."""

    def function(b, x, h, c):
        def body(b, i, h, c, before, both, sums, x):
            new = b.tanh(b.gather(x, i) + h * c)
            gates = b.concat([b.sigmoid(new), new * 2.0, h], 1)
            total = b.gather(sums, i - b.cast(b.gt(i, 0), "int32")) + new
            return [i + 1, new, c + new, b.write(before, i, h), b.write(both, i, gates), b.write(sums, i, total)]

        start = [b.constant(0, "int32"), h, c, b.empty(x.shape, "float32"), b.empty((7, 5, 18), "float32")]
        start.append(b.full(x.shape, 0.5, "float32"))
        return b.while_loop(lambda b, i, *rest: b.lt(i, 7), body, start, [x])[1:]

    rng = np.random.default_rng(0)
    check(function, *(rng.standard_normal(s).astype(np.float32) / 4 for s in ((7, 5, 6), (5, 6), (5, 6))))


def test_a_row_may_be_written_into_a_copy():
    x, y = values((4, 300), "float32", 1), values((300,), "float32", 2)
    check(lambda b, x, y: [b.write(x, 2, y * 2.0), x + 1.0, b.write(b.exp(x), 1, y + 1.0)], x, y)


def test_a_reshaped_view_that_has_no_strides_is_copied_for_a_contraction():
    """The transposition was taken as memory, its reshape as a view of that: an error in the compiler."""
    x, w = values((6, 3, 5), "float32", 1), values((5, 4), "float32", 2)
    x, w = np.nan_to_num(np.clip(x, -2, 2)), np.nan_to_num(np.clip(w, -2, 2))
    check(lambda b, x, w: [b.contract(b.reshape(b.transpose(x, (1, 0, 2)), (18, 5)), w)], x, w)


def test_weights_packed_before_a_loop_are_those_of_each_call():
    def function(b, h, w):
        return b.while_loop(
            lambda b, i, h, w: b.lt(i, 3),
            lambda b, i, h, w: [i + 1, b.tanh(b.contract(h, w, transpose_y=True))],
            [b.constant(0, "int32"), h],
            [w],
        )

    rng = np.random.default_rng(0)
    h, *weights = (rng.standard_normal(s).astype(np.float32) / 16 for s in ((64, 256), (256, 256), (256, 256)))
    program = program_of(function, h, weights[0])
    run = compile(program)
    for w in weights:
        np.testing.assert_allclose(run(h, w)[1], interpret(program, [h, w])[1], rtol=1e-4, atol=1e-6)
    check(lambda b, h, w: function(b, h, b.transpose(w, (1, 0))), h, weights[0])
    assert any(".prepare(" in line for line in run.text.split("\n"))


def test_a_loop_that_never_runs_gives_its_first_state():
    check(
        lambda b, x: b.while_loop(lambda b, x: b.lt(b.reduce_sum(x), -1.0), lambda b, x: x + 1.0, [x]),
        np.ones(3, np.float32),
    )


def _kept(b, x, n):
    """A loop of `n` turns that keeps what it began each turn with."""
    return b.while_loop(
        lambda b, i, x, n: b.lt(i, n),
        lambda b, i, x, n: [i + 1, b.sin(x) * 1.5, x],
        [b.constant(0, "int64"), x],
        [n],
        pushes=1,
    )


def _read_back(b, stack, x):
    """A loop over what was kept, from the end, that keeps what it does."""
    return b.while_loop(
        lambda b, i, dy, x: b.ge(i, 0),
        lambda b, i, dy, row, x: [i - 1, dy * b.cos(row) * x, dy],
        [b.count(stack) - 1, b.full(x.shape, 1, "float32")],
        [x],
        stacks=[stack],
        pushes=1,
    )


@pytest.mark.parametrize("n", [0, 1, 2, 7, 8, 9, 100])
def test_what_a_loop_keeps_is_read_back(n):
    x, n = values((5,), "float32", 1), np.array(n)
    x = np.nan_to_num(x, posinf=1, neginf=-1)
    check(lambda b, x, n: _read_back(b, _kept(b, x, n)[2], x)[1:2], x, n)
    check(lambda b, x, n: [b.count(_kept(b, x, n)[2])], x, n)
    kept = program_of(_kept, x, n)
    (_, _, stack), expected = compile(kept)(x, n), interpret(kept, [x, n])
    np.testing.assert_allclose(stack, expected[2], rtol=1e-5)
    assert stack.shape == (n, 5)
    back = trace(_read_back, [StackSpec.of(Spec((5,), x.dtype)), Spec((5,), x.dtype)])
    for _ in range(2):
        for a, b in zip(compile(back)(stack, x), interpret(back, [stack, x]), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4)
    with pytest.raises(ValueError, match=r"rows of float32\[5\]"):
        compile(back)(np.zeros((3, 4), np.float32), x)


def test_a_stack_that_is_shorter_than_a_loop_reads_is_an_error():
    spec = StackSpec.of(Spec((2,), np.dtype(np.float32)))

    def function(b, stack):
        body = lambda b, i, total, row: [i + 1, total + row]  # noqa: E731
        return b.while_loop(
            lambda b, i, *rest: b.lt(i, 3), body, [b.constant(0, "int64"), b.full((2,), 0, "float32")], stacks=[stack]
        )

    run = compile(trace(function, [spec]))
    np.testing.assert_array_equal(run(np.ones((3, 2), np.float32))[1], [3, 3])
    with pytest.raises(InternalError, match="more rows of a stack than there are"):
        run(np.ones((2, 2), np.float32))


def test_a_stack_has_one_owner():
    with pytest.raises(NotLowered, match="handed on"):
        compile(trace(lambda b, stack: [stack], [StackSpec.of(Spec((2,), np.dtype(np.float32)))]))


def test_state_that_is_swapped_in_each_turn():
    def function(b, x, y):
        return b.while_loop(
            lambda b, i, x, y: b.lt(i, 3), lambda b, i, x, y: [i + 1, y, x], [b.constant(0, "int64"), x, y]
        )

    check(function, values((5,), "float32", 1), values((5,), "float32", 2))


def test_nested_loops_and_branches():
    def function(b, x):
        def body(b, i, x):
            (x,) = b.cond(b.eq(b.bitwise_and(i, 1), 0), lambda b, x: x * 2, lambda b, x: x + 1, [x])
            (_, x) = b.while_loop(
                lambda b, j, x: b.lt(j, 2), lambda b, j, x: [j + 1, x - 3], [b.constant(0, "int32"), x]
            )
            return [i + 1, x]

        return b.while_loop(lambda b, i, x: b.lt(i, 5), body, [b.constant(0, "int32"), x])

    check(function, np.array([1, 2, 3], np.int32))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_branch_reads_constants_and_what_is_around_it(sign):
    table = np.linspace(0, 1, 5, dtype=np.float32)

    def function(b, x):
        y = b.exp(x)
        return b.cond(
            b.gt(b.reduce_sum(x), 0.0),
            lambda b, x, y: x + b.constant(table),
            lambda b, x, y: y * b.constant(table[::-1]),
            [x, y],
        )

    check(function, np.full(5, sign, np.float32))


def test_an_error_inside_a_loop_ends_it():
    def function(b, x):
        return b.while_loop(
            lambda b, i, x: b.lt(i, 10), lambda b, i, x: [i + 1, x + b.gather(x, i)], [b.constant(0, "int32"), x]
        )

    run = compile(program_of(function, np.ones(3, np.float32)))
    with pytest.raises(InvalidArgumentError, match=r"indices = 3 is not in \[0, 3\)"):
        run(np.ones(3, np.float32))


@pytest.mark.parametrize("first, second", [(3, 70), (5, 299_999), (0, 150_000)])
def test_of_several_errors_the_first_one_is_named(first, second):
    """Whichever thread finds it: the one that was noted last used to be."""
    table, right = values((4,), "float32", 0), np.zeros(300_000, np.int32)
    wrong, other = right.copy(), right.copy()
    wrong[[first, second]], other[:] = [7, 8], 9

    def two(b, table, i, j):
        return [b.reduce_sum(b.exp(b.gather(table, i)), [0]), b.exp(b.gather(table + 1.0, j))]

    run = compile(program_of(two, table, right, right))
    for i, j in [(wrong, right), (right, wrong), (wrong, other)]:
        with pytest.raises(InvalidArgumentError, match=rf"indices\[{first}\] = 7 is not in"):
            run(table, i, j)


def test_after_an_error_inputs_are_not_updated():
    """They used to get what was computed of the row that stands in for the missing one."""
    arrays = [values((4, 3), "float32", 0), values((3, 3), "float32", 1), np.array([1, 9], np.int32)]

    def step(b, table, w, i):
        y = b.contract(b.gather(table, i), w)
        b.update(w, w - b.contract(b.transpose(y, [1, 0]), y))
        return [b.reduce_sum(y)]

    run, w = compile(program_of(step, *arrays)), arrays[1].copy()
    with pytest.raises(InvalidArgumentError, match="is not in"):
        run(*arrays)
    np.testing.assert_array_equal(arrays[1], w)
    arrays[2][1] = 2
    run(*arrays)
    assert (arrays[1] != w).any()


def test_write_out_of_range_is_an_error():
    run = compile(
        program_of(lambda b, x, i: b.write(x, i, b.full((2,), 1, "float32")), np.zeros((3, 2), np.float32), np.array(0))
    )
    np.testing.assert_array_equal(run(np.zeros((3, 2), np.float32), np.array(1))[0], [[0, 0], [1, 1], [0, 0]])
    with pytest.raises(InvalidArgumentError):
        run(np.zeros((3, 2), np.float32), np.array(3))


def test_writing_what_is_computed_out_of_range_is_an_error():
    x, i = np.zeros((3, 2), np.float32), np.array(-1)
    run = compile(program_of(lambda b, x, i: b.write(x, i, b.exp(b.reduce_max(x, [0]) * 2.0)), x, i))
    with pytest.raises(InvalidArgumentError, match=r"indices = -1 is not in \[0, 3\)"):
        run(x, i)


def test_the_interpreter_raises_the_same_errors():
    program = program_of(lambda b, x, i: b.gather(x, i), np.zeros(4), np.zeros(2, np.int64))
    with pytest.raises(InvalidArgumentError, match=r"indices\[1\] = 9 is not in \[0, 4\)"):
        interpret(program, [np.zeros(4), np.array([0, 9])])


@pytest.mark.parametrize("shape", [(0,), (3, 0, 2)])
def test_nothing_to_do(shape):
    check(
        lambda b, x: [b.exp(x) + 1.0, b.reduce_sum(x), b.concat([x, x], 0), b.cumulate("add", x, 0)],
        np.zeros(shape, np.float32),
    )


def test_parts_of_a_large_array_on_several_threads():
    x = values((1_000_003,), "float32", 1)
    check(lambda b, x: [b.exp(b.minimum(x, 1.0)) * x, b.reduce_max(x)], x)


@pytest.mark.parametrize("rows", [32, 272, 555])
def test_sums_over_long_rows(rows):
    """They are read in order: in parts, and of these some rows at a time."""
    x = values((rows, 1001), "float32", 1)
    check(lambda b, x: [b.reduce_sum(x * x, [0]) * 2.0, b.reduce_max(x, [0])], x)


def test_a_constant_that_only_folding_makes_can_be_a_result():
    """It used to be looked for among those that were written, a KeyError."""
    check(lambda b, x: [b.constant(3, "int32") - b.constant(3, "int32"), x], np.array(5, "int32"))


@pytest.mark.parametrize("rows", [10, 590])
def test_products_of_looked_up_rows(rows):
    """A row of NaN that nobody looks up shows in no result."""
    arrays = looked_up_arrays(rows)
    run = compile(program_of(looked_up, *arrays))
    table, indices, w, dy = arrays
    x = table[indices].transpose(1, 0, 2).reshape(-1, 64)
    for got, expected in zip(run(*arrays), (x @ w, x.T @ dy), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-4)
    indices[3, 5] = rows
    with pytest.raises(InvalidArgumentError, match=rf"indices\[3,5\] = {rows} is not in \[0, {rows}\)"):
        run(*arrays)


def test_loops_that_look_up_rows():
    arrays = recurrence_arrays()
    check(recurrence, *arrays, scale=10)
    run = compile(program_of(lambda b, *inputs: recurrence(b, *inputs)[:1], *arrays))
    arrays[1][3, 5] = 10
    with pytest.raises(InvalidArgumentError, match=r"indices\[3,5\] = 10 is not in \[0, 10\)"):
        run(*arrays)


def test_rows_are_normalised_in_place():
    def softmax(b, x):
        b.update(x, b.softmax(x))
        return []

    def centred(b, x):  # what is read after it was changed is read from a copy
        mean = b.reduce_mean(x, [1], keepdims=True)
        y = x - mean
        b.update(x, y)
        return [b.reduce_sum(x * y, [1])]

    x = np.random.default_rng(0).standard_normal((6, 40)).astype(np.float32)
    check(softmax, x.copy())
    check(centred, x.copy())
    assert compile(program_of(softmax, x)).arena_bytes < x.nbytes


@pytest.mark.parametrize("features", [16, 10])
def test_an_epilogue_over_parts_of_columns(features):
    def function(b, x, w, bias):
        return [b.reshape(b.contract(x, w), (3, 4, 2, features)) + bias]

    rng = np.random.default_rng(0)
    check(function, *(rng.standard_normal(s, "f") for s in [(12, 7), (7, 2 * features), (2, features)]))


def test_attention_by_strides():
    """Heads are cut from, and written into, memory in the order (batch, time, head, features)."""

    def function(b, q, k, v):
        q, k, v = (b.reshape(x, (2, 20, 3, 8)) for x in (q, k, v))
        weights = b.softmax(b.einsum("bshd,bthd->bhts", k, q))
        return [b.reshape(b.einsum("bhts,bshd->bthd", weights, v), (2, 20, 24))]

    check(function, *(np.random.default_rng(n).standard_normal((2, 20, 24), "f") for n in range(3)))
    p = optimise(program_of(function, *(np.zeros((2, 20, 24), "f") for _ in range(3))))
    assert not any(i.op == "copy" for i in p.instructions)


def test_a_row_is_not_written_by_a_kernel_that_needs_it():
    """The store of a row went into a kernel of equal shape that came after a loop over the rows."""

    def function(b, x, rows):
        rows = b.write(rows, b.constant(np.int32(1)), x * 2.0)
        start = [b.constant(np.int32(0)), rows]
        loop = b.while_loop(lambda b, i, rows: b.lt(i, 3), lambda b, i, rows: [i + 1, rows * 0.5], start)
        return [rows, b.exp(b.gather(loop[1], b.constant(np.int32(1))))]

    check(function, np.ones(2, np.float32), np.zeros((3, 2), np.float32))
