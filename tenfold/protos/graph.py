"""Graphs: nodes, attributes, tensors, functions, definitions of ops."""

from tenfold.protos.build import messages

NEEDS = ()
TABLE = """
enum DataType  DT_INVALID=0 DT_FLOAT=1 DT_DOUBLE=2 DT_INT32=3 DT_UINT8=4 DT_INT16=5 DT_INT8=6 DT_STRING=7 DT_COMPLEX64=8
  DT_INT64=9 DT_BOOL=10 DT_QINT8=11 DT_QUINT8=12 DT_QINT32=13 DT_BFLOAT16=14 DT_QINT16=15 DT_QUINT16=16 DT_UINT16=17
  DT_COMPLEX128=18 DT_HALF=19 DT_RESOURCE=20 DT_VARIANT=21 DT_UINT32=22 DT_UINT64=23 DT_FLOAT8_E5M2=24 DT_FLOAT8_E4M3FN=25
  DT_FLOAT8_E4M3FNUZ=26 DT_FLOAT8_E4M3B11FNUZ=27 DT_FLOAT8_E5M2FNUZ=28 DT_INT4=29 DT_UINT4=30 DT_INT2=31 DT_UINT2=32
  DT_FLOAT4_E2M1FN=33
TensorShapeProto  dim:TensorShapeProto.Dim*=2 unknown_rank:bool=3
TensorShapeProto.Dim  size:int64=1 name:string=2
ResourceHandleProto  device:string=1 container:string=2 name:string=3 hash_code:uint64=4 maybe_type_name:string=5
  dtypes_and_shapes:ResourceHandleProto.DtypeAndShape*=6
ResourceHandleProto.DtypeAndShape  dtype:DataType=1 shape:TensorShapeProto=2
TensorProto  dtype:DataType=1 tensor_shape:TensorShapeProto=2 version_number:int32=3 tensor_content:bytes=4 half_val:int32*=13
  float_val:float*=5 double_val:double*=6 int_val:int32*=7 string_val:bytes*=8 scomplex_val:float*=9 int64_val:int64*=10
  bool_val:bool*=11 dcomplex_val:double*=12 resource_handle_val:ResourceHandleProto*=14 variant_val:VariantTensorDataProto*=15
  uint32_val:uint32*=16 uint64_val:uint64*=17 float8_val:bytes=18
VariantTensorDataProto  type_name:string=1 metadata:bytes=2 tensors:TensorProto*=3
AttrValue  value(list:AttrValue.ListValue=1 s:bytes=2 i:int64=3 f:float=4 b:bool=5 type:DataType=6 shape:TensorShapeProto=7
  tensor:TensorProto=8 placeholder:string=9 func:NameAttrList=10)
AttrValue.ListValue  s:bytes*=2 i:int64*=3 f:float*=4 b:bool*=5 type:DataType*=6 shape:TensorShapeProto*=7 tensor:TensorProto*=8
  func:NameAttrList*=9
NameAttrList  name:string=1 attr:{string:AttrValue}=2
FullTypeDef  type_id:int32=1 args:FullTypeDef*=2 attr(s:string=3 i:int64=4)
NodeDef  name:string=1 op:string=2 input:string*=3 device:string=4 attr:{string:AttrValue}=5
  experimental_debug_info:NodeDef.ExperimentalDebugInfo=6 experimental_type:FullTypeDef=7
NodeDef.ExperimentalDebugInfo  original_node_names:string*=1 original_func_names:string*=2
VersionDef  producer:int32=1 min_consumer:int32=2 bad_consumers:int32*=3
OpDef  name:string=1 input_arg:OpDef.ArgDef*=2 output_arg:OpDef.ArgDef*=3 control_output:string*=20 attr:OpDef.AttrDef*=4
  deprecation:OpDeprecation=8 summary:string=5 description:string=6 is_commutative:bool=18 is_aggregate:bool=16
  is_stateful:bool=17 allows_uninitialized_input:bool=19 is_distributed_communication:bool=21
OpDef.ArgDef  name:string=1 description:string=2 type:DataType=3 type_attr:string=4 number_attr:string=5 type_list_attr:string=6
  handle_data:ResourceHandleProto.DtypeAndShape*=7 is_ref:bool=16 experimental_full_type:FullTypeDef=17
OpDef.AttrDef  name:string=1 type:string=2 default_value:AttrValue=3 description:string=4 has_minimum:bool=5 minimum:int64=6
  allowed_values:AttrValue=7
OpDeprecation  version:int32=1 explanation:string=2
OpList  op:OpDef*=1
FunctionDef  signature:OpDef=1 attr:{string:AttrValue}=5 arg_attr:{uint32:FunctionDef.ArgAttrs}=7
  resource_arg_unique_id:{uint32:uint32}=8 node_def:NodeDef*=3 ret:{string:string}=4 control_ret:{string:string}=6
FunctionDef.ArgAttrs  attr:{string:AttrValue}=1
GradientDef  function_name:string=1 gradient_func:string=2
RegisteredGradient  gradient_func:string=1 registered_op_type:string=2
FunctionDefLibrary  function:FunctionDef*=1 gradient:GradientDef*=2 registered_gradients:RegisteredGradient*=3
GraphDef  node:NodeDef*=1 versions:VersionDef=4 version:int32=3 library:FunctionDefLibrary=2 debug_info:GraphDebugInfo=5
GraphDebugInfo  files:string*=1 frames_by_id:{fixed64:GraphDebugInfo.FileLineCol}=4
  traces_by_id:{fixed64:GraphDebugInfo.StackTrace}=6 traces:{string:GraphDebugInfo.StackTrace}=2
  name_to_trace_id:{string:fixed64}=5
GraphDebugInfo.FileLineCol  file_index:int32=1 line:int32=2 col:int32=3 func:string=4 code:string=5
GraphDebugInfo.StackTrace  file_line_cols:GraphDebugInfo.FileLineCol*=1 frame_id:fixed64*=2
"""

__getattr__ = messages("graph", TABLE, NEEDS)
