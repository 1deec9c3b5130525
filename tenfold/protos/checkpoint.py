"""Checkpoints: the entries of a bundle of tensors, and the file that says which checkpoint is the latest."""

from tenfold.protos.build import messages

NEEDS = ("graph",)
TABLE = """
enum Endianness  LITTLE=0 BIG=1
BundleHeaderProto  num_shards:int32=1 endianness:Endianness=2 version:VersionDef=3
BundleEntryProto  dtype:DataType=1 shape:TensorShapeProto=2 shard_id:int32=3 offset:int64=4 size:int64=5 crc32c:fixed32=6
  slices:TensorSliceProto*=7
TensorSliceProto  extent:TensorSliceProto.Extent*=1
TensorSliceProto.Extent  start:int64=1 has_length(length:int64=2)
CheckpointState  model_checkpoint_path:string=1 all_model_checkpoint_paths:string*=2 all_model_checkpoint_timestamps:double*=3
  last_preserved_timestamp:double=4
"""

__getattr__ = messages("checkpoint", TABLE, NEEDS)
