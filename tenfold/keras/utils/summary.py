"""The table that `model.summary()` prints."""

from __future__ import annotations

import math
import re
import shutil
from typing import Any

from tenfold.core import nest
from tenfold.keras.layers.layer import Layer
from tenfold.keras.models import Model, Sequential
from tenfold.keras.tracking import unique


def _size(variables: list) -> tuple[int, int]:
    """Elements and bytes of variables."""
    variables = list(unique(variables))
    counts = [math.prod(v.shape.as_list()) for v in variables]
    return sum(counts), sum(n * v.dtype.size for n, v in zip(counts, variables, strict=True))


def readable_bytes(count: float) -> str:
    """`"1.50 KB"` for 1536."""
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if abs(count) < 1024 or unit == "TB":
            return f"{count:.2f} {unit}"
        count /= 1024
    return ""


def _shape_text(layer: Layer) -> str:
    """The shapes of a layer's outputs, from its last call in a model or from the shape it was built for."""
    if layer._inbound_nodes:
        shapes = [tuple(t.shape) for t in nest.flatten(layer._inbound_nodes[-1].outputs)]
        return _as_text(shapes[0] if len(shapes) == 1 else shapes)
    try:
        if getattr(layer, "_graph", None) is not None:
            shape = layer.output_shape
            return _as_text(tuple(shape) if isinstance(shape, list) else shape)
        if not layer._build_shapes or type(layer).compute_output_shape is Layer.compute_output_shape:
            return "?"
        return _as_text(layer.compute_output_shape(*layer._build_shapes.values()))
    except Exception:  # noqa: BLE001 (a layer that cannot say it is shown with a question mark)
        return "?"


def _as_text(shape: Any) -> str:
    """A shape, or a structure of shapes, as Python prints it, without quotation marks."""
    if isinstance(shape, dict):
        return "{" + ", ".join(f"{key}: {_as_text(item)}" for key, item in shape.items()) + "}"
    if isinstance(shape, list):
        return f"[{', '.join(_as_text(item) for item in shape)}]"
    return (
        shape
        if isinstance(shape, str)
        else f"({', '.join(map(_as_text, shape))})"
        if isinstance(shape, tuple)
        else str(shape)
    )


def _rows(layer: Layer, model: Model, is_graph: bool, expand_nested: bool, level: int = 0) -> list[list[str]]:
    """The cells of a layer, and of those in it."""
    name = f"{'   ' * level + '└ ' if level else ''}{layer.name} ({type(layer).__name__})"
    count = f"{_size(layer.weights)[0]:,}" if layer.built else "0 (unbuilt)"
    row = [name, _shape_text(layer), count]
    if is_graph:
        row.append(_connections(layer, model))
    row.append("-" if not layer.weights else "Y" if layer.trainable else "N")
    rows = [row]
    if expand_nested and isinstance(layer, Model):
        for inner in layer.layers:
            rows.extend(_rows(inner, model, is_graph, True, level + 1))
    return rows


def _branches(model: Model) -> bool:
    """Whether a functional model is more than one layer after the other."""
    if model._graph is None or isinstance(model, Sequential):
        return False
    calls = list(model._graph.depths.values())
    if any(len(nodes) > 1 or len(nodes[0].inputs) > 1 for nodes in calls):
        return True
    return len({id(nodes[0].operation) for nodes in calls}) < len(calls)


def _connections(layer: Layer, model: Model) -> str:
    kept = {id(node) for node in model._graph.nodes}  # type: ignore[union-attr]
    found = []
    for node in layer._inbound_nodes:
        if id(node) in kept:
            for tensor in node.inputs:
                history = tensor._keras_history
                found.append(f"{history.operation.name}[{history.node_index}][{history.tensor_index}]")  # type: ignore[union-attr]
    return ", ".join(found) if found else "-"


def _wrapped(text: str, width: int) -> list[str]:
    """A text in lines no wider than a column; words that are wider are cut."""
    lines, line = [], ""
    for word in re.findall(r"\s*\S+\s*", text):
        if line and len(line) + len(word.rstrip()) > width:
            lines.append(line)
            line = ""
        line += word
    lines = [line.rstrip() for line in (*lines, line)]
    return [line if len(line) <= width else f"{line[: width - 1]}…" for line in lines]


def _fitted(widths: list[int], total: int) -> list[int]:
    """Widths of texts, of the columns that were asked for: borders and spaces around texts take from all alike."""
    widths = [width + 2 for width in widths]
    excess = sum(widths) - (total - len(widths) - 1)
    for i in range(len(widths)):
        part = round(excess / (len(widths) - i)) if excess > 0 else -math.ceil(-excess * widths[i] / sum(widths[i:]))
        widths[i] -= part
        excess -= part
    return [width - 2 for width in widths]


def _shown(layers: list[Layer], layer_range: Any) -> list[Layer]:
    """The layers from one whose name matches the first pattern to one that matches the second."""
    if layer_range is None:
        return layers
    if len(layer_range) != 2 or not all(isinstance(name, str) for name in layer_range):
        raise ValueError(f"layer_range must be two names of layers. Received: {layer_range}")
    first, last = ([i for i, layer in enumerate(layers) if re.match(name, layer.name)] for name in layer_range)
    if not first or not last:
        names = [layer.name for layer in layers]
        raise ValueError(f"layer_range={layer_range} does not match the names of the layers, which are {names}.")
    start, end = (first[0], last[-1]) if first[0] <= last[-1] else (last[0], first[-1])
    return layers[start : end + 1]


def print_summary(
    model: Model,
    line_length: int | None = None,
    positions: Any = None,
    print_fn: Any = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
) -> None:
    """Prints the layers of a model with their output shapes and numbers of parameters.

    Raises:
      ValueError: the width is too small for the table, or `layer_range` matches no layers.
    """
    is_graph = _branches(model)
    header, total = ["Layer (type)", "Output Shape", "Param #"], 88
    positions = positions or ([0.3, 0.56, 0.74, 1.0] if is_graph else [0.45, 0.8, 1.0])
    if is_graph:
        header, total = [*header, "Connected to"], 108
    if show_trainable:
        header, total, positions = [*header, "Trainable"], total + 12, [*(0.9 * p for p in positions), 1.0]
    columns = shutil.get_terminal_size().columns
    total = line_length or min(total, columns - 4)
    ends = [int(total * p) for p in positions]
    widths = [end - start for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    if min(widths) < 4:
        raise ValueError(f"Insufficient console width to print summary: the table has {total} columns.")
    widths = _fitted(widths, total)
    is_functional = model._graph is not None and not isinstance(model, Sequential)
    layers = _shown(model._graph.layers if is_functional else model.layers, layer_range)  # type: ignore[union-attr]
    rows = [row for layer in layers for row in _rows(layer, model, is_graph, expand_nested)]
    if not show_trainable:
        rows = [row[:-1] for row in rows]
    alignment = "<<>" + "<" * is_graph + "^" * show_trainable
    lines = [f'Model: "{model.name}"', _rule("┏", "┳", "┓", "━", widths), _line(header, widths, "┃", alignment)]
    lines.append(_rule("┡", "╇", "┩", "━", widths))
    for i, row in enumerate(rows):
        lines.append(_line(row, widths, "│", alignment))
        if i < len(rows) - 1:
            lines.append(_rule("├", "┼", "┤", "─", widths))
    lines.append(_rule("└", "┴", "┘", "─", widths))
    text = "\n".join(line[:columns] for line in "\n".join([*lines, *_totals(model)]).split("\n"))
    (print_fn or print)(text)


def _totals(model: Model) -> list[str]:
    """The lines below the table: numbers and sizes of the parameters."""
    parts = {"Trainable": model.trainable_weights, "Non-trainable": model.non_trainable_weights}
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None and optimizer.built:
        parts["Optimizer"] = optimizer.variables
    sizes = {what: _size(variables) for what, variables in parts.items()}
    count, size = (sum(pair[i] for pair in sizes.values()) for i in range(2))
    lines = [f" Total params: {count:,} ({readable_bytes(size)})"]
    return lines + [f" {what} params: {n:,} ({readable_bytes(size)})" for what, (n, size) in sizes.items()]


def _rule(left: str, middle: str, right: str, dash: str, widths: list[int]) -> str:
    return left + middle.join(dash * (w + 2) for w in widths) + right


def _line(cells: list[str], widths: list[int], bar: str, alignment: str) -> str:
    """One row of the table, in as many lines as its longest cell needs."""
    pieces = [_wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    lines = []
    for i in range(max(len(p) for p in pieces)):
        parts = []
        for piece, width, side in zip(pieces, widths, alignment, strict=True):
            text = piece[i] if i < len(piece) else ""
            if side == "^":
                text = " " * ((width - len(text)) // 2) + text
            parts.append(f" {text:>{width}} " if side == ">" else f" {text:<{width}} ")
        lines.append(bar + bar.join(parts) + bar)
    return "\n".join(lines)
