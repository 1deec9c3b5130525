"""Files of images: bytes that are changed, sizes that they claim, JPEG."""

from contextlib import nullcontext
from io import BytesIO

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

import tenfold as tf
from tests.golden.families.image_files import RGB, bmp, png

PIXELS = np.random.RandomState(0).randint(0, 256, (16, 24, 3)).astype(np.uint8)


@pytest.mark.filterwarnings(
    "ignore::PIL.Image.DecompressionBombWarning"
)  # Pillow's, of a size that is refused behind it
@settings(max_examples=200, deadline=None)
@example(start=bmp(PIXELS), changes=[(24, 57)], cut=0)
@given(
    start=st.sampled_from([RGB, bmp(PIXELS)]),
    changes=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=5),
    cut=st.integers(0, 200),
)
def test_changed_bytes_are_decoded_or_refused(start, changes, cut):
    data = bytearray(start)
    for place, byte in changes:
        data[place % len(data)] = byte
    try:
        assert tf.io.decode_image(bytes(data[: len(data) - cut % len(data)])).dtype == tf.uint8
    except tf.errors.InvalidArgumentError:
        pass


def test_a_file_that_claims_to_be_huge_is_refused_before_memory_is_taken():
    for size, text in ((30000, "decompression bomb"), (12500, "pixels|invalid BMP")):
        data = bytearray(bmp(PIXELS))
        data[18:26] = size.to_bytes(4, "little") * 2
        with (
            pytest.warns() if size == 12500 else nullcontext(),
            pytest.raises(tf.errors.InvalidArgumentError, match=text),
        ):
            tf.io.decode_image(bytes(data))


def test_jpeg_files_give_what_pillow_gives():
    smooth = np.linspace(0, 255, 16 * 24 * 3).reshape(16, 24, 3).astype(np.uint8)
    file = BytesIO()
    Image.fromarray(smooth).save(file, "JPEG", quality=95)
    found = tf.io.decode_jpeg(file.getvalue()).numpy().astype(int)
    assert np.abs(found - smooth).max() < 40 and found.shape == (16, 24, 3)
    assert tf.io.decode_jpeg(file.getvalue(), channels=1).shape == (16, 24, 1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="JPEG does not support 4 channels"):
        tf.io.decode_jpeg(file.getvalue(), channels=4)


def test_a_gif_has_frames():
    file = BytesIO()
    frames = [Image.fromarray(np.full((4, 5), value, np.uint8)) for value in (0, 255)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    assert tf.io.decode_gif(file.getvalue()).shape == (2, 4, 5, 3)
    assert tf.io.decode_image(file.getvalue()).shape == (2, 4, 5, 3)
    assert tf.io.decode_image(file.getvalue(), expand_animations=False).shape == (4, 5, 3)


def test_functions_decode_each_file_of_a_batch():
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def images(files):
        read = lambda file: tf.image.resize(tf.io.decode_png(file, channels=3), (4, 4))  # noqa: E731
        return tf.map_fn(read, files, fn_output_signature=tf.TensorSpec([4, 4, 3]))

    assert images(tf.constant([RGB, png(PIXELS)])).shape == (2, 4, 4, 3)
