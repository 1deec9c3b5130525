"""Running TensorFlow's graphs: each node becomes a call of Tenfold's op, so that a trace of it is a graph like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tenfold.core.errors import OpError
from tenfold.core.op import REGISTRY
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.ops import raw
from tenfold.saved_model.definitions import REQUIRED, Definition, definition, host_names
from tenfold.saved_model.functionalise import functionalised
from tenfold.saved_model.plan import DamagedGraph, Plan, PlannedNode, functions_in, plan_of_function

Values = Sequence[Any]  # what flows into and out of a node: tensors, variables, lists, tables
Handler = Callable[["Functions", PlannedNode, Values], Values]
HANDLERS: dict[str, Handler] = {}  # ops that are no functions of tensors alone; the modules in `handlers` fill it
_OF_REFERENCES: set[str] = set()  # those that take variables of TensorFlow 1 themselves, not their values

_MOST_NODES = 500_000  # that one trace may run: calls inside calls multiply
_MOST_DEPTH = 64  # of calls inside calls
_OF_ARGUMENTS = (
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    AssertionError,
)  # what ops raise where they do not fit
# Ops that run for a file only if the user allows them by name, with what they do.
GUARDED: dict[str, str] = {}
_GUARDED_IN_PART = {"InitializeTableFromTextFile", "InitializeTableFromTextFileV2"}  # assets may be read
_LISTS = {"TensorListReserve", "EmptyTensorList"}
_OF_PYTHON = {"PyFunc", "PyFuncStateless", "EagerPyFunc", "NumericPyFunc"}


def handles(*names: str, reaches: str = "", takes_references: bool = False) -> Callable[[Handler], Handler]:
    """Makes a function what runs the ops of these names.

    Args:
      names: of the ops.
      reaches: what they do outside of the program, which must be allowed.
      takes_references: whether their inputs may be `VariableReference`s; others get the values.
    """

    def enter(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(names, handler))
        if reaches:
            GUARDED.update(dict.fromkeys(names, reaches))
        if takes_references:
            _OF_REFERENCES.update(names)
        return handler

    return enter


class VariableReference(NamedTuple):
    """What makes a variable of TensorFlow 1 gives: the variable to ops that assign, its value to all others."""

    variable: Variable


def read(values: Iterable[Any]) -> list[Any]:
    """Values, with those of variables in place of references."""
    return [x.variable._read() if type(x) is VariableReference else x for x in values]


class OwnGradient(NamedTuple):
    """The gradient of a function that has one of its own, `tf.custom_gradient`.

    Attributes:
      function: takes the upstream gradients of all outputs of the node that stands for it, and captured tensors.
      captured: what it captures: variables, and tensors: names of functions, of nodes in them, and which of their outputs.
      places: which inputs of the node its results are gradients of.
    """

    function: str
    captured: list[Variable | tuple[str, str, int]]
    places: list[int]


class Functions:
    """The functions of a file.

    Args:
      definitions: FunctionDefs.
      allowed: names of guarded ops that may run.
    Attributes:
      gradients: those of functions with gradients of their own, by the type that nodes give.
      assets: paths of the files that graphs may read.
    """

    def __init__(self, definitions: Iterable[Any], allowed: Sequence[str] = ()) -> None:
        from tenfold.saved_model.handlers import (  # noqa: F401  # enter what they have
            arrays,
            control_flow,
            files,
            former,
            generators,
            lists,
            optimizers,
            printing,
            references,
            tables,
            values,
            variables,
        )

        self._definitions = {function.signature.name: function for function in definitions}
        self._plans: dict[str, Plan] = {}
        self.gradients: dict[str, OwnGradient] = {}
        self.assets: set[bytes] = set()
        self.allowed = _checked_names(allowed)
        self._active: dict[str, dict[str, Any]] = {}  # the functions that run, with what is known in each
        self._count = 0

    def __contains__(self, name: object) -> bool:
        return name in self._definitions

    def plan(self, name: str) -> Plan:
        """The plan of a function.

        Raises:
          DamagedGraph: there is none of this name, or it contradicts itself.
        """
        if name not in self._plans:
            if name not in self._definitions:
                raise DamagedGraph(f"a function {name!r} is called, which is not in the file.")
            self._plans[name] = self.readable(plan_of_function(self._definitions[name], self._definitions))
        return self._plans[name]

    def readable(self, plan: Plan, wanted: Iterable[str] = ()) -> Plan:
        """A plan in which branches and loops of TensorFlow 1 call plans of their own; see `functionalised`."""
        return functionalised(plan, self._add, wanted)

    def _add(self, plan: Plan) -> str:
        name, number = plan.name, 0
        while name in self._plans or name in self._definitions:
            number += 1
            name = f"{plan.name}_{number}"
        self._plans[name] = plan._replace(name=name)
        return name

    def check(self, roots: Iterable[Plan], what: str) -> None:
        """Looks at all that graphs would run.

        Raises:
          NotImplementedError: there are ops that Tenfold does not have, or that it refuses to run: all of them are named.
          DamagedGraph: a function contradicts itself, or calls itself.
        """
        missing: set[str] = set()
        refused: set[str] = set()
        waiting = list(roots)
        calls: dict[str, list[str]] = {}
        while waiting:
            plan = waiting.pop()
            called = []
            for node in plan.nodes:
                if node.op in GUARDED and node.op not in self.allowed:
                    refused.add(node.op)
                if node.op in self._definitions:
                    called.append(node.op)
                elif not is_known(node.op):
                    missing.add(node.op)
                elif node.op in _LISTS and node.attrs["element_dtype"].name == "variant":
                    missing.add(f"{node.op} of lists or optional values")
                called += functions_in(node.attrs)
            calls[plan.name] = called
            waiting += [
                self.plan(name) for name in called if name not in calls and name not in {p.name for p in waiting}
            ]
        _check_calls(calls)
        _refuse(missing, refused, what)

    def call(self, name: str, values: Values) -> list[Any]:
        """Runs a function on tensors, variables and lists; its results."""
        plan = self.plan(name)
        if len(values) != len(plan.arguments):
            raise DamagedGraph(
                f"function {name!r} takes {len(plan.arguments)} arguments and is called with {len(values)}."
            )
        if len(self._active) >= _MOST_DEPTH or name in self._active:
            raise DamagedGraph(f"function {name!r} calls itself, or calls go {len(self._active)} levels deep.")
        known = {arg.name: [value] for arg, value in zip(plan.arguments, values, strict=True)}
        self._active[name] = known
        try:
            self.run(plan, known)
            return [self.value(known, source.node, source.output) for source in plan.results]
        finally:
            del self._active[name]

    def captured(self, gradient: OwnGradient) -> list[Any]:
        """The tensors that a gradient captures, of functions that run.

        Raises:
          LookupError: one is not there.
        """
        try:
            return [
                x if isinstance(x, Variable) else self.value(self._active[x[0]], x[1], x[2]) for x in gradient.captured
            ]
        except (KeyError, DamagedGraph):
            raise LookupError(
                f"what the gradient {gradient.function!r} captures is not there where it is needed"
            ) from None

    def run(self, plan: Plan, known: dict[str, Any]) -> None:
        """Runs the nodes of a plan whose results are not known; enters their results."""
        if not self._active:
            self._count = 0
        for node in plan.nodes:
            if node.name in known:
                continue
            self._count += 1
            if self._count > _MOST_NODES:
                raise DamagedGraph(f"the functions of the file would run more than {_MOST_NODES} nodes for one call.")
            inputs = [self.value(known, source.node, source.output) for source in node.inputs]
            try:
                known[node.name] = self._node(node, inputs)
            except Exception as error:
                if isinstance(error, _OF_ARGUMENTS) and not isinstance(error, (NotImplementedError, OpError)):
                    place = f"node {node.name!r} ({node.op}) of {plan.name or 'the graph'!r}"
                    raise DamagedGraph(f"{place} cannot run: {error}") from error
                if not any("node" in note for note in getattr(error, "__notes__", ())):
                    error.add_note(f"In the node {node.name!r} ({node.op}) of {plan.name or 'the graph'!r}.")
                raise

    @staticmethod
    def value(known: Mapping[str, Any], name: str, output: int) -> Any:
        """An output of a node that has run."""
        results = known[name]
        if not 0 <= output < len(results):
            raise DamagedGraph(f"output {output} of node {name!r} is used, which has {len(results)}.")
        return results[output]

    def _node(self, node: PlannedNode, inputs: Values) -> Sequence[Any]:
        handler = HANDLERS.get(node.op)
        if node.op not in _OF_REFERENCES:
            inputs = read(inputs)
        if node.op in self._definitions:  # the name of a function, as old graphs call it
            return self.call(node.op, inputs)
        if handler is not None:
            return handler(self, node, inputs)
        return run_op(node, inputs)


def is_known(op: str) -> bool:
    if op in HANDLERS:
        return True
    try:
        raw.function_of(op)
    except AttributeError:
        return False
    return definition(op) is not None


def _checked_names(allowed: Sequence[str]) -> set[str]:
    """The names of ops that a user allows.

    Raises:
      ValueError: one needs no permission, or cannot be run.
    """
    if isinstance(allowed, str):
        raise ValueError(f"allowed_ops={allowed!r} is one text; it must be a list of names: allowed_ops=[{allowed!r}].")
    for name in allowed:
        if name in _OF_PYTHON:
            raise ValueError(f"allowed_ops has {name!r}, which cannot be run: its Python code is not in the file.")
        if name not in GUARDED.keys() | _GUARDED_IN_PART:
            known = ", ".join(sorted(GUARDED.keys() | _GUARDED_IN_PART))
            raise ValueError(f"allowed_ops has {name!r}; only these ops must be allowed: {known}.")
    return set(allowed)


def _refuse(missing: set[str], refused: set[str], what: str) -> None:
    texts = []
    if refused:
        does = ", ".join(f"{name} ({GUARDED[name]})" for name in sorted(refused))
        texts.append(
            f"ops that a file may not run unless you allow it: {does}. If you trust the file, allow them by name, "
            f"allowed_ops={sorted(refused)} (in tf.saved_model.LoadOptions, or of tf.graph_util.import_graph_def)"
        )
    if missing & _OF_PYTHON:
        texts.append(
            f"ops whose Python code is not in the file: {', '.join(sorted(missing & _OF_PYTHON))}. Nobody can run them"
        )
    if missing - _OF_PYTHON:
        texts.append(f"ops that Tenfold does not have: {', '.join(sorted(missing - _OF_PYTHON))}")
    if texts:
        raise NotImplementedError(f"{what} uses {'. It uses '.join(texts)}.")


def _check_calls(calls: Mapping[str, Sequence[str]]) -> None:
    """Sees to it that no function calls itself, even through others."""
    done: set[str] = set()
    for root in calls:
        path: list[tuple[str, Any]] = [(root, iter(calls[root]))]
        on_path = {root}
        while path:
            name, called = path[-1]
            following = next((c for c in called if c not in done), None)
            if following is None:
                done.add(name)
                on_path.discard(name)
                path.pop()
            elif following in on_path:
                raise DamagedGraph(f"function {following!r} calls itself.")
            else:
                on_path.add(following)
                path.append((following, iter(calls[following])))


def run_op(node: PlannedNode, inputs: Values) -> list[Any]:
    """Runs one of Tenfold's ops with the inputs and attributes of a node."""
    known = definition(node.op)
    if known is None:
        raise NotImplementedError(f"the graph uses ops that Tenfold does not have: {node.op}.")
    function = raw.function_of(node.op)
    result = function(**_arguments(known, node, inputs))
    if isinstance(result, Tensor):
        return [result]
    return [x for part in result for x in (part if isinstance(part, list) else [part])]


def _arguments(known: Definition, node: PlannedNode, inputs: Values) -> dict[str, Any]:
    """What `tf.raw_ops` takes for a node."""
    op = REGISTRY[node.op]
    on_host, tensors = host_names(op, known), iter(op.inputs)
    remaining = list(inputs)
    arguments: dict[str, Any] = {}
    for arg in known.inputs:
        count = 1
        if arg.is_list:
            count = node.attrs[arg.number_attr] if arg.number_attr else len(node.attrs[arg.list_attr])
        taken, remaining = remaining[:count], remaining[count:]
        if len(taken) < count:
            raise DamagedGraph(f"node {node.name!r} ({node.op}) has {len(inputs)} inputs; that is too few.")
        name = arg.name if op.raw else on_host.get(arg.name) or next(tensors)
        arguments[name] = taken if arg.is_list else taken[0]
    if remaining:
        raise DamagedGraph(f"node {node.name!r} ({node.op}) has {len(inputs)} inputs; that is too many.")
    follows = {name for arg in known.inputs for name in (arg.number_attr, arg.type_attr, arg.list_attr)}
    for attr in known.attrs.values():
        value = node.attrs.get(attr.name, attr.default)
        if value is REQUIRED:
            raise DamagedGraph(f"node {node.name!r} ({node.op}) has no attribute {attr.name!r}.")
        name = _RENAMED.get((node.op, attr.name), attr.name)
        if name in op.attrs or (op.raw and attr.name not in follows):
            arguments[name] = value
        elif attr.name not in follows and attr.kind != "type" and value != attr.default:
            raise NotImplementedError(
                f"op {node.op!r} with {attr.name}={value!r} is not supported; the only value is {attr.default!r}."
            )
    return arguments


_RENAMED = {("Squeeze", "squeeze_dims"): "axis"}
