"""What golden cases (`keras_text`) do not say of words, and time series in `fit`."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

import tenfold as tf


@pytest.fixture
def tokenizer():
    tokenizer = tf.keras.preprocessing.text.Tokenizer(oov_token="?")
    tokenizer.fit_on_texts(["the cat", "the dog and the cat"])
    return tokenizer


@pytest.mark.parametrize(
    "copied",
    [
        lambda t: pickle.loads(pickle.dumps(t)),
        lambda t: tf.keras.preprocessing.text.tokenizer_from_json(t.to_json()),
    ],
)
def test_a_copy_counts_on(tokenizer, copied):
    copy = copied(tokenizer)
    for each in (tokenizer, copy):
        each.fit_on_texts(["a dog, a bird"])
    assert copy.get_config() == tokenizer.get_config()
    assert copy.texts_to_sequences(["a bee and a bird"]) == [[5, 1, 6, 5, 7]]


def test_one_hot_numbers_are_below_n_and_never_zero():
    numbers = tf.keras.preprocessing.text.one_hot(" ".join(map(str, range(100))), 5)
    assert len(numbers) == 100 and set(numbers) == {1, 2, 3, 4}


def test_a_tokenizer_that_counted_nothing_knows_no_word():
    empty = tf.keras.preprocessing.text.Tokenizer(oov_token="?")
    assert empty.texts_to_sequences(["a b"]) == [[]]


def windows(**kwargs):
    data = np.linspace(-1, 1, 32)[:, None]
    return tf.keras.preprocessing.sequence.TimeseriesGenerator(data, data[:, 0] * 3, length=4, batch_size=5, **kwargs)


@pytest.mark.parametrize("kwargs", [{}, {"shuffle": True}, {"workers": 3}])
def test_a_model_fits_windows_of_a_series(kwargs):
    series = windows(**kwargs)
    model = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(series, epochs=20, verbose=0)
    assert history.params["steps"] == len(series) == 6
    assert history.history["loss"][-1] < history.history["loss"][0] / 2
    assert model.predict(windows(), verbose=0).shape == (28, 1)


def test_a_series_is_written_as_json():
    config = json.loads(windows(reverse=True).to_json())["config"]
    assert json.loads(config["data"])[:2] == windows().data[:2].tolist()
    assert (config["length"], config["start_index"], config["end_index"], config["reverse"]) == (4, 4, 31, True)
    unwritable = tf.keras.preprocessing.sequence.TimeseriesGenerator([object()] * 3, [0] * 3, 1)
    with pytest.raises(TypeError, match="data cannot be written as JSON"):
        unwritable.to_json()
