"""`tf.keras.ops.image`: values, gradients, dtypes, layouts, mistakes, KerasTensors, traced functions."""

import numpy as np

from tests.golden.case import case, integers, normal, uniform

IMAGES, IMAGE = uniform(2, 6, 5, 3), uniform(6, 5, 3)
FIRST = IMAGES.transpose(0, 3, 1, 2).copy()
BYTES = integers(2, 6, 5, 3, low=0, high=256, dtype=np.uint8)
MAPS = np.array([[1, 0.1, -1, 0.2, 0.9, 0.5, 0.01, 0], [1.2, 0, 0.5, -0.1, 1, 1, 0, 0.02]], np.float32)
CORNERS = np.array([[[0, 0], [0, 4], [5, 0], [5, 4]]] * 2, np.float32)
MOVED = CORNERS + normal(2, 4, 2) * 0.3
PLACES = uniform(2, 7, low=-3, high=8)
VOLUMES = normal(2, 4, 5, 4, 2)


def on(code, grad=True, rtol=1e-5, atol=1e-6, may_extend=False, **inputs):
    return case(
        f"tf.keras.ops.image.{code}",
        grad=grad,
        rtol=rtol,
        atol=atol,
        may_extend=may_extend,
        **(inputs or {"x": IMAGES}),
    )


def specs(tf):
    """Shapes and dtypes that KerasTensors foretell."""
    image = tf.keras.ops.image
    x, whole = tf.keras.Input((24, 20, 3)), tf.keras.Input((24, 20, 3), dtype="uint8")
    volumes, points = tf.keras.Input((8, 8, 8, 2)), tf.keras.Input((4, 2))
    found = [
        image.rgb_to_grayscale(whole), image.rgb_to_hsv(x), image.hsv_to_rgb(x), image.resize(whole, (4, 6)),
        image.resize(x, (4, 6), data_format="channels_first"), image.affine_transform(x, tf.keras.Input((8,))),
        image.perspective_transform(x, points, points), image.extract_patches(x, 5), image.extract_patches(x, (2, 3), 1, padding="same"),
        image.extract_patches_3d(volumes, 2), image.pad_images(x, 1, 2, 3, target_width=30), image.crop_images(x, 1, 2, 3, target_width=10),
        image.gaussian_blur(x), image.elastic_transform(x, seed=1), image.sobel_edges(x), image.ssim(x, x),
        image.map_coordinates(tf.keras.Input((6,), batch_size=5), tf.keras.Input((7,), batch_size=2), 1),
    ]  # fmt: skip
    return [(tuple(y.shape), y.dtype) for y in found]


def functional(tf):
    """A model of operations: what it computes, and what its copy does."""
    image = tf.keras.ops.image
    x = tf.keras.Input((6, 5, 3))
    y = image.rgb_to_grayscale(image.resize(image.pad_images(x, 1, 1, 1, 1), (8, 8)))
    y = image.extract_patches(image.gaussian_blur(image.crop_images(y, 1, 1, 1, 1)), 3)
    model = tf.keras.Model(x, y)
    copy = tf.keras.Model.from_config(model.get_config())
    return model(IMAGES), copy(IMAGES), len(copy.layers)


def traced(tf):
    image = tf.keras.ops.image

    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 3))])
    def f(x):
        y = image.resize(x, (8, 8), crop_to_aspect_ratio=True)
        y = image.affine_transform(image.pad_images(y, 1, 1, 1, 1), MAPS[0], fill_mode="reflect")
        return (
            image.gaussian_blur(y),
            image.extract_patches(y, 2),
            image.ssim(y, y, filter_size=3),
            image.sobel_edges(y),
        )

    return f(tf.constant(IMAGES))


CASES = [
    on("rgb_to_grayscale(x)"), on("rgb_to_grayscale(x)", x=IMAGE), on("rgb_to_grayscale(x, 'channels_first')", x=FIRST), on("rgb_to_grayscale(x)", x=BYTES),
    on("rgb_to_grayscale(x)", x=IMAGES[..., :1]), on("rgb_to_grayscale(x)", x=IMAGES[..., :2]), on("rgb_to_grayscale(x)", x=IMAGE[0]), on("rgb_to_grayscale(x)", x=IMAGES.astype(np.float16)),
    *(on(code) for code in ("rgb_to_hsv(x)", "hsv_to_rgb(x)", "rgb_to_hsv(x[0])")), *(on(f"{n}(x, data_format='channels_first')", x=FIRST) for n in ("rgb_to_hsv", "hsv_to_rgb")),
    on("rgb_to_hsv(x)", x=BYTES), on("hsv_to_rgb(x)", x=IMAGE[0]), on("rgb_to_hsv(x)", x=IMAGES.astype(np.float64)),
    *(on(f"resize(x, (4, 7), {m!r})") for m in ("bilinear", "nearest", "bicubic", "area")), *(on(f"resize(x, (4, 7), {m!r})", rtol=1e-4, atol=1e-5) for m in ("lanczos3", "lanczos5")),
    on("resize(x, (3, 3), antialias=True)", rtol=1e-4, atol=1e-5), on("resize(x, (4, 7), 'bicubic')", x=BYTES), on("resize(x, (4, 7))", x=BYTES), on("resize(x, (4, 7), data_format='channels_first')", x=FIRST),
    on("resize(x, (4, 4), crop_to_aspect_ratio=True)"), on("resize(x, (3, 6), crop_to_aspect_ratio=True)"), on("resize(x, (4, 8), pad_to_aspect_ratio=True, fill_value=0.5)"), on("resize(x, (9, 4), pad_to_aspect_ratio=True)", x=IMAGE),
    on("resize(x, (4, 4), pad_to_aspect_ratio=True, crop_to_aspect_ratio=True)"), on("resize(x, (4, 0))"), on("resize(x, (4, 4, 1))"), on("resize(x, (4, 4), 'cubic')"), on("resize(x, (4, 4), fill_mode='wrap')"), on("resize(x[0, 0], (4, 4))"),
    *(on(f"affine_transform(x, m, {i!r}, {f!r}, 0.5)", x=IMAGES, m=MAPS, grad=False) for i in ("bilinear", "nearest") for f in ("constant", "nearest", "wrap", "reflect")),
    on("affine_transform(x, m)", x=IMAGES, m=MAPS[0]), on("affine_transform(x, m)", x=IMAGE, m=MAPS[0]), on("affine_transform(x, m, data_format='channels_first')", x=FIRST, m=MAPS, grad=False), on("affine_transform(x, m)", x=BYTES, m=MAPS),
    on("affine_transform(x, m, 'bicubic')", x=IMAGE, m=MAPS[0]), on("affine_transform(x, m, fill_mode='mirror')", x=IMAGE, m=MAPS[0]), on("affine_transform(x, m)", x=IMAGE[0], m=MAPS[0]), on("affine_transform(x, m)", x=IMAGE, m=MAPS[None]),
    on("perspective_transform(x, s, e)", x=IMAGES, s=CORNERS, e=MOVED, grad=False, rtol=1e-4, atol=1e-5), on("perspective_transform(x, s, e, 'nearest', 2.0)", x=IMAGE, s=CORNERS[0], e=MOVED[0], grad=False),
    on("perspective_transform(x, s, e, data_format='channels_first')", x=FIRST, s=CORNERS[0], e=MOVED[0], grad=False, rtol=1e-4, atol=1e-5), on("perspective_transform(x, s, s)", x=IMAGE, s=CORNERS[0, 0]),
    on("perspective_transform(x, s, e)", x=IMAGES, s=CORNERS, e=MOVED[0]), on("perspective_transform(x, s, s, 'bicubic')", x=IMAGES, s=CORNERS),
    *(on(f"extract_patches(x, {a})") for a in ("2", "(2, 3)", "3, strides=1", "2, strides=(2, 1), padding='same'", "2, 1, dilation_rate=2")), on("extract_patches(x, 2)", x=IMAGE), on("extract_patches(x, 2, data_format='channels_first')", x=FIRST),
    on("extract_patches(x, 2.0)"), on("extract_patches(x, (2, 2, 2, 2))"), *(on(f"extract_patches_3d(x, {a})", x=VOLUMES) for a in ("2", "(2, 3, 2)", "2, strides=1, padding='same'", "2, strides=(1, 2, 1)")),
    on("extract_patches(x, (1, 2, 2))", x=VOLUMES), on("extract_patches_3d(x, 2)", x=VOLUMES[0]),
    *(on(f"map_coordinates(x, c, {o}, {f!r}, {v})", x=IMAGE[..., 0].copy(), c=PLACES, grad=o == 1) for o in (0, 1) for f in ("constant", "nearest", "wrap", "reflect") for v in (0.5,)),
    on("map_coordinates(x, c, 1)", x=IMAGE[..., 0].copy(), c=PLACES.reshape(2, 7, 1)), on("map_coordinates(x, c, 1)", x=BYTES[0, :, :, 0].copy(), c=PLACES, grad=False), on("map_coordinates(x, c, 1)", x=normal(3, 4, 5), c=uniform(3, 2, 3, low=0, high=3)),
    on("map_coordinates(x, c, 1, 'mirror')", x=IMAGE[..., 0].copy(), c=np.abs(PLACES) / 3), on("map_coordinates(x, c, 0)", x=IMAGE[..., 0].copy(), c=integers(2, 4, low=-2, high=7), grad=False),
    on("map_coordinates(x, c, 2)", x=IMAGE[..., 0].copy(), c=PLACES), on("map_coordinates(x, c, 1)", x=IMAGE, c=PLACES), on("map_coordinates(x, c, 1)", x=IMAGE[..., 0].copy(), c=PLACES[:, 0].copy()),
    *(on(f"pad_images(x, {a})") for a in ("1, 2, 3, 0", "1, 2, target_height=9, target_width=8", "bottom_padding=1, right_padding=1, target_height=9, target_width=8")), on("pad_images(x, 1, 1, 1, 1)", x=IMAGE), on("pad_images(x, 1, 2, 0, 1, data_format='channels_first')", x=FIRST),
    *(on(f"pad_images(x, {a})") for a in ("1, 2", "-1, 1, 1, 1", "1, 1, target_height=3, target_width=9", "1, 1, 1, 1, 9, 9")), on("pad_images(x, 1, 1, 1, 1)", x=BYTES),
    *(on(f"crop_images(x, {a})") for a in ("1, 2, 3, 0", "1, 2, target_height=2, target_width=2", "bottom_cropping=1, right_cropping=1, target_height=3, target_width=2")), on("crop_images(x, 1, 1, 1, 1)", x=IMAGE), on("crop_images(x, 1, 2, 0, 1, data_format='channels_first')", x=FIRST),
    *(on(f"crop_images(x, {a})") for a in ("1, 2", "-1, 1, 1, 1", "bottom_cropping=1, right_cropping=1, target_height=9, target_width=2", "4, 1, 4, 1")),
    *(on(f"gaussian_blur(x{a})") for a in ("", ", (5, 5), (2.0, 1.0)", ", (3, 5), (1.5, 0.5)")), on("gaussian_blur(x)", x=IMAGE), on("gaussian_blur(x, data_format='channels_first')", x=FIRST), on("gaussian_blur(x)", x=IMAGES.astype(np.float64)), on("gaussian_blur(x)", x=IMAGE[0]),
    *(on(f"elastic_transform(x, {a})", grad=False, rtol=1e-4, atol=1e-5) for a in ("2.0, 1.0, seed=3", "1.0, 2.0, 'nearest', 'constant', 0.5, seed=3", "2.0, 1.0, fill_mode='wrap', seed=4", "2.0, 1.0, fill_mode='nearest', seed=4")),
    on("elastic_transform(x, 2.0, 1.0, seed=3)", x=IMAGE, rtol=1e-4, atol=1e-5), on("elastic_transform(x, 2.0, 1.0, seed=3, data_format='channels_first')", x=FIRST, grad=False, rtol=1e-4, atol=1e-5), on("elastic_transform(x, interpolation='bicubic')"), on("elastic_transform(x, fill_mode='mirror')"),
    *(on(f"scale_and_translate(x, (2, 4, 7, 3), s, t, (1, 2), {m!r}{a})", x=IMAGES, s=np.array([0.7, 1.3], np.float32), t=np.array([0.2, -0.5], np.float32), rtol=1e-4, atol=1e-5)
      for m in ("linear", "bicubic", "lanczos3", "lanczos5") for a in ("", ", antialias=False")),
    on("scale_and_translate(x, (2, 4, 5, 3), s, s, (1,), 'linear')", x=BYTES, s=np.array([0.7], np.float32), grad=False, may_extend=True), on("scale_and_translate(x, (2, 4, 5, 3), [1.0], [1.0], (1,), 'nearest')"),
    on("sobel_edges(x)"), on("sobel_edges(x, 'channels_first')", x=FIRST), on("sobel_edges(x)", x=IMAGE),
    on("ssim(x, y, filter_size=3)", x=IMAGES, y=IMAGES[::-1].copy(), rtol=1e-4, atol=1e-5), on("ssim(x, y, 2.0, 4, 1.0, 0.02, 0.05)", x=IMAGE, y=IMAGE[::-1].copy(), rtol=1e-4, atol=1e-5),
    on("ssim(x, y, filter_size=3, data_format='channels_first')", x=FIRST, y=FIRST[::-1].copy(), rtol=1e-4, atol=1e-5), on("ssim(x, x, 255.0, 3)", x=BYTES), on("ssim(x, x)", x=IMAGE[0]),
    case(specs, grad=False), case(functional, grad=False, rtol=1e-5, atol=1e-6), case(traced, grad=False, rtol=1e-4, atol=1e-5),
]  # fmt: skip
