"""What compiled programs reach, beside NumPy: calls, element-wise kernels against the copy bandwidth, a training step.

Run: python -m benchmarks.compiler
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.measure import shortest
from tenfold.compiler.builder import Builder, Value
from tenfold.compiler.executable import compile
from tenfold.compiler.explain import profile


def timed_compile(program):
    start = time.perf_counter()
    executable = compile(program)
    return executable, time.perf_counter() - start


def small_call():
    b = Builder()
    x, y = b.input((8, 8), "float32"), b.input((8, 8), "float32")
    add = compile(b.program([x + y]))
    arrays = [np.ones((8, 8), np.float32) for _ in range(2)]
    print(
        f"x + y on 8x8: {1e6 * shortest(lambda: add(*arrays)):.2f} us, NumPy {1e6 * shortest(lambda: np.add(*arrays)):.2f} us"
    )


def elementwise(n=1 << 24):
    x, y = (np.random.default_rng(i).standard_normal(n).astype(np.float32) for i in range(2))
    target = np.empty_like(x)
    copied = 2 * x.nbytes / shortest(lambda: np.copyto(target, x))
    print(f"copy, NumPy: {copied / 1e9:.1f} GB/s")

    def adam(b, x, m, v, g):
        m1, v1 = m * 0.9 + g * 0.1, v * 0.999 + b.square(g) * 0.001
        for variable, value in ((x, x - m1 * 0.001 / (b.sqrt(v1) + 1e-7)), (m, m1), (v, v1)):
            b.update(variable, value)

    cases = {
        "x * 0.5 + y, in place": (2, 3, lambda b, x, y: b.update(x, x * 0.5 + y)),
        "gelu, in place": (1, 2, lambda b, x: b.update(x, 0.5 * x * (1.0 + b.erf(x * 0.7071)))),
        "sum": (1, 1, lambda b, x: [b.reduce_sum(x)]),
        "softmax of rows of 1024": (
            1,
            2,
            lambda b, x: b.update(x, b.reshape(b.softmax(b.reshape(x, (-(-n // 1024), 1024))), (n,))),
        ),
        "Adam": (4, 7, adam),
    }
    for name, (inputs, moved, write) in cases.items():
        b = Builder()
        outputs = write(b, *(b.input((n,), "float32") for _ in range(inputs))) or []
        executable, _ = timed_compile(b.program(outputs))
        arrays = [np.abs(x) if i % 2 else x.copy() for i in range(inputs)]
        speed = moved * x.nbytes / shortest(lambda run=executable, a=arrays: run(*a), repeat=5)
        print(f"{name}: {speed / 1e9:.1f} GB/s, {speed / copied:.0%} of copy")


def mlp_program(batch=50, sizes=(784, 100, 10)):
    """Forward, backward and Adam of a dense network with ReLU and cross-entropy."""
    b = Builder()
    x, labels = b.input((batch, sizes[0]), "float32"), b.input((batch,), "int64")
    step = b.input((), "float32")
    layers = []
    for n, m in zip(sizes, sizes[1:], strict=False):
        layers.append([b.input((n, m), "float32"), b.input((m,), "float32")])
    moments = [[[b.input(p.shape, "float32") for _ in range(2)] for p in layer] for layer in layers]
    activations, h = [], x
    for i, (w, bias) in enumerate(layers):
        activations.append(h)
        z = b.contract(h, w) + bias
        h = b.maximum(z, 0.0) if i < len(layers) - 1 else z
    shifted = h - b.reduce_max(h, [1], keepdims=True)
    log_sum = b.log(b.reduce_sum(b.exp(shifted), [1], keepdims=True))
    one_hot = b.cast(b.eq(b.iota(h.shape, 1, "int64"), b.reshape(labels, (batch, 1))), "float32")
    loss = b.reduce_mean(b.reduce_sum((log_sum - shifted) * one_hot, [1]))
    dz: Value = (b.exp(shifted - log_sum) - one_hot) * (1.0 / batch)
    b.update(step, step + 1.0)
    rate = (
        0.001
        * b.sqrt(1.0 - b.pow(b.convert(0.999, "float32"), step + 1.0))
        / (1.0 - b.pow(b.convert(0.9, "float32"), step + 1.0))
    )
    for i in reversed(range(len(layers))):
        w, bias = layers[i]
        gradients = [b.contract(activations[i], dz, transpose_x=True), b.reduce_sum(dz, [0])]
        if i:
            dh = b.contract(dz, w, transpose_y=True)
            dz = b.select(b.gt(activations[i], 0.0), dh, 0.0)
        for p, g, (m, v) in zip((w, bias), gradients, moments[i], strict=True):
            m1, v1 = m + (g - m) * 0.1, v + (b.square(g) - v) * 0.001
            for variable, value in ((p, p - rate * m1 / (b.sqrt(v1) + 1e-7)), (m, m1), (v, v1)):
                b.update(variable, value)
    return b.program([loss])


def mlp():
    program = mlp_program()
    executable, compile_seconds = timed_compile(program)
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(s.shape).astype(s.dtype) * 0.05 for s in program.input_specs]
    arrays[0], arrays[1] = rng.random((50, 784), np.float32), rng.integers(0, 10, 50)
    arrays[2] = np.zeros((), np.float32)
    arrays = [
        np.abs(a).astype(s.dtype) if i > 6 else a
        for i, (a, s) in enumerate(zip(arrays, program.input_specs, strict=True))
    ]
    losses = [executable(*arrays)[0].item() for _ in range(100)]
    print(
        f"MLP 784-100-10, batch 50, Adam step: {1e6 * shortest(lambda: executable(*arrays)):.0f} us; compiled in {1e3 * compile_seconds:.0f} ms"
    )
    print(
        f"  loss {losses[0]:.3f} to {losses[-1]:.3f} in 100 steps; {len(executable.steps)} kernels, arena {executable.arena_bytes} bytes"
    )
    for report in profile(program, arrays, 200):
        print(f"  {report}")


if __name__ == "__main__":
    small_call()
    mlp()
    elementwise()
