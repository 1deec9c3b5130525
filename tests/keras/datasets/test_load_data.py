"""load_data of every dataset, on small files in the original formats, against what Keras makes of the same files."""

import gzip
import inspect
import json
import pickle
import struct
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from tenfold.keras import config, datasets
from tenfold.keras.datasets import (
    boston_housing,
    california_housing,
    cifar10,
    cifar100,
    digits,
    fashion_mnist,
    imdb,
    mnist,
    reuters,
)

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "datasets.json").read_text())


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    """An empty cache on a machine that is offline and has no Debian packages."""

    def offline(*args, **kwargs):
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr(urllib.request, "urlopen", offline)
    monkeypatch.setattr(fashion_mnist, "_DEBIAN_FOLDER", str(tmp_path / "debian"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    folder = tmp_path / "datasets"
    folder.mkdir()
    return folder


def load(module, **kwargs):
    """Loads a file that is not the original one: its checksum is another, and no download can be had."""
    with pytest.warns(UserWarning, match="does not have the expected checksum"):
        return module.load_data(**kwargs)


def ids(case):
    return ",".join(f"{name}={value}" for name, value in case[0].items()) or "defaults"


def save_words(path, arrays):
    arrays = {k: np.fromiter(a, object) if k.startswith("x") else np.array(a) for k, a in arrays.items()}
    np.savez(path, **arrays)


def check_words(loaded, expected):
    (x_train, y_train), (x_test, y_test) = loaded
    for array, values, dtype in zip(
        (x_train, y_train, x_test, y_test), expected, (object, np.int64, object, np.int64), strict=True
    ):
        assert array.dtype == dtype
        assert array.tolist() == values


@pytest.mark.parametrize("case", GOLDEN["imdb"]["cases"], ids=ids)
def test_imdb(home, case):
    save_words(home / "imdb.npz", GOLDEN["imdb"]["arrays"])
    check_words(load(imdb, **case[0]), case[1])


@pytest.mark.parametrize("case", GOLDEN["reuters"]["cases"], ids=ids)
def test_reuters(home, case):
    save_words(home / "reuters.npz", GOLDEN["reuters"]["arrays"])
    check_words(load(reuters, **case[0]), case[1])


def test_imdb_and_reuters_without_a_text_short_enough(home):
    save_words(home / "imdb.npz", GOLDEN["imdb"]["arrays"])
    save_words(home / "reuters.npz", GOLDEN["reuters"]["arrays"])
    for module in (imdb, reuters):
        with pytest.raises(ValueError, match="shorter than maxlen=1;"):
            load(module, maxlen=1)


def test_imdb_older_keyword_works_and_unknown_ones_do_not(home):
    save_words(home / "imdb.npz", GOLDEN["imdb"]["arrays"])
    with pytest.warns(UserWarning, match="nb_words is now called num_words"):
        older = load(imdb, nb_words=12)
    check_words(older, next(expected for kwargs, expected in GOLDEN["imdb"]["cases"] if kwargs == {"num_words": 12}))
    with pytest.raises(TypeError, match="unknown keywords words"):
        imdb.load_data(words=12)


@pytest.mark.parametrize("module", [imdb, reuters], ids=["imdb", "reuters"])
def test_word_index(home, module):
    name = module.__name__.rpartition(".")[2]
    (home / f"{name}_word_index.json").write_text('{"the": 1, "é": 2}', encoding="utf-8")
    with pytest.warns(UserWarning, match="does not have the expected checksum"):
        assert module.get_word_index() == {"the": 1, "é": 2}


def test_reuters_label_names():
    names = reuters.get_label_names()
    assert len(set(names)) == 46
    assert (names[3], names[16], names[45]) == ("earn", "crude", "lead")


TABLES = {"boston_housing": boston_housing, "california_housing": california_housing}


@pytest.mark.parametrize(
    "name, case", [(n, c) for n in TABLES for c in GOLDEN[n]], ids=lambda v: v if isinstance(v, str) else ids(v)
)
def test_housing(home, name, case):
    rows = GOLDEN["rows"]
    x = np.arange(2.0 * rows).reshape(rows, 2)
    np.savez(home / f"{name}.npz", x=x, y=np.arange(rows))
    (x_train, y_train), (x_test, y_test) = load(TABLES[name], **case[0])
    assert [len(y_train), y_train[:5].tolist(), len(y_test), y_test[:5].tolist()] == case[1]
    np.testing.assert_array_equal(x_train, x[y_train])
    np.testing.assert_array_equal(x_test, x[y_test])


@pytest.mark.parametrize("module", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("test_split", [-0.1, 1.0])
def test_housing_wrong_split(module, test_split):
    with pytest.raises(ValueError, match=f"test_split is {test_split}"):
        module.load_data(test_split=test_split)


def test_california_housing_wrong_version():
    with pytest.raises(ValueError, match="version is 'medium'"):
        california_housing.load_data(version="medium")


def images(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def test_mnist(home):
    arrays = {"x_train": images(5, 28, 28), "y_train": images(5), "x_test": images(2, 28, 28), "y_test": images(2)}
    np.savez(home / "other.npz", **arrays)
    (x_train, y_train), (x_test, y_test) = load(mnist, path="other.npz")
    for array, name in ((x_train, "x_train"), (y_train, "y_train"), (x_test, "x_test"), (y_test, "y_test")):
        np.testing.assert_array_equal(array, arrays[name], strict=True)
        assert array.flags.writeable


def write_idx(folder, name, array):
    folder.mkdir(parents=True, exist_ok=True)
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    (folder / name).write_bytes(gzip.compress(header + array.tobytes()))


def write_fashion(folder):
    arrays = images(5, 28, 28), images(5), images(2, 28, 28), images(2)
    names = "train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"
    for name, array in zip(names, arrays, strict=True):
        write_idx(folder, f"{name}-ubyte.gz", array)
    return arrays


@pytest.mark.parametrize("place", ["datasets/fashion-mnist", "debian"])
def test_fashion_mnist_in_the_cache_or_from_debian(tmp_path, place):
    expected = write_fashion(tmp_path / place)
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
    for array, values in zip((x_train, y_train, x_test, y_test), expected, strict=True):
        np.testing.assert_array_equal(array, values, strict=True)
        assert array.flags.writeable


@pytest.mark.parametrize("damage", ["truncated", "trailing", "magic", "text"])
def test_fashion_mnist_damaged(home, damage):
    write_fashion(home / "fashion-mnist")
    path = home / "fashion-mnist" / "train-labels-idx1-ubyte.gz"
    content = gzip.decompress(path.read_bytes())
    damaged = {
        "truncated": path.read_bytes()[:-9],
        "trailing": gzip.compress(content + b"more"),
        "magic": gzip.compress(b"\0\0\x0d\1" + content[4:]),
        "text": b"<html>404</html>",
    }
    path.write_bytes(damaged[damage])
    with pytest.raises(ValueError, match="train-labels-idx1-ubyte.gz is truncated or corrupt"):
        fashion_mnist.load_data()


def python2_batch(data, **labels):
    """Pickles a batch the way Python 2 did, which wrote CIFAR's files: strings are bytes."""
    size = struct.pack("<I", data.size)
    shape = b"".join(b"M" + struct.pack("<H", n) for n in data.shape)
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\0tU\1btR"
        b"(K\1(" + shape + b"tcnumpy\ndtype\n(U\2u1K\0K\1tR(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
        b"\x89T" + size + data.tobytes() + b"tb"
    )
    items = b"U\4data" + array
    for key, values in labels.items():
        items += b"U" + bytes([len(key)]) + key.encode() + b"](" + b"".join(b"K" + bytes([v]) for v in values) + b"e"
    return b"\x80\2}(" + items + b"u."


def write_cifar(folder, archive, files):
    with tarfile.open(folder / archive, "w:gz") as tar:
        for name, content in files.items():
            path = folder / "member"
            path.write_bytes(content)
            tar.add(path, name)
            path.unlink()


@pytest.fixture(params=["channels_last", "channels_first"])
def data_format(request):
    before = config.image_data_format()
    config.set_image_data_format(request.param)
    yield request.param
    config.set_image_data_format(before)


def in_format(flat, data_format):
    x = flat.reshape(-1, 3, 32, 32)
    return x.transpose(0, 2, 3, 1) if data_format == "channels_last" else x


def test_cifar10(home, data_format):
    flat, labels = images(12, 3072), list(range(10)) + [3, 1]
    names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    files = {
        f"cifar-10-batches-py/{name}": python2_batch(flat[2 * i : 2 * i + 2], labels=labels[2 * i : 2 * i + 2])
        for i, name in enumerate(names)
    }
    write_cifar(home, "cifar-10-batches-py-target_archive", files)
    (x_train, y_train), (x_test, y_test) = load(cifar10)
    np.testing.assert_array_equal(x_train, in_format(flat[:10], data_format), strict=True)
    np.testing.assert_array_equal(x_test, in_format(flat[10:], data_format), strict=True)
    np.testing.assert_array_equal(y_train, np.array(labels[:10], np.uint8)[:, None], strict=True)
    np.testing.assert_array_equal(y_test, np.array(labels[10:], np.uint8)[:, None], strict=True)
    assert x_train.flags.c_contiguous and x_train.flags.writeable


@pytest.mark.parametrize("label_mode", ["fine", "coarse"])
def test_cifar100(home, data_format, label_mode):
    flat, labels = images(5, 3072), {"fine": [9, 8, 7, 6, 99], "coarse": [0, 1, 2, 3, 19]}
    files = {
        f"cifar-100-python/{name}": python2_batch(
            flat[part], fine_labels=labels["fine"][part], coarse_labels=labels["coarse"][part]
        )
        for name, part in (("train", slice(3)), ("test", slice(3, 5)))
    }
    write_cifar(home, "cifar-100-python-target_archive", files)
    (x_train, y_train), (x_test, y_test) = load(cifar100, label_mode=label_mode)
    np.testing.assert_array_equal(x_train, in_format(flat[:3], data_format), strict=True)
    np.testing.assert_array_equal(x_test, in_format(flat[3:], data_format), strict=True)
    np.testing.assert_array_equal(y_train, np.array(labels[label_mode][:3])[:, None], strict=True)
    np.testing.assert_array_equal(y_test, np.array(labels[label_mode][3:])[:, None], strict=True)


def test_cifar100_wrong_label_mode():
    with pytest.raises(ValueError, match="label_mode is 'medium'"):
        cifar100.load_data(label_mode="medium")


@pytest.mark.parametrize(
    "content", [python2_batch(images(2, 3072))[:-9], python2_batch(images(2, 3072)), b"cos\nabort\n(tR."]
)
def test_cifar_damaged_or_hostile(home, content):
    files = {f"cifar-100-python/{name}": content for name in ("train", "test")}
    write_cifar(home, "cifar-100-python-target_archive", files)
    with pytest.raises((ValueError, pickle.UnpicklingError), match="cifar-100-python.train is (refused|no batch)"):
        load(cifar100)


@pytest.mark.parametrize("module", [mnist, imdb, reuters, boston_housing, california_housing])
@pytest.mark.parametrize("damage", ["truncated", "empty", "other"])
def test_damaged_npz(home, module, damage):
    path = home / f"{module.__name__.rpartition('.')[2]}.npz"
    np.savez(path, z=np.arange(1000))
    if damage != "other":
        path.write_bytes(path.read_bytes()[: 500 if damage == "truncated" else 0])
    with pytest.raises(ValueError, match=f"{path.name} is truncated or corrupt"):
        load(module)


@pytest.mark.parametrize("name", GOLDEN["files"])
def test_addresses_and_checksums_are_those_of_keras(home, monkeypatch, name):
    def record(origin, path, file_hash, algorithm):
        raise KeyboardInterrupt(origin, path, file_hash, algorithm)

    monkeypatch.setattr("tenfold.keras.utils.data_utils._download", record)
    module, _, function = name.partition(".")
    with pytest.raises(KeyboardInterrupt) as caught:
        getattr(getattr(datasets, module), function)()
    origin, path, file_hash = GOLDEN["files"][name]
    assert caught.value.args == (origin, str(home.parent / path), file_hash, "auto")


FILES = {
    boston_housing: "boston_housing.npz",
    california_housing: "california_housing.npz",
    cifar10: "cifar-10-batches-py-target_archive",
    cifar100: "cifar-100-python-target_archive",
    fashion_mnist: "train-labels-idx1-ubyte.gz",
    imdb: "imdb.npz",
    mnist: "mnist.npz",
    reuters: "reuters.npz",
}


@pytest.mark.parametrize("module, name", FILES.items(), ids=FILES.values())
def test_offline_without_a_file_says_which_file_goes_where(home, module, name):
    folder = home / "fashion-mnist" if module is fashion_mnist else home
    with pytest.raises(OSError, match="URL fetch failure on https://.*Name or service not known") as caught:
        module.load_data()
    assert f"'{name}' is expected in the folder '{folder}'" in str(caught.value)


def test_digits_is_the_original():
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert (x_train.shape, x_test.shape, y_train.shape, y_test.shape) == ((1437, 8, 8), (360, 8, 8), (1437,), (360,))
    assert {a.dtype for a in (x_train, y_train, x_test, y_test)} == {np.dtype("uint8")}
    # The counts that the original's description (optdigits.names) gives for the test set.
    counts = np.bincount(y_train) + np.bincount(y_test)
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    # The first image of each digit is a test image; the first rows of the original start so:
    assert y_test[:10].tolist() == list(range(10))
    assert x_test[0, :2].tolist() == [[0, 0, 5, 13, 9, 1, 0, 0], [0, 0, 13, 15, 10, 15, 5, 0]]
    assert x_train.max() == x_test.max() == 16
    assert int(x_train.sum()) + int(x_test.sum()) == 561718


def test_digits_split_is_balanced_and_fixed():
    (x_train, _), (x_test, y_test) = digits.load_data()
    assert np.bincount(y_test).tolist() == [36] * 10
    again = digits.load_data()
    np.testing.assert_array_equal(again[0][0], x_train)
    np.testing.assert_array_equal(again[1][0], x_test)
    x_train[:] = 0  # the caller's own
    assert digits.load_data()[0][0].any()


def test_signatures():
    """As in Keras 3.15; digits is Tenfold's own."""
    expected = {
        boston_housing: dict(path="boston_housing.npz", test_split=0.2, seed=113),
        california_housing: dict(version="large", path="california_housing.npz", test_split=0.2, seed=113),
        cifar10: {},
        cifar100: dict(label_mode="fine"),
        digits: {},
        fashion_mnist: {},
        mnist: dict(path="mnist.npz"),
    }
    words = dict(num_words=None, skip_top=0, maxlen=None)
    rest = dict(seed=113, start_char=1, oov_char=2, index_from=3)
    expected[imdb] = dict(path="imdb.npz", **words, **rest, kwargs=inspect.Parameter.empty)
    expected[reuters] = dict(path="reuters.npz", **words, test_split=0.2, **rest)
    for module, defaults in expected.items():
        parameters = inspect.signature(module.load_data).parameters
        assert {name: p.default for name, p in parameters.items()} == defaults
        assert list(parameters) == list(defaults)


def test_namespace():
    assert {"digits", "mnist"} <= set(dir(datasets))
    assert datasets.mnist is mnist
    with pytest.raises(AttributeError, match="no attribute 'emnist'"):
        _ = datasets.emnist
