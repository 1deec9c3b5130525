"""Writes `tenfold/saved_model/op_definitions.txt` from TensorFlow's registry of ops: a line for each op that Tenfold reads or writes.

Run where both are installed: `python -m tests.golden.make_op_definitions`. The form of a line is that of `saved_model/definitions.py`.
"""

import json
import pathlib

from tensorflow.python.framework import dtypes, op_def_registry

import tenfold.saved_model
from tenfold.ops.raw import names
from tenfold.saved_model.importing import HANDLERS, Functions

STRUCTURE = """
_SwitchN OptionalFromValue OptionalGetValue OptionalNone Assign AssignAdd AssignSub HashTable InitializeTable InitializeTableFromTextFile LookupTableExport LookupTableFind LookupTableImport
LookupTableInsert LookupTableSize MutableDenseHashTable MutableHashTable MutableHashTableOfTensors Enter Exit IsVariableInitialized LoopCond Merge NextIteration ReadFile RefEnter RefExit RefIdentity RefMerge
RefNextIteration RefSwitch ScatterAdd ScatterDiv ScatterMax ScatterMin ScatterMul ScatterSub ScatterUpdate Switch
TensorArrayCloseV3 TensorArrayConcatV3 TensorArrayGatherV3 TensorArrayReadV3 TensorArrayScatterV3 TensorArraySizeV3 TensorArrayV3
TensorArrayWriteV3 Variable VariableV2 WriteFile
AnonymousHashTable AnonymousMutableDenseHashTable AnonymousMutableHashTable AnonymousMutableHashTableOfTensors Arg Assert AssignAddVariableOp AssignSubVariableOp AssignVariableOp BroadcastGradientArgs Case Const DisableCopyOnRead EmptyTensorList FakeParam HashTableV2 If
Identity IdentityN InitializeTableFromTextFileV2 InitializeTableV2 LookupTableExportV2 LookupTableFindV2 LookupTableImportV2 LookupTableInsertV2
LookupTableRemoveV2 LookupTableSizeV2 MergeV2Checkpoints MutableDenseHashTableV2 MutableHashTableOfTensorsV2 MutableHashTableV2 NoOp PartitionedCall
MatchingFiles Placeholder PlaceholderWithDefault PreventGradient Print PrintV2 ReadVariableOp ResourceApplyAdam ResourceApplyGradientDescent
ResourceGather ResourceGatherNd ResourceScatterAdd ResourceScatterMax ResourceScatterMin ResourceScatterMul ResourceScatterNdAdd
ResourceScatterNdSub ResourceScatterNdUpdate ResourceScatterSub ResourceScatterUpdate ResourceStridedSliceAssign RestoreV2 RngReadAndSkip SaveV2
ShardedFilename StatefulPartitionedCall StatelessCase StatelessIf StatelessWhile StringFormat StringJoin TensorListElementShape TensorListFromTensor TensorListGather
TensorListGetItem TensorListLength TensorListPopBack TensorListPushBack TensorListReserve TensorListResize TensorListSetItem
TensorListStack VarHandleOp VarIsInitializedOp VariableShape While
"""


def json_of(value):
    """An AttrValue as a JSON value: types and shapes as names and lists, functions as names."""
    kind = value.WhichOneof("value")
    if kind == "list":
        for field in ("s", "i", "f", "b", "type", "shape"):
            if len(getattr(value.list, field)):
                return [plain(field, item) for item in getattr(value.list, field)]
        return []
    return plain(kind, getattr(value, kind))


def plain(kind, value):
    if kind == "s":
        return value.decode()
    if kind == "f":
        return float(f"{value:.7g}")
    if kind == "type":
        return dtypes.as_dtype(value).name
    if kind == "shape":
        return None if value.unknown_rank else [d.size for d in value.dim]
    return value


def argument(arg):
    kind = (
        arg.type_attr or f"={dtypes.as_dtype(arg.type).name}"
        if arg.type or arg.type_attr
        else f"[{arg.type_list_attr}]"
    )
    return f"{arg.name}:{arg.number_attr + '*' if arg.number_attr else ''}{kind}"


def line(name):
    definition = op_def_registry.get(name)
    parts = [name + ("!" if definition.is_stateful else "")]
    parts += [*map(argument, definition.input_arg), "->", *map(argument, definition.output_arg), "|"]
    for attr in definition.attr:
        default = ""
        if attr.HasField("default_value"):
            default = "=" + json.dumps(json_of(attr.default_value), separators=(",", ":"))
        parts.append(f"{attr.name}:{attr.type}{default}")
    return " ".join(parts)


if __name__ == "__main__":
    path = pathlib.Path(tenfold.saved_model.__file__).with_name("op_definitions.txt")
    Functions([])  # enters its handlers
    wanted = [name for name in {*STRUCTURE.split(), *names(), *HANDLERS} if op_def_registry.get(name)]
    path.write_text("".join([line(name) + "\n" for name in sorted(wanted)]))
