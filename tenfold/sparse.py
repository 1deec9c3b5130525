"""The public namespace `tf.sparse`, as far as dense tensors go."""

from tenfold.ops.sparse_segment import segment_mean as segment_mean
from tenfold.ops.sparse_segment import segment_sqrt_n as segment_sqrt_n
from tenfold.ops.sparse_segment import segment_sum as segment_sum
