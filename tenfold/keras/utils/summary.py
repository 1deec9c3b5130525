"""The table that `model.summary()` prints."""

from __future__ import annotations

import math
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
    """The shapes of a layer's outputs, from its calls in the model or from the shape it was built for."""
    if layer._inbound_nodes:
        found = [nest.map_structure(lambda t: tuple(t.shape), node.outputs) for node in layer._inbound_nodes]
        texts = [_as_text(shape) for shape in found]
        return texts[0] if len(set(texts)) == 1 else ", ".join(texts)
    if layer._build_shapes and type(layer).compute_output_shape is not Layer.compute_output_shape:
        try:
            shapes = layer._build_shapes
            shape = layer.compute_output_shape(*shapes.values())
            return (
                _as_text(tuple(shape)) if not isinstance(shape, list) else ", ".join(_as_text(tuple(s)) for s in shape)
            )
        except Exception:  # noqa: BLE001 (a layer that cannot say it is shown with a question mark)
            return "?"
    return "?"


def _as_text(shape: Any) -> str:
    if isinstance(shape, dict):
        return ", ".join(_as_text(item) for item in shape.values())
    if shape and isinstance(shape[0], (tuple, list)):
        return ", ".join(_as_text(item) for item in shape)
    return str(tuple(shape))


def _rows(model: Model, expand_nested: bool, is_graph: bool, level: int = 0) -> list[list[str]]:
    rows = []
    for layer in model.layers:
        name = f"{'    ' * level}{'└ ' if level else ''}{layer.name} ({type(layer).__name__})"
        count = _size(layer.weights)[0]
        text = f"{count:,}" if layer.built else "0 (unbuilt)"
        row = [name, _shape_text(layer), text]
        if is_graph:
            row.append(_connections(layer, model))
        row.append("Y" if layer.trainable and layer.weights else "N" if layer.weights else "-")
        rows.append(row)
        if expand_nested and isinstance(layer, Model):
            rows.extend(_rows(layer, True, is_graph, level + 1))
    return rows


def _branches(model: Model) -> bool:
    """Whether a functional model is more than one layer after the other."""
    if model._graph is None:
        return False
    return any(len(nodes) > 1 or len(nodes[0].inputs) > 1 for nodes in model._graph.depths.values())


def _connections(layer: Layer, model: Model) -> str:
    kept = {id(node) for node in model._graph.nodes} if model._graph is not None else None
    found = []
    for node in layer._inbound_nodes:
        if kept is not None and id(node) not in kept:
            continue
        for tensor in node.inputs:
            history = tensor._keras_history
            found.append(f"{history.operation.name}[{history.node_index}][{history.tensor_index}]")
    return ", ".join(found) if found else "-"


def _wrapped(text: str, width: int) -> list[str]:
    """A text in pieces no wider than a column."""
    pieces, line = [], ""
    for word in text.split(" "):
        while len(word) > width:
            if line:
                pieces.append(line)
                line = ""
            pieces.append(word[:width])
            word = word[width:]
        if line and len(line) + 1 + len(word) > width:
            pieces.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*pieces, line]


def print_summary(
    model: Model,
    line_length: int | None = None,
    positions: Any = None,
    print_fn: Any = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
) -> None:
    """Prints the layers of a model with their output shapes and numbers of parameters."""
    is_graph = not isinstance(model, Sequential) and _branches(model)
    header = ["Layer (type)", "Output Shape", "Param #"]
    shares = [0.4125, 0.3, 0.1875]  # of the whole width
    if is_graph:
        header, shares = [*header, "Connected to"], [0.2375, 0.2375, 0.1375, 0.2375]
    rows = _rows(model, expand_nested, is_graph)
    if layer_range is not None:
        names = [layer.name for layer in model.layers]
        try:
            start, end = names.index(layer_range[0]), names.index(layer_range[1])
        except ValueError:
            raise ValueError(f"layer_range={layer_range}: the model has the layers {names}.") from None
        rows = rows[start : end + 1]
    if show_trainable:
        header, shares = [*header, "Trainable"], [0.85 * s for s in shares] + [0.1]
    else:
        rows = [row[:-1] for row in rows]
    total = line_length or min(max(shutil.get_terminal_size((80, 24)).columns, 60), 110)
    if positions:
        ends = [int(p if positions[-1] > 1 else total * p) for p in positions]
        widths = [end - start - 3 for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    else:
        widths = [int(total * share) - 2 for share in shares]
    lines = [f'Model: "{model.name}"', _rule("┏", "┳", "┓", "━", widths), _line(header, widths, "┃", header=True)]
    lines.append(_rule("┡", "╇", "┩", "━", widths))
    for i, row in enumerate(rows):
        lines.append(_line(row, widths, "│"))
        lines.append(_rule("├", "┼", "┤", "─", widths) if i < len(rows) - 1 else _rule("└", "┴", "┘", "─", widths))
    everything, in_bytes = _size(model.weights)
    optimizer = getattr(model, "optimizer", None)
    extra = _size(optimizer.variables) if optimizer is not None and optimizer.built else None
    shown = (everything + extra[0], in_bytes + extra[1]) if extra else (everything, in_bytes)
    lines.append(f" Total params: {shown[0]:,} ({readable_bytes(shown[1])})")
    for what, variables in (
        ("Trainable", model.trainable_weights),
        ("Non-trainable", model.non_trainable_weights),
    ):
        count, size = _size(variables)
        lines.append(f" {what} params: {count:,} ({readable_bytes(size)})")
    if extra:
        lines.append(f" Optimizer params: {extra[0]:,} ({readable_bytes(extra[1])})")
    text = "\n".join(lines)
    if print_fn is None:
        print(text)
    else:
        print_fn(text)


def _rule(left: str, middle: str, right: str, dash: str, widths: list[int]) -> str:
    return left + middle.join(dash * (w + 2) for w in widths) + right


def _line(cells: list[str], widths: list[int], bar: str, header: bool = False) -> str:
    """One row of the table, in as many lines as its longest cell needs; numbers stand at the right."""
    pieces = [_wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    lines = []
    for i in range(max(len(p) for p in pieces)):
        parts = []
        for column, (piece, width) in enumerate(zip(pieces, widths, strict=True)):
            text = piece[i] if i < len(piece) else ""
            parts.append(f" {text:>{width}} " if column == 2 else f" {text:<{width}} ")
        lines.append(bar + bar.join(parts) + bar)
    return "\n".join(lines)
