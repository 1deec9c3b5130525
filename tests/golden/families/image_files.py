"""Files of images: PNG and BMP exactly, bytes that are none by the class of the error."""

import struct
import zlib

import numpy as np

from tests.golden.case import case, integers

X = integers(5, 6, 4, low=0, high=256, dtype=np.uint8)


def png(pixels):
    """A PNG file of gray, gray with opacity, red-green-blue, or these with opacity, with 8 or 16 bits."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, channels = pixels.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    head = struct.pack(">IIBBBBB", width, height, 8 * pixels.itemsize, kind, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(pixels.dtype.newbyteorder(">")).tobytes() for row in pixels)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def bmp(pixels):
    """A BMP file of red-green-blue with 8 bits, the last row first."""
    height, width, _ = pixels.shape
    row_bytes = -(-width * 3 // 4) * 4
    rows = b"".join(row[:, ::-1].tobytes().ljust(row_bytes, b"\0") for row in pixels[::-1])
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, len(rows), 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(rows), 0, 0, 54) + head + rows


def text(data):
    return np.array(data, object)


GRAY, GRAY_OPACITY, RGB, RGBA = (png(X[..., :n]) for n in (1, 2, 3, 4))
DEEP = png(X[..., :1].astype(np.uint16) * 257 - 3)
CODES = """
decode_png(x); decode_png(x, channels=1); decode_png(x, channels=3); decode_png(x, 4); decode_png(x, channels=2); decode_png(x, dtype=tf.uint16); decode_image(x)
decode_image(x, channels=3, dtype=tf.float32); decode_image(x, expand_animations=False); decode_jpeg(x); decode_bmp(x); decode_png(x, dtype=tf.float32); decode_image(x, 1, tf.uint16)
"""


def each(codes):
    return [code.strip() for line in codes.strip().splitlines() for code in line.split("; ")]


CASES = [
    *(
        case(f"tf.io.{code}", x=text(file), name=f"{code} of {name}")
        for name, file in (("gray", GRAY), ("opacity", GRAY_OPACITY), ("rgb", RGB), ("rgba", RGBA), ("deep", DEEP))
        for code in each(CODES)
    ),
    *(
        case(f"tf.io.{code}", x=text(bmp(X[..., :3])))
        for code in ("decode_bmp(x)", "decode_image(x)", "decode_bmp(x, 3)")
    ),
    *(
        case(f"tf.io.{code}", x=text(data), name=f"{code} of {len(data)} bytes")
        for data in (b"", b"hello", RGB[:30], RGB[:60], RGB[:20] + b"\xff" * 4 + RGB[24:])
        for code in ("decode_png(x)", "decode_image(x)", "decode_bmp(x)")
    ),
    case("tf.io.decode_png([x])", x=text(RGB)),
    *(case(f"tf.io.decode_png(tf.io.encode_png(x[..., :{n}]))", x=X) for n in (1, 2, 3, 4)),
    case("tf.io.decode_png(tf.io.encode_png(x[..., :1]), dtype=tf.uint16)", x=X.astype(np.uint16) * 257 - 3),
    case("tf.io.encode_png(x[0])[:0]", x=X[0]),
    case("tf.io.encode_png(tf.cast(x, tf.float32))", x=X),
    case("tf.io.encode_png(x, compression=10)", x=X),
]
