"""The graph of a SavedModel that serves and restores without Python: variables, a call for each signature, reading of their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.dtypes import DType
from tenfold.core.variable import Variable
from tenfold.lookup.table import Table
from tenfold.protos import saved_model as messages
from tenfold.saved_model.assets import Asset
from tenfold.saved_model.export import PRODUCER, resource
from tenfold.saved_model.held import held_by, key_of
from tenfold.saved_model.nodes import Body, Library, Nodes, Value, node_name
from tenfold.saved_model.signatures import Signature
from tenfold.saved_model.table_writing import TableWriter
from tenfold.saved_model.values import dtype_of, shape_message
from tenfold.tracing.flat import file_order

TENSORFLOW_VERSION = "2.21.0"  # whose form of the files is written
_INIT = "__saved_model_init_op"
_METHOD = "tensorflow/serving/predict"


class MetaGraph:
    """A MetaGraphDef that grows.

    Args:
      tags: what loaders ask for it by.
      variables: with their names in the checkpoint.
      tables: those that it has.
      assets: with the names of their files.
    Attributes:
      tables: what writes each of them.
    """

    def __init__(
        self,
        tags: Sequence[str],
        variables: Sequence[tuple[Variable, str]],
        tables: Sequence[Table] = (),
        assets: Mapping[Asset, str] | None = None,
    ) -> None:
        self.library, self.nodes = Library(), Nodes(in_function=False)
        self.message = messages.MetaGraphDef()
        self.message.meta_info_def.tags.extend(tags)
        self.message.meta_info_def.tensorflow_version = TENSORFLOW_VERSION
        self._variables = variables
        self.handles: dict[int | Table | Asset, Value] = {v._node: self._handle(v) for v, _ in variables}
        self._variable_handles = list(self.handles.values())
        self.tables = {table: TableWriter(table, self.library) for table in tables}
        self.handles |= {table: writer.handle(self.nodes) for table, writer in self.tables.items()}

        self._initial: list[str] = []  # nodes that run when the graph is loaded
        self.asset_numbers = {asset: self._add_asset(asset, name) for asset, name in (assets or {}).items()}

    def _add_asset(self, asset: Asset, name: str) -> int:
        """Enters a file, whose path loaders put into a variable; its number."""
        path = self.nodes.argument("asset_path_initializer", dtypes.string, ())
        shared_name = self.nodes.unique("asset_path")
        attrs = {"dtype": dtypes.string, "shape": (), "shared_name": shared_name}
        (handle,) = self.nodes.add("VarHandleOp", [], attrs)
        self.nodes.add("AssignVariableOp", [handle, path])
        self._initial.append(self.nodes.written[-1].name)
        (self.handles[asset],) = self.nodes.add("ReadVariableOp", [handle], {"dtype": dtypes.string})
        entry = self.message.asset_file_def.add(filename=name)
        entry.tensor_info.name = f"{path.node}:0"
        return len(self.message.asset_file_def) - 1

    def _handle(self, variable: Variable) -> Value:
        name = self.nodes.unique(node_name(variable.name))
        attrs = {"dtype": variable.dtype, "shape": _shape(variable), "shared_name": name}
        return self.nodes.add("VarHandleOp", [], attrs, name=name)[0]

    def add_signature(self, signature: Signature, wrapper: str) -> None:
        """Enters a signature, whose function in the library takes the arguments, by sorted names, and then the variables."""
        graph = signature.function.graph
        symbols = dict(zip(signature.names, graph.inputs, strict=True))
        entry = self.message.signature_def[signature.key]
        entry.method_name = _METHOD
        inputs = []
        for name in sorted(symbols):
            dtype, shape = dtype_of(symbols[name]), symbols[name].static_shape
            value = self.nodes.argument(node_name(f"{signature.key}_{name}"), dtype, shape)
            _describe(entry.inputs[name], self.nodes.reference(value), dtype, shape)
            inputs.append(value)
        inputs += [self.handles[key_of(x)] for x in held_by([graph])]
        types = [dtype_of(x) for x in graph.outputs]
        results = self.nodes.add("StatefulPartitionedCall", [inputs], {"f": wrapper, "Tout": types})
        for name, value, output in zip(signature.outputs, results, graph.outputs, strict=True):
            shape = getattr(output, "static_shape", output.shape)
            _describe(entry.outputs[name], self.nodes.reference(value), value.dtype, shape)

    def finish(self) -> Any:
        """The message, with the ways to restore and to save variables."""
        for table, writer in self.tables.items():
            attrs = {"f": writer.functions["_initialize"].name, "Tout": [dtypes.int32]}
            (done,) = self.nodes.add("StatefulPartitionedCall", [[self.handles[table]]], attrs)
            self._initial.append(done.node)
        self.nodes.add("NoOp", [], after=self._initial)
        (name,) = [node.name for node in self.nodes.written if node.op == "NoOp"]
        self.message.collection_def["saved_model_main_op"].node_list.value.append(name)
        init = self.message.signature_def[_INIT].outputs[_INIT]
        init.name = name
        init.tensor_shape.unknown_rank = True
        self._add_saver()
        self.message.graph_def.node.extend(self.nodes.written)
        self.message.graph_def.library.CopyFrom(self.library.message())
        self.message.graph_def.versions.producer = PRODUCER
        self.message.graph_def.versions.min_consumer = 12
        return self.message

    def _add_saver(self) -> None:
        prefix = self.nodes.argument("saver_filename", dtypes.string, ())
        inputs = [prefix, *self._variable_handles]
        calls = [
            self.nodes.add(
                "StatefulPartitionedCall", [inputs], {"f": self._file_function(kind), "Tout": [dtypes.string]}
            )[0]
            for kind in ("save", "restore")
        ]
        saver = self.message.saver_def
        saver.filename_tensor_name = f"{prefix.node}:0"
        saver.save_tensor_name = f"{calls[0].node}:0"
        saver.restore_op_name = calls[1].node
        saver.version = 2

    def _file_function(self, kind: str) -> str:
        """A function that saves all variables under a prefix, or restores them, and returns the prefix."""
        body = Body(self.library, f"__inference__traced_{kind}")
        prefix = body.argument("file_prefix", dtypes.string, ())
        handles = [
            body.argument(v.name.partition(":")[0], dtypes.resource, (), (v.dtype, _shape(v)))
            for v, _ in self._variables
        ]
        keys = np.array([key.encode() for _, key in self._variables], object)
        names = body.constant(keys, dtypes.string)
        slices = body.constant(np.array([b""] * len(keys), object), dtypes.string)
        effects = []
        if len(keys) and kind == "save":
            reads = [
                body.add("ReadVariableOp", [handle], {"dtype": v.dtype})[0]
                for handle, (v, _) in zip(handles, self._variables, strict=True)
            ]
            body.add("SaveV2", [prefix, names, slices, reads])
            effects.append(body.written[-1].name)
        elif len(keys):
            values = body.add("RestoreV2", [prefix, names, slices], {"dtypes": [v.dtype for v, _ in self._variables]})
            for handle, value in zip(handles, values, strict=True):
                body.add("AssignVariableOp", [handle, value])
                effects.append(body.written[-1].name)
        done = body.add("Identity", [prefix], after=effects)
        body.finish(done, effects)
        return body.name


def wrapper(library: Library, signature: Signature, function: str) -> str:
    """Writes a function that takes the arguments of a signature by sorted names; its name."""
    graph = signature.function.graph
    body = Body(library, f"__inference_signature_wrapper_{signature.key}")
    symbols = dict(zip(signature.names, graph.inputs, strict=True))
    values = {name: body.argument(name, dtype_of(x), x.static_shape) for name, x in sorted(symbols.items())}
    inputs = [values[signature.names[i]] for i in file_order(signature.function.structured_input_signature)]
    inputs += [resource(body, held) for held in held_by([graph])]
    types = [dtype_of(x) for x in graph.outputs]
    results = body.add("StatefulPartitionedCall", [inputs], {"f": function, "Tout": types})
    body.finish(results, [body.written[-1].name])
    return body.name


def _shape(variable: Variable) -> list[int | None] | None:
    return None if variable.shape.rank is None else variable.shape.as_list()


def _describe(info: Any, name: str, dtype: DType, shape: Any) -> None:
    info.name = name if ":" in name else f"{name}:0"
    info.dtype = dtype.as_datatype_enum
    info.tensor_shape.CopyFrom(shape_message(shape))
