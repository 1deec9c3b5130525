"""How masks go from the inputs of a layer to its call and to its outputs."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from tenfold.core import nest
from tenfold.core.tensor import Tensor
from tenfold.keras.keras_tensor import KerasTensor

if TYPE_CHECKING:
    from tenfold.keras.layers.call_arguments import Signature

LOSES_MASK = (
    "Layer '{0}' (of type {1}) was passed an input with a mask attached to it, but does not support masking: the layers "
    "after it will not see the mask. Set `self.supports_masking = True` if it should be passed on."
)


def compute_mask(self: Any, inputs: Any, previous_mask: Any = None, mask: Any = None) -> Any:
    """The mask of the output, by default that of the input; `mask` is the name of that in Keras 2."""
    return previous_mask if mask is None else mask


def has_own_mask(cls: type) -> bool:
    """Whether a class of layers says itself what the mask of its output is."""
    return getattr(cls, "compute_mask", None) is not compute_mask


def mask_of(value: Any) -> Any:
    """The mask that a tensor carries, or a list of those of a structure; None if there is none."""
    if type(value) is Tensor:
        return value._keras_mask
    if isinstance(value, (list, tuple)):
        masks = [mask_of(item) for item in value]
        return masks if any(mask is not None for mask in masks) else None
    return getattr(value, "_keras_mask", None)


def pass_masks(args: tuple, kwargs: dict, signature: Signature, mask: Any) -> None:
    """Gives `call` the masks that its inputs carry, where it takes them; `mask` is that of the first one."""
    if (
        mask is not None
        and signature.has_mask
        and kwargs.get("mask") is None
        and "mask" not in signature.names[: len(args)]
    ):
        kwargs["mask"] = mask
    for name in signature.masks:
        source = name.removesuffix("_mask")
        if kwargs.get(name) is None and source in signature.names:
            index = signature.names.index(source)
            found = mask_of(args[index] if index < len(args) else kwargs.get(source))
            if found is not None:
                kwargs[name] = found


def set_masks(layer: Any, inputs: Any, outputs: Any, previous: Any) -> None:
    """Gives the outputs the mask that the layer computes for them, unless they carry one each."""
    flat_outputs = nest.flatten(outputs)
    if all(getattr(output, "_keras_mask", None) is not None for output in flat_outputs):
        return
    masks = layer.compute_mask(inputs, previous)
    if masks is None:
        return
    for output, mask in zip(flat_outputs, nest.flatten(masks), strict=False):
        if mask is not None and isinstance(output, (Tensor, KerasTensor)) and output._keras_mask is None:
            output._keras_mask = mask


def set_symbolic_masks(layer: Any, args: tuple, kwargs: dict, outputs: Any) -> None:
    """Gives the outputs in a functional model the masks that they will carry."""
    first = args[0] if args else next(iter(kwargs.values()))
    mask = kwargs.get("mask")
    mask = mask_of(first) if mask is None else mask
    if not layer.supports_masking:
        if mask is not None:
            warnings.warn(LOSES_MASK.format(layer.name, type(layer).__name__), stacklevel=4)
    elif mask is not None or has_own_mask(type(layer)):
        from tenfold.keras.symbolic_ops import symbolic_mask

        for output, found in zip(nest.flatten(outputs), nest.flatten(symbolic_mask(layer, first, mask)), strict=False):
            if output._keras_mask is None:
                output._keras_mask = found
