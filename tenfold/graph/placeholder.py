"""`tf.compat.v1.placeholder`: arguments of graphs that are made without a function."""

from __future__ import annotations

from typing import Any

from tenfold.core.context import traced_graph
from tenfold.core.dtypes import as_dtype
from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import Tensor


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """A value of the current graph that is not known before it runs.

    Args:
      dtype: its dtype.
      shape: its shape, with None for unknown sizes; None if nothing of it is known.
      name: that of its node in `as_graph_def`.
    Raises:
      RuntimeError: no graph is being made.
    Example:
      >>> with tf.Graph().as_default() as graph:
      ...     y = tf.nn.relu(tf.compat.v1.placeholder(tf.float32, [None, 2], name="x"))
      >>> tf.graph_util.import_graph_def(graph.as_graph_def(), {"x:0": [[-1.0, 1.0]]}, [y.name])[0].numpy()
      array([[0., 1.]], dtype=float32)
    """
    graph = traced_graph()
    if graph is None:
        raise RuntimeError(
            "tf.compat.v1.placeholder: there is no graph. Use it inside `with tf.Graph().as_default():`."
        )
    known = TensorShape(shape)
    sizes = None if known.rank is None else known.as_list()
    hints = (1,) * sum(size is None for size in sizes or ())
    return graph.input(as_dtype(dtype)._np, sizes, hints, name or "Placeholder")
