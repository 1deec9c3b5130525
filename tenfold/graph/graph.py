"""Graph: the ops of a traced function in the order in which they run.

A graph grows while Python runs the function: every op on a `Symbol` becomes a node (`Graph.add`), and so does every step that
has effects or runs Python (`Graph.step`). Ops on arrays that are known run at once, and their results are constants.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenfold.core import nest
from tenfold.core.context import recorders, set_recorders
from tenfold.core.convert import convert
from tenfold.core.dtypes import is_differentiable
from tenfold.core.errors import InvalidArgumentError, TracedArgumentError
from tenfold.core.op import Op
from tenfold.core.symbol import Size, Spec, Symbol, exchanged
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.graph.infer import infer, likely_value, partial_value
from tenfold.graph.labels import Labels
from tenfold.graph.node import Node, Step, needed, running_call

if TYPE_CHECKING:
    from tenfold.graph.operation import Operation


class ClosedOver(NamedTuple):
    """Variables that are read, and tensors that are constants."""

    variables: list[Variable]
    constants: list[Tensor]


class Graph:
    """What a function does.

    Attributes:
      inputs: symbols of the arguments.
      captures: pairs of a symbol of an outer graph and the one that stands for it here; they are inputs too.
      nodes: in the order in which they run.
      outputs: what the function returns: symbols, or arrays for constants.
      variables: those that are read or written, by node.
      fixed: sizes of inputs that the trace has come to depend on.
      seen: tensors of constants and of values of outer graphs, by the ids of what they hold.
      created: variables that were made while it was traced, with the user's line.
      is_vague: whether a tensor in it has an unknown number of axes, with which few functions can be traced.
      ran: ops and steps with their tensors and attributes, as long as it is traced: what a tape would have been told.
      is_part: whether it is a branch or what a loop runs: which of them runs, and how often, is not known where it is traced.
    """

    is_graph = True

    def __init__(self, name: str = "graph", outer: Graph | None = None, is_part: bool = False) -> None:
        self.name, self.outer, self.is_part = name, outer, is_part
        self.inputs: list[Symbol] = []
        self.captures: list[tuple[Symbol, Symbol]] = []
        self.nodes: list[Node] = []
        self.outputs: list[Symbol | np.ndarray] = []
        self.variables: dict[int, Variable] = {}
        self._values: dict[int, Tensor] = {}  # of variables, as far as they are known to be current
        self.fixed: set[Size] = set()
        self.seen: dict[int, Tensor] = {}
        self.created: list[tuple[Variable, str]] = []
        self.is_vague = False
        self.ran: list[tuple[Any, tuple[Tensor, ...], dict[str, Any], tuple[Tensor, ...]]] = []
        self._made: list[Tensor] = []  # constants that parts must not hand out but as results
        self._hidden: dict[int, tuple[Tensor, Graph]] = {}  # those of parts, by id
        self._op_seeds = 0
        self._arguments: list[Any] = []  # what they are in the call that is traced for, if there is one
        self.programs: dict[Any, Any] = {}  # what runs it: for any arguments (None), or by their shapes
        self._line = ""  # of the user's, if not the one that is running
        self._labels = Labels()
        self.renews_seeds = True  # whether a random op that is entered again has a stream of its own

    def next_op_seed(self) -> int:
        """The seed of a random op that has none of its own."""
        self._op_seeds += 1
        return self._op_seeds - 1

    # What ops call, through `Op.recover` and as a recorder.

    def record(self, op: Any, inputs: tuple, attrs: dict, outputs: tuple) -> None:
        self._see(inputs)
        self.ran.append((op, inputs, attrs, outputs))
        if self.is_part:
            self._made += [x for x in outputs if type(x._array) is np.ndarray]
        if isinstance(op, Op) and any(x._node is not None and is_differentiable(x._array.dtype) for x in inputs):
            self._enter_known(op, inputs, attrs, outputs)

    def _enter_known(self, op: Op, inputs: tuple, attrs: dict, outputs: tuple) -> None:
        """Enters an op that ran at once, though a tape outside may watch a constant that it took: results become symbols."""
        if all(type(x._array) is np.ndarray for x in (*inputs, *outputs)):
            found = self.add(op, [x._array for x in inputs], attrs)
            for tensor, array in zip(outputs, found if type(found) is tuple else (found,), strict=True):
                tensor._array = array

    def _see(self, tensors: Sequence[Tensor]) -> None:
        for tensor in tensors:
            array: Any = tensor._array
            graph: Graph | None = self
            while graph is not None and (type(array) is np.ndarray or array.graph is not graph):
                graph.seen[id(array)] = tensor  # in the graphs around this one, too: their steps are what tapes see
                made_in = graph._hidden.get(id(tensor), (tensor, self))[1]
                if made_in is not self:
                    raise self._stray(tensor.shape, made_in)
                graph = graph.outer

    def _stray(self, shape: Any, made_in: Graph, name: str = "") -> TypeError:
        return TypeError(
            f"A tensor {repr(name) + ' ' if name else ''}of shape {shape} was made while {made_in.name!r} was traced, and is used "
            f"outside of it, in {self.name!r}. Return it from that function, or keep it in a tf.Variable, or, if a loop makes "
            "several, in a tf.TensorArray."
        )

    def tensor_of(self, array: Any) -> Tensor:
        """The tensor by which a constant, or a value of an outer graph, was used here: tapes know it."""
        known = self.seen.get(id(array))
        return wrap(array) if known is None else known

    def variable_read(self, variable: Variable) -> None:
        pass

    def note_created(self, variable: Variable) -> None:
        """Notes that a variable is made while the function is traced."""
        self.created.append((variable, running_call()[0]))

    def value_of(self, variable: Variable) -> Tensor:
        """The value of a variable at this point of the trace."""
        known = self._values.get(variable._node)
        if known is None:
            array = variable._value._array
            symbol = self._read(variable, array)
            symbol.value = likely_value(symbol, array)
            known = self._remember(variable, symbol)
        return known

    def _read(self, variable: Variable, like: Any) -> Symbol:
        read = Step("ReadVariableOp", lambda: [variable._read()], False, (variable,))
        return self.step(read, (), [Spec(like.dtype, like.shape)])[0]._array  # type: ignore[return-value]

    def _remember(self, variable: Variable, array: Any) -> Tensor:
        value = wrap(array)
        value._node = variable._node
        if not variable._is_stream:
            self._values[variable._node] = value
        return value

    def forget_values(self) -> None:
        """Lets variables be read anew from here on."""
        self._values.clear()

    def assign(self, variable: Variable, value: Tensor) -> None:
        """Enters that a variable gets a new value."""
        given = getattr(value._array, "static_shape", value._array.shape)
        if not variable.shape.is_compatible_with(given):
            raise ValueError(
                f"Cannot assign value to variable '{variable.name}': Shape mismatch.The variable shape {variable.shape}, "
                f"and the assigned value shape {given} are incompatible."
            )
        self.step(Step("AssignVariableOp", lambda x: _assigned(variable, x), True, (variable,)), (value,), [])
        array: Any = value._array
        if type(array) is Symbol:  # tapes must not take the variable's value for what it was made of
            symbol = self._read(variable, array)
            symbol.value = array.value
            array = symbol
        self._remember(variable, array)

    def add(self, op: Op, arrays: Sequence[Any], attrs: dict[str, Any]) -> Any:
        """Enters an op; its result as a symbol (as an array, if it is known), or a tuple of them.

        Raises:
          TypeError: dtypes do not fit the op.
          ValueError: shapes do not.
        """
        value = None if op.has_effects else partial_value(op, arrays, attrs)
        if value is not None and value.dtype.kind != "O":
            return value
        inputs = tuple([self._owned(x) if type(x) is Symbol else x for x in arrays])
        attrs = {key: exchanged(x, self._owned_size) for key, x in attrs.items()} if attrs else attrs
        try:
            specs, is_single, fixed = infer(op, inputs, attrs)
        except InvalidArgumentError as error:
            raise self._as_traced(error) from None
        except TypeError as error:
            raise error from None
        self._fix(fixed)
        outputs = tuple([self._symbol(spec) for spec in specs])
        if value is not None:
            outputs[0].value = value
        self._append(op, inputs, attrs, outputs, is_single)
        return outputs[0] if is_single else outputs

    def _append(
        self, op: Op | Step, inputs: tuple, attrs: dict[str, Any], outputs: tuple[Symbol, ...], is_single: bool = False
    ) -> None:
        line, call = (self._line, None) if self._line else running_call()
        label = self._labels.of(call)
        node = Node(op, inputs, attrs, outputs, line, is_single, label)
        if label is not None and (label.last is None or op.name != "ReadVariableOp"):
            label.last = node
        self.nodes.append(node)

    def _as_traced(self, error: InvalidArgumentError) -> InvalidArgumentError:
        """The error of an argument that is found not to fit while the graph is traced."""
        if not self.renews_seeds or isinstance(
            error, TracedArgumentError
        ):  # made for a call of a graph that has been traced
            return error
        return TracedArgumentError(error.message).with_traceback(error.__traceback__)

    def step(self, step: Step, tensors: Sequence[Tensor], specs: Sequence[Spec]) -> list[Tensor]:
        """Enters a step; its results by their specs."""
        inputs = tuple([self._owned(t._array) if type(t._array) is Symbol else t._array for t in tensors])
        self._see(tensors)
        outputs = tuple([self._symbol(spec) for spec in specs])
        self._append(step, inputs, {}, outputs)
        self.variables.update({v._node: v for v in step.variables or () if not v._is_stream})
        if step.has_effects:
            for node in list(self._values) if step.variables is None else [v._node for v in step.variables]:
                self._values.pop(node, None)
        for graph in step.graphs:
            self.variables.update(graph.variables)
        results = [wrap(symbol) for symbol in outputs]
        self.ran.append((step, tuple(tensors), {}, tuple(results)))
        return results

    def with_own_gradient(
        self, name: str, results: Sequence[Tensor], sources: Sequence[Tensor], vjp: Callable
    ) -> list[Tensor]:
        """The results of a function that has been traced, with a gradient that is not that of what it does."""
        from tenfold.graph.own_gradient import with_own_gradient

        return with_own_gradient(name, results, sources, vjp)

    def enter(
        self,
        name: str,
        function: Callable[..., list[Tensor]],
        tensors: Sequence[Tensor],
        specs: Sequence[Spec],
        variables: tuple[Variable, ...],
        lower: Callable[..., Any] | None = None,
        pure: Op | None = None,
    ) -> list[Tensor]:
        """Enters a call of a function that writes variables; called while another function is traced, it must enter itself again."""
        return self.step(Step(name, function, True, variables, lower=lower, pure=pure), tensors, specs)

    def _symbol(self, spec: Spec) -> Symbol:
        symbol = Symbol(self, spec.dtype, spec.shape)
        if spec.shape is None:
            graph: Graph | None = self
            while graph is not None:
                graph.is_vague, graph = True, graph.outer
        elif None in spec.shape:
            hints = iter(spec.hints)
            symbol.shape = tuple([Size((symbol, i), next(hints)) if s is None else s for i, s in enumerate(spec.shape)])
        return symbol

    @contextmanager
    def at_line(self, line: str) -> Iterator[None]:
        """What is entered inside comes from this line of the user's."""
        before, self._line = self._line, line
        try:
            yield
        finally:
            self._line = before

    def checkpoint(self) -> Callable[[], None]:
        """A function that takes back what has been entered since."""
        count, values, seeds = len(self.nodes), dict(self._values), self._op_seeds

        def undo() -> None:
            del self.nodes[count:]
            self._values, self._op_seeds = values, seeds

        return undo

    def input(
        self, dtype: np.dtype, shape: Sequence[int | None] | None, hints: Sequence[int] = (), name: str = ""
    ) -> Tensor:
        """A new argument."""
        spec = Spec(dtype, None if shape is None else tuple(shape), tuple(hints))
        symbol = self._symbol(spec)
        symbol.name = name
        self.inputs.append(symbol)
        return wrap(symbol)

    def describe(self, tensor: Tensor, what: str) -> Any:
        """The `name`, `op`, `value_index` or `graph` of one of its tensors."""
        from tenfold.graph.operation import OF_TRACED

        return OF_TRACED[what](tensor)

    def expect(self, values: Sequence[np.ndarray]) -> None:
        """Takes in what the arguments are in the call that is traced for: likely values, and those of initial values."""
        self._arguments = list(values)
        for symbol, value in zip(self.inputs, values, strict=True):
            if type(value) is np.ndarray and value.size <= _FEW and symbol.shape == value.shape:
                symbol.value = likely_value(symbol, value)

    def lifted(self, tensor: Tensor) -> Tensor:
        """The value of a tensor now: that of the first call, where it depends on arguments.

        Raises:
          ValueError: it depends on arguments, and there is no call.
        """
        from tenfold.graph.run import Program

        part = Graph(f"{self.name}, initial value")
        part.outputs = [tensor._array]
        part.nodes = needed([tensor._array], self.nodes, with_effects=False)
        if any(type(x) is Symbol for x in self._arguments):  # those of another trace
            self._arguments = []
        if self._arguments:
            part.inputs = self.inputs
        known = {x for node in part.nodes for x in node.outputs} | set(part.inputs)
        if not all(x in known for x in [tensor._array, *[x for node in part.nodes for x in node.reads()]]):
            raise ValueError(
                "Tensor-typed variable initializers must either be wrapped in an init_scope or callable: the initial value of a "
                f"tf.Variable depends on an argument of {self.name!r}."
            )
        return wrap(Program(part)(*self._arguments)[0])

    def defer(
        self,
        function: Callable[..., Any],
        args: tuple,
        kwargs: dict[str, Any],
        always: bool = False,
        variables: tuple[Variable, ...] | None = (),
        expand: Callable[..., Any] | None = None,
    ) -> bool:
        """Enters a call of a function that acts on the values of tensors and returns nothing.

        Args:
          function: what to call; called while another function is traced, it must enter itself again.
          args, kwargs: its arguments.
          always: whether to do so even where the values are known now.
          variables: those that it writes; None for any.
          expand: the same with public functions, for files of other tools.
        Returns:
          Whether it was entered.
        """
        leaves = nest.flatten((args, kwargs), expand_composites=True)
        is_tensor = [isinstance(x, (Tensor, Variable)) for x in leaves]
        if not always and not any(
            isinstance(x, Variable) or (t and type(x._array) is Symbol) for x, t in zip(leaves, is_tensor, strict=True)
        ):
            return False

        def run(*tensors: Tensor, function: Callable[..., Any] = function) -> list[Tensor]:
            given = iter(tensors)
            filled = [next(given) if t else x for x, t in zip(leaves, is_tensor, strict=True)]
            again = nest.pack_sequence_as((args, kwargs), filled, expand_composites=True)
            function(*again[0], **again[1])
            return []

        operands = [convert(x) for x, t in zip(leaves, is_tensor, strict=True) if t]
        expanded = None if expand is None else functools.partial(run, function=expand)
        self.step(Step(getattr(function, "__name__", "call"), run, True, variables, expand=expanded), operands, [])
        return True

    @cached_property
    def closed_over(self) -> ClosedOver:
        """What it uses beside its arguments, as far as it can have gradients. Not to be asked while it is traced."""
        variables: dict[int, Variable] = {}
        graphs = [self]
        for graph in graphs:
            for node in graph.nodes:
                if isinstance(node.op, Step):
                    graphs += node.op.graphs
                    if node.op.name == "ReadVariableOp":
                        variables.update({v._node: v for v in node.op.variables or ()})
        constants = [
            t for t in self.seen.values() if type(t._array) is np.ndarray and is_differentiable(t._array.dtype)
        ]
        return ClosedOver([v for v in variables.values() if is_differentiable(v._value._array.dtype)], constants)

    # Symbols of outer graphs.

    def _owned(self, symbol: Symbol) -> Symbol:
        """The symbol by which a value, perhaps of an outer graph, is known here."""
        if symbol.graph is self:
            return symbol
        for outer, inner in self.captures:
            if outer is symbol:
                return inner
        if self.outer is None:
            raise self._stray(symbol.static_shape, symbol.graph, symbol.name)
        outer = self.outer._owned(symbol)
        for known, inner in self.captures:
            if known is outer:
                return inner
        inner = Symbol(self, outer.dtype, outer.shape, outer.value, outer.name)
        self.captures.append((outer, inner))
        return inner

    def _owned_size(self, size: Size) -> Size | None:
        if not size.is_leaf:
            return None
        symbol, where = size.source
        owned = self._owned(symbol)
        return size if owned is symbol else Size((owned, where), size.hint)

    def _fix(self, sizes: Sequence[Size]) -> None:
        self.fixed.update(sizes)

    # Tracing.

    def as_default(self) -> AbstractContextManager[Graph]:
        """Makes the graph the one that ops are entered into, whose results can be computed once it is a function or a GraphDef.

        What depends on no placeholder is computed at once, and enters the graph as a constant.

        Example:
          >>> graph = tf.Graph()
          >>> with graph.as_default():
          ...     x = tf.compat.v1.placeholder(tf.float32, [None], name="x")
          ...     y = 2.0 * x
          >>> [node.name for node in graph.as_graph_def().node if node.op in ("Placeholder", "Mul")]
          ['x', 'Mul']
        """
        return self.tracing()

    @contextmanager
    def tracing(self) -> Iterator[Graph]:
        """What runs inside is entered here. Tapes outside see it only if this is part of the graph that they see traced: what
        runs on their constants inside is theirs.
        """
        before = recorders()
        set_recorders((self, *[r for r in before if not r.is_graph and self.outer is not None]))  # type: ignore[arg-type]
        try:
            yield self
        except InvalidArgumentError as error:
            raise self._as_traced(error) from None
        finally:
            set_recorders(before)
            if self.is_part and self.outer is not None:
                made = {id(x): (x, self) for x in self._made}
                self.outer._hidden.update({**self._hidden, **made})
                # its own constants that no tape knows are just values, wherever it is run
                self.seen = {i: x for i, x in self.seen.items() if id(x) not in made or x._node is not None}
            self._made, self._hidden, self.ran = [], {}, []
            self._labels.forget()
            # arrays of objects are beyond Python's collector of cycles: these would keep the graph for ever
            for symbol in [*self.inputs, *[x for _, x in self.captures], *[x for n in self.nodes for x in n.outputs]]:
                symbol.value = None

    def finish(self, results: Sequence[Tensor]) -> None:
        """Sets the outputs, and drops the nodes that neither they nor effects need."""
        self._see(results)
        self.outputs = [self._owned(t._array) if type(t._array) is Symbol else t._array for t in results]
        self.forget_values()
        self._arguments = []
        self.nodes = needed(self.outputs, self.nodes)

    def get_operations(self) -> list[Operation]:
        """The arguments and the nodes, in the order in which they run."""
        from tenfold.graph.operation import operations

        return operations(self)

    def get_operation_by_name(self, name: str) -> Operation:
        """The operation that has this name.

        Raises:
          KeyError: there is none.
        """
        for operation in self.get_operations():
            if operation.name == name:
                return operation
        raise KeyError(f"The graph {self.name!r} has no operation {name!r}; `get_operations()` lists them.")

    def get_tensor_by_name(self, name: str) -> Tensor:
        """The tensor of a name like "AddV2:0": an operation, and which of its results.

        Raises:
          KeyError: there is none.
          ValueError: the name has no number.
        """
        from tenfold.graph.operation import place_of

        operation, number = place_of(name)
        outputs = self.get_operation_by_name(operation).outputs
        if number >= len(outputs):
            raise KeyError(
                f"The operation {operation!r} has {len(outputs)} results; got {name!r}, which counts from 0."
            )
        return outputs[number]

    def as_graph_def(self, from_version: int | None = None, add_shapes: bool = False) -> Any:
        """The graph as TensorFlow's message, with placeholders for the arguments and the handles of variables.

        Args:
          from_version, add_shapes: not supported.
        Raises:
          NotImplementedError: a step of it runs Python, or it has ops that TensorFlow's graphs cannot say.
        """
        if from_version is not None or add_shapes:
            raise NotImplementedError(
                "Graph.as_graph_def: from_version and add_shapes are not supported. Leave them out."
            )
        from tenfold.saved_model.export import graph_def

        return graph_def(self)

    def __str__(self) -> str:
        names: dict[Any, str] = {}

        def text(x: Any) -> str:
            if type(x) is not Symbol:
                return str(x.tolist()) if x.size < 8 else f"{x.dtype}{list(x.shape)}"
            return names.setdefault(x, f"%{len(names)}")

        def spec(x: Symbol) -> str:
            shape = "?" if x.shape is None else ["?" if type(s) is Size else s for s in x.shape]
            return f"{text(x)}: {x.dtype}{shape}".replace("'", "")

        lines = [f"graph {self.name}({', '.join(spec(x) for x in [*self.inputs, *[i for _, i in self.captures]])}):"]
        for node in self.nodes:
            attrs = "".join(f", {k}={v}" for k, v in node.attrs.items())
            left = ", ".join(spec(x) for x in node.outputs)
            lines.append(f"  {left}{' = ' if left else ''}{node.op.name}({', '.join(map(text, node.inputs))}{attrs})")
        return "\n".join([*lines, f"  return {', '.join(map(text, self.outputs))}"])


def _assigned(variable: Variable, value: Tensor) -> list[Tensor]:
    variable.assign(value)
    return []


_FEW = 16  # elements of an argument that may be sizes, indices or axes
