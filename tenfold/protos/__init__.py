"""The messages of TensorFlow's files, made at run time from tables: one module per area, `build` makes the classes."""
