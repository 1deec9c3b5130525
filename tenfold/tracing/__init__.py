"""tf.function: Python functions as graphs."""
