"""SavedModels and GraphDefs: TensorFlow's files, written and read."""
