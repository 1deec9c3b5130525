"""`python -m tenfold serve` as a process."""

import http.client
import importlib.util
import json
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tenfold.serving.command import main
from tests.serving.client import save_line

ROOT = Path(__file__).parents[2]


@pytest.fixture
def seconds():
    """For a request."""
    return 30.0


@pytest.fixture
def server(tmp_path, seconds):
    save_line(tmp_path / "m/1")
    command = [sys.executable, "-m", "tenfold", "serve", str(tmp_path / "m"), "--port", "0", "--max-batch-size", "2"]
    command += ["--timeout", str(seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        found = re.fullmatch(r"Serving m at http://127\.0\.0\.1:(\d+)\n", process.stdout.readline())
        assert found, process.stderr.read()
        yield process, int(found[1])
        process.kill()


def post(connection, document):
    headers = {"content-type": "application/json"}
    connection.request("POST", "/v1/models/m:predict", json.dumps(document), headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_a_process_serves_and_ends_its_work_before_it_stops(server):
    process, port = server
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    assert post(connection, {"instances": [1.0, 2.0, 5.0]}) == (200, {"predictions": [3.5, 4.0, 5.5]})
    assert post(connection, {"instances": "?"})[0] == 400

    body = json.dumps({"instances": [2.0]}).encode()
    connection.putrequest("POST", "/v1/models/m:predict")
    connection.putheader("content-length", str(len(body)))
    connection.endheaders()
    connection.send(body[:5])
    other = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    assert post(other, {"instances": [1.0]})[0] == 200  # so the other request has arrived, too
    process.send_signal(signal.SIGTERM)
    threading.Timer(0.3, connection.send, [body[5:]]).start()
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())) == (200, {"predictions": [4.0]})
    other.request("POST", "/v1/models/m:predict", b'{"instances": [4.0]}')  # on its way before it could know
    answer = other.getresponse()
    assert (answer.status, answer.getheader("connection")) == (200, "close")
    assert process.wait(20) in (0, -signal.SIGTERM)
    assert process.stderr.read() == ""
    connection.close()
    other.close()


def test_a_head_without_an_end_ends_the_connection(server):
    _, port = server
    for start in (b"GET /", b"GET / HTTP/1.1\r\nx: "):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(start)
            with pytest.raises(ConnectionError):
                for _ in range(10_000):  # more than buffers hold
                    connection.sendall(b"a" * 10_000)


@pytest.mark.parametrize("seconds", [0.3])
def test_a_head_that_does_not_come_ends_the_connection(server, seconds):
    _, port = server
    head = b"GET /healthz HTTP/1.1\r\nhost: x\r\n"
    for start in (b"", head, head + b"\r\n" + head):  # the last one after an answer
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(start)
            answer = b""
            while part := connection.recv(1000):
                answer += part
        assert answer.count(b"200 OK") == start.count(b"\r\n\r\n")


def test_a_missing_package_is_told_with_the_extra_that_has_it(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "uvicorn" else object())
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == "python -m tenfold serve needs uvicorn: pip install 'tenfold[serve]'\n"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["no such folder"], "there is no folder 'no such folder'"),
        ([".", "--max-batch-size", "5"], "must be a power of two"),
        ([".", "--timeout", "0"], "must be positive"),
        ([], "required: folder"),
    ],
)
def test_bad_arguments(arguments, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert message in capsys.readouterr().err
