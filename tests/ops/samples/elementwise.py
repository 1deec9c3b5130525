import numpy as np

from tests.ops.samples import real, sample

X, Y = real(2, 3), real(3, low=0.5, high=2)

SAMPLES = {
    **{
        name: [sample(x=X, y=Y), sample(x=real(2, 1), y=real(1, 3, low=0.5, high=2))]
        for name in ("Add", "AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum")
    },
    "DivNoNan": [sample(x=X, y=Y)],
    **{name: [sample(x=X)] for name in ("Neg", "Square", "Abs", "ComplexAbs")},
    # As in TensorFlow, the gradients of complex numbers are not conjugated, or zero.
    **{name: [sample(complex_order=0, x=X, y=Y)] for name in ("SquaredDifference", "MulNoNan")},
    "Sign": [sample(complex_order=0, x=X)],
    "Conj": [sample(input=X)],
    "ClipByValue": [sample(t=X, clip_value_min=np.array(-0.3), clip_value_max=np.array(0.4))],
}
