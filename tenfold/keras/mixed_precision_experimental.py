"""`tf.keras.mixed_precision.experimental` of Keras 2: what is in `tf.keras.mixed_precision` now, by its former names."""

from tenfold.keras.mixed_precision import LossScaleOptimizer as LossScaleOptimizer
from tenfold.keras.mixed_precision import Policy as Policy
from tenfold.keras.mixed_precision import global_policy as global_policy
from tenfold.keras.mixed_precision import set_global_policy as set_policy  # noqa: F401
