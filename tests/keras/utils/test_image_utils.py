from __future__ import annotations

import io

import numpy as np
import pytest

import tenfold as tf

pytest.importorskip("PIL", reason="images need the extra tenfold[image]")


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "p.png"
    x = np.arange(48, dtype=np.float32).reshape(4, 4, 3) * 5
    tf.keras.utils.save_img(path, x, scale=False)
    return path, x


def test_an_image_comes_back_as_it_was_saved(picture):
    path, x = picture
    assert np.array_equal(tf.keras.utils.img_to_array(tf.keras.utils.load_img(path)), x)
    from_bytes = tf.keras.utils.load_img(io.BytesIO(path.read_bytes()))
    assert np.array_equal(tf.keras.utils.img_to_array(from_bytes, "channels_first"), x.transpose(2, 0, 1))


@pytest.mark.parametrize("mode, channels", [("grayscale", 1), ("rgb", 3), ("rgba", 4)])
def test_color_mode_says_how_many_channels(picture, mode, channels):
    assert tf.keras.utils.img_to_array(tf.keras.utils.load_img(picture[0], color_mode=mode)).shape == (4, 4, channels)


def test_resizing_with_the_aspect_ratio_kept_cuts_the_middle_out(picture):
    path, x = picture
    image = tf.keras.utils.load_img(path, target_size=(2, 4), keep_aspect_ratio=True)
    assert np.array_equal(tf.keras.utils.img_to_array(image), x[1:3])
    assert tf.keras.utils.load_img(path, target_size=(2, 8), interpolation="bilinear").size == (8, 2)


def test_scaling_stretches_to_the_whole_range():
    image = tf.keras.utils.array_to_img(np.array([[[-1.0], [0.0], [1.0]]]))
    assert np.asarray(image).tolist() == [[0, 127, 255]]


def test_rgba_as_jpeg_loses_alpha_with_a_warning(tmp_path):
    with pytest.warns(UserWarning, match="RGBA"):
        tf.keras.utils.save_img(tmp_path / "p.jpg", np.ones((2, 2, 4)))
    assert tf.keras.utils.load_img(tmp_path / "p.jpg").mode == "RGB"


@pytest.mark.parametrize(
    "call, error",
    [
        (lambda path: tf.keras.utils.load_img(path, color_mode="cmyk"), ValueError),
        (lambda path: tf.keras.utils.load_img(path, target_size=(2, 2), interpolation="magic"), ValueError),
        (lambda path: tf.keras.utils.load_img(3), TypeError),
        (lambda path: tf.keras.utils.img_to_array(np.zeros(3)), ValueError),
        (lambda path: tf.keras.utils.array_to_img(np.zeros((2, 2))), ValueError),
        (lambda path: tf.keras.utils.array_to_img(np.zeros((2, 2, 2))), ValueError),
    ],
)
def test_what_is_no_image_is_refused(picture, call, error):
    with pytest.raises(error):
        call(picture[0])
