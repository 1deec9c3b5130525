import sys
from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("llvmlite", reason="kernels are machine code made by llvmlite")
from tenfold.compiler.contraction import Contraction, emit  # noqa: E402
from tenfold.compiler.functions import Module, const  # noqa: E402
from tenfold.compiler.isa import host_isa, isa_of  # noqa: E402
from tenfold.compiler.plan import Plan  # noqa: E402
from tenfold.compiler.vectors import Vectors, element_type  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
from native_kernels import ISAS, run  # noqa: E402


def operands(shape_a, shape_b, transpose_a, transpose_b, dtype, seed=0):
    rng = np.random.default_rng(seed)

    def draw(shape, is_transposed):
        shape = (*shape[:-2], shape[-1], shape[-2]) if is_transposed else shape
        values = rng.integers(-50, 50, shape) if np.dtype(dtype).kind in "iu" else rng.standard_normal(shape)
        return values.astype(dtype)

    return draw(shape_a, transpose_a), draw(shape_b, transpose_b)


def exact(a, b, transpose_a, transpose_b):
    wide = np.float64 if a.dtype.kind == "f" else a.dtype
    a, b = (x.astype(wide).swapaxes(-1, -2) if t else x.astype(wide) for x, t in ((a, transpose_a), (b, transpose_b)))
    return a @ b, np.abs(a).astype(float) @ np.abs(b).astype(float)


def assert_product(c, expected, scale):
    """Within a few roundings of the sum of the terms' magnitudes."""
    if c.dtype.kind != "f":
        np.testing.assert_array_equal(c, expected)
        return
    assert c.shape == expected.shape
    assert (np.abs(c - expected) <= 8 * np.finfo(c.dtype).eps * scale + 1e-30).all()


def check(
    shape_a, shape_b, transpose_a=False, transpose_b=False, dtype="float32", isa=None, splits=None, accumulates=False
):
    a, b = operands(shape_a, shape_b, transpose_a, transpose_b, dtype)
    expected, scale = exact(a, b, transpose_a, transpose_b)
    before = np.full(expected.shape, 3, dtype)
    module = Module()
    spec = Contraction.matmul(a.shape, b.shape, transpose_a, transpose_b, dtype, accumulates)
    kernel = emit(module, spec, "f", isa=isa)
    c = run(module, kernel, a, b, before, splits=splits)
    assert_product(c, expected + before if accumulates else expected, scale + 3)
    return c


TRANSPOSES = [(False, False), (False, True), (True, False), (True, True)]
SIZES = [0, 1, 2, 3, 5, 7, 8, 13, 16, 17, 31, 32, 33, 47, 64, 67, 100, 129]


def random_case(seed):
    rng = np.random.default_rng(seed)
    m, n, k = (int(rng.choice(SIZES)) for _ in range(3))
    return m, n, k, TRANSPOSES[rng.integers(4)], list(ISAS)[rng.integers(4)], ["float32", "float64"][rng.integers(2)]


@pytest.mark.parametrize("seed", range(50))
def test_random_sizes(seed):
    m, n, k, (transpose_a, transpose_b), isa, dtype = random_case(seed)
    check((m, k), (k, n), transpose_a, transpose_b, dtype, ISAS[isa], splits=1 + seed % 3, accumulates=seed % 5 == 0)


@pytest.mark.parametrize(("transpose_a", "transpose_b"), TRANSPOSES)
@pytest.mark.parametrize(
    "size", [(70, 150, 512), (129, 130, 256), (33, 257, 1100), (20, 36, 4100), (150, 200, 2100), (50, 100, 785)]
)
def test_sizes_that_are_packed_and_cut(size, transpose_a, transpose_b):
    m, n, k = size
    check((m, k), (k, n), transpose_a, transpose_b)


@pytest.mark.parametrize(("transpose_a", "transpose_b"), TRANSPOSES)
@pytest.mark.parametrize("size", [(1, 100, 300), (1, 1, 1000), (300, 1, 77), (8, 20, 65), (3, 50, 16), (2, 9, 5)])
def test_vectors_and_few_rows(size, transpose_a, transpose_b):
    m, n, k = size
    check((m, k), (k, n), transpose_a, transpose_b, isa=ISAS["sse2" if m % 2 else "avx512"])


@pytest.mark.parametrize(("transpose_a", "transpose_b"), [(False, True), (True, False)])
@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((3,), (3,)),
        ((3,), ()),
        ((), (3,)),
        ((4, 1), (2,)),
        ((2, 1, 3), (5, 1)),
        ((70,), (70,)),
        ((0,), (0,)),
        ((1, 6), (6,)),
    ],
)
def test_batches_are_broadcast(a, b, transpose_a, transpose_b):
    check((*a, 9, 20), (*b, 20, 21), transpose_a, transpose_b)


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint32"])
def test_integers_wrap_around(dtype):
    check((19, 70), (70, 37), False, True, dtype)
    check((3, 70), (70, 5), False, True, dtype)


@pytest.mark.parametrize("k", [6, 130])
@pytest.mark.parametrize("heads", [3, 8])
def test_heads_are_read_and_written_by_strides(heads, k):
    """x (batch, time, head, k) by y (batch, other time, head, k), from the second row of memory on, to (batch, time, head, other time)."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((3, 20, heads, k), "f"), rng.standard_normal((3, 70, heads, k), "f")
    spec = Contraction(
        20, 70, k,
        a_strides=(heads * k, 1),
        b_strides=(1, heads * k),
        batch=(2, heads),
        a_batch_strides=(20 * heads * k, k),
        b_batch_strides=(70 * heads * k, k),
        c_rows=(20 * heads, 1, heads),
        a_start=20 * heads * k,
        b_start=70 * heads * k,
    )  # fmt: skip
    module = Module()
    kernel = emit(module, spec, "f")
    c = run(module, kernel, x, y, np.zeros((2, 20, heads, 70), "f"), splits=2)
    np.testing.assert_allclose(c, np.einsum("bthk,bshk->bths", x[1:], y[1:]), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("is_transposed", [False, True])
def test_weighted_heads_that_do_not_fit_into_the_cache_are_fetched_and_packed(is_transposed):
    """Many small products of A (batch, head, time, other time), or of its transpose, by the heads of y (batch, other time, head, k)."""
    rng = np.random.default_rng(0)
    a, y = rng.standard_normal((5, 4, 70, 70), "f"), rng.standard_normal((5, 70, 4, 20), "f")
    spec = Contraction(
        70, 20, 70,
        a_strides=(1, 70) if is_transposed else (70, 1),
        b_strides=(80, 1),
        batch=(5, 4),
        a_batch_strides=(4 * 70 * 70, 70 * 70),
        b_batch_strides=(70 * 80, 20),
        c_rows=(280, 1, 4),
    )  # fmt: skip
    module = Module()
    kernel = emit(module, spec, "f", isa=replace(ISAS["avx512"], l2_bytes=1 << 18))
    assert "llvm.prefetch" in str(module)
    c = run(module, kernel, a, y, np.zeros((5, 70, 4, 20), "f"), splits=3)
    expected = np.einsum("bhst,bshk->bthk" if is_transposed else "bhts,bshk->bthk", a, y)
    np.testing.assert_allclose(c, expected, rtol=1e-4, atol=1e-4)


def test_strided_operands():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((40, 6), "f"), rng.standard_normal((12, 50), "f")
    spec = Contraction(m=20, n=25, k=6, a_strides=(12, 1), b_strides=(100, 2))
    module = Module()
    kernel = emit(module, spec, "f")
    c = run(module, kernel, a, b, np.zeros((20, 25), "f"))
    np.testing.assert_allclose(c, a[::2] @ b[::2, ::2], rtol=1e-5, atol=1e-5)


def test_rows_of_c_apart():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((20, 6), "f"), rng.standard_normal((6, 25), "f")
    module = Module()
    spec = Contraction(m=20, n=25, k=6, a_strides=(6, 1), b_strides=(25, 1), c_stride=40)
    c = run(module, emit(module, spec, "f"), a, b, np.full((20, 40), 9, "f"))
    np.testing.assert_allclose(c[:, :25], a @ b, rtol=1e-5, atol=1e-5)
    assert (c[:, 25:] == 9).all()


def bias_relu_scaled(done):
    """max(value + bias[column], 0) * scale[row] + residual, the residual of C's shape with 37 columns."""
    b = done.builder
    bias, scale, residual = done.arguments
    value = b.fadd(done.value, done.load(bias, done.column))
    zero = done.vectors.zero()
    value = b.select(b.value(f"<{done.vectors.lanes} x i1>", f"fcmp ogt {value}, {zero.text}"), value, zero)
    factor = done.vectors.splat(b, done.vectors.load_one(b, done.vectors.at(b, scale, done.row)))
    place = b.add(b.mul(done.row, const(37)), done.column)
    return b.fadd(b.value(value.type, f"fmul {value}, {factor.text}"), done.load(residual, place))


@pytest.mark.parametrize("isa", list(ISAS))
@pytest.mark.parametrize(
    ("batch", "m", "k", "transpose_b"),
    [(2, 30, 50, False), (2, 3, 8, True), (1, 30, 2200, False), (1, 150, 2200, False), (3, 1, 40, True)],
)
def test_epilogue(isa, batch, m, k, transpose_b):
    """The sums of 2200 terms are cut: the epilogue runs after the last part."""
    a, b = operands((batch, m, k), (k, 37), False, transpose_b, "float32")
    rng = np.random.default_rng(1)
    bias, scale, residual = (rng.standard_normal(s, "f") for s in (37, batch * m, (batch, m, 37)))
    module = Module()
    spec = Contraction.matmul(a.shape, b.shape, False, transpose_b)
    kernel = emit(module, spec, "f", epilogue=bias_relu_scaled, arguments=3, isa=ISAS[isa])
    c = run(module, kernel, a, b, np.zeros((batch, m, 37), "f"), bias, scale, residual)
    product, _ = exact(a, b, False, transpose_b)
    expected = np.maximum(product + bias, 0) * scale.reshape(batch, m, 1) + residual
    np.testing.assert_allclose(c, expected, rtol=1e-4, atol=1e-3)


def test_epilogue_that_stores_itself_leaves_c_alone():
    def negated_elsewhere(done):
        value = done.builder.value(done.value.type, f"fneg {done.value}")
        place = done.builder.add(done.builder.mul(done.row, const(20)), done.column)
        done.store(value, done.arguments[0], place)

    a, b = operands((10, 12), (12, 20), False, False, "float32")
    other = np.zeros((10, 20), "f")
    module = Module()
    kernel = emit(module, Contraction.matmul(a.shape, b.shape), "f", epilogue=negated_elsewhere, arguments=1)
    c = run(module, kernel, a, b, np.full((10, 20), 5, "f"), other)
    assert (c == 5).all()


@pytest.mark.parametrize("shape", [(200, 300, 100), (20, 36, 4100), (50, 100, 785), (64, 64, 64), (20, 1030, 4097)])
def test_results_do_not_depend_on_how_tiles_are_grouped(shape):
    m, n, k = shape
    results = [check((m, k), (k, n), splits=splits) for splits in (1, 2, 5, 1000, None)]
    assert all(np.array_equal(results[0], other) for other in results[1:])


def test_nan_of_unused_workspace_does_not_spread():
    """The workspace holds NaN at first, and parts of packed panels stay as they were."""
    c = check((40, 30), (30, 33), transpose_b=True)
    assert np.isfinite(c).all()


def test_empty_sum_is_zero():
    assert not check((5, 0), (0, 7)).any()


def test_inner_sizes_that_differ():
    with pytest.raises(ValueError, match="inner sizes differ: 4 and 5"):
        Contraction.matmul((3, 4), (5, 6))


def test_dtype_without_kernel():
    with pytest.raises(TypeError, match="complex64"):
        element_type("complex64")


@pytest.mark.parametrize("shape", [(8, 8, 8), (256, 256, 256), (50, 784, 100), (2048, 2048, 2048)])
def test_work_is_cut_into_tiles_that_are_worth_it(shape):
    m, n, k = shape
    plan = Plan(Contraction.matmul((m, k), (k, n)), Vectors(host_isa(), "float32"))
    assert 1 <= plan.tiles <= max(1, prod(shape) >> 16)
    assert plan.tiles <= 64


def test_products_share_the_transposition_of_blocks():
    module = Module()
    for name in ("f", "g"):
        emit(module, Contraction.matmul((60, 64), (100, 64), transpose_b=True), name)
    assert [name for name, function in module.functions.items() if function.is_shared] == [
        f"transpose.float32x{Vectors(host_isa(), 'float32').lanes}"
    ]


def test_code_for_another_processor():
    """No instruction of x86 is taken for granted: multiply-adds become those of aarch64."""
    llvm = pytest.importorskip("llvmlite.binding", reason="kernels are machine code made by llvmlite")
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    triple = "aarch64-unknown-linux-gnu"
    try:
        target = llvm.Target.from_triple(triple)
    except RuntimeError:
        pytest.skip("this llvmlite generates code for its own processor only")
    module = Module()
    emit(module, Contraction.matmul((50, 784), (100, 784), transpose_b=True), "f", isa=isa_of("aarch64", {}))
    parsed = llvm.parse_assembly(str(module))
    parsed.triple = triple
    assert target.create_target_machine(opt=2).emit_assembly(parsed).count("fmla") >= 20


@pytest.mark.parametrize(("transpose_a", "transpose_b"), TRANSPOSES)
@pytest.mark.parametrize(
    "size", [(40, 1024, 700), (50, 1024, 2100), (82, 550, 700), (13, 700, 1000), (33, 4099, 257), (8, 1030, 1100)]
)
def test_few_rows_meet_a_large_second_operand(size, transpose_a, transpose_b):
    """A cache that B does not fit into: B is packed part by part, unless it is kept packed; sums do not depend on threads."""
    m, n, k = size
    isa = replace(ISAS["avx512" if m % 2 else "sse2"], l2_bytes=1 << 20)
    a, b = operands((m, k), (k, n), transpose_a, transpose_b, "float32")
    expected, scale = exact(a, b, transpose_a, transpose_b)
    spec = Contraction.matmul(a.shape, b.shape, transpose_a, transpose_b)
    results = []
    for packs_ahead, splits in ((False, 3), (False, 1), (True, 2)):
        module = Module()
        kernel = emit(module, replace(spec, packs_ahead=packs_ahead), "f", isa=isa)
        results.append(run(module, kernel, a, b, np.zeros((m, n), "f"), splits=splits))
        assert_product(results[-1], expected, scale)
    np.testing.assert_array_equal(results[1], results[0])
