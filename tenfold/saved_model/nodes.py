"""Nodes of TensorFlow's graphs, written one after the other."""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tenfold.core import dtypes
from tenfold.core.dtypes import DType, as_dtype
from tenfold.core.spec import TensorSpec
from tenfold.core.symbol import Size, Symbol, sizes_in
from tenfold.core.text import unique_name
from tenfold.core.variable import Variable
from tenfold.graph.graph import Graph
from tenfold.protos import graph as messages
from tenfold.saved_model.definitions import REQUIRED, Argument, Definition, definition
from tenfold.saved_model.held import Held, held_by
from tenfold.saved_model.values import attribute_message, shape_message


class Value(NamedTuple):
    """A tensor in a graph: of which node's output it is which one; `output` is empty for a function's argument."""

    node: str
    output: str
    place: int  # within the output
    flat: int  # among all outputs
    dtype: DType


class Nodes:
    """The nodes of one graph, or of one function's body.

    Attributes:
      written: the NodeDefs.
      in_function: whether inputs are named as in functions, `node:output:0`, and not as in graphs, `node:0`.
    """

    def __init__(self, in_function: bool) -> None:
        self.written: list[Any] = []
        self.in_function = in_function
        self._names: set[str] = set()
        self._constants: dict[Any, tuple[Any, Value]] = {}
        self._shapes: dict[Value, Value] = {}

    def unique(self, name: str) -> str:
        """A name that no node has."""
        return unique_name(name, self._names)

    def reference(self, value: Value) -> str:
        """How a node names one of its inputs."""
        if not value.output:
            return value.node
        if self.in_function:
            return f"{value.node}:{value.output}:{value.place}"
        return f"{value.node}:{value.flat}" if value.flat else value.node

    def add(
        self,
        op: str,
        inputs: Sequence[Value | Sequence[Value]],
        attrs: dict[str, Any] | None = None,
        after: Sequence[str] = (),
        results: Sequence[DType] = (),
        name: str = "",
    ) -> list[Value]:
        """Writes a node.

        Args:
          op: TensorFlow's name.
          inputs: its tensors, in TensorFlow's order; lists for arguments that are lists.
          attrs: attributes; types and numbers follow from the inputs and results.
          after: names of nodes that must have run.
          results: dtypes of the outputs, where attributes do not tell.
          name: of the node; that of the op by default.
        """
        known = definition(op)
        if known is None:
            raise NotImplementedError(f"op {op!r} is not in Tenfold's table of TensorFlow's ops.")
        inferred = _inferred(known, inputs, results)
        given = {**(attrs or {}), **{key: x for key, x in inferred.items() if attrs is None or attrs.get(key) is None}}
        node = messages.NodeDef(name=self.unique(name or op), op=op)
        for one in inputs:
            node.input.extend(map(self.reference, [one] if isinstance(one, Value) else one))
        node.input.extend([f"^{before}" for before in dict.fromkeys(after)])
        for attr in known.attrs.values():
            value = given.pop(attr.name, attr.default)
            if value is REQUIRED:
                raise ValueError(f"op {op!r} needs the attribute {attr.name!r}, which does not follow from its inputs.")
            if value is not None or attr.kind == "shape":
                node.attr[attr.name].CopyFrom(attribute_message(attr.kind, value))
        for key in [key for key in given if key.startswith("_")]:
            node.attr[key].CopyFrom(given.pop(key))
        if given:
            raise NotImplementedError(f"op {op!r} has no attributes {sorted(given)} in TensorFlow.")
        self.written.append(node)
        return list(_outputs(node, known))

    def argument(self, name: str, dtype: DType, shape: Any) -> Value:
        """An input of the graph: a placeholder."""
        found = self.add("Placeholder", [], {"dtype": dtype, "shape": shape}, name=name)
        return found[0]

    def constant(self, value: Any, dtype: DType | None = None) -> Value:
        """A constant; the same array is written once."""
        key = id(value) if isinstance(value, np.ndarray) else (repr(value), dtype)
        if key not in self._constants:
            array = np.asarray(value, None if dtype is None else dtype._np)
            of_array = dtypes.from_numpy(array.dtype)
            (found,) = self.add("Const", [], {"value": array, "dtype": of_array})
            self._constants[key] = value, found  # the value is kept, so that its id stays its own
        return self._constants[key][1]

    # Integers that are known only when the graph runs.

    def integers(self, value: Any, dtype: DType, values: dict[Symbol, Value]) -> Value:
        """A number, or nested tuples of numbers, as a tensor; sizes among them are computed."""
        if type(value) is Size:
            return self._cast(self._size(value, values), dtype)
        if not sizes_in(value):
            return self.constant(value, dtype)
        parts = [self.integers(x, dtype, values) for x in value]
        return self.add("Pack", [parts], {"axis": 0})[0]

    def _size(self, size: Size, values: dict[Symbol, Value]) -> Value:
        if size.is_leaf:
            symbol, where = size.source
            tensor = values[symbol]
            if type(where) is int:
                if tensor not in self._shapes:
                    self._shapes[tensor] = self.add("Shape", [tensor], {"out_type": dtypes.int32})[0]
                return self._element(self._shapes[tensor], (where,))
            return self._cast(self._element(tensor, where), dtypes.int32)
        function, *operands = size.source
        if function not in _ARITHMETIC:
            raise NotImplementedError(f"a size is computed with {function!r}, which TensorFlow's graphs cannot say.")
        parts = [self.integers(x, dtypes.int32, values) for x in operands]
        return self.add(_ARITHMETIC[function], parts)[0]

    def _element(self, tensor: Value, where: tuple[int, ...]) -> Value:
        if not where:
            return tensor
        begin, end = self.constant(where, dtypes.int32), self.constant(tuple([i + 1 for i in where]), dtypes.int32)
        ones = self.constant((1,) * len(where), dtypes.int32)
        return self.add("StridedSlice", [tensor, begin, end, ones], {"shrink_axis_mask": (1 << len(where)) - 1})[0]

    def _cast(self, tensor: Value, dtype: DType) -> Value:
        return tensor if tensor.dtype is dtype else self.add("Cast", [tensor], {"DstT": dtype})[0]


_ARITHMETIC = {
    operator.add: "AddV2", operator.sub: "Sub", operator.mul: "Mul", operator.floordiv: "FloorDiv", operator.mod: "FloorMod",
    max: "Maximum", min: "Minimum",
}  # fmt: skip


def node_name(name: str) -> str:
    """A name that TensorFlow allows for a node."""
    cleaned = re.sub(r"[^A-Za-z0-9_.\-/]", "_", name.partition(":")[0])
    return cleaned if re.match(r"[A-Za-z0-9.]", cleaned) else f"n{cleaned}"


def _inferred(known: Definition, inputs: Sequence[Any], results: Sequence[DType]) -> dict[str, Any]:
    """The attributes that say how many tensors of which types come in and go out."""
    found: dict[str, Any] = {}
    if len(known.inputs) != len(inputs):
        raise ValueError(f"op {known.name!r} takes {len(known.inputs)} inputs, got {len(inputs)}.")
    for arg, one in zip(known.inputs, inputs, strict=True):
        tensors = [one] if isinstance(one, Value) else list(one)
        _infer(arg, [t.dtype for t in tensors], found)
    remaining = list(results)
    for after, arg in zip(reversed(range(len(known.outputs))), known.outputs, strict=True) if results else ():
        count = found.get(arg.number_attr, len(remaining) - after) if arg.is_list else 1
        _infer(arg, remaining[:count], found)
        del remaining[:count]
    return found


def _infer(arg: Argument, types: Sequence[DType], found: dict[str, Any]) -> None:
    if arg.number_attr:
        found.setdefault(arg.number_attr, len(types))
    if arg.list_attr:
        found.setdefault(arg.list_attr, list(types))
    if arg.type_attr and types:
        found.setdefault(arg.type_attr, types[0])


def _outputs(node: Any, known: Definition) -> Any:
    flat = 0
    for arg in known.outputs:
        if arg.list_attr:
            types = [as_dtype(x) for x in node.attr[arg.list_attr].list.type]
        else:
            dtype = as_dtype(arg.dtype or node.attr[arg.type_attr].type)
            types = [dtype] * (node.attr[arg.number_attr].i if arg.number_attr else 1)
        for place, dtype in enumerate(types):
            yield Value(node.name, arg.name, place, flat, dtype)
            flat += 1


class WrittenGradient(NamedTuple):
    """The gradient of a function that has one of its own, as it is in a file.

    Attributes:
      kind: what the node that stands for the function says that its gradient is.
      function: takes the upstream gradients of all outputs of that node, then what it captures, then handles.
      upstream: specs of these gradients.
      results: specs of the gradients of its inputs; None for those that have none.
      captured: names of functions, and of tensors in them.
      held: the variables and others whose handles these are.
    """

    kind: str
    function: str
    upstream: list[TensorSpec]
    results: list[TensorSpec | None]
    captured: list[tuple[str, str]]
    held: list[Held]


class Library:
    """The functions of a file, by unique names.

    Args:
      freezes: whether variables are constants of the values that they have.
    Attributes:
      gradients: those of functions with gradients of their own.
    """

    def __init__(self, freezes: bool = False) -> None:
        self.freezes = freezes
        self.functions: dict[str, Any] = {}
        self.gradients: list[WrittenGradient] = []

    def unique(self, name: str) -> str:
        found, number = name, 0
        while found in self.functions:
            number += 1
            found = f"{name}_{number}"
        self.functions[found] = None
        return found

    def held_by(self, graphs: Sequence[Graph]) -> list[Held]:
        """What functions of graphs take after their arguments."""
        return [x for x in held_by(graphs) if not (self.freezes and isinstance(x, Variable))]

    def message(self) -> Any:
        message = messages.FunctionDefLibrary(function=list(self.functions.values()))
        for gradient in self.gradients:
            message.registered_gradients.add(gradient_func=gradient.function, registered_op_type=gradient.kind)
        return message


class Body(Nodes):
    """The nodes of a function, with its arguments and results."""

    def __init__(self, library: Library, name: str) -> None:
        super().__init__(in_function=True)
        self.library, self.name = library, library.unique(name)
        self._signature = messages.OpDef(name=self.name)
        self._definition = messages.FunctionDef()

    def argument(self, name: str, dtype: DType, shape: Any, of_resource: tuple[DType, Any] | None = None) -> Value:
        """A new argument.

        Args:
          name: of the argument.
          dtype, shape: what it is.
          of_resource: dtype and shape of the variable that it is the handle of.
        """
        name = self.unique(re.sub(r"[^a-z0-9_]", "_", f"n{name}" if not name[:1].isalpha() else name.lower()))
        arg = self._signature.input_arg.add(name=name, type=dtype.as_datatype_enum)
        if of_resource is None:
            attrs = self._definition.arg_attr[len(self._signature.input_arg) - 1].attr
            attrs["_output_shapes"].list.shape.append(shape_message(shape))
        else:
            arg.handle_data.add(dtype=of_resource[0].as_datatype_enum, shape=shape_message(of_resource[1]))
        return Value(name, "", 0, 0, dtype)

    def finish(self, results: Sequence[Value], effects: Sequence[str]) -> Any:
        """The FunctionDef, which goes into the library too.

        Args:
          results: what the function returns.
          effects: names of nodes that must run.
        """
        for result in results:
            (value,) = self.add("Identity", [result])
            name = value.node.lower()
            self._signature.output_arg.add(name=name, type=value.dtype.as_datatype_enum)
            self._definition.ret[name] = self.reference(value)
        for node in effects:
            self._definition.control_ret[node] = node
            self._signature.control_output.append(node)
        self._signature.is_stateful = self.is_stateful
        self._definition.signature.CopyFrom(self._signature)
        self._definition.node_def.extend(self.written)
        self.library.functions[self.name] = self._definition
        return self._definition

    @property
    def is_stateful(self) -> bool:
        return any(definition(node.op).is_stateful for node in self.written)  # type: ignore[union-attr]
