"""What functions of images share: one image, or a batch of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core.convert import convert
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import static
from tenfold.ops.assertions import Assert
from tenfold.ops.elementwise import maximum, minimum


def image_of(value: Any, what: str) -> Tensor:
    """A value as an image `(height, width, channels)`, or a batch of them.

    Raises:
      ValueError: it has another number of axes, or an axis without elements.
    """
    image = convert(value)
    shape = image._array.shape
    if shape is None:
        raise ValueError(f"{what}: how many axes the image has is not known. Tell it with set_shape.")
    if len(shape) not in (3, 4):
        raise ValueError(f"{what}: the image has shape {tuple(image.shape)}; it must have 3 or 4 axes.")
    if any(size == 0 for size in shape[-3:]):
        raise ValueError(f"{what}: the image has shape {tuple(image.shape)}; its inner 3 axes must not be empty.")
    return image


def batched(function: Callable[[Tensor], Tensor], image: Tensor) -> Tensor:
    """A function of batches on one, or on an image."""
    if image._array.ndim == 4:
        return function(image)
    return array_ops.squeeze(function(array_ops.expand_dims(image, 0)), [0])


def height_and_width(image: Tensor) -> tuple[Any, Any]:
    """The sizes of images: ints, or int32 tensors where they are known only when the traced function runs."""
    height, width = [convert(n) if static.is_traced(n) else n for n in image._array.shape[-3:-1]]
    return height, width


def at_least(x: Any, least: Any) -> Any:
    """The larger one of ints or tensors."""
    return maximum(x, least) if isinstance(x, Tensor) or isinstance(least, Tensor) else max(x, least)


def at_most(x: Any, most: Any) -> Any:
    """The smaller one of ints or tensors."""
    return minimum(x, most) if isinstance(x, Tensor) or isinstance(most, Tensor) else min(x, most)


def known(value: Any) -> Any:
    """An int where a tensor has one already."""
    return value if not isinstance(value, Tensor) or static.is_traced(value) else value.numpy().item()


def require(condition: Any, text: str) -> None:
    """Checks what must hold of sizes, now or, where these are tensors of a trace, when the function runs.

    Raises:
      ValueError: it does not hold.
      tf.errors.InvalidArgumentError: likewise, when the function runs.
    """
    if isinstance(condition, Tensor) and static.is_traced(condition):
        Assert(condition, [text])
    elif not condition:
        raise ValueError(text)
