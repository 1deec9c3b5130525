import numpy as np

from tests.ops.samples import real, sample

X, Y = real(2, 3, low=-3, high=3), real(3, low=-3, high=3)
A, B = np.array([[True], [False]]), np.array([True, False])

SAMPLES = {
    **{name: [sample(x=X, y=Y)] for name in ("Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual")},
    "ApproximateEqual": [sample(x=X, y=X + 1e-6)],
    **{name: [sample(x=X)] for name in ("IsNan", "IsInf", "IsFinite")},
    **{name: [sample(x=A, y=B)] for name in ("LogicalAnd", "LogicalOr")},
    "LogicalNot": [sample(x=A)],
}
