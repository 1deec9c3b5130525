"""Non-maximum suppression: of boxes that overlap, the one with the highest score."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.convert import convert
from tenfold.core.dtypes import FLOATING
from tenfold.core.op import NotDifferentiable, Op, register
from tenfold.core.symbol import STAND_IN, Spec
from tenfold.core.tensor import Tensor
from tenfold.ops import join, static

_CHOICE = NotDifferentiable("which boxes are chosen does not change smoothly")
_single = np.dtype(np.float32)
_index = np.dtype(np.int32)


class _Boxes:
    """How much boxes overlap: the part that two have in common of what they cover together."""

    def __init__(self, boxes: np.ndarray) -> None:
        if boxes.ndim != 2 or boxes.shape[1] != 4:
            raise ValueError(f"boxes must have the shape (boxes, 4), not {boxes.shape}")
        corners = boxes.astype(_single, copy=False)
        self._low, self._high = np.minimum(corners[:, :2], corners[:, 2:]), np.maximum(corners[:, :2], corners[:, 2:])
        self._areas = np.prod(self._high - self._low, 1)

    def __call__(self, i: int) -> np.ndarray:
        """That of all boxes with one."""
        sides = np.minimum(self._high, self._high[i]) - np.maximum(self._low, self._low[i])
        common = np.prod(np.maximum(sides, 0), 1)
        is_box = (self._areas > 0) & (self._areas[i] > 0)
        return np.where(is_box, common / np.where(is_box, self._areas + self._areas[i] - common, 1), 0)


def _order(scores: np.ndarray, least: float) -> np.ndarray:
    """The boxes whose score is above the least, the highest first; of equal ones the first."""
    order = np.argsort(-scores, kind="stable")
    return order[scores[order] > least]


def _chosen(overlap: Any, scores: np.ndarray, count: int, most: float, least: float) -> list[int]:
    """At most `count` boxes of which no two overlap by more than `most`."""
    left = _order(scores, least)
    chosen: list[int] = []
    while left.size and len(chosen) < count:
        chosen.append(int(left[0]))
        left = left[1:]
        if left.size:
            left = left[~(overlap(chosen[-1])[left] > most)]
    return chosen


def _softly_chosen(
    overlap: Any, scores: np.ndarray, count: int, least: float, sigma: np.floating
) -> tuple[list[int], list[float]]:
    """At most `count` boxes with the highest scores, which are lowered by overlaps with those before (Bodla et al. 2017)."""
    scale = scores.dtype.type(-0.5) / sigma
    heap = [(-score, i, 0) for i, score in enumerate(scores) if score > least]
    heapify(heap)
    chosen: list[int] = []
    found: list[float] = []
    weights: list[np.ndarray] = []
    while heap and len(chosen) < count:
        negative, i, seen = heappop(heap)
        score = before = -negative
        for weight in reversed(weights[seen:]):
            score = score * weight[i]
            if score <= least:
                break
        if score == before:
            chosen.append(i)
            found.append(score)
            similar = overlap(i).astype(scores.dtype)
            weights.append(np.exp(scale * similar * similar))
        elif score > least:
            heappush(heap, (-score, i, len(chosen)))
    return chosen, found


def _checked(scores: np.ndarray, count: int, rows: int, iou_threshold: Any, *scalars: np.ndarray) -> None:
    if scores.shape != (rows,):
        raise ValueError(f"scores must have the shape ({rows},), not {scores.shape}")
    if any(np.ndim(x) for x in (iou_threshold, *scalars)):
        raise ValueError("thresholds must be scalars")
    if not 0 <= float(iou_threshold) <= 1:
        raise ValueError(f"iou_threshold must be in [0, 1], it is {float(iou_threshold)}")
    if count < 0:
        raise ValueError(f"output size must be non-negative, it is {count}")


def _hard(boxes: np.ndarray, scores: np.ndarray, count: int, most: Any, least: Any) -> list[int]:
    overlap = _Boxes(boxes)
    _checked(scores, count, boxes.shape[0], most, np.asarray(least))
    return _chosen(overlap, scores, count, float(most), float(least))


def _first_kernel(boxes, scores, *, max_output_size, iou_threshold=0.5):
    return np.array(_hard(boxes, scores, max_output_size, iou_threshold, -np.inf), _index)


def _second_kernel(boxes, scores, iou_threshold, *, max_output_size):
    return np.array(_hard(boxes, scores, max_output_size, iou_threshold, -np.inf), _index)


def _third_kernel(boxes, scores, iou_threshold, score_threshold, *, max_output_size):
    return np.array(_hard(boxes, scores, max_output_size, iou_threshold, score_threshold), _index)


def _filled(chosen: list, count: int, is_padded: bool) -> list:
    return chosen + [0] * (count - len(chosen)) if is_padded else chosen


def _fourth_kernel(boxes, scores, iou_threshold, score_threshold, *, max_output_size, pad_to_max_output_size=False):
    chosen = _hard(boxes, scores, max_output_size, iou_threshold, score_threshold)
    indices = np.array(_filled(chosen, max_output_size, pad_to_max_output_size), _index)
    return indices, np.array(len(chosen), _index)


def _fifth_kernel(
    boxes, scores, iou_threshold, score_threshold, soft_nms_sigma, *, max_output_size, pad_to_max_output_size=False
):
    overlap = _Boxes(boxes)
    _checked(scores, max_output_size, boxes.shape[0], iou_threshold, score_threshold, soft_nms_sigma)
    if soft_nms_sigma < 0:
        raise ValueError(f"soft_nms_sigma must not be negative, it is {float(soft_nms_sigma)}")
    if soft_nms_sigma > 0:
        chosen, found = _softly_chosen(overlap, scores, max_output_size, float(score_threshold), soft_nms_sigma)
    else:
        chosen = _chosen(overlap, scores, max_output_size, float(iou_threshold), float(score_threshold))
        found = scores[chosen].tolist()
    count, is_padded = max_output_size, pad_to_max_output_size
    indices = np.array(_filled(chosen, count, is_padded), _index)
    return indices, np.array(_filled(found, count, is_padded), scores.dtype), np.array(len(chosen), _index)


def _overlaps_kernel(overlaps, scores, overlap_threshold, score_threshold, *, max_output_size):
    if overlaps.ndim != 2 or overlaps.shape[0] != overlaps.shape[1]:
        raise ValueError(f"overlaps must be square, their shape is {overlaps.shape}")
    _checked(scores, max_output_size, overlaps.shape[0], 0, overlap_threshold, score_threshold)
    overlap = overlaps.T.__getitem__
    return np.array(_chosen(overlap, scores, max_output_size, float(overlap_threshold), float(score_threshold)), _index)


def _combined_kernel(
    boxes,
    scores,
    iou_threshold,
    score_threshold,
    *,
    max_output_size_per_class,
    max_total_size,
    pad_per_class=False,
    clip_boxes=True,
):
    per_class, total = max_output_size_per_class, max_total_size
    if boxes.ndim != 4 or boxes.shape[3] != 4 or scores.ndim != 3 or boxes.shape[:2] != scores.shape[:2]:
        raise ValueError(f"boxes {boxes.shape} and scores {scores.shape} do not fit")
    classes = scores.shape[2]
    if boxes.shape[2] not in (1, classes):
        raise ValueError(f"the third size of boxes must be 1 or {classes}, it is {boxes.shape[2]}")
    if per_class <= 0 or total <= 0:
        raise ValueError(f"max_output_size_per_class and max_total_size must be positive: {per_class}, {total}")
    if not 0 <= iou_threshold <= 1:
        raise ValueError(f"iou_threshold must be in [0, 1], it is {float(iou_threshold)}")
    rows = min(total, per_class * classes) if pad_per_class else total
    batch = boxes.shape[0]
    found_boxes, found_scores = np.zeros((batch, rows, 4), _single), np.zeros((batch, rows), _single)
    found_classes, valid = np.zeros((batch, rows), _single), np.zeros(batch, _index)
    for i in range(batch):
        candidates = [
            (-scores[i, j, kind], kind, j)
            for kind in range(classes)
            for j in _chosen(
                _Boxes(boxes[i, :, kind if boxes.shape[2] > 1 else 0]),
                scores[i, :, kind],
                min(per_class, boxes.shape[1]),
                float(iou_threshold),
                float(score_threshold),
            )
        ]
        best = sorted(candidates, key=lambda candidate: candidate[0])[:rows]
        valid[i] = len(best)
        for row, (negative, kind, j) in enumerate(best):
            found_boxes[i, row] = boxes[i, j, kind if boxes.shape[2] > 1 else 0]
            found_scores[i, row], found_classes[i, row] = -negative, kind
    return np.clip(found_boxes, 0, 1) if clip_boxes else found_boxes, found_scores, found_classes, valid


def _combined_specs(boxes, scores, iou_threshold, score_threshold, **attrs):
    total, classes = attrs["max_total_size"], scores.shape[2]
    rows = total
    if attrs.get("pad_per_class"):
        rows = min(total, attrs["max_output_size_per_class"] * classes)
    batch = boxes.shape[0]
    return [
        Spec(_single, (batch, rows, 4)),
        Spec(_single, (batch, rows)),
        Spec(_single, (batch, rows)),
        Spec(_index, (batch,)),
    ]


def _chosen_specs(boxes, scores, *thresholds, max_output_size, pad_to_max_output_size=False):
    """Indices, for the fifth also scores, and how many there are."""
    shape, hints = ((max_output_size,), ()) if pad_to_max_output_size else ((None,), (STAND_IN,))
    kinds = [_index] if len(thresholds) == 2 else [_index, scores.dtype]
    return [*[Spec(kind, shape, hints) for kind in kinds], Spec(_index, ())]


def _rows(boxes, scores, *thresholds, **attrs):
    return Spec.rows(_index)


_SIZE = ("max_output_size",)
SUPPRESS = register(
    Op("NonMaxSuppression", _first_kernel, host=_SIZE, types={dtypes.float32}, vjp=_CHOICE, infer=_rows)
)
SUPPRESS_V2 = register(Op("NonMaxSuppressionV2", _second_kernel, host=_SIZE, types=FLOATING, vjp=_CHOICE, infer=_rows))
SUPPRESS_V3 = register(Op("NonMaxSuppressionV3", _third_kernel, host=_SIZE, types=FLOATING, vjp=_CHOICE, infer=_rows))
SUPPRESS_V4 = register(
    Op(
        "NonMaxSuppressionV4",
        _fourth_kernel,
        host=_SIZE,
        types=FLOATING,
        vjp=_CHOICE,
        outputs=("selected_indices", "valid_outputs"),
        infer=_chosen_specs,
    )
)
SUPPRESS_V5 = register(
    Op(
        "NonMaxSuppressionV5",
        _fifth_kernel,
        host=_SIZE,
        types=FLOATING,
        vjp=_CHOICE,
        outputs=("selected_indices", "selected_scores", "valid_outputs"),
        infer=_chosen_specs,
    )
)
SUPPRESS_OVERLAPS = register(
    Op(
        "NonMaxSuppressionWithOverlaps",
        _overlaps_kernel,
        host=_SIZE,
        types={dtypes.float32},
        vjp=_CHOICE,
        infer=_rows,
    )
)
SUPPRESS_COMBINED = register(
    Op(
        "CombinedNonMaxSuppression",
        _combined_kernel,
        host=("max_output_size_per_class", "max_total_size"),
        types={dtypes.float32},
        vjp=_CHOICE,
        outputs=("nmsed_boxes", "nmsed_scores", "nmsed_classes", "valid_detections"),
        infer=_combined_specs,
    )
)


def non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    name: str | None = None,
) -> Tensor:
    """Which boxes have the highest scores, of those that overlap only the best.

    Args:
      boxes: float Tensor of shape `(boxes, 4)`: two corners that face each other.
      scores: float Tensor of shape `(boxes,)`.
      max_output_size: how many boxes are wanted at most.
      iou_threshold: which part of what two boxes cover together they may have in common.
      score_threshold: boxes need a higher score.
    Returns:
      int32 Tensor of their numbers, the best first.
    Raises:
      tf.errors.InvalidArgumentError: shapes do not fit, or a threshold is out of range.
    Example:
      >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [2.0, 2.0, 3.0, 3.0]]
      >>> tf.image.non_max_suppression(boxes, [0.8, 0.9, 0.3], 3).numpy()
      array([1, 2], dtype=int32)
    """
    x, y = join.matched((boxes, scores))
    count = static.scalar(max_output_size, "tf.image.non_max_suppression: max_output_size")
    return SUPPRESS_V3(x, y, _number(iou_threshold), _number(score_threshold), max_output_size=count)


def _number(value: Any) -> Tensor:
    return convert(value, None, dtypes.float32)


def non_max_suppression_with_scores(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    soft_nms_sigma: Any = 0.0,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """Like `tf.image.non_max_suppression`, with the boxes' scores, which overlaps may lower.

    Args:
      soft_nms_sigma: above 0, how slowly scores fall with overlaps; then no box is left out for these.
    Returns:
      The numbers of boxes, int32, and their scores.
    Example:
      >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]
      >>> tf.image.non_max_suppression_with_scores(boxes, [0.8, 0.9], 3, soft_nms_sigma=0.5)[1].numpy()
      array([0.9  , 0.294], dtype=float32)
    """
    x, y = join.matched((boxes, scores))
    count = static.scalar(max_output_size, "tf.image.non_max_suppression_with_scores: max_output_size")
    thresholds = map(_number, (iou_threshold, score_threshold, soft_nms_sigma))
    found = SUPPRESS_V5(x, y, *thresholds, max_output_size=count, pad_to_max_output_size=False)
    return found.selected_indices, found.selected_scores


def non_max_suppression_overlaps(
    overlaps: Any,
    scores: Any,
    max_output_size: Any,
    overlap_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    name: str | None = None,
) -> Tensor:
    """Like `tf.image.non_max_suppression`, of what overlaps as a matrix says.

    Args:
      overlaps: float32 Tensor of shape `(boxes, boxes)`.
    Example:
      >>> tf.image.non_max_suppression_overlaps([[1.0, 0.9], [0.9, 1.0]], [0.1, 0.2], 2).numpy()
      array([1], dtype=int32)
    """
    x, y = join.matched((overlaps, scores))
    count = static.scalar(max_output_size, "tf.image.non_max_suppression_overlaps: max_output_size")
    return SUPPRESS_OVERLAPS(x, y, _number(overlap_threshold), _number(score_threshold), max_output_size=count)


def combined_non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size_per_class: Any,
    max_total_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    pad_per_class: bool = False,
    clip_boxes: bool = True,
    name: str | None = None,
) -> Any:
    """The best boxes of each image in a batch, of several classes.

    Args:
      boxes: float32 Tensor of shape `(batch, boxes, classes, 4)`, or 1 in place of classes if boxes are those of all.
      scores: float32 Tensor of shape `(batch, boxes, classes)`.
      max_output_size_per_class, max_total_size: how many boxes are wanted at most, of a class and of an image.
      iou_threshold, score_threshold: as in `tf.image.non_max_suppression`.
      pad_per_class: whether there are at most as many rows as classes can fill.
      clip_boxes: whether corners outside of `[0, 1]` are moved to its border.
    Returns:
      `nmsed_boxes` of shape `(batch, rows, 4)`, `nmsed_scores` and `nmsed_classes` of `(batch, rows)`, and
      `valid_detections`, how many rows of each image count; the others are zeros.
    Example:
      >>> found = tf.image.combined_non_max_suppression(tf.ones((1, 3, 1, 4)), [[[0.1], [0.9], [0.5]]], 2, 2)
      >>> found.nmsed_scores.numpy()
      array([[0.9, 0.5]], dtype=float32)
    """
    what = "tf.image.combined_non_max_suppression"
    return SUPPRESS_COMBINED(
        convert(boxes),
        convert(scores),
        convert(iou_threshold, dtypes.float32),
        convert(score_threshold, dtypes.float32),
        max_output_size_per_class=static.scalar(max_output_size_per_class, what),
        max_total_size=static.scalar(max_total_size, what),
        pad_per_class=pad_per_class,
        clip_boxes=clip_boxes,
    )
