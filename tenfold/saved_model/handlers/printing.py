"""Printing in graphs: nodes that give texts of tensors, and nodes that print."""

from __future__ import annotations

from tenfold.ops import print as print_ops
from tenfold.saved_model.importing import Functions, Values, handles
from tenfold.saved_model.plan import PlannedNode


@handles("StringFormat")
def _format(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    template, placeholder = (node.attrs.get(key, "%s") for key in ("template", "placeholder"))
    return [print_ops.string_format(template, placeholder, node.attrs.get("summarize", 3), *inputs)]


@handles("PrintV2")
def _print(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    stream = node.attrs.get("output_stream", "stderr")
    if stream.startswith("file://"):
        raise NotImplementedError(f"{node.name!r} prints to a file, {stream!r}: what is loaded does not write files.")
    print_ops.print_text(inputs[0], stream, node.attrs.get("end", "\n"))
    return []
