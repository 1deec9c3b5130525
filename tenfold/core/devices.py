"""The devices there are: one, the CPU, which may be divided into several logical ones."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from tenfold.core import config
from tenfold.core.device import DeviceSpec

PhysicalDevice = namedtuple("PhysicalDevice", ("name", "device_type"))
LogicalDevice = namedtuple("LogicalDevice", ("name", "device_type"))
LogicalDeviceConfiguration = namedtuple(
    "LogicalDeviceConfiguration",
    ("memory_limit", "experimental_priority", "experimental_device_ordinal"),
    defaults=(None, None, None),
)

_CPU = PhysicalDevice("/physical_device:CPU:0", "CPU")


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
    return [LogicalDevice(f"/device:CPU:{i}", "CPU") for i in range(len(config.settings.logical_cpus or (None,)))]


def get_logical_device_configuration(device: Any) -> list[Any] | None:
    """How a physical device was divided into logical ones, or None if it was not.

    Raises:
      ValueError: there is no such device.
    Example:
      >>> tf.config.get_logical_device_configuration(tf.config.list_physical_devices()[0])
    """
    _require_known(device)
    return config.settings.logical_cpus


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
    config.settings.logical_cpus = list(logical_devices) if logical_devices else None


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
    return config.settings.soft_placement


def set_soft_device_placement(enabled: bool) -> None:
    """Says whether ops run on the CPU where the device asked for is not there, instead of raising an error.

    Example:
      >>> tf.config.set_soft_device_placement(True)
    """
    config.settings.soft_placement = bool(enabled)


def get_log_device_placement() -> bool:
    """What was set with `tf.debugging.set_log_device_placement`."""
    return config.settings.logs_placement


def set_log_device_placement(enabled: bool) -> None:
    """Asks for a log of the device of each op. All are on the CPU and nothing is logged; the flag is kept."""
    config.settings.logs_placement = bool(enabled)


def get_device_policy() -> str:
    """What was set with `tf.config.experimental.set_device_policy`."""
    return config.settings.device_policy


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
    config.settings.device_policy = device_policy or "silent"
