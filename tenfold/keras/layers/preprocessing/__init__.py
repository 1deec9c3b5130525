"""Layers that prepare data: `tf.keras.layers` imports them when they are first used."""

from tenfold.keras.layers.preprocessing.category_encoding import CategoryEncoding as CategoryEncoding
from tenfold.keras.layers.preprocessing.discretization import Discretization as Discretization
from tenfold.keras.layers.preprocessing.hashing import HashedCrossing as HashedCrossing
from tenfold.keras.layers.preprocessing.hashing import Hashing as Hashing
from tenfold.keras.layers.preprocessing.integer_lookup import IntegerLookup as IntegerLookup
from tenfold.keras.layers.preprocessing.normalization import Normalization as Normalization
from tenfold.keras.layers.preprocessing.random_affine import RandomRotation as RandomRotation
from tenfold.keras.layers.preprocessing.random_affine import RandomTranslation as RandomTranslation
from tenfold.keras.layers.preprocessing.random_affine import RandomZoom as RandomZoom
from tenfold.keras.layers.preprocessing.random_colours import RandomBrightness as RandomBrightness
from tenfold.keras.layers.preprocessing.random_colours import RandomContrast as RandomContrast
from tenfold.keras.layers.preprocessing.random_crop import RandomCrop as RandomCrop
from tenfold.keras.layers.preprocessing.random_flip import RandomFlip as RandomFlip
from tenfold.keras.layers.preprocessing.rescaling import Rescaling as Rescaling
from tenfold.keras.layers.preprocessing.resizing import CenterCrop as CenterCrop
from tenfold.keras.layers.preprocessing.resizing import Resizing as Resizing
from tenfold.keras.layers.preprocessing.string_lookup import StringLookup as StringLookup
from tenfold.keras.layers.preprocessing.text_vectorization import TextVectorization as TextVectorization
