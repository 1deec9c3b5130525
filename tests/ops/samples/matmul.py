from tests.ops.samples import real, sample, whole

SAMPLES = {
    "MatMul": [
        sample(a=real(2, 3), b=real(3, 4)),
        sample(a=real(3, 2), b=real(4, 3), transpose_a=True, transpose_b=True),
    ],
    "BatchMatMulV2": [
        sample(x=real(2, 1, 2, 3), y=real(2, 3, 4)),
        sample(x=real(2, 3, 2), y=real(2, 4, 3), adj_x=True, adj_y=True),
    ],
    "BatchMatMulV3": [sample(x=whole(2, 2, 3, dtype="int8"), y=whole(2, 3, 4, dtype="int8"), Tout="int32")],
}
