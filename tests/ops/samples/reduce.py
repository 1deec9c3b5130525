from tests.ops.samples import real, sample

X = real(2, 3, 4)
BOOLS = X > 0

SAMPLES = {
    **{
        name: [sample(input=X, axis=[1]), sample(input=X, axis=[0, -1], keep_dims=True), sample(input=X, axis=[])]
        for name in ("Sum", "Mean", "Prod", "Max", "Min")
    },
    # As in TensorFlow, the gradients of complex numbers are not conjugated.
    "EuclideanNorm": [sample(complex_order=0, input=X, axis=[1]), sample(complex_order=0, input=X, axis=[0, 2])],
    **{name: [sample(input=X, dimension=1), sample(input=X, dimension=-1)] for name in ("ArgMax", "ArgMin")},
    **{name: [sample(input=BOOLS, axis=[1]), sample(input=BOOLS, axis=[0, 1, 2])] for name in ("All", "Any")},
}
