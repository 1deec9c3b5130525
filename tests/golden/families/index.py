import numpy as np

from tests.golden.case import case, integers, normal

X = normal(2, 3, 4)
S = np.array([b"a", b"b"])

INDICES = """
0; 1; -1; -2; 0, 1, 2; -1, -2, -3; ...; ..., 0; 0, ...; 0, ..., 1; None; 0, None; None, 0; ..., None; None, ..., None
1:; :1; 5:; :; ::-1; :, ::-2; :, 1:3; :, :, 1; 0, :, 1; 1:1; -1:0:-1; -100:100; 100:-100:-1; :, :, 3:0:-2; 0:2, 1:, ::2
2**40:; -2**40:; slice(None, 2); slice(0, 2), ..., None; (); []; [0]; [0, 1]; (0, 1)
tf.constant(1); tf.constant(1, tf.int64); tf.constant(1):; :tf.constant(1), tf.constant(0)
tf.constant(0), ..., tf.constant(-1); ::tf.constant(-1); tf.Variable(1); tf.Variable(1):; np.array(1); np.int64(1)
np.uint8(1); np.int32(1):; tf.TensorShape([1])[0]; tf.TensorShape([1]).dims[0]; 1:, None, 0, ..., None
tf.constant([True, False]); np.array([True, False]); x > 0; (x > 0).numpy(); x[..., 0] > 0
5; -3; 2; 0, 3; :, 3; :, :, -5; 0, 1, 2, 0; 0:2, 5; ..., ...; ::0; 2**40; tf.constant(9)
1.0; 'a'; 1.0:; {}; tf.constant(1.0); tf.constant([0, 1]); tf.constant([0]); [[0, 1]]; np.array([0, 1]); np.True_
tf.constant(1, tf.uint8); tf.constant(1, tf.int8); tf.Variable([True, False]); :, tf.constant([0, 1]); :, [0, 1]; :, x > 0
True; False; True, 0; tf.constant(True); tf.constant([True, False, True])
"""

VARIABLE_WRITES = """
v[0].assign(tf.zeros([3, 4])); v[0, 0].assign([9.0, 9, 9, 9]); v[0, 0].assign(7.0); v[0, 0, 0].assign(5)
v[:, 0].assign(tf.zeros([4])); v[0].assign(tf.zeros([1, 3, 4])); v[None, 0].assign(tf.zeros([1, 3, 4])); v[0, 0, 0].assign([1.0])
v[0].assign(np.ones((3, 4))); v[::-1, 0, 0].assign([1.0, 2.0]); v[..., 1:3].assign(0.0); v[:, tf.constant(1)].assign(v[:, 0])
v[0].assign(tf.constant(1)); v[5].assign(1); v[0].assign(tf.zeros([2, 3, 4])); v[0].assign([1.0, 2.0]); v[0].assign('a')
"""

CASES = [
    *(case(f"x[{index.strip()}]", x=X) for line in INDICES.strip().splitlines() for index in line.split(";")),
    *(
        case(f"v = tf.Variable(x)\nv[{index}]", x=X)
        for index in ("0", ":, 1:", "..., -1", "tf.constant(1)", "x > 0", "5", "1.0")
    ),
    case("v = tf.Variable(x)\nhasattr(v[0], 'assign'), hasattr(x[0], 'assign')", x=X),
    *(
        case(f"v = tf.Variable(x)\nw = {code.strip()}\nw, v", x=X)
        for line in VARIABLE_WRITES.strip().splitlines()
        for code in line.split(";")
    ),
    case("x[tf.constant(1, tf.int16)]", x=X, grad=False),  # its gradient fails under TensorFlow
    case("x[0]", x=S),
    case("x[::-1]", x=S),
    case("x[..., None]", x=S),
    case("x[x == 'a']", x=S),
    case("tf.constant(3)[...]"),
    case("tf.constant(3)[None]"),
    case("tf.constant(3)[0]"),
    case("tf.constant(3)[:]"),
    case("tf.zeros([0])[0]"),
    case("tf.zeros([0, 3])[:, 1]"),
    case("[row * row for row in x]", x=normal(3, 2)),
    case("a, b = x\na * b", x=normal(2, 3)),
    case("list(tf.constant(3))"),
    case("len(x), len(x[0])", x=X, grad=False),
    case("len(tf.constant(3))"),
    case("x[0][1][2] * x[1, 1, 1]", x=X),
    case("x[:, 0] * x[:, 1] + x[::-1, 2]", x=X),
    *(
        case("x[::2, 1]", x=integers(3, 2, low=0).astype(d), grad=False)
        for d in ("float16", "int8", "uint8", "bool", "complex64")
    ),
    # strided_slice
    *(
        case(f"tf.strided_slice(x, {arguments})", x=X)
        for arguments in (
            "[0], [2]",
            "[0, 0], [2, 2], [1, 1]",
            "[0], [2], begin_mask=1",
            "[1], [0], [-1], end_mask=1",
            "[1], [2], shrink_axis_mask=1",
            "[0, 1], [0, 2], ellipsis_mask=1",
            "[0, 1], [0, 2], new_axis_mask=1",
            "[1, 0, 0, -1], [2, 0, 0, 0], [1, 1, 1, 1], ellipsis_mask=2, new_axis_mask=4, shrink_axis_mask=9",
            "[1, 0], [2, 1], shrink_axis_mask=1, begin_mask=1",
            "tf.constant([1, 0]), tf.constant([2, 2])",
            "[0, 0], [2], [1, 1]",
            "[1], [2], [0]",
            "[1], [2], [-1], shrink_axis_mask=1",
            "[1.0], [2.0]",
            "[0, 0, 0, 0], [1, 1, 1, 1]",
            "[5], [6], shrink_axis_mask=1",
        )
    ),
    # slice
    *(
        case(f"tf.slice(x, {arguments})", x=X)
        for arguments in (
            "[0, 1, 0], [1, 2, -1]",
            "[1, 0, 2], [1, 3, 2]",
            "begin=[0, 3, 0], size=[1, 0, 1]",
            "tf.constant([0, 1, 0], tf.int64), [1, 1, 1]",
            "tf.constant([0, 1, 0]), tf.constant([-1, -1, -1])",
            "[0, 1, 0], [1, 2, 5]",
            "[0, 1], [1, 2]",
            "[0, -1, 0], [1, 1, 1]",
            "[0, 1, 0], [1, -2, 1]",
            "[0, 1.0, 0], [1, 1, 1]",
        )
    ),
    case("tf.slice([1, 2, 3], [1], [-1])"),
]
