"""Special functions: identities between them, hard arguments, derivatives against differences."""

import math

import numpy as np
import pytest

import tenfold as tf
from tests.gradients import check_gradients

S = tf.math.special
RANDOM = np.random.RandomState(0)
X = np.sort(np.concatenate([RANDOM.uniform(0, 30, 300), 10 ** RANDOM.uniform(-8, 2.5, 200)]))


def close(a, b, rtol=2e-14, atol=0.0):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol, atol)


SMOOTH = {
    tf.math.lgamma: (0.3, 5),
    tf.math.digamma: (0.3, 5),
    tf.math.erf: (-2, 2),
    tf.math.erfc: (-2, 2),
    tf.math.erfinv: (-0.8, 0.8),
    tf.math.erfcinv: (0.2, 1.8),
    tf.math.ndtri: (0.1, 0.9),
    tf.math.bessel_i0: (-3, 3),
    tf.math.bessel_i0e: (0.2, 3),
    tf.math.bessel_i1: (0.2, 3),
    tf.math.bessel_i1e: (0.2, 3),
    S.bessel_j0: (0.2, 9),
    S.bessel_j1: (0.2, 9),
    S.bessel_k0: (0.3, 5),
    S.bessel_k0e: (0.3, 5),
    S.bessel_k1: (0.3, 5),
    S.bessel_k1e: (0.3, 5),
    S.bessel_y0: (0.3, 9),
    S.bessel_y1: (0.3, 9),
    S.dawsn: (-3, 3),
    S.expint: (0.3, 4),
    S.fresnel_cos: (-2, 2),
    S.fresnel_sin: (-2, 2),
    S.spence: (0.2, 0.9),
}


@pytest.mark.parametrize("op", SMOOTH, ids=lambda op: op.__name__)
def test_gradient_is_the_slope(op):
    check_gradients(op, np.random.RandomState(2).uniform(*SMOOTH[op], (2, 3)))


@pytest.mark.parametrize("op", [tf.math.igamma, tf.math.igammac])
def test_gradient_of_incomplete_gamma_is_the_slope(op):
    a, x = RANDOM.uniform(0.5, 4, (3, 1)), RANDOM.uniform(0.5, 4, 2)
    check_gradients(op, a, x, order=1)
    check_gradients(lambda x: op(tf.constant(a), x), x)


@pytest.mark.parametrize("op", [tf.math.zeta, tf.math.polygamma])
def test_gradient_in_the_second_argument_is_the_slope(op):
    check_gradients(lambda x: op(tf.constant(3.0, tf.float64), x), RANDOM.uniform(0.5, 4, 3))


def test_gradient_of_incomplete_beta_is_the_slope():
    a, b = tf.constant(2.0, tf.float64), tf.constant(1.5, tf.float64)
    check_gradients(lambda x: tf.math.betainc(a, b, x), np.array([0.2, 0.7]))


def test_gradient_of_odd_bessel_functions_at_zero_is_a_half():
    # TensorFlow says 1 for bessel_i1, which is not its slope.
    for op in (tf.math.bessel_i1, tf.math.bessel_i1e, S.bessel_j1):
        x = tf.constant([0.0])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = op(x)
        assert tape.gradient(y, x).numpy() == 0.5


def test_error_functions_add_up_to_one_and_mirror():
    x = X[X < 26]
    close(tf.math.erf(x) + tf.math.erfc(x), np.ones_like(x))
    close(tf.math.erf(-x), -tf.math.erf(x).numpy())
    close(tf.math.erfc(-x), 2 - tf.math.erfc(x).numpy())


def test_error_function_in_single_precision_agrees_with_double():
    x = np.linspace(-5, 5, 20001)
    single, double = tf.math.erf(x.astype(np.float32)).numpy(), tf.math.erf(x.astype(np.float32).astype(float)).numpy()
    np.testing.assert_allclose(single, double, 5e-7)
    assert np.abs(single).max() == 1.0


def test_quantile_undoes_the_distribution_function():
    p = np.concatenate([10 ** RANDOM.uniform(-300, -1, 100), RANDOM.uniform(0.1, 1, 100)])
    close(0.5 * tf.math.erfc(-tf.math.ndtri(p) / np.sqrt(2.0)), p, 2e-12)
    y = RANDOM.uniform(-1, 1, 100)
    close(tf.math.erf(tf.math.erfinv(y)), y)


def test_log_gamma_obeys_recurrence_and_reflection():
    close(tf.math.lgamma(X + 1), tf.math.lgamma(X) + np.log(X), 1e-13, 1e-14)
    x = X[(X < 20) & (X % 1 > 1e-3)]
    close(tf.math.lgamma(x) + tf.math.lgamma(-x), np.log(np.pi / np.abs(x * np.sin(np.pi * x))), 1e-11, 1e-11)
    h = 2.0**-30
    close(tf.math.lgamma(np.array([1 + h, 2 + h])), [-np.euler_gamma * h, (1 - np.euler_gamma) * h], 2e-9)


def test_polygamma_obeys_recurrence():
    x = X[X > 0.5]
    for order in (0, 1, 2, 5):
        step = (-1.0) ** order * math.factorial(order) * x ** (-order - 1.0)
        a = np.full_like(x, order)
        close(tf.math.polygamma(a, x + 1), tf.math.polygamma(a, x) + step, 1e-11, 1e-11)


def test_zeta_has_its_known_values():
    values = tf.math.zeta(np.array([2.0, 4.0, 3.0]), np.ones(3)).numpy()
    close(values, [np.pi**2 / 6, np.pi**4 / 90, 1.2020569031595942], 1e-15)


def test_incomplete_gammas_add_up_to_one():
    a = 10 ** RANDOM.uniform(-3, 5, 300)
    x = a * np.exp(RANDOM.standard_normal(300) * np.minimum(1.0, 3 / np.sqrt(a)))
    close(tf.math.igamma(a, x) + tf.math.igammac(a, x), np.ones(300), 1e-12)
    close(tf.math.igammac(np.ones_like(X), X), np.exp(-X), 1e-13)
    close(tf.math.igamma(tf.constant(0.5, tf.float64), X * X), tf.math.erf(X), 1e-13)


def test_incomplete_beta_is_symmetric():
    a, b, x = 10 ** RANDOM.uniform(-2, 3, 300), 10 ** RANDOM.uniform(-2, 3, 300), RANDOM.uniform(0, 1, 300)
    close(tf.math.betainc(a, b, x) + tf.math.betainc(b, a, 1 - x), np.ones(300), 1e-11)


def test_bessel_functions_have_their_wronskians():
    x = X[X > 1e-3]
    close(S.bessel_j1(x) * S.bessel_y0(x) - S.bessel_j0(x) * S.bessel_y1(x), 2 / (np.pi * x), 1e-12)
    scaled = tf.math.bessel_i0e(x) * S.bessel_k1e(x) + tf.math.bessel_i1e(x) * S.bessel_k0e(x)
    close(scaled, 1 / x, 1e-13)


def test_bessel_functions_are_smooth_where_their_methods_change():
    for op, at in ((S.bessel_j0, 4), (S.bessel_j1, 4), (S.bessel_y0, 4), (S.bessel_y1, 4), (S.bessel_k0, 2)):
        below, above = op(np.array([at, np.nextafter(at, 9)], np.float64)).numpy()
        close(below, above, 1e-14, 1e-15)


def test_dawson_solves_its_equation():
    x, step = X[X < 15], 1e-5
    slope = (S.dawsn(x + step) - S.dawsn(x - step)).numpy() / (2 * step)
    close(slope, 1 - 2 * x * S.dawsn(x).numpy(), 0, 1e-9)
    close(S.dawsn(np.array([1e8, 1e12])), [5e-9, 5e-13])


def test_fresnel_integrals_have_known_values():
    close(S.fresnel_cos(np.array([1.0, 2.0])), [0.7798934003768228, 0.4882534060753408], 1e-14)
    close(S.fresnel_cos(np.array([30.0])), 0.5 - 1 / (np.pi**2 * 30.0**3), 1e-10)
    close(S.fresnel_sin(np.array([1.0, 2.0])), [0.4382591473903548, 0.3434156783636982], 1e-14)
    close(S.fresnel_sin(np.array([1e-3])), [np.pi / 6 * 1e-9], 1e-9)


def test_spence_obeys_reflection_and_inversion():
    x = RANDOM.uniform(0, 1, 200)
    close(S.spence(x) + S.spence(1 - x), np.pi**2 / 6 - np.log(x) * np.log1p(-x), 1e-13)
    close(S.spence(x) + S.spence(1 / x), -0.5 * np.log(x) ** 2, 1e-12, 1e-14)


def test_exponential_integral_is_smooth_where_its_methods_change():
    below, above = S.expint(np.array([40.0, np.nextafter(40.0, 50)])).numpy()
    close(below, above, 1e-14)


def test_infinite_arguments_give_limits():
    x = np.array([np.inf])
    assert tf.math.erf(x).numpy() == 1
    assert tf.math.bessel_i0(x).numpy() == np.inf
    assert S.bessel_k0(x).numpy() == 0
    assert S.expint(x).numpy() == np.inf
    assert tf.math.lgamma(-x).numpy() == np.inf
