from tests.ops.samples import ints, real, sample

ARGUMENTS = {"data": real(4, 2), "indices": ints(3, 0, 0), "segment_ids": ints(0, 1, 1)}

SAMPLES = {
    **{f"SparseSegment{kind}": [sample(**ARGUMENTS)] for kind in ("Sum", "Mean", "SqrtN")},
    **{
        f"SparseSegment{kind}WithNumSegments": [sample(num_segments=4, **ARGUMENTS)]
        for kind in ("Sum", "Mean", "SqrtN")
    },
}
