"""The public namespace `tf.io`."""

from tenfold.files import gfile as gfile
from tenfold.files.contents import matching_files as matching_files
from tenfold.files.contents import read_file as read_file
from tenfold.files.contents import write_file as write_file
from tenfold.files.records import TFRecordOptions as TFRecordOptions
from tenfold.files.records import TFRecordWriter as TFRecordWriter
from tenfold.ops.examples.features import FixedLenFeature as FixedLenFeature
from tenfold.ops.examples.features import FixedLenSequenceFeature as FixedLenSequenceFeature
from tenfold.ops.examples.features import RaggedFeature as RaggedFeature
from tenfold.ops.examples.features import SparseFeature as SparseFeature
from tenfold.ops.examples.features import VarLenFeature as VarLenFeature
from tenfold.ops.examples.functions import parse_example as parse_example
from tenfold.ops.examples.functions import parse_single_example as parse_single_example
from tenfold.ops.image.files import decode_bmp as decode_bmp
from tenfold.ops.image.files import decode_gif as decode_gif
from tenfold.ops.image.files import decode_image as decode_image
from tenfold.ops.image.files import decode_jpeg as decode_jpeg
from tenfold.ops.image.files import decode_png as decode_png
from tenfold.ops.image.files import encode_png as encode_png
from tenfold.ops.strings.binary import decode_base64 as decode_base64
from tenfold.ops.strings.binary import decode_raw as decode_raw
from tenfold.ops.strings.binary import encode_base64 as encode_base64
from tenfold.saved_model.graph_files import write_graph as write_graph
