import struct
import zlib

import numpy as np

from tests.ops.samples import sample, whole


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0" + bytes(range(6))))
    + _chunk(b"IEND", b"")
)
_HEAD = struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, 4, 2835, 2835, 0, 0)
BMP = b"BM" + struct.pack("<IHHI", 58, 0, 0, 54) + _HEAD + bytes([1, 2, 3, 0])
CONTENTS = np.array(PNG, object)

SAMPLES = {
    "DecodeBmp": [sample(contents=np.array(BMP, object))],
    "DecodeGif": [sample(contents=CONTENTS)],
    "DecodeImage": [sample(contents=CONTENTS), sample(contents=CONTENTS, dtype=np.float32, expand_animations=False)],
    "DecodeJpeg": [sample(contents=CONTENTS, channels=1)],
    "DecodePng": [sample(contents=CONTENTS), sample(contents=CONTENTS, channels=4, dtype=np.uint16)],
    "EncodePng": [sample(image=whole(2, 2, 3, 1, low=0, high=256, dtype=np.uint8))],
}
