import numpy as np

from tests.golden.case import case, normal

T = normal(2)
TYPES = "tf.float32 tf.float64 tf.float16 tf.bfloat16 tf.int8 tf.uint8 tf.int16 tf.int32 tf.int64 tf.uint64 tf.bool tf.complex64".split()

CONSTANTS = """
1, shape=[2, 2]; [1, 2], shape=[2, 2]; [1, 2, 3, 4], shape=[2, 2]; [1], shape=[2, 2]; 1, tf.float32, [3]; [1, 2], shape=(2,)
[1, 2], shape=[1, 2]; x; x, shape=[2, 1]; tf.Variable(x); 1, shape=[]; [], shape=[0, 2]; 1, shape=2; 1.0, shape=tf.TensorShape([2])
'a', shape=[2]; True, shape=[2]; 1, shape=[0]; [1, 2, 3], shape=[2]; [1, 2], shape=[]; x, tf.float64; 1, tf.int64; 1, dtype='int32'
np.array([1.5]), tf.int32; [1.5], tf.int32; 1.5, 'int32'; 1, np.float64; 1, float; 1, 'foo'; 1, shape=[-1]; 1.0, shape=[None]
tf.TensorShape([1]); None; [None]; [[1, 2], [3]]; 2**40; np.float64(1.5), shape=[3]; x, tf.float32, name='x'; {1: 2}; object()
"""

CONVERSIONS = """
x; x, tf.float64; x, tf.float32; x, dtype_hint=tf.float64; [1, 2], dtype_hint=tf.float32; [1, 2], tf.float64; 1.5, dtype_hint=tf.int32
tf.Variable(x); tf.Variable(x), tf.float64; tf.Variable(x), dtype_hint=tf.float64; 'a'; b'a'; None; value=[1.0, 2.0], dtype=tf.bfloat16
np.float32(1), name='x'; [x, x]; [x, [1.0, 2.0]]
"""


def each(text):
    return [code.strip() for line in text.strip().splitlines() for code in line.split(";")]


CASES = [
    *(case(f"tf.constant({arguments})", x=T, grad=False) for arguments in each(CONSTANTS)),
    *(case(f"tf.convert_to_tensor({arguments})", x=T) for arguments in each(CONVERSIONS)),
    # zeros, ones, fill
    *(
        case(f"tf.{name}([2, 3], {t})")
        for name in ("zeros", "ones")
        for t in (*TYPES, "tf.string", "'int32'", "np.int64")
    ),
    *(
        case(f"tf.{name}({shape})")
        for name in ("zeros", "ones")
        for shape in (
            "[]",
            "()",
            "3",
            "[0, 2]",
            "(2,)",
            "tf.constant([2, 2])",
            "tf.constant([2], tf.int64)",
            "tf.constant(3)",
            "tf.TensorShape([2, 1])",
            "[tf.constant(2), 3]",
            "np.array([1, 2])",
            "[np.int64(2)]",
            "shape=[2], dtype=tf.int32",
            "[-1]",
            "[2.5]",
            "[None]",
            "None",
            "'a'",
            "tf.TensorShape([None])",
        )
    ),
    *(
        case(f"tf.{name}({arguments})")
        for name in ("zeros_like", "ones_like")
        for arguments in (
            "[[1.5, 2.5]]",
            "3",
            "[True]",
            "[1, 2], tf.float64",
            "np.ones((2, 2))",
            "tf.Variable([1.0])",
            "tf.constant([1.0, 2.0], tf.bfloat16)",
            "input=[1j], dtype='int8'",
            "[]",
        )
    ),
    case("tf.zeros_like(['a'])"),
    case("tf.ones_like(['a'])"),
    case("tf.zeros_like(x) + tf.ones_like(x)", x=T),
    *(
        case(f"tf.fill({arguments})")
        for arguments in (
            "[2, 3], 9",
            "[], 1.5",
            "[0, 2], 1",
            "tf.constant([2]), True",
            "(2,), 'a'",
            "[2], [1]",
            "[2], np.float64(2)",
            "dims=[1], value=1j",
            "[tf.constant(2)], tf.constant(3, tf.int8)",
            "tf.constant([2], tf.int64), 1",
            "[2], [1, 2]",
            "[2], [[1]]",
            "[-1], 1",
            "[2.0], 1",
        )
    ),
    case("tf.fill([2, 3], x)", x=np.float32(3) * np.ones((), np.float32)),
    *(
        case(f"tf.eye({arguments})")
        for arguments in (
            "3",
            "2, 3",
            "3, 2",
            "0",
            "2, batch_shape=[2, 1]",
            "2, num_columns=3, batch_shape=(2,), dtype=tf.int32",
            "2, dtype=tf.bool",
            "2, dtype=tf.complex64",
            "tf.constant(2)",
            "2, batch_shape=tf.constant([3])",
            "2.0",
            "-1",
        )
    ),
    # knowledge of tensors
    *(
        case(f"tf.{call}", x=normal(2, 3, 4))
        for call in (
            "shape(x)",
            "shape(x, tf.int64)",
            "shape(3)",
            "shape([])",
            "shape(x, out_type='int64')",
            "shape(x, tf.int16)",
            "shape(x, tf.float32)",
            "shape([[1], [2, 3]])",
            "shape_n([x, [1]])",
            "shape_n([x], out_type=tf.int64)",
            "size(x)",
            "size(x, tf.int64)",
            "size(3)",
            "size([], out_type=tf.float32)",
            "rank(x)",
            "rank([[1]])",
            "rank(3)",
            "is_tensor(x), tf.is_tensor([1]), tf.is_tensor(tf.Variable(1)), tf.is_tensor(np.ones(1)), tf.is_tensor(1.0)",
            "is_tensor(tf.IndexedSlices(x, [1]))",
            "get_static_value(x)",
            "get_static_value(tf.constant(3))",
            "ensure_shape(x, [2, None, 4])",
            "ensure_shape(x, x.shape)",
            "ensure_shape(x, None)",
            "ensure_shape(x, tf.TensorShape([2, 3, 4]))",
            "ensure_shape(x, [2, 3])",
            "ensure_shape(x, [2, 3, 5])",
            "ensure_shape([1, 2], [2])",
            "ensure_shape(x, 'a')",
        )
    ),
]
