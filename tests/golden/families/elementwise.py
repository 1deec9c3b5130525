from tests.golden.case import case, integers, normal

CASES = [
    case("tf.add(x, y)", x=normal(3, 1), y=normal(1, 4)),
    case("x + y", x=normal(3), y=normal(4)),
    case("x + y", x=normal(3), y=integers(3)),
    case("x / y", x=normal(2, 3), y=normal(3, seed=1)),
    case("x * 2.0 - y", x=normal(3, 1), y=normal(1, 4)),
    case("tf.tanh(x)", x=normal(3)),
]
