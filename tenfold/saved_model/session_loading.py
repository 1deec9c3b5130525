"""SavedModels that sessions of TensorFlow 1 wrote: a graph, of which signatures are parts, and a checkpoint of variables by name."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import numpy as np

from tenfold.core.module import Module
from tenfold.core.spec import TensorSpec
from tenfold.core.tensor import wrap
from tenfold.core.variable import Variable
from tenfold.lookup.table import Table
from tenfold.ops.flow import init_scope
from tenfold.protos import saved_model as messages
from tenfold.saved_model.assets import Asset, asset_path
from tenfold.saved_model.handlers.tables import MAKERS
from tenfold.saved_model.importing import Functions
from tenfold.saved_model.options import LoadOptions
from tenfold.saved_model.plan import DamagedGraph, source_of
from tenfold.saved_model.session_graph import SessionGraph
from tenfold.saved_model.signature_map import SignatureMap
from tenfold.saved_model.values import dtype_numbered, shape_of
from tenfold.saved_model.variables import empty_variable
from tenfold.tracing.concrete import ConcreteFunction

_VARIABLES = ("VarHandleOp", "Variable", "VariableV2")
# Signatures that only say which operation it is.
_INIT_OP, _TRAIN_OP = "__saved_model_init_op", "__saved_model_train_op"


class SessionModel(Module):
    """What `tf.saved_model.load` makes of a SavedModel of TensorFlow 1.

    Attributes:
      graph: the graph, with its nodes by name.
      signatures: functions of named tensors, by name.
      variables: all that the graph makes.
      asset_paths: the files that came with it.
      tensorflow_version, tensorflow_git_version: of the TensorFlow that wrote it.
    """

    variables: Any = None

    def __init__(self, graph: SessionGraph, tables: list[Table], assets: list[Asset], meta: Any) -> None:
        super().__init__("session_model")
        self.graph, self.asset_paths, self._tables = graph, assets, tables
        self.variables = list({id(v): v for v in graph.variables.values()}.values())
        self.tensorflow_version = meta.meta_info_def.tensorflow_version
        self.tensorflow_git_version = meta.meta_info_def.tensorflow_git_version
        self.signatures = SignatureMap()
        self._saver = meta.saver_def

    def prune(self, feeds: Any, fetches: Any, name: str | None = None, input_signature: Any = None) -> ConcreteFunction:
        """A function of the part of the graph between `feeds` and `fetches`: tensors or their names, as `"x:0"`; see `SessionGraph.prune`."""
        return self.graph.prune(feeds, fetches, name, input_signature)

    def restore(self, path: Any) -> None:
        """Reads the values of the variables from a checkpoint that a session wrote.

        Args:
          path: without `.index`.
        Raises:
          tf.errors.NotFoundError: there is none, or a variable is missing in it.
        """
        _restore(self.graph, self._saver, os.fspath(path))


def load_session(folder: str, meta: Any, options: LoadOptions) -> SessionModel:
    """The object of a meta graph that has a graph only."""
    functions = Functions(meta.graph_def.library.function, options.allowed_ops)
    graph = SessionGraph(meta.graph_def, functions, repr(folder))
    _make_variables(graph, meta.collection_def)
    assets = []
    for file in _asset_files(meta):
        assets.append(Asset(os.fsencode(asset_path(folder, file.filename))))
        functions.assets.add(assets[-1].asset_path._array.item())
        graph.provide(source_of(file.tensor_info.name).node, assets[-1].asset_path)
    signatures = {
        key: meta.signature_def[key] for key in sorted(meta.signature_def) if key not in (_INIT_OP, _TRAIN_OP)
    }
    tables = [op.name for op in graph.get_operations() if op.type in MAKERS]
    initializers = _initializers(meta)
    parts = [graph.part(_nodes(s.outputs.values()), _nodes(s.inputs.values())) for s in signatures.values()]
    graph.check([*parts, graph.part([*tables, *initializers])])
    with init_scope():
        if meta.saver_def.restore_op_name and graph.variables:
            _restore(graph, meta.saver_def, os.path.join(folder, "variables", "variables"))
        made = _make_tables(graph, tables)
        graph.run(initializers)
    model = SessionModel(graph, made, assets, meta)
    model.signatures = SignatureMap({key: _signature(graph, key, s) for key, s in signatures.items()})
    return model


def _asset_files(meta: Any) -> list[Any]:
    """The AssetFileDefs, which may be in a collection only."""
    collections = meta.collection_def
    if meta.asset_file_def or "saved_model_assets" not in collections:
        return list(meta.asset_file_def)
    return [messages.AssetFileDef.FromString(x.value) for x in collections["saved_model_assets"].any_list.value]


def _make_variables(graph: SessionGraph, collections: Any) -> None:
    """Makes the variables of a graph; nodes of the same shared name are one."""
    definitions = {
        source_of(x.variable_name).node: x
        for name in ("variables", "local_variables")
        for x in _variable_definitions(collections, name)
    }
    trainable = {source_of(x.variable_name).node for x in _variable_definitions(collections, "trainable_variables")}
    made: dict[str, Variable] = {}
    for op in graph.get_operations():
        if op.type not in _VARIABLES:
            continue
        attrs = op.node_def.attr
        key = attrs["shared_name"].s.decode() or op.name
        if key not in made:
            message = definitions.get(op.name) or messages.VariableDef()
            message.trainable = op.name in trainable
            made[key] = empty_variable(
                dtype_numbered(attrs["dtype"].type), shape_of(attrs["shape"].shape), message, op.name
            )
        graph.provide(op.name, made[key])


def _variable_definitions(collections: Any, name: str) -> list[Any]:
    found = collections[name].bytes_list.value if name in collections else []
    return [messages.VariableDef.FromString(data) for data in found]


def _make_tables(graph: SessionGraph, names: Iterable[str]) -> list[Table]:
    """Makes the tables of a graph; nodes of the same shared name are one."""
    made: dict[str, Table] = {}
    for name in names:
        key = graph.get_operation_by_name(name).node_def.attr["shared_name"].s.decode() or name
        if key not in made:
            (made[key],) = graph.run([name])[name]
        graph.provide(name, made[key])
    return list(made.values())


def _restore(graph: SessionGraph, saver: Any, path: str) -> None:
    """Runs the part of a graph that reads a checkpoint, which may read no other file."""
    filename, operation = source_of(saver.filename_tensor_name), saver.restore_op_name
    part = graph.part([operation], [filename.node])
    others = []
    for node in part.nodes:
        if node.op != "RestoreV2":
            others.append(node)
        elif node.inputs[0] != filename:
            raise DamagedGraph(f"node {node.name!r} reads another checkpoint than that of the SavedModel.")
    graph.check([part._replace(nodes=tuple(others))])
    graph.run([operation], {filename: wrap(np.array(os.fsencode(path), object))})


def _initializers(meta: Any) -> list[str]:
    """The operations that fill tables and set variables that are not in the checkpoint."""
    if _INIT_OP in meta.signature_def:
        return [info.name for info in meta.signature_def[_INIT_OP].outputs.values()]
    collections = meta.collection_def
    for key in ("saved_model_main_op", "legacy_init_op"):
        if key in collections and collections[key].node_list.value:
            return list(collections[key].node_list.value)
    tables = collections["table_initializer"].node_list.value if "table_initializer" in collections else []
    return [*tables, *[x.initializer_name for x in _variable_definitions(collections, "local_variables")]]


def _signature(graph: SessionGraph, key: str, message: Any) -> ConcreteFunction:
    """The function of a signature: named tensors to named tensors."""
    inputs = {name: message.inputs[name] for name in sorted(message.inputs)}
    outputs = {name: message.outputs[name] for name in sorted(message.outputs)}
    specs = {name: TensorSpec(shape_of(x.tensor_shape), dtype_numbered(x.dtype), name) for name, x in inputs.items()}
    try:
        return graph.prune([x.name for x in inputs.values()], {n: x.name for n, x in outputs.items()}, key, ((), specs))
    except Exception as error:
        error.add_note(f"In the signature {key!r}.")
        raise


def _nodes(tensors: Iterable[Any]) -> list[str]:
    """The nodes that TensorInfos are about.

    Raises:
      NotImplementedError: one is a sparse or ragged tensor.
    """
    for info in tensors:
        if info.WhichOneof("encoding") != "name":
            raise NotImplementedError(
                "a signature has sparse or ragged tensors, which Tenfold does not read from files of TensorFlow 1."
            )
    return [source_of(info.name).node for info in tensors]
