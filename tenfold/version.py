"""The public namespace `tf.version`: the version of TensorFlow whose interface this is, and Tenfold's own."""

import sys

from tenfold.core.release import TENFOLD_VERSION as TENFOLD_VERSION

VERSION = "2.21.0"
GIT_VERSION = "v2.21.0"
COMPILER_VERSION = sys.version.partition("[")[2].rstrip("]")
GRAPH_DEF_VERSION = 2474
GRAPH_DEF_VERSION_MIN_CONSUMER = 0
GRAPH_DEF_VERSION_MIN_PRODUCER = 0
