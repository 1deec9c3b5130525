"""Who passes masks on."""

import numpy as np
import pytest

import tenfold as tf

MASK = tf.constant([[True, True, False]])


def test_a_layer_with_its_own_compute_mask_supports_masking():
    class Doubled(tf.keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.embedding = tf.keras.layers.Embedding(5, 2, mask_zero=True)

        def compute_mask(self, *args, **kwargs):
            return self.embedding.compute_mask(*args, **kwargs)

        def call(self, inputs):
            return self.embedding(inputs) * 2.0

    class Without(tf.keras.layers.Layer):
        def call(self, inputs):
            return inputs * 2.0

    layer = Doubled()
    assert layer.supports_masking and not Without().supports_masking
    assert np.array_equal(layer(np.array([[1, 2, 0]]))._keras_mask, MASK)


def test_multi_head_attention_takes_the_masks_off_its_inputs():
    """As in Keras: what was masked inside needs no mask after it; the output carries that of the query."""
    x = tf.random.normal((1, 3, 4), seed=1)
    layer = tf.keras.layers.MultiHeadAttention(2, 3)
    unmasked = layer(x, x)
    x._keras_mask = MASK
    output = layer(x, x)  # a warning would be an error here
    assert x._keras_mask is None and output._keras_mask is MASK
    assert not np.allclose(output[:, :2], unmasked[:, :2])
    assert np.allclose(layer(x, x), unmasked)


@pytest.mark.parametrize("layer", [tf.keras.layers.MultiHeadAttention, tf.keras.layers.GroupQueryAttention])
def test_attention_draws_the_seed_of_its_dropout_before_that_of_its_output(layer):
    """So a seeded model starts from Keras' weights, with dropout or without."""

    def kernels(dropout):
        tf.keras.utils.set_random_seed(1)
        made = (
            layer(3, 2, dropout=dropout)
            if layer is tf.keras.layers.MultiHeadAttention
            else layer(3, 2, 1, dropout=dropout)
        )
        made.build((1, 3, 4), (1, 3, 4))
        return [w.numpy() for w in made.weights if "kernel" in w.path]

    without, with_dropout = kernels(0.0), kernels(0.1)
    assert [np.array_equal(a, b) for a, b in zip(without, with_dropout, strict=True)] == [True, True, True, False]
