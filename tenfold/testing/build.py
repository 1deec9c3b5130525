"""What TensorFlow was built with: nothing that this CPU does not have."""

from __future__ import annotations

import platform


def is_built_with_cuda() -> bool:
    """False: there is no GPU.

    Example:
      >>> tf.test.is_built_with_cuda()
      False
    """
    return False


def is_built_with_rocm() -> bool:
    """False: there is no GPU."""
    return False


def is_built_with_gpu_support() -> bool:
    """False: there is no GPU."""
    return False


def is_built_with_xla() -> bool:
    """False: XLA is TensorFlow's compiler."""
    return False


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: tuple[int, int] | None = None) -> bool:
    """False: there is no GPU."""
    return False


def gpu_device_name() -> str:
    """The name of the first GPU, or `""`; there is none.

    Example:
      >>> tf.test.gpu_device_name()
      ''
    """
    return ""


def is_cpu_target_available(target: str) -> bool:
    """Whether this is a machine of an architecture, `"x86_64"` or `"aarch64"`."""
    return platform.machine() == target
