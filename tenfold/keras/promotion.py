"""Which dtype operands of several dtypes meet in: Keras' rule, where TensorFlow has none."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.tensor import Tensor
from tenfold.keras import config
from tenfold.ops import cast as cast_ops

TensorLike = Any  # a tensor, variable, array, nested list, number or KerasTensor

_FLOATS = {"bfloat16": 16, "float16": 16, "float32": 32, "float64": 64}
_SIGNED = {"int8": 8, "int16": 16, "int32": 32, "int64": 64}
_NARROWED = {"uint64": "uint32", "complex128": "complex64"}
_UNSIGNED = {"uint8": 8, "uint16": 16, "uint32": 32, "uint64": 64}


def result_type(*dtypes: Any) -> str:
    """The name of the dtype that holds results of these dtypes.

    Complex numbers are complex64. Any float wins over integers, integers over bool; signed and unsigned integers meet in the next wider signed one.
    Python's `int` and `float` are weak: they choose a kind and take its size from the others, or int32 and `floatx`.

    Args:
      *dtypes: dtypes or their names, or the Python types `bool`, `int`, `float`; none at all is `floatx`.
    Raises:
      TypeError: strings have no common dtype with numbers.
    Example:
      >>> tf.keras.backend.result_type("int32", "float16"), tf.keras.backend.result_type("uint8", "int8", int)
      ('float16', 'int16')
    """
    if not dtypes:
        return config.floatx()
    names = {_name(dtype) for dtype in dtypes}
    if len(names) == 1 and (only := next(iter(names))) not in ("int", "float"):
        return _NARROWED.get(only, only)
    if unknown := names - {*_FLOATS, *_SIGNED, *_UNSIGNED, "bool", "int", "float", "complex64", "complex128"}:
        raise TypeError(f"There is no common dtype of {sorted(names)}: {sorted(unknown)} do not mix with numbers.")
    if names & {"complex64", "complex128"}:
        return "complex64"
    if floats := names & _FLOATS.keys():
        return "float32" if floats == {"float16", "bfloat16"} else max(floats, key=_FLOATS.__getitem__)
    if "float" in names:
        return config.floatx()
    signed = max((_SIGNED[name] for name in names & _SIGNED.keys()), default=0)
    unsigned = max((_UNSIGNED[name] for name in names & _UNSIGNED.keys()), default=0)
    if not signed:
        return f"uint{min(unsigned, 32)}" if unsigned else "int32" if "int" in names else "bool"
    if unsigned == 64:  # no integer holds both
        return config.floatx()
    return f"int{max(signed, 2 * unsigned)}"


def _name(dtype: Any) -> str:
    return dtype.__name__ if isinstance(dtype, type) and dtype in (bool, int, float) else as_dtype(dtype).name


def dtype_of(x: TensorLike) -> Any:
    """The dtype of an operand, or the type of a Python number."""
    return type(x) if isinstance(x, (bool, int, float)) else x.dtype


def promoted(*operands: TensorLike, weak: type | None = None) -> list[Tensor]:
    """The operands as tensors of one dtype.

    Args:
      *operands: what `tf.convert_to_tensor` takes; Python numbers follow the dtype of the others.
      weak: a Python type that takes part in the promotion: `float` makes integers floating.
    """
    found: list[Any] = [x if isinstance(x, (bool, int, float)) else convert(x) for x in operands]
    if _are_alike(found) and (weak is None or found[0].dtype.is_floating):
        return found
    dtype = as_dtype(result_type(*map(dtype_of, found), *([] if weak is None else [weak])))
    return [cast_ops.cast(x, dtype) for x in found]


def _are_alike(operands: list[Any]) -> bool:
    """Whether all are tensors of one dtype that promotion does not change."""
    first = operands[0]
    if not isinstance(first, Tensor) or first.dtype.name in _NARROWED:
        return False
    dtype = first.dtype
    for x in operands:
        if not isinstance(x, Tensor) or x.dtype is not dtype:
            return False
    return True


def floating(x: TensorLike) -> Tensor:
    """The operand as a tensor; integers and bools become `floatx`."""
    x = convert(x)
    return x if x.dtype.is_floating or x.dtype.is_complex else cast_ops.cast(x, config.floatx())


def countable(x: TensorLike) -> Tensor:
    """The operand as a tensor; bools become int32."""
    x = convert(x)
    return cast_ops.cast(x, "int32") if x.dtype.is_bool else x
