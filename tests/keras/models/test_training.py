"""What frozen cases cannot show of training: bad input, interruption, memory, shuffling, batches in all their forms."""

from __future__ import annotations

import gc
import tracemalloc
import warnings

import numpy as np
import pytest

import tenfold as tf
from tenfold.keras import notes


def dense(units=2, **options):
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(units)])
    model.compile("sgd", "mse", **options)
    return model


def rows(count, width=3):
    return np.arange(count * width, dtype=np.float32).reshape(count, width) / (count * width)


@pytest.mark.parametrize(
    "x, y, message",
    [
        (rows(5), rows(4, 2), "'x' sizes: 5"),
        (np.float32(1.0), rows(1, 2), "cardinality"),
        ([rows(5), rows(4)], rows(5, 2), "'x' sizes: 5, 4"),
        (None, None, "cardinality"),
        ("text", rows(5, 2), "Unrecognized data type"),
        (rows(5, 4), rows(5, 2), r"\(5, 4\)"),
        (rows(5).reshape(5, 1, 3), rows(5, 2), r"\(5, 1, 3\)"),
    ],
)
def test_fit_refuses_data_that_do_not_fit(x, y, message):
    with pytest.raises(ValueError, match=message):
        dense().fit(x, y, verbose=0)


def test_fit_with_targets_of_another_width_names_both_shapes():
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError), match=r"\(5, 4\).*\(5, 2\)"):
        dense().fit(rows(5), rows(5, 4), verbose=0)


def test_predict_of_no_rows_is_refused():
    with pytest.raises(ValueError, match="nothing to predict"):
        dense().predict(rows(0), verbose=0)


def test_a_batch_that_is_a_tuple_of_four_is_refused():
    with pytest.raises(ValueError, match="length 4"):
        dense().fit(iter([(rows(2), rows(2, 2), None, None)]), verbose=0)


def test_nan_in_the_data_shows_in_the_logs_and_breaks_nothing():
    x = rows(4)
    x[0, 0] = np.nan
    history = dense().fit(x, rows(4, 2), verbose=0)
    assert np.isnan(history.history["loss"][0])


def test_an_interrupted_fit_keeps_what_was_learnt_and_goes_on():
    class Interrupt(tf.keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                raise KeyboardInterrupt

    model = dense()
    before = model.get_weights()[0].copy()
    with pytest.raises(KeyboardInterrupt):
        model.fit(rows(12), rows(12, 2), batch_size=3, verbose=0, callbacks=[Interrupt()])
    assert int(model.optimizer.iterations) == 2
    assert not np.array_equal(before, model.get_weights()[0])
    model.fit(rows(12), rows(12, 2), batch_size=3, verbose=0)
    assert int(model.optimizer.iterations) == 6


def test_evaluate_after_an_early_stop_sees_all_batches():
    # It used to end after the first batch, as `stop_training` was still set.
    model = dense()
    model.fit(
        rows(8),
        rows(8, 2),
        verbose=0,
        callbacks=[tf.keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: setattr(model, "stop_training", True))],
    )
    whole = model.evaluate(rows(8), rows(8, 2), batch_size=8, verbose=0)
    assert model.evaluate(rows(8), rows(8, 2), batch_size=2, verbose=0) == pytest.approx(whole, rel=1e-5)


def test_repeated_predict_and_fit_do_not_grow():
    model = dense()
    x, y = rows(4), rows(4, 2)

    def work(times):
        for _ in range(times):
            model.predict(x, verbose=0)
            model.train_on_batch(x, y)

    work(50)
    gc.collect()
    tracemalloc.start()
    try:
        work(20)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        work(300)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 20_000  # 300 times the arrays of a step would be more than a hundred thousand


def test_results_of_predict_do_not_change_with_the_model():
    model = dense()
    first = model.predict(rows(4), verbose=0)
    kept = first.copy()
    model.fit(rows(4), rows(4, 2), verbose=0)
    first_again = model.predict(rows(4), verbose=0)
    assert np.array_equal(first, kept) and not np.array_equal(first, first_again)


def test_an_array_that_is_written_to_later_is_not_the_model_s():
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.ReLU()])
    x = rows(2)
    result = model.predict(x, verbose=0)
    x[:] = 100.0
    assert result.max() < 1.0


class Seen(tf.keras.Model):
    """Keeps the first column of every batch it trains on."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def train_step(self, data):
        self.seen.append(np.asarray(data[0])[:, 0].tolist())
        return {"loss": 0.0}


def seen(x, **options):
    model = Seen()
    model.compile("sgd", run_eagerly=True)
    model.fit(x, np.zeros(len(x)), verbose=0, **options)
    return model.seen


@pytest.fixture
def no_seed():
    tf.random.set_seed(None)


def test_shuffle_permutes_rows_anew_in_every_epoch(no_seed):
    batches = seen(np.arange(40.0)[:, None], epochs=2, batch_size=40)
    assert sorted(batches[0]) == sorted(batches[1]) == list(range(40))
    assert batches[0] != list(range(40)) and batches[0] != batches[1]


def test_after_a_seed_the_order_is_the_same_in_every_run():
    x = np.arange(40.0)[:, None]
    runs = []
    for seed in (1, 1, 2):
        tf.keras.utils.set_random_seed(seed)
        runs.append(seen(x, epochs=2, batch_size=40))
    assert runs[0] == runs[1] != runs[2]


def test_shuffle_of_batches_keeps_rows_together():
    batches = seen(np.arange(40.0)[:, None], batch_size=4, shuffle="batch")
    assert sorted(batches) == [list(range(i, i + 4)) for i in range(0, 40, 4)]
    assert batches != sorted(batches)


def batches_of(count):
    for i in range(count):
        yield np.full((2, 3), i, np.float32), np.zeros((2, 2), np.float32)


def steps(source, **options):
    model = Seen()
    model.compile("sgd", run_eagerly=True)
    history = model.fit(source, verbose=0, **options)
    return [int(batch[0]) for batch in model.seen], history.epoch


def test_a_generator_goes_on_where_the_last_epoch_ended():
    assert steps(batches_of(10), steps_per_epoch=2, epochs=3) == ([0, 1, 2, 3, 4, 5], [0, 1, 2])


def test_a_generator_without_steps_is_read_once():
    assert steps(batches_of(3)) == ([0, 1, 2], [0])


def test_a_finite_generator_does_not_last_for_two_epochs():
    with pytest.warns(UserWarning, match="after epoch 1 of 2"):
        assert steps(batches_of(3), epochs=2) == ([0, 1, 2], [0])


def test_a_generator_that_ends_early_warns_and_ends_the_training():
    with pytest.warns(UserWarning, match="ran out of data"):
        assert steps(batches_of(3), steps_per_epoch=2, epochs=5) == ([0, 1, 2], [0, 1])


def test_a_list_of_batches_may_be_any_iterable_with_a_length():
    class Batches:
        def __len__(self):
            return 2

        def __getitem__(self, i):
            return np.full((1, 3), i, np.float32), np.zeros((1, 2), np.float32)

    assert steps(Batches(), epochs=2, shuffle=False) == ([0, 1, 0, 1], [0, 1])


def test_sequences_are_shuffled_by_batch_and_told_of_the_end_of_epochs():
    class Rows(tf.keras.utils.Sequence):
        ended = 0

        def __len__(self):
            return 20

        def __getitem__(self, i):
            return np.full((1, 3), i, np.float32), np.zeros((1, 2), np.float32)

        def on_epoch_end(self):
            Rows.ended += 1

    order, _ = steps(Rows())
    assert sorted(order) == list(range(20)) and order != sorted(order)
    assert Rows.ended == 1


def test_a_model_in_fit_is_built_for_any_batch_size():
    class Line(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = tf.keras.layers.Dense(2)

        def call(self, x):
            return self.dense(x)

    model = Line()
    model.compile("sgd", "mse")
    model.fit(rows(5), rows(5, 2), batch_size=2, verbose=0)
    texts = []
    model.summary(print_fn=texts.append)
    assert "(None, 2)" in texts[0]


def test_build_makes_the_weights_of_a_subclassed_model():
    class Line(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden, self.out = tf.keras.layers.Dense(4), tf.keras.layers.Dense(2)

        def call(self, x, training=False):
            return self.out(self.hidden(x))

    model = Line()
    model.build((None, 3))
    texts = []
    model.summary(print_fn=texts.append)
    assert model.count_params() == 26 and "(None, 4)" in texts[0] and "(None, 2)" in texts[0]


@pytest.fixture
def given_notes(caplog):
    notes._given.clear()
    yield caplog
    notes._given.clear()


def test_methods_of_keras_2_work_with_one_note(given_notes):
    model = dense()
    for _ in range(2):
        model.fit_generator(batches_of(4), steps_per_epoch=2, epochs=1, verbose=0)
        model.evaluate_generator(batches_of(2), steps=2, verbose=0)
        assert model.predict_generator(iter([(rows(2),)]), steps=1, verbose=0).shape == (2, 2)
        assert model.predict_classes(rows(4), verbose=0).shape == (4,)
        assert model.predict_proba(rows(4), verbose=0).shape == (4, 2)
    texts = [record.message for record in given_notes.records]
    assert len(texts) == len(set(texts)) == 5


def test_keywords_of_keras_2_work_with_one_note(given_notes):
    model = dense()
    model.compile("sgd", "mse", experimental_run_tf_function=False)
    for _ in range(2):
        model.fit(rows(4), rows(4, 2), verbose=0, workers=2, use_multiprocessing=True, max_queue_size=10)
        model.predict(rows(4), verbose=0, workers=2)
    texts = [record.message for record in given_notes.records]
    assert len(texts) == len(set(texts)) == 5


def test_compiled_metrics_and_loss_in_a_step_of_old(given_notes):
    class Old(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = tf.keras.layers.Dense(2)

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            self.compiled_metrics.update_state(y, y_pred)
            return {m.name: m.result() for m in self.metrics}

    model = Old()
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(rows(8), rows(8, 2), epochs=2, verbose=0)
    assert len(history.history["mae"]) == 2 and history.history["mae"][1] < history.history["mae"][0]


def test_add_metric_keeps_a_mean_in_the_logs(given_notes):
    class Watched(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = tf.keras.layers.Dense(2)

        def call(self, x):
            self.add_metric(tf.reduce_mean(x), name="mean_of_x")
            return self.dense(x)

    model = Watched()
    model.compile("sgd", "mse")
    history = model.fit(rows(8), rows(8, 2), verbose=0, batch_size=4)
    assert history.history["mean_of_x"][0] == pytest.approx(rows(8).mean(), rel=1e-5)


def test_a_model_without_weights_warns():
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.ReLU()])
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="trainable weights"):
        model.fit(rows(4), rows(4), verbose=0)


def test_training_makes_no_warnings_of_its_own():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dense(metrics=["mae"]).fit(rows(4), rows(4, 2), verbose=0, validation_split=0.5)


def test_several_losses_of_one_output_are_added_up():
    x, y = np.linspace(0, 1, 14, dtype=np.float32).reshape(7, 2), np.full((7, 2), 3.0, np.float32)
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(2, kernel_initializer="ones")])
    model.compile("sgd", loss=["mse", "mae"], loss_weights=[1.0, 0.5])
    distance = model(x).numpy() - y
    mse, mae = np.square(distance).mean(), np.abs(distance).mean()
    found = model.evaluate(x, y, batch_size=3, verbose=0, return_dict=True)
    assert list(found) == ["loss", "mae_loss", "mse_loss"]
    np.testing.assert_allclose(list(found.values()), [mse + mae / 2, mae, mse], rtol=1e-5)


def test_an_output_whose_target_is_missing_is_refused():
    given = tf.keras.Input((2,))
    outputs = {name: tf.keras.layers.Dense(1, name=name)(given) for name in ("first", "second")}
    model = tf.keras.Model(given, outputs)
    model.compile("sgd", loss={"first": "mse", "second": "mae"})
    with pytest.raises(ValueError, match="'second'"):
        model.fit(np.ones((4, 2), np.float32), {"first": np.ones((4, 1), np.float32)}, verbose=0)
