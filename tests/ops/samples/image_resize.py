import numpy as np

from tests.ops.samples import real, sample

X = real(2, 5, 4, 3)
DY = X.astype(np.float32)
ORIGINAL = np.zeros((2, 3, 6, 3), np.float32)
SCALE, TRANSLATION = np.array([0.7, 1.5], np.float32), np.array([0.25, -1.0], np.float32)
CORNERS = {"align_corners": True}
CENTERS = {"half_pixel_centers": True}

# Most compute in float32, whatever the dtype: no differences of small steps. `test_image.py` checks their gradients.
SAMPLES = {
    "ResizeArea": [sample(order=0, images=X, size=[3, 6]), sample(order=0, images=X, size=[7, 2], **CORNERS)],
    "ResizeBicubic": [
        sample(order=0, images=X, size=[3, 6], **CENTERS),
        sample(order=0, images=X, size=[7, 2], **CORNERS),
        sample(order=0, images=X, size=[2, 9]),
    ],
    "ResizeBicubicGrad": [sample(order=0, grads=DY, original_image=ORIGINAL, **CENTERS)],
    "ResizeBilinear": [
        sample(order=0, images=X, size=[2, 6], **CENTERS),
        sample(order=0, images=X, size=[7, 2], **CORNERS),
        sample(order=0, images=X, size=[1, 9]),
    ],
    "ResizeBilinearGrad": [sample(order=0, grads=DY, original_image=ORIGINAL, **CORNERS)],
    "ResizeNearestNeighbor": [
        sample(images=X, size=[3, 6], **CENTERS),
        sample(images=X, size=[7, 2], **CORNERS),
        sample(images=X, size=[2, 9]),
    ],
    "ResizeNearestNeighborGrad": [sample(grads=X, size=[3, 6], **CENTERS)],
    "ScaleAndTranslate": [
        sample(order=0, images=X, size=[3, 6], scale=SCALE, translation=TRANSLATION, kernel_type="triangle"),
        sample(order=0, images=X, size=[7, 2], scale=SCALE, translation=TRANSLATION, antialias=False),
    ],
    "ScaleAndTranslateGrad": [
        sample(
            order=0, grads=DY, original_image=ORIGINAL, scale=SCALE, translation=TRANSLATION, kernel_type="keyscubic"
        ),
    ],
}
