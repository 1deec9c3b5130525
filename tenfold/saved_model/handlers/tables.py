"""Ops of TensorFlow's graphs that make, fill and read tables."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.tensor import Tensor
from tenfold.lookup.initializers import TextFileInitializer
from tenfold.lookup.table import ConstantTable, DenseTable, Table
from tenfold.saved_model.importing import Functions, Values, handles
from tenfold.saved_model.plan import DamagedGraph, PlannedNode

_CONSTANT = ("HashTable", "HashTableV2", "AnonymousHashTable")
_MUTABLE = (
    "MutableHashTable", "MutableHashTableV2", "MutableHashTableOfTensors", "MutableHashTableOfTensorsV2",
    "AnonymousMutableHashTable", "AnonymousMutableHashTableOfTensors",
)  # fmt: skip
_DENSE = ("MutableDenseHashTable", "MutableDenseHashTableV2", "AnonymousMutableDenseHashTable")
MAKERS = {*_CONSTANT, *_MUTABLE, *_DENSE}  # ops that make tables; names without V2 are those of TensorFlow 1


@handles(*_CONSTANT)
def _constant_table(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [ConstantTable(node.attrs["key_dtype"], node.attrs["value_dtype"])]


@handles(*_MUTABLE)
def _table(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [Table(node.attrs["key_dtype"], node.attrs["value_dtype"], node.attrs.get("value_shape") or ())]


@handles(*_DENSE)
def _dense_table(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [DenseTable(node.attrs["value_dtype"], node.attrs.get("value_shape") or (), *inputs)]


@handles("LookupTableFind", "LookupTableFindV2")
def _find(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    table, keys, default = _checked(node, inputs)
    return [table.find(keys, default)]


@handles("LookupTableInsert", "LookupTableInsertV2")
def _insert(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    table, keys, values = _checked(node, inputs)
    table.insert(keys, values)
    return []


@handles("LookupTableImport", "LookupTableImportV2", "InitializeTable", "InitializeTableV2")
def _replace(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    table, keys, values = _checked(node, inputs)
    table.replace(keys, values)
    return []


@handles("LookupTableRemoveV2")
def _remove(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    table, keys = _checked(node, inputs)
    table.remove(keys)
    return []


@handles("LookupTableSize", "LookupTableSizeV2")
def _size(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    (table,) = _checked(node, inputs)
    return [table.size()]


@handles("LookupTableExport", "LookupTableExportV2")
def _export(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    (table,) = _checked(node, inputs)
    return table.export()


@handles("InitializeTableFromTextFile", "InitializeTableFromTextFileV2")
def _from_file(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    """Fills a table from one of the file's assets; another file must be allowed."""
    (table,) = _checked(node, inputs[:1])
    path = inputs[1]._array.item() if type(inputs[1]._array) is np.ndarray else None
    if path not in functions.assets and node.op not in functions.allowed:
        raise DamagedGraph(
            f"node {node.name!r} reads the file {path!r}, which is no asset of the SavedModel. If you trust it, allow "
            f"allowed_ops=[{node.op!r}] in tf.saved_model.LoadOptions."
        )
    attrs = node.attrs
    count = attrs.get("vocab_size", -1)
    lines = TextFileInitializer(
        inputs[1],
        table.key_dtype,
        attrs["key_index"],
        table.value_dtype,
        attrs["value_index"],
        None if count == -1 else count,
        attrs.get("delimiter", "\t"),
        value_index_offset=attrs.get("offset", 0),
    )
    table.replace(*lines.pairs())
    return []


def _checked(node: PlannedNode, inputs: Values) -> Any:
    """A table with keys and values of its dtypes."""
    table, *tensors = inputs
    if not isinstance(table, Table):
        raise DamagedGraph(f"node {node.name!r} ({node.op}) needs a table, and gets {type(table).__name__}.")
    for x, dtype in zip(tensors, (table.key_dtype, table.value_dtype), strict=False):
        if not isinstance(x, Tensor) or x.dtype is not dtype:
            raise DamagedGraph(
                f"node {node.name!r} ({node.op}) has a table from {table.key_dtype.name} to {table.value_dtype.name}, and gets {x!r}."
            )
    return inputs
