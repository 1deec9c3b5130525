"""Counting: what the golden cases of its family do not have."""

from __future__ import annotations

import tenfold as tf


def test_histogram_counts_a_number_at_an_edge_as_tensorflow_does():
    """-0.2 is a little less than the edge of the third bin, which the difference to -1 in float32 is not; frozen from TensorFlow 2.21."""
    counts = tf.histogram_fixed_width([-1.0, -0.6, -0.2, 0.2, 0.6, 1.0], [-1.0, 1.0], 5)
    assert counts.numpy().tolist() == [2, 1, 0, 1, 2]
