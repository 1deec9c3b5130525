"""The global random state: what it makes repeatable, and how it is saved. The numbers themselves are golden cases."""

import json
import threading

import numpy as np
import pytest

import tenfold as tf
from tenfold.ops import seeds

DRAWS = [
    lambda: tf.random.normal([3]),
    lambda: tf.random.normal([3], seed=1),
    lambda: tf.random.uniform([3], 0, 100, tf.int32, seed=1),
    lambda: tf.random.gamma([3], 2.0, seed=1),
    lambda: tf.random.shuffle(tf.constant([1, 2, 3, 4, 5]), seed=1),
    lambda: tf.random.categorical([[0.0, 0.0]], 5, seed=1),
    lambda: tf.random.learned_unigram_candidate_sampler([[1, 2]], 2, 3, True, 20, seed=1)[2],
]


@pytest.fixture(autouse=True)
def _unset_afterwards():
    yield
    tf.random.set_seed(None)


def draw_all():
    return [np.asarray(draw()).tolist() for draw in DRAWS]


def test_set_seed_begins_every_stream_anew():
    tf.random.set_seed(3)
    first, second = draw_all(), draw_all()
    assert all(a != b for a, b in zip(first[:2], second[:2], strict=True))
    tf.random.set_seed(3)
    assert [draw_all(), draw_all()] == [first, second]


def test_state_survives_a_file():
    tf.random.set_seed(3)
    draw_all()
    saved = json.dumps(seeds.get_state())
    expected = [draw_all(), draw_all()]
    tf.random.set_seed(4)
    draw_all()
    seeds.set_state(json.loads(saved))
    assert [draw_all(), draw_all()] == expected


def test_without_any_seed_numbers_differ_between_calls_and_resets():
    tf.random.set_seed(None)
    a, b = tf.random.normal([4]).numpy(), tf.random.normal([4]).numpy()
    tf.random.set_seed(None)
    assert not np.array_equal(a, b)
    assert not np.array_equal(a, tf.random.normal([4]).numpy())


def test_ops_without_a_seed_leave_nothing_behind():
    tf.random.set_seed(3)
    for _ in range(100):
        tf.random.normal([3])
    assert not seeds.get_state()["kernels"]


def test_threads_never_get_the_same_numbers():
    tf.random.set_seed(3)
    drawn = []

    def draw():
        drawn.extend(tuple(tf.random.uniform([2], seed=1).numpy().tolist()) for _ in range(200))

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(drawn)) == 800


@pytest.mark.parametrize("seed", ["a", [1, 2], object()])
def test_set_seed_refuses_what_is_no_number(seed):
    with pytest.raises(TypeError, match="tf.random.set_seed: seed is"):
        tf.random.set_seed(seed)


@pytest.mark.parametrize("seed", ["a", [1], object()])
def test_op_refuses_a_seed_that_is_no_number(seed):
    with pytest.raises(TypeError, match="the seed of an op is"):
        tf.random.normal([2], seed=seed)
