from tests.ops.samples import real, sample

SAMPLES = {"IsotonicRegression": [sample(input=real(2, 6), output_dtype="float64")]}
