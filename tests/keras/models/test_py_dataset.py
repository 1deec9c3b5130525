"""Batches by number, made by several threads."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest

import tenfold as tf


class Numbers(tf.keras.utils.PyDataset):
    """Batches that hold their own number, and are made together: each waits until as many as there are workers are begun."""

    def __init__(self, count, fails_at=None, **kwargs):
        super().__init__(**kwargs)
        self.count, self.fails_at = count, fails_at
        self.meeting = threading.Barrier(self.workers)
        self.made = []

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        self.made.append(index)
        if index == self.fails_at:
            raise KeyError("no such picture")
        if index < self.workers:
            self.meeting.wait(timeout=60)
        return np.full((2, 1), index, np.float32)


@pytest.fixture
def identity():
    return tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Activation("linear")])


@pytest.mark.parametrize("kwargs", [{}, {"workers": 3}, {"workers": 3, "max_queue_size": 1}])
def test_workers_make_batches_at_once_and_in_order(identity, kwargs):
    rows = identity.predict(Numbers(7, **kwargs), verbose=0)
    assert rows[:, 0].tolist() == [float(i) for i in range(7) for _ in range(2)]


def test_workers_are_not_more_than_the_queue_ahead(identity):
    data = Numbers(100, workers=2, max_queue_size=4)
    identity.predict(data, steps=3, verbose=0)
    assert sorted(data.made) == list(range(len(data.made))) and 3 <= len(data.made) <= 3 + 4


def test_what_a_worker_raises_is_raised(identity):
    with pytest.raises(KeyError, match="no such picture"):
        identity.predict(Numbers(5, fails_at=3, workers=2), verbose=0)


def test_a_dataset_is_iterated_once_or_without_end():
    assert [batch[0, 0] for batch in Numbers(3)] == [0, 1, 2]

    class Endless(Numbers):
        num_batches = None

    assert [batch[0, 0] for batch in itertools.islice(Endless(1), 4)] == [0, 1, 2, 3]
