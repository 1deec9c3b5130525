from tests.ops.samples import real, sample

X = real(2, 3, low=-0.9, high=0.9)

SAMPLES = {
    **{name: [sample(x=X)] for name in ("Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Atanh")},
    "Acosh": [sample(x=real(2, 3, low=1.2, high=3))],
    "Atan2": [sample(y=X, x=real(3))],
}
