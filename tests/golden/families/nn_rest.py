"""Fractional pooling, isotonic regression and what else is seldom met in tf.nn."""

import numpy as np

from tests.golden.case import case, integers, normal

X = normal(2, 11, 14, 3)


def fractional(arguments: str, x=X, **options):
    return case(f"tf.random.set_seed(5)\ntf.nn.fractional_{arguments}", x=x, **options)


CASES = [
    *(
        fractional(f"{kind}_pool(x, [1.0, {ratio}, 1.0], {options}seed={seed})")
        for kind in ("max", "avg")
        for ratio, options, seed in (
            ("1.5, 1.7", "", 1),
            ("1.44, 1.73", "", 2),
            ("1.44, 1.73", "pseudo_random=True, ", 3),
            ("2.6, 3.1", "pseudo_random=True, ", 4),
            ("1.44, 1.73", "overlapping=True, ", 5),
            ("2.6, 3.1", "pseudo_random=True, overlapping=True, ", 6),
            ("1.0, 2.0", "", 7),
        )
    ),
    fractional("max_pool(x, [1, 1.5, 1.5, 1], seed=3)", x=integers(1, 7, 7, 2)),
    fractional("max_pool(x, 1.5, seed=3)"),
    fractional("max_pool(x, [1.0, 1.5, 1.5, 2.0], seed=3)"),
    fractional("max_pool(x, 0.5, seed=3)"),
    fractional("max_pool(x, 'a', seed=3)"),
    case("tf.nn.fractional_max_pool(x, 1.5).output.shape.as_list()", x=X, grad=False),
    *(
        case(f"tf.nn.isotonic_regression(x{a})", x=normal(3, 6))
        for a in ("", ", decreasing=False", ", axis=0", ", False, 0")
    ),
    case("tf.nn.isotonic_regression(x)", x=normal(7), grad=False),  # TensorFlow's gradient has another shape
    case("tf.nn.isotonic_regression(x, axis=2)", x=normal(2, 5, 3, dtype=np.float64), grad=False),
    case("tf.nn.isotonic_regression(x)", x=integers(2, 6)),
    case("tf.nn.isotonic_regression(x)", x=integers(2, 6, dtype=np.int16)),
    case("tf.nn.isotonic_regression(x)", x=np.array(2.0, np.float32), grad=False),
    case("tf.nn.isotonic_regression(x)", x=integers(4, 6, low=0, high=3).astype(np.float32)),
    case("tf.nn.collapse_repeated(x, n)", x=integers(4, 7, low=0, high=2), n=np.array([7, 3, 0, 5], np.int32)),
    case("tf.nn.collapse_repeated(x, n)", x=integers(4, 7, low=0, high=2, dtype=np.int64), n=np.array([1, 3, 6, 5])),
    case("tf.nn.collapse_repeated(x, n)", x=integers(4), n=np.array([1], np.int32)),
]
