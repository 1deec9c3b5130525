"""The public namespace `tf.sysconfig`. There is no library to compile against, and what asks for one raises an error."""

from __future__ import annotations

from typing import Any, NoReturn

from tenfold.core.errors import UnimplementedError

# Those of TensorFlow 2.21's packages, for scripts that print or compare them.
CXX11_ABI_FLAG = 1
CXX_VERSION = 201703
MONOLITHIC_BUILD = 0


def _refuse(what: str) -> NoReturn:
    raise UnimplementedError(
        f"tf.sysconfig.{what}: Tenfold is pure Python; there is no C++ library to compile custom ops against. Write the op "
        "with tf.custom_gradient."
    )


def get_include() -> str:
    """Would be the folder of TensorFlow's C++ headers.

    Raises:
      tf.errors.UnimplementedError: always.
    """
    _refuse("get_include")


def get_lib() -> str:
    """Would be the folder of TensorFlow's C++ library.

    Raises:
      tf.errors.UnimplementedError: always.
    """
    _refuse("get_lib")


def get_compile_flags() -> list[str]:
    """Would be the flags to compile a custom op.

    Raises:
      tf.errors.UnimplementedError: always.
    """
    _refuse("get_compile_flags")


def get_link_flags() -> list[str]:
    """Would be the flags to link a custom op.

    Raises:
      tf.errors.UnimplementedError: always.
    """
    _refuse("get_link_flags")


def get_build_info() -> dict[str, Any]:
    """What the package was built for: no GPU.

    Example:
      >>> tf.sysconfig.get_build_info()["is_cuda_build"]
      False
    """
    return {"is_cuda_build": False, "is_rocm_build": False, "is_tensorrt_build": False}
