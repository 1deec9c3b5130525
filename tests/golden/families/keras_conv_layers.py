"""Keras' layers of space: convolutions, poolings, padding, cropping, enlarging."""

from tests.golden.case import case, normal
from tests.golden.layer_case import layer

X3, X4, X5 = normal(2, 7, 4), normal(2, 6, 7, 4), normal(2, 4, 5, 4, 2)
SPACE = {1: X3, 2: X4, 3: X5}
FIRST = {1: normal(2, 4, 7), 2: normal(2, 4, 6, 7), 3: normal(1, 2, 4, 5, 4)}


def _spatial(kind, rank, *args, **kwargs):
    return layer(f"{kind}{rank}D", *args, inputs={"x": SPACE[rank]}, **kwargs)


def _channels_first(kind, rank, *args, **kwargs):
    return layer(f"{kind}{rank}D", *args, data_format="channels_first", inputs={"x": FIRST[rank]}, **kwargs)


def _standardized(tf, x):
    class Standardized(tf.keras.layers.Conv2D):
        def convolution_op(self, inputs, kernel):
            return super().convolution_op(inputs, kernel - tf.reduce_mean(kernel))

    return Standardized(2, 3, kernel_initializer="ones", bias_initializer="ones")(x)


CASES = [
    case(_standardized, name="subclass with its own convolution_op", rtol=1e-4, atol=1e-4, x=X4),
    *[_spatial("Conv", rank, 2, 3) for rank in (1, 2, 3)],
    *[_spatial("Conv", rank, 2, 2, strides=2, padding="same", activation="relu") for rank in (1, 2, 3)],
    *[_spatial("Conv", rank, 2, 2, dilation_rate=2, use_bias=False) for rank in (1, 2)],
    *[_spatial("Conv", rank, 4, 3, groups=2) for rank in (1, 2)],
    *[_channels_first("Conv", rank, 2, 2, strides=2) for rank in (1, 2)],
    _channels_first("Conv", 2, 2, (3, 2), padding="same", activation="tanh"),
    _spatial("Conv", 1, 3, 3, padding="causal"),
    _spatial("Conv", 1, 3, 2, padding="causal", dilation_rate=3),
    _spatial("Conv", 1, 3, 2, padding="causal", strides=2),
    _spatial("Conv", 2, 3, (1, 3), strides=(2, 1), padding="SAME"),
    _spatial("Conv", 2, 3, 2, kernel_regularizer="l2", bias_regularizer="l2", activity_regularizer="l2"),
    _spatial("Conv", 2, 3, 2, kernel_initializer="he_normal", bias_initializer="ones", kernel_constraint="max_norm"),
    _spatial("Conv", 2, 3, 2, dtype="mixed_float16", rtol=1e-2),
    _spatial("Conv", 2, 3, 2, dtype="float64"),
    _spatial("Conv", 2, 3, 2, trainable=False, name="fixed"),
    *[_spatial("Conv", rank, 2, 3, strides=s, padding=p) for rank, s, p in [(1, 3, "same"), (2, (2, 1), "valid")]],
    *[layer(f"Conv{rank}DTranspose", 3, 3, inputs={"x": SPACE[rank]}) for rank in (1, 2, 3)],
    *[layer(f"Conv{rank}DTranspose", 2, 3, strides=2, padding="same", inputs={"x": SPACE[rank]}) for rank in (1, 2, 3)],
    *[layer(f"Conv{rank}DTranspose", 2, 2, strides=3, inputs={"x": SPACE[rank]}) for rank in (1, 2, 3)],
    layer("Conv1DTranspose", 2, 3, dilation_rate=2, inputs={"x": X3}),
    layer("Conv2DTranspose", 2, 3, strides=2, output_padding=1, inputs={"x": X4}),
    layer("Conv2DTranspose", 2, 3, strides=2, padding="same", output_padding=(1, 0), inputs={"x": X4}),
    layer("Conv2DTranspose", 2, 4, strides=3, padding="same", output_padding=2, inputs={"x": X4}),
    layer("Conv2DTranspose", 2, (2, 3), strides=(2, 1), use_bias=False, activation="relu", inputs={"x": X4}),
    layer("Conv1DTranspose", 2, 4, strides=3, padding="same", output_padding=1, inputs={"x": X3}),
    layer("Conv2DTranspose", 2, 3, strides=2, data_format="channels_first", inputs={"x": FIRST[2]}),
    layer("Conv2DTranspose", 2, 3, kernel_regularizer="l2", activity_regularizer="l2", inputs={"x": X4}),
    *[_spatial("DepthwiseConv", rank, 3) for rank in (1, 2)],
    *[_spatial("DepthwiseConv", rank, 2, strides=2, padding="same", depth_multiplier=2) for rank in (1, 2)],
    *[_spatial("DepthwiseConv", rank, 2, dilation_rate=2, activation="relu") for rank in (1, 2)],
    _channels_first("DepthwiseConv", 2, 3, depth_multiplier=2),
    _spatial("DepthwiseConv", 2, 3, depthwise_regularizer="l2", use_bias=False, depthwise_initializer="he_uniform"),
    *[_spatial("SeparableConv", rank, 3, 3) for rank in (1, 2)],
    *[_spatial("SeparableConv", rank, 3, 2, strides=2, padding="same", depth_multiplier=2) for rank in (1, 2)],
    _spatial("SeparableConv", 1, 3, 2, padding="causal"),
    _spatial("SeparableConv", 2, 3, 2, dilation_rate=2, activation="tanh", use_bias=False),
    _channels_first("SeparableConv", 2, 3, 3),
    _spatial("SeparableConv", 2, 3, 2, pointwise_regularizer="l2", depthwise_constraint="non_neg"),
    *[_spatial(name, rank, 2) for name in ("MaxPooling", "AveragePooling") for rank in (1, 2, 3)],
    *[
        _spatial(name, rank, 3, strides=2, padding="same")
        for name in ("MaxPooling", "AveragePooling")
        for rank in (1, 2, 3)
    ],
    *[_channels_first(name, rank, 2) for name in ("MaxPooling", "AveragePooling") for rank in (1, 2)],
    _spatial("MaxPooling", 2, (2, 3), strides=(1, 2)),
    _spatial("MaxPooling", 2, 2, 1, "same"),
    *[_spatial(f"Global{kind}Pooling", rank) for kind in ("Max", "Average") for rank in (1, 2, 3)],
    *[_spatial(f"Global{kind}Pooling", rank, keepdims=True) for kind in ("Max", "Average") for rank in (1, 2, 3)],
    *[_channels_first(f"Global{kind}Pooling", rank) for kind in ("Max", "Average") for rank in (1, 2, 3)],
    _spatial("GlobalAveragePooling", 1, call={"mask": [[True] * 4 + [False] * 3, [False] + [True] * 6]}),
    *[_spatial(f"Adaptive{kind}Pooling", rank, 2) for kind in ("Max", "Average") for rank in (1, 2, 3)],
    *[_spatial(f"Adaptive{kind}Pooling", 1, n) for kind in ("Max", "Average") for n in (2, 3, 5, 7, 9)],
    *[_channels_first(f"Adaptive{kind}Pooling", 2, (4, 3)) for kind in ("Max", "Average")],
    *[_spatial("UpSampling", rank, 2) for rank in (1, 2, 3)],
    _spatial("UpSampling", 2, (1, 3)),
    *[_spatial("UpSampling", 2, (2, 3), interpolation=how) for how in ("bilinear", "bicubic", "lanczos3", "lanczos5")],
    *[_channels_first("UpSampling", 2, 2, interpolation=how) for how in ("nearest", "bilinear")],
    *[_spatial("ZeroPadding", rank) for rank in (1, 2, 3)],
    *[_spatial("ZeroPadding", rank, 2) for rank in (1, 2, 3)],
    _spatial("ZeroPadding", 1, (0, 2)),
    _spatial("ZeroPadding", 2, (1, 2)),
    _spatial("ZeroPadding", 2, ((1, 0), (0, 2))),
    _spatial("ZeroPadding", 3, ((1, 0), (0, 2), (1, 1))),
    _channels_first("ZeroPadding", 1, 1),
    _channels_first("ZeroPadding", 2, 1),
    *[_spatial("Cropping", rank, 1) for rank in (1, 2, 3)],
    _spatial("Cropping", 1, (0, 2)),
    _spatial("Cropping", 2, (1, 2)),
    _spatial("Cropping", 2, ((1, 0), (0, 2))),
    _channels_first("Cropping", 2, ((1, 0), (0, 2))),
    _spatial("Cropping", 2),
    _spatial("Cropping", 3),
    *[
        case(f"tf.keras.layers.{made}", grad=False)
        for made in (
            "Conv2D(0, 3)", "Conv2D(3, 0)", "Conv2D(3, (1, 2, 3))", "Conv2D(3, 3, strides=0)", "Conv2D(3, 3, padding='x')",
            "Conv2D(3, 3, padding='causal')", "Conv2D(3, 3, strides=2, dilation_rate=2)", "Conv2D(3, 3, groups=2)",
            "Conv2D(3, 3, groups=0)", "Conv2D(3, 3, data_format='x')", "Conv2D(3, 3, activation='x')", "Conv2D(3, 3, foo=1)",
            "Conv2DTranspose(3, 3, strides=2, dilation_rate=2)", "Conv2DTranspose(3, 3, output_padding=1)",
            "Conv2DTranspose(0, 3)", "DepthwiseConv2D(0)", "DepthwiseConv2D(3, depth_multiplier=0)",
            "SeparableConv2D(0, 3)", "SeparableConv2D(3, 3, depth_multiplier=0)", "MaxPooling2D(0)", "MaxPooling2D((1, 2, 3))",
            "MaxPooling2D(2, data_format='x')", "AveragePooling2D()",
            "AdaptiveMaxPooling1D((1, 2))", "AdaptiveMaxPooling2D((1, 2, 3))", "AdaptiveMaxPooling2D('x')",
            "UpSampling2D((1, 2, 3))", "ZeroPadding2D((1, 2, 3))", 
            "ZeroPadding3D((1, 2))", "Cropping2D((1, 2, 3))", "Cropping2D(-1)", "Cropping1D((1, 2, 3))", "Cropping3D((1, 2))",
        )
    ],
    *[
        case(f"tf.keras.layers.{called}", grad=False, x=X4, z=X3)
        for called in (
            "Conv2D(3, 9)(x)", "Conv2D(3, 3)(z)", "Conv2D(3, 3, groups=3)(x)", "MaxPooling2D(2)(z)", "Conv1D(3, 3)(x[0]).shape",
            "Cropping2D(3)(x)", "Cropping1D(4)(z)", "ZeroPadding2D(1)(z)", "UpSampling2D()(z)", "GlobalMaxPooling2D()(z)",
            "DepthwiseConv2D(9)(x)", "Conv2D(3, 9).compute_output_shape((None, 4, 4, 3))",
            "Conv2D(3, 3).compute_output_shape((None, None, 8, 3))", "MaxPooling2D(2).compute_output_shape((None, None, 8, 3))",
            "Conv2DTranspose(3, 3).compute_output_shape((None, None, 8, 3))",
            "Conv1D(3, 3)(tf.keras.Input((None, 4))).shape", "Cropping2D(3).compute_output_shape((None, 6, 9, 1))",
        )
    ],
]  # fmt: skip
