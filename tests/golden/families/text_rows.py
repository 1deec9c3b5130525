"""Texts taken apart and put together, in rows: characters, code points, sequences of neighbouring words."""

from tests.golden.case import case

SETUP = """
s = tf.strings
x = tf.constant(["né", "", b"a\\xffb\\n", "世界😀"])
m = tf.reshape(x, [2, 2])
r = tf.ragged.constant([["né", "ab"], [], ["世"]])
w = tf.ragged.constant([["a", "b", "c"], [], ["d"]])
"""

CODES = """
unicode_decode(x, "UTF-8"); unicode_decode(x[0], "UTF-8"); unicode_decode(m, "UTF-8"); unicode_decode(m[None], "UTF-8"); unicode_decode(r, "UTF-8")
unicode_decode(x, "UTF-8", errors="ignore"); unicode_decode(x, "UTF-8", errors="strict"); unicode_decode(x, "UTF-8", replacement_char=65)
unicode_decode(x, "UTF-8", replace_control_characters=True); unicode_decode(["a"], "nope"); unicode_decode([1], "UTF-8"); unicode_decode(x[:0], "UTF-8")
unicode_decode(tf.constant([b"\\x00a\\x4e\\x16"]), "UTF-16-BE"); unicode_decode(["a"], "UTF-8", errors="x"); unicode_decode(x, "LATIN1")
unicode_decode_with_offsets(x, "UTF-8"); unicode_decode_with_offsets(x[3], "UTF-8"); unicode_decode_with_offsets(m, "UTF-8")
unicode_decode_with_offsets(r, "UTF-8"); unicode_decode_with_offsets(tf.constant([b"\\x00a\\x4e\\x16"]), "UTF-16-BE")
unicode_split(x, "UTF-8"); unicode_split(x[0], "UTF-8"); unicode_split(m, "UTF-8"); unicode_split(r, "UTF-8"); unicode_split(x, "UTF-8", errors="ignore")
unicode_split(tf.constant([b"\\x00a\\x4e\\x16"]), "UTF-16-BE"); unicode_split(x, "LATIN1"); unicode_split(x, "UTF-8", replacement_char=65)
unicode_split_with_offsets(x, "UTF-8"); unicode_split_with_offsets(x[3], "UTF-8"); unicode_split_with_offsets(m, "UTF-8")
unicode_encode([110, 233], "UTF-8"); unicode_encode([[110, 233], [97, 98]], "UTF-16-BE"); unicode_encode(tf.ragged.constant([[110, 233], [], [19990]]), "UTF-8")
unicode_encode([[[110, 233]], [[97, 98]]], "UTF-8"); unicode_encode(tf.ragged.constant([[[110, 233], []], [[19990]]]), "UTF-32-BE")
unicode_encode([-1, 97], "UTF-8"); unicode_encode([0xD800, 97], "UTF-8", errors="ignore"); unicode_encode([-1, 97], "UTF-8", errors="strict")
unicode_encode([-1, 97], "UTF-8", replacement_char=66); unicode_encode([97], "LATIN1"); unicode_encode(97, "UTF-8"); unicode_encode(tf.zeros([2, 0], tf.int32), "UTF-8")
unicode_encode(tf.ragged.constant([[[1, 2], [3, 4]], [[97, 98]]], ragged_rank=1), "UTF-8"); unicode_encode(["a"], "UTF-8")
"""

NGRAMS = """
ngrams(w, 2); ngrams(w, [1, 2]); ngrams(w, (2, 3), separator="|"); ngrams(w, 2, pad_values="-"); ngrams(w, 3, pad_values=("<", ">"))
ngrams(w, 3, pad_values=("<", ">"), padding_width=1); ngrams(w, 3, preserve_short_sequences=True); ngrams(w, 2, pad_values="-", padding_width=5)
ngrams(["a", "b", "c"], 2); ngrams([["a", "b", "c"], ["d", "e", "f"]], 2); ngrams([[["a", "b", "c"]], [["d", "e", "f"]]], [1, 2]); ngrams("a", 2)
ngrams(tf.ragged.constant([[["a", "b"], ["c"]], [], [["d", "e", "f"]]]), 2); ngrams(w, 0); ngrams(w, 2, padding_width=1); ngrams(w, 2, pad_values=1)
ngrams(w, 2, pad_values="-", padding_width=0); ngrams([1, 2], 2); ngrams(["a"], 2); ngrams(w, 2, pad_values=("-", 1))
"""

CASES = [
    case(f"{SETUP}\ns.{code.strip()}", name=code.strip())
    for group in (CODES, NGRAMS)
    for line in group.strip().splitlines()
    for code in line.split("; ")
]
