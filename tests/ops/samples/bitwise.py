from tests.ops.samples import sample, whole

X, Y = whole(2, 3, low=-100, high=100), whole(3, low=-100, high=100)

SAMPLES = {
    **{name: [sample(x=X, y=Y)] for name in ("BitwiseAnd", "BitwiseOr", "BitwiseXor")},
    **{name: [sample(x=X, y=whole(3, low=0, high=5))] for name in ("LeftShift", "RightShift")},
    **{name: [sample(x=X)] for name in ("Invert", "PopulationCount")},
}
