"""`tf.autodiff`: differentiation backward and forward."""

from tenfold.autodiff.forward import ForwardAccumulator as ForwardAccumulator
from tenfold.autodiff.tape import GradientTape as GradientTape
