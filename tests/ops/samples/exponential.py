from tests.ops.samples import real, sample

X, POSITIVE, DY = real(2, 3), real(2, 3, low=0.3, high=3), real(2, 3, seed=1)

SAMPLES = {
    **{name: [sample(x=X)] for name in ("Exp", "Expm1", "Sigmoid", "Tanh")},
    **{name: [sample(x=POSITIVE)] for name in ("Log", "Log1p", "Sqrt", "Rsqrt", "Reciprocal", "Inv")},
    # As in TensorFlow, the gradients of complex numbers are not conjugated.
    **{name: [sample(complex_order=0, x=X, y=real(3, low=0.3, high=3))] for name in ("Xlogy", "Xlog1py", "Xdivy")},
    "Pow": [sample(x=POSITIVE, y=X), sample(x=real(2, 1, low=0.3, high=2), y=real(3))],
    **{
        name: [sample(y=POSITIVE / 4, dy=DY)]
        for name in ("SqrtGrad", "RsqrtGrad", "ReciprocalGrad", "SigmoidGrad", "TanhGrad")
    },
}
