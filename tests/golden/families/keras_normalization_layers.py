"""Keras' normalization layers."""

from tests.golden.case import case, normal
from tests.golden.layer_case import layer, made

X2, X3, X4 = normal(5, 4), normal(3, 5, 4), normal(2, 6, 5, 4)
MASK = [[True, True, False, False, True], [False] * 5, [True] * 5]
LIMITS = {"rmin": 0.5, "rmax": 1.5, "dmax": 0.3}

CASES = [
    *[layer("BatchNormalization", inputs={"x": x}, training=t) for x in (X2, X3, X4) for t in (True, False, None)],
    *[layer("BatchNormalization", axis=a, inputs={"x": X4}, training=True) for a in (1, 2, -2)],
    layer("BatchNormalization", momentum=0.5, epsilon=0.1, inputs={"x": X2}, training=True),
    layer("BatchNormalization", center=False, inputs={"x": X2}, training=True),
    layer("BatchNormalization", scale=False, inputs={"x": X2}, training=False),
    layer("BatchNormalization", center=False, scale=False, inputs={"x": X2}, training=True),
    layer("BatchNormalization", gamma_regularizer="l2", beta_regularizer="l2", inputs={"x": X2}, training=True),
    layer("BatchNormalization", moving_mean_initializer="ones", gamma_initializer="zeros", inputs={"x": X2}),
    layer("BatchNormalization", trainable=False, inputs={"x": X2}, training=True),
    layer("BatchNormalization", inputs={"x": X3}, training=True, call={"mask": MASK}),
    layer("BatchNormalization", inputs={"x": X3}, training=False, call={"mask": MASK}),
    layer("BatchNormalization", renorm=True, inputs={"x": X2}, training=True),
    layer("BatchNormalization", renorm=True, renorm_clipping=LIMITS, renorm_momentum=0.8, inputs={"x": X4}, training=True),
    layer("BatchNormalization", renorm=True, inputs={"x": X2}, training=False),
    layer("BatchNormalization", synchronized=True, inputs={"x": X2}, training=True),
    *[layer("BatchNormalization", dtype=d, inputs={"x": X4}, training=True, rtol=r)
      for d, r in (("mixed_float16", 1e-2), ("mixed_bfloat16", 5e-2), ("float64", 1e-6))],
    layer("LayerNormalization", inputs={"x": X2}),
    layer("LayerNormalization", inputs={"x": X3}),
    *[layer("LayerNormalization", axis=a, inputs={"x": X4}) for a in (1, [1, 2], (3, 1), [-1, -2], -2)],
    layer("LayerNormalization", epsilon=0.1, center=False, inputs={"x": X3}),
    layer("LayerNormalization", scale=False, beta_regularizer="l2", inputs={"x": X3}),
    layer("LayerNormalization", gamma_initializer="glorot_uniform", axis=[1, 2], inputs={"x": X3}),
    *[layer("LayerNormalization", dtype=d, inputs={"x": X3}, rtol=r) for d, r in (("mixed_float16", 1e-2), ("float64", 1e-6))],
    *[layer("GroupNormalization", g, inputs={"x": X4}) for g in (1, 2, 4, -1)],
    layer("GroupNormalization", 2, axis=1, inputs={"x": X4}),
    layer("GroupNormalization", 2, inputs={"x": X2}),
    layer("GroupNormalization", 2, epsilon=0.1, center=False, gamma_regularizer="l2", inputs={"x": X3}),
    layer("GroupNormalization", 2, scale=False, dtype="mixed_float16", inputs={"x": X3}, rtol=1e-2),
    *[layer("RMSNormalization", inputs={"x": x}) for x in (X2, X3)],
    layer("RMSNormalization", axis=[1, 2], inputs={"x": X3}),
    layer("RMSNormalization", dtype="mixed_float16", inputs={"x": X3}, rtol=1e-2),
    *[layer("UnitNormalization", axis=a, inputs={"x": X3}) for a in (-1, 1, [1, 2])],
    *[layer("SpectralNormalization", made("Dense", 3), inputs={"x": X2}, training=t) for t in (True, False)],
    layer("SpectralNormalization", made("Conv2D", 2, 2), power_iterations=3, inputs={"x": X4}, training=True),
    *[
        case(f"tf.keras.layers.{text}", grad=False, x=X3)
        for text in (
            "BatchNormalization()(x, mask=tf.constant([True]))", "BatchNormalization(axis=[1, 2])",
            "BatchNormalization(axis='x')", "BatchNormalization(renorm=True, renorm_clipping={'r': 1})",
            "BatchNormalization(renorm=True, renorm_clipping={'rmin': 2.0, 'rmax': 1.0})",
            "BatchNormalization(renorm=True, renorm_clipping={'dmax': -1.0})",
            "BatchNormalization(foo=1)", "BatchNormalization()(tf.keras.Input((3, None)))", "LayerNormalization(axis='x')",
            "LayerNormalization(axis=5).compute_output_shape((2, 3))",
            "GroupNormalization(0)", "GroupNormalization(3)(x)", "GroupNormalization(8)(x)", "GroupNormalization()(x)",
            "GroupNormalization('x')", "UnitNormalization(axis='x')",
            "UnitNormalization(axis=5).compute_output_shape((2, 3))", "SpectralNormalization(tf.keras.layers.Flatten())(x)",
            "SpectralNormalization(tf.keras.layers.Dense(2), power_iterations=0)", "SpectralNormalization('x')",
        )
    ],
]  # fmt: skip
