from tests.ops.samples import real, sample

SAMPLES = {
    **{name: [sample(x=real(2, 3, low=-2, high=2))] for name in ("Erf", "Erfc", "Dawsn", "FresnelCos", "FresnelSin")},
    "Ndtri": [sample(x=real(2, 3, low=0.05, high=0.95))],
    "Erfinv": [sample(x=real(2, 3, low=-0.9, high=0.9))],
    **{name: [sample(x=real(2, 3, low=0.3, high=3))] for name in ("Expint", "Spence")},
}
