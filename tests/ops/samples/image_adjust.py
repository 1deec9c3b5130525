import numpy as np

from tests.ops.samples import real, sample

X = real(2, 4, 3, 3, low=0.1)
SINGLE = X.astype(np.float32)
HALF = np.array(0.5, np.float32)

SAMPLES = {  # those of adjustments have no gradient, here as in TensorFlow, and take no double precision
    "AdjustContrastv2": [sample(order=0, images=SINGLE, contrast_factor=HALF)],
    "AdjustHue": [sample(order=0, images=SINGLE, delta=HALF)],
    "AdjustSaturation": [sample(order=0, images=SINGLE, scale=HALF)],
    "HSVToRGB": [sample(order=0, images=X)],
    "RGBToHSV": [sample(images=X)],
}
