import numpy as np

from tests.ops.samples import real, sample

IMAGES = real(2, 4, 5, 3)
TURNED = np.array([[0.9, -0.4, 0.7, 0.4, 0.9, -0.8, 0, 0], [1.2, 0.1, -1.6, 0, 0.8, 1.3, 0.01, -0.02]], np.float32)
FILL = np.float32(0.5)

# gradients are TensorFlow's, which sees the upstream gradient through the inverse: not what differences say
SAMPLES = {
    "ImageProjectiveTransformV2": [
        sample(0, images=IMAGES, transforms=TURNED, output_shape=(4, 5), interpolation="BILINEAR")
    ],
    "ImageProjectiveTransformV3": [
        sample(
            0,
            images=IMAGES,
            transforms=turned,
            output_shape=(3, 6),
            fill_value=FILL,
            interpolation=kind,
            fill_mode=mode,
        )
        for kind in ("NEAREST", "BILINEAR")
        for mode in ("CONSTANT", "REFLECT", "WRAP", "NEAREST")
        for turned in (TURNED, TURNED[:1] * 4)
    ],
}
