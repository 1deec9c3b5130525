"""`DeviceSpec`: a device string taken apart."""

from __future__ import annotations

from typing import Any

_TYPES = frozenset(("CPU", "GPU", "TPU", "CUSTOM"))


class DeviceSpec:
    """Where something runs, as far as it is known: a device string such as "/job:worker/task:1/device:GPU:0", taken apart.

    Args:
      job: name of the job.
      replica, task: numbers of the replica and of the task.
      device_type: "CPU" or "GPU".
      device_index: number of the device.

    Example:
      >>> spec = tf.DeviceSpec(job="worker", device_type="CPU", device_index=0)
      >>> spec.to_string(), spec.replace(task=3).to_string()
      ('/job:worker/device:CPU:0', '/job:worker/task:3/device:CPU:0')
    """

    __slots__ = ("_job", "_replica", "_task", "_device_type", "_device_index")

    def __init__(
        self,
        job: str | None = None,
        replica: int | None = None,
        task: int | None = None,
        device_type: str | None = None,
        device_index: int | None = None,
    ) -> None:
        self._job = None if job is None else str(job)
        self._replica = None if replica is None else int(replica)
        self._task = None if task is None else int(task)
        self._device_type = None if device_type is None else str(device_type).upper()
        self._device_index = None if device_index is None else int(device_index)

    @property
    def job(self) -> str | None:
        return self._job

    @property
    def replica(self) -> int | None:
        return self._replica

    @property
    def task(self) -> int | None:
        return self._task

    @property
    def device_type(self) -> str | None:
        return self._device_type

    @property
    def device_index(self) -> int | None:
        return self._device_index

    @classmethod
    def from_string(cls, spec: str) -> DeviceSpec:
        """The parts of a device string.

        Raises:
          ValueError: the string is malformed.
        Example:
          >>> tf.DeviceSpec.from_string("/job:worker/gpu:1").device_index
          1
        """
        parts: dict[str, Any] = {}
        for item in filter(None, spec.split("/")):
            key, *values = item.split(":")
            if key == "job" and len(values) == 1:
                parts["job"] = values[0]
            elif key in ("replica", "task") and len(values) == 1:
                parts[key] = int(values[0])
            else:
                if key == "device" and len(values) == 2:
                    key, *values = values
                if key.upper() not in _TYPES or len(values) > 1:
                    raise ValueError(
                        f"Unknown attribute {key!r} is encountered while parsing the device spec: {spec!r}."
                    )
                if "device_type" in parts:
                    raise ValueError(f"Multiple device types are not allowed while parsing the device spec: {spec}.")
                parts["device_type"] = key
                if values and values[0] != "*":
                    parts["device_index"] = int(values[0])
        return cls(**parts)

    def parse_from_string(self, spec: str) -> DeviceSpec:
        """As `from_string`."""
        return self.from_string(spec)

    def to_string(self) -> str:
        """The device string; an unknown index is `*`."""
        text = "" if self.job is None else f"/job:{self.job}"
        if self.replica is not None:
            text += f"/replica:{self.replica}"
        if self.task is not None:
            text += f"/task:{self.task}"
        if self.device_type is not None:
            text += f"/device:{self.device_type}:{'*' if self.device_index is None else self.device_index}"
        return text

    def _parts(self) -> dict[str, Any]:
        return {name[1:]: getattr(self, name) for name in self.__slots__}

    def replace(self, **kwargs: Any) -> DeviceSpec:
        """A spec with some parts changed."""
        return DeviceSpec(**{**self._parts(), **kwargs})

    def make_merged_spec(self, dev: DeviceSpec) -> DeviceSpec:
        """A spec with the parts of another one where that knows them."""
        return self.replace(**{name: value for name, value in dev._parts().items() if value is not None})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeviceSpec) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(tuple(self._parts().values()))

    def __repr__(self) -> str:
        return f"<DeviceSpec({', '.join([f'{name}={value}' for name, value in self._parts().items()])})>"
