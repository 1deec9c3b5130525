"""Machine code of graphs, and what it leaves to NumPy."""

import tenfold as tf


def test_a_variable_that_grows():
    """The segment was written for the shape that the variable had when the function was traced."""
    seen = tf.Variable(tf.zeros([0, 2]), shape=tf.TensorShape([None, 2]))

    @tf.function
    def keep(x):
        seen.assign(tf.concat([seen, x], 0))
        return seen * 2.0

    for n in (1, 2, 3):
        assert keep(tf.ones([1, 2])).shape == (n, 2)
