"""Writes datasets.json: what real Keras makes of small files in the formats of its datasets.

Run with an interpreter that has Keras 3.15: `python tests/golden/make_datasets.py`.
"""

import json
import tempfile
from pathlib import Path

import numpy as np
from keras.src.datasets import (
    boston_housing,
    california_housing,
    cifar10,
    cifar100,
    fashion_mnist,
    imdb,
    mnist,
    reuters,
)

WORD_CASES = [
    {},
    {"num_words": 12},
    {"num_words": 12, "skip_top": 6},
    {"num_words": 12, "oov_char": None},
    {"skip_top": 5, "oov_char": None, "start_char": None},
    {"maxlen": 6},
    {"maxlen": 6, "start_char": None},
    {"seed": 7, "index_from": 0, "start_char": None},
    {"index_from": 10, "oov_char": 99, "start_char": 98, "num_words": 25},
    {"index_from": None, "start_char": None, "seed": 0},
]
TABLE_CASES = [{}, {"test_split": 0.0}, {"test_split": 0.33, "seed": 5}]
ROWS = 620


def texts(random, count):
    return [random.integers(1, 20, size=length).tolist() for length in random.integers(1, 9, size=count)]


def result(module, arrays, kwargs):
    as_object = {name: np.fromiter(a, object) if name.startswith("x") else np.array(a) for name, a in arrays.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.npz")
        np.savez(path, **as_object)
        module.get_file = lambda *args, **kwargs: path
        (x_train, y_train), (x_test, y_test) = module.load_data(**kwargs)
    return [x_train.tolist(), y_train.tolist(), x_test.tolist(), y_test.tolist()]


def table_result(module, kwargs):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.npz")
        np.savez(path, x=np.arange(2.0 * ROWS).reshape(ROWS, 2), y=np.arange(ROWS))
        module.get_file = lambda *args, **kwargs: path
        (x_train, y_train), (x_test, y_test) = module.load_data(**kwargs)
    assert (x_train[:, 0] == 2 * y_train).all() and (x_test[:, 0] == 2 * y_test).all()
    return [len(y_train), y_train[:5].tolist(), len(y_test), y_test[:5].tolist()]


class Asked(Exception):
    """Keras asked for a file."""


def ask(fname, origin, file_hash=None, cache_subdir="datasets", extract=False):
    raise Asked(origin, f"{cache_subdir}/{fname}{'_archive' if extract else ''}", file_hash)


def files():
    """The origin, place in the cache and checksum of the first file that each function asks for."""
    asked = {}
    for module in (boston_housing, california_housing, cifar10, cifar100, fashion_mnist, imdb, mnist, reuters):
        module.get_file = ask
        for function in ("load_data", "get_word_index"):
            if hasattr(module, function):
                try:
                    getattr(module, function)()
                except Asked as error:
                    asked[f"{module.__name__.rpartition('.')[2]}.{function}"] = error.args
    return asked


def main():
    random = np.random.default_rng(0)
    reviews = {
        "x_train": texts(random, 9),
        "y_train": random.integers(0, 2, 9).tolist(),
        "x_test": texts(random, 5),
        "y_test": random.integers(0, 2, 5).tolist(),
    }
    newswires = {"x": texts(random, 11), "y": random.integers(0, 46, 11).tolist()}
    reuters_cases = [*WORD_CASES, {"test_split": 0.5}]
    california_cases = [*TABLE_CASES, {"version": "small"}]
    golden = {
        "files": files(),
        "imdb": {"arrays": reviews, "cases": [[k, result(imdb, reviews, k)] for k in WORD_CASES]},
        "reuters": {"arrays": newswires, "cases": [[k, result(reuters, newswires, k)] for k in reuters_cases]},
        "rows": ROWS,
        "boston_housing": [[k, table_result(boston_housing, k)] for k in TABLE_CASES],
        "california_housing": [[k, table_result(california_housing, k)] for k in california_cases],
    }
    Path(__file__).with_name("datasets.json").write_text(json.dumps(golden) + "\n")


main()
