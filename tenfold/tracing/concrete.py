"""ConcreteFunction: one trace of a function, for one signature."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from tenfold.core import nest
from tenfold.core.convert import convert
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.locks import trace_lock
from tenfold.core.spec import TensorSpec, TypeSpec, type_spec_from_value
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.graph.execute import execute
from tenfold.graph.graph import Graph
from tenfold.graph.run import run_program
from tenfold.tracing.arguments import Arguments, Placeholder
from tenfold.tracing.flat import distinct_names, file_order
from tenfold.tracing.printing import in_lines, signature_of
from tenfold.tracing.signature import described

_serial = itertools.count()


class ConcreteFunction:
    """A graph with the structure of its arguments and results.

    Attributes:
      graph: what it does.
      name: unique among those of the process.
      argument_names: of the positional arguments.
      is_variadic: whether the function takes any number of positional arguments.
      structured_input_signature: pair of the positional and the keyword arguments, with `tf.TensorSpec` for tensors.
      structured_outputs: like the results, with `tf.TensorSpec` for tensors, and specs for ragged and sparse ones.

    Example:
      >>> square = tf.function(lambda x: x * x).get_concrete_function(tf.TensorSpec([None], tf.float32))
      >>> print(square(tf.constant([3.0])).numpy(), square.structured_outputs)
      [9.] TensorSpec(shape=(None,), dtype=tf.float32, name=None)
    """

    def __init__(
        self,
        graph: Graph,
        signature: tuple[tuple, dict],
        argument_names: Sequence[str],
        result: Any,
        is_variadic: bool = False,
    ) -> None:
        self.graph = graph
        self._plain_name = graph.name
        self.name = f"__inference_{graph.name}_{next(_serial)}"
        self.structured_input_signature = signature
        self.argument_names = list(argument_names)
        self.is_variadic = is_variadic
        self._result = result  # the structure that was returned when it was traced
        self._is_none = [x is None for x in nest.flatten(result, expand_composites=True)]
        self._is_single = isinstance(result, Tensor)
        self._captured = [graph.tensor_of(x) for x, _ in graph.captures]

    # Running.

    def run(self, tensors: Sequence[Tensor]) -> Any:
        """The structured results for the tensors among the arguments."""
        found = execute(self.graph, [*tensors, *self._captured])
        if self._is_single:
            return found[0]
        return None if self._result is None else self._packed(found)

    def run_on_arrays(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The flat results as arrays, for those of the arguments, where nobody records."""
        return run_program(self.graph, [*arrays, *[x._array for x in self._captured]])

    def _packed(self, tensors: Sequence[Any]) -> Any:
        remaining = iter(tensors)
        leaves = [None if is_none else next(remaining) for is_none in self._is_none]
        return nest.pack_sequence_as(self._result, leaves, expand_composites=True)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the trace; arguments are tensors, or for others the values that were traced.

        Tensors of structures may also be given one by one, by position or by `tensor_names`.

        Raises:
          TypeError: an argument is missing, unexpected, or another value than the one that was traced.
          tf.errors.InvalidArgumentError: a tensor has another dtype or shape.
        """
        pairs = self._bound(args, kwargs)
        tensors = [convert(x, None if isinstance(x, (Tensor, Variable)) else spec.dtype) for spec, x in pairs]
        return self._fitting([spec for spec, _ in pairs], tensors).run(tensors)

    def _fitting(self, specs: Sequence[TensorSpec], tensors: Sequence[Tensor]) -> ConcreteFunction:
        """What is run for tensors where these specs are expected: this trace, if they fit."""
        for spec, tensor in zip(specs, tensors, strict=True):
            if tensor.dtype != spec.dtype or not spec.shape.is_compatible_with(tensor.shape):
                raise InvalidArgumentError(
                    f"{self._plain_name}: argument {spec.name!r} is {tensor.dtype.name} of shape {tuple(tensor.shape)}; this "
                    f"trace takes {spec.dtype.name} of shape {spec.shape}."
                )
        return self

    def _bound(self, args: tuple, kwargs: dict[str, Any]) -> list[tuple[TensorSpec, Any]]:
        try:
            return self._bound_as_traced(args, kwargs)
        except TypeError:
            positional, keywords = self.structured_input_signature
            leaves = nest.flatten([positional, *keywords.values()], expand_composites=True)
            specs = [x for x in leaves if type(x) is TensorSpec]
            names = self.tensor_names
            named = dict(zip(names, args, strict=False)) | kwargs
            if len(args) + len(kwargs) != len(specs) or named.keys() != set(names):
                raise
            if any(nest.PLAIN[type(x)] not in (None, nest.LIST, nest.TUPLE) for x in named.values()):
                raise
            return [(spec, named[name]) for spec, name in zip(specs, names, strict=True)]

    def _bound_as_traced(self, args: tuple, kwargs: dict[str, Any]) -> list[tuple[TensorSpec, Any]]:
        expected_args, expected_kwargs = self.structured_input_signature
        if len(args) > len(expected_args) or set(kwargs) - set(expected_kwargs) - set(self.argument_names):
            raise TypeError(
                f"{self._plain_name}: takes {self.pretty_printed_signature(verbose=False)}, got {len(args)} positional arguments and the "
                f"keywords {sorted(kwargs)}."
            )
        pairs: list[tuple[Any, Any]] = list(zip(expected_args, args, strict=False))
        by_name = dict(zip(self.argument_names, expected_args, strict=False))
        for name, expected in [*list(by_name.items())[len(args) :], *expected_kwargs.items()]:
            if name in kwargs:
                pairs.append((expected, kwargs[name]))
            elif any(isinstance(x, TensorSpec) for x in nest.flatten(expected)):
                raise TypeError(
                    f"{self._plain_name}: missing argument {name!r}; it takes {self.pretty_printed_signature(verbose=False)}."
                )
        found = []
        for expected, value in pairs:
            specs = [y for x in nest.flatten(expected) for y in nest.flatten(x, isinstance(x, TypeSpec))]
            values = [y for x in nest.flatten(value) for y in nest.flatten(x, hasattr(x, "_type_spec"))]
            if len(specs) != len(values) or not _is_alike(expected, value):
                raise TypeError(
                    f"{self._plain_name}: {value!r} has another structure than {expected!r}, which was traced."
                )
            for spec, leaf in zip(specs, values, strict=True):
                if isinstance(spec, TensorSpec):
                    found.append((spec, leaf))
                elif described(leaf) != spec:
                    raise TypeError(
                        f"{self._plain_name}: got {leaf!r} where {spec!r} was traced; trace it again for that value."
                    )
        return found

    # What is known of it.

    @cached_property
    def tensor_names(self) -> list[str]:
        """Names of the tensors among the arguments: of a spec that has one, else of the argument, with a number if they come again."""
        names = [x.name.partition(":")[0] for x in self.graph.inputs]
        return distinct_names(names, file_order(self.structured_input_signature))

    @property
    def structured_outputs(self) -> Any:
        return nest.map_structure(_described, self._packed(self.outputs))

    @property
    def inputs(self) -> list[Tensor]:
        """The traced tensors of the arguments."""
        return [wrap(x) for x in self.graph.inputs]  # type: ignore[arg-type]

    @property
    def outputs(self) -> list[Tensor]:
        return [wrap(x) for x in self.graph.outputs]  # type: ignore[arg-type]

    @property
    def output_shapes(self) -> Any:
        return nest.map_structure(lambda s: s.shape if isinstance(s, TensorSpec) else s, self.structured_outputs)

    @property
    def output_dtypes(self) -> Any:
        return nest.map_structure(lambda s: s.dtype if isinstance(s, TensorSpec) else s, self.structured_outputs)

    @property
    def captured_inputs(self) -> list[Any]:
        """Variables that it reads or writes, and tensors of an outer function that it uses."""
        return [*self.graph.variables.values(), *self._captured]

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(self.graph.variables.values())

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        return tuple([v for v in self.variables if v.trainable])

    @property
    def function_type(self) -> inspect.Signature:
        """The arguments and results with their types."""
        return signature_of(self)

    def pretty_printed_signature(self, verbose: bool = True) -> str:
        """The arguments and results, for people: a line for each, or all in one."""
        return in_lines(self) if verbose else str(signature_of(self))

    def __repr__(self) -> str:
        return f"<ConcreteFunction {signature_of(self)} at 0x{id(self):X}>"

    def __str__(self) -> str:
        return f"ConcreteFunction {in_lines(self)}"


def _is_alike(expected: Any, value: Any) -> bool:
    """Whether two structures are the same but for their leaves."""
    try:
        nest.assert_same_structure(expected, value)
    except (TypeError, ValueError):
        return False
    return nest.all_metadata(expected) == nest.all_metadata(value)


def _described(result: Any) -> TypeSpec | None:
    return None if result is None else type_spec_from_value(result)


def trace(
    function: Callable[..., Any],
    arguments: Arguments,
    specs: Sequence[TensorSpec],
    graph: Graph,
    argument_names: Sequence[str],
    is_variadic: bool = False,
) -> ConcreteFunction:
    """Runs a Python function on symbols.

    Args:
      function: what is traced.
      arguments: its arguments.
      specs: of the tensors among them.
      graph: what it is traced into.
      argument_names: of the positional arguments.
      is_variadic: whether it takes any number of these.
    Raises:
      TypeError: the function returns what is no tensor.
    """
    values = [t._array for t in arguments.tensors]
    with trace_lock:
        with graph.tracing():
            names = [
                name if spec.name == path else spec.name or ""
                for spec, path, name in zip(specs, arguments.paths, arguments.names, strict=True)
            ]
            tensors = [
                graph.input(s.dtype._np, None if s.shape.rank is None else s.shape.as_list(), _hints(s, h), name)
                for s, h, name in zip(specs, arguments.hints, names, strict=True)
            ]
            if len(values) == len(tensors):
                graph.expect(values)
            given = filled(arguments.structure, tensors)
            result = function(*given[0], **given[1])
            result = nest.map_structure(_current_value, result)
            leaves = [x for x in nest.flatten(result, expand_composites=True) if x is not None]
            graph.finish([_as_result(x, graph.name) for x in leaves])
    signature = nest.map_structure(
        lambda x: (x.type_spec or specs[x.indices[0]]) if type(x) is Placeholder else described(x), arguments.structure
    )
    return ConcreteFunction(graph, signature, argument_names, result, is_variadic)


def filled(structure: Any, tensors: Sequence[Tensor]) -> Any:
    return nest.map_structure(lambda x: x.fill(tensors) if type(x) is Placeholder else x, structure)


def _hints(spec: TensorSpec, shape: Sequence[int]) -> list[int]:
    return [] if spec.shape.rank is None else [n for known, n in zip(spec.shape, shape, strict=True) if known is None]


def _current_value(value: Any) -> Any:
    return value._read() if isinstance(value, Variable) else value


def _as_result(value: Any, name: str) -> Tensor:
    try:
        return convert(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"tf.function {name!r} returned {value!r} of type {type(value).__name__}; a traced function returns tensors, None, "
            "or structures of them. Return what you need as a tensor, or leave it out."
        ) from None


def sizes_that_differ(graph: Graph, tensors: Sequence[Tensor]) -> bool:
    """Whether tensors have other sizes than those that the trace has come to depend on."""
    shapes = {symbol: t._array.shape for symbol, t in zip(graph.inputs, tensors, strict=True)}
    for size in graph.fixed:
        symbol, axis = size.source
        if symbol in shapes and type(axis) is int and shapes[symbol][axis] != size.hint:
            return True
    return False
