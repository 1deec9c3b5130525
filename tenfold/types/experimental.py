"""The public namespace `tf.types.experimental`: types for annotations."""

import numpy as np

from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable

# What `tf.convert_to_tensor` takes.
TensorLike = Tensor | Variable | int | float | bool | str | bytes | complex | tuple | list | np.ndarray | np.generic
