"""The public namespace `tf.types.experimental`: types for annotations."""

import numpy as np

from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.tracing.concrete import ConcreteFunction as ConcreteFunction
from tenfold.tracing.function import Function

# What `tf.convert_to_tensor` takes.
TensorLike = Tensor | Variable | int | float | bool | str | bytes | complex | tuple | list | np.ndarray | np.generic

PolymorphicFunction = GenericFunction = Function  # what `tf.function` returns
Callable = Function | ConcreteFunction
