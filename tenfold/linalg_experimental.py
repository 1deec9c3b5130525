"""`tf.linalg.experimental`."""

from tenfold.linear_operators.conjugate_gradient import conjugate_gradient as conjugate_gradient
