import numpy as np

from tests.ops.samples import ints, real, sample, whole

X = real(2, 5, 4, 3).astype(np.float32)
DY = real(3, 2, 3, 3).astype(np.float32)
BOXES = np.array([[0.1, 0.2, 0.7, 0.9], [0.8, 0.7, 0.2, -0.3], [-0.5, 0.2, 1.7, 0.6]], np.float32)
CROP = {"boxes": BOXES, "box_ind": ints(0, 1, 1)}

CORNERS = real(6, 4, low=0.0).astype(np.float32)
SCORES = real(6, low=0.0).astype(np.float32)
CHOICE = {"boxes": CORNERS, "scores": SCORES, "max_output_size": 4}
LIMIT, LEAST, SIGMA = (np.array(x, np.float32) for x in (0.2, 0.1, 0.5))
WINDOW = {"ksizes": [1, 2, 3, 1], "strides": [1, 2, 1, 1], "rates": [1, 1, 2, 1]}

SAMPLES = {  # crops compute in float32: no differences of small steps; `test_image.py` checks their gradients
    "CombinedNonMaxSuppression": [
        sample(
            boxes=real(2, 6, 1, 4).astype(np.float32), scores=real(2, 6, 3).astype(np.float32), iou_threshold=LIMIT,
            score_threshold=LEAST, max_output_size_per_class=2, max_total_size=4,
        ),
    ],
    "CropAndResize": [
        sample(order=0, image=X, crop_size=[2, 3], **CROP),
        sample(order=0, image=whole(2, 5, 4, 3), crop_size=[1, 4], method="nearest", extrapolation_value=2.0, **CROP),
    ],
    "CropAndResizeGradBoxes": [sample(order=0, grads=DY, image=X, **CROP)],
    "CropAndResizeGradImage": [
        sample(order=0, grads=DY, image_size=[2, 5, 4, 3], T=np.float32, **CROP),
        sample(order=0, grads=DY, image_size=[2, 5, 4, 3], T=np.float64, method="nearest", **CROP),
    ],
    "ExtractImagePatches": [
        sample(images=real(2, 5, 6, 2), padding="SAME", **WINDOW),
        sample(images=real(2, 5, 6, 2), padding="VALID", **WINDOW),
    ],
    "NonMaxSuppression": [sample(iou_threshold=0.2, **CHOICE)],
    "NonMaxSuppressionV2": [sample(iou_threshold=LIMIT, **CHOICE)],
    "NonMaxSuppressionV3": [sample(iou_threshold=LIMIT, score_threshold=LEAST, **CHOICE)],
    "NonMaxSuppressionV4": [
        sample(iou_threshold=LIMIT, score_threshold=LEAST, **CHOICE),
        sample(iou_threshold=LIMIT, score_threshold=LEAST, pad_to_max_output_size=True, **CHOICE),
    ],
    "NonMaxSuppressionV5": [sample(iou_threshold=LIMIT, score_threshold=LEAST, soft_nms_sigma=SIGMA, **CHOICE)],
    "NonMaxSuppressionWithOverlaps": [
        sample(
            overlaps=real(6, 6, low=0.0).astype(np.float32), scores=SCORES, max_output_size=4, overlap_threshold=LIMIT,
            score_threshold=LEAST,
        ),
    ],
}  # fmt: skip
