from tests.ops.samples import real, sample

SAMPLES = {"Cross": [sample(a=real(2, 3), b=real(2, 3, seed=1))]}
