import numpy as np

from tests.ops.samples import ints, real, sample

_SPARSE = {
    "labels_indices": ints([[0, 0], [0, 1], [0, 2], [1, 0]], dtype=np.int64),
    "labels_values": ints(0, 1, 1, 2),
}
_LENGTHS = ints(6, 4)

SAMPLES = {
    # order 0: only the first result has a gradient, which `tests/ops/test_ctc.py` looks at
    "CTCLoss": [
        sample(0, inputs=real(6, 2, 4), sequence_length=_LENGTHS, **_SPARSE),
        sample(0, inputs=real(6, 2, 4), sequence_length=_LENGTHS, preprocess_collapse_repeated=True, **_SPARSE),
        sample(0, inputs=real(6, 2, 4), sequence_length=_LENGTHS, ctc_merge_repeated=False, **_SPARSE),
        sample(
            0, inputs=real(6, 2, 4), sequence_length=ints(2, 4), ignore_longer_outputs_than_inputs=True, **_SPARSE,
        ),
    ],
    "CTCGreedyDecoder": [
        sample(inputs=real(7, 3, 4), sequence_length=ints(7, 0, 5)),
        sample(inputs=real(7, 3, 4), sequence_length=ints(7, 0, 5), merge_repeated=True, blank_index=1),
    ],
    "CTCBeamSearchDecoder": [
        sample(inputs=real(7, 2, 4), sequence_length=ints(7, 5), beam_width=20, top_paths=3),
        sample(inputs=real(7, 2, 4), sequence_length=ints(7, 5), beam_width=3, top_paths=1, merge_repeated=False),
    ],
}  # fmt: skip
