"""Two processes that write one checkpoint: whoever reads it finds the one or the other, whole."""

from __future__ import annotations

import os
import sys

import pytest

import tenfold as tf


def write(prefix, number, times):
    for _ in range(times):
        tf.train.Checkpoint(a=tf.Variable(tf.fill((500,), number)), b=tf.Variable(tf.fill((500,), number))).write(
            prefix
        )


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_a_checkpoint_of_two_writers_is_whole_at_any_time(tmp_path):
    # each removed the data of the other, whose table was to come
    prefix = str(tmp_path / "both")
    write(prefix, 0, 1)
    children = []
    for number in (1, 2):
        child = os.fork()
        if child == 0:
            try:
                write(prefix, number, 100)
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    a, b = tf.Variable(tf.zeros(500, tf.int32)), tf.Variable(tf.zeros(500, tf.int32))
    checkpoint, found = tf.train.Checkpoint(a=a, b=b), set()
    for child in children:
        ended = 0
        while ended == 0:
            checkpoint.read(prefix).assert_consumed()
            found |= {*a.numpy().tolist(), *b.numpy().tolist()}
            assert int(a[0]) == int(b[-1])
            ended, status = os.waitpid(child, os.WNOHANG)
        assert status == 0
    checkpoint.read(prefix).assert_consumed()
    assert found <= {0, 1, 2} and {1, 2} & found
