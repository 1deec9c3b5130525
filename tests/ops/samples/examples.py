import numpy as np

from tests.ops.samples import sample
from tests.ops.samples.strings import texts

# x is [1.5, -2.0] and missing, y is [3] and [4, 5], s is ["a"] in both
FIRST = b"\n+\n\n\n\x01s\x12\x05\n\x03\n\x01a\n\x11\n\x01x\x12\x0c\x12\n\n\x08\x00\x00\xc0?\x00\x00\x00\xc0\n\n\n\x01y\x12\x05\x1a\x03\n\x01\x03"
SECOND = b"\n\x19\n\n\n\x01s\x12\x05\n\x03\n\x01a\n\x0b\n\x01y\x12\x06\x1a\x04\n\x02\x04\x05"
NOTHING = texts()
DEFAULT = np.array([7.0, 8.0], np.float32)

SAMPLES = {
    "ParseExample": [
        sample(
            serialized=texts(FIRST, SECOND), names=NOTHING, sparse_keys=["y"], dense_keys=["x"], dense_defaults=[DEFAULT],
            sparse_types=["int64"], dense_shapes=[[2]],
        ),
    ],
    "ParseExampleV2": [
        sample(
            serialized=texts(FIRST, SECOND), names=NOTHING, sparse_keys=texts(b"y"), dense_keys=texts(b"x"), ragged_keys=texts(b"s"),
            dense_defaults=[DEFAULT], num_sparse=1, sparse_types=["int64"], ragged_value_types=["string"],
            ragged_split_types=["int32"], dense_shapes=[[2]],
        ),
        sample(
            serialized=texts(FIRST, SECOND), names=texts(b"p", b"q"), sparse_keys=NOTHING, dense_keys=texts(b"y"), ragged_keys=NOTHING,
            dense_defaults=[np.array(-1)], num_sparse=0, sparse_types=[], ragged_value_types=[], ragged_split_types=[],
            dense_shapes=[[None]],
        ),
    ],
    "ParseSingleExample": [
        sample(
            serialized=np.array(FIRST, object), dense_defaults=[DEFAULT], num_sparse=1, sparse_keys=["y"], dense_keys=["x"],
            sparse_types=["int64"], dense_shapes=[[2]],
        ),
    ],
}  # fmt: skip
