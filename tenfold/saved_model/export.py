"""Graphs as TensorFlow's: ops under their raw names, values that the host knows as constants, effects in the program's order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.dtypes import DType
from tenfold.core.op import REGISTRY, Op
from tenfold.core.spec import TensorSpec
from tenfold.core.symbol import Size, Spec, Symbol, evaluate
from tenfold.core.tensor import Tensor, wrap
from tenfold.graph.graph import Graph
from tenfold.graph.node import Node, Step
from tenfold.graph.own_gradient import OwnGradient
from tenfold.graph.pure import DrawAt
from tenfold.graph.run import all_inputs
from tenfold.graph.scan import SCAN
from tenfold.lookup.table import Table
from tenfold.ops.philox import SAMPLES_PER_OUTPUT
from tenfold.ops.random_streams import PHILOX
from tenfold.protos import graph as messages
from tenfold.saved_model.assets import Asset
from tenfold.saved_model.definitions import Argument, definition, host_names
from tenfold.saved_model.forms import FORMS, WRITERS
from tenfold.saved_model.held import Held, held_by, key_of
from tenfold.saved_model.nodes import Body, Library, Nodes, Value, WrittenGradient
from tenfold.saved_model.scan_writing import write_scan
from tenfold.saved_model.table_writing import WRITES
from tenfold.saved_model.values import attribute_message, dtype_of

PRODUCER = 2200  # the version of graphs that are written: TensorFlow 2.21 reads it
_ASSERT = "_assert"  # the step that assertions end in


class Export:
    """Writes a graph's nodes.

    Attributes:
      nodes: where to.
      values: what became of its symbols.
      handles: the resources of variables, by the variables' nodes, and of tables; paths of assets.
      is_saved: whether this is a function of a saved object, to whose tensors others may refer, and no part of one.
    """

    def __init__(self, nodes: Nodes, library: Library, is_saved: bool = False) -> None:
        self.nodes, self.library, self.is_saved = nodes, library, is_saved
        self.values: dict[Symbol, Value] = {}
        self.handles: dict[int | Table | Asset, Value] = {}
        self.effects: list[str] = []
        self._reads: list[str] = []  # since the last effect
        self._drawn: set[DrawAt] = set()  # what scans and branches have drawn

    def arguments(self, symbols: Sequence[Symbol], names: Sequence[str] = ()) -> None:
        """Makes arguments of symbols."""
        for i, symbol in enumerate(symbols):
            name = names[i] if names else symbol.name or f"argument_{i}"
            dtype = dtype_of(symbol)
            self.values[symbol] = self.nodes.argument(name, dtype, symbol.static_shape)

    def resources(self, held: Sequence[Held]) -> None:
        """Makes arguments of the handles of variables and tables, and of the paths of assets."""
        for one in held:
            self.handles[key_of(one)] = resource(self.nodes, one)

    def run(self, graph: Graph) -> list[Value]:
        """Writes all nodes of a graph whose arguments are there; what it returns."""
        for node in graph.nodes:
            self._node(node)
        return [self.value(x) for x in graph.outputs]

    def value(self, x: Symbol | np.ndarray) -> Value:
        return self.values[x] if type(x) is Symbol else self.nodes.constant(x)

    def _node(self, node: Node) -> None:
        try:
            if isinstance(node.op, OwnGradient):
                found = self._with_own_gradient(node)
            elif node.op is SCAN:
                found = self._scan(node)
            elif node.op.expand is not None and node.op.name != _ASSERT:
                found = self._expanded(node, node.op.expand)
            elif isinstance(node.op, Step):
                found = self._step(node, node.op)
            else:
                found = self._op(node, node.op)
        except NotImplementedError as error:
            if node.line and not getattr(error, "__notes__", None):
                error.add_note(f"It was traced at {node.line}.")
            raise
        self.values.update(zip(node.outputs, found, strict=False))

    # Ops.

    def _op(self, node: Node, op: Op) -> list[Value]:
        tensors = [self.value(x) for x in node.inputs]
        types = [dtype_of(x) for x in node.outputs]
        known = definition(op.name)
        if op.name in WRITERS:
            return WRITERS[op.name](self.nodes, self.host, tensors, node.attrs)
        if known is None or REGISTRY.get(op.name) is not op:
            raise NotImplementedError(
                f"op {op.name!r} is Tenfold's own and has no counterpart in TensorFlow's files. Save a function without it."
            )
        if op.name in FORMS:
            given, attrs = FORMS[op.name](self.host, tensors, node.attrs)
            return self.nodes.add(op.name, given, attrs, (), types, node.name)
        defaults = getattr(op.kernel, "__kwdefaults__", None) or {}
        attrs = {**defaults, **node.attrs}
        on_host = host_names(op, known)
        values = {arg.name: attrs.pop(on_host[arg.name]) for arg in known.inputs if arg.name in on_host}
        inputs: dict[str, Any] = {}
        remaining = [arg for arg in known.inputs if arg.name not in values]
        for after, arg in zip(reversed(range(len(remaining))), remaining, strict=True):
            count = len(tensors) - after if arg.is_list else 1  # of one list, the others are single tensors
            inputs[arg.name] = tensors[:count] if arg.is_list else tensors[0]
            del tensors[:count]
        for arg in known.inputs:  # their types follow from the others
            if arg.name in values:
                dtype = self._type_of(arg, values[arg.name], known, inputs, types, attrs)
                inputs[arg.name] = self.host(values[arg.name], dtype)
        attrs = {key: value for key, value in attrs.items() if key in known.attrs or value != defaults.get(key, ())}
        return self.nodes.add(op.name, [inputs[arg.name] for arg in known.inputs], attrs, (), types, node.name)

    def host(self, value: Any, dtype: DType) -> Value:
        """A value that the host knows, or will know when the graph runs, as a tensor."""
        return self.nodes.integers(value, dtype, self.values)

    def _type_of(
        self, arg: Argument, value: Any, known: Any, inputs: dict[str, Any], results: Any, attrs: Any
    ) -> DType:
        """The dtype of an argument that is a Python value here."""
        if arg.dtype:
            return dtypes.as_dtype(arg.dtype)
        if arg.type_attr in attrs:
            return dtypes.as_dtype(attrs[arg.type_attr])
        for other in known.inputs:
            if other.type_attr == arg.type_attr and other.name in inputs:
                given = inputs[other.name]
                return (given if isinstance(given, Value) else given[0]).dtype
        for other, dtype in zip(known.outputs, results, strict=False):
            if other.type_attr == arg.type_attr:
                return dtype
        default = known.attrs[arg.type_attr].default
        return dtypes.as_dtype(default) if isinstance(default, str) else _natural(value)

    def _expanded(self, node: Node, expand: Any) -> list[Value]:
        """What TensorFlow does not have, as the ops that it consists of."""
        inner = Graph(node.op.name)
        inner.renews_seeds = False
        with inner.tracing():
            tensors = [inner.input(*Spec.of(x.dtype, x.shape)) if type(x) is Symbol else wrap(x) for x in node.inputs]
            arguments = list(inner.inputs)
            found = expand(*tensors, **self._owned_attrs(inner, node))
            inner.finish([found] if isinstance(found, Tensor) else list(found))
        for x, argument in zip([x for x in node.inputs if type(x) is Symbol], arguments, strict=True):
            self.values[argument] = self.values[x]
        return self.run(inner)

    def _owned_attrs(self, inner: Graph, node: Node) -> dict[str, Any]:
        """The attributes of a node with the sizes in them as sizes of a graph's own."""
        sizes = {size: self._owned_size(inner, size) for size in node.sizes()}
        return {key: evaluate(value, lambda size: sizes[size]) for key, value in node.attrs.items()}

    def _owned_size(self, inner: Graph, size: Size) -> Any:
        inner.input(np.dtype(np.int32), ())
        symbol = inner.inputs[-1]
        self.values[symbol] = self.nodes.integers(size, dtypes.int32, self.values)
        return Size((symbol, ()), size.hint)

    def _with_own_gradient(self, node: Node) -> list[Value]:
        """What TensorFlow makes of `tf.custom_gradient`. Who asks for a gradient that is not written gets an error, not another one."""
        tensors = [self.value(x) for x in node.inputs]
        kind = f"CustomGradient-{node.op.name}"
        if self.is_saved and isinstance(node.op, OwnGradient) and node.op.gradient is not None:
            known = set(self.library.functions)
            numbered = f"CustomGradient-{len(self.library.gradients)}-{node.op.name}"
            try:
                self.library.gradients.append(self._own_gradient(node, node.op, node.op.gradient, numbered, tensors))
                kind = numbered
            except NotImplementedError:
                for name in self.library.functions.keys() - known:
                    del self.library.functions[name]
        attrs = {"_gradient_op_type": attribute_message("string", kind)}
        return self.nodes.add("IdentityN", [tensors], attrs)[: len(node.outputs)]

    def _own_gradient(
        self, node: Node, op: OwnGradient, gradient: Graph, kind: str, tensors: Sequence[Value]
    ) -> WrittenGradient:
        body = Body(self.library, f"__inference_internal_grad_fn_{op.name}")
        inner = Export(body, self.library)
        upstream = [_spec_of(x, f"result_grads_{i}") for i, x in enumerate(node.inputs)]
        dys = [body.argument(f"result_grads_{i}", spec.dtype, spec.shape.as_list()) for i, spec in enumerate(upstream)]
        inner.values.update(zip(gradient.inputs, dys, strict=False))
        captured = tensors[len(tensors) - len(gradient.captures) :]
        inner.arguments([symbol for _, symbol in gradient.captures])
        inner.resources(held_by([gradient]))
        body.finish(inner.run(gradient), inner.effects)
        found = iter(gradient.outputs)
        of_sources = [_spec_of(next(found), None) if has_one else None for has_one in op.has_gradient]
        before, after = [None] * len(node.outputs), [None] * len(captured)
        references = [(self.nodes.name, f"{value.node}:{value.flat}") for value in captured]  # type: ignore[attr-defined]
        return WrittenGradient(
            kind, body.name, upstream, [*before, *of_sources, *after], references, held_by([gradient])
        )

    # Steps.

    def _step(self, node: Node, step: Step) -> list[Value]:
        if step.name == "ReadVariableOp":
            (variable,) = step.variables or ()
            if self.library.freezes or variable._is_stream:
                return [self.nodes.constant(variable._value._array)]
            return self._ordered("ReadVariableOp", [self.handles[variable._node]], {"dtype": variable.dtype}, False)
        if step.name == "AssignVariableOp":
            (variable,) = step.variables or ()
            if variable._is_stream:  # TensorFlow's ops have their own
                return []
            if self.library.freezes:
                raise ValueError(f"the function writes to the variable {variable.name!r}, which cannot be a constant.")
            return self._ordered(
                "AssignVariableOp", [self.handles[variable._node], self.value(node.inputs[0])], {}, True
            )
        if step.name == "RngReadAndSkip":
            (variable,) = step.variables or ()
            inputs = [
                self.handles[variable._node],
                self.nodes.constant(np.int32(PHILOX)),
                self._outputs_to_skip(node.inputs[0]),
            ]
            return self._ordered("RngReadAndSkip", inputs, {}, True)
        if isinstance(step.resource, Asset):
            return [self.handles[step.resource]]
        if isinstance(step.resource, Table):
            types = {"Tkeys": step.resource.key_dtype, "Tvalues": step.resource.value_dtype}
            attrs = types if step.name == "LookupTableExportV2" else {}
            inputs = [self.handles[step.resource], *map(self.value, node.inputs)]
            return self._ordered(step.name, inputs, attrs, step.name in WRITES)
        if step.name == _ASSERT:
            condition, *data = [self.value(x) for x in node.inputs]
            return self._ordered("Assert", [condition, data], {}, True)
        if step.name == "StringFormat":
            keys = ("template", "placeholder", "summarize")
            attrs = dict(zip(keys, map(_constant, node.inputs), strict=False))
            return self.nodes.add("StringFormat", [[self.value(x) for x in node.inputs[len(keys) :]]], attrs)
        if step.name == "PrintV2":
            text, stream, end = node.inputs
            attrs = {"output_stream": _constant(stream), "end": _constant(end)}
            return self._ordered("PrintV2", [self.value(text)], attrs, True)
        if step.name in ("ReadFile", "WriteFile", "MatchingFiles"):
            return self._ordered(step.name, [self.value(x) for x in node.inputs], {}, True)
        if step.name == "while" and step.graphs:
            return self._loop(node, step)
        if step.name in ("cond", "switch_case") and step.graphs:
            return self._branch(node, step)
        if step.name in ("condGrad", "switch_caseGrad", "whileGrad"):
            raise NotImplementedError(
                f"the gradient of a {step.name.removesuffix('Grad')} cannot be written to TensorFlow's files. Save the function that it is of, "
                "and take the gradient of the loaded one."
            )
        raise NotImplementedError(
            f"the step {step.name!r} runs Python and cannot be written to TensorFlow's files. Save a function without it."
        )

    def _outputs_to_skip(self, words: Symbol | np.ndarray) -> Value:
        """How many outputs of a generator take so many words."""
        if isinstance(words, np.ndarray):
            return self.nodes.constant(np.uint64(int(words) // SAMPLES_PER_OUTPUT % 2**64))
        size = self.nodes.constant(np.int64(SAMPLES_PER_OUTPUT))
        (outputs,) = self.nodes.add("FloorDiv", [self.value(words), size], {})
        return self.nodes.add("Cast", [outputs], {"SrcT": dtypes.int64, "DstT": dtypes.uint64})[0]

    def _ordered(self, op: str, inputs: Sequence[Any], attrs: dict[str, Any], has_effects: bool) -> list[Value]:
        """A node that reads or writes variables, after the writes before it, and if it writes, after the reads too."""
        after = self.effects[-1:] + (self._reads if has_effects else [])
        found = self.nodes.add(op, inputs, attrs, after)
        name = self.nodes.written[-1].name
        if has_effects:
            self.effects.append(name)
            self._reads = []
        else:
            self._reads.append(name)
        return found

    def _note_draws(self, graphs: Sequence[Graph]) -> None:
        """Sees to it that what a scan or branch draws is drawn once: the numbers of a second time would be others."""
        draws = {op for op in _ops(graphs) if isinstance(op, DrawAt)}
        if not draws.isdisjoint(self._drawn):
            raise NotImplementedError(
                "a gradient needs the random numbers that a branch, or a loop for its second derivative, drew a second time, which "
                "TensorFlow's ops cannot draw. Save the function that it is of, and take the gradient of the loaded one."
            )
        self._drawn |= draws

    def _branch(self, node: Node, step: Step) -> list[Value]:
        self._note_draws(step.graphs)
        held = self.library.held_by(step.graphs)
        names = []
        is_stateful = False
        for i, (graph, where) in enumerate(zip(step.graphs, step.places, strict=True)):
            body = Body(self.library, f"{self._prefix}{step.name}_{i}")
            inner = Export(body, self.library)
            given = [inner._captured_argument(x) for x in node.inputs[1:]]
            inner.resources(held)
            inner.values.update(zip(all_inputs(graph), [given[place - 1] for place in where], strict=True))
            body.finish(inner.run(graph), inner.effects)
            names.append(body.name)
            is_stateful |= body.is_stateful
        inputs = [self.value(x) for x in node.inputs[1:]] + [self.handles[key_of(x)] for x in held]
        kind = "" if is_stateful else "Stateless"
        results = [dtype_of(x) for x in step.graphs[0].outputs]
        shapes = [x.static_shape for x in node.outputs[: len(results)]]
        index = self.value(node.inputs[0])
        attrs: dict[str, Any] = {"Tout": results, "output_shapes": shapes}
        if step.name == "cond":
            attrs |= {"then_branch": names[1], "else_branch": names[0]}
        else:
            attrs["branches"] = names
        return self._stateful(f"{kind}{'If' if step.name == 'cond' else 'Case'}", [index, inputs], attrs, step, held)

    def _loop(self, node: Node, step: Step) -> list[Value]:
        """A loop as TensorFlow makes them: its gradient there wants a counter and a limit (-1 for none) as the first variables."""
        cond_graph, body_graph = step.graphs
        held = self.library.held_by(step.graphs)
        count = len(body_graph.outputs)
        has_limit = len(node.inputs) > count and not any(count in where for where in step.places)
        first = count + has_limit
        names = []
        is_stateful = False
        for kind, graph, where in zip(("cond", "body"), step.graphs, step.places, strict=True):
            body = Body(self.library, f"{self._prefix}while_{kind}")
            inner = Export(body, self.library)
            turn, limit = [body.argument(name, dtypes.int32, ()) for name in ("turn", "limit")]
            inner.arguments(graph.inputs[:count], [f"variable_{i}" for i in range(count)])
            given = [inner._captured_argument(x) for x in node.inputs[first:]]
            inner.resources(held)
            inner.values.update(zip(all_inputs(graph)[count:], [given[place - first] for place in where], strict=True))
            results = inner.run(graph)
            if kind == "cond" and has_limit:
                is_below = body.add("Less", [turn, limit])[0]
                results = body.add("LogicalAnd", [results[0], is_below])
            elif kind == "body":
                following = body.add("AddV2", [turn, body.constant(1, dtypes.int32)])
                results = [*following, limit, *results, *given, *[inner.handles[key_of(x)] for x in held]]
            body.finish(results, inner.effects)
            names.append(body.name)
            is_stateful |= body.is_stateful
        given = [self.value(x) for x in node.inputs]
        limit = given.pop(count) if has_limit else self.nodes.constant(-1, dtypes.int32)
        if limit.dtype is not dtypes.int32:
            limit = self.nodes.add("Cast", [limit], {"DstT": dtypes.int32})[0]
        inputs = [self.nodes.constant(0, dtypes.int32), limit, *given, *[self.handles[key_of(x)] for x in held]]
        shapes = [(), (), *[x.static_shape for x in body_graph.inputs[:count]]]
        attrs = {"cond": names[0], "body": names[1], "output_shapes": shapes + [None] * (len(inputs) - len(shapes))}
        found = self._stateful("While" if is_stateful else "StatelessWhile", [inputs], attrs, step, held)
        return found[2 : 2 + count]

    def _scan(self, node: Node) -> list[Value]:
        def write(body: Body, graph: Graph, given: Sequence[Value]) -> list[Value]:
            inner = Export(body, self.library)
            inner.values.update(zip(graph.inputs, given, strict=True))
            return inner.run(graph)

        operands = [self.value(x) for x in node.inputs]
        scan, reverse = node.attrs["body"], node.attrs["reverse"]
        self._note_draws((scan.graph,))
        return write_scan(self.nodes, self.library, self._prefix, write, scan, reverse, operands)

    def _stateful(
        self, op: str, inputs: list[Any], attrs: dict[str, Any], step: Step, held: Sequence[Held]
    ) -> list[Value]:
        if held or step.has_effects:
            return self._ordered(op, inputs, attrs, step.has_effects)
        return self.nodes.add(op, inputs, attrs)

    @property
    def _prefix(self) -> str:
        return f"{self.nodes.name}_" if isinstance(self.nodes, Body) else ""

    def _captured_argument(self, x: Symbol | np.ndarray) -> Value:
        name = x.name if isinstance(x, Symbol) else ""
        return self.nodes.argument(name or "captured", dtype_of(x), getattr(x, "static_shape", x.shape))


def _ops(graphs: Sequence[Graph]) -> Iterator[Op | Step]:
    """Those of graphs, and of what is in these."""
    for node in [node for graph in graphs for node in graph.nodes]:
        yield node.op
        yield from _ops(node.op.graphs if isinstance(node.op, Step) else ())
        yield from _ops((node.attrs["body"].graph,) if node.op is SCAN else ())


def _natural(value: Any) -> DType:
    while isinstance(value, (tuple, list)) and value:
        value = value[0]
    kinds = {bool: dtypes.bool, float: dtypes.float32, str: dtypes.string, bytes: dtypes.string}
    return kinds.get(type(value), dtypes.int32)


def _constant(x: Any) -> Any:
    """An operand that TensorFlow has as an attribute."""
    value = x.item()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _spec_of(x: Symbol | np.ndarray, name: str | None) -> TensorSpec:
    return TensorSpec(getattr(x, "static_shape", x.shape), dtype_of(x), name)


def resource(nodes: Nodes, held: Held) -> Value:
    """An argument for the handle of a variable or a table, or for the path of an asset."""
    if isinstance(held, Asset):
        return nodes.argument("asset_path", dtypes.string, ())
    if isinstance(held, Table):
        return nodes.argument("table_handle", dtypes.resource, ())
    shape = held.shape.as_list() if held.shape.rank is not None else None
    name = f"{held.name.partition(':')[0]}_resource"
    if isinstance(nodes, Body):
        return nodes.argument(name, dtypes.resource, (), (held.dtype, shape))
    return nodes.argument(name, dtypes.resource, ())


def function_def(graph: Graph, name: str, library: Library, order: Sequence[int] | None = None) -> Any:
    """A graph as a function of its arguments and then of the handles of its variables; it goes into the library too.

    Args:
      graph: the graph.
      name: of the function, to which a number may be added.
      library: where it goes.
      order: that of the arguments, by number.
    """
    inputs = graph.inputs if order is None else [graph.inputs[i] for i in order]
    body = Body(library, name)
    export = Export(body, library, is_saved=True)
    export.arguments([*inputs, *[inner for _, inner in graph.captures]])
    export.resources(library.held_by([graph]))
    return body.finish(export.run(graph), export.effects)


def graph_def(graph: Graph, freezes: bool = False) -> Any:
    """A graph as a GraphDef, with placeholders for its arguments and the handles of its variables.

    Args:
      graph: the graph.
      freezes: whether variables are constants instead.
    Raises:
      ValueError: one is written to, and is to be a constant.
    """
    library, nodes = Library(freezes), Nodes(in_function=False)
    export = Export(nodes, library)
    export.arguments([*graph.inputs, *[inner for _, inner in graph.captures]])
    export.resources(library.held_by([graph]))
    for result in export.run(graph):
        nodes.add("Identity", [result])
    message = messages.GraphDef(node=nodes.written, library=library.message())
    message.versions.producer = PRODUCER
    return message
