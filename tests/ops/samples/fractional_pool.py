import numpy as np

from tests.ops.samples import ints, real, sample

X = real(1, 4, 5, 2)
ROWS, COLS = ints(0, 1, 3, 4, dtype=np.int64), ints(0, 2, 3, 5, dtype=np.int64)
OPTIONS = {"pooling_ratio": [1.0, 1.3, 1.6, 1.0], "deterministic": True, "seed": 1, "seed2": 2}

SAMPLES = {
    # The gradients have none of their own, here as in TensorFlow.
    "FractionalMaxPool": [sample(order=1, value=X, **OPTIONS)],
    "FractionalAvgPool": [sample(order=1, value=X, **OPTIONS)],
    "FractionalMaxPoolGrad": [
        sample(
            order=0,
            orig_input=X,
            orig_output=np.maximum.reduceat(np.maximum.reduceat(X, ROWS[:-1], 1), COLS[:-1], 2),
            out_backprop=real(1, 3, 3, 2),
            row_pooling_sequence=ROWS,
            col_pooling_sequence=COLS,
        )
    ],
    "FractionalAvgPoolGrad": [
        sample(
            order=0,
            orig_input_tensor_shape=np.array([1, 4, 5, 2]),
            out_backprop=real(1, 3, 3, 2),
            row_pooling_sequence=ROWS,
            col_pooling_sequence=COLS,
        )
    ],
}
