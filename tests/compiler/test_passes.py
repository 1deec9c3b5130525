"""Passes by what they do to small programs; fusion by what ends up together."""

from __future__ import annotations

import numpy as np
import pytest

from tenfold.compiler import passes
from tenfold.compiler.builder import Builder, trace
from tenfold.compiler.fuse import fuse
from tenfold.compiler.lookups import compute_rows_once
from tenfold.compiler.memory import ALIGNMENT, plan_arena
from tenfold.compiler.program import Spec
from tenfold.compiler.scan import scan
from tenfold.compiler.widen import widen

FLOAT = np.dtype(np.float32)


def program(function, *shapes, dtype=FLOAT):
    return trace(function, [Spec(s, np.dtype(dtype)) for s in shapes])


def body(p):
    """The program's lines without inputs and specs."""
    lines = [line.rsplit(" :", 1)[0] for line in str(p).split("\n")]
    return [line for line in lines if "input" not in line]


@pytest.mark.parametrize(
    "one",
    [
        passes.share_equal,
        passes.drop_dead,
        passes.fold_constants,
        passes.simplify,
        compute_rows_once,
        passes.sum_rows_once,
        passes.look_up_in_loops,
        passes.order_contractions,
        widen,
        passes.hoist,
        passes.settle,
        passes.optimise,
    ],
)
def test_a_pass_that_changes_nothing_returns_its_argument(one):
    p = program(lambda b, x, y: [b.exp(x) + y], (3,), (3,))
    assert one(p) is p


def test_share_equal():
    p = program(lambda b, x: [b.exp(x) + b.exp(x)], (3,))
    assert body(passes.drop_dead(passes.share_equal(p))) == ["%1 = exp %0", "%2 = add %1 %1", "return %2"]


def test_drop_dead_keeps_inputs_and_updates():
    def function(b, x, y):
        b.sin(x)
        b.update(y, b.neg(y))
        return []

    assert str(passes.drop_dead(program(function, (3,), (3,)))).split("\n") == [
        "%0 = input number=0 : float32[3]",
        "%1 = input number=1 : float32[3]",
        "%2 = neg %1 : float32[3]",
        "update %1 = %2",
        "return",
    ]


def test_fold_constants():
    p = program(lambda b, x: [x * (b.constant(2.0, "float32") * 3.0)], ())
    assert body(passes.drop_dead(passes.fold_constants(p))) == [
        "%1 = constant value=6.0",
        "%2 = mul %0 %1",
        "return %2",
    ]


def test_a_value_without_elements_is_a_constant():
    p = program(lambda b, x, y: [b.contract(x, y)], (0, 3), (3, 4))
    assert body(passes.drop_dead(passes.fold_constants(p))) == [
        "%2 = constant value=0.0",
        "%3 = broadcast %2 shape=(0, 4) axes=()",
        "return %3",
    ]


def test_division_of_constants_by_zero_is_left_to_run_time():
    p = program(lambda b: [b.floor_div(b.constant(1, "int32"), b.constant(0, "int32"))])
    assert passes.fold_constants(p) is p


@pytest.mark.parametrize(
    "function, expected",
    [
        (lambda b, x: [x * 1.0], ["return %0"]),
        (lambda b, x: [x - 0.0], ["return %0"]),
        (lambda b, x: [b.neg(b.neg(x))], ["return %0"]),
        (lambda b, x: [b.pow(x, 2.0)], ["%1 = mul %0 %0", "return %1"]),
        (lambda b, x: [b.pow(x, 0.5)], ["%1 = sqrt %0", "return %1"]),
        (lambda b, x: [b.reshape(b.reshape(x, (6,)), (2, 3))], ["return %0"]),
        (lambda b, x: [b.transpose(b.transpose(x, (1, 0)), (1, 0))], ["return %0"]),
        (lambda b, x: [b.reshape(b.reshape(x, (6,)), (3, 2))], ["%1 = reshape %0 shape=(3, 2)", "return %1"]),
        (lambda b, x: [b.select(b.gt(x, 0.0), x, x)], ["return %0"]),
        (lambda b, x: [1.0 * x + 0.0], ["return %0"]),
        (lambda b, x: [b.copy(x) / 1.0], ["return %0"]),
        (lambda b, x: [b.pow(x, 3.0)], ["%1 = mul %0 %0", "%2 = mul %1 %0", "return %2"]),
        (
            lambda b, x: [x / 4.0],
            ["%1 = constant value=0.25", "%2 = broadcast %1 shape=(2, 3) axes=()", "%3 = mul %0 %2", "return %3"],
        ),
        (lambda b, x: [b.slice(x, (0, 0), (2, 3))], ["return %0"]),
        (lambda b, x: [b.cast(x, "float32")], ["return %0"]),
        (
            lambda b, x: [b.transpose(b.reshape(x, (1, 2, 3)), (1, 0, 2))],
            ["%1 = reshape %0 shape=(1, 2, 3)", "%2 = reshape %1 shape=(2, 1, 3)", "return %2"],
        ),
        (
            lambda b, x: [b.broadcast_to(b.broadcast_to(x, (4, 2, 3)), (5, 4, 2, 3))],
            ["%1 = broadcast %0 shape=(5, 4, 2, 3) axes=(2, 3)", "return %1"],
        ),
    ],
)
def test_simplify(function, expected):
    assert body(passes.drop_dead(passes.simplify(program(function, (2, 3))))) == expected


def test_a_reversal_of_all_axes_is_not_taken_for_the_value_itself():
    p = program(lambda b, x: [b.reverse(x, [0, 1])], (2, 3))
    assert passes.simplify(p) is p


def test_a_transposed_operand_is_a_flag_of_the_contraction():
    p = program(lambda b, x, y: [b.contract(x, b.transpose(y, (1, 0)))], (2, 3), (4, 3))
    assert body(passes.drop_dead(passes.simplify(p))) == [
        "%2 = contract %0 %1 transpose_x=False transpose_y=True",
        "return %2",
    ]


def test_a_contraction_writes_its_result_in_the_order_in_which_it_is_read():
    def function(b, x, y):
        return [b.transpose(b.contract(x, y), (0, 2, 1, 3))]

    p = program(function, (2, 3, 4, 5), (2, 3, 5, 6))
    assert body(passes.drop_dead(passes.order_contractions(p))) == [
        "%2 = contract %0 %1 transpose_x=False transpose_y=False order=(0, 2, 1, 3)",
        "return %2",
    ]


def test_a_transposed_product_is_a_product_of_transposed_operands():
    p = program(lambda b, x, y: [b.transpose(b.contract(x, y), (1, 0))], (2, 3), (3, 4))
    assert body(passes.drop_dead(passes.order_contractions(p))) == [
        "%2 = contract %1 %0 transpose_x=True transpose_y=True",
        "return %2",
    ]


def test_a_contraction_that_is_also_read_as_it_is_keeps_its_order():
    def function(b, x, y):
        z = b.contract(x, y)
        return [z, b.transpose(z, (1, 0))]

    p = program(function, (2, 3), (3, 4))
    assert passes.order_contractions(p) is p


def test_contractions_take_strided_operands_and_one_copy_of_others():
    def function(b, x, table, indices, w, v):
        heads = b.transpose(b.reshape(x, (4, 3, 2, 5)), (0, 2, 1, 3))
        rows = b.gather(table, indices)
        return [b.contract(heads, heads, transpose_y=True), b.contract(rows, w), b.contract(rows, v)]

    shapes = [Spec((4, 3, 10), FLOAT), Spec((7, 6), FLOAT), Spec((9,), np.dtype(np.int32))]
    p = trace(function, [*shapes, Spec((6, 2), FLOAT), Spec((6, 2), FLOAT)])
    copied = [p.operands for p in passes.settle(p).instructions if p.op == "copy"]
    (gather,) = (at for at, i in enumerate(passes.settle(p).instructions) if i.op == "gather")
    assert copied == [(gather,)]


def test_what_does_not_change_in_a_loop_is_computed_before_it():
    def function(b, x, w):
        return b.while_loop(
            lambda b, x, w: b.lt(b.reduce_sum(x), 9.0), lambda b, x, w: x * b.exp(w) + b.reduce_sum(w), [x], [w]
        )

    p = passes.hoist(program(function, (3,), (3,)))
    (loop,) = (i for i in p.instructions if i.op == "while_loop")
    assert [i.op for i in p.instructions if i.op in ("exp", "reduce_sum")] == ["exp", "reduce_sum"]
    assert [i.op for i in loop["body"].instructions if i.op != "input"] == ["mul", "broadcast", "add"]
    assert passes.hoist(p) is p


def test_what_may_fail_stays_in_its_loop():
    def function(b, n, at, w):
        def turn(b, n, x, at, w):
            return n - 1, x + b.gather(w, at) + b.gather(w, b.constant(2)) + b.cast(b.floor_div(at, at), np.float32)

        return b.while_loop(lambda b, n, *rest: b.gt(n, 0), turn, [n, b.constant(0.0, np.float32)], [at, w])

    b = Builder()
    n, at, w = b.input((), "int64"), b.input((), "int64"), b.input((3,), "float32")
    (loop,) = (i for i in passes.hoist(b.program(function(b, n, at, w))).instructions if i.op == "while_loop")
    assert [i.op for i in loop["body"].instructions if i.op in ("gather", "floor_div")] == ["gather", "floor_div"]


def test_the_first_largest_element_is_found_by_reductions():
    p = program(lambda b, x: [b.argmax(x, 0)], (3,))
    assert [i.op for i in passes.drop_dead(passes.simplify(p)).instructions if i.op.startswith(("arg", "reduce"))] == [
        "reduce_max",
        "reduce_min",
    ]


def test_16_bit_floats_are_widened_for_each_operation():
    p = program(lambda b, x: [b.exp(x) + x], (3,), dtype=np.float16)
    assert str(widen(p)).split("\n")[1:] == [
        "%1 = cast %0 dtype=float32 : float32[3]",
        "%2 = exp %1 : float32[3]",
        "%3 = cast %2 dtype=float16 : float16[3]",
        "%4 = cast %3 dtype=float32 : float32[3]",
        "%5 = cast %0 dtype=float32 : float32[3]",
        "%6 = add %4 %5 : float32[3]",
        "%7 = cast %6 dtype=float16 : float16[3]",
        "return %7",
    ]


def test_a_gather_reads_a_table_and_no_broadcast():
    """Its indices were not checked: equal rows are read without them."""

    def function(b, x, indices):
        return [b.exp(b.gather(b.reshape(b.broadcast_to(x, (5, 2, 2)), (10, 2)), indices))]

    p = trace(function, [Spec((2,), FLOAT), Spec((3,), np.dtype(np.int64))])
    assert body(passes.drop_dead(passes.settle(p))) == [
        "%2 = broadcast %0 shape=(5, 2, 2) axes=(2,)",
        "%3 = copy %2",
        "%4 = reshape %3 shape=(10, 2)",
        "%5 = gather %4 %1 axis=0 batch_dims=0",
        "%6 = exp %5",
        "return %6",
    ]


def test_settle_copies_what_has_no_memory_of_its_own():
    p = program(lambda b, x: [b.transpose(x, (1, 0)), x], (2, 3))
    assert body(passes.settle(p)) == [
        "%1 = transpose %0 permutation=(1, 0)",
        "%2 = copy %1",
        "%3 = copy %0",
        "return %2 %3",
    ]


def groups(p):
    p = passes.optimise(p)
    return [" ".join(p.instructions[m].op for m in g.members) for g in fuse(p)]


def test_fusion_of_softmax():
    assert groups(program(lambda b, x: [b.softmax(x)], (5, 7))) == ["reduce_max sub exp reduce_sum div mul"]


def test_fusion_of_values_that_share_operands_only_through_a_third():
    def function(b, x, y):
        return [b.exp(x), b.log(y), b.exp(x) * b.log(y)]

    assert groups(program(function, (4, 4), (4, 4))) == ["exp log mul"]


def test_what_is_read_in_another_place_is_not_fused():
    def function(b, x):
        y = b.exp(x)
        return [y + b.transpose(y, (1, 0))]

    assert groups(program(function, (4, 4))) == ["exp", "add"]


def test_a_value_needed_by_a_contraction_between_is_not_fused_across_it():
    def function(b, x):
        y = b.exp(x)
        return [y * b.contract(y, x)]

    assert groups(program(function, (4, 4))) == ["exp", "contract mul"]


def test_who_computes_parts_of_an_array_stores_them_there():
    def function(b, stack, i, x):
        return [b.write(stack, i, b.concat([b.exp(x), x * 2.0], 1))]

    specs = [Spec((5, 4, 6), FLOAT), Spec((), np.dtype(np.int64)), Spec((4, 3), FLOAT)]
    assert groups(trace(function, specs)) == ["exp mul concat write"]


def test_a_row_is_written_by_others_where_the_same_array_is_read():
    def function(b, stack, i, x):
        return [b.write(stack, i, b.gather(stack, i - 1) + b.exp(x))]

    specs = [Spec((5, 4), FLOAT), Spec((), np.dtype(np.int64)), Spec((4,), FLOAT)]
    assert groups(trace(function, specs))[-1] == "write"


def test_a_mask_is_made_where_it_is_applied():
    def function(b, x, w):
        h = b.maximum(b.contract(x, w), 0.0)
        return [b.contract(b.contract(h, w), w) * b.cast(b.gt(h, 0.0), "float32")]

    found = groups(program(function, (4, 4), (4, 4)))
    assert found == ["contract maximum", "contract", "contract gt cast mul"]


def test_what_is_dear_stays_where_it_was_computed():
    def function(b, x, w):
        h = b.maximum(b.contract(x, w), 0.0)
        return [b.contract(b.contract(h, w), w) * b.exp(h)]

    assert groups(program(function, (4, 4), (4, 4))) == ["contract maximum exp", "contract", "contract mul"]


def test_sums_of_what_follows_a_contraction_leave_it_its_epilogue():
    def function(b, x, w, y):
        dz = b.contract(x, w) * y
        return [b.reduce_sum(dz, [0]) * 2.0, b.contract(dz, w)]

    assert sorted(groups(program(function, (20, 20), (20, 20), (20, 20)))) == [
        "contract",
        "contract mul",
        "reduce_sum mul",
    ]


def test_reductions_over_other_axes_are_groups_of_their_own():
    assert groups(program(lambda b, x: [b.reduce_sum(b.reduce_max(x, [1]))], (5, 7))) == ["reduce_max", "reduce_sum"]


def test_writers_of_variables_run_after_their_readers():
    def function(b, x, w):
        y = b.contract(x, w)
        b.update(w, w * 0.5)
        return [b.contract(y, w)]

    p = passes.optimise(program(function, (4, 4), (4, 4)))
    order = [p.instructions[g.members[0]].op for g in fuse(p)]
    assert order == ["contract", "contract", "mul"]


def looked_up(b, table, indices, w, dy):
    """The product of rows, seen time first, with a matrix, and the gradient to that."""
    x = b.reshape(b.transpose(b.gather(table, indices), (1, 0, 2)), (600, 64))
    return [b.contract(x, w), b.contract(x, dy, transpose_x=True)]


def looked_up_arrays(rows):
    rng = np.random.default_rng(0)
    shapes = (rows, 64), (64, 8), (600, 8)
    table, w, dy = (rng.standard_normal(s).astype(np.float32) for s in shapes)
    table[1] = np.nan
    return table, rng.integers(2, rows, (20, 30)), w, dy


def test_rows_of_a_small_table_are_multiplied_before_they_are_looked_up():
    def function(b, table, indices, w):
        return [b.contract(b.gather(table, indices), w)]

    p = trace(function, [Spec((10, 64), FLOAT), Spec((600,), np.dtype(np.int64)), Spec((64, 8), FLOAT)])
    assert body(passes.drop_dead(compute_rows_once(p))) == [
        "%3 = contract %0 %2 transpose_x=False transpose_y=False",
        "%4 = gather %3 %1 axis=0 batch_dims=0",
        "return %4",
    ]


@pytest.mark.parametrize("rows", [10, 590])
def test_a_looked_up_row_is_multiplied_once(rows):
    arrays = looked_up_arrays(rows)
    p = passes.optimise(trace(looked_up, [Spec(a.shape, a.dtype) for a in arrays]))
    shapes = [p.instructions[o].shape for i in p.instructions if i.op == "contract" for o in i.operands[:1]]
    assert shapes == ([(10, 64)] * 2 if rows == 10 else [(600, 64)] * 2)


def recurrence(b, table, indices, w, bias, dy):
    """States after rows of a product with looked-up rows, taken one after the other, and sums of gradients."""
    x = b.reshape(b.transpose(b.gather(table, indices), (1, 0, 2)), (600, 64))
    z = b.reshape(b.contract(x, w), (30, 20, 8)) + bias
    zero = b.full((20, 8), 0, FLOAT)
    states, _ = scan(b, lambda b, rows, states, _: ([b.tanh(rows[0] + states[0])], []), 30, [z], [zero], [], [])
    total = b.reduce_sum(b.reshape(dy, (20, 30, 8)), (0, 1))
    return [*states, total, b.segment_sum(dy, b.reshape(indices, (600,)), 10)]


def recurrence_arrays():
    table, indices, w, dy = looked_up_arrays(10)
    return table, indices, w, np.arange(8, dtype=np.float32), dy


def test_what_is_the_same_for_looked_up_rows_is_added_once_and_loops_look_up():
    p = passes.optimise(trace(recurrence, [Spec(a.shape, a.dtype) for a in recurrence_arrays()]))
    assert [i.shape for i in p.instructions if i.op == "add"] == [(10, 8)]
    (loop,) = (i for i in p.instructions if i.op == "while_loop")
    assert [p.instructions[o].shape for o in loop.operands[2:]] == [(10, 8), (30, 20)]


def test_a_loop_that_reads_looked_up_rows_looks_them_up():
    def function(b, table, indices):
        x, zero = b.gather(table, indices), b.full((4,), 0, FLOAT)
        return scan(b, lambda b, rows, states, _: ([rows[0] + states[0]], []), 6, [x], [zero], [], [])[0]

    p = trace(function, [Spec((9, 4), FLOAT), Spec((6,), np.dtype(np.int64))])
    changed = passes.drop_dead(passes.look_up_in_loops(p))
    (loop,) = (i for i in changed.instructions if i.op == "while_loop")
    assert body(loop["body"]) == [
        "%4 = gather %2 %0 axis=0 batch_dims=0 in_range=True",
        "%5 = gather %3 %4 axis=0 batch_dims=0 in_range=True",
        "%6 = add %5 %1",
        "%7 = constant value=1",
        "%8 = add %0 %7",
        "return %8 %6",
    ]
    # the indices that it gets are checked before
    assert [changed.instructions[o].op for o in loop.operands[2:]] == ["input", "gather"]


def test_a_loop_that_multiplies_rows_has_them_in_memory():
    def function(b, table, indices, w):
        x = b.gather(table, indices)
        zero = b.full((20, 8), 0, FLOAT)
        return scan(b, lambda b, rows, states, same: ([b.contract(rows[0], same[0])], []), 30, [x], [zero], [w], [])[0]

    p = passes.optimise(
        trace(function, [Spec((40, 8), FLOAT), Spec((30, 20), np.dtype(np.int32)), Spec((8, 8), FLOAT)])
    )
    (loop,) = (i for i in p.instructions if i.op == "while_loop")
    assert (30, 20, 8) in [p.instructions[o].shape for o in loop.operands]


def test_sums_of_rows_that_are_added_to_fewer():
    def function(b, dy, indices):
        return [b.reduce_sum(dy, (0,)), b.segment_sum(dy, indices, 3)]

    p = trace(function, [Spec((8, 4), FLOAT), Spec((8,), np.dtype(np.int64))])
    assert body(passes.drop_dead(passes.sum_rows_once(p))) == [
        "%2 = constant value=0.0",
        "%3 = broadcast %2 shape=(3, 4) axes=()",
        "%4 = scatter_add %3 %1 %0",
        "%5 = reduce_sum %4 axes=(0,)",
        "return %5 %4",
    ]
    few = trace(function, [Spec((5, 4), FLOAT), Spec((5,), np.dtype(np.int64))])
    assert passes.sum_rows_once(few) is few  # nothing would be saved


def test_rows_that_are_added_to_fewer_are_summed_up_there():
    p = passes.optimise(trace(recurrence, [Spec(a.shape, a.dtype) for a in recurrence_arrays()]))
    assert [p.instructions[i.operands[0]].op for i in p.instructions if i.op == "reduce_sum"] == ["scatter_add"]


def test_values_that_live_together_do_not_overlap():
    rng = np.random.default_rng(0)
    sizes = {v: int(rng.integers(1, 1000)) for v in range(30)}
    uses = [list(rng.choice(30, 3)) for _ in range(40)]
    offsets, total = plan_arena(sizes, uses)
    alive = {v: [n for n, used in enumerate(uses) if v in used] for v in offsets}
    for v in offsets:
        assert offsets[v] % ALIGNMENT == 0
        assert offsets[v] + sizes[v] <= total
        for w in offsets:
            if v < w and alive[v][0] <= alive[w][-1] and alive[w][0] <= alive[v][-1]:
                assert offsets[v] + sizes[v] <= offsets[w] or offsets[w] + sizes[w] <= offsets[v]
