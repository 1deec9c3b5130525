"""Images: gradients of what computes in single precision, values on shapes that a trace does not know, and properties."""

import numpy as np
import pytest

import tenfold as tf

METHODS = ["bilinear", "nearest", "bicubic", "lanczos3", "gaussian", "mitchellcubic"]


def random(*shape, seed=0):
    return np.random.RandomState(seed).uniform(-1, 1, shape).astype(np.float32)


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("size", [(3, 9), (8, 2), (1, 5)])
@pytest.mark.parametrize("method", METHODS)
def test_gradient_of_resize_is_its_adjoint(method, size, antialias):
    x, dy = tf.constant(random(2, 5, 6, 3)), tf.constant(random(2, *size, 3, seed=1))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.image.resize(x, size, method, antialias=antialias)
    dx = tape.gradient(y, x, dy)
    np.testing.assert_allclose(tf.reduce_sum(y * dy), tf.reduce_sum(x * dx), rtol=1e-4, atol=1e-4)


def test_resize_is_differentiated_twice():
    x = tf.constant(random(1, 4, 5, 1))
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(tf.image.resize(x, (3, 3)) ** 3)
        slope = tf.reduce_sum(inner.gradient(y, x) ** 2)
    d = random(1, 4, 5, 1, seed=2) * 1e-2

    def slope_at(z):
        with tf.GradientTape() as tape:
            tape.watch(z)
            y = tf.reduce_sum(tf.image.resize(z, (3, 3)) ** 3)
        return tf.reduce_sum(tape.gradient(y, z) ** 2).numpy()

    along = tf.reduce_sum(outer.gradient(slope, x) * d).numpy()
    np.testing.assert_allclose(along, (slope_at(x + d) - slope_at(x - d)) / 2, rtol=2e-2)


@pytest.mark.parametrize("crop_size", [(3, 4), (1, 1)])
def test_gradients_of_crops_are_what_differences_say(crop_size):
    image = tf.constant(random(2, 6, 7, 2))
    boxes = tf.constant([[0.13, 0.21, 0.77, 0.93], [0.81, 0.7, 0.23, 0.34]])
    dy = random(2, *crop_size, 2, seed=1)

    def value(image, boxes):
        return tf.reduce_sum(tf.image.crop_and_resize(image, boxes, [1, 0], crop_size) * dy)

    with tf.GradientTape() as tape:
        tape.watch([image, boxes])
        y = value(image, boxes)
    to_image, to_boxes = tape.gradient(y, [image, boxes])
    np.testing.assert_allclose(tf.reduce_sum(to_image * image), y, rtol=1e-4)  # it is linear in the image
    d = random(2, 4, seed=3) * 1e-3
    differences = (value(image, boxes + d) - value(image, boxes - d)) / 2
    np.testing.assert_allclose(tf.reduce_sum(to_boxes * d), differences, rtol=2e-2)


def test_a_plane_of_one_colour_stays_exactly_that():
    image = tf.fill((7, 9, 3), 201.0)
    for method in ("bilinear", "nearest"):
        assert (tf.image.resize(image, (5, 13), method).numpy() == 201.0).all()


FUNCTIONS = {
    "resize": lambda x: tf.image.resize(x, (4, 9)),
    "resize nearest": lambda x: tf.image.resize(x, (4, 9), "nearest"),
    "resize antialias": lambda x: tf.image.resize(x, (4, 3), "bicubic", antialias=True),
    "aspect ratio": lambda x: tf.image.resize(x, (4, 30), preserve_aspect_ratio=True),
    "size of another": lambda x: tf.image.resize(x, tf.shape(x)[-3:-1] * 2),
    "with pad": lambda x: tf.image.resize_with_pad(x, 8, 8),
    "crop or pad": lambda x: tf.image.resize_with_crop_or_pad(x, 4, 9),
    "central crop": lambda x: tf.image.central_crop(x, 0.5),
    "crop": lambda x: tf.image.crop_to_bounding_box(x, 1, 2, 3, 2),
    "pad": lambda x: tf.image.pad_to_bounding_box(x, 1, 2, 9, 12),
    "rot90": lambda x: tf.image.rot90(x),
    "flip": lambda x: tf.image.flip_left_right(x),
    "random flip": lambda x: tf.image.stateless_random_flip_left_right(x, (1, 2)),
    "random crop": lambda x: tf.image.stateless_random_crop(x, (2, 2, 2, 3), (1, 2)),
    "contrast": lambda x: tf.image.adjust_contrast(x, 2.0),
    "hue": lambda x: tf.image.adjust_hue(x, 0.2),
    "standardization": lambda x: tf.image.per_image_standardization(x),
    "gray": lambda x: tf.image.grayscale_to_rgb(tf.image.rgb_to_grayscale(x)),
    "ssim": lambda x: tf.image.ssim(x, x * 0.9, 1.0, filter_size=3),
    "multiscale": lambda x: tf.image.ssim_multiscale(x, x * 0.9, 1.0, (0.5, 0.5), filter_size=2),
    "sobel": lambda x: tf.image.sobel_edges(x),
    "gradients": lambda x: tf.image.image_gradients(x)[1],
    "crops": lambda x: tf.image.crop_and_resize(x, [[0.1, 0.1, 0.9, 0.9]], [1], (3, 3)),
    "patches": lambda x: tf.image.extract_patches(x, [1, 2, 2, 1], [1, 1, 2, 1], [1, 1, 1, 1], "SAME"),
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_sizes_may_be_unknown_in_functions(function):
    traced = tf.function(function, input_signature=[tf.TensorSpec([None, None, None, 3])])
    for shape in ((2, 5, 6, 3), (3, 7, 5, 3)):
        x = tf.constant(np.abs(random(*shape)))
        np.testing.assert_allclose(traced(x), function(x), rtol=1e-4, atol=1e-5)
    assert traced.experimental_get_tracing_count() == 1


def test_rot90_by_a_number_that_is_drawn_in_the_function():
    turned = tf.function(lambda x, k: tf.image.rot90(x, k))
    x = tf.constant(random(4, 4, 1))
    for k in range(5):
        np.testing.assert_array_equal(turned(x, tf.constant(k)), np.rot90(x, k))


def test_sizes_that_do_not_fit_are_found_when_the_function_runs():
    crop = tf.function(
        lambda x: tf.image.crop_to_bounding_box(x, 0, 0, 4, 4), input_signature=[tf.TensorSpec([None, None, 3])]
    )
    assert crop(tf.ones((4, 5, 3))).shape == (4, 4, 3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="height must be >= target"):
        crop(tf.ones((3, 5, 3)))


def test_non_max_suppression_leaves_no_two_boxes_that_overlap():
    corners = np.random.RandomState(0).uniform(0, 1, (200, 4)).astype(np.float32)
    scores = np.random.RandomState(1).uniform(0, 1, 200).astype(np.float32)
    chosen = tf.image.non_max_suppression(corners, scores, 200, iou_threshold=0.3).numpy()
    low, high = np.minimum(corners[:, :2], corners[:, 2:])[chosen], np.maximum(corners[:, :2], corners[:, 2:])[chosen]
    common = np.prod(np.maximum(np.minimum(high[:, None], high) - np.maximum(low[:, None], low), 0), -1)
    areas = np.prod(high - low, -1)
    overlap = common / (areas[:, None] + areas - common)
    np.fill_diagonal(overlap, 0)
    assert overlap.max() <= 0.3 and (np.diff(scores[chosen]) <= 0).all()
