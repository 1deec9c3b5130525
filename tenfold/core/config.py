"""`tf.config`: the devices there are, and the settings of a program.

There is one device, the CPU. Settings of devices, graphs and precision that have nothing to act on here are checked, kept and
reported, so that programs that make them run unchanged.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from operator import index
from typing import TYPE_CHECKING, Any

from tenfold.core.device import DeviceSpec
from tenfold.core.errors import UnimplementedError

if TYPE_CHECKING:
    from logging import Logger

PhysicalDevice = namedtuple("PhysicalDevice", ("name", "device_type"))
LogicalDevice = namedtuple("LogicalDevice", ("name", "device_type"))
LogicalDeviceConfiguration = namedtuple(
    "LogicalDeviceConfiguration",
    ("memory_limit", "experimental_priority", "experimental_device_ordinal"),
    defaults=(None, None, None),
)

_CPU = PhysicalDevice("/physical_device:CPU:0", "CPU")
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
        self.jit = ""
        self.optimizer_options: dict[str, Any] = {"disable_model_pruning": False, "disable_meta_optimizer": False}
        self.runs_functions_eagerly = False
        self.is_synchronous = True
        self.is_deterministic = False
        self.tensor_float_32 = True


settings = _Settings()


# Devices.


def list_physical_devices(device_type: str | None = None) -> list[Any]:
    """The devices of this machine, all or those of a type such as "GPU".

    Example:
      >>> tf.config.list_physical_devices()
      [PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]
      >>> tf.config.list_physical_devices("GPU")
      []
    """
    return [_CPU] if device_type in (None, "CPU") else []


def get_visible_devices(device_type: str | None = None) -> list[Any]:
    """The devices that the program may use; see `tf.config.list_physical_devices`.

    Example:
      >>> tf.config.get_visible_devices("CPU")
      [PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]
    """
    return list_physical_devices(device_type)


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Says which devices the program may use. The CPU is always among them.

    Args:
      devices: a device or a list of them.
      device_type: the type of device that is meant; all by default.
    Raises:
      ValueError: there is no such device, or the CPU is left out.
    Example:
      >>> tf.config.set_visible_devices([], "GPU")
    """
    wanted = [devices] if isinstance(devices, (str, PhysicalDevice)) else list(devices)
    for device in wanted:
        _require_known(device, device_type)
    if device_type in (None, "CPU") and _CPU not in wanted:
        raise ValueError("tf.config.set_visible_devices: the CPU is left out; all ops run on it. Add it to devices.")


def _require_known(device: Any, device_type: str | None = None) -> None:
    if device not in list_physical_devices(device_type):
        raise ValueError(f"Unrecognized device: {device!r}")


def list_logical_devices(device_type: str | None = None) -> list[Any]:
    """The devices that ops can be placed on, all or those of a type.

    Example:
      >>> tf.config.list_logical_devices()
      [LogicalDevice(name='/device:CPU:0', device_type='CPU')]
    """
    if device_type not in (None, "CPU"):
        return []
    return [LogicalDevice(f"/device:CPU:{i}", "CPU") for i in range(len(settings.logical_cpus or (None,)))]


def get_logical_device_configuration(device: Any) -> list[Any] | None:
    """How a physical device was divided into logical ones, or None if it was not.

    Raises:
      ValueError: there is no such device.
    Example:
      >>> tf.config.get_logical_device_configuration(tf.config.list_physical_devices()[0])
    """
    _require_known(device)
    return settings.logical_cpus


def set_logical_device_configuration(device: Any, logical_devices: Sequence[Any] | None) -> None:
    """Divides a physical device into logical ones, which share its threads.

    Args:
      device: `tf.config.PhysicalDevice`.
      logical_devices: a `tf.config.LogicalDeviceConfiguration` for each logical device.
    Raises:
      ValueError: there is no such device, or it cannot be configured that way.
    """
    _require_known(device)
    for configuration in logical_devices or ():
        if configuration.memory_limit is not None:
            raise ValueError("Setting memory limit on CPU virtual devices is currently not supported")
        if configuration.experimental_priority is not None:
            raise ValueError("Setting experimental_priority on CPU virtual devices is currently not supported")
    settings.logical_cpus = list(logical_devices) if logical_devices else None


def get_device_details(device: Any) -> dict[str, Any]:
    """What is known of a physical device: nothing, for a CPU.

    Raises:
      ValueError: `device` is not a `tf.config.PhysicalDevice` of this machine.
    Example:
      >>> tf.config.experimental.get_device_details(tf.config.list_physical_devices()[0])
      {}
    """
    if not isinstance(device, PhysicalDevice):
        raise ValueError(f"device must be a tf.config.PhysicalDevice, but got: {device}")
    _require_known(device)
    return {}


def get_memory_growth(device: Any) -> bool:
    """Whether a GPU takes memory as it needs it.

    Raises:
      ValueError: there is no such device.
      KeyError: it is no GPU.
    """
    _require_known(device)
    raise KeyError(device)


def set_memory_growth(device: Any, enable: bool) -> None:
    """Says whether a GPU takes memory as it needs it.

    Raises:
      ValueError: there is no such device, or it is no GPU.
    """
    _require_known(device)
    raise ValueError("Cannot set memory growth on non-GPU and non-Pluggable devices")


def get_memory_info(device: str) -> dict[str, int]:
    """The bytes of memory a device has in use, and had at most; for the CPU they are not counted and 0.

    Args:
      device: "CPU:0".
    Raises:
      ValueError: the string names no device.
    Example:
      >>> tf.config.experimental.get_memory_info("CPU:0")
      {'current': 0, 'peak': 0}
    """
    try:
        spec = DeviceSpec.from_string(device)
    except ValueError:
        spec = DeviceSpec()
    if spec.device_index is None:
        raise ValueError(
            f"Failed parsing device name: {device!r}. Note a valid device string should at least contain a device type and "
            'a device index, like "GPU:0".'
        )
    if f"/device:{spec.device_type}:{spec.device_index}" not in [d.name for d in list_logical_devices()]:
        raise ValueError(f"No matching devices found for {device!r}")
    return {"current": 0, "peak": 0}


def get_memory_usage(device: str) -> int:
    """The bytes of memory a device has in use; see `get_memory_info`."""
    return get_memory_info(device)["current"]


def reset_memory_stats(device: str) -> None:
    """Begins counting the most memory in use anew; see `get_memory_info`."""
    get_memory_info(device)


def get_soft_device_placement() -> bool:
    """Whether ops run on the CPU where the device asked for is not there."""
    return settings.soft_placement


def set_soft_device_placement(enabled: bool) -> None:
    """Says whether ops run on the CPU where the device asked for is not there, instead of raising an error.

    Example:
      >>> tf.config.set_soft_device_placement(True)
    """
    settings.soft_placement = bool(enabled)


def get_log_device_placement() -> bool:
    """What was set with `tf.debugging.set_log_device_placement`."""
    return settings.logs_placement


def set_log_device_placement(enabled: bool) -> None:
    """Asks for a log of the device of each op. All are on the CPU and nothing is logged; the flag is kept."""
    settings.logs_placement = bool(enabled)


def get_device_policy() -> str:
    """What was set with `tf.config.experimental.set_device_policy`."""
    return settings.device_policy


def set_device_policy(device_policy: str | None) -> None:
    """Says what happens to operands on different devices: "silent", "silent_for_int32", "warn" or "explicit".

    Raises:
      ValueError: it is none of these.
    """
    if device_policy not in (None, "silent", "silent_for_int32", "warn", "explicit"):
        raise ValueError(
            f"Invalid argument `device_policy`: {device_policy!r}; it must be 'silent', 'silent_for_int32', 'warn', "
            "'explicit' or None."
        )
    settings.device_policy = device_policy or "silent"


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
    _limit_blas(settings.intra_op_threads)


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


def _limit_blas(threads: int) -> None:
    """Limits the threads of the OpenBLAS library that NumPy's wheels bring; with another one nothing is done."""
    import ctypes
    import os
    from pathlib import Path

    import numpy

    package = Path(numpy.__file__).parent
    for folder in (package.with_name("numpy.libs"), package / ".dylibs"):
        for path in folder.glob("*openblas*"):
            library = ctypes.CDLL(str(path))  # it is loaded already: this only finds it
            for name in ("scipy_openblas_set_num_threads64_", "scipy_openblas_set_num_threads"):
                if hasattr(library, name):
                    getattr(library, name)(threads or os.cpu_count() or 1)
                    return


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
      >>> tf.config.optimizer.set_experimental_options({"constant_folding": True})
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
      >>> tf.get_logger().setLevel("ERROR")
    """
    import logging

    return logging.getLogger("tensorflow")
