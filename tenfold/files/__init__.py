"""Files of the user: `tf.io.gfile`, whole files as tensors, files of records."""
