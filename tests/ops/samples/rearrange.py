from tests.ops.samples import ints, real, sample

X = real(2, 3)

SAMPLES = {
    "Tile": [sample(input=X, multiples=[2, 3])],
    "Pad": [sample(input=X, paddings=[[1, 0], [0, 2]])],
    "PadV2": [sample(input=X, paddings=[[1, 0], [0, 2]], constant_values=real())],
    "MirrorPad": [
        sample(input=X, paddings=[[1, 0], [2, 1]], mode="REFLECT"),
        sample(input=X, paddings=[[1, 2], [0, 3]], mode="SYMMETRIC"),
    ],
    "MirrorPadGrad": [sample(input=real(3, 6), paddings=[[1, 0], [2, 1]], mode="REFLECT")],
    "ReverseV2": [sample(tensor=X, axis=[-1]), sample(tensor=X, axis=[0, 1])],
    "ReverseSequence": [sample(input=real(3, 4, 2), seq_lengths=ints(2, 4, 0), seq_dim=1)],
    "Roll": [sample(input=X, shift=[1, -2], axis=[0, 1])],
}
