"""The public namespace `tf.graph_util`."""

from tenfold.saved_model.graph_files import import_graph_def as import_graph_def
