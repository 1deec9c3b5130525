"""Functions of a SavedModel: traces that are made of the stored graphs, when they are first called."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from tenfold.core import nest
from tenfold.core.context import recorders
from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.locks import trace_lock
from tenfold.core.spec import TensorSpec, TypeSpec
from tenfold.core.symbol import STAND_IN
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.graph.graph import Graph
from tenfold.saved_model.assets import operand
from tenfold.saved_model.compiled import Compiled, Native
from tenfold.saved_model.importing import Functions
from tenfold.saved_model.plan import DamagedGraph
from tenfold.tracing.arguments import bound
from tenfold.tracing.concrete import ConcreteFunction
from tenfold.tracing.function import MAX_TRACES, Function
from tenfold.tracing.signature import static_shape


class StoredTrace:
    """A concrete function of a file.

    Attributes:
      name: of its graph in the library.
      signature: pair of the positional and the keyword arguments, with specs for tensors.
      outputs: the structure of the results, with specs.
      captured: variables and tensors that its graph takes after the arguments.
      argument_names: of the positional arguments.
      tensor_names: of the tensors among the arguments.
    """

    def __init__(
        self,
        functions: Functions,
        name: str,
        signature: Any,
        outputs: Any,
        captured: Sequence[Any],
        argument_names: Sequence[str],
        tensor_names: Sequence[str] = (),
        compiled: Compiled | None = None,
    ) -> None:
        self._functions, self.name, self.signature, self.outputs = functions, name, signature, outputs
        self.captured, self.argument_names = list(captured), list(argument_names)
        specs = self.specs
        self.tensor_names = list(tensor_names) if len(tensor_names) == len(specs) else [s.name or "" for s in specs]
        self._compiled = compiled
        self._concrete: ConcreteFunction | None = None

    @property
    def specs(self) -> list[TensorSpec]:
        """Those of the tensors among the arguments."""
        return [x for x in _leaves(self.signature) if isinstance(x, TensorSpec)]

    def concrete(self) -> ConcreteFunction:
        if self._concrete is None:
            natives = [] if self._compiled is None else self._compiled.natives(self.name)
            if natives:
                self._concrete = CompiledFunction(self, natives, self._compiled)  # type: ignore[arg-type]
            elif any(spec.shape.rank is None for spec in self.specs):
                self._concrete = UnrankedFunction(self)
            else:
                self._concrete = self.traced(self.specs)
        return self._concrete

    def traced(self, specs: Sequence[TensorSpec]) -> ConcreteFunction:
        """The function for tensors of these specs, which may be others than those that it was stored for."""
        plan = self._functions.plan(self.name)
        with trace_lock:
            graph = Graph(_plain_name(self.name))
            with graph.tracing():
                tensors = [
                    graph.input(s.dtype._np, *shape_and_hints(s), name=name)
                    for s, name in zip(specs, self.tensor_names, strict=True)
                ]
                found = self._functions.call(plan.name, [*tensors, *map(operand, self.captured)])
                results = [x._read() if isinstance(x, Variable) else x for x in found]
                graph.finish(results)
        given = iter(specs)

        def told(x: Any) -> Any:
            parts = [next(given) for part in nest.flatten(x, expand_composites=True) if isinstance(part, TensorSpec)]
            return parts[0] if isinstance(x, TensorSpec) else x

        signature: Any = nest.map_structure(told, self.signature)
        count = sum(isinstance(x, TensorSpec) for x in _leaves(self.outputs))
        if count != len(graph.outputs):
            raise DamagedGraph(
                f"function {self.name!r} has {len(graph.outputs)} results, and is said to return {count}."
            )
        outputs = iter(graph.outputs)
        result = nest.map_structure(
            lambda x: wrap(next(outputs)) if isinstance(x, TensorSpec) else x, self.outputs, expand_composites=True
        )
        return LoadedFunction(self, graph, signature, result)

    def matched(self, positional: tuple, keywords: dict[str, Any], is_close: bool) -> list[Tensor] | None:
        """The tensors among arguments, if they are such as the trace takes; with `is_close`, of any sizes."""
        found: list[Tensor] = []
        return found if _matches(self.signature, (positional, keywords), is_close, found) else None

    def __str__(self) -> str:
        args, kwargs = self.signature
        return ", ".join([*map(_printed, args), *[f"{name}={_printed(value)}" for name, value in kwargs.items()]])


class LoadedFunction(ConcreteFunction):
    """A trace of a file. For tensors of other sizes than it was stored for, others are made of its graph."""

    def __init__(self, trace: StoredTrace, graph: Graph, signature: Any, result: Any) -> None:
        super().__init__(graph, signature, trace.argument_names, result)
        self._trace = trace

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        positional, named = self.structured_input_signature
        if len(args) == len(named) == 1 and not positional and not kwargs:  # a signature of one tensor
            args, kwargs = (), dict(zip(named, args, strict=True))
        return super().__call__(*args, **kwargs)

    @property
    def structured_outputs(self) -> Any:
        return _named(super().structured_outputs)

    @cached_property
    def _others(self) -> dict[Any, ConcreteFunction]:
        return {}

    def _fitting(self, specs: Sequence[TensorSpec], tensors: Sequence[Tensor]) -> ConcreteFunction:
        if [s.dtype for s in specs] != [t.dtype for t in tensors]:
            return super()._fitting(specs, tensors)
        shapes = [static_shape(t) for t in tensors]
        if all(s.shape.is_compatible_with(shape) for s, shape in zip(specs, shapes, strict=True)):
            return self
        shapes = [
            shape if len(shape) == s.shape.rank else (None,) * len(shape)  # one trace for that number of axes
            for s, shape in zip(specs, shapes, strict=True)
        ]
        key = tuple(shapes)
        if key not in self._others:
            given = [TensorSpec(shape, s.dtype, s.name) for s, shape in zip(specs, shapes, strict=True)]
            if len(self._others) >= MAX_TRACES:
                self._others.clear()
            try:
                self._others[key] = self._trace.traced(given)
            except Exception as error:
                raise InvalidArgumentError(
                    f"{self._plain_name}: got {', '.join(map(_printed, tensors))}, and was stored for {', '.join(map(_printed, specs))}; "
                    f"for these sizes its graph fails: {error}"
                ) from None
        return self._others[key]


class LazyFunction(LoadedFunction):
    """A function of a file whose trace is made when something is asked that only a trace can say."""

    def __init__(self, trace: StoredTrace) -> None:
        self._trace = trace
        self._plain_name = _plain_name(trace.name)
        self.name = f"__inference_{self._plain_name}"
        self.structured_input_signature = trace.signature
        self.argument_names, self.is_variadic = trace.argument_names, False
        self._result = trace.outputs
        self._is_none = [x is None for x in nest.flatten(trace.outputs, expand_composites=True)]
        self._is_single = isinstance(trace.outputs, TensorSpec)

    @cached_property
    def _traced(self) -> ConcreteFunction:
        return self._trace.traced(self._trace.specs)

    @property
    def graph(self) -> Graph:  # type: ignore[override]
        return self._traced.graph

    @property
    def _captured(self) -> list[Tensor]:  # type: ignore[override]
        return self._traced._captured

    @property
    def structured_outputs(self) -> Any:
        return self._trace.outputs

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple([x for x in self._trace.captured if isinstance(x, Variable)])


class UnrankedFunction(LazyFunction):
    """A function of tensors of any number of axes, traced for each that it is called with."""

    def __init__(self, trace: StoredTrace) -> None:
        super().__init__(trace)
        self._by_ranks: dict[tuple[int, ...], ConcreteFunction] = {}

    def run(self, tensors: Sequence[Tensor]) -> Any:
        ranks = tuple([t._array.ndim for t in tensors])
        if ranks not in self._by_ranks:
            specs = [
                TensorSpec([None] * rank, s.dtype, s.name) if s.shape.rank is None else s
                for rank, s in zip(ranks, self._trace.specs, strict=True)
            ]
            self._by_ranks[ranks] = self._trace.traced(specs)
        return self._by_ranks[ranks].run(tensors)


class CompiledFunction(LazyFunction):
    """A function whose machine code came with the model.

    Attributes:
      batch_sizes: numbers of rows that there is code for.
      has_independent_rows: see `graph.rows`.
    """

    def __init__(self, trace: StoredTrace, natives: Sequence[Native], compiled: Compiled) -> None:
        super().__init__(trace)
        self._natives = {native.shapes: native for native in natives}
        self.batch_sizes = sorted({shape[0] for native in natives for shape in native.shapes if shape})
        self.has_independent_rows = trace.name in compiled.independent

    def run(self, tensors: Sequence[Tensor]) -> Any:
        native = None if recorders() else self._natives.get(tuple([t._array.shape for t in tensors]))
        if native is None:
            return super().run(tensors)
        values = [*tensors, *self._trace.captured]
        used = [values[i] for i in native.arguments]
        try:
            found = native([(x._value if isinstance(x, Variable) else x)._array for x in used])
        except InvalidArgumentError:  # its text names no op: that of the trace does
            return super().run(tensors)
        results = [wrap(x) for x in found]
        return results[0] if self._is_single else self._packed(results)


class RestoredFunction(Function):
    """A `tf.function` of a SavedModel: its traces are those of the file."""

    def __init__(
        self, name: str, traces: Sequence[StoredTrace], signature: inspect.Signature, input_signature: Any
    ) -> None:
        def python_function(*args: Any, **kwargs: Any) -> Any:
            return self(*args, **kwargs)

        python_function.__name__ = name
        super().__init__(python_function)
        self.input_signature = input_signature
        self._signature = signature  # type: ignore[misc]  # in place of the cached property
        self.stored = list(traces)

    def _concrete(self, args: tuple, kwargs: dict[str, Any]) -> tuple[ConcreteFunction, list[Tensor]]:
        try:
            positional, keywords, _ = bound(self._signature, args, kwargs)
        except TypeError as error:
            raise TypeError(f"{self._name}(): {error}") from None
        for trace in self.stored:
            tensors = trace.matched(positional, keywords, False)
            if tensors is not None:
                concrete = trace.concrete()
                self._traces.setdefault((trace.name,), concrete)
                return concrete, tensors
        options: list[str] = []
        for trace in self.stored:
            tensors = trace.matched(positional, keywords, True)
            reason = ""
            if tensors is not None:
                try:
                    return self._retraced(trace, tensors), tensors
                except Exception as error:
                    reason = f": for these sizes its graph fails, {error}"
            options.append(f"\n  {len(options) + 1}. {trace}{reason}")
        given = ", ".join([*map(_printed, args), *[f"{k}={_printed(v)}" for k, v in kwargs.items()]])
        raise ValueError(
            f"Could not find matching concrete function to call loaded from the SavedModel: {self._name!r} got ({given}); its "
            f"traces take:{''.join(options) or ' none'}"
        )

    def _retraced(self, trace: StoredTrace, tensors: Sequence[Tensor]) -> ConcreteFunction:
        """The function of a stored trace for tensors of other sizes."""
        specs = [TensorSpec(static_shape(t), t.dtype, s.name) for s, t in zip(trace.specs, tensors, strict=True)]
        key = (trace.name, *[(s.dtype, tuple(s.shape.as_list())) for s in specs])
        if key not in self._traces:
            self._store(key, trace.traced(specs))
        return self._traces[key]

    @property
    def concrete_functions(self) -> list[ConcreteFunction]:
        """All traces, those of the file that were not called yet too."""
        for trace in self.stored:
            self._traces.setdefault((trace.name,), trace.concrete())
        return super().concrete_functions


def _matches(expected: Any, given: Any, is_close: bool, found: list[Tensor]) -> bool:
    """Whether a value is what a signature says; its tensors are appended to `found`."""
    if isinstance(expected, TensorSpec):
        if isinstance(given, TensorSpec):
            return given.dtype == expected.dtype and expected.shape.is_compatible_with(given.shape)
        if nest.is_nested(given) and not _is_plain(given):
            return False
        try:
            tensor = convert(
                given, None if isinstance(given, (Tensor, Variable)) or hasattr(given, "dtype") else expected.dtype
            )
        except (TypeError, ValueError):
            return False
        if tensor.dtype != expected.dtype:
            return False
        shape = tensor.shape
        if not (expected.shape.is_compatible_with(shape) or (is_close and shape.rank == expected.shape.rank)):
            return False
        found.append(tensor)
        return True
    if isinstance(expected, TypeSpec):
        if isinstance(given, TypeSpec):
            return expected.is_compatible_with(given)
        own = getattr(given, "_type_spec", None)
        if own is None or type(own) is not type(expected) or not expected.is_compatible_with(given):
            return False
        found.extend(nest.flatten(given, expand_composites=True))
        return True
    if isinstance(expected, dict):
        return (
            isinstance(given, dict)
            and expected.keys() == given.keys()
            and all(_matches(expected[key], given[key], is_close, found) for key in sorted(expected))
        )
    if isinstance(expected, (list, tuple)):
        return (
            isinstance(given, (list, tuple))
            and len(expected) == len(given)
            and all(_matches(e, g, is_close, found) for e, g in zip(expected, given, strict=True))
        )
    if isinstance(given, (Tensor, Variable)) or hasattr(given, "__array__"):
        return False
    return type(expected) is type(given) and bool(expected == given)


def _is_plain(value: Any) -> bool:
    """Whether nested lists hold numbers or texts only."""
    return all(isinstance(x, (int, float, complex, str, bytes)) for x in nest.flatten(value)) and not isinstance(
        value, dict
    )


def _named(outputs: Any) -> Any:
    """Specs of the results, with names if they are a dict of tensors, as those of signatures are."""
    if not isinstance(outputs, dict) or not all(isinstance(x, TensorSpec) for x in outputs.values()):
        return outputs
    return {name: TensorSpec(x.shape, x.dtype, name) for name, x in outputs.items()}


def _leaves(signature: Any) -> list[Any]:
    return nest.flatten(signature, expand_composites=True)


def shape_and_hints(spec: TensorSpec) -> tuple[list[int | None] | None, list[int]]:
    if spec.shape.rank is None:
        return None, []
    sizes = spec.shape.as_list()
    return sizes, [STAND_IN for size in sizes if size is None]


def _plain_name(name: str) -> str:
    """The name of a function without what TensorFlow adds around it."""
    plain = name.removeprefix("__inference_")
    head, _, number = plain.rpartition("_")
    plain = head if number.isdigit() and head else plain
    return plain.removeprefix("signature_wrapper_")


def _printed(value: Any) -> str:
    if isinstance(value, (Tensor, Variable, TensorSpec)):
        return f"{value.dtype.name}{value.shape}"
    return repr(value)
