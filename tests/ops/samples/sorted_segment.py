from tests.ops.samples import ints, real, sample

SAMPLES = {
    f"Segment{kind}": [sample(data=real(4, 2), segment_ids=ints(0, 0, 1, 3))]
    for kind in ("Sum", "Prod", "Mean", "Max", "Min")
}
