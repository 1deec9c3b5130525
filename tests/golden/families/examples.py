"""tf.io.parse_example: serialized examples by the features that are expected in them."""

import numpy as np

from tests.golden.case import case

START = """
def example(**features):
    kinds = {float: ("float_list", tf.train.FloatList), int: ("int64_list", tf.train.Int64List), bytes: ("bytes_list", tf.train.BytesList)}
    made = {}
    for key, values in features.items():
        name, kind = kinds[type(values[0]) if values else float]
        made[key] = tf.train.Feature(**{name: kind(value=values)}) if values else tf.train.Feature()
    return tf.train.Example(features=tf.train.Features(feature=made)).SerializeToString()
a = example(x=[1.5, -2.0], y=[3], s=[b"sun", b"moon"], i=[4, 0], v=[0.5, 0.25], n=[1, 1], e=[])
b = example(x=[7.0, 8.0], y=[5], i=[], v=[], n=[0, 2, 1])
c = example()
d = example(x=[1.0, 2.0, 3.0, 4.0], s=[b"x"], n=[4], i=[2, 1, 0], v=[1.0, 2.0, 3.0], j=[0, 1, 2])
io, parse, one = tf.io, tf.io.parse_example, tf.io.parse_single_example
"""
CODES = r"""
parse([a, b], {"x": io.FixedLenFeature([2], tf.float32), "y": io.FixedLenFeature([], tf.int64)}); parse(a, {"x": io.FixedLenFeature([2, 1], tf.float32)})
parse([a, c], {"x": io.FixedLenFeature([2], tf.float32)}); parse([a, c], {"x": io.FixedLenFeature([2], tf.float32, [9.0, 8.0])}); parse([a], {"x": io.FixedLenFeature([3], tf.float32)})
parse([a, c], {"x": io.FixedLenFeature([2], tf.float32, default_value=[1.0])}); parse([c], {"s": io.FixedLenFeature([], tf.string, "none")}); parse([a], {"x": io.FixedLenFeature([2], tf.int64)})
parse([a], {"e": io.FixedLenFeature([1], tf.int64, [7])}); parse([a, b, c, d], {"x": io.VarLenFeature(tf.float32), "s": io.VarLenFeature(tf.string)}); parse([c], {"x": io.VarLenFeature(tf.float32)})
parse([a], {"x": io.VarLenFeature(tf.string)}); parse(tf.constant([], tf.string), {"x": io.VarLenFeature(tf.string), "y": io.FixedLenFeature([2], tf.int64)})
parse([a, b, c, d], {"x": io.FixedLenSequenceFeature([], tf.float32, True)}); parse([a, d, c], {"x": io.FixedLenSequenceFeature([2], tf.float32, True, -1.0)})
parse([a, d], {"x": io.FixedLenSequenceFeature([3], tf.float32, True)}); parse([a], {"x": io.FixedLenSequenceFeature([], tf.float32)}); parse(d, {"x": io.FixedLenSequenceFeature([2], tf.float32, True)})
parse([a, c], {"s": io.FixedLenSequenceFeature([], tf.string, True, "-")}); parse([a, b], {"z": io.SparseFeature("i", "v", tf.float32, 6)}); parse([d], {"z": io.SparseFeature("i", "v", tf.float32, 6)})
parse([d], {"z": io.SparseFeature("i", "v", tf.float32, 6, already_sorted=True)}); parse([d], {"z": io.SparseFeature(["i", "j"], "v", tf.float32, [6, 3])}); parse(a, {"z": io.SparseFeature("i", "v", tf.float32, 6)})
parse([a, b, c, d], {"x": io.RaggedFeature(tf.float32)}); parse(a, {"x": io.RaggedFeature(tf.float32)}); parse([a, c, d], {"r": io.RaggedFeature(tf.string, "s", row_splits_dtype=tf.int64)})
parse([a, b, d], {"r": io.RaggedFeature(tf.float32, "x", [io.RaggedFeature.RowLengths("n")])}); parse([a, b], {"r": io.RaggedFeature(tf.float32, "x", [io.RaggedFeature.ValueRowIds("i")])})
parse([a, d], {"r": io.RaggedFeature(tf.float32, "x", [io.RaggedFeature.UniformRowLength(2)])}); parse(d, {"r": io.RaggedFeature(tf.float32, "x", [io.RaggedFeature.UniformRowLength(2)])})
parse(a, {"r": io.RaggedFeature(tf.float32, "x", [io.RaggedFeature.RowLengths("n")])}); parse([d], {"r": io.RaggedFeature(tf.float32, "x", [io.RaggedFeature.RowStarts("j")])})
parse([a], {"r": io.RaggedFeature(tf.float64)}); parse([a], {"r": io.RaggedFeature(tf.float32, "")}); parse([a], {"r": io.RaggedFeature(tf.float32, partitions=[3])})
parse([a], {"x": 3}); parse([a], {}); parse([a], {"x": io.VarLenFeature(tf.float64)}); parse([[a]], {"x": io.VarLenFeature(tf.float32)}); parse([b"\x7f" * 3], {"x": io.VarLenFeature(tf.float32)})
parse([a[:-3]], {"x": io.VarLenFeature(tf.float32)}); parse([a, c], {"x": io.FixedLenFeature([2], tf.float32)}, ["p", "q"]); parse([a], {"x": io.VarLenFeature(tf.float32)}, ["p", "q"])
parse([a], {"x": io.FixedLenFeature([2], tf.float32), "z": io.SparseFeature("x", "v", tf.float32, 6)}); parse([a], {"x": io.FixedLenFeature([None], tf.float32)}); parse([a], {"x": io.FixedLenFeature(None, tf.float32)})
one(a, {"x": io.FixedLenFeature([2], tf.float32), "s": io.VarLenFeature(tf.string)}); one([a], {"x": io.FixedLenFeature([2], tf.float32)}); one(c, {"y": io.FixedLenFeature([], tf.int64, 4)})
tf.raw_ops.ParseExample(serialized=[a, d], names=[], sparse_keys=["s"], dense_keys=["x"], dense_defaults=[[0.0]], sparse_types=[tf.string], dense_shapes=[[None]])
tf.raw_ops.ParseSingleExample(serialized=a, dense_defaults=[tf.zeros(0)], num_sparse=1, sparse_keys=["s"], dense_keys=["x"], sparse_types=[tf.string], dense_shapes=[[2]])
"""
ROWS = """
from_row_starts([3, 1, 4], [0, 2, 2]); from_row_starts([3, 1, 4], [1, 2]); from_row_starts([3, 1], [0, 3]); from_row_limits([3, 1, 4], [2, 2, 3]); from_row_limits([3, 1, 4], [2])
from_row_limits([3, 1, 4], [2, 1, 3]); from_uniform_row_length([3, 1, 4, 1], 2); from_uniform_row_length([3, 1, 4], 2); from_uniform_row_length(tf.zeros(0), 0, nrows=3)
from_uniform_row_length([3, 1, 4, 1], tf.constant(4)); from_nested_row_lengths([3, 1, 4], ([1, 1], [2, 1])); from_nested_row_lengths([3, 1, 4], tf.constant([1]))
from_nested_value_rowids([3, 1, 4], ([0, 1], [0, 0, 1])); from_nested_value_rowids([3, 1, 4], ([0, 2], [0, 0, 1]), (4, 3)); from_tensor([[3, 1, 0], [4, 0, 0]])
from_tensor([[3, 1, 0], [4, 0, 0]], padding=0); from_tensor([[3, 1, 0], [4, 0, 0]], [1, 3]); from_tensor([[3, 0, 1, 0]], padding=0); from_tensor([3, 1]); from_tensor([[3]], [1], 0)
from_tensor([["a", ""], ["", ""]], padding=""); from_tensor(tf.reshape(tf.range(8), (2, 2, 2))); from_tensor(tf.reshape(tf.range(8), (2, 2, 2)), ragged_rank=2)
from_tensor([[3, 1]], row_splits_dtype=tf.int32); from_tensor([[3, 1]], ragged_rank=2); from_tensor(tf.zeros((2, 0))); from_sparse(tf.SparseTensor([[0, 0], [0, 1], [2, 0]], [3, 1, 4], [3, 4]))
from_sparse(tf.SparseTensor([[0, 1], [2, 0]], [3, 1], [3, 4])); from_sparse(tf.SparseTensor([[0, 0], [0, 2]], [3, 1], [3, 4])); from_sparse(tf.constant([1]))
"""


def each(codes):
    return [code.strip() for line in codes.strip().splitlines() for code in line.split("; ")]


CASES = [
    *(case(START + code, name=code) for code in each(CODES)),
    *(case(f"tf.RaggedTensor.{code}") for code in each(ROWS)),
    case(
        START + 'parse(x, {"x": io.FixedLenFeature([], tf.float32, 0.0)})',
        x=np.array([b""], object),
        name="of a tensor",
    ),
]
