"""tf.variable_creator_scope, tf.CriticalSection and tf.types."""

import inspect
import threading

import pytest

import tenfold as tf


def test_creators_see_all_arguments_the_inner_one_first():
    calls = []

    def outer(next_creator, **kwargs):
        calls.append(("outer", kwargs["name"], kwargs["trainable"], len(kwargs)))
        return next_creator(**{**kwargs, "trainable": False})

    def inner(next_creator, **kwargs):
        calls.append(("inner", kwargs["name"], kwargs["trainable"], len(kwargs)))
        return next_creator(**kwargs)

    with tf.variable_creator_scope(outer):
        v = tf.Variable(1.0, name="v")
        with tf.variable_creator_scope(inner):
            w = tf.Variable(2.0, True)
    assert calls == [("outer", "v", None, 13), ("inner", None, True, 13), ("outer", None, True, 13)]
    assert not v.trainable and not w.trainable and float(w) == 2.0
    assert tf.Variable(1.0).trainable


def test_a_creator_may_return_what_it_likes_and_is_forgotten_after_an_error():
    shared = tf.Variable(3.0)
    with tf.variable_creator_scope(lambda next_creator, **kwargs: shared):
        assert tf.Variable(1.0) is shared
    with pytest.raises(KeyError), tf.variable_creator_scope(lambda next_creator, **kwargs: shared):
        raise KeyError
    assert tf.Variable(1.0) is not shared


def test_creators_are_those_of_a_thread():
    found = []
    with tf.variable_creator_scope(lambda next_creator, **kwargs: None):
        thread = threading.Thread(target=lambda: found.append(tf.Variable(1.0)))
        thread.start()
        thread.join()
    assert isinstance(found[0], tf.Variable)


def test_variables_show_their_signature():
    assert list(inspect.signature(tf.Variable).parameters)[:3] == ["initial_value", "trainable", "validate_shape"]
    assert next(iter(inspect.signature(tf.keras.Variable).parameters)) == "initializer"


@pytest.mark.parametrize("shared_name", [None, "shared"])
def test_critical_section_lets_one_in_at_a_time(shared_name):
    sections = [tf.CriticalSection(shared_name=shared_name)] if shared_name is None else []
    sections = sections or [tf.CriticalSection(shared_name=shared_name) for _ in range(2)]
    inside, most = [], []

    def count():
        inside.append(1)
        most.append(len(inside))
        threading.Event().wait(0.002)
        inside.pop()
        return len(most)

    threads = [threading.Thread(target=sections[i % len(sections)].execute, args=(count,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6


def test_critical_section_returns_and_raises_what_the_function_does():
    section = tf.CriticalSection()
    assert section.execute(lambda: {"a": [1]}) == {"a": [1]}
    with pytest.raises(KeyError):
        section.execute(lambda: {}["x"])
    assert section.execute(lambda: section.execute(lambda: 2)) == 2
    with pytest.raises(ValueError, match="import_scope"):
        tf.CriticalSection(import_scope="a")


def test_tensor_like():
    like = tf.types.experimental.TensorLike
    assert all(isinstance(value, like) for value in (tf.constant(1), tf.Variable(1), [1], 1.5, "a", b"a"))
    assert not isinstance({}, like)
