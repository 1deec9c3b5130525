"""The public namespace `tf.config.optimizer`."""

from tenfold.core import config as _config
from tenfold.core.config import get_jit as get_jit
from tenfold.core.config import set_jit as set_jit

get_experimental_options = _config.get_optimizer_experimental_options
set_experimental_options = _config.set_optimizer_experimental_options
