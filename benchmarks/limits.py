"""Kernels of the six models' training steps as shares of what the machine can do: `python -m benchmarks.limits [model ...]`.

Contractions are measured against the FLOP/s of a large sgemm, the others against the bandwidth of a copy that all cores make, before
each model; all figures are the best of several. Printed are the kernels that miss 80 % and 70 % and take at least a hundredth of the step, with
their share of the roofline: of the rate that FLOP/s and bandwidth allow a kernel that reads and writes as many bytes once. A contraction whose
share of a copy is the larger one cannot reach 80 % of a sgemm unless its operands are in the caches.

A chain is several kernels that run slice by slice, such as the products of an attention and its softmax, or a gradient and its optimizer.
Its time is dealt to them in proportion to what they would take at the two limits, so all of a chain have the same share of their limit.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

import tenfold as tf
from benchmarks import models
from benchmarks.engines import table
from benchmarks.kernels import LARGE_OPERATIONS, large_product
from benchmarks.measure import shortest
from tenfold.compiler.explain import Report

GOALS = {"contraction": 0.8, "element-wise": 0.7}


def copy_bandwidth(nbytes: int = 1 << 27) -> float:
    """Bytes that all cores together read and write in a second when they copy a large array."""
    parts = len(os.sched_getaffinity(0))
    source, target = (np.zeros((parts, nbytes // parts), np.uint8) for _ in range(2))
    with ThreadPoolExecutor(parts) as threads:
        return 2 * nbytes / shortest(lambda: list(threads.map(np.copyto, target, source)))


def kind_of(kernel: Report) -> str:
    """Contractions and loops, which hold contractions too, by name; all else goes through its elements."""
    if "while_loop" in kernel.fused:
        return "loop"
    return "contraction" if "contract" in kernel.fused or "convolution" in kernel.fused else "element-wise"


def links(kernel: Report, flops: float, bandwidth: float) -> list[Report]:
    """The kernels of a chain, with their parts of its time; the kernel itself if it is none."""
    if not kernel.links:
        return [kernel]
    least = [
        link.operations / flops if kind_of(link) == "contraction" else link.bytes / bandwidth for link in kernel.links
    ]
    return [
        replace(link, seconds=kernel.seconds * each / sum(least))
        for link, each in zip(kernel.links, least, strict=True)
    ]


def main(names: list[str]) -> None:
    makers = models.tensorflow_models(tf, tf.function)
    summary, misses = [], []
    for name in names or models.NAMES:
        step = makers[name]().step
        step()
        flops, bandwidth = LARGE_OPERATIONS / shortest(large_product()), copy_bandwidth()
        runs = [step.explain().kernels for _ in range(3)]
        kernels = [
            min(same, key=lambda k: k.seconds) for same in zip(*runs, strict=True) if isinstance(same[0], Report)
        ]
        seconds = sum(kernel.seconds for kernel in kernels)
        kernels = [link for kernel in kernels for link in links(kernel, flops, bandwidth)]
        time_of = dict.fromkeys(("contraction", "element-wise", "loop"), 0.0)
        reached = dict.fromkeys(GOALS, 0.0)
        for kernel in kernels:
            kind, share = kind_of(kernel), kernel.seconds / seconds
            time_of[kind] += share
            if kind == "loop":
                continue
            compute, memory = kernel.operations / kernel.seconds / flops, kernel.bytes / kernel.seconds / bandwidth
            if (compute if kind == "contraction" else memory) >= GOALS[kind]:
                reached[kind] += share
            elif share >= 0.01:
                what = kernel.fused if len(kernel.fused) < 60 else kernel.fused[:60] + " ..."
                misses.append(
                    (f"{name}: {kernel.shape} {what}", f"{1e6 * kernel.seconds:,.0f}",
                     *(f"{part:.0%}" for part in (share, compute, memory, max(compute, memory))))
                )  # fmt: skip
        kinds = [f"{reached[kind]:.0%} of {time_of[kind]:.0%}" for kind in GOALS]
        limits = (f"{flops / 1e9:.0f}", f"{bandwidth / 1e9:.1f}")
        summary.append((name, f"{1e6 * seconds:,.0f}", *limits, *kinds, f"{time_of['loop']:.0%}"))
    table(
        ("step", "us", "sgemm GFLOP/s", "copy GB/s", "contractions >= 80 %", "element-wise >= 70 %", "native loops"),
        summary,
    )
    table(("kernel that misses", "us", "of the step", "of sgemm", "of copy", "of roofline"), misses)


if __name__ == "__main__":
    main(sys.argv[1:])
