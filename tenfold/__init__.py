"""Tenfold: TensorFlow 2's programming model, rebuilt small.

>>> import tenfold as tf
>>> print((tf.constant([1.0, 2.0]) * 2.0).numpy())
[2. 4.]
"""

from tenfold.core.dtypes import float32 as float32
from tenfold.core.convert import convert as convert_to_tensor
from tenfold.core.convert import convert as constant
from tenfold.core.variable import Variable as Variable
from tenfold.autodiff.tape import GradientTape as GradientTape
from tenfold.ops import operators as _operators
from tenfold.ops.reduce import reduce_sum as reduce_sum
from tenfold.ops.elementwise import _tanh as tanh
from tenfold.ops.matmul import matmul as matmul
from tenfold.ops.einsum import einsum as einsum
from tenfold.ops.einsum import tensordot as tensordot
