from tests.golden.case import case, normal


def each(text):
    return [code.strip() for line in text.strip().splitlines() for code in line.split(";")]


RANGES = """
5; 3, 18, 3; 3, 1, -0.5; 10, 0, -3; 0.0, 1.0, 0.3; 5.0; 2, 2; 0; 0, 10, 3; limit=5, start=1; 1, 5, dtype=tf.float32; 3, dtype=tf.int64
tf.constant(3); tf.constant(3, tf.int64); 0, tf.constant(3.0); tf.constant(1), 4, tf.constant(2); np.int64(4); np.float64(2.5); 5, dtype='float16'
0, 3, 0.5, tf.float64; 2**31, 2**31 + 3; tf.constant(3, tf.float16); 5, delta=2; -3, 3; 0.1, 1.0, 0.1; 1, 0, -1
5, 3; 3, 5, -1; 0, 5, 0; [1, 2]; 0, [3]; None; 0, 2.5, dtype=tf.int32
"""

LINSPACES = """
0.0, 1.0, 5; 0.0, 1.0, 1; 0.0, 1.0, 0; 0.0, 1.0, 2; 1.0, -1.0, 3; 0, 10, 4; [0.0, 1.0], [1.0, 3.0], 3; [0.0, 1.0], [1.0, 3.0], 3, axis=1
[0.0, 1.0], [1.0, 3.0], 3, axis=-1; 0.0, [1.0, 2.0], 2; np.float64(0), 1, 3; tf.constant(0.0), 1.0, tf.constant(3); 10.0, 12.0, 3, name='x'
0.1, 0.7, 7; 0.0, 1.0, -1; 0.0, 1.0, 3, axis=2; 0.0, 1.0, 2.5; start=0.0, stop=1.0, num=3
"""

ONE_HOTS = """
[0, 2, -1, 5], 3; [[0, 1], [2, 0]], 3; 1, 4; [0, 1], 2, axis=0; [[0, 1], [2, 0]], 3, axis=1; [0, 2], 3, on_value=5.0, off_value=-1.0
[0, 2], 3, on_value=5; [0, 2], 3, off_value=5; [0, 2], 3, 5, 0, dtype=tf.float32; [0, 1], 2, True, False; [0, 1], 2, 'x', 'y'; [0, 1], 0; [], 3
tf.constant([0, 1], tf.uint8), 2; tf.constant([0, 1], tf.int64), depth=tf.constant(2); [0, 1], 2, dtype=tf.int32; np.array([1, 0]), 2; 0, 3, axis=0
[0, 2], 3, on_value=1j; tf.zeros([0], tf.int32), 3; tf.zeros([0, 2], tf.int32), 3, axis=1; [0, 1], 2, axis=-1, dtype='float64'; [1], 2, dtype=tf.bool
[0, 1], -1; [0, 1], 2, axis=2; [0, 1], 2, axis=-2; [0.5], 2; [0, 1], 2, 1, 0.5; [0, 1], 2, 1.0, dtype=tf.int32; [0, 1], 2.0; [0], None
tf.constant([0, 1], tf.int16), 2; [0, 1], 2, on_value=[1, 2]; tf.constant([0, 1], tf.int8), 2
"""

MASKS = """
[1, 3, 2], 5; [1, 3, 2]; [[1, 3], [2, 0]]; 2, 3; [], 2; [1, 3], maxlen=2; [0, 0]; [1, 2], 3, tf.float32; [1, 2], dtype=tf.int32; [-1, 2]
tf.constant([1, 2], tf.int64), tf.constant(3); [1, 2], tf.constant(3, tf.int64); [1.5, 2.0]; [1, 2], dtype=None; [1, 2], [3]; [1, 2], 3, 'bool'
"""

CASES = [
    *(case(f"tf.range({arguments})") for arguments in each(RANGES)),
    *(case(f"tf.linspace({arguments})") for arguments in each(LINSPACES)),
    case("tf.linspace(x, y, 4)", x=normal(2), y=normal(2, seed=1)),
    case("tf.linspace(x, y, 4, axis=1)", x=normal(2, 1), y=normal(3)),
    *(case(f"tf.one_hot({arguments})") for arguments in each(ONE_HOTS)),
    *(case(f"tf.sequence_mask({arguments})") for arguments in each(MASKS)),
    *(
        case(f"tf.meshgrid({arguments})")
        for arguments in (
            "[1, 2, 3], [4, 5]",
            "[1, 2, 3], [4, 5], indexing='ij'",
            "[1, 2], [3], [4, 5]",
            "[1, 2], [3], [4, 5], indexing='ij'",
            "[1, 2]",
            "",
            "3, [1, 2]",
            "[[1, 2], [3, 4]], [5]",
            "[1, 2], [3], indexing='xx'",
            "[1, 2], [3], foo=1",
        )
    ),
    case("tf.meshgrid(x, y)", x=normal(2), y=normal(3)),
    case("tf.meshgrid(x, y, indexing='ij')", x=normal(2), y=normal(3)),
]
