"""Keras' global settings: float type, fuzz factor, image layout."""

from __future__ import annotations

_settings = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}


def floatx() -> str:
    """The dtype that layers and variables have by default.

    Example:
      >>> tf.keras.backend.floatx()
      'float32'
    """
    return str(_settings["floatx"])


def set_floatx(value: str) -> None:
    """Sets the default float dtype: bfloat16, float16, float32 or float64.

    Raises:
      ValueError: the dtype is another one.
    """
    if value not in ("bfloat16", "float16", "float32", "float64"):
        raise ValueError(
            f"Unknown `floatx` value: {value}. Expected one of ('bfloat16', 'float16', 'float32', 'float64')"
        )
    _settings["floatx"] = value


def epsilon() -> float:
    """The small number that keeps divisions and logarithms finite, 1e-7 by default."""
    return _settings["epsilon"]  # type: ignore[return-value]


def set_epsilon(value: float) -> None:
    """Sets the fuzz factor that `epsilon` returns."""
    _settings["epsilon"] = value


def image_data_format() -> str:
    """`"channels_last"` or `"channels_first"`, the default layout of images."""
    return str(_settings["image_data_format"])


def set_image_data_format(data_format: str) -> None:
    """Sets the default layout of images.

    Raises:
      ValueError: it is neither `"channels_last"` nor `"channels_first"`.
    """
    _settings["image_data_format"] = standardize_data_format(data_format)


def standardize_data_format(data_format: str | None) -> str:
    """The layout that an argument `data_format` means; None is the default one."""
    if data_format is None:
        return image_data_format()
    text = str(data_format).lower()
    if text not in ("channels_first", "channels_last"):
        raise ValueError(
            "The `data_format` argument must be one of ('channels_first', 'channels_last'). "
            f"Received: data_format={data_format}"
        )
    return text


_is_unsafe = False


def enable_unsafe_deserialization() -> None:
    """Allows the lambdas of all files in this process, as `safe_mode=False` does for one; only for files that you trust."""
    global _is_unsafe
    _is_unsafe = True


def is_deserialization_unsafe() -> bool:
    """Whether `enable_unsafe_deserialization` was called."""
    return _is_unsafe


def backend() -> str:
    """`"tensorflow"`: whose tensors and functions Keras works with.

    Example:
      >>> tf.keras.config.backend()
      'tensorflow'
    """
    return "tensorflow"


def __getattr__(name: str) -> object:
    """The policies of dtypes, which are made of these settings, when they are first used."""
    if name in ("dtype_policy", "set_dtype_policy"):
        from tenfold.keras import dtype_policies

        return getattr(dtype_policies, name)
    raise AttributeError(f"module 'tenfold.keras.config' has no attribute {name!r}: Tenfold does not have it.")
