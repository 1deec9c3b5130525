"""InputSpec: what a layer accepts."""

from __future__ import annotations

from typing import Any


class InputSpec:
    """Rank, shape and dtype that an input of a layer must have.

    Args:
      dtype: dtype name.
      shape: sizes, None where any will do.
      ndim, max_ndim, min_ndim: number of axes.
      axes: dict of axis to size.
      allow_last_axis_squeeze: whether a last axis of size 1 may be missing or in surplus.
      name: name of the input, for dict inputs.
      optional: whether None may be passed.

    Example:
      >>> tf.keras.layers.InputSpec(min_ndim=2, axes={-1: 8})
      InputSpec(min_ndim=2, axes={-1: 8})
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        try:
            self.axes = {int(axis): (axes or {})[axis] for axis in axes or {}}
        except (ValueError, TypeError):
            raise TypeError(f"Argument `axes` must be a dict with integer keys. Received: axes={axes}") from None
        limit = self.ndim or max_ndim
        if self.axes and limit is not None and max(self.axes) >= limit:
            raise ValueError(f"Axis {max(self.axes)} is greater than the maximum allowed value: {limit - 1}")
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name, self.optional = name, optional

    def get_config(self) -> dict[str, Any]:
        return {
            "dtype": self.dtype,
            "shape": self.shape,
            "ndim": self.ndim,
            "max_ndim": self.max_ndim,
            "min_ndim": self.min_ndim,
            "axes": self.axes,
            "optional": self.optional,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        return cls(**config)

    def __repr__(self) -> str:
        fields = {k: v for k, v in self.get_config().items() if v not in (None, {}, False)}
        return f"InputSpec({', '.join(f'{k}={v}' for k, v in fields.items())})"

    def check(self, shape: tuple, layer_name: str) -> None:
        """Checks a shape.

        Raises:
          ValueError: the shape is not one that the layer accepts.
        """
        rank = len(shape)
        if self.allow_last_axis_squeeze and self.shape is not None and rank != self.ndim:
            if rank == len(self.shape) + 1 and shape[-1] == 1:
                shape = shape[:-1]
            elif rank == len(self.shape) - 1 and self.shape[-1] == 1:
                shape = (*shape, 1)
            rank = len(shape)
        start = f'Input 0 of layer "{layer_name}" is incompatible with the layer: '
        if self.ndim is not None and rank != self.ndim:
            raise ValueError(f"{start}expected ndim={self.ndim}, found ndim={rank}. Full shape received: {shape}")
        if self.max_ndim is not None and rank > self.max_ndim:
            raise ValueError(f"{start}expected max_ndim={self.max_ndim}, found ndim={rank}")
        if self.min_ndim is not None and rank < self.min_ndim:
            raise ValueError(
                f"{start}expected min_ndim={self.min_ndim}, found ndim={rank}. Full shape received: {shape}"
            )
        for axis, size in self.axes.items():
            if size is not None and shape[axis] not in (size, None):
                raise ValueError(
                    f"{start}expected axis {axis} of input shape to have value {size}, but received input with shape "
                    f"{shape}"
                )
        if self.shape is not None:
            for have, want in zip(shape, self.shape, strict=True):
                if have is not None and want is not None and have != want:
                    raise ValueError(f"{start}expected shape={self.shape}, found shape={shape}")
