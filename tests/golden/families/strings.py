"""Ops on text."""

import numpy as np

from tests.golden.case import case


def texts(*items):
    return np.array([item.encode() if isinstance(item, str) else item for item in items], object)


WORDS = texts("Hello World", "", " a\tb  ", "ÀÉ straße", b"\xff\xfeA", "世界😀")

OF_WORDS = """
lower(x); lower(x, encoding="utf-8"); upper(x); upper(x, encoding="utf-8"); lower(x, encoding="latin"); strip(x)
length(x); length(x, unit="UTF8_CHAR"); length(x, unit="X"); length(x[:0]); lower(x[:0]); lower(tf.reshape(x, [2, 3]))
substr(x, 0, 3); substr(x, -1, 1); substr(x, 0, -1); substr(x, [0] * 6, [1] * 6); substr(x, 0, 2, unit="UTF8_CHAR")
substr(x[:1], [1, 2], [1, 2]); substr(tf.reshape(x, [6, 1]), [[0, 0]], [[1, 2]])
join([x, "-", x], separator="_"); join([x, x]); join([x, x[:2]]); reduce_join(x); reduce_join(x, separator=", ")
reduce_join(tf.reshape(x, [2, 3]), axis=1); reduce_join(tf.reshape(x, [2, 3]), axis=0, keepdims=True, separator="-")
reduce_join(tf.reshape(x, [2, 3]), axis=[1, 0]); reduce_join(tf.reshape(x, [2, 3]), axis=[0, -1]); reduce_join(x, axis=1)
reduce_join(tf.reshape(x, [1, 2, 3]), axis=[0, 2], separator="."); reduce_join(x, axis=[0, 0]); reduce_join(tf.zeros([2, 0], tf.string), axis=1)
unsorted_segment_join(x, [1, 0, 1, 3, 0, 0], 4, ":"); unsorted_segment_join(x, [1, 0, 1, 3, 0, 0], 3); unsorted_segment_join(x, [-1, 0, 1, 3, 0, 0], 4)
unsorted_segment_join(tf.reshape(x, [2, 3]), [1, 0], 2, ":"); unsorted_segment_join(x, [0, 1], 2)
to_hash_bucket(x, 1000003); to_hash_bucket_fast(x, 1000003); to_hash_bucket_strong(x, 1000003, [1, 2]); to_hash_bucket_strong(x, 97, [2**63 - 1, -5])
to_hash_bucket(x, 0); to_hash_bucket_fast(x, 0); to_hash_bucket_strong(x, 0, [1, 2]); to_hash_bucket_strong(x, 9, [1])
regex_replace(x, "[a-z]+", "."); regex_replace(x, tf.constant("l+"), r"<\\0>"); regex_replace(x, "o", "0", replace_global=False)
regex_full_match(x, "[A-Z].*"); regex_full_match(x, tf.constant("")); regex_replace(x, tf.constant(["a"]), "b"); regex_full_match(x, "(")
unicode_transcode(x, "UTF-8", "UTF-16-BE"); unicode_transcode(x, "UTF-8", "UTF-8", errors="ignore"); unicode_transcode(x, "UTF-8", "UTF-8", errors="strict")
unicode_transcode(x, "UTF-8", "UTF-32-BE", replacement_char=65, replace_control_characters=True); unicode_transcode(x, "nope", "UTF-8")
unicode_transcode(x, "UTF-8", "latin1"); unicode_transcode(x, "UTF-8", "UTF-8", errors="x"); unicode_transcode(x, "ISO-8859-1", "UTF-8")
unicode_transcode(x[:2], "UTF-16", "UTF-8"); unicode_transcode(x, "KOI8-R", "UTF-8")
"""

MISTAKES = """
lower(1); lower(tf.constant(1)); lower(np.array([1])); length(tf.constant(1)); join([1, "a"]); join([tf.constant(1), "a"]); join([]); join(["a"])
regex_replace(1, "a", "b"); regex_full_match(tf.constant(1), "a"); to_number(tf.constant(1.0)); substr("hello", 6, 2); substr("hello", -6, 2)
substr("hé世", -4, 1, unit="UTF8_CHAR"); substr("hé世", -2, 1, unit="UTF8_CHAR"); substr(["hello", "abc"], [1], [1, 1]); substr("hello", 1, 2, unit="X")
"""

PATTERNS = [
    *(("abc", "b", r"[\0\0]"), ("abc", "(b)(c)", r"\2\1"), ("abc", "b", r"\1"), ("abc", "b", r"\q"), ("abc", "b", "x\\")),
    *(("abc", "b", r"\\"), ("baac", "a*", "-"), ("世a", "x*", "-"), ("a", "|a", "-"), ("", "", "-"), ("ab", "(x)?a", r"\1.")),
    *(("a\n", "$", "-"), ("a\nb\n", "(?m)$", "-"), ("a\x0b b", r"\s", "-"), ("世é1_", r"\w", "-"), ("世é1_", r"\W", "-")),
    *((b"a\xffb", ".", "-"), (b"a\xffb", "[^a]", "-"), ("é", r"\C", "-"), ("Ab,世", r"[[:alpha:]]|\pP|\p{Han}", "-")),
    *(("É", "(?i)é", "-"), ("aab", "(?U)a+", "-"), ("a+b", r"\Qa+\E", "-"), ("aXbx", "(?i)x", "-"), ("a b", "^a|^ ", "-")),
    *(("abc", "(", "-"), ("abc", "(?=b)", "-"), ("aa", r"(a)\1", "-"), ("aa", "a++", "-"), ("aa", "a{1001}", "-")),
    ("It's, \"here\" [or] there!", r"""[!"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']""", ""),
]  # fmt: skip

NUMBERS = [
    "1.5",
    "-2e3",
    " +7 ",
    "inf",
    "-Infinity",
    "nan",
    "NAN",
    "1e400",
    "1e-50",
    ".5",
    "5.",
    "0x1F",
    "16777217",
    "0.1",
]
WHOLE = ["12 ", "+12", "-12", "2147483647", "0012"]
NO_NUMBERS = "abc; 1_0; ; 1f; 1.0.0; - 1; 0x; e5"
NO_WHOLE = "1.0; 3000000000; 0x10; 1_0; ; a; - 1"

BASE64 = """
encode_base64(x); encode_base64(x, pad=True); decode_base64(tf.io.encode_base64(x)); decode_base64("YWI="); decode_base64("YW$I"); decode_base64("Y")
decode_base64(["_-8=", ""]); decode_raw(["abcd", "efgh"], tf.uint8); decode_raw(["abcd", "efgh"], tf.int16); decode_raw("abcd", tf.int16)
decode_raw(["abcd"], tf.int32, little_endian=False); decode_raw("abcd", tf.bool); decode_raw([["abcd"]], tf.float32); decode_raw(["abc"], tf.int16)
decode_raw(["ab", "abcd"], tf.int16); decode_raw("abcd", tf.string); decode_raw(["abc", "abcdef"], tf.int16, fixed_length=4)
decode_raw(["abc", "abcdef"], tf.int16, fixed_length=3); decode_raw(["ab"], tf.int16, fixed_length=0); decode_raw(["abcdefgh"], tf.complex64)
decode_raw(["abc", ""], tf.uint8, fixed_length=2, little_endian=False); decode_raw("ab", tf.bfloat16)
"""

LONG = texts(*[bytes(range(65, 65 + n)) for n in range(40)], b"x" * 1000)


def each(codes):
    return [code.strip() for line in codes.strip().splitlines() for code in line.split("; ")]


CASES = [
    *(case(f"tf.strings.{code}", x=WORDS) for code in each(OF_WORDS)),
    *(case(f"tf.strings.{code}") for code in each(MISTAKES)),
    *(case(f"tf.strings.regex_replace(x, {pattern!r}, {new!r})", x=texts(text)) for text, pattern, new in PATTERNS),
    *(case(f"tf.strings.to_number(x, {t})", x=texts(*NUMBERS)) for t in ("tf.float32", "tf.float64")),
    *(case(f"tf.strings.to_number(x, {t})", x=texts(*WHOLE)) for t in ("tf.int32", "tf.int64")),
    *(
        case(f"tf.strings.to_number({x!r}, {t})")
        for x in ("12", "-1", "300")
        for t in ("tf.uint8", "tf.uint32", "tf.uint64")
    ),
    *(case(f"tf.strings.to_number({x!r})") for x in NO_NUMBERS.split("; ")),
    *(case(f"tf.strings.to_number({x!r}, tf.int32)") for x in NO_WHOLE.split("; ")),
    *(case(f"tf.io.{code}", x=WORDS) for code in each(BASE64)),
    *(case(f"tf.strings.to_hash_bucket{kind}", x=LONG) for kind in ("(x, 2**62)", "_strong(x, 2**62, [3, 4])")),
    case(
        "tf.strings.unicode_script(x)",
        x=np.array([97, 19990, 1048, 33, 0x3042, 0x1F600, 0x301, 0x10FFFF, 0x16A70], np.int32),
    ),
    case("tf.strings.unicode_script([-1, 0x110000])"),
    case("tf.strings.format('{} and {}', (tf.range(10), tf.constant('a')))"),
    case("tf.strings.format('# #', (1, 2.5), placeholder='#', summarize=1)"),
    case("tf.strings.format('{}', [[1, 2], [3, 4]])"),
    case("tf.strings.format('{} {}', [1])"),
    case("tf.strings.format('nothing', [])"),
    case("tf.strings.as_string([1, 2])"),
]
