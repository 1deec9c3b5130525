"""Tables in SavedModels: the functions that make them and fill them with what they hold when they are saved."""

from __future__ import annotations

import inspect
import secrets
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.spec import TensorSpec
from tenfold.lookup.table import ConstantTable, DenseTable, Table
from tenfold.saved_model.nodes import Body, Library, Nodes, Value
from tenfold.saved_model.saved_objects import Objects
from tenfold.saved_model.structure import describe_parameters, encoded

WRITES = {"LookupTableInsertV2", "LookupTableImportV2", "LookupTableRemoveV2"}


class TableFunction:
    """A function of a file that makes, fills or ends a table.

    Attributes:
      table: which one.
      name: of the function in the library.
      result: what it returns.
      is_bound: whether it takes the table.
    """

    def __init__(self, table: Table, name: str, result: TensorSpec, is_bound: bool) -> None:
        self.table, self.name, self.result, self.is_bound = table, name, result, is_bound

    def describe(self, node: Any, saved: Any, objects: Objects) -> None:
        """Enters it as an object of the file, `node`, and among its functions."""
        node.function.concrete_functions.append(self.name)
        describe_parameters(node.function.function_spec, inspect.Signature())
        concrete = saved.concrete_functions[self.name]
        number = objects.number(self.table)
        if self.is_bound and number is not None:
            concrete.bound_inputs.append(number)
        concrete.canonicalized_input_signature.CopyFrom(encoded(((), {})))
        concrete.output_signature.CopyFrom(encoded(self.result))


class TableWriter:
    """Writes a table.

    Args:
      table: the table.
      library: where its functions go.
    Attributes:
      functions: these, by the names that TensorFlow has for them.
    """

    def __init__(self, table: Table, library: Library) -> None:
        self._table, self._shared_name = table, f"table_{secrets.token_hex(8)}"
        made, done = TensorSpec([], dtypes.resource), TensorSpec([], dtypes.int32)
        self.functions = {
            "_create_resource": TableFunction(table, self._creator(library), made, False),
            "_initialize": TableFunction(table, self._initializer(library), done, True),
            "_destroy_resource": TableFunction(table, self._destroyer(library), done, False),
        }

    def handle(self, nodes: Nodes) -> Value:
        """A node that makes the table."""
        table = self._table
        attrs: dict[str, Any] = {"value_dtype": table.value_dtype, "shared_name": self._shared_name}
        if isinstance(table, DenseTable):
            shape = {"value_shape": table.value_shape}
            keys = [nodes.constant(np.array(key, table.key_dtype._np), table.key_dtype) for key in table.reserved]
            return nodes.add("MutableDenseHashTableV2", keys, {**attrs, **shape})[0]
        attrs["key_dtype"] = table.key_dtype
        if isinstance(table, ConstantTable):
            return nodes.add("HashTableV2", [], attrs)[0]
        if table.value_shape:
            return nodes.add("MutableHashTableOfTensorsV2", [], {**attrs, "value_shape": table.value_shape})[0]
        return nodes.add("MutableHashTableV2", [], attrs)[0]

    def _creator(self, library: Library) -> str:
        body = Body(library, "__inference__creator")
        handle = self.handle(body)
        body.finish([handle], [handle.node])
        return body.name

    def _initializer(self, library: Library) -> str:
        body = Body(library, "__inference__initializer")
        handle = body.argument("table", dtypes.resource, ())
        keys, values = [x._array for x in self._table.contents()]
        effects = []
        if len(keys):
            fill = "LookupTableImportV2" if self._table.is_constant else "LookupTableInsertV2"
            body.add(fill, [handle, body.constant(keys), body.constant(values)])
            effects.append(body.written[-1].name)
        body.finish([body.constant(1, dtypes.int32)], effects)
        return body.name

    def _destroyer(self, library: Library) -> str:
        body = Body(library, "__inference__destroyer")
        body.finish([body.constant(1, dtypes.int32)], [])
        return body.name
