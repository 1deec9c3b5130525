"""RemoteMonitor: sends the logs of every epoch to a server."""

from __future__ import annotations

import json
import warnings
from typing import Any

from tenfold.keras.callbacks.callback import Callback


class RemoteMonitor(Callback):
    """Posts the logs of every epoch to a server; one that cannot be reached gives a warning.

    Args:
      root: address of the server.
      path: path after it.
      field: field of the form that holds the logs as JSON.
      headers: dict of HTTP headers.
      send_as_json: whether the logs are the body itself, of the type `application/json`.

    Example:
      >>> monitor = tf.keras.callbacks.RemoteMonitor("http://localhost:9000", send_as_json=True)
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: dict[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        self.root, self.path, self.field, self.headers, self.send_as_json = root, path, field, headers, send_as_json

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        from urllib import error, parse, request

        text = json.dumps({"epoch": epoch, **(logs or {})}, default=lambda value: value.item())
        body = text if self.send_as_json else parse.urlencode({self.field: text})
        kind = "application/json" if self.send_as_json else "application/x-www-form-urlencoded"
        headers: dict[str, Any] = {"Content-Type": kind, **(self.headers or {})}
        try:
            with request.urlopen(request.Request(self.root + self.path, body.encode(), headers), timeout=10):
                pass
        except (error.URLError, OSError) as problem:
            warnings.warn(f"Could not reach RemoteMonitor root server at {self.root}: {problem}", stacklevel=2)
