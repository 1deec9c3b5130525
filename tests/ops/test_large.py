"""Large ops run as machine code in eager code: what comes out is what comes out of the NumPy kernels."""

import subprocess
import sys

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.config import settings
from tenfold.core.op import REGISTRY
from tenfold.core.tensor import wrap
from tenfold.ops.large import BLOCK, BlockKernel, LargeKernel
from tenfold.ops.layer_norm import LAYER_NORM, LAYER_NORM_GRAD
from tenfold.ops.segment import SUM_ROWS
from tenfold.ops.softmax import SOFTMAX_GRAD
from tests.golden.compare import TOLERANCE
from tests.ops.samples import every_sample
from tests.ops.test_by_rule import Function

dir(tf.raw_ops)  # all files of ops are imported by that
SAMPLES = every_sample()
KERNELS = {name: op.kernel for name, op in REGISTRY.items() if isinstance(op.kernel, LargeKernel)}


IN_BLOCKS = [name for name, op in REGISTRY.items() if isinstance(op.kernel, BlockKernel)]
LARGE = (BLOCK // 100 + 13, 5, 21)


@pytest.fixture
def all_is_large(monkeypatch):
    for kernel in KERNELS.values():
        monkeypatch.setattr(kernel, "is_large", lambda *arrays, **attrs: True)


def on_numpy(monkeypatch, function, *args):
    with monkeypatch.context() as m:
        m.setattr(settings, "compiles", False)
        return function(*args)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def assert_close(found, expected):
    if isinstance(expected, type) or isinstance(found, type):
        assert found is expected
        return
    for y, z in zip(found, expected, strict=True):
        assert (y is None) == (z is None)
        if z is None:
            continue
        assert y.dtype == z.dtype and y.shape == z.shape
        tolerance = TOLERANCE.get(z.dtype.name, 0)
        largest = float(np.abs(z[np.isfinite(z)]).max(initial=1)) if tolerance else 1
        np.testing.assert_allclose(y, z, rtol=tolerance, atol=tolerance * largest)


def results(function, arrays):
    """What comes out, or the class of the error."""
    try:
        return [y.numpy() for y in function(*map(wrap, arrays))]
    except (tf.errors.OpError, ValueError, TypeError) as error:
        return type(error)


@pytest.mark.parametrize("name", KERNELS)
def test_samples_are_the_same_on_both_sides(name, all_is_large, monkeypatch):
    for sample in SAMPLES[name]:
        function = Function(name, sample, tf.float32, all_arrays=True)
        arrays = [np.asfortranarray(x) for x in function.arrays]
        assert_close(results(function, arrays), on_numpy(monkeypatch, results, function, arrays))
    assert any(KERNELS[name].programs.values())


def with_special_values(x):
    x = x.copy()
    places = x.reshape(-1)[:: x.size // 7 + 1]
    places[:] = np.resize(np.array([np.nan, np.inf, -np.inf, 0, -0.0], x.dtype), len(places))
    return x


# The shapes of two operands: alike, a number for each of the last columns, for each of the first rows, a single one
SHAPES = [
    (LARGE, LARGE),
    (LARGE, LARGE[1:]),
    (LARGE[2:], LARGE),
    (LARGE, (*LARGE[:2], 1)),
    ((), LARGE),
    (LARGE, (1, 1, 1)),
]


@pytest.mark.parametrize("name", IN_BLOCKS)
def test_elements_are_the_same_on_both_sides(name):
    kernel = REGISTRY[name].kernel
    for shapes in SHAPES if len(REGISTRY[name].inputs) == 2 else [(LARGE,)]:
        arrays = [with_special_values(normal(*shape, seed=len(shape))) for shape in shapes]
        with np.errstate(all="ignore"):
            assert_close([kernel(*arrays)], [kernel.numpy(*arrays)])
    assert any(kernel.programs.values())


def test_elements_do_not_depend_on_where_they_stand():
    """Also not where the last block overlaps the one before, or where the axes have another order in memory."""
    x = normal(*LARGE)
    y = tf.nn.sigmoid(x).numpy()
    np.testing.assert_array_equal(tf.nn.sigmoid(np.concatenate([x, x[:77]])).numpy()[: len(x)], y)
    np.testing.assert_array_equal(tf.nn.sigmoid(tf.transpose(x, (1, 2, 0))).numpy(), y.transpose(1, 2, 0))


def test_operands_that_broadcast_otherwise_run_on_numpy():
    x, y = normal(BLOCK // 8, 4, 8), normal(BLOCK // 8, 1, 8, seed=1)
    np.testing.assert_array_equal(tf.multiply(x, y), x * y)
    np.testing.assert_array_equal(tf.multiply(y[:, :, :1], x[:1]), y[:, :, :1] * x[:1])
    z = np.broadcast_to(normal(8), x.shape)
    np.testing.assert_array_equal(tf.add(x, z), x + z)
    np.testing.assert_array_equal(tf.add(z, tf.constant(z)), z + z)


def test_large_integers_and_narrow_floats():
    x = np.arange(BLOCK + 3, dtype=np.int32)
    np.testing.assert_array_equal(tf.multiply(x, x), x * x)
    half = tf.cast(x % 7, tf.bfloat16)
    assert tf.reduce_all(half + half == tf.cast(x % 7 * 2, tf.bfloat16))
    with pytest.raises(tf.errors.InvalidArgumentError, match="Incompatible|broadcast"):
        tf.add(normal(BLOCK, 2), normal(3))


def convolution_step(x, w):
    x, w = tf.constant(x), tf.constant(w)
    with tf.GradientTape():  # which sees the gradient, so that it is made op by op
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            y = tf.nn.max_pool2d(tf.nn.conv2d(x, w, 1, "SAME"), 2, 2, "VALID")
        return [y.numpy(), *[d.numpy() for d in tape.gradient(y, [x, w])]]


def test_large_convolutions_are_compiled_and_small_ones_are_not(monkeypatch):
    def count():
        return sum(len(KERNELS[name].programs) for name in ("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"))

    before = count()
    convolution_step(normal(1, 6, 6, 3), normal(3, 3, 3, 4))
    assert count() == before
    x, w = normal(9, 30, 31, 8), normal(3, 3, 8, 21, seed=1)
    assert_close(convolution_step(x, w), on_numpy(monkeypatch, convolution_step, x, w))
    assert count() == before + 3


def test_transposed_and_repeated_operands_are_read_where_they_are():
    x = normal(16, 40, 40, 4).transpose(0, 2, 1, 3)
    dy = np.broadcast_to(normal(1, 20, 20, 1), (16, 20, 20, 4))
    attrs = {"ksize": (1, 2, 2, 1), "strides": (1, 2, 2, 1), "padding": "VALID"}
    y = tf.nn.max_pool2d(x, 2, 2, "VALID")
    grad = tf.raw_ops.MaxPoolGrad
    found = grad(orig_input=x, orig_output=y, grad=dy, **attrs).numpy()
    expected = grad(orig_input=x.copy(), orig_output=y, grad=dy.copy(), **attrs).numpy()
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_allclose(found.sum((1, 2)), dy.sum((1, 2)), rtol=1e-5)


def test_bad_operands_raise_the_errors_of_small_ones():
    with pytest.raises(tf.errors.InvalidArgumentError, match="depth"):
        tf.nn.conv2d(normal(64, 32, 32, 8), normal(5, 5, 7, 16), 1, "SAME")
    with pytest.raises(tf.errors.InvalidArgumentError, match="strides"):
        tf.raw_ops.Conv2D(input=normal(64, 32, 32, 8), filter=normal(5, 5, 8, 16), strides=(1, 1, 1), padding="SAME")


def test_arrays_of_ever_new_shapes_stop_being_compiled(monkeypatch):
    monkeypatch.setattr("tenfold.ops.large.MOST_PROGRAMS", 2)
    kernel = KERNELS["MaxPool"]
    monkeypatch.setattr(kernel, "programs", {})
    for width in (300, 302, 304, 306):
        x = normal(1, 250, width, 1)
        y = tf.nn.max_pool2d(x, 2, 2, "VALID").numpy()
        np.testing.assert_array_equal(y[0, :, :, 0], x.reshape(125, 2, width // 2, 2).max((1, 3)))
    assert len(kernel.programs) == 2


@pytest.mark.parametrize("size", [4095, 4096, 7001, 70000])
def test_slow_functions_of_middle_sizes_are_the_same_on_both_sides(size, monkeypatch):
    def function(x):
        return [tf.math.erf(x).numpy(), tf.math.erfc(x).numpy()]

    x = 3 * normal(size)
    assert_close(function(x), on_numpy(monkeypatch, function, x))


def test_cross_entropies_of_ever_new_sizes_soon_stop_being_compiled(monkeypatch):
    monkeypatch.setattr("tenfold.ops.large._FEW_PROGRAMS", 2)
    kernel = KERNELS["SparseSoftmaxCrossEntropyWithLogits"]
    monkeypatch.setattr(kernel, "programs", {})
    monkeypatch.setattr(kernel, "contiguous", {})
    for rows in (30, 31, 32, 33):
        logits, labels = normal(rows, 10), np.arange(rows) % 10
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits).numpy()
        powers = np.exp(logits.astype(np.float64))
        share = powers[np.arange(rows), labels] / powers.sum(1)
        np.testing.assert_allclose(loss, -np.log(share), rtol=1e-5)
    assert len(kernel.programs) == 2


PROGRAM = """
import hashlib, numpy as np
from tests.ops.test_large import convolution_step, normal
found = convolution_step(normal(9, 30, 31, 8), normal(3, 3, 8, 21, seed=1))
print(hashlib.sha256(b"".join(x.tobytes() for x in found)).hexdigest())
"""


def test_two_processes_come_to_the_same_bits():
    runs = [
        subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True) for _ in range(2)
    ]
    assert runs[0].stdout == runs[1].stdout


@pytest.mark.parametrize("layer", [tf.keras.layers.LSTM, tf.keras.layers.GRU, tf.keras.layers.SimpleRNN])
@pytest.mark.parametrize("is_masked", [False, True])
def test_recurrent_layers_are_the_same_on_both_sides(layer, is_masked, monkeypatch):
    layer = layer(48, return_sequences=True)
    mask = np.random.default_rng(1).random((37, 160)) < 0.8 if is_masked else None

    def step(x):
        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, mask=mask)
            loss = tf.reduce_mean(tf.square(y))
        return [y.numpy(), *[np.array(d) for d in tape.gradient(loss, [x, *layer.trainable_variables])]]

    monkeypatch.setattr("tenfold.ops.recurrent._LARGE", 1 << 17)
    x = normal(37, 160, 5)
    compiled = step(x)
    assert_close(compiled, on_numpy(monkeypatch, step, x))
    assert any(np.any(a != b) for a, b in zip(compiled, on_numpy(monkeypatch, step, x), strict=True))


def test_einsum_of_transposed_operands_is_the_same_on_both_sides(monkeypatch):
    def attention(q, k, v):
        q, k, v = (tf.transpose(tf.constant(x), (0, 2, 1, 3)) for x in (q, k, v))
        with tf.GradientTape() as tape:
            tape.watch([q, k, v])
            weights = tf.nn.softmax(tf.einsum("abnz,aBnz->anbB", q, k))
            y = tf.einsum("anbB,aBnz->abnz", weights, v)
        return [y.numpy(), *[d.numpy() for d in tape.gradient(y, [q, k, v], tf.broadcast_to(y[:, :, :1], y.shape))]]

    operands = [normal(5, 3, 90, 24, seed=n) for n in range(3)]
    monkeypatch.setattr("tenfold.ops.einsum._LARGE", 1 << 18)
    assert_close(attention(*operands), on_numpy(monkeypatch, attention, *operands))


def second_order(function, *arrays):
    """The results of a function, their gradients, and the gradients of these."""
    operands = [tf.constant(x) for x in arrays]
    with tf.GradientTape() as outer:
        outer.watch(operands)
        with tf.GradientTape() as inner:
            inner.watch(operands)
            y = function(*operands)
            loss = tf.reduce_mean(tf.sin(y) * y)
        gradients = inner.gradient(loss, operands)
        total = tf.add_n([tf.reduce_mean(d * d) for d in gradients])
    return [x.numpy() for x in [y, *gradients, *outer.gradient(total, operands)]]


@pytest.mark.parametrize("axis", [-1, [1, 2]])
def test_normalized_layers_are_the_same_on_both_sides(axis, monkeypatch):
    layer = tf.keras.layers.LayerNormalization(axis=axis)
    x, (y,) = normal(50, 40, 40), normal(1, 50, 40, 40, seed=1)
    layer(x)

    def step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(x) * y)
        return [loss.numpy(), *[d.numpy() for d in tape.gradient(loss, layer.trainable_variables)]]

    assert_close(second_order(layer, x), on_numpy(monkeypatch, second_order, layer, x))
    assert_close(step(x), on_numpy(monkeypatch, step, x))
    assert any(LAYER_NORM.kernel.programs.values()) and any(LAYER_NORM_GRAD.kernel.programs.values())


def test_gradients_of_softmax_are_the_same_on_both_sides(monkeypatch):
    x = normal(50, 40, 40)
    for operand in (x, x.transpose(0, 2, 1)):
        assert_close(second_order(tf.nn.softmax, operand), on_numpy(monkeypatch, second_order, tf.nn.softmax, operand))
    assert any(SOFTMAX_GRAD.kernel.programs.values())


def test_gradients_of_embeddings_are_summed_the_same_on_both_sides(monkeypatch):
    ids = np.random.default_rng(0).integers(0, 50, (40, 60))
    dy = tf.constant(normal(40, 60, 32))

    def step():
        table = tf.Variable(normal(50, 32, seed=1))
        adam = tf.keras.optimizers.Adam(0.1)
        for _ in range(3):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(tf.gather(table, ids) * dy)
            adam.apply_gradients([(tape.gradient(loss, table), table)])
        return [table.numpy()]

    assert_close(step(), on_numpy(monkeypatch, step))
    assert any(SUM_ROWS.kernel.programs.values())


@pytest.mark.parametrize("is_transposed", [False, True])
def test_many_matrices_by_a_single_one(monkeypatch, is_transposed):
    def step(x, w):
        x, w = tf.constant(x), tf.constant(w)
        with tf.GradientTape():  # which sees the gradient, so that it is made op by op
            with tf.GradientTape() as tape:
                tape.watch([x, w])
                y = tf.matmul(x, w, transpose_b=is_transposed)
            return [y.numpy(), *[d.numpy() for d in tape.gradient(y, [x, w])]]

    kernel = KERNELS["BatchMatMulV2"]
    step(normal(3, 2, 4), normal(4, 4))
    before = len(kernel.programs)
    x, w = normal(8, 40, 64), normal(*((80, 64) if is_transposed else (64, 80)), seed=1)
    assert_close(step(x, w), on_numpy(monkeypatch, step, x, w))
    assert len(kernel.programs) == before + 2  # forward, and the gradient of x
