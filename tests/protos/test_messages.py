"""The messages of TensorFlow's files: by the bytes that the wire format prescribes for them."""

import subprocess
import sys

import pytest

from tenfold.protos import graph, objects, saved_model


def test_fields_have_tensorflows_numbers_and_types():
    node = graph.NodeDef(name="a", op="Add", input=["x", "y"])
    node.attr["T"].type = 1  # DT_FLOAT
    assert node.SerializeToString() == b"\n\x01a\x12\x03Add\x1a\x01x\x1a\x01y*\x07\n\x01T\x12\x02\x30\x01"


def test_signed_numbers_of_structures_are_zigzag():
    assert saved_model.StructuredValue(int64_value=-1).SerializeToString() == b"\x60\x01"


def test_lists_of_numbers_are_packed():
    assert graph.TensorProto(int_val=[1, 2, 3]).SerializeToString() == b"\x3a\x03\x01\x02\x03"


def test_what_is_written_is_read():
    model = saved_model.SavedModel(saved_model_schema_version=1)
    meta = model.meta_graphs.add()
    meta.graph_def.node.add(name="c", op="Const").attr["value"].tensor.float_val.append(2.5)
    meta.object_graph_def.nodes.add().children.add(node_id=1, local_name="v")
    meta.meta_info_def.any_info.Pack(graph.VersionDef(producer=7))
    again = saved_model.SavedModel.FromString(model.SerializeToString())
    assert again == model
    unpacked = graph.VersionDef()
    assert again.meta_graphs[0].meta_info_def.any_info.Unpack(unpacked) and unpacked.producer == 7


def test_a_oneof_holds_one():
    value = graph.AttrValue(i=3)
    value.s = b"x"
    assert value.WhichOneof("value") == "s"


def test_absent_values_of_checkpoints_are_told_from_false():
    node = objects.TrackableObjectGraph().nodes.add()
    assert not node.HasField("has_checkpoint_values")
    node.has_checkpoint_values.value = False
    assert node.HasField("has_checkpoint_values")


def test_enums_are_printed_by_name():
    assert "DT_FLOAT" in str(graph.TensorProto(dtype=1))
    assert graph.TensorProto(dtype=105).dtype == 105  # one that is not in the table stays


def test_another_message_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no message 'Nothing' in the table of graph"):
        _ = graph.Nothing


def test_importing_tenfold_does_not_import_protobuf():
    code = "import sys, tenfold, tenfold.protos.graph; assert not any(m.startswith('google') for m in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
