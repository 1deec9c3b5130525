"""The public namespace `tf.lookup.experimental`."""

from tenfold.lookup.mutable import DenseHashTable as DenseHashTable
from tenfold.lookup.mutable import MutableHashTable as MutableHashTable
