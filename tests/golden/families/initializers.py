"""tf.zeros_initializer and its kin; also where Keras and variables take them."""

from tests.golden.case import case

TYPES = "tf.float16 tf.bfloat16 tf.float64 tf.int32 tf.int64 tf.uint8 tf.bool tf.complex64 tf.string 'float32'".split()
SHAPES = ("[]", "[3]", "(2, 3)", "tf.TensorShape([2, 2])", "tf.constant([2, 2])", "[0, 2]", "2")
MAKERS = {
    "zeros": "tf.zeros_initializer()",
    "ones": "tf.ones_initializer()",
    "constant": "tf.constant_initializer(2)",
    "uniform": "tf.random_uniform_initializer(seed=4)",
    "range": "tf.random_uniform_initializer(1, 90, seed=-7)",
    "normal": "tf.random_normal_initializer(seed=1)",
    "wide": "tf.random_normal_initializer(1.0, 2.0, seed=2**40)",
}
DRAWN = """
tf.random_normal_initializer()([2, 2]); tf.random_normal_initializer(mean=1.0, stddev=3.0)([3], tf.float64)
tf.random_uniform_initializer()([2, 2]); tf.random_uniform_initializer(0, 100)([5], tf.int64); tf.random_uniform_initializer()([3], tf.float16)
"""
OTHERS = """
tf.constant_initializer([1, 2, 3, 4])([2, 2]); tf.constant_initializer([1, 2, 3])([2, 2]); tf.constant_initializer([1, 2])([3])
tf.constant_initializer(np.eye(2))([2, 2]); tf.constant_initializer(np.eye(2))([2, 2], tf.float32); tf.constant_initializer(3.0)([2], tf.int32)
tf.constant_initializer('a')([2]); tf.constant_initializer(lambda: 3); tf.constant_initializer(value=(1.5, 2.0))([2], dtype=tf.float64)
tf.zeros_initializer()([2], foo=1); tf.zeros_initializer()([2, 3], partition_shape=(1, 3), partition_offset=(0, 0))
tf.random_uniform_initializer(seed=4)([2, 3], partition_shape=(1, 3), partition_offset=(0, 0)); tf.random_uniform_initializer()([3], tf.int32)
tf.constant_initializer(1)([2], partition_shape=(1,)); tf.constant_initializer(1, support_partition=True)([2], partition_shape=(1,))
tf.Variable(tf.ones_initializer()(shape=[2]), dtype=tf.float32); tf.zeros_initializer()(shape=(2,), dtype='int8')
tf.keras.layers.Dense(2, kernel_initializer=tf.ones_initializer(), bias_initializer=tf.constant_initializer(0.5))(np.ones((1, 3), 'float32'))
tf.keras.layers.Dense(2, kernel_initializer=tf.ones_initializer, bias_initializer=tf.zeros_initializer)(np.ones((1, 3), 'float32'))
tf.keras.layers.Dense(2, kernel_initializer=tf.random_normal_initializer(stddev=0.02, seed=3))(np.ones((1, 3), 'float32'))
"""
CONFIGS = """
tf.zeros_initializer().get_config(); tf.ones_initializer.from_config({}).get_config(); tf.zeros_initializer.from_config({'dtype': 'float32'}).get_config()
tf.constant_initializer(3).get_config(); tf.constant_initializer.from_config({'value': 3}).get_config()
tf.random_uniform_initializer(1, 2).get_config(); tf.random_uniform_initializer.from_config({'minval': 0, 'maxval': 1, 'seed': 2}).get_config()
tf.random_normal_initializer(seed=5).get_config(); tf.random_normal_initializer.from_config({'mean': 1.0, 'stddev': 2.0, 'seed': 3}).get_config()
tf.random_normal_initializer.from_config({'mean': 1.0, 'foo': 3}).get_config(); [tf.zeros_initializer.__name__, tf.random_normal_initializer.__name__]
"""


def each(text):
    return [code.strip() for line in text.strip().splitlines() for code in line.split("; ")]


CASES = [
    *(case(f"{make}([2], {dtype})", name=f"{name} {dtype}") for name, make in MAKERS.items() for dtype in TYPES),
    *(case(f"{make}({shape})", name=f"{name} {shape}") for name, make in MAKERS.items() for shape in SHAPES),
    *(case(f"tf.random.set_seed(3)\n{code}") for code in each(DRAWN)),
    case("tf.random.set_seed(3)\ni = tf.random_normal_initializer()\n[i([2]), i([2])]"),
    case("i = tf.random_normal_initializer(seed=9)\n[i([2]), i([2])]"),
    *(case(code) for code in each(OTHERS)),
    *(case(f"str({code})", name=code) for code in each(CONFIGS)),
]
