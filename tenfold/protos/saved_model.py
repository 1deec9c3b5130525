"""SavedModels: meta graphs, signatures, saved objects and the structures of functions' arguments."""

from tenfold.protos.build import messages

NEEDS = ("graph", "objects")
TABLE = """
SavedModel  saved_model_schema_version:int64=1 meta_graphs:MetaGraphDef*=2
MetaGraphDef  meta_info_def:MetaGraphDef.MetaInfoDef=1 graph_def:GraphDef=2 saver_def:SaverDef=3
  collection_def:{string:CollectionDef}=4 signature_def:{string:SignatureDef}=5 asset_file_def:AssetFileDef*=6
  object_graph_def:SavedObjectGraph=7
MetaGraphDef.MetaInfoDef  meta_graph_version:string=1 stripped_op_list:OpList=2 any_info:google.protobuf.Any=3 tags:string*=4
  tensorflow_version:string=5 tensorflow_git_version:string=6 stripped_default_attrs:bool=7 function_aliases:{string:string}=8
SaverDef  filename_tensor_name:string=1 save_tensor_name:string=2 restore_op_name:string=3 max_to_keep:int32=4 sharded:bool=5
  keep_checkpoint_every_n_hours:float=6 version:SaverDef.CheckpointFormatVersion=7
enum SaverDef.CheckpointFormatVersion  LEGACY=0 V1=1 V2=2
CollectionDef  kind(node_list:CollectionDef.NodeList=1 bytes_list:CollectionDef.BytesList=2
  int64_list:CollectionDef.Int64List=3 float_list:CollectionDef.FloatList=4 any_list:CollectionDef.AnyList=5)
VariableDef  variable_name:string=1 initial_value_name:string=6 initializer_name:string=2 snapshot_name:string=3
  is_resource:bool=5 trainable:bool=7 synchronization:int32=8 aggregation:int32=9
CollectionDef.NodeList  value:string*=1
CollectionDef.BytesList  value:bytes*=1
CollectionDef.Int64List  value:int64*=1
CollectionDef.FloatList  value:float*=1
CollectionDef.AnyList  value:google.protobuf.Any*=1
SignatureDef  inputs:{string:TensorInfo}=1 outputs:{string:TensorInfo}=2 method_name:string=3 defaults:{string:TensorProto}=4
TensorInfo  encoding(name:string=1 coo_sparse:TensorInfo.CooSparse=4 composite_tensor:TensorInfo.CompositeTensor=5)
  dtype:DataType=2 tensor_shape:TensorShapeProto=3
TensorInfo.CooSparse  values_tensor_name:string=1 indices_tensor_name:string=2 dense_shape_tensor_name:string=3
TensorInfo.CompositeTensor  type_spec:TypeSpecProto=1 components:TensorInfo*=2
AssetFileDef  tensor_info:TensorInfo=1 filename:string=2
StructuredValue  kind(none_value:NoneValue=1 float64_value:double=11 int64_value:sint64=12 string_value:string=13
  bool_value:bool=14 tensor_shape_value:TensorShapeProto=31 tensor_dtype_value:DataType=32 tensor_spec_value:TensorSpecProto=33
  type_spec_value:TypeSpecProto=34 bounded_tensor_spec_value:BoundedTensorSpecProto=35 list_value:ListValue=51
  tuple_value:TupleValue=52 dict_value:DictValue=53 named_tuple_value:NamedTupleValue=54 tensor_value:TensorProto=55
  numpy_value:TensorProto=56)
NoneValue
ListValue  values:StructuredValue*=1
TupleValue  values:StructuredValue*=1
DictValue  fields:{string:StructuredValue}=1
PairValue  key:string=1 value:StructuredValue=2
NamedTupleValue  name:string=1 values:PairValue*=2
TensorSpecProto  name:string=1 shape:TensorShapeProto=2 dtype:DataType=3
BoundedTensorSpecProto  name:string=1 shape:TensorShapeProto=2 dtype:DataType=3 minimum:TensorProto=4 maximum:TensorProto=5
TypeSpecProto  type_spec_class:TypeSpecProto.TypeSpecClass=1 type_state:StructuredValue=2 type_spec_class_name:string=3
  num_flat_components:int32=4
enum TypeSpecProto.TypeSpecClass  UNKNOWN=0 SPARSE_TENSOR_SPEC=1 INDEXED_SLICES_SPEC=2 RAGGED_TENSOR_SPEC=3 TENSOR_ARRAY_SPEC=4
  DATA_DATASET_SPEC=5 DATA_ITERATOR_SPEC=6 OPTIONAL_SPEC=7 PER_REPLICA_SPEC=8 VARIABLE_SPEC=9 ROW_PARTITION_SPEC=10
  REGISTERED_TYPE_SPEC=12 EXTENSION_TYPE_SPEC=13
SavedObjectGraph  nodes:SavedObject*=1 concrete_functions:{string:SavedConcreteFunction}=2
SavedObject  children:TrackableObjectGraph.TrackableObject.ObjectReference*=1
  dependencies:TrackableObjectGraph.TrackableObject.ObjectReference*=15
  slot_variables:TrackableObjectGraph.TrackableObject.SlotVariableReference*=3 kind(user_object:SavedUserObject=4
  asset:SavedAsset=5 function:SavedFunction=6 variable:SavedVariable=7 bare_concrete_function:SavedBareConcreteFunction=8
  constant:SavedConstant=9 resource:SavedResource=10 captured_tensor:CapturedTensor=12)
  saveable_objects:{string:SaveableObject}=11 registered_name:string=13 serialized_user_proto:google.protobuf.Any=14
  registered_saver:string=16
SavedUserObject  identifier:string=1 version:VersionDef=2 metadata:string=3
SavedAsset  asset_file_def_index:int32=1
SavedFunction  concrete_functions:string*=1 function_spec:FunctionSpec=2
CapturedTensor  name:string=1 concrete_function:string=2
SavedConcreteFunction  bound_inputs:int32*=2 canonicalized_input_signature:StructuredValue=3 output_signature:StructuredValue=4
SavedBareConcreteFunction  concrete_function_name:string=1 argument_keywords:string*=2 allowed_positional_arguments:int64=3
  function_spec:FunctionSpec=4
SavedConstant  operation:string=1
SavedVariable  dtype:DataType=1 shape:TensorShapeProto=2 trainable:bool=3 synchronization:int32=4 aggregation:int32=5
  name:string=6 device:string=7 experimental_distributed_variable_components:SavedVariable*=8
FunctionSpec  fullargspec:StructuredValue=1 is_method:bool=2 input_signature:StructuredValue=5
  jit_compile:FunctionSpec.JitCompile=6
enum FunctionSpec.JitCompile  DEFAULT=0 ON=1 OFF=2
SavedResource  device:string=1
SaveableObject  save_function:int32=2 restore_function:int32=3
FingerprintDef  saved_model_checksum:uint64=1 graph_def_program_hash:uint64=2 signature_def_hash:uint64=3
  saved_object_graph_hash:uint64=4 checkpoint_hash:uint64=5 version:VersionDef=6 uuid:string=7
SavedMetadata  nodes:SavedKerasObject*=1
SavedKerasObject  node_id:int32=2 node_path:string=3 identifier:string=4 metadata:string=5 version:VersionDef=6
"""

__getattr__ = messages("saved_model", TABLE, NEEDS)
