"""Texts that are split into words and bytes: ragged tensors; what is expected is what TensorFlow 2.21 gave."""

import pytest

import tenfold as tf

WORDS = [
    ([], {}, []),
    (["hello world", "a b c", ""], {}, [[b"hello", b"world"], [b"a", b"b", b"c"], []]),
    ([["a b", "c"], ["d e f", ""]], {}, [[[b"a", b"b"], [b"c"]], [[b"d", b"e", b"f"], []]]),
    ([[["a b"], ["c"]]], {}, [[[[b"a", b"b"]], [[b"c"]]]]),
    (["a,b,,c"], {"sep": ","}, [[b"a", b"b", b"", b"c"]]),
    (["a,b,,c"], {"sep": ",", "maxsplit": 1}, [[b"a", b"b,,c"]]),
    (["  a  b "], {}, [[b"a", b"b"]]),
    (["  a  b "], {"maxsplit": 1}, [[b"a", b"b "]]),
    (["a--b"], {"sep": "--"}, [[b"a", b"b"]]),
    (["abc"], {"sep": ""}, [[b"abc"]]),
]


@pytest.mark.parametrize(("texts", "arguments", "expected"), WORDS)
def test_words(texts, arguments, expected):
    found = tf.strings.split(tf.constant(texts, tf.string), **arguments)
    assert isinstance(found, tf.RaggedTensor) and found.to_list() == expected


def test_one_text_becomes_a_vector():
    assert tf.strings.split("hello world").numpy().tolist() == [b"hello", b"world"]
    assert tf.strings.bytes_split("abc").numpy().tolist() == [b"a", b"b", b"c"]


def test_rows_of_texts_become_rows_of_rows():
    rows = tf.ragged.constant([["a b"], ["c", "d e"]])
    assert tf.strings.split(rows).to_list() == [[[b"a", b"b"]], [[b"c"], [b"d", b"e"]]]
    assert tf.strings.bytes_split(tf.ragged.constant([["ab"], []], ragged_rank=1)).to_list() == [[[b"a", b"b"]], []]
    assert tf.strings.bytes_split([["a"], ["bc"]]).to_list() == [[[b"a"]], [[b"b", b"c"]]]


def test_functions_split_texts_that_are_not_known_yet():
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def padded(texts):
        return tf.strings.split(texts).to_tensor()

    assert padded(tf.constant(["a b", "c"])).numpy().tolist() == [[b"a", b"b"], [b"c", b""]]
    assert padded(tf.constant(["a b c"])).numpy().tolist() == [[b"a", b"b", b"c"]]


def test_they_are_saved(tmp_path):
    module = tf.Module()
    module.words = tf.function(
        lambda texts: tf.strings.split(texts, ",").to_tensor("-"), input_signature=[tf.TensorSpec([None], tf.string)]
    )
    tf.saved_model.save(module, tmp_path)
    found = tf.saved_model.load(tmp_path).words(tf.constant(["a,b", "c"]))
    assert found.numpy().tolist() == [[b"a", b"b"], [b"c", b"-"]]


@pytest.mark.parametrize("wrong", [[1, 2], 1.0])
def test_only_texts_are_split(wrong):
    with pytest.raises(TypeError, match="string"):
        tf.strings.split(wrong)


def test_characters_and_neighbours_of_texts_that_are_not_known_yet():
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def padded(texts):
        characters, offsets = tf.strings.unicode_split_with_offsets(texts, "UTF-8")
        codes = tf.strings.unicode_decode(texts, "UTF-8")
        pairs = tf.strings.ngrams(characters, 2, separator="")
        return (
            characters.to_tensor(),
            offsets.to_tensor(),
            tf.strings.unicode_encode(codes, "UTF-16-BE"),
            pairs.to_tensor(),
        )

    for texts in (["né", "a"], ["世界b"]):
        characters, offsets, encoded, pairs = padded(tf.constant(texts))
        width = max(map(len, texts))
        assert [b"".join(row).decode() for row in characters.numpy()] == texts
        assert offsets.shape == (len(texts), width)
        assert [text.decode("utf-16-be") for text in encoded.numpy()] == texts
        assert pairs.numpy()[0, 0].decode() == texts[0][:2]
