"""Boxes in images: crops, suppression, patches."""

import numpy as np

from tests.golden.case import case, integers, normal, uniform

X = uniform(3, 7, 8, 2)
BOXES = np.array(
    [[0, 0, 1, 1], [0.1, 0.2, 0.7, 0.9], [0.8, 0.7, 0.2, -0.3], [0.4, 0.4, 0.4, 0.4], [-0.5, 0.2, 1.7, 0.6]], np.float32
)
WHICH = np.array([0, 2, 1, 1, 0], np.int32)
CROPS = """
crop_and_resize(x, boxes, which, [4, 5]); crop_and_resize(x, boxes, which, [1, 1]); crop_and_resize(x, boxes, which, (1, 6), extrapolation_value=-2.5)
crop_and_resize(x, boxes, which, [9, 3], method='nearest'); crop_and_resize(x, boxes, which, [2, 2], 'foo'); crop_and_resize(x, boxes, which, [0, 2])
crop_and_resize(x, boxes, which + 1, [2, 2]); crop_and_resize(x, boxes[:2], which, [2, 2]); crop_and_resize(x[0], boxes, which, [2, 2])
crop_and_resize(x, boxes / 0.0, which, [2, 2]); crop_and_resize(x, boxes[:0], which[:0], [2, 2]); crop_and_resize(x, boxes, which - 1, [2, 2])
"""
PATCHES = """
x, [1, 3, 3, 1], [1, 1, 1, 1], [1, 1, 1, 1], 'VALID'; x, [1, 3, 2, 1], [1, 2, 3, 1], [1, 1, 1, 1], 'SAME'; x, [1, 2, 3, 1], [1, 3, 2, 1], [1, 2, 2, 1], 'SAME'
x, [1, 2, 2, 1], [1, 4, 4, 1], [1, 1, 3, 1], 'VALID'; x, [2, 2], [1, 4, 4, 1], [1, 1, 3, 1], 'VALID'; x, [1, 2, 2, 2], [1, 4, 4, 1], [1, 1, 3, 1], 'VALID'
x, [1, 9, 9, 1], [1, 1, 1, 1], [1, 1, 1, 1], 'VALID'; x, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], 'FOO'
"""
CORNERS = uniform(12, 4, low=0, high=1, seed=3)
SCORES = uniform(12, low=0, high=1, seed=5)
CHOICES = """
non_max_suppression(b, s, 5); non_max_suppression(b, s, 50, 0.1); non_max_suppression(b, s, 50, 0.3, 0.4); non_max_suppression(b, s, tf.constant(3), 0.0)
non_max_suppression(b, s, 0); non_max_suppression(b, s, -1); non_max_suppression(b, s, 5, 1.5); non_max_suppression(b, s[:3], 5); non_max_suppression(b[:, :3], s, 5)
non_max_suppression(b[:0], s[:0], 5); non_max_suppression(b, tf.round(s), 12, 0.2); non_max_suppression_with_scores(b, s, 12, 0.3, 0.1, 0.4)
non_max_suppression_with_scores(b, s, 4, 0.3, 0.1); non_max_suppression_with_scores(b, s, 12, soft_nms_sigma=1.0); non_max_suppression_with_scores(b, s, 3, soft_nms_sigma=-1.0)
non_max_suppression_overlaps(tf.abs(b @ tf.transpose(b)) / 3, s, 12, 0.4); non_max_suppression_overlaps(b, s, 12, 0.4); non_max_suppression(tf.cast(b, tf.float16), tf.cast(s, tf.float16), 9, tf.constant(0.2, tf.float16), tf.constant(0.1, tf.float16))
"""
RAW = """
NonMaxSuppression(boxes=b, scores=s, max_output_size=5, iou_threshold=0.2); NonMaxSuppressionV2(boxes=b, scores=s, max_output_size=5, iou_threshold=0.2)
NonMaxSuppressionV4(boxes=b, scores=s, max_output_size=9, iou_threshold=0.2, score_threshold=0.3)
NonMaxSuppressionV4(boxes=b, scores=s, max_output_size=9, iou_threshold=0.2, score_threshold=0.3, pad_to_max_output_size=True)
NonMaxSuppressionV5(boxes=b, scores=s, max_output_size=9, iou_threshold=0.2, score_threshold=0.3, soft_nms_sigma=0.5, pad_to_max_output_size=True)
"""
COMBINED = """
b, s, 3, 5; b, s, 3, 20, 0.2, 0.3; b, s, 2, 9, pad_per_class=True; b, s, 5, 4, 0.2, pad_per_class=True; b, s, 3, 5, clip_boxes=False; b[:, :, :1], s, 3, 8, 0.3
b, s, 0, 5; b[..., :3], s, 3, 5; b, s, 3, 5, 1.5; b[:, :, :2], s, 3, 5
"""


def each(codes):
    return [code.strip() for line in codes.strip().splitlines() for code in line.split("; ")]


CASES = [
    *(case(f"tf.image.{code}", x=X, boxes=BOXES, which=WHICH) for code in each(CROPS)),
    case("tf.image.crop_and_resize(x, boxes, which, [3, 3])", x=integers(3, 7, 8, 2, dtype=np.uint8), boxes=BOXES, which=WHICH),
    *(case(f"tf.image.extract_patches({code})", x=normal(2, 7, 8, 3)) for code in each(PATCHES)),
    case("tf.image.extract_patches(x, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], 'SAME')", x=integers(1, 3, 3, 2)),
    *(case(f"tf.image.{code}", b=CORNERS, s=SCORES, grad=False) for code in each(CHOICES)),
    *(case(f"tf.raw_ops.{code}", b=CORNERS, s=SCORES, grad=False) for code in each(RAW)),
    *(
        case(f"tf.image.combined_non_max_suppression({code})", b=uniform(2, 6, 3, 4, low=-0.2), s=uniform(2, 6, 3), grad=False)
        for code in each(COMBINED)
    ),
]  # fmt: skip
