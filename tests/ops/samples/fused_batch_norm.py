import numpy as np

from tests.ops.samples import real, sample

X, SCALE, OFFSET = real(2, 3, 4, 5), real(5, low=0.5, high=2), real(5)
MEAN, VARIANCE = real(5, seed=1), real(5, low=0.5, high=2, seed=1)

SAMPLES = {
    "FusedBatchNormV3": [
        # Only the first output has a gradient, as in TensorFlow; here all of them are summed.
        sample(order=0, x=X, scale=SCALE, offset=OFFSET, mean=np.zeros(0), variance=np.zeros(0)),
        sample(x=X, scale=SCALE, offset=OFFSET, mean=MEAN, variance=VARIANCE, is_training=False),
    ],
    "FusedBatchNormGradV3": [
        sample(
            y_backprop=real(2, 3, 4, 5, seed=1),
            x=X,
            scale=SCALE,
            reserve_space_1=MEAN,
            reserve_space_2=VARIANCE,
            reserve_space_3=np.zeros(0),
            is_training=False,
        )
    ],
}
