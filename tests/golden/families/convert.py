import collections

import numpy as np

from tests.golden.case import case

VALUES = """
1; True; 2**31; -2**31; 2**31 - 1; 2**63; 2**63 - 1; -2**63; 2**64; float('nan'); float('inf'); 1 + 2j; 'abc'; b'abc'; 'é'; None
[]; [[]]; [[], []]; (); [1, 2]; [1, 2.0]; [1.0, 2]; [1, True]; [True, 1]; [True, 1.0]; [1.0, True]; [True, False]; [1, 2**31]; [2**31, 1]
[1, 2**63]; [1.0, 2**63]; [1.0, 2**70]; [1, 2j]; [2j, 1]; [1.0, 2j]; [True, 1j]; [1j, True]; ['a', 1]; [1, 'a']; ['a', b'b']; ['a', None]
[1, None]; [None, 1]; [None]; [[1], None]; [[1, 2], [3]]; [[1, 2], 3]; [1, [2, 3]]; [[1, 2], [3, 4.0]]; [[1, 2], [3.5, 4]]; [(1, 2), [3, 4]]
[[[1, 2]], [[3]]]; [[1.0, 2], [3, 4]]; range(3); range(0); range(1, 10, 3); collections.namedtuple('Point', 'x y')(1, 2); ['a\\0', 'b']
np.float64(1); np.float32(1); np.int64(1); np.int32(1); np.uint8(1); np.bool_(True); np.str_('x'); np.bytes_(b'x'); np.complex64(1); np.float16(1)
[np.float64(1)]; [np.float32(1)]; [np.float32(1), np.float64(2)]; [np.float64(1), np.float32(2)]; [np.int64(1)]; [np.int64(1), 2]
[2, np.int64(1)]; [np.int32(1), 2**40]; [2.0, np.int64(1)]; [2, np.float64(1)]; [2, np.float32(1.5)]; [np.int64(1), 2.5]; [np.uint8(1)]
[np.uint8(1), np.int64(400)]; [np.int8(1), 2]; [np.bool_(True)]; [np.bool_(True), False]; [True, np.bool_(True)]; [np.str_('x')]
['a', np.str_('x')]; [np.float16(1)]; [np.float16(1), 2.0]; [np.complex64(1)]; [1.0, np.complex64(1)]; [np.int64(2**40)]
np.array([1, 2]); np.array([1.0, 2.0]); np.array(['a', 'b']); np.array([b'a', b'b']); np.array(['a', b'b'], object); np.array(['a', 1], object)
np.array([1, 2], object); np.array([1.5, 2], object); np.array([None], object); np.array([], object); np.array(['2020-01-01'], 'datetime64[D]')
np.timedelta64(1, 's'); np.array([1, 2], '>i4'); np.array([1.5, 2], '>f8'); np.array([1, 2], np.uint32); np.array([1, 2], np.uint64)
np.array([1, 2], np.longdouble); np.array([(1, 2)], [('a', 'i4'), ('b', 'i4')]); np.ma.array([1, 2], mask=[0, 1])
np.array([[1, 2], [3, 4]]).T; np.array(3.5); np.array('text'); np.array([b'a\\0b'], object); np.zeros((0, 2)); np.arange(6)[::2]
[np.array([1, 2]), np.array([3, 4])]; [np.array([1.0, 2.0]), np.array([3, 4])]; [np.array([1, 2]), np.array([3.5, 4])]; [np.array([1, 2]), [3, 4]]
[[3, 4], np.array([1, 2])]; [[3.0, 4], np.array([1, 2])]; [np.array([1, 2]), np.array([3])]; [np.array([1.0, 2.0], np.float32), [3.0, 4.0]]
[np.array(1), np.array(2)]; [np.array([1], np.uint8), np.array([2], np.uint8)]; [np.array(['a']), np.array(['b'])]; [np.ones((2, 2)), np.ones((2, 2))]
[t, t]; [t, [1.0, 2.0]]; [t, [1, 2]]; [t, i]; [i, t]; [i, [1.5, 2]]; [s, 1.0]; [1.0, s]; [1, s]; [n, 1.5]; [1.5, n]; [[s, 1.0], [2.0, s]]
[v, v]; [v, [1.0, 2.0]]; [s, t]; [[1.0, 2.0], s]; [t, np.array([1.0, 2.0])]; [np.array([1.0, 2.0]), t]; [n, np.int64(3)]; (t, t); v
[True, tf.constant(True)]; ['a', tf.constant('b')]; [[t], [t]]; [n, n]
object(); [object()]; {'a': 1}; {1, 2}; [{1: 2}]; lambda: 1; [1, object()]; [1.0, object()]; (j for j in [1, 2]); {}.keys(); iter([1])
__import__('datetime').datetime(2020, 1, 1); [__import__('datetime').date(2020, 1, 1)]; __import__('fractions').Fraction(1, 2)
__import__('decimal').Decimal('1.5'); tf.TensorShape([1, 2]); tf.TensorShape([]); tf.TensorShape([1, None]); tf.TensorShape(None)
[tf.TensorShape([1, 2]), tf.TensorShape([3, 4])]; tf.TensorShape([2**40]); tf.float32; [1, tf.TensorShape([1])[0]]
tf.IndexedSlices(t, tf.constant([0, 1]), tf.constant([3])); tf.IndexedSlices(t, tf.constant([0, 1])); bytearray(b'ab'); memoryview(b'ab')
collections.deque([1, 2]); __import__('enum').IntEnum('E', 'A B').B; [__import__('enum').IntEnum('E', 'A B').B]; type('F', (float,), {})(1.5)
"""

TYPED = "1; 1.5; True; 'a'; 1j; [1, 2]; [1.5]; [True]; []; ['a']; [1, 2.5]; 300; -1; 2**40; np.float64(1.5); np.int64(3); np.array([1.5])"
TYPED += "; np.array([1, 300]); np.array([True]); np.array([1j]); [np.float64(1.5)]; [np.int64(1)]; [np.array([1.5])]; [300]; [-1]; [2**40]; [1j]; s; n; v"
TYPED += "; [s]; [n]; [s, 1]; np.float32(1.5); np.bool_(True); np.array([1], object); tf.TensorShape([2]); [1e40]; float('nan'); [np.int64(300)]"
DTYPES = "bool int8 uint8 int32 int64 float16 bfloat16 float32 float64 complex64 string".split()
HINTED = "1; 1.5; True; 'a'; 1j; [1, 2]; [1.5]; []; np.float64(1.5); np.int64(3); np.array([1.5]); np.array([1, 2]); [np.float64(1.5)]; [np.int64(1)]"
HINTED += "; s; n; 300; 2**40; [2**40]; np.array([1j]); v; [True]"

SETUP = """
import collections
t, i, s, n = tf.constant([1.0, 2.0]), tf.constant([1, 2]), tf.constant(3.0), tf.constant(3)
v = tf.Variable([1.0, 2.0])
"""
PROTOCOLS = """
class Array:
    def __array__(self, dtype=None, copy=None):
        return np.array([1, 2, 3])
class Tensor:
    def __tf_tensor__(self, dtype=None, name=None):
        return tf.constant([7.0], dtype or tf.float32)
class Index:
    def __index__(self):
        return 5
class Float:
    def __float__(self):
        return 5.0
"""
REGISTERED = """
class Money:
    amount = 3
def to_tensor(value, dtype=None, name=None, as_ref=False):
    {body}
tf.register_tensor_conversion_function(Money, to_tensor)
"""


def each(text):
    return [code.strip() for line in text.strip().splitlines() for code in line.split(";")]


def of(code, setup=SETUP):
    return case(f"{setup}\n{code}", name=code)


CASES = [
    *(of(f"tf.convert_to_tensor({value})") for value in each(VALUES)),
    *(of(f"tf.convert_to_tensor({value}, '{dtype}')") for value in each(TYPED) for dtype in DTYPES),
    *(
        of(f"tf.convert_to_tensor({value}, dtype_hint='{dtype}')")
        for value in each(HINTED)
        for dtype in ("bool", "uint8", "int32", "int64", "float32", "float64", "complex64", "string")
    ),
    *(
        of(f"tf.convert_to_tensor({code})", PROTOCOLS)
        for code in (
            "Array()",
            "Array(), tf.float32",
            "[Array(), Array()]",
            "Tensor()",
            "Tensor(), tf.float64",
            "Tensor(), dtype_hint=tf.float64",
            "[Tensor(), Tensor()]",
            "Index()",
            "Float()",
            "[Index()]",
            "[1, Float()]",
        )
    ),
    of("tf.constant(1.0) + Tensor()", PROTOCOLS),
    of("tf.constant([1.0, 2.0]) * Array()", PROTOCOLS),
    *(
        of(code, REGISTERED.format(body=body))
        for body in ("return tf.constant(value.amount, dtype)", "return NotImplemented", "return tf.constant(1)")
        for code in (
            "tf.convert_to_tensor(Money())",
            "tf.convert_to_tensor(Money(), tf.float64)",
            "tf.constant(1.0) + Money()",
        )
    ),
    of("tf.convert_to_tensor(Money())", REGISTERED.format(body="return 3")),
    of("tf.register_tensor_conversion_function(int, lambda v, dtype=None, name=None, as_ref=False: 1)"),
    of("tf.register_tensor_conversion_function(np.ndarray, lambda v, dtype=None, name=None, as_ref=False: 1)"),
    of("tf.register_tensor_conversion_function(3, lambda v, dtype=None, name=None, as_ref=False: 1)"),
    of("tf.register_tensor_conversion_function(collections.Counter, 3)"),
    case("[x, y]", x=np.ones(2, np.float32), y=np.ones(2, np.float32)),
    case("tf.convert_to_tensor([x, [x[0], 2.0]])", x=np.array([3.0, 4.0], np.float32)),
    case(
        "tf.convert_to_tensor([[x, y], [y, 1.0]]) * 2.0",
        x=np.float32(3) * np.ones((), np.float32),
        y=np.ones((), np.float32),
    ),
]
assert collections  # used by the code of the cases
