"""What a compiled model lists and returns, in the order of Keras 3.15."""

import numpy as np
import pytest

import tenfold as tf

X, ONES, ZEROS = np.ones((4, 2)), np.ones((4, 1)), np.zeros((4, 1))


def two_outputs(losses, metrics):
    inputs = tf.keras.Input((2,))
    x = tf.keras.layers.Dense(2)(inputs)
    model = tf.keras.Model(inputs, [tf.keras.layers.Dense(1, name="p")(x), tf.keras.layers.Dense(1, name="d")(x)])
    model.compile("sgd", losses, metrics=metrics)
    return model


@pytest.mark.parametrize("method", ["evaluate", "test_on_batch", "train_on_batch"])
def test_a_list_of_results_has_losses_of_outputs_before_their_metrics(method):
    model = two_outputs(["mse", "mae"], [["mae"], ["mse"]])
    model.optimizer.learning_rate = 0.0
    keywords = {"verbose": 0} if method == "evaluate" else {}
    values = getattr(model, method)(X, [ONES, ZEROS], **keywords)
    by_name = getattr(model, method)(X, [ONES, ZEROS], return_dict=True, **keywords)
    assert list(by_name) == ["d_loss", "d_mse", "loss", "p_loss", "p_mae"]
    assert values == [by_name[name] for name in ("loss", "p_loss", "d_loss", "d_mse", "p_mae")]


def test_metrics_of_layers_follow_those_of_compile():
    class Watched(tf.keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.mean = tf.keras.metrics.Mean(name="inner")

        def call(self, x):
            self.mean.update_state(x)
            return x

    model = tf.keras.Sequential([tf.keras.Input((2,)), Watched(), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    assert [metric.name for metric in model.metrics] == ["loss", "compile_metrics", "inner"]
    values = model.evaluate(X, ONES, verbose=0)
    by_name = model.evaluate(X, ONES, verbose=0, return_dict=True)
    assert values == [by_name[name] for name in ("loss", "mae", "inner")]
    assert model.metrics_names == ["loss", "mae", "inner"]


def test_a_train_step_may_update_the_compiled_metrics_as_one():
    class Custom(tf.keras.Model):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(y=y, y_pred=y_pred)
            self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    inputs = tf.keras.Input((2,))
    model = Custom(inputs, tf.keras.layers.Dense(1, kernel_initializer="ones")(inputs))
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(X, ONES, epochs=2, verbose=0).history
    assert sorted(history) == ["loss", "mae"]
    assert history["loss"][0] == history["mae"][0] == 1.0  # the output is 2; metrics begin anew in each epoch
    assert history["mae"][1] < 1.0


def test_a_compiled_model_in_another_keeps_its_metrics_to_itself():
    base = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(3)])
    base.compile("sgd", "mse", metrics=["mae"])
    base.fit(X, np.ones((4, 3)), verbose=0)
    model = tf.keras.Sequential([base, tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mse"])
    history = model.fit(X, ONES, verbose=0).history
    assert sorted(history) == ["loss", "mse"]
    assert history["loss"] == history["mse"] != [0.0]


def test_layers_of_a_functional_model_stand_by_depth_then_as_a_walk_from_the_outputs_meets_them():
    a, b = tf.keras.Input((2,), name="a"), tf.keras.Input((2,), name="b")
    d1, d2, d3 = (tf.keras.layers.Dense(2, name=f"d{i}") for i in (1, 2, 3))
    added = tf.keras.layers.Add(name="add")([d2(d1(a)), b])
    last = tf.keras.layers.Add(name="add2")([d3(b), added])
    names = [layer.name for layer in tf.keras.Model([b, a], [d3(added), added]).layers]
    assert names == ["a", "d1", "d2", "b", "add", "d3"]
    names = [layer.name for layer in tf.keras.Model([a, b], last).layers]
    assert names == ["a", "d1", "b", "d2", "d3", "add", "add2"]
