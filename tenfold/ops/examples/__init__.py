"""tf.Example: what features are expected in serialized examples, and how they become tensors."""
