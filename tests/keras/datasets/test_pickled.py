"""What pickles may and may not do."""

import datetime
import io
import os
import pickle

import numpy as np
import pytest

from tenfold.keras.datasets._pickled import load_pickle
from tenfold.keras.datasets._storage import read_npz


def load(data):
    return load_pickle(io.BytesIO(data), "some.file")


@pytest.mark.parametrize("protocol", [3, 4])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="u1").reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype="<f4").reshape(2, 3)),
        np.arange(3, dtype=">i8"),
        np.array([True, False]),
        np.zeros((0, 3)),
        np.array(5),
    ],
    ids=str,
)
def test_arrays_come_back(array, protocol):
    loaded = load(pickle.dumps({b"data": array}, protocol))[b"data"]
    np.testing.assert_array_equal(loaded, array, strict=True)


@pytest.mark.parametrize("protocol", [3, 4])
def test_lists_of_numbers_come_back(protocol):
    texts = np.fromiter([[1, 2, 300], [], [70_000, -1]], object)
    loaded = load(pickle.dumps(texts, protocol))
    assert loaded.dtype == object
    assert loaded.tolist() == texts.tolist()


class Runs:
    def __init__(self, function, *args):
        self.reduced = function, args

    def __reduce__(self):
        return self.reduced


@pytest.mark.parametrize(
    "function, args",
    [(os.system, ("touch pwned",)), (eval, ("1",)), (getattr, ("", "join")), (datetime.date, (2000, 1, 1)), (list, ())],
    ids=lambda v: getattr(v, "__name__", ""),
)
@pytest.mark.parametrize("place", ["alone", "in a list", "in an array"])
def test_calls_are_refused(tmp_path, monkeypatch, function, args, place):
    monkeypatch.chdir(tmp_path)
    evil = Runs(function, *args)
    value = {"alone": evil, "in a list": [evil], "in an array": np.array([evil, 1], object)}[place]
    with pytest.raises(pickle.UnpicklingError, match="some.file is refused: it names '.*', which no dataset needs"):
        load(pickle.dumps(value))
    assert os.listdir(tmp_path) == []


ARRAY = b"cnumpy\nndarray\n"
EMPTY = b"cnumpy.core.multiarray\n_reconstruct\n(" + ARRAY + b"(K\0tC\1btR"
DTYPE = b"cnumpy\ndtype\n"
U1 = DTYPE + b"(C\2u1K\0K\1tR"
STATE = b"(K\3C\1|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"


def test_the_pieces_of_the_next_test_make_an_array_when_put_together_right():
    np.testing.assert_array_equal(load(EMPTY + b"(K\1(K\2t" + U1 + STATE + b"\x89C\2\5\6tb."), np.uint8([5, 6]))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\4",
        b"(lp0",
        b".",
        b"Pid\n.",  # a persistent id
        b"\x82\1.",  # the extension registry
        b"cos\nsystem\n.",
        b"cnumpy\nload\n.",
        b"cnumpy.core.multiarray\nscalar\n.",
        b"cbuiltins\ngetattr\n.",
        b"cnumpy\nndarray.__class__\n.",
        ARRAY + b"(K\1tR.",  # the array's class called
        ARRAY + b")\x81.",
        ARRAY + b"}(C\1aK\1ub.",  # ... and given attributes
        DTYPE + b"}(C\1aK\1ub.",
        DTYPE + b"(C\2U8K\0K\1tR.",  # strings
        DTYPE + b"(C\2V8K\0K\1tR.",
        DTYPE + b"(C\x06i4, i4K\0K\1tR.",
        U1 + b"(K\3C\1|NC\1a}tb.",  # a forged dtype with fields
        EMPTY + b"(K\1(K\x09t" + U1 + STATE + b"\x89C\2\5\6tb.",  # a shape larger than the data
        EMPTY + b"(K\1(J\xff\xff\xff\x7fJ\xff\xff\xff\x7fJ\xff\xff\xff\x7ft" + U1 + STATE + b"\x89C\2\5\6tb.",
        EMPTY + b"(K\1(K\1t" + DTYPE + b"(C\1OK\0K\1tR\x89C\x08AAAAAAAAtb.",  # bytes for pointers
        EMPTY + b"(K\1(K\2t" + DTYPE + b"(C\1OK\0K\1tR\x89]K\1atb.",
        EMPTY + b"(K\1(K\2tK\1\x89C\2\5\6tb.",  # no dtype at all
        EMPTY + b"K\1b.",
    ],
    ids=range(25),
)
def test_forged_pickles_are_refused(data):
    with pytest.raises(pickle.UnpicklingError, match="some.file is refused"):
        load(data)


def test_truncated_pickles_are_refused():
    whole = pickle.dumps(np.fromiter([[1, 2], [3]], object), 4)
    for size in range(len(whole)):
        with pytest.raises(pickle.UnpicklingError):
            load(whole[:size])


def test_npz_with_a_hostile_array(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("a.npz", x=np.array([Runs(os.system, "touch pwned")], object), y=np.arange(3))
    np.testing.assert_array_equal(read_npz("a.npz", "y")[0], np.arange(3))
    with pytest.raises(pickle.UnpicklingError, match="a.npz is refused: it names '(posix|nt).system'"):
        read_npz("a.npz", "x", "y")
    assert os.listdir(tmp_path) == ["a.npz"]


def test_npz_with_objects_in_a_structure(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros(2, [("a", "O"), ("b", "i4")]))
    with pytest.raises(ValueError, match="a.npz is truncated or corrupt"):
        read_npz(str(tmp_path / "a.npz"), "x")


def test_npz_whose_header_lies(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.fromiter([[1], [2]], object))
    content = (tmp_path / "a.npz").read_bytes().replace(b"(2,)", b"(3,)")
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(ValueError, match="a.npz is truncated or corrupt"):
        read_npz(str(tmp_path / "a.npz"), "x")
