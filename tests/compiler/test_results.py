"""Memory of large results is used again, but never while anybody can see it."""

import threading

import numpy as np
import pytest

from tenfold.compiler.builder import Builder
from tenfold.compiler.executable import compile

SHAPE = (513, 1031)


@pytest.fixture(scope="module")
def double():
    b = Builder()
    return compile(b.program([b.input(SHAPE, "float32") * 2.0]))


def test_result_that_nobody_holds_gives_its_memory_to_the_next(double):
    x = np.ones(SHAPE, np.float32)
    places = {double(x)[0].ctypes.data for _ in range(5)}
    assert len(places) == 1


@pytest.mark.parametrize(
    "view", [lambda y: y, lambda y: y[5:, ::2].T, lambda y: memoryview(y), lambda y: y.ravel()[:1]]
)
def test_result_that_is_held_stays_as_it_is(double, view):
    held = view(double(np.ones(SHAPE, np.float32))[0])
    double(np.zeros(SHAPE, np.float32))
    assert (np.asarray(held) == 2).all()


def test_results_are_inputs(double):
    x = np.ones(SHAPE, np.float32)
    for n in range(4):
        (x,) = double(x)
        assert (x == 2 ** (n + 1)).all()


def test_result_that_was_made_read_only_is_not_written(double):
    y = double(np.ones(SHAPE, np.float32))[0]
    y.flags.writeable = False
    del y
    assert (double(np.full(SHAPE, 3, np.float32))[0] == 6).all()


def test_threads_have_results_of_their_own(double):
    wrong = []

    def run(value):
        x = np.full(SHAPE, value, np.float32)
        for _ in range(30):
            (y,) = double(x)
            if not (y == 2 * value).all():
                wrong.append(value)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
