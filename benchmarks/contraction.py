"""Kernels of matrix products and convolutions beside NumPy's matmul: `python -m benchmarks.contraction [--rounds N]`.

Figures are GFLOP/s, the best and the median of all rounds, in which the candidates take turns; NumPy's matmul runs with as many threads
as the kernels. One thread is timed by the thread's own clock, two by the wall clock: only on a machine that is otherwise idle do they
mean anything. For convolutions the ratio is to NumPy's matmul of 512 x 512 matrices.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from math import prod

PRODUCTS = [
    # A, B, transpose A, transpose B
    *(((size, size), (size, size), False, False) for size in (8, 16, 32, 64, 128, 256, 512, 1024, 2048)),
    ((512, 512), (512, 512), True, False),
    ((512, 512), (512, 512), False, True),
    ((50, 784), (784, 100), False, False),
    ((50, 784), (50, 100), True, False),
    ((50, 100), (784, 100), False, True),
    ((50, 100), (100, 10), False, False),
    ((50, 256), (256, 1024), False, False),
    ((50, 1024), (256, 1024), False, True),
    ((50, 256), (50, 1024), True, False),
    ((4096, 128), (128, 128), False, False),
    ((4096, 128), (4096, 128), True, False),
    ((128, 128, 32), (128, 128, 32), False, True),
    ((128, 128, 128), (128, 128, 32), False, False),
    ((1, 784), (784, 100), False, False),
    ((1, 1024), (256, 1024), False, True),
]
CONVOLUTIONS = {
    # images, size, channels, taps, filters, stride, padding before and after
    "5x5 1->32, 28": (50, 28, 1, 5, 32, 1, (2, 2)),
    "5x5 32->64, 14": (50, 14, 32, 5, 64, 1, (2, 2)),
    "7x7 3->64, 224, stride 2": (4, 224, 3, 7, 64, 2, (2, 3)),
    "1x1 64->256, 56": (4, 56, 64, 1, 256, 1, (0, 0)),
    "3x3 64->64, 56": (4, 56, 64, 3, 64, 1, (1, 1)),
    "3x3 128->128, 56, stride 2": (4, 56, 128, 3, 128, 2, (0, 1)),
    "3x3 128->128, 28": (4, 28, 128, 3, 128, 1, (1, 1)),
    "1x1 1024->256, 14": (4, 14, 1024, 1, 256, 1, (0, 0)),
    "3x3 256->256, 14": (4, 14, 256, 3, 256, 1, (1, 1)),
    "3x3 512->512, 7": (4, 7, 512, 3, 512, 1, (1, 1)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, help="only this number; each number in a process of its own if left out")
    args = parser.parse_args()
    if args.threads:
        measure(args.threads, args.rounds)
        return
    for threads in (1, 2):
        environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
        environment["OPENBLAS_NUM_THREADS"] = str(threads)
        command = [
            sys.executable,
            "-m",
            "benchmarks.contraction",
            "--threads",
            str(threads),
            "--rounds",
            str(args.rounds),
        ]
        subprocess.run(command, check=True, env=environment)


def measure(threads: int, rounds: int) -> None:
    """Prints the table for one number of threads."""
    import numpy as np

    import tenfold as tf
    from tenfold.compiler.contraction import Contraction, emit
    from tenfold.compiler.conv import Convolution, emit_filter_gradient, emit_forward, emit_input_gradient

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    rng = np.random.default_rng(0)
    square = rng.random((512, 512), "f")
    square_out = np.empty_like(square)
    print(f"\n{threads} thread(s), GFLOP/s: best and median, ratio of the medians (compile time of ours)")
    print(f"{'matrix product':45}{'Tenfold':>14}{'NumPy':>14}{'ratio':>8}")
    for a_shape, b_shape, transpose_a, transpose_b in PRODUCTS:
        a, b = rng.random(a_shape, "f"), rng.random(b_shape, "f")
        left, right = (x.swapaxes(-1, -2) if t else x for x, t in ((a, transpose_a), (b, transpose_b)))
        c = left @ right
        spec = Contraction.matmul(a_shape, b_shape, transpose_a, transpose_b)
        ours, compile_ms = runner(lambda module, spec=spec: emit(module, spec, "f"), a, b, np.empty_like(c), threads)
        theirs = lambda left=left, right=right, c=c: np.matmul(left, right, out=c)  # noqa: E731
        name = f"{a_shape}{'T' if transpose_a else ''} x {b_shape}{'T' if transpose_b else ''}"
        report(name, 2e-9 * c.size * spec.k, 2e-9 * c.size * spec.k, ours, theirs, threads, rounds, compile_ms)
    print(f"{'convolution':45}{'Tenfold':>14}{'512 x 512':>14}{'ratio':>8}")
    for name, (images, size, channels, taps, filters, stride, padding) in CONVOLUTIONS.items():
        conv = Convolution(
            images, (size, size), channels, (taps, taps), filters, (stride, stride), padding=(padding, padding)
        )
        x, w, y = (
            rng.random(shape, "f")
            for shape in (
                (images, size, size, channels),
                (taps, taps, channels, filters),
                (images, *conv.outputs, filters),
            )
        )
        flops = 2e-9 * y.size * prod(conv.taps) * channels
        theirs = lambda: np.matmul(square, square, out=square_out)  # noqa: E731
        for kind, make, operands in (
            ("forward", emit_forward, (x, w, y)),
            ("to input", emit_input_gradient, (y, w, x)),
            ("to filter", emit_filter_gradient, (x, y, w)),
        ):
            a, b, c = operands
            ours, compile_ms = runner(
                lambda module, conv=conv, make=make: make(module, conv, "f"), a, b, np.empty_like(c), threads
            )
            report(f"{name}, {kind}", flops, 2e-9 * 512**3, ours, theirs, threads, rounds, compile_ms)


def runner(emit_kernel: Callable, a, b, c, threads: int) -> tuple[Callable[[], None], float]:
    """A function that runs a kernel, and the milliseconds that it took to compile."""
    import numpy as np

    from tenfold.compiler import codegen, loader
    from tenfold.compiler.functions import Module
    from tenfold.compiler.pool import parallel_for_address

    parallel_for = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * 2)(parallel_for_address())
    start = time.thread_time()
    module = Module()
    kernel = emit_kernel(module)
    code = loader.load(loader.packed(codegen.object_files([str(module)])))
    compile_ms = 1e3 * (time.thread_time() - start)
    phases = [(code.address(p.function.name), p.tiles) for p in kernel.phases]
    workspace = np.empty(kernel.workspace_bytes + 64, np.uint8)
    place = workspace.ctypes.data + -workspace.ctypes.data % 64
    pointers = (ctypes.c_void_p * 4)(*(array.ctypes.data for array in (a, b, c)), place)
    table = ctypes.addressof(pointers)

    def run(keep=(code, workspace, pointers, a, b, c)) -> None:
        for address, tiles in phases:
            parallel_for(address, table, tiles, 1)

    return run, compile_ms


def report(name, flops, other_flops, ours, theirs, threads, rounds, compile_ms) -> None:
    """Runs both in turn and prints a line."""
    clock = time.thread_time if threads == 1 else time.perf_counter
    calls = max(3, min(200, int(0.5 / flops)))
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for run, found in zip((ours, theirs), times, strict=True):
            if threads > 1:
                time.sleep(0.05)  # the other's workers stop spinning
            run()
            for _ in range(calls):
                start = clock()
                run()
                found.append(clock() - start)
    (best, median), (other_best, other_median) = (
        (f / min(t), f / statistics.median(t)) for t, f in zip(times, (flops, other_flops), strict=True)
    )
    print(
        f"{name:45}{best:7.0f}{median:7.0f}{other_best:7.0f}{other_median:7.0f}{median / other_median:8.2f}   ({compile_ms:.0f} ms)"
    )


if __name__ == "__main__":
    main()
