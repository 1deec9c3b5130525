"""A client that calls the application without a socket, and models to be served."""

import asyncio
import contextlib
import json

import tenfold as tf
from tenfold.serving import App, Settings

SMALL = Settings(max_batch_size=4, poll_seconds=0.01)


class Client:
    def __init__(self, app):
        self.app = app

    async def send(self, method, path, body=b"", *, headers=(), is_complete=True):
        """The status and the body of the answer. A body that is not complete never ends."""
        parts = [{"type": "http.request", "body": body, "more_body": not is_complete}]
        answer = []

        async def receive():
            if parts:
                return parts.pop()
            await asyncio.Event().wait()

        async def send(message):
            answer.append(message)

        await self.app({"type": "http", "method": method, "path": path, "headers": list(headers)}, receive, send)
        start, end = answer
        assert dict(start["headers"])[b"content-length"] == str(len(end["body"])).encode()
        return start["status"], end["body"]

    async def get(self, path):
        status, body = await self.send("GET", path)
        return status, json.loads(body)

    async def post(self, path, document, **options):
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        status, body = await self.send("POST", path, body, **options)
        return status, json.loads(body)


@contextlib.asynccontextmanager
async def serving(folder, name=None, settings=SMALL):
    """A client of an application that has started, and stops in the end."""
    app, said, stop = App(folder, name, settings), asyncio.Queue(), asyncio.Event()
    messages = iter([{"type": "lifespan.startup"}])

    async def receive():
        for message in messages:
            return message
        await stop.wait()
        return {"type": "lifespan.shutdown"}

    life = asyncio.ensure_future(app({"type": "lifespan"}, receive, said.put))
    assert (await said.get())["type"] == "lifespan.startup.complete"
    try:
        yield Client(app)
    finally:
        stop.set()
        await life


def asked(folder, *calls, name=None, settings=SMALL):
    """The answers to calls, each a path and a document to be posted (or None), one after the other."""

    async def ask():
        async with serving(folder, name, settings) as client:
            return [await (client.get(path) if doc is None else client.post(path, doc)) for path, doc in calls]

    found = asyncio.run(ask())
    return found[0] if len(calls) == 1 else found


def save_line(folder, slope=0.5, offset=3.0):
    """Half plus three, TensorFlow Serving's own example."""
    module = tf.Module()
    module.slope, module.offset = tf.Variable(slope), tf.Variable(offset)
    spec = tf.TensorSpec([None], tf.float32, name="x")
    module.f = tf.function(lambda x: {"y": module.slope * x + module.offset}, input_signature=[spec])
    tf.saved_model.save(module, folder, module.f.get_concrete_function())


def save(folder, function, *specs, **more):
    """A model of functions without variables; `more` are other signatures, pairs of a function and its specs."""
    module = tf.Module()
    module.functions = {
        key: tf.function(f, input_signature=list(s))
        for key, (f, *s) in {"serving_default": (function, *specs), **more}.items()
    }
    tf.saved_model.save(module, folder, {k: f.get_concrete_function() for k, f in module.functions.items()})
