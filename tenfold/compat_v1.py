"""The public namespace `tf.compat.v1`: what makes and runs graphs of files. Nothing else of TensorFlow 1 is here."""

from tenfold.graph.placeholder import placeholder as placeholder
from tenfold.saved_model.wrapping import import_graph_def as import_graph_def
from tenfold.saved_model.wrapping import wrap_function as wrap_function


def __getattr__(name: str) -> object:
    """Makes the class of a message, or imports a namespace, when it is first used."""
    if name in ("io", "python_io"):
        from tenfold.files import former_io

        return former_io
    if name not in ("GraphDef", "NodeDef", "AttrValue"):
        raise AttributeError(f"module 'tf.compat.v1' has no attribute {name!r}; Tenfold has no API of TensorFlow 1")
    from tenfold.protos import graph

    return getattr(graph, name)
