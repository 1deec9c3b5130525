"""`python -m tenfold compile FOLDER`: stores the machine code of a SavedModel's functions beside it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tenfold.compiler import loader
from tenfold.compiler.executable import code_of
from tenfold.compiler.program import NotLowered, StackSpec
from tenfold.core.symbol import Symbol
from tenfold.graph.native import Segment, compiled
from tenfold.graph.rows import has_independent_rows
from tenfold.graph.run import all_inputs, specialized
from tenfold.saved_model.compiled import Stored, Writer, shaped
from tenfold.saved_model.loading import traces
from tenfold.saved_model.restored import StoredTrace


def compile_functions(folder: str, batch_sizes: Sequence[int]) -> Iterator[str]:
    """Stores the functions of a SavedModel for some numbers of rows; yields a line of text for each.

    Args:
      folder: of the SavedModel.
      batch_sizes: what unknown first sizes of arguments become.
    Raises:
      NotImplementedError: code can be stored on Linux on x86-64 only.
      OSError, ValueError: there is no SavedModel, or it is damaged.
    """
    if not loader.HAS_IMAGES:
        raise NotImplementedError("machine code can be stored on Linux on x86-64 only")
    writer, count = Writer(), 0
    for trace in traces(folder):
        is_stored = False
        sizes = batch_sizes if any(None in _shape(spec)[:1] for spec in trace.specs) else [None]
        for size in sizes:
            shapes = [
                [size if size and n == 0 and s is None else s for n, s in enumerate(_shape(x))] for x in trace.specs
            ]
            what = f"{trace.name} for {', '.join(map(str, map(tuple, shapes))) or 'no tensors'}"
            try:
                stored = _stored(trace, shapes, writer)
            except NotLowered as error:
                yield f"not stored: {what}: {error}"
                continue
            writer.add(stored)
            is_stored = True
            yield f"stored: {what}"
        if is_stored and has_independent_rows(trace.concrete().graph):
            writer.independent.append(trace.name)
        count += is_stored
    if count:
        yield f"wrote {writer.write(folder)}"


def _shape(spec: Any) -> list[int | None]:
    return [] if spec.shape.rank is None else spec.shape.as_list()


def _stored(trace: StoredTrace, shapes: Sequence[Sequence[int | None]], writer: Writer) -> Stored:
    """The code of a trace for certain shapes.

    Raises:
      NotLowered: it is not one native call that only reads.
    """
    sizes = [[size for size in shape if size is not None] for shape in shapes]
    if sizes != shapes or any(spec.shape.rank is None for spec in trace.specs):
        raise NotLowered("sizes beside that of the batch are unknown")
    graph = trace.concrete().graph
    arrays = [np.zeros(size, spec.dtype._np) for size, spec in zip(sizes, trace.specs, strict=True)]
    captured = [graph.tensor_of(x)._array for x, _ in graph.captures]
    known = compiled(specialized(graph, [*arrays, *captured]))
    others = [node.op.name for node in known.nodes if not isinstance(node.op, Segment)]
    if len(known.nodes) != 1 or others:
        raise NotLowered(f"{', '.join(sorted(set(others))) or 'all'} would run on NumPy")
    (node,) = known.nodes
    segment: Segment = node.op  # type: ignore[assignment]
    if segment.written:
        raise NotLowered(f"it writes the variables {[v.name for v in segment.written]}")
    inputs = {x: i for i, x in enumerate(all_inputs(known)[: len(arrays)])}
    places = {id(value): len(arrays) + i for i, value in enumerate(trace.captured)}
    outputs = {x: i for i, x in enumerate(node.outputs)}
    try:
        arguments = [inputs[x] if type(x) is Symbol else places[id(x)] for x in segment.arguments]
        results = [outputs[x] for x in known.outputs]  # type: ignore[index]
    except (LookupError, TypeError):
        raise NotLowered("arguments or constants are results as they are") from None
    program = segment.executable.program
    if any(isinstance(spec, StackSpec) for spec in (*program.input_specs, *program.output_specs)):
        raise NotLowered("what a loop keeps of each turn is an argument or a result")
    entry = code_of(program)
    return Stored(
        trace.name,
        sizes,
        shaped(program.input_specs),
        shaped(program.output_specs),
        arguments,
        results,
        [writer.put_array(constant) for constant in segment.executable.constants],
        writer.put(entry.code),
        entry.arena_bytes,
    )


def main(arguments: Sequence[str]) -> int:
    """Runs the command, and returns the exit code."""
    parser = argparse.ArgumentParser(
        "python -m tenfold compile",
        description="Stores machine code for this processor beside a SavedModel. `tf.saved_model.LoadOptions(compiled=True)` and "
        "`python -m tenfold serve --compiled` use it.",
    )
    parser.add_argument("folder", help="has saved_model.pb")
    parser.add_argument("--batch", default="1", help="numbers of rows, as 1,8 (default: %(default)s)")
    options = parser.parse_args(arguments)
    sizes = options.batch.split(",")
    if not all(size.isdecimal() and int(size) > 0 for size in sizes):
        parser.error(f"--batch is {options.batch!r}; it must be positive numbers with commas between, as 1,8")
    has_stored = False
    try:
        for line in compile_functions(options.folder, sorted({int(size) for size in sizes})):
            print(line)
            has_stored |= line.startswith("wrote")
    except (OSError, ValueError, NotImplementedError) as error:
        print(f"python -m tenfold compile: {error}", file=sys.stderr)
        return 1
    if not has_stored:
        print("python -m tenfold compile: nothing could be stored", file=sys.stderr)
    return 0 if has_stored else 1
