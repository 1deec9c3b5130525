"""The public namespace `tf.types`."""

from tenfold.types import experimental as experimental
