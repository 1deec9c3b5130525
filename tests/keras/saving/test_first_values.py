"""Variables of a model that is read get their first values from the file; only those that it does not have from their initializers."""

import numpy as np
import pytest

import tenfold as tf

CALLS = []


@tf.keras.utils.register_keras_serializable("first_values")
class Counted(tf.keras.initializers.Initializer):
    def __call__(self, shape, dtype=None):
        CALLS.append(shape)
        return tf.ones(shape, dtype) * 7.0


@tf.keras.utils.register_keras_serializable("first_values")
class Forgetful(tf.keras.layers.Layer):
    """Saves one of its two variables."""

    def build(self, shape):
        self.kept = self.add_weight(shape=(3,), initializer=Counted(), name="kept")
        self.lost = self.add_weight(shape=(2, 2), initializer=Counted(), name="lost")

    def call(self, x):
        return x * self.kept + tf.reduce_sum(self.lost)

    def save_own_variables(self, store):
        store["kept"] = self.kept

    def load_own_variables(self, store):
        self.kept.assign(store["kept"])


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_only_what_the_file_does_not_have_is_initialized(tmp_path, ending):
    model = tf.keras.Sequential([tf.keras.Input((3,)), Forgetful()])
    model.layers[-1].kept.assign([1.0, 2.0, 3.0])
    model.save(tmp_path / f"m{ending}")
    CALLS.clear()
    layer = tf.keras.models.load_model(tmp_path / f"m{ending}").layers[-1]
    np.testing.assert_array_equal(layer.kept, [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(layer.lost, np.full((2, 2), 7.0))
    assert CALLS == ([(2, 2)] if ending == ".keras" else [])
