"""One image or a batch, channels last or first: the forms in which functions of images take them."""

from __future__ import annotations

from collections.abc import Callable

from tenfold.core.tensor import Tensor
from tenfold.image.batches import batched
from tenfold.ops import array as array_ops


def on_batches(function: Callable[[Tensor], Tensor], images: Tensor, data_format: str) -> Tensor:
    """A function of batches of images whose channels are last, on images of any form, whose result has this form."""
    if data_format == "channels_last":
        return batched(function, images)
    found = batched(function, channels_last(images))
    first = images._array.ndim - 3
    return array_ops.transpose(found, (*range(first), first + 2, first, first + 1))


def channels_last(images: Tensor) -> Tensor:
    """Images whose channels are first, with the channels behind."""
    first = images._array.ndim - 3
    return array_ops.transpose(images, (*range(first), first + 1, first + 2, first))
