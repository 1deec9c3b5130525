"""`tf.compat.v1.wrap_function`: functions whose graphs have names, of which parts become functions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tenfold.core.dtypes import as_dtype
from tenfold.core.spec import TensorSpec
from tenfold.core.variable import Variable
from tenfold.protos import graph as messages
from tenfold.saved_model import graph_files
from tenfold.saved_model.export import graph_def as exported
from tenfold.saved_model.held import held_by
from tenfold.saved_model.importing import Functions
from tenfold.saved_model.session_graph import SessionGraph
from tenfold.tracing.concrete import ConcreteFunction
from tenfold.tracing.function import Function


class _Wrapped(threading.local):
    graph: Any = None  # the GraphDef of the function that is being wrapped


_wrapped = _Wrapped()


class WrappedFunction:
    """A function with the graph that it was traced to.

    Attributes:
      graph: its nodes by name, with those of the GraphDefs that it imported.
      structured_input_signature, structured_outputs: as of `tf.function`'s concrete functions.
    """

    def __init__(self, function: ConcreteFunction, graph: SessionGraph) -> None:
        self._function, self.graph = function, graph
        self.structured_input_signature = function.structured_input_signature
        self.structured_outputs = function.structured_outputs

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(*args, **kwargs)

    @property
    def variables(self) -> tuple[Variable, ...]:
        return self._function.variables

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        return self._function.trainable_variables

    def prune(self, feeds: Any, fetches: Any, name: str | None = None, input_signature: Any = None) -> ConcreteFunction:
        """A function of the part of the graph between some tensors and others, or their names.

        Args:
          feeds: its arguments.
          fetches: what it returns.
          name, input_signature: as in `SessionGraph.prune`.
        """
        return self.graph.prune(feeds, fetches, name, input_signature)


def wrap_function(fn: Callable[..., Any], signature: Sequence[Any], name: str | None = None) -> WrappedFunction:
    """Traces a function once, and gives it with a graph from which other functions can be cut.

    It is the way to run a frozen GraphDef: the function imports it, `prune` says what goes in and out.

    Args:
      fn: the function.
      signature: list of `tf.TensorSpec`s or dtypes, of its arguments.
      name: accepted; it is the function's own.
    Raises:
      NotImplementedError: it uses ops that Tenfold does not have.
      ValueError: two nodes of its graph have the same name.
    Example:
      >>> double = tf.function(lambda x: x + x).get_concrete_function(tf.TensorSpec([None], tf.float32, "x"))
      >>> graph_def = double.graph.as_graph_def()
      >>> wrapped = tf.compat.v1.wrap_function(lambda: tf.compat.v1.import_graph_def(graph_def, name=""), [])
      >>> f = wrapped.prune(wrapped.graph.as_graph_element("x:0"), wrapped.graph.as_graph_element("Identity:0"))
      >>> print(f(tf.constant([1.0, 2.0])).numpy())
      [2. 4.]
    """
    specs = [x if isinstance(x, TensorSpec) else TensorSpec(None, as_dtype(x)) for x in signature]
    before, _wrapped.graph = _wrapped.graph, messages.GraphDef()
    try:
        function = Function(fn, specs, autograph=False).get_concrete_function()
        imported = _wrapped.graph
    finally:
        _wrapped.graph = before
    message = exported(function.graph)
    _add(message, imported)
    graph = SessionGraph(message, Functions(message.library.function), "tf.compat.v1.wrap_function: the graph")
    given = len(function.graph.inputs) + len(function.graph.captures)
    for node, held in zip(message.node[given:], held_by([function.graph]), strict=False):
        graph.provide(node.name, held, has_value=True)
    return WrappedFunction(function, graph)


def import_graph_def(
    graph_def: Any,
    input_map: Mapping[str, Any] | None = None,
    return_elements: Sequence[str] | None = None,
    name: str | None = None,
    op_dict: Any = None,
    producer_op_list: Any = None,
) -> Any:
    """Runs a GraphDef as `tf.graph_util.import_graph_def` does; in `wrap_function` its nodes enter the function's graph.

    Args:
      graph_def, input_map, return_elements, op_dict, producer_op_list: see there.
      name: what stands before the names of nodes, with a slash; `"import"` by default.
    Raises:
      ValueError: in `wrap_function`, a node of a name is there already.
    """
    given = input_map or return_elements is not None
    if _wrapped.graph is None or given:
        return graph_files.import_graph_def(graph_def, input_map, return_elements)
    prefix = "import" if name is None else name.rstrip("/")
    _add(_wrapped.graph, _prefixed(graph_files.message_of(graph_def), f"{prefix}/" if prefix else ""))
    return None


def _prefixed(message: Any, prefix: str) -> Any:
    """A copy of a GraphDef whose nodes' names begin with a prefix."""
    copy = messages.GraphDef.FromString(message.SerializeToString())
    for node in copy.node if prefix else ():
        node.name = prefix + node.name
        node.input[:] = [f"^{prefix}{text[1:]}" if text.startswith("^") else prefix + text for text in node.input]
    return copy


def _add(message: Any, other: Any) -> None:
    """Adds the nodes and functions of one GraphDef to another."""
    names = {node.name for node in message.node}
    for node in other.node:
        if node.name in names:
            raise ValueError(
                f"tf.compat.v1.wrap_function: the graph has a node {node.name!r} already; pass another name to import_graph_def."
            )
    message.node.extend(other.node)
    known = {function.signature.name for function in message.library.function}
    message.library.function.extend(f for f in other.library.function if f.signature.name not in known)
