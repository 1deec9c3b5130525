"""Ops that newer ones took the place of: old graphs have them, and what TensorFlow's optimizer writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.ops import array as array_ops
from tenfold.ops import creation, static
from tenfold.ops.gather import gather
from tenfold.ops.join import concat, stack, unstack
from tenfold.ops.normalization import batch_normalization
from tenfold.ops.ranges import one_hot
from tenfold.ops.rearrange import reverse
from tenfold.ops.scan import cumsum
from tenfold.ops.scatter import tensor_scatter_nd_add, tensor_scatter_nd_sub, tensor_scatter_nd_update
from tenfold.ops.sums import add_n
from tenfold.saved_model.importing import Functions, Values, handles, run_op
from tenfold.saved_model.plan import PlannedNode


class Newer(NamedTuple):
    """The op that does the same.

    Attributes:
      op: its name.
      inputs: what it takes after those of the former op.
      attrs: those that the former op does not have.
      results: how many results the former op has, the first ones.
    """

    op: str
    inputs: Sequence[Any] = ()
    attrs: dict[str, Any] = {}  # noqa: RUF012
    results: int | None = None


_ALL_ROWS, _LEFT = (0, -1, -1), {"align": "LEFT_LEFT"}
_NEWER = {
    "BatchCholesky": Newer("Cholesky"),
    "BatchFFT": Newer("FFT"),
    "BatchFFT2D": Newer("FFT2D"),
    "BatchFFT3D": Newer("FFT3D"),
    "BatchIFFT": Newer("IFFT"),
    "BatchIFFT2D": Newer("IFFT2D"),
    "BatchIFFT3D": Newer("IFFT3D"),
    "BatchMatMul": Newer("BatchMatMulV2"),
    "BatchMatrixBandPart": Newer("MatrixBandPart"),
    "BatchMatrixDeterminant": Newer("MatrixDeterminant"),
    "BatchMatrixInverse": Newer("MatrixInverse"),
    "BatchMatrixSolve": Newer("MatrixSolve"),
    "BatchMatrixTriangularSolve": Newer("MatrixTriangularSolve"),
    "BatchSelfAdjointEigV2": Newer("SelfAdjointEigV2"),
    "BatchSvd": Newer("Svd"),
    "BiasAddV1": Newer("BiasAdd"),
    "FusedBatchNorm": Newer("FusedBatchNormV3", attrs={"U": dtypes.float32}, results=5),
    "FusedBatchNormV2": Newer("FusedBatchNormV3", results=5),
    "FusedBatchNormGrad": Newer("FusedBatchNormGradV3", [0.0], {"U": dtypes.float32}),
    "FusedBatchNormGradV2": Newer("FusedBatchNormGradV3", [0.0]),
    "InvGrad": Newer("ReciprocalGrad"),
    "MatrixDiagV2": Newer("MatrixDiagV3", attrs=_LEFT),
    "MatrixDiagPartV2": Newer("MatrixDiagPartV3", attrs=_LEFT),
    "MatrixSetDiag": Newer("MatrixSetDiagV3", [0]),
    "BatchMatrixSetDiag": Newer("MatrixSetDiagV3", [0]),
    "MatrixSetDiagV2": Newer("MatrixSetDiagV3", attrs=_LEFT),
    "RandomPoisson": Newer("RandomPoissonV2"),
    "ScatterNdNonAliasingAdd": Newer("TensorScatterAdd"),
}


def as_op(node: PlannedNode, op: str, **attrs: Any) -> PlannedNode:
    """A node as one of another op."""
    return node._replace(op=op, attrs=type(node.attrs)({**node.attrs, **attrs}))


@handles(*_NEWER)
def _newer(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    newer = _NEWER[node.op]
    found = run_op(as_op(node, newer.op, **newer.attrs), [*inputs, *map(convert, newer.inputs)])
    return found[: newer.results]


@handles("MatrixDiag", "BatchMatrixDiag")
def _diag(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    zero = creation.zeros((), inputs[0].dtype)
    return run_op(as_op(node, "MatrixDiagV3"), [*inputs, *map(convert, _ALL_ROWS), zero])


@handles("MatrixDiagPart", "BatchMatrixDiagPart")
def _diag_part(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    zero = creation.zeros((), inputs[0].dtype)
    return run_op(as_op(node, "MatrixDiagPartV3"), [*inputs, convert(0), zero])


@handles("AccumulateNV2")
def _accumulate(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [add_n(list(inputs))]


@handles("Concat")
def _concat(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [concat(list(inputs[1:]), inputs[0])]


@handles("ParallelConcat")
def _rows(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [concat(list(inputs), 0)]


@handles("ConcatOffset")
def _offsets(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    """Where each of the tensors of some shapes begins in what they are concatenated to."""
    axis, *shapes = inputs
    before = cumsum(stack(shapes), exclusive=True)
    return unstack(before * one_hot(axis, shapes[0].shape[0], dtype=before.dtype), len(shapes))


@handles("Gather")
def _gather(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [gather(inputs[0], inputs[1])]


@handles("Reverse")
def _reverse(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [reverse(inputs[0], [axis for axis, is_reversed in enumerate(inputs[1].numpy()) if is_reversed])]


@handles("MaxPoolV2", "MaxPoolGradV2")
def _max_pool(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    *tensors, ksize, strides = inputs
    sizes = {"ksize": list(static.ints(ksize, node.op)), "strides": list(static.ints(strides, node.op))}
    return run_op(as_op(node, node.op.removesuffix("V2"), **sizes), tensors)


@handles("TopK")
def _top_k(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return run_op(as_op(node, "TopKV2"), [inputs[0], convert(node.attrs["k"])])


@handles("InTopK")
def _in_top_k(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return run_op(as_op(node, "InTopKV2"), [*inputs, convert(node.attrs["k"], inputs[1].dtype)])


@handles("SpaceToBatch", "BatchToSpace")
def _blocks(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    x, around = inputs
    sizes = convert([node.attrs["block_size"]] * 2)
    return run_op(as_op(node, f"{node.op}ND"), [x, sizes, around])


@handles("BatchNormWithGlobalNormalization")
def _batch_norm(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    x, mean, variance, offset, scale = inputs
    has_scale = node.attrs["scale_after_normalization"]
    epsilon = node.attrs["variance_epsilon"]
    return [batch_normalization(x, mean, variance, offset, scale if has_scale else None, epsilon)]


@handles("Empty")
def _empty(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return [creation.zeros(inputs[0], node.attrs["dtype"])]


@handles("DeepCopy")
def _copy(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return list(inputs)


_IN_PLACE = {
    "InplaceAdd": tensor_scatter_nd_add,
    "InplaceSub": tensor_scatter_nd_sub,
    "InplaceUpdate": tensor_scatter_nd_update,
}


@handles(*_IN_PLACE)
def _in_place(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    x, rows, values = inputs
    return [_IN_PLACE[node.op](x, array_ops.expand_dims(rows, 1), values)]


def _formats(node: PlannedNode) -> tuple[str, str]:
    return node.attrs.get("src_format", "NHWC"), node.attrs.get("dst_format", "NCHW")


@handles("DataFormatDimMap")
def _dim_map(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    source, target = _formats(node)
    (axes,) = inputs
    places = convert([target.index(letter) for letter in source], axes.dtype)
    return [gather(places, (axes + len(source)) % len(source))]


@handles("DataFormatVecPermute")
def _permuted(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    source, target = _formats(node)
    (x,) = inputs
    if x.shape[0] == len(source) - 2:  # of the spatial axes only
        source, target = (text.replace("N", "").replace("C", "") for text in (source, target))
    return [gather(x, convert([source.index(letter) for letter in target], dtypes.int32))]
