"""Graphs of TensorFlow 1: nodes with names, of which parts become functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from tenfold.core import nest
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.errors import FailedPreconditionError
from tenfold.core.locks import trace_lock
from tenfold.core.shapes import TensorShape
from tenfold.core.spec import TensorSpec
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.graph.graph import Graph
from tenfold.graph.operation import place_of
from tenfold.saved_model.definitions import definition
from tenfold.saved_model.importing import Functions, VariableReference
from tenfold.saved_model.plan import Plan, Source, count_of, known_values, plan_of_graph
from tenfold.saved_model.restored import LoadedFunction, StoredTrace, shape_and_hints
from tenfold.saved_model.values import dtype_numbered, shape_of
from tenfold.tracing.concrete import ConcreteFunction


class SessionOperation:
    """A node of a graph.

    Attributes:
      graph: the graph.
      name, type: of the node and of its op.
      node_def: its NodeDef.
    """

    def __init__(self, graph: SessionGraph, node_def: Any) -> None:
        self.graph, self.node_def = graph, node_def
        self.name, self.type = node_def.name, node_def.op

    @cached_property
    def outputs(self) -> list[SessionTensor]:
        """The tensors that it makes."""
        return [SessionTensor(self, i, dtype) for i, dtype in enumerate(_output_types(self.node_def))]

    @property
    def inputs(self) -> tuple[SessionTensor, ...]:
        """The tensors that it takes."""
        names = [text for text in self.node_def.input if not text.startswith("^")]
        return tuple([self.graph.get_tensor_by_name(text if ":" in text else f"{text}:0") for text in names])

    @property
    def control_inputs(self) -> list[SessionOperation]:
        """The operations that run before it."""
        return [self.graph.get_operation_by_name(text[1:]) for text in self.node_def.input if text.startswith("^")]

    def __repr__(self) -> str:
        return f"<tf.Operation {self.name!r} type={self.type}>"


class SessionTensor:
    """A tensor of a graph, which has a name and no value.

    Attributes:
      op: the operation that makes it.
      value_index: which of its outputs it is.
      dtype: of its elements.
    """

    def __init__(self, op: SessionOperation, value_index: int, dtype: DType) -> None:
        self.op, self.value_index, self.dtype = op, value_index, dtype

    @property
    def name(self) -> str:
        return f"{self.op.name}:{self.value_index}"

    @property
    def graph(self) -> SessionGraph:
        return self.op.graph

    @property
    def shape(self) -> TensorShape:
        """As far as the file says it."""
        attrs = self.op.node_def.attr
        if "_output_shapes" in attrs and self.value_index < len(attrs["_output_shapes"].list.shape):
            return TensorShape(shape_of(attrs["_output_shapes"].list.shape[self.value_index]))
        if "shape" in attrs and attrs["shape"].WhichOneof("value") == "shape":
            return TensorShape(shape_of(attrs["shape"].shape))
        if self.op.type == "Const":
            return TensorShape(shape_of(attrs["value"].tensor.tensor_shape))
        return TensorShape(None)

    def __repr__(self) -> str:
        return f"<tf.Tensor {self.name!r} shape={self.shape} dtype={self.dtype.name}>"


class SessionGraph:
    """A graph whose nodes have names, with the variables and tables that it makes.

    Args:
      graph_def: the GraphDef.
      functions: those of its library.
      what: how errors name it.
    Attributes:
      variables: by the names of their nodes.
    """

    def __init__(self, graph_def: Any, functions: Functions, what: str) -> None:
        self._graph_def, self._functions, self._what = graph_def, functions, what
        self._plan = plan_of_graph(graph_def.node)
        self._operations = {node.name: SessionOperation(self, node) for node in graph_def.node}
        self._made: dict[str, list[Any]] = {}
        self.variables: dict[str, Variable] = {}
        self._empty: dict[str, Tensor] = {}  # the values that variables were made with

    # What it has.

    def get_operations(self) -> list[SessionOperation]:
        """All nodes, in the order of the file."""
        return list(self._operations.values())

    def get_operation_by_name(self, name: str) -> SessionOperation:
        """The node of a name.

        Raises:
          KeyError: there is none.
        """
        if name not in self._operations:
            raise KeyError(f"The name {name!r} refers to an Operation not in the graph.")
        return self._operations[name]

    def get_tensor_by_name(self, name: str) -> SessionTensor:
        """The tensor of a name like `"x:0"`.

        Raises:
          KeyError: there is none.
          ValueError: the name is none of a tensor.
          NotImplementedError: its op is one that Tenfold does not have.
        """
        node, output = place_of(name)
        if node not in self._operations:
            raise KeyError(
                f"The name {name!r} refers to a Tensor which does not exist. The operation, {node!r}, does not exist in the graph."
            )
        outputs = self._operations[node].outputs
        if output >= len(outputs):
            raise KeyError(
                f"The name {name!r} refers to a Tensor which does not exist. The operation, {node!r}, exists but only has "
                f"{len(outputs)} outputs."
            )
        return outputs[output]

    def as_graph_element(
        self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True
    ) -> SessionTensor | SessionOperation:
        """What a name, an operation or a tensor of this graph stands for.

        Raises:
          KeyError: there is none of this name.
          TypeError: it is neither.
        """
        if isinstance(obj, str):
            return self.get_tensor_by_name(obj) if ":" in obj else self.get_operation_by_name(obj)
        if isinstance(obj, (SessionTensor, SessionOperation)) and obj.graph is self:
            return obj
        raise TypeError(f"{obj!r} is neither a name nor a tensor or operation of this graph.")

    def as_graph_def(self) -> Any:
        """Its GraphDef."""
        return self._graph_def

    # Running.

    def provide(self, name: str, value: Any, has_value: bool = False) -> None:
        """Makes a value the result of a node, for all functions: a variable, which may have no value yet, or a table."""
        node = self._operations[name]
        if isinstance(value, Variable):
            self.variables[name] = value
            if not has_value:
                self._empty[name] = value._value
        self._made[name] = [VariableReference(value) if node.type.startswith("Variable") else value]

    def part(self, wanted: Iterable[str], feeds: Iterable[str] = ()) -> Plan:
        """What nodes need that is not given."""
        wanted = list(wanted)
        return self._functions.readable(self._plan.part(wanted, {*feeds, *self._made}), wanted)

    def check(self, parts: Sequence[Plan]) -> None:
        """Looks at what functions would run.

        Raises:
          NotImplementedError: there are ops that Tenfold does not have, or does not run; all are named.
        """
        self._functions.check(parts, self._what)

    def run(self, wanted: Iterable[str], feeds: Mapping[Source, Any] | None = None) -> dict[str, list[Any]]:
        """Runs what nodes need; the results of all nodes."""
        known = known_values((feeds or {}).items()) | self._made
        self._functions.run(self.part(list(wanted), list(known)), known)
        return known

    def prune(self, feeds: Any, fetches: Any, name: str | None = None, input_signature: Any = None) -> ConcreteFunction:
        """A function of the part of the graph between some tensors and others.

        Args:
          feeds: the tensors that are its arguments, or their names, nested as you like.
          fetches: what it returns: tensors, their names, or messages of the type TensorInfo; operations, or their names, run and
            give None.
          name: of the function; `"pruned"` by default.
          input_signature: pair of a tuple and a dict of `tf.TensorSpec`, for the feeds in this order; by default the feeds are arguments
            by position and by the names of their operations.
        Raises:
          KeyError: there is no tensor of a name.
          ValueError: a placeholder that is needed is not among the feeds.
          NotImplementedError: the part uses ops that Tenfold does not have.
          tf.errors.FailedPreconditionError: a variable that is needed has no value.
        """
        given = [self._tensor(feed) for feed in nest.flatten(feeds)]
        names = [tensor.op.name for tensor in given]
        if input_signature is None:
            specs = [TensorSpec(t.shape, t.dtype, name) for t, name in zip(given, names, strict=True)]
            signature: tuple[tuple, dict] = (tuple(specs), {})
        else:
            signature = input_signature
            specs = nest.flatten(signature)
        results = [self._fetch(x) for x in nest.flatten(fetches)]
        sources = [Source(t.op.name, t.value_index) for t in given]
        wanted = {_node_of(x) for x in results}
        part = self.part(wanted, names)
        self.check([part])
        self._check_values(part, wanted)
        held = [self.variables[name] for name in sorted(_read_by(part, wanted) & self.variables.keys())]
        outputs = [TensorSpec(x.shape, x.dtype) if isinstance(x, SessionTensor) else None for x in results]
        packed = nest.pack_sequence_as(fetches, outputs)
        stored = (self._functions, name or "pruned", signature, packed, held, names)
        return PrunedTrace(part, sources, results, self._made, *stored).concrete()

    def _check_values(self, part: Plan, wanted: set[str]) -> None:
        """Sees to it that variables that a function reads have values, or get them in it."""
        read = _read_by(part, wanted)
        assigned = {node.inputs[0].node for node in part.nodes if node.op.startswith("Assign") and node.inputs}
        for name in sorted((read - assigned) & self._empty.keys()):
            if self.variables[name]._value is self._empty[name]:
                raise FailedPreconditionError(
                    f"{self._what}: the variable {name!r} has no value in the file, and its initializer has not run. Run it first: "
                    "prune([], NAME)(), with the name of the operation that assigns it."
                )

    def _tensor(self, feed: Any) -> SessionTensor:
        element = self.as_graph_element(feed)
        if not isinstance(element, SessionTensor):
            raise ValueError(f"All members of argument `feeds` must be tensors. Got {feed!r}, an operation.")
        return element

    def _fetch(self, fetch: Any) -> SessionTensor | SessionOperation:
        return self.as_graph_element(fetch.name if hasattr(fetch, "WhichOneof") else fetch)


class PrunedTrace(StoredTrace):
    """The part of a graph between feeds and fetches.

    Attributes:
      part: its nodes.
      feeds: which tensors its arguments are.
      fetches: what it returns.
      known: the results of nodes that are the same in all parts.
    """

    def __init__(
        self,
        part: Plan,
        feeds: list[Source],
        fetches: list[SessionTensor | SessionOperation],
        known: dict[str, list[Any]],
        *stored: Any,
    ) -> None:
        super().__init__(*stored)
        self.part, self.feeds, self.fetches, self.known = part, feeds, fetches, known

    def traced(self, specs: Sequence[TensorSpec]) -> ConcreteFunction:
        with trace_lock:
            graph = Graph(self.name)
            with graph.tracing():
                tensors = [graph.input(s.dtype._np, *shape_and_hints(s), name=s.name or "") for s in specs]
                known = known_values(zip(self.feeds, tensors, strict=True)) | self.known
                self._functions.run(self.part, known)
                found = [self._result(known, x) for x in self.fetches]
                graph.finish([x for x in found if x is not None])
        given = iter(specs)
        signature = nest.map_structure(lambda x: next(given), self.signature)
        result = nest.pack_sequence_as(self.outputs, [None if x is None else wrap(x._array) for x in found])
        return LoadedFunction(self, graph, signature, result)

    def _result(self, known: dict[str, list[Any]], fetch: SessionTensor | SessionOperation) -> Tensor | None:
        if isinstance(fetch, SessionOperation):
            return None
        value = self._functions.value(known, fetch.op.name, fetch.value_index)
        if isinstance(value, VariableReference):
            value = value.variable
        value = value._read() if isinstance(value, Variable) else value
        if not isinstance(value, Tensor):
            raise ValueError(f"{fetch.name!r} is no tensor that a function can return, but a {type(value).__name__}.")
        return value


def _read_by(part: Plan, wanted: set[str]) -> set[str]:
    """The nodes whose results a part takes or returns."""
    return wanted | {source.node for node in part.nodes for source in node.inputs}


def _node_of(element: SessionTensor | SessionOperation) -> str:
    return element.name if isinstance(element, SessionOperation) else element.op.name


def _output_types(node: Any) -> Iterator[DType]:
    known = definition(node.op)
    if known is None:
        raise NotImplementedError(f"node {node.name!r} has the op {node.op}, which Tenfold does not have.")
    for arg in known.outputs:
        if arg.list_attr:
            yield from map(dtype_numbered, node.attr[arg.list_attr].list.type)
            continue
        dtype = as_dtype(arg.dtype) if arg.dtype else dtype_numbered(node.attr[arg.type_attr].type)
        yield from [dtype] * count_of(arg, node.attr)
