"""The public namespace `tf.experimental`."""

from tenfold.experimental import dlpack as dlpack
