from tests.ops.samples import real, sample

SAMPLES = {
    "CumulativeLogsumexp": [sample(x=real(2, 4), axis=1), sample(x=real(2, 4), axis=0, exclusive=False, reverse=True)]
}
