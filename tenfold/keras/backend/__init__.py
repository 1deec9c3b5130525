"""`tf.keras.backend`: the functions that Keras code of old takes from its backend, in terms of TensorFlow's."""

from __future__ import annotations

import tenfold as tf
from tenfold.keras.backend.arithmetic import batch_dot as batch_dot
from tenfold.keras.backend.arithmetic import bias_add as bias_add
from tenfold.keras.backend.arithmetic import clip as clip
from tenfold.keras.backend.arithmetic import dot as dot
from tenfold.keras.backend.arithmetic import in_test_phase as in_test_phase
from tenfold.keras.backend.arithmetic import in_top_k as in_top_k
from tenfold.keras.backend.arithmetic import in_train_phase as in_train_phase
from tenfold.keras.backend.arithmetic import l2_normalize as l2_normalize
from tenfold.keras.backend.arithmetic import sqrt as sqrt
from tenfold.keras.backend.arithmetic import switch as switch
from tenfold.keras.backend.networks import batch_normalization as batch_normalization
from tenfold.keras.backend.networks import binary_crossentropy as binary_crossentropy
from tenfold.keras.backend.networks import categorical_crossentropy as categorical_crossentropy
from tenfold.keras.backend.networks import conv1d as conv1d
from tenfold.keras.backend.networks import conv2d as conv2d
from tenfold.keras.backend.networks import conv2d_transpose as conv2d_transpose
from tenfold.keras.backend.networks import conv3d as conv3d
from tenfold.keras.backend.networks import depthwise_conv2d as depthwise_conv2d
from tenfold.keras.backend.networks import dropout as dropout
from tenfold.keras.backend.networks import elu as elu
from tenfold.keras.backend.networks import hard_sigmoid as hard_sigmoid
from tenfold.keras.backend.networks import pool2d as pool2d
from tenfold.keras.backend.networks import pool3d as pool3d
from tenfold.keras.backend.networks import relu as relu
from tenfold.keras.backend.networks import resize_images as resize_images
from tenfold.keras.backend.networks import resize_volumes as resize_volumes
from tenfold.keras.backend.networks import separable_conv2d as separable_conv2d
from tenfold.keras.backend.networks import softmax as softmax
from tenfold.keras.backend.networks import sparse_categorical_crossentropy as sparse_categorical_crossentropy
from tenfold.keras.backend.random_numbers import random_bernoulli as random_bernoulli
from tenfold.keras.backend.random_numbers import random_binomial as random_binomial
from tenfold.keras.backend.random_numbers import random_normal as random_normal
from tenfold.keras.backend.random_numbers import random_normal_variable as random_normal_variable
from tenfold.keras.backend.random_numbers import random_uniform as random_uniform
from tenfold.keras.backend.random_numbers import random_uniform_variable as random_uniform_variable
from tenfold.keras.backend.random_numbers import truncated_normal as truncated_normal
from tenfold.keras.backend.sequences import ctc_batch_cost as ctc_batch_cost
from tenfold.keras.backend.sequences import ctc_decode as ctc_decode
from tenfold.keras.backend.sequences import ctc_label_dense_to_sparse as ctc_label_dense_to_sparse
from tenfold.keras.backend.sequences import foldl as foldl
from tenfold.keras.backend.sequences import foldr as foldr
from tenfold.keras.backend.sequences import map_fn as map_fn
from tenfold.keras.backend.shapes import arange as arange
from tenfold.keras.backend.shapes import batch_flatten as batch_flatten
from tenfold.keras.backend.shapes import cast as cast
from tenfold.keras.backend.shapes import cast_to_floatx as cast_to_floatx
from tenfold.keras.backend.shapes import concatenate as concatenate
from tenfold.keras.backend.shapes import count_params as count_params
from tenfold.keras.backend.shapes import dtype as dtype
from tenfold.keras.backend.shapes import expand_dims as expand_dims
from tenfold.keras.backend.shapes import flatten as flatten
from tenfold.keras.backend.shapes import gather as gather
from tenfold.keras.backend.shapes import int_shape as int_shape
from tenfold.keras.backend.shapes import is_float_dtype as is_float_dtype
from tenfold.keras.backend.shapes import is_int_dtype as is_int_dtype
from tenfold.keras.backend.shapes import is_sparse as is_sparse
from tenfold.keras.backend.shapes import is_tensor as is_tensor
from tenfold.keras.backend.shapes import ndim as ndim
from tenfold.keras.backend.shapes import one_hot as one_hot
from tenfold.keras.backend.shapes import permute_dimensions as permute_dimensions
from tenfold.keras.backend.shapes import repeat as repeat
from tenfold.keras.backend.shapes import repeat_elements as repeat_elements
from tenfold.keras.backend.shapes import reshape as reshape
from tenfold.keras.backend.shapes import reverse as reverse
from tenfold.keras.backend.shapes import spatial_2d_padding as spatial_2d_padding
from tenfold.keras.backend.shapes import spatial_3d_padding as spatial_3d_padding
from tenfold.keras.backend.shapes import temporal_padding as temporal_padding
from tenfold.keras.backend.shapes import to_dense as to_dense
from tenfold.keras.backend.values import batch_get_value as batch_get_value
from tenfold.keras.backend.values import batch_set_value as batch_set_value
from tenfold.keras.backend.values import constant as constant
from tenfold.keras.backend.values import eval as eval
from tenfold.keras.backend.values import function as function
from tenfold.keras.backend.values import get_value as get_value
from tenfold.keras.backend.values import gradients as gradients
from tenfold.keras.backend.values import learning_phase as learning_phase
from tenfold.keras.backend.values import moving_average_update as moving_average_update
from tenfold.keras.backend.values import ones as ones
from tenfold.keras.backend.values import set_learning_phase as set_learning_phase
from tenfold.keras.backend.values import set_value as set_value
from tenfold.keras.backend.values import update as update
from tenfold.keras.backend.values import update_add as update_add
from tenfold.keras.backend.values import update_sub as update_sub
from tenfold.keras.backend.values import variable as variable
from tenfold.keras.backend.values import zeros as zeros
from tenfold.keras.config import epsilon as epsilon
from tenfold.keras.config import floatx as floatx
from tenfold.keras.config import image_data_format as image_data_format
from tenfold.keras.config import set_epsilon as set_epsilon
from tenfold.keras.config import set_floatx as set_floatx
from tenfold.keras.config import set_image_data_format as set_image_data_format
from tenfold.keras.naming import get_uid as get_uid
from tenfold.keras.naming import reset_uids as reset_uids
from tenfold.keras.promotion import result_type as result_type
from tenfold.keras.session import clear_session as clear_session
from tenfold.keras.session import is_keras_tensor as is_keras_tensor
from tenfold.keras.utils.numerical import standardize_dtype as standardize_dtype

abs = tf.abs
all = tf.reduce_all
any = tf.reduce_any
argmax = tf.argmax
argmin = tf.argmin
cos = tf.cos
cumprod = tf.math.cumprod
cumsum = tf.cumsum
equal = tf.equal
exp = tf.exp
eye = tf.eye
greater = tf.greater
greater_equal = tf.greater_equal
less = tf.less
less_equal = tf.less_equal
log = tf.math.log
logsumexp = tf.reduce_logsumexp
max = tf.reduce_max
maximum = tf.maximum
mean = tf.reduce_mean
min = tf.reduce_min
minimum = tf.minimum
name_scope = tf.name_scope
not_equal = tf.not_equal
ones_like = tf.ones_like
pow = tf.pow
prod = tf.reduce_prod
round = tf.round
shape = tf.shape
sigmoid = tf.sigmoid
sign = tf.sign
sin = tf.sin
softplus = tf.nn.softplus
softsign = tf.nn.softsign
square = tf.square
squeeze = tf.squeeze
stack = tf.stack
std = tf.math.reduce_std
stop_gradient = tf.stop_gradient
sum = tf.reduce_sum
tanh = tf.tanh
tile = tf.tile
transpose = tf.transpose
var = tf.math.reduce_variance
zeros_like = tf.zeros_like


def backend() -> str:
    """`"tensorflow"`: whose functions these are.

    Example:
      >>> tf.keras.backend.backend()
      'tensorflow'
    """
    return "tensorflow"
