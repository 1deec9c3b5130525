"""The public namespace `tf.random.experimental`."""

from tenfold.ops.generator import Generator, create_rng_state, get_global_generator, set_global_generator
from tenfold.ops.random import fold_in as stateless_fold_in
from tenfold.ops.random import split as stateless_split
from tenfold.ops.random_choice import index_shuffle, stateless_shuffle
from tenfold.ops.random_streams import Algorithm

__all__ = [
    "Algorithm",
    "Generator",
    "create_rng_state",
    "get_global_generator",
    "index_shuffle",
    "set_global_generator",
    "stateless_fold_in",
    "stateless_shuffle",
    "stateless_split",
]
