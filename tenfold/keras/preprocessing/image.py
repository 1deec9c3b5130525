"""`tf.keras.preprocessing.image`."""

from tenfold.keras.preprocessing.affine import apply_affine_transform as apply_affine_transform
from tenfold.keras.preprocessing.changes import apply_brightness_shift as apply_brightness_shift
from tenfold.keras.preprocessing.changes import apply_channel_shift as apply_channel_shift
from tenfold.keras.preprocessing.changes import random_brightness as random_brightness
from tenfold.keras.preprocessing.changes import random_channel_shift as random_channel_shift
from tenfold.keras.preprocessing.changes import random_rotation as random_rotation
from tenfold.keras.preprocessing.changes import random_shear as random_shear
from tenfold.keras.preprocessing.changes import random_shift as random_shift
from tenfold.keras.preprocessing.changes import random_zoom as random_zoom
from tenfold.keras.preprocessing.dataframe import DataFrameIterator as DataFrameIterator
from tenfold.keras.preprocessing.file_iterators import DirectoryIterator as DirectoryIterator
from tenfold.keras.preprocessing.generator import ImageDataGenerator as ImageDataGenerator
from tenfold.keras.preprocessing.iterators import Iterator as Iterator
from tenfold.keras.preprocessing.iterators import NumpyArrayIterator as NumpyArrayIterator
from tenfold.keras.preprocessing.smart_resize import smart_resize as smart_resize
from tenfold.keras.utils.image_utils import array_to_img as array_to_img
from tenfold.keras.utils.image_utils import img_to_array as img_to_array
from tenfold.keras.utils.image_utils import load_img as load_img
from tenfold.keras.utils.image_utils import save_img as save_img
