"""`tf.config`: the settings of a program.

Settings of devices, graphs and precision that have nothing to act on here are checked, kept and reported, so that programs
that make them run unchanged.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from operator import index
from typing import TYPE_CHECKING, Any

from tenfold.core import blas
from tenfold.core.errors import UnimplementedError

if TYPE_CHECKING:
    from logging import Logger

_OPTIMIZER_OPTIONS = frozenset(
    (
        "arithmetic_optimization",
        "auto_mixed_precision",
        "auto_mixed_precision_mkl",
        "auto_mixed_precision_onednn_bfloat16",
        "auto_parallel",
        "constant_folding",
        "debug_stripper",
        "dependency_optimization",
        "disable_meta_optimizer",
        "disable_model_pruning",
        "function_optimization",
        "implementation_selector",
        "layout_optimizer",
        "loop_optimization",
        "min_graph_nodes",
        "pin_to_host_optimization",
        "remapping",
        "scoped_allocator_optimization",
        "shape_optimization",
        "use_plugin_optimizers",
    )
)


class _Settings:
    """The settings of this process."""

    def __init__(self) -> None:
        self.logical_cpus: list[Any] | None = None
        self.soft_placement = True
        self.logs_placement = False
        self.device_policy = "silent"
        self.intra_op_threads = 0
        self.inter_op_threads = 0
        self.thread_listeners: list[Callable[[int], None]] = []  # told of each new intra_op_threads
        self.jit = ""
        self.optimizer_options: dict[str, Any] = {"disable_model_pruning": False, "disable_meta_optimizer": False}
        self.runs_functions_eagerly = False
        self.is_synchronous = True
        self.is_deterministic = False
        self.tensor_float_32 = True
        self.compiles = os.environ.get("TENFOLD_COMPILE") != "0"  # else all runs on NumPy, for debugging


settings = _Settings()


# Threads.


def get_intra_op_parallelism_threads() -> int:
    """The number of threads an op may use; 0 if it was not set."""
    return settings.intra_op_threads


def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """Sets the number of threads an op may use: those of NumPy's linear algebra.

    Args:
      num_threads: int; 0 leaves it to the system.
    Raises:
      ValueError: it is negative.
    """
    settings.intra_op_threads = _thread_count(num_threads)
    blas.limit_threads(settings.intra_op_threads)
    for listener in settings.thread_listeners:
        listener(settings.intra_op_threads)


def get_inter_op_parallelism_threads() -> int:
    """The number of ops that may run at once, as it was set; 0 if it was not."""
    return settings.inter_op_threads


def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """Sets the number of ops that may run at once. Eager ops run one by one; the number is kept.

    Raises:
      ValueError: it is negative.
    """
    settings.inter_op_threads = _thread_count(num_threads)


def _thread_count(value: Any) -> int:
    count = index(value)
    if count < 0:
        raise ValueError(f"tf.config.threading: num_threads is {count}; it must not be negative.")
    return count


# Graphs.


def functions_run_eagerly() -> bool:
    """Whether functions made by `tf.function` run without being traced.

    Example:
      >>> tf.config.functions_run_eagerly()
      False
    """
    return settings.runs_functions_eagerly


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Says whether functions made by `tf.function` run without being traced."""
    settings.runs_functions_eagerly = bool(run_eagerly)


def get_jit() -> str:
    """What was set with `tf.config.optimizer.set_jit`: "autoclustering" or ""."""
    return settings.jit


def set_jit(enabled: bool | str) -> None:
    """Asks for compilation of graphs: True or "autoclustering". The setting is kept."""
    settings.jit = "autoclustering" if enabled in (True, "autoclustering") else ""


def get_optimizer_experimental_options() -> dict[str, Any]:
    """What was set with `tf.config.optimizer.set_experimental_options`."""
    return dict(settings.optimizer_options)


def set_optimizer_experimental_options(options: dict[str, Any]) -> None:
    """Sets options of TensorFlow's graph optimizer. They are kept.

    Raises:
      ValueError: there is no such option.
    Example:
      >>> tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})
    """
    unknown = set(options) - _OPTIMIZER_OPTIONS
    if unknown:
        raise ValueError(
            f"tf.config.optimizer.set_experimental_options: there is no option {', '.join(sorted(unknown))}; there are "
            f"{', '.join(sorted(_OPTIMIZER_OPTIONS))}."
        )
    settings.optimizer_options.update(options)


def enable_mlir_bridge() -> None:
    """Does nothing: there is no such bridge."""


def disable_mlir_bridge() -> None:
    """Does nothing: there is no such bridge."""


# Execution.


def get_synchronous_execution() -> bool:
    """What was set with `tf.config.experimental.set_synchronous_execution`."""
    return settings.is_synchronous


def set_synchronous_execution(enable: bool) -> None:
    """Says whether ops may return before they have run. They never do; the flag is kept."""
    settings.is_synchronous = bool(enable)


def enable_op_determinism() -> None:
    """Asks that ops give the same results each time. They do anyway, if random seeds are set."""
    settings.is_deterministic = True


def tensor_float_32_execution_enabled() -> bool:
    """Whether a GPU may round the operands of products; True unless it was set."""
    return settings.tensor_float_32


def enable_tensor_float_32_execution(enabled: bool) -> None:
    """Says whether a GPU may round the operands of products. The CPU never does; the flag is kept."""
    settings.tensor_float_32 = bool(enabled)


# Clusters.


class ClusterDeviceFilters:
    """Which devices the tasks of a cluster see; for `tf.config.experimental_connect_to_cluster`."""

    def __init__(self) -> None:
        self._filters: dict[tuple[str, int], list[str]] = {}

    def set_device_filters(self, job_name: str, task_index: int, device_filters: Sequence[str]) -> None:
        """Sets the filters of one task."""
        if not all(isinstance(device, str) for device in device_filters):
            raise TypeError(f"Device filters must be strings, got {device_filters!r}.")
        self._filters[job_name, task_index] = list(device_filters)


def experimental_connect_to_cluster(
    cluster_spec_or_resolver: Any,
    job_name: str = "localhost",
    task_index: int = 0,
    protocol: str | None = None,
    make_master_device_default: bool = True,
    cluster_device_filters: ClusterDeviceFilters | None = None,
) -> None:
    """Would connect to a cluster.

    Raises:
      tf.errors.UnimplementedError: always; Tenfold runs in one process.
    """
    raise UnimplementedError(
        "tf.config.experimental_connect_to_cluster: Tenfold runs in one process; leave the call out."
    )


def experimental_connect_to_host(remote_host: Any = None, job_name: str = "worker") -> None:
    """Would connect to another machine.

    Raises:
      tf.errors.UnimplementedError: always; Tenfold runs in one process.
    """
    raise UnimplementedError("tf.config.experimental_connect_to_host: Tenfold runs in one process; leave the call out.")


# Log.


def get_logger() -> Logger:
    """The logger of the framework, `logging.getLogger("tensorflow")`.

    Example:
      >>> tf.get_logger().name
      'tensorflow'
    """
    import logging

    return logging.getLogger("tensorflow")
