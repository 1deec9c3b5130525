"""The public namespace `tf.autograph`."""

from tenfold.autograph import experimental as experimental
from tenfold.tracing.autograph.api import to_code as to_code
from tenfold.tracing.autograph.api import to_graph as to_graph
from tenfold.tracing.autograph.settings import set_verbosity as set_verbosity
from tenfold.tracing.autograph.settings import trace as trace
