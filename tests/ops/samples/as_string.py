from tests.ops.samples import real, sample

SAMPLES = {"AsString": [sample(input=real(2, 3)), sample(input=real(3), precision=2, width=8)]}
