from tests.ops.samples import ints, real, sample

X = real(2, 3)

SAMPLES = {
    "Reshape": [sample(tensor=X, shape=[3, -1]), sample(tensor=X, shape=[1, 6])],
    "ExpandDims": [sample(input=X, axis=-1)],
    "Squeeze": [sample(input=real(1, 3, 1)), sample(input=real(1, 3, 1), axis=[0])],
    "Transpose": [sample(x=X, perm=[1, 0]), sample(x=real(2, 3, 4), perm=[2, 0, 1])],
    "ConjugateTranspose": [sample(x=X, perm=[1, 0])],
    "BroadcastTo": [sample(input=real(2, 1), shape=[3, 2, 4])],
    "BroadcastArgs": [sample(s0=ints(2, 1, 3), s1=ints(4, 1))],
    "ConcatV2": [sample(values=[X, real(2, 1)], axis=1), sample(values=[X, X], axis=-2)],
    "Pack": [sample(values=[X, real(2, 3, seed=1)], axis=1)],
    "Unpack": [sample(value=X, num=3, axis=1), sample(value=X, num=2)],
    "Split": [sample(axis=1, value=X, num_split=3)],
    "SplitV": [sample(value=X, size_splits=[1, 2], axis=1, num_split=2)],
}
