"""The public namespace `tf.raw_ops`: `tf.raw_ops.Sum(input=x, axis=[0])`. Its names are those of the registered ops."""

from tenfold.ops.raw import function_of as __getattr__  # noqa: F401
from tenfold.ops.raw import names as __dir__  # noqa: F401
