"""The public namespace `tf.io`."""

from tenfold.saved_model.graph_files import write_graph as write_graph
