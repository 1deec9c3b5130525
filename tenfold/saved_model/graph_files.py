"""Plain GraphDefs: running one, and writing one to a file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.saved_model.importing import Functions
from tenfold.saved_model.plan import known_values, plan_of_graph, source_of


def import_graph_def(
    graph_def: Any,
    input_map: Mapping[str, Any] | None = None,
    return_elements: Sequence[str] | None = None,
    name: str | None = None,
    op_dict: Any = None,
    producer_op_list: Any = None,
    *,
    allowed_ops: Sequence[str] = (),
) -> list[Tensor] | None:
    """Runs a GraphDef: in a function that is traced its nodes enter the graph, else they run at once.

    Args:
      graph_def: a GraphDef of `Graph.as_graph_def` or of TensorFlow, or its bytes.
      input_map: dict from names of tensors in it, `"x:0"`, to tensors that stand for them, or variables for their handles.
      return_elements: names of tensors to return; only what they need runs. Without it, all nodes run.
      name: accepted; names of nodes are not kept.
      op_dict, producer_op_list: accepted; the table of ops is Tenfold's own.
      allowed_ops: names of ops that may run although they read or write files, as for `tf.saved_model.LoadOptions`.
    Returns:
      The tensors of `return_elements`; None without them.
    Raises:
      NotImplementedError: it uses ops that Tenfold does not have, or that must be allowed; all are named.
      ValueError: it is damaged, has no tensor of a name, or a placeholder has no value.
    Example:
      >>> square = tf.function(lambda x: x * x).get_concrete_function(tf.TensorSpec([None], tf.float32))
      >>> graph_def = square.graph.as_graph_def()
      >>> [y] = tf.graph_util.import_graph_def(graph_def, {"x:0": tf.constant([3.0])}, ["Identity:0"])
      >>> print(y.numpy())
      [9.]
    """
    message = message_of(graph_def)
    plan = plan_of_graph(message.node)
    functions = Functions(message.library.function, allowed_ops)
    given = {source_of(key): value for key, value in (input_map or {}).items()}
    names = {node.name for node in plan.nodes}
    wanted = [source_of(text) for text in return_elements or ()]
    for node, _ in [*given, *wanted]:
        if node not in names:
            raise ValueError(f"tf.graph_util.import_graph_def: the graph has no node {node!r}.")
    known = known_values((s, x if isinstance(x, Variable) else convert(x)) for s, x in given.items())
    if return_elements is not None:
        plan = plan.part({node for node, _ in wanted}, known)
    plan = functions.readable(plan, {node for node, _ in wanted})
    functions.check([plan], "tf.graph_util.import_graph_def: the graph")
    functions.run(plan, known)
    if return_elements is None:
        return None
    return [functions.value(known, node, output) for node, output in wanted]


def message_of(graph_def: Any) -> Any:
    """The GraphDef that a message of anybody's, or its bytes, is."""
    from google.protobuf.message import DecodeError

    from tenfold.protos.graph import GraphDef

    if not isinstance(graph_def, bytes) and not hasattr(graph_def, "SerializeToString"):
        raise TypeError(
            f"tf.graph_util.import_graph_def: got {graph_def!r}; graph_def must be a GraphDef, or its bytes."
        )
    data = graph_def if isinstance(graph_def, bytes) else graph_def.SerializeToString()
    try:
        return GraphDef.FromString(data)
    except DecodeError as error:
        raise ValueError(f"tf.graph_util.import_graph_def: this is no GraphDef, or it is damaged: {error}") from None


def write_graph(graph_or_graph_def: Any, logdir: Any, name: str, as_text: bool = True) -> str:
    """Writes a graph to a file.

    Args:
      graph_or_graph_def: the graph of a concrete function, or a GraphDef.
      logdir: the folder, made if it is not there.
      name: of the file.
      as_text: whether it is text, for people; else binary.
    Returns:
      The path of the file.
    Example:
      >>> import pathlib, tempfile
      >>> double = tf.function(lambda x: x + x).get_concrete_function(tf.TensorSpec([], tf.float32))
      >>> path = tf.io.write_graph(double.graph, tempfile.mkdtemp(), "double.pbtxt")
      >>> pathlib.Path(path).read_text().split()[:6]
      ['node', '{', 'name:', '"x"', 'op:', '"Placeholder"']
    """
    message = graph_or_graph_def.as_graph_def() if hasattr(graph_or_graph_def, "as_graph_def") else graph_or_graph_def
    folder = os.fspath(logdir)
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    if as_text:
        from google.protobuf import text_format

        data = text_format.MessageToString(message).encode()
    else:
        data = message.SerializeToString(deterministic=True)
    with open(path, "wb") as file:
        file.write(data)
    return path
