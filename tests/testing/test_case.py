"""tf.test.TestCase decides as TensorFlow 2.21's does; compute_gradient, benchmarks and main."""

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tenfold as tf

ROOT = Path(__file__).parent.parent.parent
nan = float("nan")

# What TensorFlow 2.21 lets pass, and what it fails.
PASS = r"""
assertAllClose([1.0, 2.0], [1.0, 2.0000001])
assertAllClose([1.0, 2.0], [1.0, 2.1], rtol=0.1)
assertAllClose(tf.constant([1.0]), np.array([1.0]))
assertAllClose([nan], [nan])
assertAllClose([float("inf")], [float("inf")])
assertAllClose({"a": [1.0], "b": 2}, {"b": 2.0, "a": tf.constant([1.0])})
assertAllClose([1, [2, 3]], [1, [2, 3]])
assertAllClose([tf.ones([2]), tf.ones([3])], [tf.ones([2]), np.ones(3)])
assertAllClose((1.0, 2.0), [1.0, 2.0])
assertNotAllClose([1.0], [1.1])
assertAllCloseAccordingToType(tf.constant([1.0], tf.float16), [1.0009])
assertAllCloseAccordingToType(tf.constant([1.0], tf.bfloat16), [1.009])
assertAllEqual([1, 2], tf.constant([1, 2]))
assertAllEqual([nan], [nan])
assertAllEqual([1], [1.0])
assertAllEqual("a", tf.constant("a"))
assertAllEqual([b"a", b"b"], tf.constant(["a", "b"]))
assertAllEqual([True], tf.constant([True]))
assertAllEqual(tf.constant([1.0], tf.bfloat16), [1.0])
assertNotAllEqual([1, 2], [1, 3])
assertAllEqual({"a": 1}, {"a": 1})
assertAllGreater([2, 3], 1)
assertAllGreaterEqual([2, 3], 2)
assertAllLess(tf.constant([2, 3]), 4)
assertAllLessEqual([2, 3], 3)
assertAllInRange([1, 2], 1, 2)
assertAllInSet([1, 2, 2], {1, 2})
assertArrayNear([1.0, 2.0], [1.0, 2.05], 0.1)
assertNDArrayNear(np.ones(2), np.ones(2) + 0.01, 0.1)
assertNear(1.0, 1.05, 0.1)
assertShapeEqual(np.ones([2, 3]), tf.ones([2, 3]))
assertDTypeEqual(tf.constant([1]), np.int32)
assertDTypeEqual(tf.constant([1]), tf.int32)
assertDTypeEqual(tf.constant([1]), "int32")
assertStartsWith("abc", "ab")
assertEndsWith("abc", "bc")
assertLen([1, 2], 2)
assertLen({1: 2}, 1)
assertLen(tf.constant([1, 2]), 2)
assertEmpty([])
assertNotEmpty([1])
assertBetween(2, 1, 3)
assertSameElements([1, 2, 2], [2, 1])
assertContainsSubset({1}, {1, 2})
assertNoCommonElements([1], [2])
assertItemsEqual([1, 2], [2, 1])
assertSequenceAlmostEqual([1.0, 2.0], [1.0, 2.00000001])
assertDictAlmostEqual({"a": 1.0}, {"a": 1.00000001})
assertDeviceEqual("/cpu:0", "/CPU:0")
assertRegexMatch("abc", ["b.", "x"])
assertSameStructure({"a": [1]}, {"a": [1]})
assertRaisesRegexp(ValueError, "invalid", int, "b")
assertIsSubclass(int, object)
assertContainsInOrder(["a", "b"], "xaxb")
assertNotStartsWith("abc", "b")
assertNotEndsWith("abc", "b")
"""
FAIL = r"""
assertAllClose([1.0, 2.0], [1.0, 2.1])
assertAllClose(1.0, [1.0])
assertAllClose(tf.Variable([1.0]), 1.0)
assertAllClose([nan], [1.0])
assertAllClose({"a": 1}, {"b": 1})
assertAllClose({"a": 1}, {"a": 2})
assertAllClose([1, [2, 3]], [1, [2, 4]])
assertAllClose([1.0, 2.0], [1.0])
assertAllClose(tf.constant([1.0], tf.bfloat16), [1.001])
assertAllClose(tf.constant([1.0], tf.float16), [1.001])
assertNotAllClose([1.0], [1.0])
assertAllCloseAccordingToType([1.0], [1.0009])
assertAllEqual([1, 2], [1, 3])
assertAllEqual([1, 2], [[1, 2]])
assertNotAllEqual([1, 2], [1, 2])
assertAllGreater([2, 3], 2)
assertAllGreaterEqual([2, 3], 3)
assertAllLess([2, 3], 3)
assertAllLessEqual([2, 3], 2)
assertAllInRange([1, 2], 1, 2, open_lower_bound=True)
assertAllInRange([1, 2], 1, 2, open_upper_bound=True)
assertAllInRange([1.0, nan], 1, 2)
assertAllInRange(["a"], 1, 2)
assertAllInRange([[1, 2]], 1.5, 2)
assertAllInSet([1, 3], [1, 2])
assertArrayNear([1.0, 2.0], [1.0, 2.5], 0.1)
assertArrayNear([1.0], [1.0, 2.5], 0.1)
assertNDArrayNear(np.ones(2), np.ones(2) + 1, 0.1)
assertNear(1.0, 1.5, 0.1)
assertShapeEqual(np.ones([2, 3]), tf.ones([3, 2]))
assertDTypeEqual(np.array([1.0]), np.float32)
assertStartsWith("abc", "b")
assertEndsWith("abc", "b")
assertLen([1, 2], 3)
assertLen(5, 1)
assertEmpty([1])
assertEmpty(3)
assertNotEmpty("")
assertNotEmpty({})
assertBetween(4, 1, 3)
assertSameElements([1, 2], [1, 3])
assertContainsSubset({3}, {1, 2})
assertNoCommonElements([1], [1])
assertSequenceAlmostEqual([1.0, 2.0], [1.0, 2.1])
assertSequenceAlmostEqual([1.0], [1.0, 2.1])
assertDictAlmostEqual({"a": 1.0}, {"a": 1.1})
assertDeviceEqual("/device:CPU:0", "/device:CPU:1")
assertRegexMatch("abc", ["x"])
assertSameStructure({"a": [1]}, {"a": [2]})
assertRaisesWithLiteralMatch(ValueError, "a", int, "b")
assertIsSubclass(int, str)
assertContainsInOrder(["b", "a"], "xaxb")
"""
RAISE = [
    ("assertAllClose(1, None)", "TypeError"),
    ('assertAllClose("a", "a")', "TypeError"),
    ('assertAllClose({"a": 1}, [1])', "ValueError"),
    ("assertShapeEqual([1], tf.ones([1]))", "TypeError"),
]


class Case(tf.test.TestCase):
    def runTest(self):
        pass


def run(assertion):
    eval(f"case.{assertion}", {"case": Case(), "tf": tf, "np": np, "nan": nan})


@pytest.mark.parametrize("assertion", PASS.strip().splitlines())
def test_passes(assertion):
    run(assertion)


@pytest.mark.parametrize("assertion", FAIL.strip().splitlines())
def test_fails(assertion):
    with pytest.raises(AssertionError):
        run(assertion)


@pytest.mark.parametrize("assertion, error", RAISE)
def test_refuses(assertion, error):
    with pytest.raises({"TypeError": TypeError, "ValueError": ValueError}[error]):
        run(assertion)


def test_every_test_begins_with_tensorflows_seeds():
    Case().setUp()
    assert np.random.rand() == 0.18463433217903202
    assert random.random() == 0.3499765785632496
    assert tf.random.uniform([1]).numpy()[0] == np.float32(0.5836375)


def test_evaluate():
    found = Case().evaluate({"a": tf.constant([1, 2]), "b": [tf.Variable(1.0), 3, None]})
    assert found["a"].tolist() == [1, 2] and type(found["a"]) is np.ndarray
    assert found["b"] == [1.0, 3, None]


def test_raises_with_predicate():
    case = Case()
    with case.assertRaisesOpError("inputs"):
        tf.add(tf.ones([2]), tf.ones([3]))
    with case.assertRaisesIncompatibleShapesError():
        tf.add(tf.ones([2]), tf.ones([3]))
    with case.assertRaisesWithPredicateMatch(ValueError, lambda error: "abc" in str(error)):
        raise ValueError("abc")
    with pytest.raises(AssertionError), case.assertRaisesWithPredicateMatch(ValueError, "x"):
        raise ValueError("abc")


def test_files_are_gone_after_the_test():
    class Files(tf.test.TestCase):
        def runTest(self):
            assert self.get_temp_dir() == self.get_temp_dir()
            self.file = self.create_tempfile("a/b.txt", "hello")
            assert self.file.read_text() == "hello" and os.fspath(self.file) == self.file.full_path
            self.folder = self.create_tempdir("x")
            self.folder.create_file("c.bin", b"\x00")
            assert os.listdir(self.folder) == ["c.bin"]
            self.folder.mkdir("y").create_file().write_bytes(b"1")

    case = Files()
    assert case.run().wasSuccessful()
    assert not os.path.exists(case.file) and not os.path.exists(case.folder)


def test_compute_gradient():
    def f(x):
        return tf.stack([tf.reduce_sum(x**2), x[0, 0] * 3, x[1, 2]])

    by_tape, by_differences = tf.test.compute_gradient(f, [np.arange(6, dtype=np.float32).reshape(2, 3)])
    expected = np.array([[0, 2, 4, 6, 8, 10], [3, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1]], np.float32)
    for found in (by_tape, by_differences):
        assert len(found) == 1 and found[0].dtype == np.float32
        np.testing.assert_allclose(found[0], expected, atol=1e-3)


def test_compute_gradient_of_several_arguments_and_of_rows():
    (dx, dy), (nx, ny) = tf.test.compute_gradient(
        lambda x, y: tf.gather(x, [1, 1]) * y, [tf.constant([1.0, 3.0]), tf.constant([2.0, 5.0])]
    )
    np.testing.assert_allclose(dx, [[0, 2], [0, 5]])
    np.testing.assert_allclose(dy, [[3, 0], [0, 3]])
    np.testing.assert_allclose((nx, ny), (dx, dy), atol=1e-3)


@pytest.mark.parametrize("x", [tf.constant([1.0]), [tf.constant([1])]])
def test_compute_gradient_refuses(x):
    with pytest.raises(ValueError, match="tf.test.compute_gradient: x"):
        tf.test.compute_gradient(tf.square, x)


PROGRAM = """
import tensorflow as tf

class AddTest(tf.test.TestCase):
    def test_add(self):
        self.assertAllEqual(tf.add(1, 1), {result})

class Adding(tf.test.Benchmark):
    def benchmark_add(self):
        self.report_benchmark(iters=3, extras={{"kind": "t"}}, metrics=[{{"name": "m", "value": 2}}])

if __name__ == "__main__":
    tf.test.main()
"""


@pytest.mark.parametrize(
    "result, arguments, code, text",
    [
        (2, [], 0, "Ran 1 test"),
        (3, [], 1, "FAIL: test_add"),
        (3, ["--benchmarks=Add.*add"], 0, 'name: "Adding.benchmark_add"'),
    ],
)
def test_main(tmp_path, result, arguments, code, text):
    (tmp_path / "program.py").write_text(PROGRAM.format(result=result))
    done = subprocess.run(
        [sys.executable, "-m", "tenfold", "program.py", *arguments],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == code
    assert text in done.stdout + done.stderr


def test_what_tensorflow_was_built_with():
    assert not any(
        f()
        for f in (
            tf.test.is_gpu_available,
            tf.test.is_built_with_cuda,
            tf.test.is_built_with_rocm,
            tf.test.is_built_with_xla,
            tf.test.is_built_with_gpu_support,
            tf.test.gpu_device_name,
        )
    )
