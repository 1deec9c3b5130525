"""tf.image, but for files of images: sizes, crops, colours, quality."""

import numpy as np

from tests.golden.case import case, integers, normal, uniform

X = uniform(2, 5, 6, 3, low=-0.2, high=1.2)
ONE = X[0]
BYTES = integers(2, 5, 6, 3, low=0, high=256, dtype=np.uint8)
GRAY = uniform(2, 13, 14, 1)
LARGE = uniform(2, 40, 37, 3)
SIMILAR = np.clip(LARGE + 0.1 * normal(2, 40, 37, 3), 0, 1)

METHODS = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic")
SIZES = ("[3, 4]", "[5, 6]", "[9, 2]", "[1, 1]")

RESIZED = """
resize(x, [10, 20], preserve_aspect_ratio=True); resize(x, [3, 20], 'area', True); resize(x[0], [3, 3]); resize(x, [3, 3], 'nearest', True)
resize(x, tf.constant([3, 4])); resize(x, [2.0, 3.0]); resize(x, [2]); resize(x, 2); resize(x, [[2, 2]]); resize(x, [0, 2]); resize(x, [-1, 2])
resize(x[0, 0], [2, 2]); resize(x, [2, 2], 'foo'); resize(x, [2, 2], tf.image.ResizeMethod.LANCZOS3); resize(x[:, :0], [2, 2]); resize(x[..., :0], [2, 2])
resize_with_pad(x, 10, 10); resize_with_pad(x, 4, 9); resize_with_pad(x[0], 9, 4, 'bicubic'); resize_with_pad(x, 3, 3, antialias=True)
resize_with_pad(x, 0, 3); resize_with_pad(x[0, 0], 3, 3); resize_with_pad(x, 7, 2, method='nearest')
"""

PARTS = """
crop_to_bounding_box(x, 1, 2, 3, 4); crop_to_bounding_box(x[0], 0, 0, 5, 6); crop_to_bounding_box(x, 1, 2, 5, 4); crop_to_bounding_box(x, -1, 2, 3, 4)
crop_to_bounding_box(x, 1, 2, 0, 4); crop_to_bounding_box(x[0, 0], 1, 2, 1, 1); crop_to_bounding_box(x, tf.constant(1), 2, tf.constant(2), 4)
pad_to_bounding_box(x, 1, 2, 7, 9); pad_to_bounding_box(x[0], 0, 0, 5, 6); pad_to_bounding_box(x, 1, 2, 5, 9); pad_to_bounding_box(x, -1, 2, 7, 9)
pad_to_bounding_box(x[0, 0], 1, 2, 7, 9); pad_to_bounding_box(x[:, :0], 1, 2, 7, 9); pad_to_bounding_box(x, tf.constant(1), 2, 7, 9)
resize_with_crop_or_pad(x, 3, 4); resize_with_crop_or_pad(x, 8, 9); resize_with_crop_or_pad(x, 2, 11); resize_with_crop_or_pad(x[0], 6, 3)
resize_with_crop_or_pad(x, 0, 3); resize_with_crop_or_pad(x[0, 0], 2, 3); resize_with_crop_or_pad(x, tf.constant(2), 11)
central_crop(x, 0.5); central_crop(x[0], 0.7); central_crop(x, 1.0); central_crop(x, 0.0); central_crop(x, 1.5); central_crop(x[0, 0], 0.5); central_crop(x, 0.1)
flip_left_right(x); flip_left_right(x[0]); flip_up_down(x); flip_up_down(x[0]); flip_left_right(x[0, 0]); flip_up_down(x[tf.newaxis]); transpose(x); transpose(x[0])
transpose(x[0, 0]); rot90(x); rot90(x[0], 2); rot90(x, 3); rot90(x[0], -1); rot90(x, 4); rot90(x[0, 0]); rot90(x, [1]); rot90(x, tf.constant(3))
"""

COLOURS = """
rgb_to_hsv(x); hsv_to_rgb(x); rgb_to_hsv(x[..., :2]); rgb_to_grayscale(x); rgb_to_yuv(x); yuv_to_rgb(x); rgb_to_yiq(x); yiq_to_rgb(x); grayscale_to_rgb(x[..., :1])
grayscale_to_rgb(x); adjust_brightness(x, 0.2); adjust_gamma(x * x, 2.0, 0.5); adjust_gamma(x, -1.0); adjust_gamma(x * x); per_image_standardization(x)
per_image_standardization(x[0]); per_image_standardization(x[0, 0]); per_image_standardization(tf.ones((2, 3, 1))); rgb_to_hsv(tf.cast(x, tf.float64))
"""
NO_GRADIENTS = """
adjust_contrast(x, 1.7); adjust_contrast(x, 0.0); adjust_contrast(x[0], tf.constant(-0.5)); adjust_hue(x, 0.3); adjust_hue(x, -0.9); adjust_hue(x, 1.5)
adjust_hue(x[..., :2], 0.3); adjust_saturation(x, 0.4); adjust_saturation(x, 3.0); adjust_saturation(x, 0.0); adjust_saturation(x[..., :2], 0.3)
adjust_contrast(x[0, 0], 0.5)
"""
OF_BYTES = """
adjust_brightness(x, 0.2); adjust_brightness(x, -0.3); adjust_contrast(x, 1.7); adjust_hue(x, 0.3); adjust_saturation(x, 1.7); adjust_gamma(x, 0.5)
rgb_to_grayscale(x); rgb_to_hsv(x); per_image_standardization(x); resize(x, [3, 4], 'nearest'); resize(x, [3, 4]); resize(x, [7, 4], 'bicubic')
resize(x, [7, 4], 'area'); resize(x, [7, 4], 'lanczos3'); flip_left_right(x); total_variation(tf.cast(x, tf.int32)); grayscale_to_rgb(x[..., :1])
convert_image_dtype(x, tf.float32); convert_image_dtype(x, tf.float16); convert_image_dtype(x, tf.int16); convert_image_dtype(x, tf.uint16)
convert_image_dtype(x, tf.int8); convert_image_dtype(x, tf.int8, saturate=True); convert_image_dtype(x, tf.uint8); convert_image_dtype(x, tf.bool)
convert_image_dtype(tf.cast(x, tf.int32), tf.uint8); convert_image_dtype(tf.cast(x, tf.int64), tf.float64); psnr(x, x[::-1], 255); ssim(x, x, 255, filter_size=3)
"""
TO_DTYPES = """
tf.uint8, saturate=True; tf.int16, saturate=True; tf.float16; tf.float64; tf.int32, saturate=True; tf.string
"""
QUALITY = """
psnr(x, y, 1.0); psnr(x, y, 255); psnr(x, x[0], 1.0); psnr(x[0], y[0], max_val=2.0); ssim(x, y, 1.0); ssim(x[0], y[0], 1.0, 7, 1.0)
ssim(x, y, 1.0, return_index_map=True); ssim(x, y, 2.0, k1=0.05, k2=0.1); ssim(x, y, 1.0, filter_size=60); ssim(x, y[0], 1.0); ssim(x[0, 0], y[0, 0], 1.0)
ssim_multiscale(x, y, 1.0, power_factors=(0.3, 0.7)); ssim_multiscale(x, y, 1.0, (0.2, 0.3, 0.5), filter_size=5); ssim_multiscale(x, y, 1.0)
total_variation(x); total_variation(x[0]); total_variation(x[0, 0]); image_gradients(x); image_gradients(x[0]); sobel_edges(x)
"""
RANDOM = """
random_flip_left_right(x, seed=3); random_flip_left_right(x[0], seed=3); random_flip_up_down(x, 4); random_flip_up_down(x[0], 5); random_brightness(x, 0.4, 1)
random_contrast(x, 0.4, 1.4, 1); random_hue(x, 0.4, 1); random_saturation(x, 0.4, 2.0, 1); random_crop(x, [1, 2, 3, 3], seed=2); random_crop(x, [1, 2, 3, 4], seed=2)
random_brightness(x, -1.0); random_contrast(x, 1.0, 0.5); random_contrast(x, -1.0, 0.5); random_hue(x, 0.6); random_hue(x, -0.1); random_saturation(x, 2.0, 1.0)
stateless_random_flip_left_right(x, (1, 2)); stateless_random_flip_left_right(x[0], (1, 3)); stateless_random_flip_up_down(x, [5, 2])
stateless_random_flip_up_down(x[0], [5, 2]); stateless_random_brightness(x, 0.4, (1, 2)); stateless_random_contrast(x, 0.4, 1.4, (1, 2))
stateless_random_hue(x, 0.4, (1, 2)); stateless_random_saturation(x, 0.4, 2.0, (1, 2)); stateless_random_crop(x, [1, 2, 3, 3], (3, 4))
stateless_random_brightness(x, -0.4, (1, 2)); stateless_random_contrast(x, 2.0, 1.4, (1, 2)); stateless_random_hue(x, 0.9, (1, 2))
"""


def each(codes):
    return [code.strip() for line in codes.strip().splitlines() for code in line.split("; ")]


def seeded(code):
    return f"tf.random.set_seed(7)\ntf.image.{code}"


CASES = [
    *(case(f"tf.image.resize(x, {size}, {m!r})", x=X, grad=m != "area") for m in METHODS for size in SIZES),
    *(
        case(f"tf.image.resize(x, {size}, {m!r}, antialias=True)", x=X, grad=m != "area")
        for m in METHODS
        for size in SIZES
    ),
    *(case(f"tf.image.resize(x, [3, 9], {m!r})", x=X.astype(np.float64), grad=False) for m in METHODS),
    *(case(f"tf.image.resize(x, [3, 9], {m!r})", x=X.astype(np.float16), grad=m == "nearest") for m in METHODS),
    *(case(f"tf.image.{code}", x=X, grad="area" not in code) for code in each(RESIZED)),
    *(case(f"tf.image.{code}", x=X) for code in each(PARTS)),
    *(case(f"tf.image.{code}", x=X) for code in each(COLOURS)),
    *(case(f"tf.image.{code}", x=X, grad=False) for code in each(NO_GRADIENTS)),
    *(case(f"tf.image.{code}", x=BYTES) for code in each(OF_BYTES)),
    *(case(f"tf.image.convert_image_dtype(x, {code})", x=X) for code in each(TO_DTYPES)),
    *(case(f"tf.image.{code}", x=LARGE, y=SIMILAR, rtol=2e-4) for code in each(QUALITY)),  # long sums
    *(case(seeded(code), x=X, grad=False) for code in each(RANDOM)),
    case("tf.image.rgb_to_hsv(x)", x=np.array([[[0, 0, 0], [1, 1, 1], [0.5, 0.5, 0.2], [0, 0.3, 0.3]]], np.float32)),
    case("tf.image.adjust_hue(x, 0.1)", x=np.ones((2, 2, 3), np.float32), grad=False),
    case("tf.image.adjust_contrast(x, 2.0)", x=ONE),
    case("tf.image.hsv_to_rgb(x)", x=ONE),
]
