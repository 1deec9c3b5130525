import numpy as np
import pytest

import tenfold as tf
from tests.gradients import check_gradients


@pytest.mark.parametrize("decreasing, axis", [(True, -1), (False, 0), (True, 1)])
def test_isotonic_regression_gradients(decreasing, axis):
    x = np.random.RandomState(0).standard_normal((4, 5, 3))
    check_gradients(lambda x: tf.nn.isotonic_regression(x, decreasing, axis)[0], x)


def test_isotonic_regression_along_an_inner_axis():
    x = np.random.RandomState(0).standard_normal((2, 5, 3))
    found = tf.nn.isotonic_regression(x, axis=1)[0].numpy()
    for i in range(2):
        for j in range(3):
            np.testing.assert_allclose(found[i, :, j], tf.nn.isotonic_regression(x[i, :, j])[0])


def test_fractional_pool_regions_cover_the_image():
    x = tf.ones((1, 23, 17, 2))
    for options in ({}, {"pseudo_random": True}):
        pooled = tf.nn.fractional_avg_pool(x, [1, 2.3, 1.4, 1], seed=3, **options)
        sizes = np.diff(pooled.row_pooling_sequence)
        assert sizes.sum() == 23 and set(sizes) <= {2, 3} and pooled.output.shape == (1, 10, 12, 2)
        np.testing.assert_array_equal(pooled.output, 1.0)


def test_fractional_pool_gradients():
    x = np.random.RandomState(0).standard_normal((2, 7, 9, 2))
    for run in (tf.nn.fractional_max_pool, tf.nn.fractional_avg_pool):
        for overlapping in (False, True):

            def pooled(x, run=run, overlapping=overlapping):
                tf.random.set_seed(1)
                return run(x, [1, 1.5, 1.7, 1], overlapping=overlapping, seed=3).output

            check_gradients(pooled, x, order=1)
