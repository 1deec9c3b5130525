"""`tf.keras.preprocessing.image`."""

from tenfold.keras.utils.image_utils import array_to_img as array_to_img
from tenfold.keras.utils.image_utils import img_to_array as img_to_array
from tenfold.keras.utils.image_utils import load_img as load_img
from tenfold.keras.utils.image_utils import save_img as save_img
