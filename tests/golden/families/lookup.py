"""Tables. TensorFlow's keys come out in the order of their hashes: what is exported is sorted."""

import os
import tempfile

from tests.golden.case import case

PAIRS = "tf.lookup.KeyValueTensorInitializer"
WORDS = f"{PAIRS}(['sun', 'moon'], tf.constant([0, 1], tf.int64))"
TABLE = f"table = tf.lookup.StaticHashTable({WORDS}, -1)\n"
VOCABULARY = f"table = tf.lookup.StaticVocabularyTable({WORDS}, 3)\n"
NUMBERS = f"{PAIRS}(tf.constant([10, 20], tf.int64), tf.constant([0, 1], tf.int64))"
MUTABLE = """
table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
table.insert(['a', 'b', 'a'], [1, 2, 3])
"""
ROWS = """
table = tf.lookup.experimental.MutableHashTable(tf.int64, tf.float32, [0.0, -1.0])
table.insert(tf.constant([1, 2], tf.int64), [[1.0, 2.0], [3.0, 4.0]])
"""
DENSE = """
table = tf.lookup.experimental.DenseHashTable(tf.string, tf.int64, -1, '', '$', initial_num_buckets=4)
table.insert(['a', 'b'], [1, 2])
"""
KEYS = """
table = tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, [0, 0], [0, 1])
table.insert(tf.constant([[3, 4], [5, 6]], tf.int64), [7, 8])
"""
CHANGES = """
table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
@tf.function
def step(keys):
    before = table.size()
    table.insert(keys, tf.fill(tf.shape(keys), table.size() + 5))
    found = table.lookup(['a', 'b', 'c'])
    table.remove(keys[:1])
    return before, found, table.size()
(step(tf.constant(['a'])), step(tf.constant(['b', 'c'])), table.size())
"""


def column(key_dtype, key_index, value_dtype, value_index, text="a\t10\tx\nb\t20\ty\n", default=-1, **options):
    """A function of `tf` that makes a table of a file, and looks up what may be in it."""

    def run(tf):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "lines.txt")
            with open(path, "w") as file:
                file.write(text)
            pairs = tf.lookup.TextFileInitializer(
                path, getattr(tf, key_dtype), key_index, getattr(tf, value_dtype), value_index, **options
            )
            table = tf.lookup.StaticHashTable(pairs, default)
            keys = ["a", "b", "a\t10\tx"] if key_dtype == "string" else [0, 1, 10, 20]
            return table.lookup(tf.constant(keys, getattr(tf, key_dtype))), table.size()

    return run


def columns():
    whole, number = -2, -1
    options = {
        "lines": ("string", whole, "int64", number),
        "numbers of lines": ("int64", number, "string", whole),
        "int64": ("string", 0, "int64", 1),
        "int32": ("string", 0, "int32", 1),
        "float32": ("string", 0, "float32", 1),
        "float64": ("string", 0, "float64", 1),
        "string": ("int64", 1, "string", 2),
        "no such column": ("string", 0, "int64", 3),
        "no number": ("string", 1, "int64", 0),
        "number of the line as int32": ("string", 0, "int32", number),
        "number of the line as float": ("float32", number, "int64", 1),
        "whole line as int64": ("int64", whole, "int64", 1),
        "index too small": ("string", -3, "int64", 1),
    }
    for name, (key_dtype, key_index, value_dtype, value_index) in options.items():
        default = "?" if value_dtype == "string" else -1
        yield case(column(key_dtype, key_index, value_dtype, value_index, default=default), name=f"file: {name}")
    more = {
        "offset": {"value_index_offset": 7},
        "vocab_size": {"vocab_size": 1},
        "vocab_size too large": {"vocab_size": 3},
        "vocab_size 0": {"vocab_size": 0},
        "carriage returns": {"text": "a\r\nb\r\n"},
        "no end of the last line": {"text": "a\nb"},
        "an empty line": {"text": "a\n\nb\n"},
        "the same line twice": {"text": "a\nb\na\n"},
    }
    for name, given in more.items():
        yield case(column("string", whole, "int64", number, **given), name=f"file: {name}")
    yield case(column("string", 0, "int64", 1, text="a 1\nb 2\n", delimiter=" "), name="file: delimiter")
    yield case(column("string", 0, "int64", 1, delimiter="ab"), name="file: long delimiter")


STATIC = f"""
table.lookup(tf.constant([['sun', 'star'], ['moon', 'sun']])); table[tf.constant('moon')]; table.size(); table.default_value; (tf.shape(table.export()[0]), tf.sort(table.export()[1]))
table.lookup(tf.constant([1])); tf.lookup.StaticHashTable({WORDS}, 'x'); tf.lookup.StaticHashTable({WORDS}, 0.5); tf.lookup.StaticHashTable({WORDS}, [1])
tf.function(lambda x: (table.lookup(x), table.size()))(tf.constant(['sun', 'star'])); (table.name, table.key_dtype.name, table.value_dtype.name)
tf.lookup.StaticHashTable({PAIRS}(['a', 'a'], [1, 2]), 0); tf.lookup.StaticHashTable({PAIRS}(['a', 'a'], [1, 1]), 0).size(); {PAIRS}([1], [2], tf.int64, tf.float32).value_dtype.name
tf.lookup.StaticHashTable({PAIRS}(['a', 'b'], [1]), 0); tf.lookup.StaticHashTable({PAIRS}([['a', 'b']], [[1, 2]]), 0).size(); {PAIRS}(tf.constant([1]), [2], tf.int64)
tf.lookup.StaticHashTable({PAIRS}([1, 2], ['a', 'b']), '?').lookup(tf.constant([2, 3])); tf.lookup.StaticHashTable({PAIRS}([1.0], [1]), 0)
tf.lookup.StaticHashTable({PAIRS}(['a'], [True]), False).lookup(tf.constant(['a', 'b'])); tf.lookup.StaticHashTable({PAIRS}([1], [0.1]), -1).lookup(tf.constant([1, 2]))
"""
VOCABULARIES = f"""
table.lookup(tf.constant(['sun', 'moon', 'star', 'comet', 'dust', ''])); table[tf.constant(['a'])]; table.size(); table.lookup(tf.constant([1])); tf.lookup.StaticVocabularyTable({WORDS}, 0)
(table.name, table.key_dtype.name, table.value_dtype.name); tf.lookup.StaticVocabularyTable({NUMBERS}, 3).lookup(tf.constant([10, 20, 30, 31, -5], tf.int64))
tf.lookup.StaticVocabularyTable({NUMBERS}, 3, lookup_key_dtype=tf.int32).lookup(tf.constant([10, 30])); tf.lookup.StaticVocabularyTable({WORDS}, 3, lookup_key_dtype=tf.int64)
tf.lookup.StaticVocabularyTable({PAIRS}(['a'], [1]), 3); tf.lookup.StaticVocabularyTable(None, 3).lookup(tf.constant(['a', 'b'])); tf.lookup.StaticVocabularyTable(None, 3).size()
tf.function(lambda x: (table.lookup(x), table.size()))(tf.constant(['sun', 'star'])); tf.lookup.StaticVocabularyTable(None, -1)
"""
CHANGING = """
table.lookup(['a', 'b', 'c']); table['a']; table.size(); (tf.shape(table.export()[0]), tf.sort(table.export()[1])); table.insert(['c'], [[3]]); table.insert(['c'], [3.5]); table.lookup([1])
(table.remove(tf.constant(['a', 'z'])), table.lookup(['a', 'b']), table.size()); table.remove(tf.constant([1])); table.lookup(tf.constant([1])); (table.name, table.key_dtype.name)
table.lookup(['a', 'c', 'd'], dynamic_default_values=tf.constant([5, 6, 7], tf.int64)); table.lookup(['a', 'c'], tf.constant(9, tf.int64)); table.lookup(['a', 'c'], tf.constant([5, 6, 7], tf.int64)); table.insert(['c'], tf.constant([3]))
tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, 0.5); tf.lookup.experimental.MutableHashTable(tf.float32, tf.int64, 0)
tf.lookup.experimental.MutableHashTable(tf.int64, tf.float32, [[1.0]]); tf.lookup.experimental.MutableHashTable(tf.int64, tf.string, 'no').lookup(tf.constant([[4]], tf.int64))
"""
VECTORS = """
table.lookup(tf.constant([[1], [5]], tf.int64)); table.insert(tf.constant([1], tf.int64), [1.0, 2.0]); table.insert(tf.constant([1], tf.int64), [[1.0]]); table.size()
table.lookup(tf.constant([1, 9], tf.int64), [[9.0, 9.0], [8.0, 8.0]]); [tf.sort(x, axis=0) for x in table.export()]
"""
DENSES = """
table.lookup(['a', 'c']); table.lookup(['']); table.lookup(['$']); table.insert([''], [1]); table.insert(['$'], [1]); table.remove(tf.constant(['$'])); table.size()
(table.erase(tf.constant(['a'])), table.lookup(['a', 'b']), table.size()); (table.insert_or_assign(['a'], [5]), table['a']); table.remove(tf.constant([1])); table.lookup([1])
tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, 0, 0); tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, 0, 1, initial_num_buckets=5)
tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, 0, 1, initial_num_buckets=2); tf.lookup.experimental.DenseHashTable(tf.int64, tf.float32, [1.0], 0, 1)[[3]]
"""
ROW_KEYS = "table.lookup(tf.constant([[3, 4], [4, 3], [5, 6]], tf.int64)); table.size(); table.lookup(tf.constant([[0, 1]], tf.int64)); table.lookup(tf.constant([3], tf.int64))"

CASES = [
    case(start + code.strip(), grad=False, name=f"{name}: {code.strip()}")
    for name, start, codes in [
        ("static", TABLE, STATIC),
        ("vocabulary", VOCABULARY, VOCABULARIES),
        ("mutable", MUTABLE, CHANGING),
        ("vectors", ROWS, VECTORS),
        ("dense", DENSE, DENSES),
        ("keys of several numbers", KEYS, ROW_KEYS),
    ]
    for line in codes.strip().splitlines()
    for code in line.split(";")
] + [case(CHANGES, name="changes in a function"), *columns()]
