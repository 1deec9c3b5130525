"""Lists to which loops on tensors append; compared with what the same code does eagerly."""

import numpy as np
import pytest

import tenfold as tf


def states(x):
    state, found = tf.zeros([tf.shape(x)[0], 3]), []
    for t in tf.range(tf.shape(x)[1]):
        state = tf.tanh(x[:, t] + state)
        found.append(state)
    return (
        tf.stack(found), tf.stack(found, axis=1), tf.stack(found, -1), tf.concat(found, 0), tf.concat(found, -1), found[0], found[-1],
        tf.stack(found[1:]), tf.convert_to_tensor(len(found)), tf.reduce_sum(tf.add_n([found[0], found[1]])),
    )  # fmt: skip


def some(x):
    kept = [tf.constant([0.0, 1.0, 2.0])]
    for row in x[0]:
        if tf.reduce_sum(row) > 1.0:
            kept.append(row)
            kept.append(row * 2.0)
    total = tf.zeros([3])
    for row in kept:
        total += row
    return tf.stack(kept), total


def rows_of_rows(x):
    rows = []
    for i in tf.range(tf.shape(x)[0]):
        row = []
        for j in tf.range(tf.shape(x)[1]):
            row.append(i * 10 + j)
        rows.append(tf.stack(row))
    return tf.stack(rows)


def powers(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y, found = x, []
        while tf.reduce_sum(y) < 1000.0:
            y = y * 2.0
            found.append(y)
        total = tf.reduce_sum(tf.stack(found))
    return total, tape.gradient(total, x)


X = tf.reshape(tf.range(1.0, 25.0), (2, 4, 3)) / 10.0


@pytest.mark.parametrize("body", [states, some, rows_of_rows, powers], ids=lambda f: f.__name__)
@pytest.mark.parametrize("signature", [None, [tf.TensorSpec([None, None, 3], tf.float32)]], ids=["known", "unknown"])
def test_lists_that_grow(body, signature):
    traced = tf.function(body, input_signature=signature)
    for x in (X, X[:1, :3]):
        for a, b in zip(tf.nest.flatten(traced(x)), tf.nest.flatten(body(x)), strict=True):
            np.testing.assert_allclose(a, tf.convert_to_tensor(b), rtol=1e-5)


def test_a_loop_that_appends_in_every_turn_is_native():
    pytest.importorskip("llvmlite", reason="loops are machine code made by llvmlite")

    @tf.function
    def f(x):
        found = []
        for t in tf.range(4):
            found.append(tf.exp(x[:, t]))
        return tf.stack(found)

    assert not [kernel for kernel in f.explain(X).kernels if isinstance(kernel, str)]


def test_no_turn_leaves_the_list_as_it_was():
    @tf.function
    def f(n):
        found = [tf.constant([1, 2])]
        for i in tf.range(n):
            found.append(tf.stack([i, i]))
        return tf.stack(found)

    assert f(tf.constant(0)).numpy().tolist() == [[1, 2]]
    assert f(tf.constant(1)).numpy().tolist() == [[1, 2], [0, 0]]


def test_lists_of_python_stay_lists():
    log, other = [], []

    @tf.function
    def f(x):
        names, same = ["a"], None
        same = names
        for i in range(2):
            names.append(str(i))
            log.append(i)
        for _ in tf.range(2):
            x += 1
        other.append(len(same))
        return x

    assert int(f(tf.constant(1))) == 3
    assert log == [0, 1] and other == [3]


def test_items_that_do_not_fit():
    @tf.function
    def ranks(n):
        found = [tf.zeros([2])]
        for _ in tf.range(n):
            found.append(tf.zeros([2, 2]))
        return tf.stack(found)

    with pytest.raises(ValueError, match=r"holds a tensor of shape \(2,\), and gets one of shape \(2, 2\)"):
        ranks(tf.constant(1))


def moved_by_one(state):
    """A list of tensors is changed where AutoGraph does not see it."""
    state[0] = state[0] + 1.0


class Box:
    pass


def items_by_names(n):
    state = [tf.zeros([2]), tf.ones([2])]
    for _ in tf.range(n):
        for k in range(2):
            state[k] += 1.0
    return state


def items_of_dicts(n):
    state, i = {"a": tf.zeros([2]), "b": 0}, 0
    same = state
    while i < n:
        for key in sorted(state):
            state[key] = state[key] + 1
        i += 1
    return same


def items_in_lists(n):
    state = [[tf.zeros([2])], [tf.ones([2])]]
    for _ in tf.range(n):
        for k in range(2):
            state[k][0] = state[k][0] + 1.0
        if n > 3:
            for k in range(2):
                state[k][0] *= 2.0
    return state


def items_of_attributes(n):
    box = Box()
    box.state = [tf.zeros([2]), tf.ones([2])]
    for i in tf.range(n):
        if i % 2 == 0:
            for k in range(2):
                box.state[k] += 1.0
        else:
            box.state[0] += 10.0
    return box.state


@pytest.mark.parametrize("function", [items_by_names, items_of_dicts, items_in_lists, items_of_attributes])
@pytest.mark.parametrize("n", [0, 1, 3, 5])
def test_items_under_indices_that_change(function, n):
    # what a loop set under such an index was what its body gave when it was traced, however often it ran
    expected = tf.nest.flatten(function(tf.constant(n)))
    found = tf.nest.flatten(tf.function(function)(tf.constant(n)))
    assert [x.numpy().tolist() for x in found] == [convert(x) for x in expected]


def convert(x):
    return tf.convert_to_tensor(x).numpy().tolist()


def test_constants_of_loops_and_branches_stay_inside():
    # they were changed once, as if the loop ran once
    @tf.function
    def loop(n):
        state = [tf.zeros([2])]
        for _ in tf.range(n):
            moved_by_one(state)
        return state

    @tf.function
    def branch(n):
        state = [tf.zeros([2])]
        if n > 0:
            moved_by_one(state)
        return state[0] * 2.0

    for function, name in (loop, "while_body"), (branch, "cond_main"):
        with pytest.raises(TypeError, match=f"of shape .2,. was made while '{name}' was traced, and is used outside"):
            function(tf.constant(3))


def test_items_that_are_no_tensors_are_set_when_it_is_traced():
    seen, rows = {}, np.zeros(3)

    @tf.function
    def f(x):
        for _ in tf.range(3):
            for name in ("a", "b"):
                seen[name] = name.upper()
                rows[len(seen)] = 1
            x += 1
        return x

    assert int(f(tf.constant(0))) == 3 and seen == {"a": "A", "b": "B"} and rows.tolist() == [0, 1, 1]
