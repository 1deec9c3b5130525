"""`tf.keras.preprocessing.sequence`."""

from tenfold.keras.preprocessing.skipgrams import make_sampling_table as make_sampling_table
from tenfold.keras.preprocessing.skipgrams import skipgrams as skipgrams
from tenfold.keras.preprocessing.timeseries import TimeseriesGenerator as TimeseriesGenerator
from tenfold.keras.utils.numerical import pad_sequences as pad_sequences
