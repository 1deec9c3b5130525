"""Drawings of models: pydot and Graphviz, the extra `tenfold[dot]`, draw them."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from tenfold.core import nest
from tenfold.keras.layers.layer import Layer
from tenfold.keras.models import Model, Sequential


def _pydot(name: str) -> Any:
    try:
        import pydot
    except ImportError as error:
        raise ImportError(
            f"tf.keras.utils.{name} needs pydot, and the programs of Graphviz to draw. Install it: pip install 'tenfold[dot]'; "
            "Graphviz comes with your system's packages."
        ) from error
    return pydot


def model_to_dot(
    model: Model,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
) -> Any:
    """The layers of a model as a pydot graph.

    Args:
      model: a model that is built.
      show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable: what the boxes say.
      rankdir: `"TB"` from top to bottom, `"LR"` from left to right.
      expand_nested: whether models inside are drawn as boxes around their layers.
      dpi: dots per inch.
      subgraph: whether a `pydot.Cluster` is made, for another graph.
      splines: how Graphviz draws the edges.
    Raises:
      ImportError: pydot is not installed.
      ValueError: the model is not built.
    """
    if not model.built:
        raise ValueError("model_to_dot: the model is not built. Call it on a batch of data, or `build()`, first.")
    pydot = _pydot("model_to_dot")
    if subgraph:
        dot = pydot.Cluster(graph_name=model.name, style="dashed", label=model.name, labeljust="l")
    else:
        dot = pydot.Dot(rankdir=rankdir, concentrate="true", dpi=str(dpi), splines=splines)
        dot.set_node_defaults(shape="record")
    options = {
        "show_shapes": show_shapes,
        "show_dtype": show_dtype,
        "show_layer_names": show_layer_names,
        "show_layer_activations": show_layer_activations,
        "show_trainable": show_trainable,
    }
    layers = _layers(model)
    for layer in layers:
        if expand_nested and isinstance(layer, Model) and layer._graph is not None:
            inner = model_to_dot(layer, **options, rankdir=rankdir, expand_nested=True, subgraph=True, splines=splines)
            dot.add_subgraph(inner)
        else:
            label = _label(layer, **options)
            dot.add_node(pydot.Node(_key(layer), label=label, fontname="Helvetica", border="0", margin="0"))
    for source, target in _edges(model, layers):
        if expand_nested:
            source, target = _end(source), _start(target)
        dot.add_edge(pydot.Edge(_key(source), _key(target), penwidth="2"))
    return dot


def plot_model(
    model: Model,
    to_file: Any = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
) -> Any:
    """Draws a model into a file, whose ending says in which format: png, svg, pdf, or dot for the graph itself.

    Returns:
      In notebooks, the picture.
    Raises:
      ImportError: pydot is not installed, or Graphviz' program `dot` is not found.
    """
    dot = model_to_dot(
        model,
        show_shapes=show_shapes,
        show_dtype=show_dtype,
        show_layer_names=show_layer_names,
        rankdir=rankdir,
        expand_nested=expand_nested,
        dpi=dpi,
        show_layer_activations=show_layer_activations,
        show_trainable=show_trainable,
        splines=splines,
    )
    ending = Path(to_file).suffix[1:]
    if ending == "dot":
        return dot.write(str(to_file), format="raw") and None
    try:
        dot.write(str(to_file), format=ending or "png")
    except (FileNotFoundError, OSError) as error:
        raise ImportError(f"plot_model: Graphviz could not draw: {error}. Is its program `dot` installed?") from error
    try:
        from IPython import display
    except ImportError:
        return None
    return display.Image(filename=str(to_file)) if ending != "svg" else display.SVG(filename=str(to_file))


def _key(layer: Layer) -> str:
    return str(id(layer))


def _layers(model: Model) -> list[Layer]:
    if isinstance(model, Sequential):
        return model.layers
    return [model] if model._graph is None else model._graph.layers


def _edges(model: Model, layers: list[Layer]) -> list[tuple[Layer, Layer]]:
    """Pairs of layers of which the second one reads what the first one makes, each once."""
    if isinstance(model, Sequential):
        return list(zip(layers, layers[1:], strict=False))
    if model._graph is None:
        return []
    pairs = {
        (id(source), id(node.operation)): (source, node.operation)
        for node in model._graph.nodes
        for source in (tensor._keras_history.operation for tensor in node.inputs)  # type: ignore[union-attr]
    }
    return list(pairs.values())


def _end(layer: Layer) -> Layer:
    """The layer in a model that makes its output."""
    while isinstance(layer, Model) and layer._graph is not None:
        layer = layer.outputs[0]._keras_history.operation  # type: ignore[union-attr]
    return layer


def _start(layer: Layer) -> Layer:
    """The layer in a model that reads its input."""
    while isinstance(layer, Model) and layer._graph is not None:
        layer = layer.layers[0]
    return layer


def _label(
    layer: Layer,
    show_shapes: bool,
    show_dtype: bool,
    show_layer_names: bool,
    show_layer_activations: bool,
    show_trainable: bool,
) -> str:
    """What stands in the box of a layer: a table in Graphviz' kind of HTML."""
    kind = html.escape(type(layer).__name__)
    title = f"<b>{html.escape(layer.name)}</b> ({kind})" if show_layer_names else f"<b>{kind}</b>"
    cells = []
    if show_shapes:
        names = ("output",) if kind == "InputLayer" else ("input", "output")
        cells += [f"{name.title()} shape: <b>{_of_tensors(layer, name, 'shape')}</b>" for name in names]
    if show_dtype:
        cells.append(f"Output dtype: <b>{_of_tensors(layer, 'output', 'dtype')}</b>")
    if show_trainable and layer.weights:
        cells.append(f"<b>{'Trainable' if layer.trainable else 'Non-trainable'}</b>")
    span = max(1, len(cells))
    rows = [f'<td colspan="{span}" bgcolor="black"><font point-size="16" color="white">{title}</font></td>']
    activation = getattr(layer, "activation", None)
    if show_layer_activations and activation is not None:
        name = getattr(activation, "name", getattr(activation, "__name__", activation))
        rows.append(f'<td colspan="{span}" bgcolor="white">Activation: <b>{html.escape(str(name))}</b></td>')
    if cells:
        rows.append("".join(f'<td bgcolor="white">{cell}</td>' for cell in cells))
    table = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<<table border="0" cellborder="1" bgcolor="black" cellpadding="10">{table}</table>>'


def _of_tensors(layer: Layer, which: str, what: str) -> str:
    """The shapes or dtypes of what a layer reads or makes."""
    try:
        return html.escape(str(nest.map_structure(lambda tensor: getattr(tensor, what), getattr(layer, which))))
    except AttributeError:
        return "?"
