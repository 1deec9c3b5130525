"""The public namespace `tf.io`."""

from tenfold.ops.strings.binary import decode_base64 as decode_base64
from tenfold.ops.strings.binary import decode_raw as decode_raw
from tenfold.ops.strings.binary import encode_base64 as encode_base64
from tenfold.saved_model.graph_files import write_graph as write_graph
