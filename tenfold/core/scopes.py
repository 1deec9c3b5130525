"""Scopes of names and of devices."""

from __future__ import annotations

from typing import Any

from tenfold.core import devices
from tenfold.core.context import context
from tenfold.core.device import DeviceSpec
from tenfold.core.errors import InvalidArgumentError


class name_scope:
    """A context manager that puts a name before the names of the variables made inside.

    Args:
      name: the prefix; one that ends in "/" replaces the scopes around it, and "" leaves them all.
    Raises:
      ValueError: `name` is not a string.
    Example:
      >>> with tf.name_scope("encoder"):
      ...     print(tf.Variable(1.0, name="weights").name)
      encoder/weights:0
    """

    __slots__ = ("_name", "_outer")

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise ValueError("name for name_scope must be a string.")
        self._name = name
        self._outer: list[str] = []  # one for each time it is entered

    @property
    def name(self) -> str:
        return self._name

    def __enter__(self) -> str:
        name = self._name
        self._outer.append(context.name_scope)
        context.name_scope = name if not name or name.endswith("/") else f"{context.name_scope}{name}/"
        return context.name_scope

    def __exit__(self, *exc: object) -> None:
        context.name_scope = self._outer.pop()


class device:
    """A context manager that asks for a device. All ops run on the CPU, whatever it is.

    Args:
      device_name: a device string such as "/GPU:0", a `tf.DeviceSpec`, a `tf.config.LogicalDevice`, or None.
    Raises:
      ValueError: the string is malformed.
      tf.errors.InvalidArgumentError: inside, if the device is of another process, or if there is no such device and
        soft placement is off (`tf.config.set_soft_device_placement`).
    Example:
      >>> with tf.device("/CPU:0"):
      ...     print(tf.constant(1).device)
      /job:localhost/replica:0/task:0/device:CPU:0
    """

    __slots__ = ("_spec",)

    def __init__(self, device_name: Any) -> None:
        if callable(device_name):
            raise RuntimeError("tf.device does not support functions.")
        if isinstance(device_name, devices.LogicalDevice):
            device_name = device_name.name
        if isinstance(device_name, DeviceSpec):
            self._spec = device_name
        elif device_name is None or isinstance(device_name, str):
            self._spec = DeviceSpec.from_string(device_name or "")
        else:
            raise ValueError(f"Expecting a string device name. Got {type(device_name)}({device_name})")

    def __enter__(self) -> None:
        spec = self._spec
        kind, index = spec.device_type or "CPU", spec.device_index or 0
        if spec.job not in (None, "localhost") or spec.replica or spec.task:
            raise InvalidArgumentError(
                f"/job:{spec.job or 'localhost'}/replica:{spec.replica or 0}/task:{spec.task or 0}/device:{kind}:{index} "
                "unknown device."
            )
        available = [d.name for d in devices.list_logical_devices()]
        if f"/device:{kind}:{index}" not in available and not devices.get_soft_device_placement():
            local = "/job:localhost/replica:0/task:0"
            raise InvalidArgumentError(
                f"Could not satisfy device specification '{local}/device:{kind}:{index}'. enable_soft_placement=0. "
                f"Supported device types [CPU]. All available devices [{', '.join([local + name for name in available])}]."
            )

    def __exit__(self, *exc: object) -> None:
        pass
