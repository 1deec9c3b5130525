"""`tf.keras.preprocessing`."""

from tenfold.keras.preprocessing import image as image
from tenfold.keras.preprocessing import sequence as sequence
from tenfold.keras.preprocessing import text as text
