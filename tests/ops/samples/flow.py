from tests.ops.samples import sample

SAMPLES = {"Timestamp": [sample(repeats=False)]}
