from tests.ops.samples import ints, real, sample

SAMPLES = {
    "DynamicPartition": [sample(data=real(4, 2), partitions=ints(0, 2, 0, 1), num_partitions=3)],
    "DynamicStitch": [sample(indices=[ints(0, 3), ints(1, 2)], data=[real(2, 2), real(2, 2, seed=1)])],
    "InvertPermutation": [sample(x=ints(2, 0, 1))],
    "UnravelIndex": [sample(indices=ints(5, 0, 3), dims=ints(2, 3))],
}
