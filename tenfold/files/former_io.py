"""`tf.compat.v1.io` and `python_io`: what `tf.io` has, and the records of a file without tf.data."""

from tenfold.files.records import TFRecordOptions as TFRecordOptions
from tenfold.files.records import TFRecordWriter as TFRecordWriter
from tenfold.files.records import tf_record_iterator as tf_record_iterator
