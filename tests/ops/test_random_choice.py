"""Choices and permutations beyond the golden cases of family `random`: how often what is chosen."""

import numpy as np
import pytest

import tenfold as tf


@pytest.mark.parametrize("batch, num_samples", [(1, 20_000), (20_000, 1)])
def test_categorical_chooses_by_weight(batch, num_samples):
    weights = np.array([0.1, 0.0, 0.5, 0.4])
    logits = np.tile(np.log(weights, where=weights > 0, out=np.full(4, -np.inf)), (batch, 1))
    drawn = tf.random.stateless_categorical(logits, num_samples, seed=[1, 2]).numpy()
    assert drawn.shape == (batch, num_samples)
    np.testing.assert_allclose(np.bincount(drawn.reshape(-1), minlength=4) / drawn.size, weights, atol=0.015)


def test_categorical_is_not_disturbed_by_the_size_of_logits():
    drawn = tf.random.stateless_categorical([[1e30, 1e30 - 1, -1e30]], 1000, seed=[1, 2]).numpy()
    assert set(drawn.reshape(-1).tolist()) == {0, 1}


@pytest.mark.parametrize("max_index", [0, 1, 2, 255, 256, 1000])
def test_index_shuffle_is_a_permutation(max_index):
    indices = tf.range(max_index + 1)
    places = tf.random.experimental.index_shuffle(indices, [3, 4], max_index).numpy()
    assert sorted(places.tolist()) == list(range(max_index + 1))


def test_shuffle_moves_rows_as_wholes():
    x = np.arange(60).reshape(20, 3)
    shuffled = tf.random.shuffle(x, seed=1).numpy()
    assert not np.array_equal(shuffled, x)
    np.testing.assert_array_equal(shuffled[np.argsort(shuffled[:, 0])], x)


def test_unique_candidates_differ_and_counts_add_up():
    sampled, true_counts, counts = tf.random.log_uniform_candidate_sampler([[0], [5]], 1, 30, True, 40, seed=2)
    assert len(set(sampled.numpy().tolist())) == 30
    every = tf.random.log_uniform_candidate_sampler([list(range(40))], 40, 30, False, 40, seed=2)
    assert every.true_expected_count.numpy().sum() == pytest.approx(30, rel=1e-5)
    assert (counts.numpy() <= 1).all() and (true_counts.numpy() <= 1).all()
