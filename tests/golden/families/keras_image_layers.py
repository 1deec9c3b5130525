"""Layers that prepare images: outputs eagerly and in functions, seeded streams, shapes, configurations."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.golden.case import Case, case, normal
from tests.golden.layer_case import text

BATCH = normal(3, 6, 5, 3) * 40 + 120


def image_layer(kind: str, *args: Any, images: Any = BATCH, rtol: float = 2e-5, **kwargs: Any) -> Case:
    """A case of a layer: two calls in training, one out of it, one on an image, one in a function; shapes, configuration."""

    def run(tf: Any) -> dict[str, Any]:
        tf.keras.backend.clear_session()
        given = images.transpose(0, 3, 1, 2) if kwargs.get("data_format") == "channels_first" else images
        layer = getattr(tf.keras.layers, kind)(*args, **kwargs)
        traced = tf.function(lambda x: layer(x, training=True))
        found = {
            "first": layer(given, training=True),
            "second": layer(tf.constant(given), training=True),
            "not in training": layer(given, training=False),
            "image": layer(given[0], training=True),
            "traced": traced(tf.constant(given)),
            "traced again": traced(tf.constant(given)),
            "by default": layer(given),
        }
        config = layer.get_config()
        shapes = [(2, *given.shape[1:]), given.shape[1:]]
        symbol = layer(tf.keras.Input(given.shape[1:], dtype=str(given.dtype)))
        return {
            **found,
            "config": text(config),
            "copied": text(type(layer).from_config(dict(config)).get_config()) == text(config),
            "shapes": str([tuple(layer.compute_output_shape(shape)) for shape in shapes]),
            "symbol": f"{tuple(symbol.shape)} {symbol.dtype}",
            "seeds": [np.asarray(w) for w in layer.weights],
        }

    label = f"{kind}({', '.join([*map(str, args), *[f'{k}={v}' for k, v in kwargs.items()]])}) {images.dtype}"
    return case(run, grad=False, rtol=rtol, atol=rtol * 100, name=label)


BYTES = (np.arange(2 * 6 * 5 * 3).reshape(2, 6, 5, 3) * 7 % 256).astype(np.uint8)
FIRST = {"data_format": "channels_first"}
MOVED = [
    {},
    {"fill_mode": "constant", "fill_value": 7.0},
    {"fill_mode": "wrap"},
    {"fill_mode": "nearest", "interpolation": "nearest"},
    FIRST,
]
ASPECTS = [{}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True, "fill_value": 3.0}]

CASES = [
    *(image_layer("Resizing", *size, **kwargs) for size in ((3, 4), (9, 5), (4, 12)) for kwargs in ASPECTS),
    *(image_layer("Resizing", 4, 7, interpolation=name) for name in ("nearest", "bicubic", "lanczos3", "lanczos5")),
    image_layer("Resizing", 3, 2, antialias=True),
    image_layer("Resizing", 3, 2, **FIRST),
    image_layer("Resizing", 3, 4, images=BYTES),
    *(image_layer("CenterCrop", *size) for size in ((3, 4), (2, 2), (6, 5), (8, 4), (3, 9))),
    image_layer("CenterCrop", 3, 4, **FIRST),
    image_layer("CenterCrop", 3, 4, images=BYTES),
    *(image_layer("RandomFlip", mode, seed=5) for mode in ("horizontal", "vertical", "horizontal_and_vertical")),
    image_layer("RandomFlip", seed=6, **FIRST),
    image_layer("RandomFlip", seed=6, images=BYTES),
    *(image_layer("RandomCrop", *size, seed=3) for size in ((3, 4), (5, 2), (6, 5), (7, 3), (2, 8))),
    image_layer("RandomCrop", 2, 3, seed=4, **FIRST),
    *(image_layer("RandomContrast", factor, seed=5) for factor in (0.3, (0.2, 0.6), [0.9, 0.1])),
    image_layer("RandomContrast", 0.3, value_range=(100, 130), seed=5, **FIRST),
    *(image_layer("RandomBrightness", factor, seed=5) for factor in (0.3, (-0.2, 0.6), [0.9, 0.1], -0.5, 0)),
    image_layer("RandomBrightness", 0.3, value_range=(200, 100), seed=5),
    *(image_layer("RandomTranslation", 0.4, (-0.3, 0.6), seed=8, **kwargs) for kwargs in MOVED),
    *(image_layer("RandomRotation", factor, seed=8, **kwargs) for factor in (0.2, (-0.1, 0.9)) for kwargs in MOVED),
    *(image_layer("RandomZoom", 0.4, width, seed=8, **kwargs) for width in (None, (-0.3, 0.6)) for kwargs in MOVED),
    image_layer("RandomZoom", 0.4, seed=8, images=BYTES),
    image_layer("RandomTranslation", 0.25, 0.5, seed=8, rtol=2e-2, dtype="float16"),
    *(
        case(f"tf.keras.layers.{code}", name=code)
        for code in """
RandomFlip(bounding_box_format=3, x=1); RandomContrast(1.5); RandomContrast('a'); RandomBrightness(2.0); RandomBrightness((1, 2, 3)); RandomBrightness(0.1, value_range=3)
RandomTranslation(2.0, 0.1); RandomTranslation(0.1, 'a'); RandomTranslation(0.1, 0.1, fill_mode='x'); RandomTranslation((0.1, 1.2), 0.1); RandomTranslation(0.1, None)
RandomRotation(1.5); RandomRotation(0.1, interpolation='bicubic'); RandomZoom(-1.0); RandomZoom(1.5); RandomZoom(0.1, fill_mode='x'); RandomZoom((0.1, 0.2, 0.3))
Resizing(2, 2, data_format='x'); Resizing(2, 2, interpolation='x')(np.ones((1, 3, 3, 1))); Resizing(2, 2, fill_mode='wrap')(np.ones((1, 3, 3, 1)))
Resizing(2, 2, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True)(np.ones((1, 3, 3, 1))); CenterCrop(2, 2)(np.ones((3, 3)))
RandomZoom(0.1)([[[1.0], [2.0]]], training=False); RandomCrop(1, 1)([[[1.0], [2.0]]], training=False); RandomContrast(0.1)(np.ones((2, 2)))
""".strip().replace("\n", "; ").split("; ")
    ),
]  # fmt: skip
