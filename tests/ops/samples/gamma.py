from tests.ops.samples import real, sample

A, X = real(2, 3, low=0.5, high=3), real(3, low=0.5, high=3)

SAMPLES = {
    **{name: [sample(x=A)] for name in ("Lgamma", "Digamma")},
    # The gradient in `a` has none of its own, here as in TensorFlow.
    **{name: [sample(order=1, a=A, x=X)] for name in ("Igamma", "Igammac")},
    "IgammaGradA": [sample(order=0, a=A, x=X)],
    "Polygamma": [sample(a=A * 0 + 2, x=X)],
    "Zeta": [sample(x=A + 1, q=X)],
    "Betainc": [sample(order=1, a=A, b=A[::-1].copy(), x=real(2, 3, low=0.1, high=0.9))],
}
