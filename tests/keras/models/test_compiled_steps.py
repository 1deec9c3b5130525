"""Steps of models: what is compiled, what runs eagerly, and that it makes no difference."""

import copy
import warnings

import numpy as np
import pytest

import tenfold as tf

L = tf.keras.layers


def data(rows=12):
    rng = np.random.default_rng(0)
    return rng.standard_normal((rows, 4)).astype(np.float32), rng.integers(0, 3, rows)


class Counted(tf.keras.Sequential):
    """Counts how often Python runs its steps: eager ones at each batch, compiled ones while they are traced."""

    def __init__(self, **options):
        super().__init__([tf.keras.Input((4,)), L.Dense(5, activation="relu"), L.Dense(3)])
        self.calls = []
        loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.compile("adam", loss, metrics=["accuracy"], **options)

    def train_step(self, data):
        self.calls.append(("train", int(data[0].shape[0])))
        return super().train_step(data)

    def test_step(self, data):
        self.calls.append(("test", int(data[0].shape[0])))
        return super().test_step(data)

    def predict_step(self, data):
        self.calls.append(("predict", int(data[0].shape[0] if isinstance(data, tuple) else data.shape[0])))
        return super().predict_step(data)


@pytest.fixture(autouse=True)
def seed():
    tf.keras.utils.set_random_seed(0)


def test_few_batches_run_eagerly():
    model, (x, y) = Counted(), data()
    model.fit(x, y, batch_size=4, epochs=2, verbose=0)
    model.evaluate(x, y, batch_size=4, verbose=0)
    model.predict(x, batch_size=4, verbose=0)
    assert len(model.calls) == 6 + 3 + 3


def test_many_batches_are_compiled_but_for_the_last_smaller_one():
    model, (x, y) = Counted(), data(9)
    model.fit(x, y, batch_size=2, epochs=30, verbose=0)
    assert model.calls.count(("train", 1)) == 30
    assert 50 <= model.calls.count(("train", 2)) <= 52  # once or twice more, to trace


def test_what_the_optimizer_counts_no_steps_of_is_compiled_as_well():
    class Two(Counted):
        def train_step(self, data):
            self.calls.append("train")
            return {"loss": tf.reduce_sum(data[0])}

    model, (x, y) = Two(), data(10)
    model.fit(x, y, batch_size=1, epochs=10, verbose=0)
    assert 50 <= len(model.calls) <= 52


def test_evaluating_and_predicting_many_batches_is_compiled():
    model, (x, y) = Counted(), data(205)
    model.evaluate(x, y, batch_size=2, verbose=0)
    assert model.predict(x, batch_size=2, verbose=0).shape == (205, 3)
    assert len([call for call in model.calls if call[0] == "predict"]) == 2
    assert len([call for call in model.calls if call[0] == "test"]) <= 3


def test_jit_compile_compiles_also_few_batches():
    model, (x, y) = Counted(jit_compile=True), data()
    model.fit(x, y, batch_size=4, epochs=3, verbose=0)
    assert len(model.calls) <= 2


@pytest.mark.parametrize("run_eagerly", [True, False])
def test_run_eagerly_decides_how_single_batches_run(run_eagerly):
    model, (x, y) = Counted(run_eagerly=run_eagerly), data()
    for _ in range(4):
        model.train_on_batch(x, y)
        model.test_on_batch(x, y)
        model.predict_on_batch(x)
    assert (len(model.calls) == 12) == run_eagerly


def test_functions_that_run_eagerly_include_steps():
    model, (x, y) = Counted(), data()
    tf.config.run_functions_eagerly(True)
    try:
        for _ in range(3):
            model.train_on_batch(x, y)
    finally:
        tf.config.run_functions_eagerly(False)
    assert len(model.calls) == 3


def histories(rows, **options):
    x, y = data(rows)
    found = []
    for run_eagerly in (False, True):
        tf.keras.utils.set_random_seed(0)
        model = Counted(run_eagerly=run_eagerly)
        history = model.fit(x, y, verbose=0, validation_data=(x, y), **options).history
        found.append((history, model.get_weights(), model.predict(x, verbose=0), model.evaluate(x, y, verbose=0)))
    return found


def test_a_compiled_fit_trains_as_an_eager_one():
    (h, weights, outputs, results), (h_eager, weights_eager, outputs_eager, results_eager) = histories(
        50, batch_size=4, epochs=12
    )
    assert h.keys() == h_eager.keys()
    for name in h:
        np.testing.assert_allclose(h[name], h_eager[name], 1e-4, 1e-5)
    for a, b in zip(weights, weights_eager, strict=True):
        np.testing.assert_allclose(a, b, 1e-4, 1e-5)
    np.testing.assert_allclose(outputs, outputs_eager, 1e-4, 1e-5)
    np.testing.assert_allclose(results, results_eager, 1e-4)


@pytest.mark.parametrize("rows", [64, 22], ids=["long", "short"])
@pytest.mark.parametrize("accumulated", [None, 3])
def test_a_training_that_stops_and_goes_on_gives_the_same_bits(rows, accumulated):
    # where it was short, its two parts ran eagerly, and the whole, which was not, compiled
    x, y = data(rows)

    def trained(*parts):
        tf.keras.utils.set_random_seed(0)
        model, found = Counted(), []
        optimizer = tf.keras.optimizers.Adam(0.01, gradient_accumulation_steps=accumulated)
        model.compile(optimizer, model.loss, metrics=["accuracy"])
        for first, last in parts:
            fitted = model.fit(
                x, y, batch_size=4, initial_epoch=first, epochs=last, verbose=0, shuffle=False, validation_data=(x, y)
            )
            found.append([fitted.history[name] for name in sorted(fitted.history)])
        return [*np.concatenate(found, axis=1), *model.get_weights()]

    for a, b in zip(trained((0, 20)), trained((0, 10), (10, 20)), strict=True):
        np.testing.assert_array_equal(a, b)


def test_single_batches_give_the_same_bits_from_a_copy_onwards():
    model, (x, y) = Counted(), data()
    for _ in range(5):
        model.train_on_batch(x, y)
    twin = copy.deepcopy(model)
    for _ in range(5):
        model.train_on_batch(x, y)
        twin.train_on_batch(x, y)
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_python_needs_the_value_of_makes_a_step_run_eagerly_after_one_warning():
    class Logging(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense, self.seen = L.Dense(1), []

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            logs = super().train_step(data)
            self.seen.append(logs["loss"].numpy())
            return logs

    model, (x, y) = Logging(), data()
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match=r"Logging.train_step cannot be traced.*Tensor.numpy"):
        model.train_on_batch(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.train_on_batch(x, y)
        model.train_on_batch(x, y)
    assert len(model.seen) == 3 and model.seen[0] != model.seen[1]


def test_an_error_in_a_step_is_the_one_that_it_raises_eagerly():
    model, (x, _) = Counted(), data()
    with pytest.raises(ValueError, match="incompatible with the layer"):
        model.predict_on_batch(x[:, :3])
    assert model.predict_on_batch(x).shape == (12, 3)


def test_control_flow_of_an_own_step_is_part_of_the_graph():
    class Halting(Counted):
        def train_step(self, data):
            self.calls.append("train")
            x, _ = data
            if tf.reduce_sum(x) > 0.0:
                tracked = tf.reduce_sum(x)
            else:
                tracked = -1.0
            return {"loss": tracked}

    model = Halting()
    y = np.zeros(2, np.int64)
    found = [
        model.train_on_batch(np.full((2, 4), value, np.float32), y, return_dict=True)["loss"] for value in (1, -2, 3)
    ]
    assert found == [8.0, -1.0, 24.0]
    assert len(model.calls) <= 2


def test_layers_that_are_frozen_later_stay_as_they_are():
    model, (x, y) = Counted(), data()
    model.train_on_batch(x, y)
    model.layers[0].trainable = False
    before = model.layers[0].get_weights()
    model.train_on_batch(x, y)
    for a, b in zip(before, model.layers[0].get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_learning_rate_that_is_set_between_batches_counts():
    model, (x, y) = Counted(), data()
    model.compile(tf.keras.optimizers.SGD(0.1), "mse")
    model.train_on_batch(x, y[:, None] * np.ones(3))
    model.optimizer.learning_rate = 0.0
    before = model.get_weights()
    model.train_on_batch(x, y[:, None] * np.ones(3))
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_batches_of_many_shapes_are_compiled_for_some_only():
    model, (x, _) = Counted(), data(40)
    for rows in range(1, 30):
        assert model.predict_on_batch(x[:rows]).shape == (rows, 3)
    assert len(model.calls) == 29
    calls = len(model.calls)
    model.predict_on_batch(x[:1])
    assert len(model.calls) == calls  # one of those that are compiled
    model.predict_on_batch(x[:29])
    assert len(model.calls) == calls + 1


def test_the_functions_that_steps_are_made_of_take_iterators_and_may_be_replaced():
    x, y = data()
    model = Counted()
    step = model.make_train_function()
    assert set(step(iter([(tf.constant(x), tf.constant(y))]))) == {"loss", "accuracy"}

    class Own(Counted):
        def make_train_function(self, force=False):
            def run(iterator):
                next(iterator)
                return {"own": 7.0}

            return run

    assert Own().fit(x, y, verbose=0).history == {"own": [7.0]}


def test_gradients_flow_through_a_model_that_has_been_compiled_for_batches():
    model, (x, y) = Counted(), data()
    model.train_on_batch(x, y)
    model.predict_on_batch(x)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(x))
    assert all(g is not None for g in tape.gradient(loss, model.trainable_variables))
