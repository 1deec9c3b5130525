from tests.ops.samples import real, sample

SAMPLES = {"AddN": [sample(inputs=[real(2, 3), real(2, 3, seed=1), real(2, 3, seed=2)]), sample(inputs=[real(3)])]}
