import numpy as np

from tests.golden.case import case

FORMATS = """
[3, 2]; [1.5, 2.25e10, float('nan'), float('inf')]; [1.5], precision=2; [1.5], scientific=True; [1.5, 1e10, 0.1], shortest=True; [1.5], width=10
[3], width=5; [3], width=5, fill='0'; [3], width=5, fill='-'; [3], width=5, fill=' '; [3], width=5, fill='+'; [3], fill='0'; [True, False]; [1 + 2j]
[1 + 2j], precision=1; tf.constant([1.5], tf.float64); tf.constant([1.5], tf.float16); ['a']; [1.5], width=8, precision=2, fill='0'; [[1], [2]]
tf.constant([200], tf.uint8); tf.constant([2**60], tf.int64); [0.1], precision=20; tf.constant([1.5], tf.bfloat16); 3; [True], width=7; ['a'], width=4
[-3], width=5, fill='0'; [1.5], scientific=True, precision=2; [1.5], shortest=True, precision=2; tf.constant([2**63], tf.uint64); [1e-5], shortest=True
[3], precision=2; [1.5], scientific=True, shortest=True; [3], width=5, fill='ab'; [3], width=5, fill='x'; [3], shortest=True; [3], scientific=True
"""

CASES = [
    *(case(f"tf.as_string({code.strip()})") for line in FORMATS.strip().splitlines() for code in line.split(";")),
    case("tf.fingerprint([bytes(range(n)) for n in range(200)])"),
    case("tf.fingerprint([b'x' * n for n in (1000, 1024, 4097)])"),
    case("tf.fingerprint([[1, 2], [3, 4]])"),
    case("tf.fingerprint(x)", x=np.arange(60, dtype=np.float64).reshape(3, 4, 5), grad=False),
    case("tf.fingerprint([['a', 'b'], ['c', 'd']])"),
    case("tf.fingerprint([True], method='farmhash64')"),
    case("tf.fingerprint(tf.zeros([0, 2]))"),
    case("tf.fingerprint('a')"),
    case("tf.fingerprint([1], method='md5')"),
]
