"""Graphs of objects, as checkpoints and SavedModels hold them.

`own_attributes` is a field of Tenfold's: values that TensorFlow's objects would not take, and whose reader skips them.
"""

from tenfold.protos.build import messages

NEEDS = ()
TABLE = """
TrackableObjectGraph  nodes:TrackableObjectGraph.TrackableObject*=1
TrackableObjectGraph.TrackableObject  children:TrackableObjectGraph.TrackableObject.ObjectReference*=1
  attributes:TrackableObjectGraph.TrackableObject.SerializedTensor*=2
  slot_variables:TrackableObjectGraph.TrackableObject.SlotVariableReference*=3 registered_saver:RegisteredSaver=4
  has_checkpoint_values:google.protobuf.BoolValue=5
  own_attributes:TrackableObjectGraph.TrackableObject.SerializedTensor*=1001
TrackableObjectGraph.TrackableObject.ObjectReference  node_id:int32=1 local_name:string=2
TrackableObjectGraph.TrackableObject.SerializedTensor  name:string=1 full_name:string=2 checkpoint_key:string=3
TrackableObjectGraph.TrackableObject.SlotVariableReference  original_variable_node_id:int32=1 slot_name:string=2
  slot_variable_node_id:int32=3
RegisteredSaver  name:string=1 object_name:string=2
"""

__getattr__ = messages("objects", TABLE, NEEDS)
