"""HTTP as uvicorn speaks it, with heads of requests of bounded size and time, and an end that no client takes for a failure."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MOST_HEAD_BYTES = 1 << 16
_LAST_SECONDS = 1.0  # in which a connection without a request may still send one, when the server stops


class GracefulServer(uvicorn.Server):
    """Answers, when it is told to stop, all who have connected by then."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        for connection in _accepted(sockets or ()):  # to close the listener would reset them
            loop.create_task(self._serve_last(connection))
        await super().shutdown(sockets)

    async def _serve_last(self, connection: socket.socket) -> None:
        def protocol() -> BoundedProtocol:
            return BoundedProtocol(self.config, self.server_state, self.lifespan.state)

        _, last = await asyncio.get_running_loop().connect_accepted_socket(protocol, connection)
        last.shutdown()


def _accepted(listeners: Sequence[socket.socket]) -> list[socket.socket]:
    """The connections that wait to be accepted."""
    found = []
    for listener in listeners:
        try:
            while True:
                found.append(listener.accept()[0])
        except OSError:  # BlockingIOError: there are no more
            pass
    return found


class BoundedProtocol(HttpToolsProtocol):
    """Ends connections whose request line and headers do not come to an end.

    Attributes:
      head_seconds: from the connection, or from the first byte of a later request, to the end of the headers.
    """

    head_seconds = 30.0
    _is_in_head = False
    _is_ending = False
    _head_bytes = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.head_seconds, transport.close)

    def connection_lost(self, error: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(error)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._stop_timer()
        super().on_headers_complete()
        if self._is_ending:
            self._announce_end()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_in_head:
            if self._timer is None:
                self._timer = self.loop.call_later(self.head_seconds, self.transport.close)
            self._head_bytes += len(data)
            if self._head_bytes > _MOST_HEAD_BYTES:
                self.send_400_response("The head of the request is too large.")

    def shutdown(self) -> None:
        """Ends the connection with its next answer, which says so; closed at once, it would lose a request that is on its way."""
        self._is_ending = True
        self._announce_end()
        self.loop.call_later(_LAST_SECONDS, super().shutdown)

    def _announce_end(self) -> None:
        if self.cycle is not None:
            self.cycle.keep_alive = False

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
