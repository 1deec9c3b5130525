"""The public namespace `tf.autograph.experimental`."""

from tenfold.tracing.autograph.settings import Feature as Feature
from tenfold.tracing.autograph.settings import do_not_convert as do_not_convert
from tenfold.tracing.autograph.settings import set_loop_options as set_loop_options
