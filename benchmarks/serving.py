"""A server beside `model(x)`: latency, throughput, versions that change under load, and the time from launch to the first answer.

python -m benchmarks.serving
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np

import tenfold as tf
from tenfold.saved_model.compiling import compile_functions

SECONDS = 2.0
SWAPS = 20


class MLP(tf.Module):
    SHAPE = (784,)

    def __init__(self):
        super().__init__()
        self.w1 = tf.Variable(tf.random.normal([784, 100]) * 0.05)
        self.b1 = tf.Variable(tf.zeros([100]))
        self.w2 = tf.Variable(tf.random.normal([100, 10]) * 0.05)
        self.b2 = tf.Variable(tf.zeros([10]))

    @tf.function(input_signature=[tf.TensorSpec([None, 784], tf.float32, name="x")])
    def __call__(self, x):
        return tf.nn.softmax(tf.nn.relu(x @ self.w1 + self.b1) @ self.w2 + self.b2)


class CNN(tf.Module):
    SHAPE = (28, 28, 1)

    def __init__(self):
        super().__init__()
        self.k1 = tf.Variable(tf.random.normal([5, 5, 1, 32]) * 0.1)
        self.k2 = tf.Variable(tf.random.normal([5, 5, 32, 64]) * 0.05)
        self.w = tf.Variable(tf.random.normal([7 * 7 * 64, 10]) * 0.05)
        self.b = tf.Variable(tf.zeros([10]))

    @tf.function(input_signature=[tf.TensorSpec([None, 28, 28, 1], tf.float32, name="x")])
    def __call__(self, x):
        for kernel in (self.k1, self.k2):
            x = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME")), 2, 2, "SAME")
        return tf.nn.softmax(tf.reshape(x, [-1, 7 * 7 * 64]) @ self.w + self.b)


class Client(asyncio.Protocol):
    """Sends one request after another, as fast as answers come."""

    def __init__(self, request: bytes, until: float) -> None:
        self.request, self.until = request, until
        self.seconds: list[float] = []
        self.failed = 0
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        self.send()

    def send(self):
        self.data, self.start = b"", time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data):
        self.data += data
        head, _, body = self.data.partition(b"\r\n\r\n")
        if len(body) < int(head.partition(b"content-length: ")[2].split(b"\r", 1)[0] or sys.maxsize):
            return
        self.seconds.append(time.perf_counter() - self.start)
        self.failed += not head.startswith(b"HTTP/1.1 200")
        if time.perf_counter() < self.until:
            self.send()
        else:
            self.ended.set_result(None)
            self.transport.close()

    def connection_lost(self, error):
        if not self.ended.done():
            self.failed += 1
            self.ended.set_result(None)


async def load(port: int, request: bytes, clients: int, seconds: float) -> tuple[list[float], int]:
    """Latencies, and the number of requests that failed."""
    loop, until = asyncio.get_running_loop(), time.perf_counter() + seconds
    pairs = [await loop.create_connection(lambda: Client(request, until), "127.0.0.1", port) for _ in range(clients)]
    await asyncio.gather(*[client.ended for _, client in pairs])
    return [s for _, c in pairs for s in c.seconds], sum(c.failed for _, c in pairs)


def request_of(model: type) -> bytes:
    x = np.random.default_rng(1).random((1, *model.SHAPE), np.float32)
    body = json.dumps({"instances": x.tolist()}).encode()
    head = f"POST /v1/models/m:predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def launch(folder: Path, *options: str, **environment: str) -> tuple[subprocess.Popen, int]:
    command = [sys.executable, "-m", "tenfold", "serve", str(folder), "--port", "0", "--poll-seconds", "0.2", *options]
    # Byte code is kept, as that of an installed package is.
    environment = {name: x for name, x in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | environment
    environment["PYTHONPYCACHEPREFIX"] = str(folder.parent / "bytecode")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    return process, int(process.stdout.readline().rsplit(":", 1)[1])


def first_answer(folder: Path, request: bytes, *options: str, **environment: str) -> float:
    """Milliseconds from the launch of a process to its first prediction."""
    start = time.perf_counter()
    process, port = launch(folder, *options, **environment)
    asyncio.run(load(port, request, 1, 0.0))
    found = time.perf_counter() - start
    stop(process)
    return found * 1e3


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    process.wait()
    process.stdout.close()


async def swapped(folder: Path, model: tf.Module, port: int, request: bytes) -> tuple[int, int]:
    """Requests of 16 clients while versions change, and how many failed."""

    def version() -> str:
        states = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models/m"))["model_version_status"]
        return next(s["version"] for s in states if s["state"] == "AVAILABLE")

    requests = failed = 0
    for number in range(2, 2 + SWAPS):
        tf.saved_model.save(model, folder.parent / "new")
        (folder.parent / "new").rename(folder / str(number))
        while await asyncio.to_thread(version) != str(number):
            seconds, wrong = await load(port, request, 16, 0.2)
            requests, failed = requests + len(seconds), failed + wrong
    return requests, failed


def direct(model: tf.Module) -> float:
    """Microseconds of `model(x)` for one row, in this process."""
    x = tf.random.normal([1, *model.SHAPE])
    times = []
    for _ in range(500):
        start = time.perf_counter()
        model(x)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


def main() -> None:
    for kind in (MLP, CNN):
        with tempfile.TemporaryDirectory() as place:
            print(f"load of the machine: {os.getloadavg()[0]:.1f}")
            folder, model, request = Path(place) / "m", kind(), request_of(kind)
            tf.saved_model.save(model, folder / "1")
            first_answer(folder, request)  # compiles, for the cache
            cold = statistics.median([first_answer(folder, request) for _ in range(5)])
            list(compile_functions(str(folder / "1"), [1, 2, 4, 8, 16, 32]))
            compiled = [first_answer(folder, request, "--compiled", TENFOLD_CACHE_DIR="") for _ in range(5)]
            print(
                f"{kind.__name__}: launch to first answer {cold:.0f} ms with the compiler's cache, {statistics.median(compiled):.0f} ms "
                f"without it with code beside the model; model(x) {direct(model):.0f} us"
            )
            process, port = launch(folder)
            asyncio.run(load(port, request, 4, 3.0))
            for clients in (1, 16):
                seconds, failed = asyncio.run(load(port, request, clients, SECONDS))
                p50, p99 = np.percentile(seconds, [50, 99]) * 1e3
                rate = len(seconds) / SECONDS
                print(
                    f"  {clients:2} clients: p50 {p50:.2f} ms, p99 {p99:.2f} ms, {rate:.0f} requests/s, {failed} failed"
                )
            requests, failed = asyncio.run(swapped(folder, model, port, request))
            print(f"  {SWAPS} versions under 16 clients: {failed} of {requests} requests failed")
            stop(process)


if __name__ == "__main__":
    main()
