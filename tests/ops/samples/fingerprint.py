from tests.ops.samples import sample, whole

SAMPLES = {"Fingerprint": [sample(data=whole(2, 3), method="farmhash64")]}
