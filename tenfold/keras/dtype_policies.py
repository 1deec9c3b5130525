"""DTypePolicy: in which dtype a layer computes, and in which it keeps its variables."""

from __future__ import annotations

from typing import Any

from tenfold.core.dtypes import as_dtype
from tenfold.keras import config


class DTypePolicy:
    """Dtypes of a layer: `"float32"` and the like for both, `"mixed_float16"`/`"mixed_bfloat16"` for float32 variables.

    Example:
      >>> policy = tf.keras.mixed_precision.Policy("mixed_bfloat16")
      >>> policy.compute_dtype, policy.variable_dtype
      ('bfloat16', 'float32')
    """

    def __init__(self, name: str | None = None) -> None:
        name = config.floatx() if name is None else name
        if not isinstance(name, str):
            raise TypeError(
                f"'name' must be a string, such as 'mixed_float16'. Received: name={name} (of type {type(name)})"
            )
        self._name = name
        if name.startswith("mixed_"):
            self._compute_dtype, self._variable_dtype = name.removeprefix("mixed_"), "float32"
            if self._compute_dtype not in ("float16", "bfloat16"):
                raise ValueError(
                    f"Cannot convert '{name}' to a mixed precision DTypePolicy. Valid policies include "
                    "'mixed_float16', 'mixed_bfloat16', 'float32'."
                )
        else:
            try:
                self._compute_dtype = self._variable_dtype = as_dtype(name).name
            except TypeError:
                raise ValueError(
                    f"Cannot convert '{name}' to a mixed precision DTypePolicy. Valid policies include 'mixed_float16', "
                    "'mixed_bfloat16', and the name of any float dtype such as 'float32'."
                ) from None
        self._is_mixed = self._compute_dtype != self._variable_dtype
        self._compute_np = as_dtype(self._compute_dtype)._np

    @property
    def name(self) -> str:
        return self._name

    @property
    def compute_dtype(self) -> str:
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        return self._variable_dtype

    @property
    def quantization_mode(self) -> None:
        return None

    def get_config(self) -> dict[str, Any]:
        return {"name": self._name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._name == self._name  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self._name}">'


_global: DTypePolicy | None = None


def dtype_policy() -> DTypePolicy:
    """The policy of layers that are given none."""
    return _global if _global is not None and not _global._name == config.floatx() else DTypePolicy(config.floatx())


def set_dtype_policy(policy: Any) -> None:
    """Sets the policy of layers made from now on.

    Example:
      >>> tf.keras.mixed_precision.set_global_policy("float32")
    """
    global _global
    policy = get(policy)
    _global = None if policy._name == config.floatx() else policy


def get(identifier: Any) -> DTypePolicy:
    """The policy that a `dtype=` argument means: a policy, its config, a name, a dtype, or None for the global one."""
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        inner = identifier.get("config", identifier)
        return DTypePolicy(inner["name"])
    if isinstance(identifier, str):
        return DTypePolicy(identifier)
    return DTypePolicy(as_dtype(identifier).name)
