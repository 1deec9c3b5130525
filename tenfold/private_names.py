"""`tensorflow.python.*`: the private modules of TensorFlow that scripts import, each made of public names."""

from __future__ import annotations

import types

import tenfold

# Where the names of a private module are looked up, in order; "" is the root.
_HOMES = {
    "client.device_lib": ("config.experimental",),
    "eager.backprop": ("",),
    "eager.context": ("",),
    "eager.def_function": ("",),
    "eager.forwardprop": ("autodiff",),
    "eager.polymorphic_function.def_function": ("",),
    "framework.config": ("config", "config.experimental"),
    "framework.constant_op": ("",),
    "framework.convert_to_constants": ("graph_util",),
    "framework.dtypes": ("dtypes", ""),
    "framework.errors": ("errors",),
    "framework.errors_impl": ("errors",),
    "framework.indexed_slices": ("",),
    "framework.ops": ("",),
    "framework.random_seed": ("random",),
    "framework.tensor": ("",),
    "framework.tensor_shape": ("", "compat"),
    "framework.tensor_spec": ("",),
    "framework.tensor_util": ("",),
    "module.module": ("",),
    "ops.array_ops": ("",),
    "ops.bitwise_ops": ("bitwise",),
    "ops.check_ops": ("debugging", ""),
    "ops.clip_ops": ("",),
    "ops.control_flow_ops": ("",),
    "ops.custom_gradient": ("",),
    "ops.embedding_ops": ("nn",),
    "ops.init_ops": ("",),
    "ops.init_ops_v2": ("",),
    "ops.linalg_ops": ("linalg", ""),
    "ops.linalg_ops_impl": ("linalg", ""),
    "ops.math_ops": ("math", ""),
    "ops.nn": ("nn",),
    "ops.nn_impl": ("nn",),
    "ops.nn_ops": ("nn",),
    "ops.random_ops": ("random", ""),
    "ops.stateless_random_ops": ("random",),
    "ops.special_math_ops": ("math", "math.special", ""),
    "ops.tensor_array_ops": ("",),
    "ops.variables": ("",),
    "ops.linalg.linalg": ("linalg",),
    "platform.sysconfig": ("sysconfig",),
    "platform.test": ("test",),
    "training.moving_averages": ("",),
    "util.compat": ("compat",),
    "util.nest": ("nest",),
}


class _Private(types.ModuleType):
    """A module of another one's names."""

    def __init__(self, name: str, homes: tuple[str, ...]) -> None:
        super().__init__(f"tensorflow.python.{name}".rstrip("."))
        self._homes = homes

    def __getattr__(self, name: str) -> object:
        for home in self._homes:
            namespace: object = tenfold
            for part in filter(None, home.split(".")):
                namespace = getattr(namespace, part)
            if not name.startswith("__") and hasattr(namespace, name):
                return getattr(namespace, name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}: Tenfold does not have it.")


def find_private(path: str) -> types.ModuleType | None:
    """The module that stands for `tensorflow.python.<path>`, or None if there is no such module or folder here."""
    homes = _HOMES.get(path)
    if homes is not None:
        return _Private(path, homes)
    is_folder = path == "" or any(known.startswith(f"{path}.") for known in _HOMES)
    return _Private(path, ()) if is_folder else None
