"""Tenfold: TensorFlow 2's programming model, rebuilt small.

>>> import tenfold as tf
>>> (tf.constant([1.0, 2.0]) * 2.0).numpy()
array([2., 4.], dtype=float32)
"""

from __future__ import annotations

import warnings as _warnings
from typing import TYPE_CHECKING as _TYPE_CHECKING

from tenfold import version as _version
from tenfold.autodiff.custom import custom_gradient as custom_gradient
from tenfold.autodiff.custom import grad_pass_through as grad_pass_through
from tenfold.autodiff.custom import recompute_grad as recompute_grad
from tenfold.autodiff.endpoints import UnconnectedGradients as UnconnectedGradients
from tenfold.autodiff.registry import RegisterGradient as RegisterGradient
from tenfold.autodiff.registry import no_gradient as no_gradient
from tenfold.autodiff.symbolic import AggregationMethod as AggregationMethod
from tenfold.autodiff.symbolic import gradients as gradients
from tenfold.autodiff.symbolic import hessians as hessians
from tenfold.autodiff.tape import GradientTape as GradientTape
from tenfold.core.config import get_logger as get_logger
from tenfold.core.convert import register_tensor_conversion_function as register_tensor_conversion_function
from tenfold.core.critical_section import CriticalSection as CriticalSection
from tenfold.core.device import DeviceSpec as DeviceSpec
from tenfold.core.dtypes import DType as DType
from tenfold.core.dtypes import as_dtype as as_dtype
from tenfold.core.dtypes import bfloat16 as bfloat16
from tenfold.core.dtypes import bool as bool
from tenfold.core.dtypes import complex64 as complex64
from tenfold.core.dtypes import complex128 as complex128
from tenfold.core.dtypes import double as double
from tenfold.core.dtypes import float16 as float16
from tenfold.core.dtypes import float32 as float32
from tenfold.core.dtypes import float64 as float64
from tenfold.core.dtypes import half as half
from tenfold.core.dtypes import int8 as int8
from tenfold.core.dtypes import int16 as int16
from tenfold.core.dtypes import int32 as int32
from tenfold.core.dtypes import int64 as int64
from tenfold.core.dtypes import qint8 as qint8
from tenfold.core.dtypes import qint16 as qint16
from tenfold.core.dtypes import qint32 as qint32
from tenfold.core.dtypes import quint8 as quint8
from tenfold.core.dtypes import quint16 as quint16
from tenfold.core.dtypes import resource as resource
from tenfold.core.dtypes import string as string
from tenfold.core.dtypes import uint8 as uint8
from tenfold.core.dtypes import uint16 as uint16
from tenfold.core.dtypes import uint32 as uint32
from tenfold.core.dtypes import uint64 as uint64
from tenfold.core.dtypes import variant as variant
from tenfold.core.indexed_slices import IndexedSlices as IndexedSlices
from tenfold.core.indexed_slices import IndexedSlicesSpec as IndexedSlicesSpec
from tenfold.core.module import Module as Module
from tenfold.core.scopes import device as device
from tenfold.core.scopes import name_scope as name_scope
from tenfold.core.shapes import TensorShape as TensorShape
from tenfold.core.shapes import broadcast_static_shape as broadcast_static_shape
from tenfold.core.spec import TensorSpec as TensorSpec
from tenfold.core.spec import TypeSpec as TypeSpec
from tenfold.core.spec import type_spec_from_value as type_spec_from_value
from tenfold.core.tensor import Tensor as Tensor
from tenfold.core.variable import Variable as Variable
from tenfold.core.variable import VariableAggregation as VariableAggregation
from tenfold.core.variable import VariableSynchronization as VariableSynchronization
from tenfold.core.variable import variable_creator_scope as variable_creator_scope
from tenfold.ops import operators as _operators
from tenfold.ops import variable_ops as _variable_ops
from tenfold.ops.array import broadcast_dynamic_shape as broadcast_dynamic_shape
from tenfold.ops.array import broadcast_to as broadcast_to
from tenfold.ops.array import expand_dims as expand_dims
from tenfold.ops.array import reshape as reshape
from tenfold.ops.array import squeeze as squeeze
from tenfold.ops.array import transpose as transpose
from tenfold.ops.assertions import Assert as Assert
from tenfold.ops.assertions import assert_equal as assert_equal
from tenfold.ops.assertions import assert_greater as assert_greater
from tenfold.ops.assertions import assert_less as assert_less
from tenfold.ops.blocks import batch_to_space as batch_to_space
from tenfold.ops.blocks import required_space_to_batch_paddings as required_space_to_batch_paddings
from tenfold.ops.blocks import space_to_batch as space_to_batch
from tenfold.ops.blocks import space_to_batch_nd as space_to_batch_nd
from tenfold.ops.cast import bitcast as bitcast
from tenfold.ops.cast import cast as cast
from tenfold.ops.cast import complex as complex
from tenfold.ops.cast import saturate_cast as saturate_cast
from tenfold.ops.clip import clip_by_global_norm as clip_by_global_norm
from tenfold.ops.clip import clip_by_norm as clip_by_norm
from tenfold.ops.count import histogram_fixed_width as histogram_fixed_width
from tenfold.ops.count import histogram_fixed_width_bins as histogram_fixed_width_bins
from tenfold.ops.count import unique as unique
from tenfold.ops.count import unique_with_counts as unique_with_counts
from tenfold.ops.creation import constant as constant
from tenfold.ops.creation import convert_to_tensor as convert_to_tensor
from tenfold.ops.creation import eye as eye
from tenfold.ops.creation import fill as fill
from tenfold.ops.creation import get_static_value as get_static_value
from tenfold.ops.creation import is_tensor as is_tensor
from tenfold.ops.creation import ones as ones
from tenfold.ops.creation import ones_like as ones_like
from tenfold.ops.creation import zeros as zeros
from tenfold.ops.creation import zeros_like as zeros_like
from tenfold.ops.division import floor as floor
from tenfold.ops.division import round as round
from tenfold.ops.division import truncatediv as truncatediv
from tenfold.ops.division import truncatemod as truncatemod
from tenfold.ops.einsum import einsum as einsum
from tenfold.ops.einsum import tensordot as tensordot
from tenfold.ops.elementwise import abs as abs
from tenfold.ops.elementwise import add as add
from tenfold.ops.elementwise import clip_by_value as clip_by_value
from tenfold.ops.elementwise import divide as divide
from tenfold.ops.elementwise import maximum as maximum
from tenfold.ops.elementwise import minimum as minimum
from tenfold.ops.elementwise import multiply as multiply
from tenfold.ops.elementwise import negative as negative
from tenfold.ops.elementwise import realdiv as realdiv
from tenfold.ops.elementwise import sign as sign
from tenfold.ops.elementwise import square as square
from tenfold.ops.elementwise import subtract as subtract
from tenfold.ops.elementwise import truediv as truediv
from tenfold.ops.exponential import exp as exp
from tenfold.ops.exponential import pow as pow
from tenfold.ops.exponential import sigmoid as sigmoid
from tenfold.ops.exponential import sqrt as sqrt
from tenfold.ops.exponential import tanh as tanh
from tenfold.ops.extremes import argmax as argmax
from tenfold.ops.extremes import argmin as argmin
from tenfold.ops.extremes import reduce_max as reduce_max
from tenfold.ops.extremes import reduce_min as reduce_min
from tenfold.ops.fingerprint import fingerprint as fingerprint
from tenfold.ops.flow import control_dependencies as control_dependencies
from tenfold.ops.flow import executing_eagerly as executing_eagerly
from tenfold.ops.flow import group as group
from tenfold.ops.flow import init_scope as init_scope
from tenfold.ops.flow import inside_function as inside_function
from tenfold.ops.flow import no_op as no_op
from tenfold.ops.flow import timestamp as timestamp
from tenfold.ops.flow import tuple as tuple
from tenfold.ops.gather import boolean_mask as boolean_mask
from tenfold.ops.gather import gather as gather
from tenfold.ops.gather import gather_nd as gather_nd
from tenfold.ops.gather import where as where
from tenfold.ops.identity import guarantee_const as guarantee_const
from tenfold.ops.identity import identity as identity
from tenfold.ops.identity import identity_n as identity_n
from tenfold.ops.identity import stop_gradient as stop_gradient
from tenfold.ops.index import slice as slice
from tenfold.ops.index import strided_slice as strided_slice
from tenfold.ops.initializers import Constant as constant_initializer
from tenfold.ops.initializers import Ones as ones_initializer
from tenfold.ops.initializers import RandomNormal as random_normal_initializer
from tenfold.ops.initializers import RandomUniform as random_uniform_initializer
from tenfold.ops.initializers import Zeros as zeros_initializer
from tenfold.ops.join import concat as concat
from tenfold.ops.join import parallel_stack as parallel_stack
from tenfold.ops.join import split as split
from tenfold.ops.join import stack as stack
from tenfold.ops.join import unstack as unstack
from tenfold.ops.logic import equal as equal
from tenfold.ops.logic import greater as greater
from tenfold.ops.logic import greater_equal as greater_equal
from tenfold.ops.logic import less as less
from tenfold.ops.logic import less_equal as less_equal
from tenfold.ops.logic import logical_and as logical_and
from tenfold.ops.logic import logical_not as logical_not
from tenfold.ops.logic import logical_or as logical_or
from tenfold.ops.logic import not_equal as not_equal
from tenfold.ops.logsumexp import reduce_logsumexp as reduce_logsumexp
from tenfold.ops.matmul import matmul as matmul
from tenfold.ops.matrices import norm as norm
from tenfold.ops.partition import dynamic_partition as dynamic_partition
from tenfold.ops.partition import dynamic_stitch as dynamic_stitch
from tenfold.ops.partition import unravel_index as unravel_index
from tenfold.ops.print import print as print
from tenfold.ops.ranges import linspace as linspace
from tenfold.ops.ranges import meshgrid as meshgrid
from tenfold.ops.ranges import one_hot as one_hot
from tenfold.ops.ranges import range as range
from tenfold.ops.ranges import sequence_mask as sequence_mask
from tenfold.ops.rearrange import pad as pad
from tenfold.ops.rearrange import repeat as repeat
from tenfold.ops.rearrange import reverse as reverse
from tenfold.ops.rearrange import reverse_sequence as reverse_sequence
from tenfold.ops.rearrange import roll as roll
from tenfold.ops.rearrange import tile as tile
from tenfold.ops.reduce import reduce_all as reduce_all
from tenfold.ops.reduce import reduce_any as reduce_any
from tenfold.ops.reduce import reduce_mean as reduce_mean
from tenfold.ops.reduce import reduce_prod as reduce_prod
from tenfold.ops.reduce import reduce_sum as reduce_sum
from tenfold.ops.scan import cumsum as cumsum
from tenfold.ops.scatter import scatter_nd as scatter_nd
from tenfold.ops.scatter import tensor_scatter_nd_add as tensor_scatter_nd_add
from tenfold.ops.scatter import tensor_scatter_nd_max as tensor_scatter_nd_max
from tenfold.ops.scatter import tensor_scatter_nd_min as tensor_scatter_nd_min
from tenfold.ops.scatter import tensor_scatter_nd_sub as tensor_scatter_nd_sub
from tenfold.ops.scatter import tensor_scatter_nd_update as tensor_scatter_nd_update
from tenfold.ops.sizes import ensure_shape as ensure_shape
from tenfold.ops.sizes import rank as rank
from tenfold.ops.sizes import shape as shape
from tenfold.ops.sizes import shape_n as shape_n
from tenfold.ops.sizes import size as size
from tenfold.ops.sort import argsort as argsort
from tenfold.ops.sort import searchsorted as searchsorted
from tenfold.ops.sort import sort as sort
from tenfold.ops.strings.as_string import as_string as as_string
from tenfold.ops.sums import add_n as add_n
from tenfold.ops.sums import scalar_mul as scalar_mul
from tenfold.ops.trigonometry import acos as acos
from tenfold.ops.trigonometry import acosh as acosh
from tenfold.ops.trigonometry import asin as asin
from tenfold.ops.trigonometry import asinh as asinh
from tenfold.ops.trigonometry import atan as atan
from tenfold.ops.trigonometry import atan2 as atan2
from tenfold.ops.trigonometry import atanh as atanh
from tenfold.ops.trigonometry import cos as cos
from tenfold.ops.trigonometry import cosh as cosh
from tenfold.ops.trigonometry import sin as sin
from tenfold.ops.trigonometry import sinh as sinh
from tenfold.ops.trigonometry import tan as tan
from tenfold.ops.type_assertions import assert_rank as assert_rank
from tenfold.standin import install_as_tensorflow as install_as_tensorflow

newaxis = None
__version__ = _version.VERSION
__git_version__ = _version.GIT_VERSION
__compiler_version__ = _version.COMPILER_VERSION
__tenfold_version__ = _version.TENFOLD_VERSION

# NumPy's floating-point warnings of our kernels: TensorFlow's ops are silent about infinities and NaNs.
_warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"tenfold\.")

_NAMESPACES = {
    "autodiff": "tenfold.autodiff",
    "autograph": "tenfold.autograph",
    "bitwise": "tenfold.bitwise",
    "compat": "tenfold.compat",
    "config": "tenfold.config",
    "debugging": "tenfold.debugging",
    "dtypes": "tenfold.dtypes",
    "errors": "tenfold.errors",
    "experimental": "tenfold.experimental",
    "graph_util": "tenfold.graph_util",
    "image": "tenfold.image",
    "initializers": "tenfold.keras.initializers",
    "io": "tenfold.io",
    "keras": "tenfold.keras",
    "linalg": "tenfold.linalg",
    "lookup": "tenfold.lookup",
    "losses": "tenfold.keras.losses",
    "math": "tenfold.math",
    "metrics": "tenfold.keras.metrics",
    "nest": "tenfold.nest",
    "nn": "tenfold.nn",
    "optimizers": "tenfold.keras.optimizers",
    "quantization": "tenfold.quantization",
    "ragged": "tenfold.ragged",
    "random": "tenfold.random",
    "raw_ops": "tenfold.raw_ops",
    "saved_model": "tenfold.saved_model",
    "sets": "tenfold.sets",
    "signal": "tenfold.signal",
    "sparse": "tenfold.sparse",
    "strings": "tenfold.strings",
    "sysconfig": "tenfold.sysconfig",
    "test": "tenfold.test",
    "train": "tenfold.train",
    "types": "tenfold.types",
    "version": "tenfold.version",
}

_LATER = {  # what functions that are traced are made of, what few programs need, and tensors of other kinds, by module
    "function": "tenfold.tracing.function",
    "case": "tenfold.graph.branches",
    "cond": "tenfold.graph.branches",
    "switch_case": "tenfold.graph.branches",
    "while_loop": "tenfold.graph.loops",
    "foldl": "tenfold.graph.map",
    "foldr": "tenfold.graph.map",
    "map_fn": "tenfold.graph.map",
    "scan": "tenfold.graph.map",
    "vectorized_map": "tenfold.graph.map",
    "Graph": "tenfold.graph.graph",
    "Operation": "tenfold.graph.operation",
    "TensorArray": "tenfold.graph.tensor_array",
    "TensorArraySpec": "tenfold.graph.tensor_array",
    "numpy_function": "tenfold.graph.host",
    "py_function": "tenfold.graph.host",
    "eig": "tenfold.ops.matrix_decompose",
    "eigvals": "tenfold.ops.matrix_decompose",
    "RaggedTensor": "tenfold.ops.ragged.tensor",
    "RaggedTensorSpec": "tenfold.ops.ragged.tensor",
    "edit_distance": "tenfold.ops.sparse.edit_distance",
    "SparseTensor": "tenfold.ops.sparse.tensor",
    "SparseTensorSpec": "tenfold.ops.sparse.tensor",
}

if _TYPE_CHECKING:
    from tenfold import autodiff as autodiff
    from tenfold import bitwise as bitwise
    from tenfold import compat as compat
    from tenfold import config as config
    from tenfold import debugging as debugging
    from tenfold import dtypes as dtypes
    from tenfold import errors as errors
    from tenfold import experimental as experimental
    from tenfold import graph_util as graph_util
    from tenfold import image as image
    from tenfold import io as io
    from tenfold import keras as keras
    from tenfold import linalg as linalg
    from tenfold import lookup as lookup
    from tenfold import math as math
    from tenfold import nest as nest
    from tenfold import nn as nn
    from tenfold import quantization as quantization
    from tenfold import ragged as ragged
    from tenfold import random as random
    from tenfold import raw_ops as raw_ops
    from tenfold import saved_model as saved_model
    from tenfold import signal as signal
    from tenfold import sparse as sparse
    from tenfold import strings as strings
    from tenfold import sysconfig as sysconfig
    from tenfold import test as test
    from tenfold import train as train
    from tenfold import types as types
    from tenfold import version as version
    from tenfold.graph.branches import case as case
    from tenfold.graph.branches import cond as cond
    from tenfold.graph.branches import switch_case as switch_case
    from tenfold.graph.graph import Graph as Graph
    from tenfold.graph.host import numpy_function as numpy_function
    from tenfold.graph.host import py_function as py_function
    from tenfold.graph.loops import while_loop as while_loop
    from tenfold.graph.map import foldl as foldl
    from tenfold.graph.map import foldr as foldr
    from tenfold.graph.map import map_fn as map_fn
    from tenfold.graph.map import scan as scan
    from tenfold.graph.map import vectorized_map as vectorized_map
    from tenfold.graph.operation import Operation as Operation
    from tenfold.graph.tensor_array import TensorArray as TensorArray
    from tenfold.graph.tensor_array import TensorArraySpec as TensorArraySpec
    from tenfold.keras import initializers as initializers
    from tenfold.keras import losses as losses
    from tenfold.keras import metrics as metrics
    from tenfold.keras import optimizers as optimizers
    from tenfold.ops.matrix_decompose import eig as eig
    from tenfold.ops.matrix_decompose import eigvals as eigvals
    from tenfold.ops.ragged.tensor import RaggedTensor as RaggedTensor
    from tenfold.ops.ragged.tensor import RaggedTensorSpec as RaggedTensorSpec
    from tenfold.ops.sparse.edit_distance import edit_distance as edit_distance
    from tenfold.ops.sparse.tensor import SparseTensor as SparseTensor
    from tenfold.ops.sparse.tensor import SparseTensorSpec as SparseTensorSpec
    from tenfold.tracing.function import function as function


def __getattr__(name: str) -> object:
    """Imports a namespace, or what not every program needs, when it is first used."""
    import importlib

    if name in _NAMESPACES:
        found = importlib.import_module(_NAMESPACES[name])
    elif name in _LATER:
        found = getattr(importlib.import_module(_LATER[name]), name)
    else:
        raise AttributeError(f"module 'tenfold' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({name for name in globals() if not name.startswith("_")} | {*_NAMESPACES, *_LATER})
