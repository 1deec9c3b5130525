import numpy as np

from tests.golden.case import case, integers, normal, uniform

CASES = [
    # Distinct elements.
    *(
        case(f"tf.{f}({x}{t})")
        for f in ("unique", "unique_with_counts")
        for x in (
            "[3, 1, 3, 2]",
            "['b', 'a', 'b']",
            "[True, False, True]",
            "tf.zeros([0])",
            "[0.0, -0.0]",
            "[[1, 2]]",
            "3",
        )
        for t in ("", ", tf.int64", ", tf.int16")
    ),
    *(
        case(f"tf.{f}(x)", x=integers(40, dtype=t))
        for f in ("unique", "unique_with_counts")
        for t in (np.int8, np.int64)
    ),
    *(case(f"tf.{f}(x)", grad=False, x=np.array([np.nan, 1, np.nan])) for f in ("unique", "unique_with_counts")),
    case("type(tf.unique([1])).__name__"),
    case("tf.unique_with_counts([1, 1]).count"),
    # Counts of integers.
    *(
        case(f"tf.math.bincount({args})")
        for args in (
            "[1, 1, 2, 5]",
            "[1, 1, 2, 5], minlength=8",
            "[1, 1, 2, 5], maxlength=3",
            "[1, 1, 2, 5], minlength=8, maxlength=3",
            "[1, 1, 2, 5], weights=[1.0, 2.0, 3.0, 4.0]",
            "[1, 1, 2, 5], weights=[1.0, 2.0, 3.0, 4.0], maxlength=3",
            "[1, 1, 2, 5], [1, 2, 3, 4]",
            "[1, 1, 2, 5], weights=[1.0, 2.0]",
            "[1, -1, 2, 5]",
            "tf.zeros([0], tf.int32)",
            "[[1, 1], [2, 5]]",
            "[[1, 1], [2, 5]], axis=-1",
            "[[1, 1], [2, 5]], axis=0",
            "[[1, 1], [2, 5]], axis=1",
            "[[1, 1], [2, 5]], axis=-1, binary_output=True",
            "[[1, 1], [2, 5]], axis=-1, minlength=7, maxlength=4",
            "[[1, 1], [2, 5]], axis=-1, weights=[[1.0, 2.0], [3.0, 4.0]]",
            "[[1, 1], [2, 5]], [[1.0, 2.0], [3.0, 4.0]]",
            "[1, 1, 2], axis=-1",
            "[1, 1, 2], binary_output=True",
            "[1, 1, 2], dtype=tf.int64",
            "[1, 1, 2], dtype=tf.float32",
            "[1, 1, 2], dtype=tf.uint8",
            "[1.0, 1.5]",
            "tf.constant([1, 1], tf.int64)",
            "tf.constant([1, 2], tf.uint8)",
            "3",
            "[1, 1], weights=[1.0, 2.0], binary_output=True",
        )
    ),
    # Histograms.
    *(
        case(f"tf.histogram_fixed_width({args})")
        for args in (
            "[-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5",
            "[-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5, dtype=tf.int64",
            "[-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5, dtype=tf.float32",
            "[[1.0, 2.0], [3.0, 4.0]], [0.0, 5.0], 3",
            "[1, 2, 3], [0, 5], nbins=5",
            "[1, 2, 3], [0.0, 5.0]",
            "[1.0], [5.0, 0.0]",
            "[1.0], [5.0, 5.0]",
            "[1.0], [0.0, 5.0], nbins=0",
            "[1.0], [0.0, 5.0], nbins=-1",
            "[1.0], [0.0, 5.0, 6.0]",
            "[np.nan], [0.0, 5.0]",
            "[np.inf, -np.inf], [0.0, 5.0], 4",
            "tf.zeros([0]), [0.0, 5.0], 4",
        )
    ),
    case("tf.histogram_fixed_width(x, [-2.0, 2.0])", grad=False, x=normal(500)),
    case(
        "tf.histogram_fixed_width(x, tf.constant([-2.0, 2.0], tf.float64), 7)",
        grad=False,
        x=normal(50, dtype=np.float64),
    ),
    *(
        case(f"tf.histogram_fixed_width_bins({args})")
        for args in (
            "[-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5",
            "[[-1.0, 0.0], [1.5, 2.0]], [0.0, 5.0], nbins=5, dtype=tf.int64",
            "[1.0, 2.0], [0.0, 5.0], nbins=0",
            "[1.0, 2.0], [5.0, 0.0], nbins=5",
        )
    ),
    # Confusion.
    *(
        case(f"tf.math.confusion_matrix({args})")
        for args in (
            "[1, 2, 4], [2, 2, 4]",
            "[1, 2, 4], [2, 2, 4], num_classes=6",
            "[1, 2, 4], [2, 2, 4], num_classes=3",
            "[1, 2, 2], [2, 4, 4], num_classes=3",
            "[1, 2, 4], [2, 2, 4], weights=[1.0, 2.0, 3.0]",
            "[1, 2, 4], [2, 2, 4], 5, [1.0, 2.0, 3.0], tf.float32",
            "[1, 2, 4], [2, 2, 4], dtype=tf.int64",
            "[1, 2, 4], [2, 2]",
            "[1, -2, 4], [2, 2, 4]",
            "[1, 2, 4], [2, -2, 4]",
            "[1.0, 2.0, 4.0], [2.0, 2.0, 4.0]",
            "[[1], [2], [4]], [2, 2, 4]",
            "[1, 2, 4], [[2], [2], [4]]",
            "[1, 2, 4], [2, 2, 4], weights=[1.0, 2.0]",
            "labels=[0, 1], predictions=[1, 1], num_classes=tf.constant(2)",
        )
    ),
    case("tf.math.confusion_matrix([1, 2, 1], [2, 2, 2], weights=w, dtype=tf.float32)", w=uniform(3)),
]
