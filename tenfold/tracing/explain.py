"""What a traced function runs: its kernels, what was fused into each, and how long each takes, as text and as a page."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tenfold.compiler.explain import Report, profile
from tenfold.core.symbol import Symbol, hint_of
from tenfold.graph.graph import Graph
from tenfold.graph.native import Segment, compiled
from tenfold.graph.node import Node, Step, needed
from tenfold.graph.run import Program, all_inputs, specialized
from tenfold.graph.segment_counts import Rest

_PAGE = """<!doctype html><meta charset="utf-8"><title>{title}</title>
<style>body{{font:14px sans-serif;margin:2em;max-width:75em}}table{{border-collapse:collapse;width:100%}}
td,th{{padding:.3em .6em;text-align:right;border-bottom:1px solid #ddd;vertical-align:top}}td.t,th.t{{text-align:left}}
tr.host td{{background:#fff4e0}}.bar{{background:#4a7db8;height:.8em;min-width:1px}}</style>
<h1>{title}</h1><p>{summary}</p>
<table><tr><th class="t">kernel<th class="t">result<th>us<th>share<th class="t"><th>GFLOP/s<th>KiB moved<th>GB/s</tr>
{rows}</table>"""


@dataclass(frozen=True)
class Explanation:
    """The kernels of a function in the order in which they run; print it, or `save` it as a page.

    Attributes:
      name: of the function.
      kernels: a `compiler.explain.Report` for each kernel of machine code; the name of each op or step that runs on NumPy or
        in Python.
      arena_bytes: memory for values between kernels.
    """

    name: str
    kernels: tuple[Report | str, ...]
    arena_bytes: int

    @property
    def seconds(self) -> float:
        """The time of all kernels of machine code."""
        return sum(k.seconds for k in self.kernels if isinstance(k, Report))

    def _summary(self) -> str:
        native = [k for k in self.kernels if isinstance(k, Report)]
        host = len(self.kernels) - len(native)
        parts = [f"{len(native)} kernels of machine code, {1e6 * self.seconds:,.1f} us"]
        if host:
            parts.append(f"{host} steps on NumPy or in Python between them, not timed")
        return "; ".join([*parts, f"arena {self.arena_bytes / 1024:,.0f} KiB"])

    def __str__(self) -> str:
        lines = [
            f"{self.name}: {self._summary()}",
            "       us  share   GFLOP/s      KiB     GB/s  result and what was fused",
        ]
        for kernel in self.kernels:
            if isinstance(kernel, str):
                lines.append(f"        -      -         -        -        -  on the host: {kernel}")
            else:
                share, flops, speed = self._rates(kernel)
                lines.append(
                    f"{1e6 * kernel.seconds:9.1f} {share:6.1%} {flops:9.1f} {kernel.bytes / 1024:8.1f} {speed:8.1f}  {kernel.shape}: {kernel.fused}{_where(kernel)}"
                )
        return "\n".join(lines)

    def _rates(self, kernel: Report) -> tuple[float, float, float]:
        """Share of the whole time, GFLOP/s and GB/s."""
        return (
            kernel.seconds / self.seconds,
            kernel.operations / kernel.seconds / 1e9,
            kernel.bytes / kernel.seconds / 1e9,
        )

    def _repr_html_(self) -> str:
        rows = []
        for kernel in self.kernels:
            if isinstance(kernel, str):
                name = html.escape(kernel)
                rows.append(
                    f'<tr class="host"><td class="t">on the host: {name}<td class="t"><td>-<td>-<td><td>-<td>-<td>-</tr>'
                )
                continue
            share, flops, speed = self._rates(kernel)
            rows.append(
                f'<tr><td class="t">{html.escape(kernel.fused)}{_where(kernel)}<td class="t">{html.escape(kernel.shape)}'
                f'<td>{1e6 * kernel.seconds:,.1f}<td>{share:.1%}<td class="t"><div class="bar" style="width:{100 * share:.1f}px"></div>'
                f"<td>{flops:,.1f}<td>{kernel.bytes / 1024:,.1f}<td>{speed:,.1f}</tr>"
            )
        return _PAGE.format(title=html.escape(self.name), summary=html.escape(self._summary()), rows="\n".join(rows))

    def save(self, path: str) -> None:
        """Writes a page that needs nothing else."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self._repr_html_())


def _where(kernel: Report) -> str:
    return " (parallel)" if kernel.is_parallel else ""


def explain(graph: Graph, arrays: Sequence[np.ndarray] = ()) -> Explanation:
    """Runs each segment of a graph on copies of its variables, with clocks between the kernels.

    Args:
      graph: what to explain; sizes must be known.
      arrays: what stands for the arguments; ones by default.
    """
    given = {symbol: array for symbol, array in zip(graph.inputs, arrays, strict=False)}
    kernels: list[Report | str] = []
    arena_bytes = 0
    runs = compiled(graph)
    for node in runs.nodes:
        if isinstance(node.op, Step) and isinstance(node.op.run, Rest):
            rest = explain(*_specialized(node, runs, given))
            kernels += rest.kernels
            arena_bytes = max(arena_bytes, rest.arena_bytes)
        elif not isinstance(node.op, Segment):
            if node.op.name != "ReadVariableOp":
                kernels.append(node.op.name)
        else:
            arguments = [
                _sample(x, given) if isinstance(x, Symbol) else x._value._array.copy() for x in node.op.arguments
            ]
            kernels += profile(node.op.executable.program, arguments)
            arena_bytes = max(arena_bytes, node.op.executable.arena_bytes)
    return Explanation(graph.name, tuple(kernels), arena_bytes)


def _specialized(rest: Node, graph: Graph, given: dict[Symbol, np.ndarray]) -> tuple[Graph, list[np.ndarray]]:
    """The graph of a `Rest` for the numbers of rows that there are with these arguments, and what it takes; made up, where finding it out
    would have effects.
    """
    run: Rest = rest.op.run  # type: ignore[union-attr, assignment]
    before = Graph(graph.name)
    before.inputs, before.outputs = all_inputs(graph), list(rest.inputs)
    before.nodes = needed(rest.inputs, graph.nodes, with_effects=False)
    samples = [_sample(x, given) for x in before.inputs]
    has_effects = any(node.has_effects and not _only_reads(node) for node in before.nodes)
    arrays = [_sample(x, given) for x in run.graph.inputs] if has_effects else Program(before)(*samples)
    return specialized(run.graph, arrays, run.num_known), arrays


def _only_reads(node: Node) -> bool:
    return isinstance(node.op, Segment) and not node.op.written


def _sample(symbol: Symbol, given: dict[Symbol, np.ndarray]) -> np.ndarray:
    """An array for an argument of a segment: its own, or one of values that every index and label may have."""
    if symbol in given:
        return given[symbol]
    shape = hint_of(symbol.shape)
    return np.zeros(shape, symbol.dtype) if symbol.dtype.kind in "iub" else np.ones(shape, symbol.dtype)
