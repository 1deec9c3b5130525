"""The public namespace `tf.sparse`."""

from tenfold.ops.sparse.bincount import bincount as bincount
from tenfold.ops.sparse.convert import from_dense as from_dense
from tenfold.ops.sparse.convert import to_dense as to_dense
from tenfold.ops.sparse.cross import cross_hashed as cross_hashed
from tenfold.ops.sparse.functions import fill_empty_rows as fill_empty_rows
from tenfold.ops.sparse.functions import map_values as map_values
from tenfold.ops.sparse.functions import reorder as reorder
from tenfold.ops.sparse.functions import reshape as reshape
from tenfold.ops.sparse.functions import retain as retain
from tenfold.ops.sparse.functions import sparse_dense_matmul as sparse_dense_matmul
from tenfold.ops.sparse.tensor import SparseTensor as SparseTensor
from tenfold.ops.sparse_segment import segment_mean as segment_mean
from tenfold.ops.sparse_segment import segment_sqrt_n as segment_sqrt_n
from tenfold.ops.sparse_segment import segment_sum as segment_sum
