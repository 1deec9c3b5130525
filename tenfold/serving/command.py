"""`python -m tenfold serve FOLDER`: a server as a process."""

from __future__ import annotations

import argparse
import importlib.util
import os
import socket
import sys
from collections.abc import Sequence

from tenfold.serving.settings import Settings

_NEEDS = ("uvicorn", "httptools", "orjson")
_KEEP_ALIVE_SECONDS = 75  # longer than proxies keep connections, so that it is they who close them


def main(arguments: Sequence[str]) -> int:
    """Serves until SIGTERM or SIGINT, and returns the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    missing = [name for name in _NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        print(f"python -m tenfold serve needs {', '.join(missing)}: pip install 'tenfold[serve]'", file=sys.stderr)
        return 1
    if not os.path.isdir(options.folder):
        parser.error(f"there is no folder {options.folder!r}")
    if options.threads < 0:
        parser.error(f"--threads is {options.threads}; it must not be negative")
    try:
        settings = Settings(
            max_batch_size=options.max_batch_size,
            batch_delay_seconds=options.batch_delay_ms / 1000,
            max_body_bytes=int(options.max_body_mb * (1 << 20)),
            max_requests=options.max_requests,
            request_seconds=options.timeout,
            poll_seconds=options.poll_seconds,
            compiled=options.compiled,
        )
    except ValueError as error:
        parser.error(str(error))
    try:
        listener = _listener(options.host, options.port)
    except OSError as error:
        print(f"python -m tenfold serve: {options.host}:{options.port}: {error.strerror}", file=sys.stderr)
        return 1
    return _serve(options, settings, listener)


def _listener(host: str, port: int) -> socket.socket:
    """A socket that listens. Its connections say that they are TCP, so asyncio turns off their delays of small packets."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def _serve(options: argparse.Namespace, settings: Settings, listener: socket.socket) -> int:
    import uvicorn

    from tenfold.compiler.cpus import usable_cores
    from tenfold.core.config import set_intra_op_parallelism_threads
    from tenfold.serving.app import App
    from tenfold.serving.protocol import BoundedProtocol, GracefulServer

    set_intra_op_parallelism_threads(options.threads or max(1, usable_cores() - 1))

    def tell() -> None:
        host, port = listener.getsockname()[:2]
        print(
            f"Serving {', '.join(model.name for model in app.models) or 'no model yet'} at http://{host}:{port}",
            flush=True,
        )

    BoundedProtocol.head_seconds = settings.request_seconds
    app = App(options.folder, options.name, settings, tell)
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(settings.request_seconds) + 1,
    )
    server = GracefulServer(config)
    server.run(sockets=[listener])
    return 0 if server.started else 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m tenfold serve", description="Serves SavedModels over TensorFlow Serving's REST interface."
    )
    add, default = parser.add_argument, Settings()
    add("folder", help="has folders of versions (1, 2, ...), or folders of models with such")
    add("--name", help="of the model (default: that of the folder)")
    add("--host", default="127.0.0.1", help="address to listen at (default: %(default)s, this machine only)")
    add("--port", type=int, default=8501, help="(default: %(default)s; 0 takes one that is free)")
    add(
        "--max-batch-size",
        type=int,
        default=default.max_batch_size,
        help="rows that run together (default: %(default)s)",
    )
    add(
        "--threads",
        type=int,
        default=0,
        help="that share a prediction (default: all cores but one, which reads requests)",
    )
    add("--batch-delay-ms", type=float, default=0.0, help="that requests wait for others (default: %(default)s)")
    add("--max-body-mb", type=float, default=64, help="of a request (default: %(default)s)")
    add("--max-requests", type=int, default=default.max_requests, help="at the same time (default: %(default)s)")
    add("--timeout", type=float, default=default.request_seconds, help="seconds for a request (default: %(default)s)")
    add(
        "--compiled",
        action="store_true",
        help="use machine code that `python -m tenfold compile` has stored beside models; it runs with your rights, as any program",
    )
    add(
        "--poll-seconds",
        type=float,
        default=default.poll_seconds,
        help="between looks for versions (default: %(default)s)",
    )
    return parser
