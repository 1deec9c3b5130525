"""`tf.linalg`: products, decompositions and solutions of matrices."""

from tenfold.ops.creation import eye as eye
from tenfold.ops.einsum import einsum as einsum
from tenfold.ops.einsum import tensordot as tensordot
from tenfold.ops.matmul import matmul as matmul
from tenfold.ops.matmul import matvec as matvec
