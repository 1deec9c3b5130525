"""Folders of models whose classes are not there: the functions go on training, with the optimizer, losses and metrics of the folder."""

from __future__ import annotations

import numpy as np
import pytest

import tenfold as tf
from tests.golden.archive import unpack
from tests.golden.make_former_own_classes import ARCHIVE, FIT, X, Y

L = tf.keras.layers


def own_class():
    class Gone(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden = L.Dense(8, "relu", kernel_regularizer="l2", activity_regularizer="l1")
            self.dropout, self.norm, self.out = L.Dropout(0.3), L.BatchNormalization(), L.Dense(1)

        def call(self, x, training=False):
            return self.out(self.norm(self.dropout(self.hidden(x), training=training), training=training))

    return Gone


def trained(cls, optimizer, loss="mse", **options):
    model = cls()
    model.compile(optimizer, loss, metrics=["mae"], **options)
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    return model


def went_on(model):
    history = model.fit(X, Y, batch_size=8, initial_epoch=2, epochs=4, verbose=0).history
    return [
        *history["loss"],
        *history["mae"],
        *[v.numpy() for v in [*model.trainable_variables, *model.optimizer.variables]],
    ]


@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize(
    "make",
    [
        lambda: tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.ExponentialDecay(0.01, 3, 0.9), clipnorm=0.5),
        lambda: tf.keras.optimizers.SGD(0.05, momentum=0.9, use_ema=True, ema_overwrite_frequency=3),
        lambda: tf.keras.optimizers.LossScaleOptimizer(tf.keras.optimizers.RMSprop(0.01), dynamic_growth_steps=3),
    ],
    ids=["adam", "averages", "loss scale"],
)
def test_a_model_without_its_class_goes_on_as_with_it(make, jit_compile, tmp_path):
    model = trained(own_class(), make(), jit_compile=jit_compile)
    model.save(tmp_path / "1")
    first = tf.keras.models.load_model(tmp_path / "1")
    first.save(tmp_path / "2")
    second = tf.keras.models.load_model(tmp_path / "2")
    assert type(first) is not type(model)
    expected = went_on(model)
    for found in went_on(first), went_on(second):
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=2e-4, atol=1e-6)


def test_outputs_keep_their_names(tmp_path):
    class Gone(L.Layer):
        def call(self, x):
            return 2.0 * x

    inputs = tf.keras.Input((4,))
    outputs = [L.Dense(1, name="p")(Gone()(inputs)), L.Dense(1, name="q")(inputs)]
    model = tf.keras.Model(inputs, outputs)
    model.compile("adam", {"p": "mse", "q": "mae"}, loss_weights={"p": 1.0, "q": 0.5}, metrics={"q": ["mse"]})
    model.fit(X, [Y, Y], epochs=1, verbose=0)
    model.save(tmp_path / "1")
    again = tf.keras.models.load_model(tmp_path / "1")
    expected, found = (m.evaluate(X, {"p": Y, "q": Y}, return_dict=True, verbose=0) for m in (model, again))
    assert list(found) == list(expected) == ["loss", "p_loss", "q_loss", "q_mse"]
    np.testing.assert_allclose(list(found.values()), list(expected.values()), rtol=1e-5)


def test_what_was_frozen_stays_so(tmp_path):
    cls = own_class()
    model = cls()
    model(X)
    model.hidden.trainable = False
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "1")
    again = tf.keras.models.load_model(tmp_path / "1")
    assert [v.shape for v in again.trainable_variables] == [v.shape for v in model.trainable_variables]
    before = [w for w in again.get_weights() if w.shape == (4, 8)]
    again.fit(X, Y, verbose=0)
    np.testing.assert_array_equal([w for w in again.get_weights() if w.shape == (4, 8)], before)


def of_the_user(y_true, y_pred):
    return tf.reduce_mean((y_true - y_pred) ** 4)


@pytest.mark.parametrize("what", ["step", "loss", "not asked for"])
def test_a_model_that_comes_back_uncompiled(what, tmp_path, caplog, monkeypatch):
    cls = own_class()
    if what == "step":
        cls.train_step = lambda self, data: tf.keras.Model.train_step(self, data)
    model = trained(cls, "adam", of_the_user if what == "loss" else "mse")
    model.save(tmp_path / "1")
    monkeypatch.delitem(globals(), "of_the_user")
    again = tf.keras.models.load_model(tmp_path / "1", compile=what != "not asked for")
    assert not again.compiled
    assert {"step": "train_step", "loss": "of_the_user", "not asked for": ""}[what] in caplog.text
    np.testing.assert_allclose(again.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    again.compile("sgd", "mse")
    again.fit(X, Y, verbose=0)


def test_a_loss_of_the_user_may_be_given(tmp_path):
    model = trained(own_class(), "adam", of_the_user)
    model.save(tmp_path / "1")
    again = tf.keras.models.load_model(tmp_path / "1", custom_objects={"of_the_user": of_the_user})
    assert again.evaluate(X, Y, verbose=0) == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-5)


@pytest.mark.parametrize("name", ["adam", "legacy", "two"])
def test_folders_of_keras_2(name, tmp_path):
    folder = unpack(ARCHIVE, tmp_path, name) / name
    model = tf.keras.models.load_model(folder)
    y = [Y, Y] if name == "two" else Y
    with np.load(folder / "results.npz") as frozen:
        np.testing.assert_allclose(model.fit(X, y, epochs=3, **FIT).history["loss"], frozen["losses"], rtol=1e-5)


@pytest.mark.parametrize("ending", ["", ".keras"])
def test_the_order_of_rows_outlives_a_save_without_training(ending, tmp_path):
    # a folder that was loaded and saved again began a new order
    model = tf.keras.Sequential([tf.keras.Input((4,)), L.Dense(1)])
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / f"1{ending}")
    tf.keras.models.load_model(tmp_path / f"1{ending}").save(tmp_path / f"2{ending}")
    again = tf.keras.models.load_model(tmp_path / f"2{ending}")
    for m in (model, again):
        m.fit(X, Y, batch_size=4, epochs=2, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], again.get_weights()[0])
