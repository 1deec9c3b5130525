from tests.ops.samples import sample

SAMPLES = {"NonDeterministicInts": [sample(repeats=False, shape=[2, 3])]}
