"""RaggedArray: what a ragged tensor holds in place of an array. It has a dtype and a number of axes, but no shape.

Kernels are written for arrays, so any of them fails on one, and the op then runs by its rule for ragged tensors
(`ops/ragged/dispatch.py`): they cost ops of dense tensors nothing, just as symbols do.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np


class RaggedArray:
    """Stands for the elements of a `tf.RaggedTensor` where an op expects an array.

    Attributes:
      dtype: NumPy dtype.
      ndim: the number of axes, ragged ones among them.
    """

    __slots__ = ("_tensor",)
    __array_ufunc__ = None  # ufuncs refuse it

    def __init__(self, tensor: Any) -> None:
        self._tensor = tensor

    @property
    def dtype(self) -> np.dtype:
        return self._tensor.flat_values._array.dtype

    @property
    def ndim(self) -> int:
        return self._tensor.ragged_rank + self._tensor.flat_values._array.ndim

    def run(self, op: Any, operands: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
        """What an op makes of operands of which some are ragged."""
        return self._tensor._run(op, operands, attrs)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        refuse(self._tensor)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        refuse(self._tensor)

    def __getitem__(self, key: Any) -> NoReturn:
        refuse(self._tensor)


def refuse(x: Any, what: str = "") -> NoReturn:
    """Raises the error for a ragged tensor where only a dense one will do; `what` begins it."""
    raise ValueError(
        f"{what}Attempt to convert a value of type RaggedTensor, {x.dtype.name} of shape {x.shape}, to a Tensor. Fill its rows "
        "up with to_tensor(), or run an op on its values with tf.ragged.map_flat_values."
    )
