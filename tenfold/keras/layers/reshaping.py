"""Layers that arrange elements anew."""

from __future__ import annotations

import math
from typing import Any

from tenfold.core.op import NotDifferentiable, Op
from tenfold.keras import config
from tenfold.keras.layers import interpolation_kernels
from tenfold.keras.layers.convolution import sizes
from tenfold.keras.layers.input_spec import InputSpec
from tenfold.keras.layers.layer import Layer
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import einsum as einsum_ops
from tenfold.ops import rearrange


class Flatten(Layer):
    """Makes one axis of all axes but the batch.

    Example:
      >>> tf.keras.layers.Flatten()(tf.ones([2, 3, 4])).shape
      TensorShape([2, 12])
    """

    _config_names = ("data_format",)

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)
        self.built = True

    def call(self, inputs: Any) -> Any:
        if self.data_format == "channels_first" and inputs.ndim > 2:
            inputs = array_ops.transpose(inputs, (0, *range(2, inputs.ndim), 1))
        shape = inputs._array.shape
        return array_ops.reshape(inputs, (shape[0], math.prod(shape[1:])))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        rest = tuple(input_shape[1:])
        return (input_shape[0], None if None in rest else math.prod(rest))


class Reshape(Layer):
    """Gives each example another shape; one size may be -1.

    Example:
      >>> tf.keras.layers.Reshape((3, -1))(tf.ones([2, 12])).shape
      TensorShape([2, 3, 4])
    """

    _config_names = ("target_shape",)

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = (target_shape,) if isinstance(target_shape, int) else tuple(target_shape)
        if self.target_shape.count(-1) > 1:
            raise ValueError(
                f"The `target_shape` argument must not contain more than one `-1` value. Received: target_shape={target_shape}"
            )
        self.built = True

    def call(self, inputs: Any) -> Any:
        sizes = self.compute_output_shape(inputs.shape.as_list())[1:]
        return array_ops.reshape(inputs, (inputs._array.shape[0], *[-1 if n is None else n for n in sizes]))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        target, rest = self.target_shape, tuple(input_shape[1:])
        if None in rest:
            return (input_shape[0], *(None if size == -1 else size for size in target))
        total, known = math.prod(rest), math.prod(size for size in target if size != -1)
        if (known and total % known) or (-1 not in target and total != known) or (-1 in target and not known):
            raise ValueError(
                f"The total size of the tensor must be unchanged. Received: input_shape={rest}, target_shape={target}"
            )
        return (input_shape[0], *(total // known if size == -1 else size for size in target))


class Permute(Layer):
    """Puts the axes of each example in another order, counted from 1.

    Example:
      >>> tf.keras.layers.Permute((2, 1))(tf.ones([1, 3, 4])).shape
      TensorShape([1, 4, 3])
    """

    _config_names = ("dims",)

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                f"Invalid permutation argument `dims` for Permute Layer. The set of indices in `dims` must be consecutive and start from 1. Received dims={dims}"
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)
        self.built = True

    def call(self, inputs: Any) -> Any:
        return array_ops.transpose(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (input_shape[0], *(input_shape[d] for d in self.dims))


class RepeatVector(Layer):
    """Repeats `(batch, features)` as `(batch, n, features)`.

    Example:
      >>> tf.keras.layers.RepeatVector(3)(tf.ones([2, 4])).shape
      TensorShape([2, 3, 4])
    """

    _config_names = ("n",)

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(n, int):
            raise TypeError(f"Expected an integer value for `n`, got {type(n)}.")
        self.n = n
        self.input_spec = InputSpec(ndim=2)
        self.built = True

    def call(self, inputs: Any) -> Any:
        return rearrange.repeat(array_ops.expand_dims(inputs, 1), self.n, axis=1)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (input_shape[0], self.n, input_shape[1])


class _SpatialArrangement(Layer):
    """Base of layers that change the spatial sizes of an image and nothing else."""

    rank: int

    def _set_layout(self, data_format: str | None) -> None:
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.built = True

    @property
    def _first_axis(self) -> int:
        return 2 if self.data_format == "channels_first" else 1

    def _new_length(self, length: int, axis: int) -> int:
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Any) -> tuple:
        shape = list(input_shape)
        for axis in range(self.rank):
            at = self._first_axis + axis
            if shape[at] is not None:
                shape[at] = self._new_length(shape[at], axis)
        return tuple(shape)


def _pairs(value: Any, rank: int, name: str) -> Any:
    """One pair of ints per spatial axis, from an int, one int per axis or the pairs themselves."""
    if isinstance(value, int):
        value = (value,) * rank
    value = tuple(value)
    if rank == 1 and len(value) == 2 and all(isinstance(v, int) for v in value):
        value = (value,)
    pairs = tuple((v, v) if isinstance(v, int) else tuple(v) for v in value)
    if len(pairs) != rank or any(len(p) != 2 or min(p) < 0 for p in pairs):
        raise ValueError(
            f"The `{name}` argument must be an integer, {rank} integers or {rank} pairs of non-negative integers. Received: {name}={value}"
        )
    return pairs


class _UpSampling(_SpatialArrangement):
    _config_names: tuple[str, ...] = ("size",)
    size: Any

    def _new_length(self, length: int, axis: int) -> int:
        return length * sizes(self.size, self.rank, "size")[axis]

    def call(self, inputs: Any) -> Any:
        for axis, times in enumerate(sizes(self.size, self.rank, "size")):
            inputs = rearrange.repeat(inputs, times, axis=self._first_axis + axis)
        return inputs


class UpSampling1D(_UpSampling):
    """Repeats each step `size` times.

    Example:
      >>> tf.keras.layers.UpSampling1D(3)(tf.ones([1, 2, 4])).shape
      TensorShape([1, 6, 4])
    """

    rank = 1

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = int(size)
        self._set_layout("channels_last")


_ENLARGING = Op(
    "InterpolationMatrix",
    lambda images, *, axis, times, kernel: interpolation_kernels.enlarging(images.shape[axis], times, kernel),
    vjp=NotDifferentiable("the result depends on the shape only"),
)


class UpSampling2D(_UpSampling):
    """Enlarges an image by whole factors.

    Args:
      size: int, or tuple of the factors of height and width.
      data_format: `"channels_last"` or `"channels_first"`.
      interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.

    Example:
      >>> tf.keras.layers.UpSampling2D((1, 2))(tf.ones([1, 2, 2, 1])).shape
      TensorShape([1, 2, 4, 1])
    """

    rank = 2
    _config_names = ("data_format", "interpolation")

    def __init__(
        self, size: Any = (2, 2), data_format: str | None = None, interpolation: str = "nearest", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.size = sizes(size, 2, "size")
        self.interpolation = interpolation.lower()
        if self.interpolation != "nearest" and self.interpolation not in interpolation_kernels.KERNELS:
            raise ValueError(
                f"`interpolation` argument should be 'nearest' or one of {list(interpolation_kernels.KERNELS)}. "
                f"Received: {interpolation}"
            )
        self._set_layout(data_format)

    def call(self, inputs: Any) -> Any:
        if self.interpolation == "nearest":
            return super().call(inputs)
        x = cast_ops.cast(inputs, "float32")
        for axis, times in enumerate(self.size, self._first_axis):
            matrix = _ENLARGING(x, axis=axis, times=times, kernel=self.interpolation)
            letters = "abcd"
            enlarged = letters.replace(letters[axis], "z")
            x = einsum_ops.einsum(f"z{letters[axis]},{letters}->{enlarged}", matrix, x)
        return cast_ops.cast(x, inputs.dtype)


class UpSampling3D(_UpSampling):
    """Repeats each voxel along depth, height and width.

    Example:
      >>> tf.keras.layers.UpSampling3D()(tf.ones([1, 2, 2, 2, 1])).shape
      TensorShape([1, 4, 4, 4, 1])
    """

    rank = 3
    _config_names = ("data_format",)

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = sizes(size, 3, "size")
        self._set_layout(data_format)


class _ZeroPadding(_SpatialArrangement):
    _config_names: tuple[str, ...] = ("padding", "data_format")

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._pairs = _pairs(padding, self.rank, "padding")
        self.padding = self._pairs[0] if self.rank == 1 else self._pairs
        self._set_layout(data_format)

    def _new_length(self, length: int, axis: int) -> int:
        return length + sum(self._pairs[axis])

    def call(self, inputs: Any) -> Any:
        paddings = [(0, 0)] * inputs.ndim
        paddings[self._first_axis : self._first_axis + self.rank] = self._pairs
        return rearrange.pad(inputs, [list(p) for p in paddings])


class ZeroPadding1D(_ZeroPadding):
    """Adds zeros before and after the steps.

    Example:
      >>> tf.keras.layers.ZeroPadding1D(2)(tf.ones([1, 3, 1])).shape
      TensorShape([1, 7, 1])
    """

    rank = 1


class ZeroPadding2D(_ZeroPadding):
    """Adds rows and columns of zeros around an image.

    Example:
      >>> tf.keras.layers.ZeroPadding2D(((1, 0), (2, 2)))(tf.ones([1, 3, 3, 1])).shape
      TensorShape([1, 4, 7, 1])
    """

    rank = 2


class ZeroPadding3D(_ZeroPadding):
    """Adds zeros around a volume.

    Example:
      >>> tf.keras.layers.ZeroPadding3D()(tf.ones([1, 1, 1, 1, 1])).shape
      TensorShape([1, 3, 3, 3, 1])
    """

    rank = 3


class _Cropping(_SpatialArrangement):
    _config_names: tuple[str, ...] = ("cropping",)

    def _set_cropping(self, cropping: Any, data_format: str | None) -> None:
        self._pairs = _pairs(cropping, self.rank, "cropping")
        self.cropping = self._pairs[0] if self.rank == 1 else self._pairs
        self._set_layout(data_format)

    def _new_length(self, length: int, axis: int) -> int:
        new = length - sum(self._pairs[axis])
        if new <= 0:
            raise ValueError(
                f"{type(self).__name__}: `cropping` is {self.cropping}, but an axis of the input has size {length}: nothing would be left."
            )
        return new

    def call(self, inputs: Any) -> Any:
        self.compute_output_shape(inputs.shape.as_list())
        cut: list[Any] = [slice(None)] * inputs.ndim
        for axis, (before, after) in enumerate(self._pairs):
            length = inputs._array.shape[self._first_axis + axis]
            cut[self._first_axis + axis] = slice(before, length - after)
        return inputs[tuple(cut)]


class Cropping1D(_Cropping):
    """Takes steps away at the start and the end.

    Example:
      >>> tf.keras.layers.Cropping1D((1, 2))(tf.ones([1, 5, 1])).shape
      TensorShape([1, 2, 1])
    """

    rank = 1

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._set_cropping(cropping, "channels_last")


class Cropping2D(_Cropping):
    """Takes rows and columns away around an image.

    Example:
      >>> tf.keras.layers.Cropping2D(1)(tf.ones([1, 5, 5, 1])).shape
      TensorShape([1, 3, 3, 1])
    """

    rank = 2
    _config_names = ("data_format",)

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._set_cropping(cropping, data_format)


class Cropping3D(_Cropping):
    """Takes voxels away around a volume.

    Example:
      >>> tf.keras.layers.Cropping3D(1)(tf.ones([1, 3, 3, 3, 1])).shape
      TensorShape([1, 1, 1, 1, 1])
    """

    rank = 3
    _config_names = ("data_format",)

    def __init__(self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._set_cropping(cropping, data_format)
