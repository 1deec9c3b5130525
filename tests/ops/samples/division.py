from tests.ops.samples import real, sample

X, Y = real(2, 3, low=-7, high=7), real(3, low=1.2, high=2.2)

SAMPLES = {
    **{name: [sample(x=X, y=Y)] for name in ("FloorDiv", "FloorMod", "TruncateDiv", "Div")},
    **{name: [sample(order=0, x=X, y=Y)] for name in ("Mod", "TruncateMod")},  # without gradients, as in TensorFlow
    **{name: [sample(x=X)] for name in ("Ceil", "Floor", "Round", "Rint")},
    # The gradients are TensorFlow's: one for the first operand and zero for the second.
    "NextAfter": [sample(order=0, x1=X, x2=Y)],
}
