import numpy as np

from tests.ops.samples import ints, real, sample


def texts(*items):
    return np.array(items, object)


_WORDS = np.array([[b"sun", b""], [b"a much longer text", b"moon"]], object)
_SPLITS = ints(0, 2, 2, 3, dtype=np.int64)

SAMPLES = {
    "AsString": [sample(input=real(2, 3)), sample(input=real(3), precision=2, width=8)],
    "DecodeBase64": [sample(input=texts(b"c3Vu", b""))],
    "DecodePaddedRaw": [sample(input_bytes=_WORDS, fixed_length=4, out_type="int16")],
    "DecodeRaw": [sample(bytes=texts(b"abcd", b"efgh"), out_type="int16", little_endian=False)],
    "EncodeBase64": [sample(input=_WORDS), sample(input=_WORDS, pad=True)],
    "ReduceJoin": [
        sample(inputs=_WORDS, reduction_indices=[1], separator=" "),
        sample(inputs=_WORDS, reduction_indices=[0, 1], keep_dims=True),
    ],
    "RegexFullMatch": [sample(input=_WORDS, pattern=np.array(b".*n", object))],
    "RegexReplace": [
        sample(input=_WORDS, pattern=np.array(b"(o)n?", object), rewrite=np.array(rb"<\1>", object)),
    ],
    "StaticRegexFullMatch": [sample(input=_WORDS, pattern=".*n")],
    "StaticRegexReplace": [
        sample(input=_WORDS, pattern="[aeiou]", rewrite="_"),
        sample(input=_WORDS, pattern="o", rewrite="0", replace_global=False),
    ],
    "StringJoin": [sample(inputs=[_WORDS, np.array(b"+", object), _WORDS], separator="-")],
    "StringLength": [sample(input=_WORDS), sample(input=_WORDS, unit="UTF8_CHAR")],
    "StringLower": [sample(input=_WORDS)],
    "StringNGrams": [
        sample(
            data=texts(b"a", b"b", b"c"), data_splits=_SPLITS, separator=" ", ngram_widths=[1, 2], left_pad="<",
            right_pad=">", pad_width=1, preserve_short_sequences=False,
        ),
        sample(
            data=texts(b"a", b"b", b"c"), data_splits=_SPLITS, separator="", ngram_widths=[4, 3], left_pad="<",
            right_pad=">", pad_width=0, preserve_short_sequences=True,
        ),
    ],
    "StringSplit": [
        sample(input=texts(b"a,b;c", b"", b";"), delimiter=np.array(b",;", object), skip_empty=False),
        sample(input=texts(b"a,,b;c", b""), delimiter=np.array(b"", object)),
    ],
    "StringSplitV2": [
        sample(input=texts(b"a b  c", b"", b" d"), sep=np.array(b"", object)),
        sample(input=texts(b"a,b,,c", b""), sep=np.array(b",", object), maxsplit=2),
    ],
    "StringStrip": [sample(input=texts(b" a ", b"b\n"))],
    "StringToHashBucket": [sample(string_tensor=_WORDS, num_buckets=5)],
    "StringToHashBucketFast": [sample(input=_WORDS, num_buckets=5)],
    "StringToHashBucketStrong": [sample(input=_WORDS, num_buckets=5, key=[1, 2])],
    "StringToNumber": [
        sample(string_tensor=texts(b"1.5", b" -2e3")),
        sample(string_tensor=texts(b"15", b"-2"), out_type="int64"),
    ],
    "StringUpper": [sample(input=_WORDS, encoding="utf-8")],
    "Substr": [
        sample(input=_WORDS, pos=ints(0), len=ints(2)),
        sample(input=_WORDS, pos=ints([[-1, 0], [2, 1]]), len=ints([[1, 1], [-1, 9]]), unit="UTF8_CHAR"),
    ],
    "UnicodeDecode": [sample(input=_WORDS, input_encoding="UTF-8")],
    "UnicodeDecodeWithOffsets": [
        sample(input=texts("né".encode(), b"\xffb"), input_encoding="UTF-8", errors="ignore"),
    ],
    "UnicodeEncode": [
        sample(input_values=ints(97, 19990, -1), input_splits=_SPLITS, output_encoding="UTF-16-BE"),
    ],
    "UnicodeScript": [sample(input=ints([97, 19990]))],
    "UnicodeTranscode": [sample(input=_WORDS, input_encoding="UTF-8", output_encoding="UTF-16-BE")],
    "UnsortedSegmentJoin": [
        sample(inputs=_WORDS, segment_ids=ints(1, 0), num_segments=3, separator=":"),
        sample(inputs=_WORDS, segment_ids=ints([[1, 0], [1, 1]]), num_segments=2),
    ],
}  # fmt: skip
