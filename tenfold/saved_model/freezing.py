"""Frozen functions: variables have become constants, so that a GraphDef is all that runs need."""

from __future__ import annotations

from tenfold.saved_model.export import graph_def
from tenfold.saved_model.importing import Functions
from tenfold.saved_model.session_graph import SessionGraph
from tenfold.tracing.concrete import ConcreteFunction


def convert_variables_to_constants_v2(
    func: ConcreteFunction, lower_control_flow: bool = True, aggressive_inlining: bool = False
) -> ConcreteFunction:
    """A function in which variables are constants, of the values that they have now; its graph is written by `as_graph_def`.

    Args:
      func: the function, of `tf.function(...).get_concrete_function` or of a SavedModel.
      lower_control_flow, aggressive_inlining: accepted; branches and loops stay as they are.
    Returns:
      A function that takes the tensors among the arguments one by one, and returns those of the results in a list.
    Raises:
      ValueError: the function writes to a variable, or keeps a table.
    Example:
      >>> v = tf.Variable([1.0, 2.0])
      >>> scale = tf.function(lambda x: x * v).get_concrete_function(tf.TensorSpec([2], tf.float32, name="x"))
      >>> frozen = tf.graph_util.convert_variables_to_constants_v2(scale)
      >>> _ = v.assign([0.0, 0.0])
      >>> frozen(tf.constant([3.0, 4.0]))[0].numpy().tolist()
      [3.0, 8.0]
      >>> [node.op for node in frozen.graph.as_graph_def().node]
      ['Placeholder', 'Const', 'Mul', 'Identity']
    """
    message = graph_def(func.graph, freezes=True)
    count, results = len(func.graph.inputs), len(func.graph.outputs)
    names = [f"{node.name}:0" for node in message.node]
    graph = SessionGraph(message, Functions(message.library.function), func.name)
    return graph.prune(names[:count], names[len(names) - results :], func.graph.name)
