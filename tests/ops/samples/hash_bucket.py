import numpy as np

from tests.ops.samples import sample

_WORDS = np.array([[b"sun", b""], [b"a much longer text", b"moon"]], object)
SAMPLES = {"StringToHashBucketFast": [sample(input=_WORDS, num_buckets=5)]}
