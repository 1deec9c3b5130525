"""The public namespace `tf.sets`."""

from tenfold.ops.sparse.sets import difference as difference
from tenfold.ops.sparse.sets import intersection as intersection
from tenfold.ops.sparse.sets import size as size
from tenfold.ops.sparse.sets import union as union
