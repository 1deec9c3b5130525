"""Blocks of space moved to the batch axis or to the depth axis, and back."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.op import Op, register
from tenfold.core.tensor import Tensor, wrap
from tenfold.ops import rearrange, row_rules, static

Pairs = tuple[tuple[int, int], ...]


# Batch.


def _check_blocks(input: np.ndarray, block_shape: tuple[int, ...], pairs: Pairs, what: str) -> None:
    if len(pairs) != len(block_shape):
        raise ValueError(f"{what} must have {len(block_shape)} rows, not {len(pairs)}")
    if input.ndim < 1 + len(block_shape):
        raise ValueError(f"the input must have at least {1 + len(block_shape)} axes")
    if min(block_shape, default=1) < 1:
        raise ValueError(f"block_shape {block_shape} must be positive")
    if any(min(pair) < 0 for pair in pairs):
        raise ValueError(f"{what} {pairs} must not be negative")


def _space_to_batch_kernel(input, *, block_shape, paddings):
    _check_blocks(input, block_shape, paddings, "paddings")
    count = len(block_shape)
    pairs = ((0, 0), *paddings, *[(0, 0)] * (input.ndim - 1 - count))
    padded = rearrange.padded(input, pairs)
    batch, space, rest = padded.shape[0], padded.shape[1 : 1 + count], padded.shape[1 + count :]
    split = [batch]
    for axis, (size, block) in enumerate(zip(space, block_shape, strict=True)):
        if size % block:
            raise ValueError(f"padded_shape[{axis}]={size} is not divisible by block_shape[{axis}]={block}")
        split += [size // block, block]
    order = [
        *range(2, 2 * count + 1, 2),
        0,
        *range(1, 2 * count + 1, 2),
        *range(2 * count + 1, 2 * count + 1 + len(rest)),
    ]
    moved = padded.reshape((*split, *rest)).transpose(order)  # (*blocks, batch, *space, *rest)
    return moved.reshape((batch * prod(block_shape), *moved.shape[count + 1 :]))


def _batch_to_space_kernel(input, *, block_shape, crops):
    _check_blocks(input, block_shape, crops, "crops")
    count, blocks = len(block_shape), prod(block_shape)
    if input.shape[0] % blocks:
        raise ValueError(
            f"the batch size {input.shape[0]} is not divisible by the product of the block sizes, {blocks}"
        )
    batch, space, rest = input.shape[0] // blocks, input.shape[1 : 1 + count], input.shape[1 + count :]
    split = input.reshape((*block_shape, batch, *space, *rest))
    order = [count]
    for i in range(count):
        order += [count + 1 + i, i]
    moved = split.transpose([*order, *range(2 * count + 1, split.ndim)])
    sizes = [size * block for size, block in zip(space, block_shape, strict=True)]
    for axis, (size, (start, end)) in enumerate(zip(sizes, crops, strict=True)):
        if start + end > size:
            raise ValueError(f"crops of axis {axis} are more than its size, {size}")
    cut = [slice(start, size - end) for size, (start, end) in zip(sizes, crops, strict=True)]
    return moved.reshape((batch, *sizes, *rest))[(slice(None), *cut)]


def _lower_space_to_batch(b, x, *, block_shape, paddings):
    count = len(block_shape)
    low, high = ([0, *[pair[end] for pair in paddings], *[0] * (x.ndim - 1 - count)] for end in (0, 1))
    x = b.pad(x, low, high)
    batch, space, rest = x.shape[0], x.shape[1 : 1 + count], x.shape[1 + count :]
    split = [n for size, block in zip(space, block_shape, strict=True) for n in (size // block, block)]
    order = [*range(2, 2 * count + 1, 2), 0, *range(1, 2 * count + 1, 2), *range(2 * count + 1, count + x.ndim)]
    moved = b.transpose(b.reshape(x, (batch, *split, *rest)), order)
    return b.reshape(moved, (batch * prod(block_shape), *moved.shape[count + 1 :]))


def _lower_batch_to_space(b, x, *, block_shape, crops):
    count, batch = len(block_shape), x.shape[0] // prod(block_shape)
    space, rest = x.shape[1 : 1 + count], x.shape[1 + count :]
    order = [count, *[n for i in range(count) for n in (count + 1 + i, i)], *range(2 * count + 1, count + x.ndim)]
    moved = b.transpose(b.reshape(x, (*block_shape, batch, *space, *rest)), order)
    sizes = [size * block for size, block in zip(space, block_shape, strict=True)]
    starts = [0, *[start for start, _ in crops], *[0] * len(rest)]
    kept = [size - start - end for size, (start, end) in zip(sizes, crops, strict=True)]
    starts = [start if size else 0 for start, size in zip(starts, (batch, *kept, *rest), strict=True)]
    return b.slice(b.reshape(moved, (batch, *sizes, *rest)), starts, (batch, *kept, *rest))


SPACE_TO_BATCH = register(
    Op(
        "SpaceToBatchND",
        _space_to_batch_kernel,
        host=("block_shape", "paddings"),
        vjp=lambda dy, block_shape, paddings: BATCH_TO_SPACE(dy, block_shape=block_shape, crops=paddings),
        lower=_lower_space_to_batch,
    )
)
BATCH_TO_SPACE: Op = register(
    Op(
        "BatchToSpaceND",
        _batch_to_space_kernel,
        host=("block_shape", "crops"),
        vjp=lambda dy, block_shape, crops: SPACE_TO_BATCH(dy, block_shape=block_shape, paddings=crops),
        lower=_lower_batch_to_space,
    )
)


def space_to_batch(input: Any, block_shape: Any, paddings: Any, name: str | None = None) -> Tensor:
    """Moves the positions within blocks of space to the batch axis, after padding with zeros.

    Args:
      input: Tensor, shape `(batch, *space, ...)`.
      block_shape: size of the blocks along each axis of space.
      paddings: for each axis of space a pair: how many zeros before and after.
    Returns:
      Tensor of shape `(batch * prod(block_shape), *space, ...)`, with the padded sizes divided by those of the blocks.
    Raises:
      tf.errors.InvalidArgumentError: a padded size is not divisible by the size of the blocks.
    Example:
      >>> tf.space_to_batch(tf.zeros([1, 4, 6, 3]), [2, 3], [[0, 0], [0, 0]]).shape
      TensorShape([6, 2, 2, 3])
    """
    return SPACE_TO_BATCH(
        convert(input),
        block_shape=static.ints(block_shape, "tf.space_to_batch"),
        paddings=rearrange.static_pairs(paddings, "tf.space_to_batch"),
    )


def space_to_batch_nd(input: Any, block_shape: Any, paddings: Any, name: str | None = None) -> Tensor:
    """The same as `tf.space_to_batch`."""
    return space_to_batch(input, block_shape, paddings)


def batch_to_space(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Tensor:
    """Undoes `tf.space_to_batch`.

    Args:
      input: Tensor, shape `(batch * prod(block_shape), *space, ...)`.
      block_shape: size of the blocks along each axis of space; one int for two axes.
      crops: for each axis of space a pair: how many elements to cut off at the front and at the end of the result.
    Raises:
      tf.errors.InvalidArgumentError: the batch is not divisible by the size of a block, or too much is cut off.
    Example:
      >>> tf.batch_to_space(tf.zeros([6, 2, 2, 3]), [2, 3], [[0, 0], [0, 0]]).shape
      TensorShape([1, 4, 6, 3])
    """
    if isinstance(block_shape, int):
        block_shape = (block_shape, block_shape)
    return BATCH_TO_SPACE(
        convert(input),
        block_shape=static.ints(block_shape, "tf.batch_to_space"),
        crops=rearrange.static_pairs(crops, "tf.batch_to_space"),
    )


def required_space_to_batch_paddings(
    input_shape: Any, block_shape: Any, base_paddings: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The paddings that make sizes divisible by block sizes, and the crops that undo what they added.

    Args:
      input_shape: sizes of the axes of space.
      block_shape: sizes of the blocks.
      base_paddings: pairs of the least paddings wanted, zeros by default.
    Returns:
      Two int32 Tensors of shape `(len(block_shape), 2)`: paddings, crops.
    Raises:
      ValueError: the arguments have different lengths.
    Example:
      >>> paddings, crops = tf.required_space_to_batch_paddings([5, 6], [2, 3])
      >>> paddings.numpy().tolist(), crops.numpy().tolist()
      ([[0, 1], [0, 0]], [[0, 1], [0, 0]])
    """
    what = "tf.required_space_to_batch_paddings"
    sizes, blocks = (np.array(static.ints(x, what), np.int32) for x in (input_shape, block_shape))
    if sizes.shape != blocks.shape:
        raise ValueError(f"{what}: Shapes {sizes.shape} and {blocks.shape} are incompatible; they must be equal.")
    base = np.zeros((len(blocks), 2), np.int32)
    if base_paddings is not None:
        base = convert(base_paddings, dtypes.int32)._array
        if base.shape != (len(blocks), 2):
            raise ValueError(f"{what}: base_paddings has shape {base.shape}; it must be {(len(blocks), 2)}.")
    extra = -(sizes + base.sum(1, dtype=np.int32)) % blocks
    zeros = np.zeros_like(extra)
    return wrap(base + np.stack([zeros, extra], 1)), wrap(np.stack([zeros, extra], 1))


# Depth.

_LAYOUTS = {  # data_format: where batch, height, width and depth are
    "NHWC": (0, 1, 2, 3),
    "NCHW": (0, 2, 3, 1),
}


def _layout(input: np.ndarray, block_size: int, data_format: str) -> tuple[int, ...]:
    if input.ndim != 4:
        raise ValueError(f"the input must have 4 axes, not {input.ndim}")
    if block_size < 2:
        raise ValueError(f"block_size is {block_size}; it must be at least 2")
    if data_format not in _LAYOUTS:
        raise ValueError(f"data_format is {data_format!r}; it must be 'NHWC' or 'NCHW'")
    return _LAYOUTS[data_format]


def _space_to_depth_kernel(input, *, block_size, data_format="NHWC"):
    layout = _layout(input, block_size, data_format)
    x = input.transpose(layout)
    batch, height, width, depth = x.shape
    if height % block_size or width % block_size:
        raise ValueError(f"height {height} and width {width} must be divisible by block_size, {block_size}")
    x = x.reshape((batch, height // block_size, block_size, width // block_size, block_size, depth))
    x = x.transpose((0, 1, 3, 2, 4, 5))
    x = x.reshape((batch, height // block_size, width // block_size, block_size * block_size * depth))
    return x.transpose(np.argsort(layout))


def _depth_to_space_kernel(input, *, block_size, data_format="NHWC"):
    layout = _layout(input, block_size, data_format)
    x = input.transpose(layout)
    batch, height, width, depth = x.shape
    if depth % (block_size * block_size):
        raise ValueError(f"depth {depth} must be divisible by block_size squared, {block_size * block_size}")
    depth //= block_size * block_size
    x = x.reshape((batch, height, width, block_size, block_size, depth)).transpose((0, 1, 3, 2, 4, 5))
    return x.reshape((batch, height * block_size, width * block_size, depth)).transpose(np.argsort(layout))


def _lower_space_to_depth(b, x, *, block_size, data_format="NHWC"):
    layout = _LAYOUTS[data_format]
    x = b.transpose(x, layout)
    batch, height, width, depth = x.shape
    rows, columns = height // block_size, width // block_size
    x = b.transpose(b.reshape(x, (batch, rows, block_size, columns, block_size, depth)), (0, 1, 3, 2, 4, 5))
    return b.transpose(b.reshape(x, (batch, rows, columns, block_size**2 * depth)), np.argsort(layout).tolist())


def _lower_depth_to_space(b, x, *, block_size, data_format="NHWC"):
    layout = _LAYOUTS[data_format]
    x = b.transpose(x, layout)
    batch, height, width, depth = x.shape
    x = b.reshape(x, (batch, height, width, block_size, block_size, depth // block_size**2))
    x = b.transpose(x, (0, 1, 3, 2, 4, 5))
    x = b.reshape(x, (batch, height * block_size, width * block_size, depth // block_size**2))
    return b.transpose(x, np.argsort(layout).tolist())


SPACE_TO_DEPTH = register(
    Op(
        "SpaceToDepth",
        _space_to_depth_kernel,
        vjp=lambda dy, block_size, data_format: DEPTH_TO_SPACE(dy, block_size=block_size, data_format=data_format),
        lower=_lower_space_to_depth,
        rows=row_rules.leading,
    )
)
DEPTH_TO_SPACE: Op = register(
    Op(
        "DepthToSpace",
        _depth_to_space_kernel,
        vjp=lambda dy, block_size, data_format: SPACE_TO_DEPTH(dy, block_size=block_size, data_format=data_format),
        lower=_lower_depth_to_space,
        rows=row_rules.leading,
    )
)


def space_to_depth(input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Tensor:
    """Moves the positions within square blocks of an image to the depth axis.

    Args:
      input: Tensor of rank 4.
      block_size: side of the blocks, at least 2.
      data_format: "NHWC" or "NCHW": the order of batch, height, width and depth (channels).
    Raises:
      tf.errors.InvalidArgumentError: height or width is not divisible by `block_size`.
    Example:
      >>> tf.nn.space_to_depth(tf.zeros([1, 4, 6, 3]), 2).shape
      TensorShape([1, 2, 3, 12])
    """
    return SPACE_TO_DEPTH(convert(input), block_size=block_size, data_format=data_format)


def depth_to_space(input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Tensor:
    """Undoes `tf.nn.space_to_depth`: moves parts of the depth axis to the positions within square blocks.

    Args:
      input: Tensor of rank 4.
      block_size: side of the blocks, at least 2.
      data_format: "NHWC" or "NCHW".
    Raises:
      tf.errors.InvalidArgumentError: the depth is not divisible by `block_size` squared.
    Example:
      >>> tf.nn.depth_to_space(tf.zeros([1, 2, 3, 12]), 2).shape
      TensorShape([1, 4, 6, 3])
    """
    return DEPTH_TO_SPACE(convert(input), block_size=block_size, data_format=data_format)
