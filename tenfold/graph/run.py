"""Running graphs: node by node on tensors, or as one generated function on arrays. `execute.py` chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from tenfold.core.context import paused_recording, traced_graph
from tenfold.core.errors import OpError, ResourceExhaustedError
from tenfold.core.op import Op
from tenfold.core.symbol import Size, Spec, Symbol, evaluate, is_stack, sizes_in
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.graph.graph import Graph
from tenfold.graph.native import Segment, compiled, has_compiler, writable
from tenfold.graph.node import Node, Step
from tenfold.ops.large import kernel_for


def replay(graph: Graph, tensors: Sequence[Tensor]) -> list[Tensor]:
    """Runs a graph op by op on tensors: tapes record it, and a graph that is being traced takes it in."""
    values: dict[Symbol, Tensor] = dict(zip(all_inputs(graph), tensors, strict=True))

    def tensor(x: Any) -> Tensor:
        return values[x] if type(x) is Symbol else graph.tensor_of(x)

    def leaf(size: Size) -> Any:
        symbol, where = size.source
        array = values[symbol]._array
        if type(where) is not int and type(array) is Symbol:
            return Size((array, where), size.hint) if array.value is None else array.value[where]
        return array.shape[where] if type(where) is int else int(array[where])

    traced = traced_graph()
    for node in graph.nodes:
        operands = [tensor(x) for x in node.inputs]
        with nullcontext() if traced is None else traced.at_line(node.line):
            try:
                if isinstance(node.op, Step):
                    found = node.op.run(*operands)
                else:
                    attrs = {k: evaluate(v, leaf) for k, v in node.attrs.items()} if node.sizes() else node.attrs
                    result = node.op(*operands, **attrs)
                    found = [result] if type(result) is Tensor else result
            except OpError as error:
                _add_line(error, graph, node)
                raise
        for symbol, value in zip(node.outputs, found, strict=True):
            values[symbol] = value
    return [tensor(x) for x in graph.outputs]


def run_program(graph: Graph, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Runs a graph as a program; where sizes of its arguments are unknown, as one for the shapes of these arrays."""
    program = graph.programs.get(None)
    if program is None:
        is_open = has_compiler() and has_open_shapes(graph)
        key: Any = tuple([x.shape for x in arrays]) if is_open else None
        if is_open and graph.outer is not None and key not in graph.programs and len(graph.programs) >= _MOST_PROGRAMS:
            key, is_open = "any shapes", False  # the turns of a loop that go on to grow
        program = stored(graph, key, lambda: Program(compiled(specialized(graph, arrays) if is_open else graph)))
    return program(*arrays)


def run_for_values(graph: Graph, arrays: Sequence[np.ndarray], num_known: int) -> list[np.ndarray]:
    """Runs a graph as a program for these shapes, and for the values of the last few arguments, which are integers; if they ever change, as
    one for any.
    """
    key: Any = (*[x.shape for x in arrays], *map(int, arrays[len(arrays) - num_known :]))
    if key in graph.programs or len(graph.programs) < _MOST_VALUES:
        program = stored(graph, key, lambda: Program(compiled(specialized(graph, arrays, num_known))))
    else:
        program = stored(graph, "any", lambda: Program(compiled(graph, is_rest=True)))
    return program(*arrays)


_MOST_VALUES = 16  # for which there are programs
_MOST_PROGRAMS = 64  # of one graph, for different shapes; the one made first goes first


def stored(graph: Graph, key: Any, make: Callable[[], Any]) -> Any:
    """What runs a graph in the way that `key` tells, made if it is new."""
    if key not in graph.programs:
        graph.programs[key] = make()
        if len(graph.programs) > _MOST_PROGRAMS:
            del graph.programs[next(iter(graph.programs))]
    return graph.programs[key]


def has_open_shapes(graph: Graph) -> bool:
    """Whether sizes of its arguments that may be known in a call, or numbers of their axes, are unknown."""
    return any(x.shape is None or (sizes_in(x.shape) and not is_stack(x)) for x in all_inputs(graph))


def specialized(graph: Graph, arrays: Sequence[np.ndarray], num_known: int = 0) -> Graph:
    """The graph for arguments of known shapes, which all sizes follow from that do not depend on values, the last few of which are known, too."""
    known = Graph(graph.name)
    known.renews_seeds = False
    with known.tracing():
        pairs = zip(arrays, all_inputs(graph), strict=True)
        tensors = [known.input(*Spec.given(x, s), s.name) for x, s in pairs]
        first = len(arrays) - num_known
        known.finish(replay(graph, [*tensors[:first], *map(wrap, arrays[first:])]))
    return known


def all_inputs(graph: Graph) -> list[Symbol]:
    """The symbols of arguments, then those of captured values."""
    return [*graph.inputs, *[inner for _, inner in graph.captures]]


class Program:
    """A graph as one Python function of arrays that calls a kernel per line.

    Tapes do not see what it does, so it stands for a graph only where none listens.

    Attributes:
      graph: what it runs.
      run: the function; called by itself, it raises what kernels raise, and warns of what they warn of.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._file = f"<graph of {graph.name}>"
        self._nodes: dict[int, Node] = {}  # by line
        self._names: dict[Symbol, str] = {}
        self._scope: dict[str, Any] = {
            "__name__": __name__, "wrap": wrap, "ndarray": np.ndarray, "asarray": np.asarray, "sized": _with_sizes,
            "writable": writable, "Tensor": Tensor, "new": Tensor.__new__,
        }  # fmt: skip
        exec(compile(self._source(), self._file, "exec"), self._scope)
        self.run: Callable[..., list[np.ndarray]] = self._scope["run"]
        self._is_native = all(isinstance(node.op, Segment) for node in graph.nodes)

    def __call__(self, *arrays: np.ndarray) -> list[np.ndarray]:
        """Runs the graph: arrays of the arguments and of captured values in, arrays of the results out."""
        try:
            if self._is_native:
                return self.run(*arrays)
            with np.errstate(all="ignore"):
                return self.run(*arrays)
        except Exception as error:
            raise self._explained(error) from None

    def _name(self, x: Any) -> str:
        if type(x) is Symbol:
            return self._names.setdefault(x, f"v{len(self._names)}")
        return self._constant(x)

    def _constant(self, value: Any) -> str:
        name = f"c{len(self._scope)}"
        self._scope[name] = value
        return name

    def _source(self) -> str:
        graph, name = self.graph, self._name
        last_use: dict[Symbol, int] = {}
        for i, node in enumerate(graph.nodes):
            for symbol in (*node.reads(), *node.outputs):
                last_use[symbol] = i
        kept = {x for x in graph.outputs if type(x) is Symbol}
        lines = self._beginning([name(x) for x in all_inputs(graph)])
        for i, node in enumerate(graph.nodes):
            if isinstance(node.op, Segment) and node.op.written:
                locks = self._constant(sorted({v._lock for v in node.op.written}, key=id))
                lines += [f"    for lock in {locks}: lock.acquire()", "    try:"]
                lines += [f"        owned = writable({self._constant(node.op.written)})", "        " + self._call(node)]
                self._nodes[len(lines)] = node
                lines += ["    finally:", "        owned = None", f"        for lock in {locks}: lock.release()"]
            else:
                lines.append("    " + self._call(node))
                self._nodes[len(lines)] = node
            if isinstance(node.op, Op):
                scalars = [name(x) for x in node.outputs if not x.shape]  # scalars, and what may be
                lines += [f"    if type({v}) is not ndarray: {v} = asarray({v})" for v in scalars]
            dead = {name(x) for x in (*node.reads(), *node.outputs) if last_use[x] == i and x not in kept}
            if dead:
                lines.append(f"    {' = '.join(sorted(dead))} = None")
        return "\n".join([*lines, *self._end([name(x) for x in graph.outputs])])

    def _beginning(self, names: list[str]) -> list[str]:
        return [f"def run({', '.join(names)}):"]

    def _end(self, names: list[str]) -> list[str]:
        return [f"    return [{', '.join(names)}]"]

    def _call(self, node: Node) -> str:
        name = self._name
        results = [name(x) for x in node.outputs]
        if isinstance(node.op, Segment):
            call = f"{self._constant(node.op.executable)}({', '.join(self._argument(x, node.op) for x in node.op.arguments)})"
            return f"[{', '.join(results)}] = {call}" if results else call
        if isinstance(node.op, Step) and node.op.name == "ReadVariableOp":
            return f"{results[0]} = {self._constant(node.op.variables[0])}._value._array"  # type: ignore[index]
        if isinstance(node.op, Step):
            call = f"{self._constant(node.op.run)}({', '.join(f'wrap({name(x)})' for x in node.inputs)})"
            return f"[{', '.join(results)}] = [t._array for t in {call}]" if results else call
        attrs = ""
        if node.sizes():
            symbols = {size.source[0] for size in node.sizes()}
            arrays = ", ".join(f"{self._constant(x)}: {name(x)}" for x in symbols)
            attrs = f", **sized({self._constant(node.attrs)}, {{{arrays}}})"
        elif node.attrs:
            attrs = "".join([f", {key}={self._constant(value)}" for key, value in node.attrs.items()])
        operands = "".join(f"{name(x)}, " for x in node.inputs)[:-2]
        left = results[0] if node.is_single else f"[{', '.join(results)}]"
        is_static = not node.sizes() and not any(x.shape is None or sizes_in(x.shape) for x in node.inputs)
        kernel: Any = node.op.kernel
        if is_static:
            kernel, takes_attrs = kernel_for(node.op, node.inputs, node.attrs)  # type: ignore[arg-type]
            attrs = attrs if takes_attrs else ""
        return f"{left} = {self._constant(kernel)}({(operands + attrs).removeprefix(', ')})"

    def _argument(self, x: Symbol | Variable, segment: Segment) -> str:
        if type(x) is Symbol:
            return self._name(x)
        written = [i for i, variable in enumerate(segment.written) if variable is x]
        return f"owned[{written[0]}]" if written else f"{self._constant(x)}._value._array"

    def _explained(self, error: Exception) -> Exception:
        """TensorFlow's error for what a kernel raised, with the user's line."""
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != self._file:
            trace = trace.tb_next
        node = self._nodes.get(trace.tb_lineno) if trace is not None else None
        if node is None:
            return error
        known = trace.tb_frame.f_locals  # type: ignore[union-attr]
        values = {x: known[self._names[x]] for x in node.reads()}
        if (
            isinstance(node.op, Segment)
            and isinstance(error, OpError)
            and not isinstance(error, ResourceExhaustedError)
        ):
            node, error = _culprit(node, error, values)
        if isinstance(node.op, Op):
            try:
                arrays: list[Any] = [values[x] if type(x) is Symbol else x for x in node.inputs]
                node.op.recover(error, arrays, _with_sizes(node.attrs, values) if node.sizes() else node.attrs)
            except Exception as e:
                error = e
        _add_line(error, self.graph, node)
        return error


def _add_line(error: Exception, graph: Graph, node: Node) -> None:
    """Notes at an error where in the user's code the node was made that raised it."""
    if node.line and not getattr(error, "__notes__", None):
        error.add_note(f"{node.name!r} in {graph.name!r}, traced at {node.line}.")


def _culprit(segment: Node, error: Exception, values: dict[Symbol, np.ndarray]) -> tuple[Node, Exception]:
    """The node of a segment that fails, and how it does where nodes run one by one; `values` becomes what it reads.

    What is behind a step that writes variables in ways of its own is not run again: then it is that step, if it is a branch or loop.
    """
    variables: dict[int, Tensor] = {}
    nodes: Sequence[Node] = segment.op.nodes  # type: ignore[union-attr]
    for node in nodes:
        arrays: list[Any] = [values[x] if type(x) is Symbol else x for x in node.inputs]
        step: Any = node.op
        if isinstance(step, Op):
            try:
                attrs = _with_sizes(node.attrs, values) if node.sizes() else node.attrs
                with np.errstate(all="ignore"):
                    found = step.kernel(*arrays, **attrs)
            except Exception as e:
                return node, e
            results = [found] if node.is_single else found
            values.update(zip(node.outputs, map(np.asarray, results), strict=True))
        elif step.graphs and not step.has_effects:
            try:
                values.update(zip(node.outputs, _tried(step, arrays, variables), strict=True))
            except Exception as e:
                return node, e
        elif step.lower is not None:
            return (node if step.graphs else segment), error
        elif step.has_effects:
            variables[step.variables[0]._node] = wrap(arrays[0])
        else:
            (variable,) = step.variables
            values[node.outputs[0]] = variables.get(variable._node, variable._value)._array
    return segment, error


def _tried(step: Step, arrays: Sequence[np.ndarray], variables: dict[int, Tensor]) -> list[np.ndarray]:
    """The results of a branch or loop whose graphs are run one by one; `variables` have these values, and keep their own."""
    used = {node: v for graph in step.graphs for node, v in graph.variables.items() if node in variables}
    before = {node: v._value for node, v in used.items()}
    with paused_recording():
        try:
            for node, v in used.items():
                v._put(variables[node])
            return [t._array for t in step.run(*map(wrap, arrays))]
        finally:
            for node, v in used.items():
                v._put(before[node])


def _leaf_in(arrays: dict[Symbol, Any]) -> Callable[[Size], int]:
    """What gives the value of a size, from the arrays of the symbols it may come from."""

    def leaf(size: Size) -> int:
        symbol, where = size.source
        array = arrays[symbol]
        return array.shape[where] if type(where) is int else int(array[where])

    return leaf


def _with_sizes(attrs: dict[str, Any], arrays: dict[Symbol, Any]) -> dict[str, Any]:
    leaf = _leaf_in(arrays)
    return {key: evaluate(value, leaf) for key, value in attrs.items()}
