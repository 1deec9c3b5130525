"""The public namespace `tf.ragged`."""

from tenfold.ops.ragged.constant import constant as constant
from tenfold.ops.ragged.cross import cross as cross
from tenfold.ops.ragged.cross import cross_hashed as cross_hashed
from tenfold.ops.ragged.elementwise import map_flat_values as map_flat_values
from tenfold.ops.ragged.masking import boolean_mask as boolean_mask
from tenfold.ops.ragged.ranges import range as range
from tenfold.ops.ragged.row_splits import row_splits_to_segment_ids as row_splits_to_segment_ids
from tenfold.ops.ragged.row_splits import segment_ids_to_row_splits as segment_ids_to_row_splits
from tenfold.ops.ragged.stacks import stack as stack
from tenfold.ops.ragged.stacks import stack_dynamic_partitions as stack_dynamic_partitions
