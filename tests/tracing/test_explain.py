"""`tf.function(...).explain()`: what it says of kernels, and that it changes nothing."""

import numpy as np

import tenfold as tf


def test_explain_names_fused_primitives_host_steps_and_memory():
    v = tf.Variable(tf.ones([20, 30]))

    @tf.function
    def step(x):
        y = tf.nn.relu(tf.matmul(x, v))
        y = tf.py_function(lambda t: t + 1.0, [y], tf.TensorSpec([10, 30], tf.float32))
        v.assign_add(tf.reduce_mean(y) * tf.ones_like(v))
        return tf.exp(y) * 2.0

    found = step.explain(tf.ones([10, 20]))
    text = str(found)
    assert "contract" in text and "on the host: EagerPyFunc" in text and "exp" in text
    assert all(k.seconds > 0 for k in found.kernels if not isinstance(k, str))
    assert np.array_equal(v.numpy(), np.ones([20, 30], np.float32))


def test_the_page_of_an_explanation_stands_alone(tmp_path):
    page = tmp_path / "page.html"
    tf.function(lambda x: tf.nn.softmax(x) + 1.0, input_signature=[tf.TensorSpec([None, 4])]).explain(
        tf.ones([3, 4])
    ).save(str(page))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>") and "reduce_max" in text and "http" not in text


def test_what_a_kernel_moves_and_computes():
    found = tf.function(lambda x: tf.exp(x) * 2.0).explain(tf.ones([64, 256]))
    (kernel,) = found.kernels
    assert kernel.bytes == 2 * 64 * 256 * 4  # read once, written once
    assert kernel.operations >= 2 * 64 * 256
    assert "128.0" in str(found) and "<td>128.0<td>" in found._repr_html_()
