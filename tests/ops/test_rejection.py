"""Distributions by rejection: their moments, and what ill parameters give. Their numbers are golden cases of family `random`."""

import math

import numpy as np
import pytest

import tenfold as tf
from tenfold.ops import rejection
from tenfold.ops.gamma_grad import RANDOM_GAMMA_GRAD
from tenfold.ops.philox import Stream

STREAM = Stream(11, 12)
SAMPLES = 40_000


def assert_moments(x, mean, variance):
    """Mean and variance of each column within five standard errors."""
    error = np.sqrt(variance / len(x))
    assert (np.abs(x.mean(axis=0) - mean) <= 5 * error + 1e-9).all()
    fourth = ((x - x.mean(axis=0)) ** 4).mean(axis=0)
    assert (np.abs(x.var(axis=0) - variance) <= 5 * np.sqrt(fourth / len(x)) + 1e-9).all()


def test_gamma_moments():
    alpha = np.array([0.3, 1.0, 2.5, 40.0])
    assert_moments(rejection.gamma(STREAM, SAMPLES, alpha), alpha, alpha)


def test_poisson_moments():
    rate = np.array([0.0, 0.7, 9.9, 10.0, 300.0])
    assert_moments(rejection.poisson(STREAM, SAMPLES, rate), rate, rate)


def test_binomial_moments():
    counts, probs = np.array([5.0, 40.0, 1000.0, 1000.0, 7.0]), np.array([0.3, 0.5, 0.4, 0.99, 1.0])
    assert_moments(rejection.binomial(STREAM, SAMPLES, counts, probs), counts * probs, counts * probs * (1 - probs))


def test_bounded_normal_stays_between_its_bounds():
    low, high = np.array([-2.0, 0.1, -np.inf, 3.0, 4.0, -9.0]), np.array([2.0, 0.2, -1.0, np.inf, 5.0, 9.0])
    x = rejection.bounded_normal(STREAM, 5000, np.zeros(6), np.ones(6), low, high)
    assert ((low[:, None] <= x) & (x <= high[:, None])).all()
    assert x[3].mean() == pytest.approx(3.2831, abs=0.02)


def test_outputs_do_not_depend_on_how_many_there_are():
    alpha = np.array([0.3, 2.5])
    np.testing.assert_array_equal(rejection.gamma(STREAM, 7, alpha[:1]), rejection.gamma(STREAM, 7, alpha)[:, :1])
    np.testing.assert_array_equal(
        rejection.poisson(STREAM, 4, np.array([12.0])), rejection.poisson(STREAM, 9, np.array([12.0]))[:4]
    )


def test_poisson_of_rates_that_are_no_numbers():  # TensorFlow never returns from the last two
    x = rejection.poisson(STREAM, 2, np.array([-1.0, np.nan, np.inf]))
    np.testing.assert_array_equal(x, [[0, np.nan, np.inf]] * 2)


def test_binomial_of_probabilities_that_are_no_numbers():
    x = rejection.binomial(STREAM, 2, np.array([5.0, 5.0, np.nan]), np.array([np.nan, np.inf, 0.5]))
    np.testing.assert_array_equal(x, [[np.nan, 5, np.nan]] * 2)


@pytest.mark.parametrize("alpha", [0.2, 0.9, 1.0, 3.0, 60.0])
def test_gamma_gradient_is_the_slope_of_the_quantile(alpha):
    """A variate moves with alpha so that its distribution function stays put: compared by a difference of two quantiles."""
    x = tf.constant(np.quantile(rejection.gamma(STREAM, 1000, np.array([alpha])), [0.1, 0.5, 0.9]))
    with tf.GradientTape() as tape:
        a = tf.Variable(np.float64(alpha))
        y = tf.random.stateless_gamma([50], [1, 2], a, dtype=tf.float64)
    slope = tape.gradient(y, a)
    assert np.isfinite(slope.numpy()) and slope.numpy() > 0
    step = 1e-4
    low, high = (_lower_gamma(alpha + sign * step, x.numpy()) for sign in (-1, 1))
    density = np.exp((alpha - 1) * np.log(x) - x) / np.exp(math.lgamma(alpha))
    np.testing.assert_allclose(
        RANDOM_GAMMA_GRAD(tf.constant(np.float64(alpha)), x), -(high - low) / (2 * step) / density, rtol=1e-4
    )


def _lower_gamma(a, x):
    """The regularised lower incomplete gamma function, by its series."""
    term = np.exp(a * np.log(x) - x - math.lgamma(a + 1))
    total = term.copy()
    for n in range(1, 600):
        term = term * x / (a + n)
        total += term
    return total
