"""tf.saved_model.save: objects with their functions and variables as files that TensorFlow reads."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.core.atomic import replacing_folder
from tenfold.core.spec import TensorSpec
from tenfold.core.symbol import SymbolError
from tenfold.core.variable import Variable
from tenfold.lookup.table import Table
from tenfold.protos import objects as object_messages
from tenfold.protos import saved_model as messages
from tenfold.saved_model import fingerprint
from tenfold.saved_model import signatures as signature_module
from tenfold.saved_model.assets import Asset, file_names
from tenfold.saved_model.export import function_def
from tenfold.saved_model.held import held_by
from tenfold.saved_model.meta_graph import MetaGraph, wrapper
from tenfold.saved_model.nodes import WrittenGradient
from tenfold.saved_model.options import SaveOptions
from tenfold.saved_model.saved_objects import (
    Objects,
    checkpoint_key,
    children,
    is_saved,
    saved_files,
    saved_parts,
    user_object,
)
from tenfold.saved_model.signature_map import SignatureMap
from tenfold.saved_model.signatures import Signature
from tenfold.saved_model.structure import NotEncodable, describe_parameters, encoded
from tenfold.saved_model.table_writing import TableFunction
from tenfold.saved_model.values import shape_message
from tenfold.tracing.concrete import ConcreteFunction
from tenfold.tracing.flat import file_order
from tenfold.tracing.function import Function
from tenfold.train.bundle import index_path
from tenfold.train.bundle_writer import write_bundle
from tenfold.train.object_graph import GRAPH_KEY, VARIABLE_VALUE, name_of, nodes_with_values

_log = logging.getLogger("tenfold")
_TAG = "serve"
_FILES = (  # of a SavedModel, in the order in which they are replaced
    "variables", "assets", "assets.extra/keras.json", "assets.extra/tenfold", "keras_metadata.pb", "fingerprint.pb", "saved_model.pb",
)  # fmt: skip


def save(obj: Any, export_dir: Any, signatures: Any = None, options: SaveOptions | None = None) -> None:
    """Writes an object with its functions and variables as a SavedModel, which TensorFlow and TensorFlow Serving read too.

    All variables, `tf.function`s and modules among the attributes are saved, in lists and dicts too; a function with each of
    its traces. What a folder held before is replaced only when all has been written.

    Args:
      obj: a `tf.Module`, or another object with such attributes.
      export_dir: the folder.
      signatures: a `tf.function` with an input signature, a concrete function, or a dict from names to such: what servers
        call. By default the only function of `obj` that has an input signature.
      options: `tf.saved_model.SaveOptions`.
    Raises:
      ValueError: `obj` has nothing to save, or a function cannot be a signature.
      AssertionError: a function uses a variable that `obj` does not hold.
      NotImplementedError: a function does what TensorFlow's graphs cannot say.
    Example:
      >>> import tempfile
      >>> class Scale(tf.Module):
      ...     def __init__(self):
      ...         super().__init__()
      ...         self.factor = tf.Variable(2.0)
      ...     @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
      ...     def __call__(self, x):
      ...         return x * self.factor
      >>> folder = tempfile.mkdtemp()
      >>> tf.saved_model.save(Scale(), folder)
      >>> print(tf.saved_model.load(folder)(tf.constant([1.0, 2.0])).numpy())
      [2. 4.]
    """
    if isinstance(obj, type) or not is_saved(obj):
        raise ValueError(
            "Expected an object of type `Trackable`, such as `tf.Module` or a subclass of the `Trackable` class, for export. "
            f"Got {obj!r} with type {type(obj)}."
        )
    _write(os.fsdecode(export_dir), *_content(obj, signatures, options or SaveOptions()))


def _content(
    obj: Any, signatures: Any, options: SaveOptions
) -> tuple[Any, dict[str, np.ndarray], dict[Asset, str], dict[str, bytes]]:
    """The SavedModel message of an object, the tensors of its checkpoint, assets with the names of their files, other files."""
    parts = {**dict(children(obj)), **saved_parts(obj)}
    chosen = signature_module.chosen(parts, signatures)
    objects = Objects(obj, {**parts, "signatures": SignatureMap({s.key: s for s in chosen})})
    traces = _traces(objects)
    variables = [(v, checkpoint_key(objects.paths[i])) for i, v in objects.variables()]
    assets = file_names(objects.assets())
    graph = MetaGraph([_TAG, *options.extra_tags], variables, objects.tables(), assets)
    for table, writer in graph.tables.items():
        objects.attach(table, writer.functions)
    saved = graph.message.object_graph_def
    names: dict[int, str] = {}
    for _, value in traces:
        _check_variables(objects, value)
        message = function_def(value.graph, value.name, graph.library, file_order(value.structured_input_signature))
        names[id(value)] = message.signature.name
        _add_concrete(saved, objects, message.signature.name, value)
    for signature in chosen:
        made = wrapper(graph.library, signature, names[id(signature.function)])
        graph.add_signature(signature, made)
        names[id(signature)] = made
        concrete = saved.concrete_functions[made]
        concrete.bound_inputs.extend(_bound(objects, signature.function))
        _set_signature(concrete, ((), _by_name(signature)), _results(signature))
    for i, value in enumerate(objects.values):  # numbers of these, before those of captured tensors
        node = saved.nodes.add()
        for name, child in objects.edges[i]:
            node.children.add(node_id=child, local_name=name)
        if isinstance(value, TableFunction):
            value.describe(node, saved, objects)
        elif isinstance(value, Asset):
            node.asset.asset_file_def_index = graph.asset_numbers[value]
            node.asset.SetInParent()
        else:
            _describe(node, value, names)
    for gradient in graph.library.gradients:
        _add_gradient(saved, objects, gradient)
    for key in options.function_aliases:
        function = options.function_aliases[key]
        for concrete in function.concrete_functions if isinstance(function, Function) else [function]:
            graph.message.meta_info_def.function_aliases[names[id(concrete)]] = key
    model = messages.SavedModel(saved_model_schema_version=1)
    model.meta_graphs.append(graph.finish())
    tensors = {key: v._value._array for v, key in variables}
    tensors[GRAPH_KEY] = _checkpoint_graph(objects)
    return model, tensors, assets, saved_files(obj, objects)


def _traces(objects: Objects) -> list[tuple[int, ConcreteFunction]]:
    """Enters the traces of all functions as objects of their own; numbers and traces."""
    for i, value in enumerate(list(objects.values)):
        if isinstance(value, Function):
            if value.input_signature is not None:
                value.get_concrete_function()
            traces = value.concrete_functions
            for j, trace in enumerate([t for t in traces if _is_encodable(t)]):
                name = f"trace_{j}"
                objects.edges[i].append((name, objects.add(trace, (*objects.paths[i], name))))
        elif isinstance(value, Signature) and objects.number(value.function) is None:
            objects.edges[i].append(("function", objects.add(value.function, (*objects.paths[i], "function"))))
    return [(i, value) for i, value in enumerate(objects.values) if isinstance(value, ConcreteFunction)]


def _is_encodable(trace: ConcreteFunction) -> bool:
    try:
        encoded(trace.structured_input_signature)
        encoded(trace.structured_outputs)
        return trace.graph is not None
    # The latter two: of a loaded function of tensors of any number of axes.
    except (NotEncodable, SymbolError, ValueError) as error:
        _log.warning("tf.saved_model.save leaves out a trace of %r: %s", trace._plain_name, error)
        return False


def _check_variables(objects: Objects, function: ConcreteFunction) -> None:
    if function.graph.captures:
        raise ValueError(
            f"tf.saved_model.save: {function.graph.name!r} uses tensors of the function in which it was traced. Pass them as arguments."
        )
    for held in held_by([function.graph]):
        if objects.number(held) is None:
            name = repr(held.name) if isinstance(held, Variable) else f"a {type(held).__name__}"
            raise AssertionError(
                "Tried to export a function which references an 'untracked' resource. TensorFlow objects (e.g. tf.Variable) "
                "captured by functions must be 'tracked' by assigning them to an attribute of a tracked object or assigned to an "
                f"attribute of the main object directly: {function.graph.name!r} uses {name}."
            )


def _bound(objects: Objects, function: ConcreteFunction) -> list[int]:
    found = [objects.number(held) for held in held_by([function.graph])]
    return [number for number in found if number is not None]


def _add_concrete(saved: Any, objects: Objects, name: str, function: ConcreteFunction) -> None:
    message = saved.concrete_functions[name]
    message.bound_inputs.extend(_bound(objects, function))
    _set_signature(message, function.structured_input_signature, function.structured_outputs)


def _add_gradient(saved: Any, objects: Objects, gradient: WrittenGradient) -> None:
    concrete = saved.concrete_functions[gradient.function]
    for function, name in gradient.captured:
        concrete.bound_inputs.append(len(saved.nodes))
        tensor = saved.nodes.add().captured_tensor
        tensor.name, tensor.concrete_function = name, function
    concrete.bound_inputs.extend([n for v in gradient.held if (n := objects.number(v)) is not None])
    _set_signature(concrete, (tuple(gradient.upstream), {}), gradient.results)


def _set_signature(message: Any, inputs: Any, outputs: Any) -> None:
    message.canonicalized_input_signature.CopyFrom(encoded(inputs))
    message.output_signature.CopyFrom(encoded(outputs))


def _by_name(signature: Signature) -> dict[str, TensorSpec]:
    function = signature.function
    return {name: _spec(x, name) for name, x in sorted(zip(signature.names, function.graph.inputs, strict=True))}


def _results(signature: Signature) -> dict[str, TensorSpec]:
    return {name: _spec(x, name) for name, x in zip(signature.outputs, signature.function.graph.outputs, strict=True)}


def _spec(x: Any, name: str) -> TensorSpec:
    from tenfold.core.dtypes import as_dtype

    return TensorSpec(getattr(x, "static_shape", x.shape), as_dtype(x.dtype), name)


def _describe(node: Any, value: Any, names: dict[int, str]) -> None:
    """Writes what kind of object a node of the object graph is."""
    if isinstance(value, Variable):
        _describe_variable(node.variable, value)
    elif isinstance(value, Function):
        node.function.SetInParent()
        node.function.concrete_functions.extend([names[id(t)] for t in value.concrete_functions if id(t) in names])
        describe_parameters(node.function.function_spec, value._signature, value.input_signature)
    elif isinstance(value, ConcreteFunction):
        keywords = [value.tensor_names[i] for i in file_order(value.structured_input_signature)]
        _describe_bare(node.bare_concrete_function, names[id(value)], keywords, len(keywords))
        describe_parameters(node.bare_concrete_function.function_spec, value.function_type)
    elif isinstance(value, Table):
        node.resource.SetInParent()
    elif isinstance(value, Signature):
        _describe_bare(node.bare_concrete_function, names[id(value)], sorted(value.names), int(len(value.names) == 1))
    else:
        node.user_object.identifier = "signature_map" if isinstance(value, SignatureMap) else user_object(value)
        node.user_object.version.producer = node.user_object.version.min_consumer = 1


def _describe_variable(message: Any, variable: Variable) -> None:
    message.dtype = variable.dtype.as_datatype_enum
    message.shape.CopyFrom(shape_message(None if variable.shape.rank is None else variable.shape.as_list()))
    message.trainable = variable.trainable
    message.synchronization = variable.synchronization.value
    message.aggregation = variable.aggregation.value
    message.name = variable.name.partition(":")[0]


def _describe_bare(message: Any, name: str, keywords: Sequence[str], positional: int) -> None:
    message.concrete_function_name = name
    message.argument_keywords.extend(keywords)
    message.allowed_positional_arguments = positional


def _checkpoint_graph(objects: Objects) -> np.ndarray:
    """The graph of objects as the checkpoint has it: as a scalar tensor."""
    graph = object_messages.TrackableObjectGraph()
    for i, value in enumerate(objects.values):
        node = graph.nodes.add()
        for name, child in objects.edges[i]:
            node.children.add(node_id=child, local_name=name)
        if isinstance(value, Variable):
            key = checkpoint_key(objects.paths[i])
            node.attributes.add(name=VARIABLE_VALUE, full_name=name_of(value), checkpoint_key=key)
    for node, has_values in zip(graph.nodes, nodes_with_values(graph), strict=True):
        node.has_checkpoint_values.value = has_values
    array = np.empty((), object)
    array[()] = graph.SerializeToString()
    return array


def _write(
    folder: str,
    model: Any,
    tensors: dict[str, np.ndarray],
    assets: Mapping[Asset, str],
    more: Mapping[str, bytes],
) -> None:
    """Writes all files, then puts them in the place of those that the folder had."""
    with replacing_folder(folder, _FILES) as made:
        variables = os.path.join(made, "variables", "variables")
        write_bundle(variables, tensors)
        os.makedirs(os.path.join(made, "assets"))
        for asset, name in assets.items():
            shutil.copyfile(asset.source(), os.path.join(made, "assets", name))
        data = model.SerializeToString(deterministic=True)
        _write_file(os.path.join(made, "saved_model.pb"), data)
        table = Path(index_path(variables)).read_bytes()
        _write_file(os.path.join(made, fingerprint.FILE), fingerprint.fingerprint_of(model, data, table))
        for name, content in more.items():
            os.makedirs(os.path.dirname(os.path.join(made, name)), exist_ok=True)
            _write_file(os.path.join(made, name), content)


def _write_file(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
