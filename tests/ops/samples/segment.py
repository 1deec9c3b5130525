from tests.ops.samples import ints, real, sample

SAMPLES = {
    f"UnsortedSegment{kind}": [sample(data=real(5, 2), segment_ids=ints(2, 0, 2, -1, 1), num_segments=3)]
    for kind in ("Sum", "Prod", "Max", "Min")
}
