"""Distributions that draw until a candidate is accepted: gamma, Poisson, binomial, and normals between bounds.

All but the last give every output a stream of its own, so that how much one output draws does not matter to the others. What an
output does not use of a block waits in a buffer, which is read from its end. Outputs whose candidates were rejected try again
together, so a few passes over ever fewer outputs are enough.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tenfold.core.errors import InternalError
from tenfold.ops import gamma as gamma_functions
from tenfold.ops.philox import SAMPLES_PER_OUTPUT, Stream, blocks, blocks_at, box_muller, unit

MAX_ITERATIONS = 1000  # rejections in a row after which TensorFlow gives up
_FLOAT64 = np.dtype(np.float64)


class _OutputStreams:
    """A stream for every output, `stride` blocks after the one of the output before."""

    def __init__(self, stream: Stream, outputs: np.ndarray, stride: int = SAMPLES_PER_OUTPUT) -> None:
        self.stream = stream
        self.positions = outputs.astype(np.uint64) * np.uint64(stride)

    def next_blocks(self, rows: np.ndarray) -> np.ndarray:
        found = blocks_at(self.stream, self.positions[rows])
        self.positions[rows] += np.uint64(1)
        return found


class _Buffer:
    """Values of a distribution, one at a time for each output, from a block's last value to its first."""

    def __init__(self, streams: _OutputStreams, distribution: Callable = unit, dtype: np.dtype = _FLOAT64) -> None:
        outputs, per_block = len(streams.positions), 2 if dtype == np.float64 else 4
        self.streams, self.distribution = streams, distribution
        self.values = np.empty((outputs, per_block), dtype)
        self.remaining = np.zeros(outputs, np.intp)

    def draw(self, rows: np.ndarray) -> np.ndarray:
        empty = rows[self.remaining[rows] == 0]
        if len(empty):
            self.values[empty] = self.distribution(self.streams.next_blocks(empty), self.values.dtype)
            self.remaining[empty] = self.values.shape[1]
        self.remaining[rows] -= 1
        return self.values[rows, self.remaining[rows]]


def gamma(stream: Stream, samples: int, alpha: np.ndarray) -> np.ndarray:
    """Gamma variates of scale one, (samples, len(alpha)), for float64 shape parameters.

    An `alpha` of one inverts the distribution function; one below takes a variate of `alpha + 1` times u**(1 / alpha).

    References: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM Transactions on Mathematical Software
    26(3), 2000, doi:10.1145/358407.358414.
    """
    outputs = np.arange(samples * len(alpha))
    streams = _OutputStreams(stream, outputs)
    normals, uniforms = _Buffer(streams, box_muller), _Buffer(streams)
    alpha_of = np.repeat(alpha, samples)
    d_of = alpha_of + np.where(alpha_of < 1, 2 / 3, -1 / 3)
    c_of = 1 / 3 / np.sqrt(d_of)
    out = np.empty(len(outputs))
    is_pending = alpha_of != 1
    ones, pending = outputs[~is_pending], outputs[is_pending]
    out[ones] = -np.log1p(-uniforms.draw(ones))
    while len(pending):
        x = normals.draw(pending)
        v = 1 + c_of[pending] * x
        is_positive = ~(v <= 0)
        tried, x, v = pending[is_positive], x[is_positive], v[is_positive]
        v = v * v * v
        u, d = uniforms.draw(tried), d_of[tried]
        accepted = u < 1 - 0.0331 * (x * x) * (x * x)
        accepted |= ~(np.log(u) >= 0.5 * x * x + d * (1 - v + np.log(v)))  # also where alpha is NaN
        done = tried[accepted]
        out[done] = d[accepted] * v[accepted]
        small = done[alpha_of[done] < 1]
        out[small] *= uniforms.draw(small) ** (1 / alpha_of[small])
        is_pending[done] = False
        pending = pending[is_pending[pending]]
    return out.reshape(len(alpha), samples).T


def poisson(stream: Stream, samples: int, rate: np.ndarray) -> np.ndarray:
    """Poisson variates as float64, (samples, len(rate)), for float64 rates; one that is not finite is returned."""
    outputs = np.arange(samples * len(rate))
    uniforms = _Buffer(_OutputStreams(stream, outputs))
    rate_of = np.repeat(rate, samples)
    out = rate_of.copy()
    is_small = rate_of < 10
    _poisson_small(uniforms, outputs[is_small], rate_of, out)
    _poisson_large(uniforms, outputs[~is_small & np.isfinite(rate_of)], rate_of, out)
    return out.reshape(len(rate), samples).T


def _poisson_small(uniforms: _Buffer, pending: np.ndarray, rate_of: np.ndarray, out: np.ndarray) -> None:
    """Counts arrivals of unit time: uniforms are multiplied until the product falls to exp(-rate)."""
    limit, product = np.exp(-rate_of[pending]), np.ones(len(pending))
    count = 0
    while len(pending):
        product = product * uniforms.draw(pending)
        is_done = product <= limit
        out[pending[is_done]] = count
        pending, limit, product = pending[~is_done], limit[~is_done], product[~is_done]
        count += 1


def _poisson_large(uniforms: _Buffer, pending: np.ndarray, rate_of: np.ndarray, out: np.ndarray) -> None:
    """Transformed rejection.

    References: Hörmann, "The transformed rejection method for generating Poisson random variables", Insurance: Mathematics and
    Economics 12(1), 1993, doi:10.1016/0167-6687(93)90997-4.
    """
    while len(pending):
        rate = rate_of[pending]
        b = 0.931 + 2.53 * np.sqrt(rate)
        a = -0.059 + 0.02483 * b
        inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
        u = uniforms.draw(pending) - 0.5
        v = uniforms.draw(pending)
        shifted = 0.5 - np.abs(u)
        k = np.floor((2 * a / shifted + b) * u + rate + 0.43)
        is_inside = (shifted >= 0.07) & (v <= 0.9277 - 3.6224 / (b - 2))
        is_possible = ~((k < 0) | ((shifted < 0.013) & (v > shifted)))
        density = -rate + k * np.log(rate) - gamma_functions._log_gamma(k + 1)
        is_under = np.log(v * inverse_alpha / (a / (shifted * shifted) + b)) <= density
        is_done = is_inside | (is_possible & is_under)
        out[pending[is_done]] = k[is_done]
        pending = pending[~is_done]


def binomial(stream: Stream, samples: int, counts: np.ndarray, probs: np.ndarray) -> np.ndarray:
    """Binomial variates as float64, (samples, len(counts)); `counts` and `probs` have one shape and dtype.

    The rarer of success and failure is counted. Few expected events are counted by the gaps between them, many drawn by
    transformed rejection.
    """
    outputs = np.arange(samples * len(counts))
    out = np.full(len(outputs), np.nan)
    rare = np.where(probs <= 0.5, probs, 1 - probs)
    is_many = np.repeat(counts * rare >= 10, samples)
    count_of, prob_of = np.repeat(counts, samples).astype(np.float64), np.repeat(probs, samples).astype(np.float64)
    rare_of = np.repeat(rare, samples).astype(np.float64)
    is_never, is_always = (count_of <= 0) | (prob_of <= 0), prob_of >= 1
    is_drawn = ~is_never & ~is_always & (prob_of == prob_of) & (count_of == count_of)
    _binomial_gaps(stream, outputs[is_drawn & ~is_many], count_of, rare_of, out)
    _binomial_rejection(stream, outputs[is_drawn & is_many], count_of, rare_of, out)
    np.subtract(count_of, out, out=out, where=prob_of > 0.5)
    out[is_always], out[is_never] = count_of[is_always], 0
    return out.reshape(len(counts), samples).T


def _binomial_gaps(
    stream: Stream, pending: np.ndarray, count_of: np.ndarray, prob_of: np.ndarray, out: np.ndarray
) -> None:
    """Counts the geometric gaps between events that fit into the trials."""
    uniforms = _Buffer(_OutputStreams(stream, np.arange(len(out)), stride=42))
    trials = np.zeros(len(pending))
    events = 0
    while len(pending):
        trials = trials + np.ceil(np.log(uniforms.draw(pending)) / np.log1p(-prob_of[pending]))
        is_done = trials > count_of[pending]
        out[pending[is_done]] = events
        pending, trials = pending[~is_done], trials[~is_done]
        events += 1


def _binomial_rejection(
    stream: Stream, pending: np.ndarray, count_of: np.ndarray, prob_of: np.ndarray, out: np.ndarray
) -> None:
    """Transformed rejection.

    References: Hörmann, "The generation of binomial random variates", Journal of Statistical Computation and Simulation 46,
    1993, doi:10.1080/00949659308811496.
    """
    uniforms = _Buffer(_OutputStreams(stream, np.arange(len(out))))
    while len(pending):
        n, p = count_of[pending], prob_of[pending]
        deviation = np.sqrt(n * p * (1 - p))
        b = 1.15 + 2.53 * deviation
        a = -0.0873 + 0.0248 * b + 0.01 * p
        odds, mode = p / (1 - p), np.floor((n + 1) * p)
        u, v = uniforms.draw(pending) - 0.5, uniforms.draw(pending)
        shifted = 0.5 - np.abs(u)
        k = np.floor((2 * a / shifted + b) * u + (n * p + 0.5))
        is_inside = (shifted >= 0.07) & (v <= 0.92 - 4.2 / b)
        is_possible = (k >= 0) & (k <= n)
        density = (
            (mode + 0.5) * np.log((mode + 1) / (odds * (n - mode + 1)))
            + (n + 1) * np.log((n - mode + 1) / (n - k + 1))
            + (k + 0.5) * np.log(odds * (n - k + 1) / (k + 1))
            + _stirling_tail(mode)
            + _stirling_tail(n - mode)
            - _stirling_tail(k)
            - _stirling_tail(n - k)
        )
        is_under = np.log(v * ((2.83 + 5.1 / b) * deviation) / (a / (shifted * shifted) + b)) <= density
        is_done = is_inside | (is_possible & is_under)
        out[pending[is_done]] = k[is_done]
        pending = pending[~is_done]


def _stirling_tail(k: np.ndarray) -> np.ndarray:
    """log k! less Stirling's formula for it."""
    square = (k + 1) * (k + 1)
    return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1)


def bounded_normal(
    stream: Stream, samples: int, means: np.ndarray, stddevs: np.ndarray, minvals: np.ndarray, maxvals: np.ndarray
) -> np.ndarray:
    """Normals between bounds, (batches, samples), for parameters (batches,) of one dtype.

    The batches draw one after the other from one stream, each from a fresh block.
    """
    out = np.empty((len(means), samples), means.dtype)
    for row, mean, stddev, low, high in zip(out, means, stddevs, minvals, maxvals, strict=True):
        if (np.isinf(low) and low < 0) or high < mean:  # mirror, so that a single or the nearer bound is the lower one
            low, high, stddev = high, low, -stddev
        low, high = (low - mean) / stddev, (high - mean) / stddev
        normals, used = _between(stream, samples, low, high)
        row[:] = normals * stddev + mean
        stream = stream.skip(used)
    return out


def _between(stream: Stream, samples: int, low: np.floating, high: np.floating) -> tuple[np.ndarray, int]:
    """Standard normals in [low, high], by the proposal that accepts oftenest, and how many blocks they took.

    References: Robert, "Simulation of truncated normal variables", Statistics and Computing 5, 1995, doi:10.1007/BF00143942.
    """
    dtype, number = low.dtype, low.dtype.type
    root = np.sqrt(low * low + number(4))
    cutoff = number(2) * np.exp(number(0.5) + low * (low - root) / number(4)) / (low + root)
    width, alpha = high - low, (low + root) / number(2)

    def from_normals(bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        z = box_muller(bits, dtype)
        return z, (z >= low) & (z <= high)

    def from_uniforms(bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        u = unit(bits, dtype).reshape(len(bits) // 2, 2, -1)
        z = u[:, 0] * width + low
        plus = number(0) if low < 0 else low * low
        return z, u[:, 1] <= np.exp((plus - z * z) / number(2))

    def from_exponentials(bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        u = unit(bits, dtype).reshape(-1, 2)
        z = -np.log(u[:, 0]) / alpha + low
        x = alpha - z if low < alpha else low - alpha
        return z, (u[:, 1] <= np.exp(-x * x / number(2))) & (z < high)

    edge = number(1.3)  # as many deviations inside the bounds, and a normal is accepted half of the time
    if (low < -edge and high >= 0) or (high > edge and low <= 0):
        propose, per_proposal = from_normals, 1
    elif width < cutoff:
        propose, per_proposal = from_uniforms, 2
    else:
        propose, per_proposal = from_exponentials, 1
    budget = samples + 8
    while True:
        bits = blocks(stream, budget * per_proposal)
        z, accepted = (a.reshape(-1) for a in propose(bits))
        found = np.flatnonzero(accepted)[:samples]
        gaps = np.diff(found, prepend=-1, append=len(z) if len(found) < samples else found[-1] + 1)
        if (gaps > MAX_ITERATIONS).any():
            raise InternalError(None, None, "tf.random: no normal between the bounds was accepted in 1000 attempts.")
        if len(found) == samples:
            candidates_per_proposal = len(z) // budget
            return z[found], (int(found[-1]) // candidates_per_proposal + 1) * per_proposal
        budget *= 2
