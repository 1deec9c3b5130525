"""The public namespace `tf.experimental.dlpack`."""

from tenfold.ops.dlpack import from_dlpack as from_dlpack
from tenfold.ops.dlpack import to_dlpack as to_dlpack
