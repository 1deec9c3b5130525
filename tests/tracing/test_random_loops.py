"""Functions made at random, with loops, branches, variables, lists and random numbers: traced, they do what Python does with them.

Each is run by Python, traced with its gradients, and traced under a tape; now and then to second order.
"""

from __future__ import annotations

import importlib.util
import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tenfold as tf

ROWS, COLUMNS, TIME = 3, 4, 5

EXPRESSIONS = [
    "tf.tanh({a})",
    "0.5 * {a} + 0.3 * {b}",
    "tf.sin({a} * {b})",
    "{a} @ w",
    "{a} - tf.reduce_mean({b}, -1, keepdims=True)",
    "tf.nn.softmax({a}) * {b}",
    "tf.sigmoid({a}) * v",
    "tf.concat([{a}[:, 1:], {b}[:, :1]], 1)",
    "tf.gather({a}, [2, 0, 1])",
    "0.1 * {a} * tf.cast(i + 1, tf.float32)",
    "{a} * xs[i % 5]",
    "{a} + 0.1 * tf.random.normal((3, 4), seed=SEED)",
    "{a} * tf.random.uniform((3, 1), seed=SEED)",
    "tf.nn.dropout({a}, 0.3, seed=SEED)",
    "{a} + 0.1 * u",
    "tf.where({a} > 0.1, {a}, 0.2 * {b})",
    "0.3 * tf.cumsum({a}, 1)",
    "0.1 * tf.matmul({a}, {b}, transpose_b=True) @ {a}",
]
CONDITIONS = ["i % 2 == 0", "i > 2", "k > 3", "tf.reduce_sum({a}) > 0.5"]
ASSIGNMENTS = [
    "u.assign(0.9 * u + 0.1 * {a})",
    "u.assign(tf.tanh({a}))",
    "u.assign_add(0.1 * tf.stop_gradient({a}))",
    "k.assign_add(1)",
]
LOOPS = ["for i in tf.range(n)", "for i in tf.range(4)", "while i < n and tf.reduce_sum(tf.abs(a)) < LIMIT"]


class Source:
    """The text of a function, line by line.

    Args:
      draw: of hypothesis.
    """

    def __init__(self, draw):
        self.draw, self.lines, self.seeds = draw, [], itertools.count(100)
        self.names = ["a", "b", "c"][: draw(st.integers(1, 3))]

    def filled(self, texts):
        name = st.sampled_from(self.names)
        text = self.draw(st.sampled_from(texts)).format(a=self.draw(name), b=self.draw(name))
        return text.replace("SEED", str(next(self.seeds)))

    def add(self, depth, text):
        self.lines.append("    " * depth + text)

    def block(self, depth, loop):
        kinds = ["value"] * 12 + ["assignment"] * 2 + (["branch"] * 3 + ["loop"] + ["jump"]) * (depth < 4)
        for _ in range(self.draw(st.integers(1, 4))):
            kind = self.draw(st.sampled_from(kinds))
            if kind == "value":
                self.add(depth, f"{self.draw(st.sampled_from(self.names))} = {self.filled(EXPRESSIONS)}")
            elif kind == "assignment":
                self.add(depth, self.filled(ASSIGNMENTS))
            elif kind == "branch":
                self.add(depth, f"if {self.filled(CONDITIONS)}:")
                self.block(depth + 1, loop)
                if self.draw(st.booleans()):
                    self.add(depth, "else:")
                    self.block(depth + 1, loop)
            elif kind == "loop":
                turns = self.draw(st.sampled_from(["3", "n - 2", "i % 3 + 1"]))
                self.add(depth, f"for _j{depth} in tf.range({turns}):")
                self.block(depth + 1, "for")
            else:
                jump = self.draw(st.sampled_from(["break", "continue"])) if loop == "for" else "break"
                self.add(depth, f"if {self.filled(['tf.reduce_max(tf.abs({a})) > 1.5', 'i > 3'])}:")
                self.add(depth + 1, jump)


@st.composite
def functions(draw):
    source = Source(draw)
    source.add(0, "def f(xs, n, w, v, u, k):")
    source.add(1, "i = 0")
    for name in source.names:
        source.add(1, f"{name} = 0.5 * xs[{draw(st.integers(0, TIME - 1))}]")
    kept = draw(st.sampled_from([None, None, "list", "array"]))
    if kept:
        source.add(1, "rows = []" if kept == "list" else "rows = tf.TensorArray(tf.float32, 0, dynamic_size=True)")
    loop = draw(st.sampled_from(LOOPS))
    source.add(1, loop.replace("LIMIT", draw(st.sampled_from(["6.0", "1e9"]))) + ":")
    source.block(2, loop.split()[0])
    if kept:
        source.add(2, "rows.append(a)" if kept == "list" else "rows = rows.write(rows.size(), a)")
    if loop.startswith("while"):
        source.add(2, "i += 1")
    result = " + ".join(source.names)
    if kept:
        source.add(1, f"rest = tf.reduce_sum({'tf.stack(rows)' if kept == 'list' else 'rows.stack()'})")
        result += " + 0.1 * rest"
    source.add(1, f"return {result}")
    return "\n".join(["import tenfold as tf", "", "", *source.lines, ""])


def made(source, folder, name):
    """The function that a source defines; in a file, where AutoGraph finds it."""
    path = folder / f"{name}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


class Run:
    """What a function needs, the same for each run.

    Args:
      function: the one that is tested.
      turns: its `n`.
      is_second: whether gradients are differentiated again.
    """

    def __init__(self, function, turns, is_second):
        tf.keras.utils.set_random_seed(11)
        numbers = np.random.default_rng(5)
        self.function, self.is_second = function, is_second
        self.n = tf.constant(turns)
        self.xs = tf.constant(numbers.uniform(-1, 1, (TIME, ROWS, COLUMNS)).astype(np.float32))
        self.w = tf.Variable(numbers.uniform(-0.7, 0.7, (COLUMNS, COLUMNS)).astype(np.float32))
        self.v = tf.Variable(numbers.uniform(0, 1, COLUMNS).astype(np.float32))
        self.u, self.k = tf.Variable(tf.fill((ROWS, COLUMNS), 0.2)), tf.Variable(0)

    def gradients(self, xs, n):
        sources = [xs, self.w, self.v]
        with tf.GradientTape(persistent=self.is_second) as outer:
            outer.watch(xs)
            with tf.GradientTape() as tape:
                tape.watch(xs)
                y = self.function(xs, n, self.w, self.v, self.u, self.k)
                loss = tf.reduce_sum(y * y)
            zero = tf.UnconnectedGradients.ZERO
            found = tape.gradient(loss, sources, unconnected_gradients=zero)
            size = tf.add_n([tf.reduce_sum(g * g) for g in found])
        if self.is_second:
            found += outer.gradient(size, sources, unconnected_gradients=zero)
        return [y, *found]

    def results(self, gradients):
        found = gradients(self.xs, self.n)
        return [tf.convert_to_tensor(x).numpy() for x in [*found, self.u, self.k]]


def close(found, expected):
    size = max(1.0, np.max(np.abs(expected), initial=0, where=np.isfinite(expected)))
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-4 * size)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("functions")


NAMES = itertools.count()


@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(functions(), st.sampled_from([0, 1, 3, 6, 40]), st.sampled_from([False, False, False, True]))
def test_functions_made_at_random(folder, source, turns, is_second):
    f = made(source, folder, f"f{next(NAMES)}")
    eager = Run(f, turns, is_second)
    expected = eager.results(eager.gradients)
    inside = Run(f, turns, is_second)
    outside = Run(tf.function(f), turns, is_second)
    for run in (inside.results(tf.function(inside.gradients)), outside.results(outside.gradients)):
        for found, known in zip(run, expected, strict=True):
            close(found, known)
