"""Versions come and go while requests run."""

import asyncio
import gc
import shutil
import weakref

import numpy as np

from tests.serving.client import save_line, serving

PATH = "/v1/models/m:predict"
REQUEST = {"instances": [2.0]}


def put(folder, number, offset):
    """Puts a version there at once, as who copies models to a server should."""
    save_line(folder.parent / "new", slope=1.0, offset=offset)
    (folder.parent / "new").rename(folder / str(number))


async def until(client, number):
    while True:
        _, found = await client.get("/v1/models/m")
        state = {v["version"]: v["state"] for v in found["model_version_status"]}
        if state.get(str(number)) == "AVAILABLE":
            return state
        await asyncio.sleep(0.005)


def test_a_new_version_replaces_the_old_without_a_failed_request(tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    put(folder, 1, 1.0)

    async def ask():
        answers, is_done = [], False

        async def load(client):
            while not is_done:
                answers.append(await client.post(PATH, REQUEST))

        async with serving(folder) as client:
            clients = [asyncio.ensure_future(load(client)) for _ in range(4)]
            for number in range(2, 6):
                put(folder, number, float(number))
                await asyncio.wait_for(until(client, number), 20)
                assert await client.post(PATH, REQUEST) == (200, {"predictions": [2.0 + number]})
            is_done = True
            await asyncio.gather(*clients)
            old = await client.post("/v1/models/m/versions/1:predict", REQUEST)
            return answers, old, await until(client, 5)

    answers, old, states = asyncio.run(ask())
    assert {status for status, _ in answers} == {200}
    values = [answer["predictions"][0] for _, answer in answers]
    assert values == sorted(values)
    assert {*values} <= {3.0, 4.0, 5.0, 6.0, 7.0}
    assert old[0] == 404
    assert states == {"5": "AVAILABLE", "4": "END", "3": "END", "2": "END", "1": "END"}


def test_a_version_that_is_let_go_answers_what_it_has_been_asked(tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    put(folder, 1, 1.0)

    async def ask():
        async with serving(folder) as client:
            _, _, servable = client.app.models.find("m", None)
            signature = servable.signatures["serving_default"]
            with servable.use():
                put(folder, 2, 2.0)
                states = await asyncio.wait_for(until(client, 2), 20)
                late = await servable.batcher.run(signature, {"x": np.float32([2.0])})
            known = weakref.ref(servable)
            del servable, signature
            while known() is not None:  # its thread ends
                gc.collect()
                await asyncio.sleep(0.01)
            return states, late["y"].tolist()

    states, late = asyncio.run(asyncio.wait_for(ask(), 30))
    assert states == {"1": "UNLOADING", "2": "AVAILABLE"}
    assert late == [3.0]


def test_a_broken_version_is_passed_over_until_it_changes(tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    put(folder, 1, 1.0)
    (folder / "3").mkdir()
    (folder / "3/saved_model.pb").write_bytes(b"no model")
    (folder / "notes").mkdir()
    (folder / "7").mkdir()  # still being copied

    async def ask():
        async with serving(folder) as client:
            states = await until(client, 1)
            _, told = await client.get("/v1/models/m/versions/3")
            first = await client.post(PATH, REQUEST)
            shutil.rmtree(folder / "3")
            put(folder, 3, 3.0)
            await asyncio.wait_for(until(client, 3), 20)
            return states, told["model_version_status"][0], first, await client.post(PATH, REQUEST)

    states, told, first, last = asyncio.run(ask())
    assert states == {"1": "AVAILABLE", "3": "END"}
    assert told["status"]["error_code"] == "UNKNOWN"
    assert "damaged" in told["status"]["error_message"]
    assert (first, last) == ((200, {"predictions": [3.0]}), (200, {"predictions": [5.0]}))


def test_the_version_before_comes_back_where_the_last_is_taken_away(tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    put(folder, 1, 1.0)
    put(folder, 2, 2.0)

    async def ask():
        async with serving(folder) as client:
            await until(client, 2)
            shutil.rmtree(folder / "2")
            await asyncio.wait_for(until(client, 1), 20)
            back = await client.post(PATH, REQUEST)
            shutil.rmtree(folder / "1")  # there is no other
            await asyncio.sleep(0.1)
            return back, await client.post(PATH, REQUEST)

    assert asyncio.run(ask()) == ((200, {"predictions": [3.0]}),) * 2
