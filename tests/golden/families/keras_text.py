"""`keras.preprocessing.text` and `.sequence`: words and their numbers, pairs of words, windows of series."""

import json

import numpy as np

from tests.golden.case import case

TEXTS = ["The cat sat on the mat.", "The dog; ate\tthe CAT_food!", "", "a b,,c  the héllo wörld世"]
OTHERS = ["the cat and the bird", "Dog DOG dog", "nothing", ""]
LISTS = [["The", "cat"], ["a b", "The"], []]


def _listed(counts):
    return sorted(counts.items())


def tokenized(texts=TEXTS, others=OTHERS, **kwargs):
    """All that a tokenizer tells after it has counted texts."""

    def run(tf):
        tokenizer = tf.keras.preprocessing.text.Tokenizer(**kwargs)
        tokenizer.fit_on_texts(texts)
        tokenizer.fit_on_texts(texts[:2])
        sequences = tokenizer.texts_to_sequences(others)
        config = tokenizer.get_config()
        return [
            list(tokenizer.word_counts.items()),
            _listed(tokenizer.word_docs),
            list(tokenizer.word_index.items()),
            list(tokenizer.index_word.items()),
            _listed(tokenizer.index_docs),
            tokenizer.document_count,
            [str(sequences), str(list(tokenizer.texts_to_sequences_generator(texts)))],
            tokenizer.sequences_to_texts([*sequences, [0, 1, 2, 99], []]),
            list(tokenizer.sequences_to_texts_generator(sequences)),
            [tokenizer.texts_to_matrix(others, mode) for mode in ("binary", "count", "tfidf", "freq")],
            [
                tokenizer.sequences_to_matrix([[1, 1, 500, 2], []], mode)
                for mode in ("binary", "count", "tfidf", "freq")
            ],
            list(config),
            [
                config[name] for name in config if name not in ("word_docs", "index_docs")
            ],  # these have no order in Keras
        ]

    return case(run, name=f"tokenized {texts is TEXTS} {kwargs}")


def counted_sequences(tf):
    tokenizer = tf.keras.preprocessing.text.Tokenizer(num_words=6)
    tokenizer.fit_on_sequences([[1, 2, 2, 5], [2, 7], []])
    return [
        _listed(tokenizer.index_docs),
        tokenizer.document_count,
        tokenizer.sequences_to_matrix([[1, 2, 2, 9]], "tfidf"),
    ]


def written(tf):
    text = tf.keras.preprocessing.text
    tokenizer = text.Tokenizer(num_words=5, oov_token="?", char_level=True)
    tokenizer.fit_on_texts(TEXTS)
    again = text.tokenizer_from_json(tokenizer.to_json(indent=1))
    return [
        again.texts_to_sequences(OTHERS),
        again.texts_to_matrix(OTHERS, "tfidf"),
        list(again.index_word.items()),
        json.loads(tokenizer.to_json())["class_name"],
    ]


def skipped(sequence, vocabulary_size, *, table=None, drawn=5, **kwargs):
    """Pairs of words, drawn after Python's generator has got a seed."""

    def run(tf):
        import random

        random.seed(drawn)
        sampling_table = tf.keras.preprocessing.sequence.make_sampling_table(*table) if table else None
        couples, labels = tf.keras.preprocessing.sequence.skipgrams(
            sequence, vocabulary_size, sampling_table=sampling_table, **kwargs
        )
        return [str(couples), str(labels), random.random()]

    return case(run, name=f"skipgrams {sequence} {vocabulary_size} {table} {kwargs}")


def windows(*, rows=20, width=2, **kwargs):
    """All windows of a series, after NumPy's generator has got a seed."""

    def run(tf):
        np.random.seed(3)
        data = np.arange(rows * width).reshape(rows, width)
        series = tf.keras.preprocessing.sequence.TimeseriesGenerator(data, np.arange(rows) * 10, **kwargs)
        return [len(series), *(series[i] for i in range(len(series))), series.start_index, series.end_index]

    return case(run, name=f"windows {rows} {width} {kwargs}")


def _in(module, code):
    return case(f"tf.keras.preprocessing.{module}.{code}")


CASES = [
    tokenized(),
    tokenized(oov_token="<OOV>"),
    tokenized(num_words=5),
    tokenized(num_words=5, oov_token="the"),
    tokenized(num_words=4, oov_token="<OOV>", lower=False),
    tokenized(char_level=True),
    tokenized(char_level=True, lower=False, num_words=10, oov_token="#"),
    tokenized(filters="aeiou", split="t"),
    tokenized(filters="", lower=False),
    tokenized(analyzer=str.split),
    tokenized(texts=LISTS, others=LISTS),
    tokenized(texts=LISTS, others=LISTS, lower=False, oov_token="?"),
    case(counted_sequences),
    case(written),
    _in("text", "text_to_word_sequence('A b, c. D_e\\tf\\ng  h')"),
    _in("text", "text_to_word_sequence('A--b-c', filters='c', split='--', lower=False)"),
    _in("text", "hashing_trick('The cat and the dog, the wörld', 50, hash_function='md5')"),
    _in("text", "hashing_trick('The cat and the dog', 7, hash_function=len, lower=False)"),
    _in("text", "hashing_trick('abc', 7, 'md5', analyzer=list)"),
    _in("text", "hashing_trick('abc', 7, 'sha1')"),
    _in("text", "one_hot('', 7)"),
    _in("text", "Tokenizer().texts_to_matrix(['a'])"),
    _in("text", "Tokenizer(num_words=3).sequences_to_matrix([[1]], 'tfidf')"),
    _in("text", "Tokenizer(num_words=3).sequences_to_matrix([[1]], 'mean')"),
    _in("text", "Tokenizer(words=3)"),
    skipped([1, 2, 0, 3, 4, 5], 6, window_size=2),
    skipped([1, 2, 0, 3, 4, 5], 6, window_size=2, seed=9),
    skipped(list(range(1, 12)), 20, categorical=True, negative_samples=0.5, shuffle=False),
    skipped(list(range(1, 12)), 12, table=(12, 1e-1), window_size=1),
    skipped([3, 1, 2], 4, negative_samples=0.0),
    skipped([], 4),
    _in("sequence", "make_sampling_table(30)"),
    _in("sequence", "make_sampling_table(5, sampling_factor=0.5)"),
    windows(length=3),
    windows(length=4, sampling_rate=2, stride=3, batch_size=2),
    windows(length=3, start_index=5, end_index=12, reverse=True, batch_size=4),
    windows(length=3, shuffle=True, batch_size=7),
    windows(length=3, width=1, stride=2, shuffle=True, reverse=True, batch_size=3),
    windows(length=19),
    windows(length=20),
    _in("sequence", "TimeseriesGenerator([1, 2, 3], [1, 2], 1)"),
]
