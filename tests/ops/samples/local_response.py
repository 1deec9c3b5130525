from tests.ops.samples import real, sample

X = real(2, 2, 2, 5)
OPTIONS = {"depth_radius": 1, "bias": 1.5, "alpha": 0.7, "beta": 0.6}

SAMPLES = {
    "LRN": [sample(input=X, **OPTIONS)],
    # Its gradient takes the output as a function of the input. That is tested by the second order of LRN.
    "LRNGrad": [
        sample(
            order=0,
            input_grads=real(2, 2, 2, 5, seed=1),
            input_image=X,
            output_image=real(2, 2, 2, 5, seed=2),
            **OPTIONS,
        )
    ],
}
