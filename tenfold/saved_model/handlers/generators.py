"""Ops that draw from the state of a `tf.random.Generator`, which is a variable."""

from __future__ import annotations

from typing import Any

from tenfold.core import dtypes
from tenfold.ops import static
from tenfold.ops.generator import Generator
from tenfold.saved_model.importing import Functions, Values, handles
from tenfold.saved_model.plan import PlannedNode


def _generator(inputs: Values) -> Generator:
    return Generator(state=inputs[0], alg=int(inputs[1].numpy()))


@handles("RngReadAndSkip")
def _read_and_skip(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [_generator(inputs).skip(inputs[2])]


@handles("RngSkip")
def _skip(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    _generator(inputs).skip(inputs[2])
    return []


_OF_FLOATS = {
    "StatefulStandardNormalV2": Generator.normal,
    "StatefulTruncatedNormal": Generator.truncated_normal,
    "StatefulUniform": Generator.uniform,
}


@handles(*_OF_FLOATS)
def _floats(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    draw: Any = _OF_FLOATS[node.op]
    return [draw(_generator(inputs), static.ints(inputs[2], node.op), dtype=node.attrs.get("dtype", dtypes.float32))]


@handles("StatefulUniformInt")
def _ints(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    low, high = inputs[3:]
    return [_generator(inputs).uniform(static.ints(inputs[2], node.op), low, high, low.dtype)]


@handles("StatefulUniformFullInt")
def _all_ints(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    dtype = node.attrs.get("dtype", dtypes.uint64)
    return [_generator(inputs).uniform_full_int(static.ints(inputs[2], node.op), dtype)]


@handles("StatefulRandomBinomial")
def _binomial(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    dtype = node.attrs.get("dtype", dtypes.int64)
    return [_generator(inputs).binomial(static.ints(inputs[2], node.op), inputs[3], inputs[4], dtype)]
