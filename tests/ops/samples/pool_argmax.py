import numpy as np

from tests.ops.samples import real, sample

X = real(2, 4, 6, 3)
OPTIONS = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}
FLAT = np.arange(X[0].size).reshape(X.shape[1:])
WINDOWS = X.reshape(2, 2, 2, 3, 2, 3).transpose(0, 1, 3, 5, 2, 4).reshape(2, 2, 3, 3, 4)
PLACES = FLAT.reshape(2, 2, 3, 2, 3).transpose(0, 2, 4, 1, 3).reshape(1, 2, 3, 3, 4)
ARGMAX = np.take_along_axis(np.broadcast_to(PLACES, WINDOWS.shape), WINDOWS.argmax(-1)[..., None], -1)[..., 0]

SAMPLES = {
    "MaxPoolWithArgmax": [sample(input=X, **OPTIONS), sample(input=X, include_batch_in_index=True, **OPTIONS)],
    "MaxPoolGradWithArgmax": [sample(input=X, grad=real(2, 2, 3, 3), argmax=ARGMAX, **OPTIONS)],
    "MaxPoolGradGradWithArgmax": [sample(input=X, grad=real(2, 4, 6, 3, seed=1), argmax=ARGMAX, **OPTIONS)],
}
