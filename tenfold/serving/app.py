"""The REST interface of TensorFlow Serving as an ASGI application."""

from __future__ import annotations

import asyncio
import json
import re
import time
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tenfold.serving import requests
from tenfold.serving.metrics import CONTENT_TYPE, Metrics
from tenfold.serving.models import Models
from tenfold.serving.refused import Refused, refused
from tenfold.serving.settings import Settings

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_CALL = re.compile(r"/v1/models/([^/:]+)(?:/versions/(\d{1,18}))?:(predict|classify|regress)")
_STATUS = re.compile(r"/v1/models/([^/:]+)(?:/versions/(\d{1,18}))?(/metadata)?")
_LABEL = re.compile(r"/v1/models/([^/:]+)/labels/([^/:]+)(?:/metadata|:predict|:classify|:regress)?")
_METRICS = ("/metrics", "/monitoring/prometheus/metrics")
_LARGE = 1 << 17  # bytes of JSON, or numbers, that another thread reads or writes, so that others need not wait


class App:
    """Answers requests for the models of a folder.

    Args:
      folder: of versions of a model, or of models.
      name: of the model; see `Models`.
      settings: limits.
      on_ready: is called when the models are loaded.
    """

    def __init__(
        self,
        folder: str,
        name: str | None = None,
        settings: Settings | None = None,
        on_ready: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings or Settings()
        self._metrics = Metrics()
        self.models = Models(folder, name, self._settings, self._metrics)
        self._on_ready = on_ready

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            raise ValueError(f"there is no {scope['type']} here, only HTTP")

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.models.update()
        except OSError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        watching = asyncio.ensure_future(self.models.watch())
        await send({"type": "lifespan.startup.complete"})
        if self._on_ready is not None:
            self._on_ready()
        await receive()
        watching.cancel()
        self.models.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        start, path, method = time.perf_counter(), scope["path"], scope["method"]
        call = _CALL.fullmatch(path) if method == "POST" else None
        status, kind = 200, b"application/json"
        try:
            if call is not None:
                body = await self._call(call, scope, receive)
            elif method == "GET" and path in _METRICS:
                body, kind = self._metrics.text(self._versions()).encode(), CONTENT_TYPE.encode()
            else:
                body = _json(self._told(method, path))
        except ConnectionResetError:
            return
        except Exception as error:
            shown = refused(error)
            status, body = shown.status, _json({"error": str(shown)})
        if call is not None:
            model = call[1] if status != 404 else ""  # names that clients make up are no labels
            self._metrics.answered(model, call[3], status, time.perf_counter() - start)
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    # Predictions.

    async def _call(self, call: re.Match, scope: MutableMapping[str, Any], receive: Receive) -> bytes:
        if self._metrics.in_flight >= self._settings.max_requests:
            raise Refused(429, f"{self._settings.max_requests} requests are being answered; try again later.")
        name, version, verb = call.groups()
        self._metrics.in_flight += 1
        try:
            async with asyncio.timeout(self._settings.request_seconds):
                body = await self._body(scope, receive)
                _, _, servable = self.models.find(name, None if version is None else int(version))
                with servable.use():
                    return await _predicted(verb, body, servable)
        except TimeoutError:
            raise Refused(504, f"The request took more than {self._settings.request_seconds} s.") from None
        finally:
            self._metrics.in_flight -= 1

    async def _body(self, scope: MutableMapping[str, Any], receive: Receive) -> bytes:
        most = self._settings.max_body_bytes
        headers = dict(scope["headers"])
        encoding = headers.get(b"content-encoding", b"identity").lower()
        if encoding not in (b"identity", b"gzip"):
            raise Refused(415, "The body must be plain, or encoded by gzip.")
        length = headers.get(b"content-length", b"")
        parts, size = [], int(length) if length.isdigit() else 0
        if size <= most:
            size = 0
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ConnectionResetError
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > most or not message.get("more_body"):
                    break
        if size > most:
            raise Refused(413, f"The body has more than {most} bytes.")
        body = b"".join(parts)
        return body if encoding == b"identity" else await asyncio.to_thread(_unpacked, body, most)

    # What is told without a model being run.

    def _told(self, method: str, path: str) -> Any:
        if method == "GET" and path == "/healthz":
            if not self._versions():
                raise Refused(503, "No model is available.")
            return {"status": "ok"}
        label = _LABEL.fullmatch(path)
        if label is not None:
            raise Refused(
                400, f"Unrecognized servable version label: {label[2]}. Versions have no labels here, only numbers."
            )
        found = _STATUS.fullmatch(path) if method == "GET" else None
        if found is None:
            raise Refused(400 if path.startswith("/v1/") else 404, f"Malformed request: {method} {path}")
        name, version, has_metadata = found.groups()
        number = None if version is None else int(version)
        return self._metadata(name, number) if has_metadata else self._status(name, number)

    def _status(self, name: str, number: int | None) -> Any:
        states = self.models.model(name).status()
        if number is not None:
            states = [state for state in states if state["version"] == str(number)]
            if not states:
                raise Refused(404, f"Could not find version {number} of model {name}")
        return {"model_version_status": states}

    def _metadata(self, name: str, number: int | None) -> Any:
        from google.protobuf.json_format import MessageToDict

        model, version, servable = self.models.find(name, number)
        definitions = {
            key: MessageToDict(x, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
            for key, x in servable.definitions.items()
        }
        return {
            "model_spec": {"name": model.name, "signature_name": "", "version": str(version)},
            "metadata": {"signature_def": {"signature_def": definitions}},
        }

    def _versions(self) -> list[tuple[str, int]]:
        return [(m.name, m.version) for m in self.models if m.servable is not None and m.version is not None]


async def _predicted(verb: str, body: bytes, servable: Any) -> bytes:
    if len(body) < _LARGE:
        signature, arrays, form = requests.read(verb, body, servable)
    else:
        signature, arrays, form = await asyncio.to_thread(requests.read, verb, body, servable)
    results = await servable.batcher.run(signature, arrays)
    if sum(x.size for x in results.values()) < _LARGE:
        return requests.answer(form, results)
    return await asyncio.to_thread(requests.answer, form, results)


def _unpacked(body: bytes, most: int) -> bytes:
    """What gzip has packed, which is never unpacked to more than it may have."""
    unpacking = zlib.decompressobj(wbits=31)
    try:
        text = unpacking.decompress(body, most + 1)
    except zlib.error as error:
        raise Refused(400, f"The body is not encoded by gzip, or damaged: {error}") from None
    if len(text) > most:
        raise Refused(413, f"The body has more than {most} bytes when it is unpacked.")
    if not unpacking.eof or unpacking.unused_data:
        raise Refused(400, "The body is not encoded by gzip, or damaged: it does not end where the encoded part ends.")
    return text


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1).encode() + b"\n"
