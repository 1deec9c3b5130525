"""Names and keywords of Keras 2 that user code still has: they work, with one note."""

import logging

import numpy as np
import pytest

import tenfold as tf
from tenfold.keras import notes


@pytest.fixture(autouse=True)
def _no_notes_given(monkeypatch):
    monkeypatch.setattr(notes, "_given", set())


def notes_of(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "tenfold"]


def test_add_loss_takes_inputs(caplog):
    class Summed(tf.keras.layers.Layer):
        def call(self, x):
            self.add_loss(tf.reduce_sum(x), inputs=x)
            return x

    layer = Summed()
    with caplog.at_level(logging.WARNING):
        layer(tf.ones(2))
        layer(tf.ones(3))
    assert [float(loss) for loss in layer.losses] == [3.0]
    assert notes_of(caplog) == ["`inputs` of `Layer.add_loss` is gone; it has no effect."]


def test_compute_mask_takes_mask():
    class Passing(tf.keras.layers.Layer):
        def compute_mask(self, inputs, mask=None):
            return super().compute_mask(inputs, mask=mask)

        def call(self, inputs):
            return inputs + 0

    x = tf.keras.layers.Embedding(3, 2, mask_zero=True)(np.array([[1, 0]]))
    assert Passing()(x)._keras_mask.numpy().tolist() == [[True, False]]
    assert tf.keras.layers.Dense(2).compute_mask(x) is None


def test_mixed_precision_experimental(caplog):
    with caplog.at_level(logging.WARNING):
        tf.keras.mixed_precision.experimental.set_policy("mixed_bfloat16")
        try:
            assert tf.keras.mixed_precision.global_policy().compute_dtype == "bfloat16"
        finally:
            tf.keras.mixed_precision.set_global_policy("float32")
    assert len(notes_of(caplog)) == 1
    with pytest.raises(AttributeError, match="has no attribute 'warp'"):
        tf.keras.mixed_precision.warp  # noqa: B018


def test_sync_batch_normalization_is_batch_normalization(caplog):
    x = np.arange(6, dtype=np.float32).reshape(3, 2)
    with caplog.at_level(logging.WARNING):
        layer = tf.keras.layers.experimental.SyncBatchNormalization(momentum=0.5)
    assert isinstance(layer, tf.keras.layers.BatchNormalization)
    expected = tf.keras.layers.BatchNormalization(momentum=0.5)(x, training=True)
    assert np.array_equal(layer(x, training=True), expected)
    assert layer.get_config()["synchronized"]
    assert len(notes_of(caplog)) == 1
