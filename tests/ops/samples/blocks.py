from tests.ops.samples import real, sample

SAMPLES = {
    "SpaceToBatchND": [sample(input=real(2, 3, 4, 1), block_shape=[2, 2], paddings=[[0, 1], [0, 0]])],
    "BatchToSpaceND": [sample(input=real(8, 2, 2, 1), block_shape=[2, 2], crops=[[0, 1], [0, 0]])],
    "SpaceToDepth": [sample(input=real(2, 4, 6, 3), block_size=2)],
    "DepthToSpace": [sample(input=real(2, 2, 3, 8), block_size=2)],
}
