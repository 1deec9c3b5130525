"""The public namespace `tf.debugging.experimental`."""

from tenfold.core.tracebacks import disable_dump_debug_info as disable_dump_debug_info
from tenfold.core.tracebacks import enable_dump_debug_info as enable_dump_debug_info
