"""`tf.keras.layers`."""

import importlib
from typing import Any

from tenfold.keras.layers import experimental as experimental
from tenfold.keras.layers.activation import ELU as ELU
from tenfold.keras.layers.activation import Activation as Activation
from tenfold.keras.layers.activation import LeakyReLU as LeakyReLU
from tenfold.keras.layers.activation import PReLU as PReLU
from tenfold.keras.layers.activation import ReLU as ReLU
from tenfold.keras.layers.activation import Softmax as Softmax
from tenfold.keras.layers.activation import ThresholdedReLU as ThresholdedReLU
from tenfold.keras.layers.adaptive_pooling import AdaptiveAveragePooling1D as AdaptiveAveragePooling1D
from tenfold.keras.layers.adaptive_pooling import AdaptiveAveragePooling2D as AdaptiveAveragePooling2D
from tenfold.keras.layers.adaptive_pooling import AdaptiveAveragePooling3D as AdaptiveAveragePooling3D
from tenfold.keras.layers.adaptive_pooling import AdaptiveMaxPooling1D as AdaptiveMaxPooling1D
from tenfold.keras.layers.adaptive_pooling import AdaptiveMaxPooling2D as AdaptiveMaxPooling2D
from tenfold.keras.layers.adaptive_pooling import AdaptiveMaxPooling3D as AdaptiveMaxPooling3D
from tenfold.keras.layers.attention import AdditiveAttention as AdditiveAttention
from tenfold.keras.layers.attention import Attention as Attention
from tenfold.keras.layers.batch_normalization import BatchNormalization as BatchNormalization
from tenfold.keras.layers.conv import Conv1D as Conv1D
from tenfold.keras.layers.conv import Conv1D as Convolution1D
from tenfold.keras.layers.conv import Conv2D as Conv2D
from tenfold.keras.layers.conv import Conv2D as Convolution2D
from tenfold.keras.layers.conv import Conv3D as Conv3D
from tenfold.keras.layers.conv import Conv3D as Convolution3D
from tenfold.keras.layers.conv_lstm import ConvLSTM1D as ConvLSTM1D
from tenfold.keras.layers.conv_lstm import ConvLSTM2D as ConvLSTM2D
from tenfold.keras.layers.conv_lstm import ConvLSTM3D as ConvLSTM3D
from tenfold.keras.layers.conv_transpose import Conv1DTranspose as Conv1DTranspose
from tenfold.keras.layers.conv_transpose import Conv1DTranspose as Convolution1DTranspose
from tenfold.keras.layers.conv_transpose import Conv2DTranspose as Conv2DTranspose
from tenfold.keras.layers.conv_transpose import Conv2DTranspose as Convolution2DTranspose
from tenfold.keras.layers.conv_transpose import Conv3DTranspose as Conv3DTranspose
from tenfold.keras.layers.conv_transpose import Conv3DTranspose as Convolution3DTranspose
from tenfold.keras.layers.core import Identity as Identity
from tenfold.keras.layers.core import Lambda as Lambda
from tenfold.keras.layers.core import Masking as Masking
from tenfold.keras.layers.core import Wrapper as Wrapper
from tenfold.keras.layers.dense import Dense as Dense
from tenfold.keras.layers.dense import EinsumDense as EinsumDense
from tenfold.keras.layers.embedding import Embedding as Embedding
from tenfold.keras.layers.embedding import ReversibleEmbedding as ReversibleEmbedding
from tenfold.keras.layers.head_attention import GroupQueryAttention as GroupQueryAttention
from tenfold.keras.layers.head_attention import MultiHeadAttention as MultiHeadAttention
from tenfold.keras.layers.input_layer import Input as Input
from tenfold.keras.layers.input_layer import InputLayer as InputLayer
from tenfold.keras.layers.input_spec import InputSpec as InputSpec
from tenfold.keras.layers.layer import Layer as Layer
from tenfold.keras.layers.merging import Add as Add
from tenfold.keras.layers.merging import Average as Average
from tenfold.keras.layers.merging import Concatenate as Concatenate
from tenfold.keras.layers.merging import Dot as Dot
from tenfold.keras.layers.merging import Maximum as Maximum
from tenfold.keras.layers.merging import Minimum as Minimum
from tenfold.keras.layers.merging import Multiply as Multiply
from tenfold.keras.layers.merging import Subtract as Subtract
from tenfold.keras.layers.merging import add as add
from tenfold.keras.layers.merging import average as average
from tenfold.keras.layers.merging import concatenate as concatenate
from tenfold.keras.layers.merging import dot as dot
from tenfold.keras.layers.merging import maximum as maximum
from tenfold.keras.layers.merging import minimum as minimum
from tenfold.keras.layers.merging import multiply as multiply
from tenfold.keras.layers.merging import subtract as subtract
from tenfold.keras.layers.normalization import GroupNormalization as GroupNormalization
from tenfold.keras.layers.normalization import LayerNormalization as LayerNormalization
from tenfold.keras.layers.normalization import RMSNormalization as RMSNormalization
from tenfold.keras.layers.normalization import UnitNormalization as UnitNormalization
from tenfold.keras.layers.pooling import AveragePooling1D as AveragePooling1D
from tenfold.keras.layers.pooling import AveragePooling1D as AvgPool1D
from tenfold.keras.layers.pooling import AveragePooling2D as AveragePooling2D
from tenfold.keras.layers.pooling import AveragePooling2D as AvgPool2D
from tenfold.keras.layers.pooling import AveragePooling3D as AveragePooling3D
from tenfold.keras.layers.pooling import AveragePooling3D as AvgPool3D
from tenfold.keras.layers.pooling import GlobalAveragePooling1D as GlobalAveragePooling1D
from tenfold.keras.layers.pooling import GlobalAveragePooling1D as GlobalAvgPool1D
from tenfold.keras.layers.pooling import GlobalAveragePooling2D as GlobalAveragePooling2D
from tenfold.keras.layers.pooling import GlobalAveragePooling2D as GlobalAvgPool2D
from tenfold.keras.layers.pooling import GlobalAveragePooling3D as GlobalAveragePooling3D
from tenfold.keras.layers.pooling import GlobalAveragePooling3D as GlobalAvgPool3D
from tenfold.keras.layers.pooling import GlobalMaxPooling1D as GlobalMaxPool1D
from tenfold.keras.layers.pooling import GlobalMaxPooling1D as GlobalMaxPooling1D
from tenfold.keras.layers.pooling import GlobalMaxPooling2D as GlobalMaxPool2D
from tenfold.keras.layers.pooling import GlobalMaxPooling2D as GlobalMaxPooling2D
from tenfold.keras.layers.pooling import GlobalMaxPooling3D as GlobalMaxPool3D
from tenfold.keras.layers.pooling import GlobalMaxPooling3D as GlobalMaxPooling3D
from tenfold.keras.layers.pooling import MaxPooling1D as MaxPool1D
from tenfold.keras.layers.pooling import MaxPooling1D as MaxPooling1D
from tenfold.keras.layers.pooling import MaxPooling2D as MaxPool2D
from tenfold.keras.layers.pooling import MaxPooling2D as MaxPooling2D
from tenfold.keras.layers.pooling import MaxPooling3D as MaxPool3D
from tenfold.keras.layers.pooling import MaxPooling3D as MaxPooling3D
from tenfold.keras.layers.recurrent import GRU as GRU
from tenfold.keras.layers.recurrent import LSTM as LSTM
from tenfold.keras.layers.recurrent import SimpleRNN as SimpleRNN
from tenfold.keras.layers.regularization import ActivityRegularization as ActivityRegularization
from tenfold.keras.layers.regularization import AlphaDropout as AlphaDropout
from tenfold.keras.layers.regularization import Dropout as Dropout
from tenfold.keras.layers.regularization import GaussianDropout as GaussianDropout
from tenfold.keras.layers.regularization import GaussianNoise as GaussianNoise
from tenfold.keras.layers.regularization import SpatialDropout1D as SpatialDropout1D
from tenfold.keras.layers.regularization import SpatialDropout2D as SpatialDropout2D
from tenfold.keras.layers.regularization import SpatialDropout3D as SpatialDropout3D
from tenfold.keras.layers.reshaping import Cropping1D as Cropping1D
from tenfold.keras.layers.reshaping import Cropping2D as Cropping2D
from tenfold.keras.layers.reshaping import Cropping3D as Cropping3D
from tenfold.keras.layers.reshaping import Flatten as Flatten
from tenfold.keras.layers.reshaping import Permute as Permute
from tenfold.keras.layers.reshaping import RepeatVector as RepeatVector
from tenfold.keras.layers.reshaping import Reshape as Reshape
from tenfold.keras.layers.reshaping import UpSampling1D as UpSampling1D
from tenfold.keras.layers.reshaping import UpSampling2D as UpSampling2D
from tenfold.keras.layers.reshaping import UpSampling3D as UpSampling3D
from tenfold.keras.layers.reshaping import ZeroPadding1D as ZeroPadding1D
from tenfold.keras.layers.reshaping import ZeroPadding2D as ZeroPadding2D
from tenfold.keras.layers.reshaping import ZeroPadding3D as ZeroPadding3D
from tenfold.keras.layers.rnn import RNN as RNN
from tenfold.keras.layers.rnn_cells import GRUCell as GRUCell
from tenfold.keras.layers.rnn_cells import LSTMCell as LSTMCell
from tenfold.keras.layers.rnn_cells import SimpleRNNCell as SimpleRNNCell
from tenfold.keras.layers.separable_conv import DepthwiseConv1D as DepthwiseConv1D
from tenfold.keras.layers.separable_conv import DepthwiseConv2D as DepthwiseConv2D
from tenfold.keras.layers.separable_conv import SeparableConv1D as SeparableConv1D
from tenfold.keras.layers.separable_conv import SeparableConv1D as SeparableConvolution1D
from tenfold.keras.layers.separable_conv import SeparableConv2D as SeparableConv2D
from tenfold.keras.layers.separable_conv import SeparableConv2D as SeparableConvolution2D
from tenfold.keras.layers.spectral_normalization import SpectralNormalization as SpectralNormalization
from tenfold.keras.layers.stacked_cells import StackedRNNCells as StackedRNNCells
from tenfold.keras.layers.time_wrappers import Bidirectional as Bidirectional
from tenfold.keras.layers.time_wrappers import TimeDistributed as TimeDistributed

_PREPROCESSING = (
    "CategoryEncoding", "CenterCrop", "Discretization", "HashedCrossing", "Hashing", "IntegerLookup", "Normalization", "RandomBrightness",
    "RandomContrast", "RandomCrop", "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "Rescaling", "Resizing", "StringLookup",
    "TextVectorization",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    """Imports the layers that prepare data when one of them is first used."""
    if name not in _PREPROCESSING:
        raise AttributeError(f"module 'tenfold.keras.layers' has no attribute {name!r}: Tenfold does not have it.")
    found = getattr(importlib.import_module("tenfold.keras.layers.preprocessing"), name)
    globals()[name] = found
    return found


__all__ = [name for name in globals() if not name.startswith("_")] + ["deserialize", "serialize", *_PREPROCESSING]


def __dir__() -> list[str]:
    return sorted(__all__)


def serialize(layer: Any) -> dict[str, Any]:
    """The configuration of a layer, with its class.

    Example:
      >>> tf.keras.layers.serialize(tf.keras.layers.Dense(2))["class_name"]
      'Dense'
    """
    from tenfold.keras.saving import serialization

    return serialization.serialize_keras_object(layer)


def deserialize(config: dict[str, Any], custom_objects: Any = None) -> Any:
    """Makes a layer from what `serialize` returned.

    Args:
      config: configuration of a layer, with its class.
      custom_objects: dict of name to class or function, for what cannot be imported under its module's name.
    Raises:
      ValueError: it is the configuration of something else.
    Example:
      >>> config = tf.keras.layers.serialize(tf.keras.layers.Dense(2, name="logits"))
      >>> tf.keras.layers.deserialize(config)
      <Dense name=logits, built=False>
    """
    from tenfold.keras.saving import serialization

    layer = serialization.deserialize_keras_object(config, custom_objects)
    if not isinstance(layer, Layer):
        raise ValueError(f"keras.layers.deserialize: the configuration is of no layer, but of {type(layer).__name__}.")
    return layer
