"""tf.saved_model.load: the objects of a SavedModel, with their variables and functions."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from glob import glob
from typing import Any

import numpy as np

from tenfold.core import nest
from tenfold.core.errors import OpError
from tenfold.core.module import Module
from tenfold.core.tensor import wrap
from tenfold.core.variable import Variable
from tenfold.lookup.table import Table
from tenfold.protos import saved_model as messages
from tenfold.saved_model import compiled
from tenfold.saved_model.assets import Asset, asset_path
from tenfold.saved_model.importing import Functions, OwnGradient
from tenfold.saved_model.options import LoadOptions
from tenfold.saved_model.resources import make_resources, resource_functions
from tenfold.saved_model.restored import RestoredFunction, StoredTrace
from tenfold.saved_model.session_loading import load_session
from tenfold.saved_model.signature_map import SignatureMap
from tenfold.saved_model.structure import UnknownSpec, decoded, decoded_signature
from tenfold.saved_model.values import array_of, dtype_numbered, shape_of
from tenfold.saved_model.variables import empty_variable
from tenfold.tracing.concrete import ConcreteFunction
from tenfold.train.bundle import Bundle
from tenfold.train.object_graph import TABLE, VARIABLE_VALUE, read_graph
from tenfold.train.restore import read_table


def load(export_dir: Any, tags: Any = None, options: LoadOptions | None = None) -> Any:
    """Reads a SavedModel: an object with the attributes, variables and functions of the one that was saved.

    Functions can be called with all arguments that they were traced for, and with tensors of other sizes where their graphs
    allow. Gradients flow through them. Nothing of the file is executed but ops that Tenfold has, and of these none that reads or
    writes files other than the model's.

    Args:
      export_dir: the folder.
      tags: those of the graph to be read, where the file has several.
      options: `tf.saved_model.LoadOptions`.
    Returns:
      An object with `signatures`, a mapping from names to functions of named tensors, and `variables`. One that a session of
      TensorFlow 1 wrote has no functions of its own, but `graph`, and `prune(feeds, fetches)`, which makes functions of parts of it.
    Raises:
      OSError: there is no SavedModel.
      NotImplementedError: functions use ops that Tenfold does not have, or that `options` must allow; all are named.
      ValueError: the file is damaged, or has no graph with these tags.
    Example:
      >>> import tempfile
      >>> folder, module = tempfile.mkdtemp(), tf.Module()
      >>> module.v = tf.Variable(3.0)
      >>> module.cube = tf.function(lambda x: module.v * x**3, input_signature=[tf.TensorSpec([], tf.float32)])
      >>> tf.saved_model.save(module, folder)
      >>> loaded = tf.saved_model.load(folder)
      >>> x = tf.Variable(2.0)
      >>> with tf.GradientTape() as tape:
      ...     y = loaded.cube(x)
      >>> [float(g) for g in tape.gradient(y, [x, loaded.v])]
      [36.0, 8.0]
    """
    folder = os.fsdecode(export_dir)
    meta = _meta_graph(folder, tags)
    try:
        if not meta.object_graph_def.nodes:  # of a session of TensorFlow 1
            return load_session(folder, meta, options or LoadOptions())
        return _Loader(folder, meta, options or LoadOptions()).root()
    except (OSError, NotImplementedError, OpError):
        raise
    except (TypeError, AttributeError, LookupError, ArithmeticError, MemoryError) as error:  # parts do not fit
        raise ValueError(f"tf.saved_model.load: {folder!r} is damaged: {type(error).__name__}: {error}") from error


def traces(folder: str) -> list[StoredTrace]:
    """All traces of the functions of a SavedModel, each once; without those that make its tables."""
    meta = _meta_graph(folder, None)
    if not meta.object_graph_def.nodes:
        raise NotImplementedError(
            f"{folder!r} is a SavedModel of TensorFlow 1: a graph without functions of its own, for which no code can be stored. Save what "
            "tf.saved_model.load gives, with its signatures, and compile that."
        )
    loader = _Loader(folder, meta, LoadOptions())
    loader.root()
    of_tables = resource_functions(meta.object_graph_def)
    return [trace for name, trace in loader.traces.items() if name not in of_tables]


def contains_saved_model(export_dir: Any) -> bool:
    """Whether a folder has a SavedModel.

    Example:
      >>> tf.saved_model.contains_saved_model("no such folder")
      False
    """
    return os.path.isfile(os.path.join(os.fsdecode(export_dir), "saved_model.pb"))


def signature_definitions(export_dir: Any) -> dict[str, Any]:
    """The SignatureDefs of a SavedModel, by name."""
    found = _meta_graph(os.fsdecode(export_dir), None).signature_def
    # Copies: parts of a message keep all of it in memory.
    return {key: messages.SignatureDef.FromString(found[key].SerializeToString()) for key in found}


def _meta_graph(folder: str, tags: Any) -> Any:
    path = os.path.join(folder, "saved_model.pb")
    if not os.path.isfile(path):
        inside = sorted(map(os.path.dirname, glob("*/saved_model.pb", root_dir=folder)))
        hint = f". It holds SavedModels: {', '.join(inside)}; load one of them." if inside else ""
        raise OSError(f"SavedModel file does not exist at: {folder}/saved_model.pb{hint}")
    from google.protobuf.message import DecodeError

    try:
        with open(path, "rb") as file:
            model = messages.SavedModel.FromString(file.read())
    except DecodeError as error:
        raise ValueError(f"tf.saved_model.load: {path!r} is no SavedModel, or is damaged: {error}") from None
    if not model.meta_graphs:
        raise ValueError(f"tf.saved_model.load: {path!r} has no graph: it is empty, or no SavedModel.")
    wanted = None if tags is None else {tags} if isinstance(tags, str) else set(tags)
    found = [meta for meta in model.meta_graphs if wanted is None or set(meta.meta_info_def.tags) == wanted]
    if len(found) != 1:
        known = [sorted(meta.meta_info_def.tags) for meta in model.meta_graphs]
        raise ValueError(
            f"tf.saved_model.load: {path!r} has graphs with the tags {known}; exactly one must have tags={tags!r}."
        )
    return found[0]


class _Loader:
    """Makes the objects of a meta graph."""

    def __init__(self, folder: str, meta: Any, options: LoadOptions) -> None:
        self._folder, self._meta, self._options = folder, meta, options
        self._graph = meta.object_graph_def
        self._functions = Functions(meta.graph_def.library.function, options.allowed_ops)
        self._compiled = compiled.read(folder) if options.compiled else None
        self._check()
        self._objects: dict[int, Any] = {}
        self.traces: dict[str, StoredTrace] = {}
        for i, node in enumerate(self._graph.nodes):
            self._make(i, node)
        self._functions.gradients.update(self._gradients())
        make_resources(self._graph, self._functions, self._objects)

    def root(self) -> Any:
        for i, node in enumerate(self._graph.nodes):
            self._make_function(i, node)
        self._restore()  # before signatures are traced, which may depend on the shapes of values
        for i in reversed(range(len(self._graph.nodes))):
            self._fill(i)
        root = self._objects[0]
        if not isinstance(getattr(root, "signatures", None), SignatureMap):
            root.signatures = SignatureMap()
        root.tensorflow_version = self._meta.meta_info_def.tensorflow_version
        return root

    def _check(self) -> None:
        count = len(self._graph.nodes)
        for node in self._graph.nodes:
            for child in node.children:
                if not 0 <= child.node_id < count:
                    raise ValueError(f"{self._folder!r} is damaged: object {child.node_id} is not among its {count}.")
        for name, concrete in self._graph.concrete_functions.items():
            if any(not 0 <= i < count for i in concrete.bound_inputs):
                raise ValueError(f"{self._folder!r} is damaged: function {name!r} uses objects that are not there.")
        if self._compiled is not None:
            return  # all functions were checked, and run, when it was written
        names = list(self._graph.concrete_functions)
        self._functions.check(
            [self._functions.plan(name) for name in names if self._is_wanted(name)], f"{self._folder!r}"
        )

    def _gradients(self) -> Iterator[tuple[str, OwnGradient]]:
        """The gradients of functions that have their own, by the types that nodes give them."""
        nodes = self._graph.nodes
        for entry in self._meta.graph_def.library.registered_gradients:
            concrete = self._graph.concrete_functions.get(entry.gradient_func)
            if concrete is None or not self._is_wanted(entry.gradient_func):
                continue
            captured: list[Any] = []
            for i in concrete.bound_inputs:
                if isinstance(self._objects.get(i), Variable):
                    captured.append(self._objects[i])
                    continue
                if nodes[i].WhichOneof("kind") != "captured_tensor":
                    break
                name, _, output = nodes[i].captured_tensor.name.partition(":")
                captured.append((nodes[i].captured_tensor.concrete_function, name, int(output or 0)))
            else:
                results = decoded(concrete.output_signature)
                places = [
                    i
                    for i, x in enumerate(results if isinstance(results, list | tuple) else [results])
                    if x is not None
                ]
                yield entry.registered_op_type, OwnGradient(entry.gradient_func, captured, places)

    def _is_wanted(self, name: str) -> bool:
        return name in self._functions and name not in self._uncallable

    @cached_property
    def _uncallable(self) -> set[str]:
        """The functions that take what nobody has, as the iterator over a dataset that a Keras layer has adapted to."""
        return {
            name
            for name, signature in self._signatures.items()
            if any(isinstance(x, UnknownSpec) for x in nest.flatten(signature))
        }

    @cached_property
    def _signatures(self) -> dict[str, Any]:
        """What functions take."""
        functions = self._graph.concrete_functions
        return {name: decoded(concrete.canonicalized_input_signature) for name, concrete in functions.items()}

    # Objects.

    def _make(self, i: int, node: Any) -> None:
        kind = node.WhichOneof("kind")
        if kind == "variable":
            self._objects[i] = empty_variable(
                dtype_numbered(node.variable.dtype), shape_of(node.variable.shape), node.variable
            )
        elif kind == "constant":
            self._objects[i] = wrap(self._constant(node.constant.operation))
        elif kind == "asset":
            path = os.fsencode(self._asset(node.asset.asset_file_def_index))
            self._functions.assets.add(path)
            self._objects[i] = Asset(path)
        elif kind == "user_object" or kind is None:
            self._objects[i] = _user_object(node, {child.local_name for child in node.children})

    def _constant(self, name: str) -> np.ndarray:
        for node in self._meta.graph_def.node:
            if node.name == name and node.op == "Const":
                return array_of(node.attr["value"].tensor)
        raise ValueError(f"{self._folder!r} is damaged: its graph has no constant {name!r}.")

    def _asset(self, index: int) -> str:
        files = self._meta.asset_file_def
        if not 0 <= index < len(files):
            raise ValueError(f"{self._folder!r} is damaged: it has {len(files)} assets, and uses number {index}.")
        return asset_path(self._folder, files[index].filename)

    def _make_function(self, i: int, node: Any) -> None:
        kind = node.WhichOneof("kind")
        if kind == "function":
            spec = node.function.function_spec
            signature = decoded_signature(spec)
            names = [p.name for p in signature.parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD]
            traces = [self._trace(name, names) for name in node.function.concrete_functions if self._is_wanted(name)]
            input_signature = decoded(spec.input_signature)
            self._objects[i] = RestoredFunction(
                self._name_of(i),
                traces,
                signature,
                None if input_signature is None else tuple(input_signature),
            )
        elif (
            kind == "bare_concrete_function"
            and node.bare_concrete_function.concrete_function_name not in self._uncallable
        ):
            bare = node.bare_concrete_function
            names = bare.argument_keywords
            if bare.HasField("function_spec"):  # not in files of TensorFlow before 2.6, nor for signatures
                names = list(decoded_signature(bare.function_spec).parameters)
            self._objects[i] = self._trace(bare.concrete_function_name, names, bare.argument_keywords)

    def _name_of(self, i: int) -> str:
        for node in self._graph.nodes:
            for child in node.children:
                if child.node_id == i:
                    return child.local_name
        return "function"

    def _trace(self, name: str, argument_names: Sequence[str], tensor_names: Sequence[str] = ()) -> StoredTrace:
        concrete = self._graph.concrete_functions.get(name)
        if concrete is None or not self._is_wanted(name):
            raise ValueError(f"{self._folder!r} is damaged: it has no function {name!r}.")
        captured = [self._objects.get(i) for i in concrete.bound_inputs]
        trace = StoredTrace(
            self._functions,
            name,
            self._signatures[name],
            decoded(concrete.output_signature),
            captured,
            argument_names,
            tensor_names,
            self._compiled,
        )
        self.traces.setdefault(name, trace)
        return trace

    def _fill(self, i: int) -> None:
        """Gives an object its children."""
        value, node = self._objects.get(i), self._graph.nodes[i]
        if not isinstance(value, (SignatureMap, list, dict, Module)):
            return
        objects = [(child.local_name, self._objects.get(child.node_id)) for child in node.children]
        found = [(name, x.concrete() if isinstance(x, StoredTrace) else x) for name, x in objects]
        if isinstance(value, SignatureMap):
            value._functions.update({name: x for name, x in found if isinstance(x, ConcreteFunction)})
        elif isinstance(value, list):
            value.extend([x for name, x in sorted([f for f in found if f[0].isdigit()], key=lambda f: int(f[0]))])
        elif isinstance(value, dict):
            value.update(found)
        else:
            for name, x in found:
                setattr(value, name, x)

    # Values of variables and tables.

    def _restore(self) -> None:
        variables = {i: value for i, value in self._objects.items() if isinstance(value, Variable)}
        tables = {i: value for i, value in self._objects.items() if isinstance(value, Table) and not value.is_constant}
        if not variables and not tables:
            return
        bundle = Bundle(os.path.join(self._folder, "variables", "variables"))
        graph = read_graph(bundle)
        if graph is None:
            raise ValueError(f"{self._folder!r} is damaged: its checkpoint has no graph of objects.")
        keys = dict(self._keys(graph))
        for i, variable in variables.items():
            if i not in keys or keys[i] not in bundle:
                if self._options.allow_partial_checkpoint:
                    continue
                raise ValueError(f"{self._folder!r} has no value for its variable {variable.name!r}.")
            array = bundle.read(keys[i])
            if array.dtype != variable._value._array.dtype or not variable.shape.is_compatible_with(array.shape):
                raise ValueError(
                    f"{self._folder!r} is damaged: variable {variable.name!r} is {variable.dtype.name} of shape {variable.shape}, its "
                    f"value {array.dtype} of shape {array.shape}."
                )
            variable.assign(wrap(array))
        for i, table in tables.items():
            if i in keys:
                table.replace(*read_table(bundle, keys[i], table))

    def _keys(self, graph: Any) -> Iterator[tuple[int, str]]:
        """Objects with the names of their values in the checkpoint, whose objects are found by the same names of children.

        Slots, what optimizers of Keras 2 and TensorFlow 1 keep for a variable, are no children.
        """
        found, pairs = {0: 0}, [(0, 0)]
        for ours, theirs in pairs:  # grows meanwhile
            by_name = {child.local_name: child.node_id for child in graph.nodes[theirs].children}
            for child in self._graph.nodes[ours].children:
                if child.local_name in by_name and child.node_id not in found:
                    found[child.node_id] = by_name[child.local_name]
                    pairs.append((child.node_id, by_name[child.local_name]))
        for ours, theirs in pairs:
            slots = {(s.original_variable_node_id, s.slot_name): s for s in graph.nodes[theirs].slot_variables}
            for slot in self._graph.nodes[ours].slot_variables:
                stored = slots.get((found.get(slot.original_variable_node_id), slot.slot_name))
                if stored is not None:
                    found.setdefault(slot.slot_variable_node_id, stored.slot_variable_node_id)
        for ours, theirs in found.items():
            for attribute in graph.nodes[theirs].attributes:
                if attribute.name in (VARIABLE_VALUE, TABLE):
                    yield ours, attribute.checkpoint_key


class _Loaded(Module):
    """An object of a SavedModel."""

    def __init__(self) -> None:
        super().__init__("loaded")


def _call(self: Any, *args: Any, **kwargs: Any) -> Any:
    return vars(self)["__call__"](*args, **kwargs)


def _user_object(node: Any, names: set[str]) -> Any:
    """An empty object of the kind that the file says; each has a class of its own, for what is not found on instances."""
    identifier = node.user_object.identifier
    if identifier == "signature_map":
        return SignatureMap()
    if identifier in ("trackable_list_wrapper", "trackable_tuple_wrapper"):
        return []
    if identifier == "trackable_dict_wrapper":
        return {}
    own: dict[str, Any] = {name: None for name in names if isinstance(getattr(_Loaded, name, None), property)}
    if "__call__" in names:
        own["__call__"] = _call
    return type("_UserObject", (_Loaded,), own)()
