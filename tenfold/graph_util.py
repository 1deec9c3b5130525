"""The public namespace `tf.graph_util`."""

from tenfold.saved_model.freezing import convert_variables_to_constants_v2 as convert_variables_to_constants_v2
from tenfold.saved_model.graph_files import import_graph_def as import_graph_def
