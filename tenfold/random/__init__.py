"""The public namespace `tf.random`."""

from tenfold.ops.bounded_normal import (
    stateless_parameterized_truncated_normal as stateless_parameterized_truncated_normal,
)
from tenfold.ops.candidates import all_candidate_sampler as all_candidate_sampler
from tenfold.ops.candidates import fixed_unigram_candidate_sampler as fixed_unigram_candidate_sampler
from tenfold.ops.candidates import learned_unigram_candidate_sampler as learned_unigram_candidate_sampler
from tenfold.ops.candidates import log_uniform_candidate_sampler as log_uniform_candidate_sampler
from tenfold.ops.candidates import uniform_candidate_sampler as uniform_candidate_sampler
from tenfold.ops.generator import Generator as Generator
from tenfold.ops.generator import create_rng_state as create_rng_state
from tenfold.ops.generator import get_global_generator as get_global_generator
from tenfold.ops.generator import set_global_generator as set_global_generator
from tenfold.ops.random import fold_in as fold_in
from tenfold.ops.random import normal as normal
from tenfold.ops.random import split as split
from tenfold.ops.random import stateless_normal as stateless_normal
from tenfold.ops.random import stateless_truncated_normal as stateless_truncated_normal
from tenfold.ops.random import stateless_uniform as stateless_uniform
from tenfold.ops.random import truncated_normal as truncated_normal
from tenfold.ops.random import uniform as uniform
from tenfold.ops.random_choice import categorical as categorical
from tenfold.ops.random_choice import shuffle as shuffle
from tenfold.ops.random_choice import stateless_categorical as stateless_categorical
from tenfold.ops.random_gamma import gamma as gamma
from tenfold.ops.random_gamma import poisson as poisson
from tenfold.ops.random_gamma import stateless_binomial as stateless_binomial
from tenfold.ops.random_gamma import stateless_gamma as stateless_gamma
from tenfold.ops.random_gamma import stateless_poisson as stateless_poisson
from tenfold.ops.random_streams import Algorithm as Algorithm
from tenfold.ops.seeds import set_seed as set_seed
from tenfold.random import experimental as experimental
