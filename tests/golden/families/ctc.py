"""Losses and decoders of label sequences."""

import ml_dtypes
import numpy as np

from tests.golden.case import case, integers, normal

X = normal(6, 2, 5)
LABELS = np.array([[1, 2, 2], [3, 4, 0]], np.int32)
SPARSE = "labels = tf.SparseTensor([[0, 0], [0, 1], [0, 2], [1, 0]], v, [2, 3])\n"
VALUES = np.array([0, 1, 1, 2], np.int32)


def dense(arguments="labels, x, [3, 2], [6, 5]", labels=LABELS, x=X, **options):
    return case(f"tf.nn.ctc_loss({arguments})", labels=labels, x=x, **options)


def sparse(arguments="labels, x, None, [6, 5], blank_index=-1", v=VALUES, x=X, **options):
    return case(f"{SPARSE}tf.nn.ctc_loss({arguments})", v=v, x=x, **options)


def beams(seed, width, paths, x=None, **options):
    x = normal(12, 2, 5, seed=seed) * 2 if x is None else x
    return case(
        f"tf.nn.ctc_beam_search_decoder(x, [{len(x)}, {len(x) - 3}], {width}, {paths})", x=x, grad=False, **options
    )


CASES = [
    dense(),
    dense("labels, x, [3, 2], [6, 5], logits_time_major=False", x=normal(2, 6, 5)),
    dense("labels, x, tf.constant([3, 2], tf.int64), tf.constant([6, 5], tf.int64)", labels=LABELS.astype(np.int64)),
    *[dense(f"labels, x, [3, 2], [6, 5], blank_index={blank}", labels=LABELS % 4) for blank in (0, 1, 4, -1, -2)],
    dense("labels, x, [3, 2], [6, 5], unique=tf.nn.ctc_unique_labels(labels)"),
    dense("labels, x, [3, 2], [6, 5], blank_index=-1, unique=tf.nn.ctc_unique_labels(labels)", labels=LABELS % 4),
    dense(x=X.astype(np.float16)),
    dense(x=X.astype(ml_dtypes.bfloat16)),
    dense(x=X.astype(np.float64), may_extend=True),
    dense(x=X * 40),
    dense("labels, x, [3, 2], [100, 80]", x=normal(100, 2, 5)),
    # labels that do not fit, no frames, more labels and frames than there are, blanks as labels
    dense("labels, x, [3, 3], [2, 4]", labels=np.array([[1, 1, 1], [3, 2, 1]], np.int32)),
    dense("labels, x, [0, 2], [6, 0]"),
    dense("labels, x, [5, 5], [6, 5]"),
    dense("labels, x, [3, 2], [9, 7]"),
    dense(labels=np.array([[1, 0, 2], [3, 0, 0]], np.int32)),
    dense(labels=np.array([[1, 7, 2], [-1, 2, 0]], np.int32)),
    dense("labels, x, None, [6, 5]", grad=False),
    dense("labels, x, [3, 2], None", grad=False),
    dense(x=integers(6, 2, 5), grad=False),
    dense("labels[:1], x, [3], [6, 5]", grad=False),
    sparse(),
    sparse("labels, x, None, [6, 5], logits_time_major=False, blank_index=4", x=normal(2, 6, 5)),
    sparse("labels, x, [3, 1], [6, 5], blank_index=0", v=VALUES + 1),
    sparse("labels, x, None, [6, 5], blank_index=3", v=np.array([0, 4, 4, 1], np.int32)),
    sparse(x=X.astype(np.float64), rtol=1e-7),  # of which TensorFlow computes parts in float32
    sparse(x=X.astype(np.float16)),
    sparse(
        "labels, x, None, [100, 80], blank_index=-1", x=normal(100, 2, 5), rtol=1e-3
    ),  # it does not scale sums of frames
    sparse("labels, x, None, [3, 5], blank_index=-1"),
    sparse(v=np.array([0, 1, 4, 2], np.int32)),
    sparse(v=np.array([0, 4, 1, 2], np.int32), grad=False),
    sparse(v=np.array([0, -1, 1, 2], np.int32), grad=False),
    sparse("labels, x, None, [6, 0], blank_index=-1", grad=False),
    sparse("labels, x, None, [7, 5], blank_index=-1", grad=False),
    sparse("labels, x, None, [-1, 5], blank_index=-1", grad=False),
    sparse("labels, x, None, [6], blank_index=-1", grad=False),
    sparse("labels, x, None, [6, 5]", grad=False),
    sparse(v=VALUES.astype(np.int64), grad=False),
    *[
        case(
            f"tf.nn.ctc_loss(tf.SparseTensor({indices}, tf.constant({values}), [2, 3]), x, None, [6, 5], blank_index=-1)",
            x=X,
            grad=False,
        )
        for indices, values in (
            ("tf.zeros((0, 2), tf.int64)", "[], tf.int32"),
            ("[[0, 0]]", "[1]"),
            ("[[1, 0], [0, 0]]", "[1, 2]"),
            ("[[0, 0], [2, 0]]", "[1, 2]"),
        )
    ],
    case("tf.nn.ctc_unique_labels([[3, 4, 4, 3], [0, 1, 1, 0]])"),
    case("tf.nn.ctc_unique_labels(tf.constant([[5, 2]], tf.int64))"),
    case("tf.nn.ctc_greedy_decoder(x, [6, 4])", x=X, grad=False),
    case("tf.nn.ctc_greedy_decoder(x, [6, 0], merge_repeated=False)", x=X, grad=False),
    *[case(f"tf.nn.ctc_greedy_decoder(x, [6, 4], blank_index={b})", x=X, grad=False) for b in (0, 2, -3, 9, -9)],
    case("tf.nn.ctc_greedy_decoder(x, [6, -4])", x=X.astype(np.float64), grad=False),
    case("tf.nn.ctc_greedy_decoder(x, [7, 4])", x=X, grad=False),
    case("tf.nn.ctc_greedy_decoder(x, [7])", x=X, grad=False),
    case("tf.nn.ctc_greedy_decoder(x, tf.constant([6, 4], tf.int64))", x=X, grad=False),
    case("tf.nn.ctc_greedy_decoder(x, [6, 4])", x=X.astype(np.float16), grad=False),
    *[beams(seed, width, paths) for seed, (width, paths) in enumerate([(100, 3), (20, 2), (10, 1), (1, 1)])],
    *[
        beams(seed, 2 + seed % 9, 2) for seed in range(10, 22)
    ],  # narrow ones, where the order counts in which prefixes grow
    beams(
        5, 5, 2, np.log(1e-30 + np.array([[[1, 0, 0], [0.6, 0.4, 0]], [[0, 0.9, 0.1], [0, 0.8, 0.2]]] * 2, np.float32))
    ),
    beams(5, 20, 1, normal(12, 2, 5).astype(np.float64), rtol=1e-7),
    case("tf.nn.ctc_beam_search_decoder(x, [6, 0], 10, 2)", x=X, grad=False),
    case("tf.nn.ctc_beam_search_decoder(x, [6, 0])", x=X, grad=False),
    case("tf.nn.ctc_beam_search_decoder(x, [6, 5], 2, 3)", x=X, grad=False),
    case("tf.nn.ctc_beam_search_decoder(x, [7, 5])", x=X, grad=False),
    case("tf.nn.ctc_beam_search_decoder(x, [6])", x=X, grad=False),
    *[
        case(f"tf.keras.ops.ctc_loss(labels, x, [3, 2], [6, 5]{more})", labels=LABELS, x=normal(2, 6, 5).astype(dtype))
        for more, dtype in (("", np.float32), (", mask_index=4", np.float32), ("", np.float16))
    ],
    case(
        "tf.keras.ops.ctc_loss(labels, x, [3, 2], [6, 5])",
        labels=LABELS,
        x=normal(2, 6, 5).astype(np.float64),
        rtol=1e-6,
    ),
    *[
        case(f"tf.keras.ops.ctc_decode(x, [6, 4]{more})", x=normal(2, 6, 5), grad=False)
        for more in (
            "",
            ", merge_repeated=False, mask_index=2",
            ", strategy='beam_search', top_paths=2, beam_width=20",
            ", strategy='beam_search', mask_index=3",
            ", strategy='best'",
        )
    ],
    case("tf.keras.losses.ctc(labels, x)", labels=np.array([[1, 1, 2], [3, 0, 0]], np.int32), x=normal(2, 3, 5)),
    case(
        "tf.keras.backend.ctc_batch_cost(labels, tf.nn.softmax(x), [[6], [5]], [[3], [1]])",
        labels=np.array([[0, 1, 1], [2, 0, 0]], np.float32),
        x=normal(2, 6, 5),
    ),
    case(
        "tf.keras.backend.ctc_batch_cost([[0, 1]], tf.nn.softmax(x[:1]), [[1]], [[2]])", x=normal(2, 6, 5), grad=False
    ),
    case("tf.keras.backend.ctc_label_dense_to_sparse(labels, tf.constant([3, 1]))", labels=LABELS),
    *[
        case(f"tf.keras.backend.ctc_decode(tf.nn.softmax(x), [6, 4]{more})", x=normal(2, 6, 5), grad=False)
        for more in ("", ", greedy=False, beam_width=20, top_paths=2")
    ],
]
