"""`tf.keras.preprocessing.sequence`."""

from tenfold.keras.utils.numerical import pad_sequences as pad_sequences
