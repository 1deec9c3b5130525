"""TestCase: assertions on tensors, arrays and structures of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np

from tenfold.core import nest
from tenfold.core.device import DeviceSpec
from tenfold.core.dtypes import as_dtype
from tenfold.core.errors import InvalidArgumentError, OpError
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.ops.seeds import set_seed
from tenfold.testing.general import GeneralTestCase

_SEED = 87654321


class TestCase(GeneralTestCase):
    """unittest's test case for tensors. Every test begins with the same seeds of Python, NumPy and TensorFlow.

    Example:
      >>> class SquareTest(tf.test.TestCase):
      ...     def test_square(self):
      ...         self.assertAllClose(tf.square([2.0, 3.0]), [4.0, 9.0])
      >>> SquareTest("test_square").run().wasSuccessful()
      True
    """

    __test__ = False  # the base is none of pytest's tests

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__test__ = True

    def setUp(self) -> None:
        super().setUp()
        random.seed(_SEED)
        np.random.seed(_SEED)
        set_seed(_SEED)

    def evaluate(self, tensors: Any) -> Any:
        """The values of a structure of tensors as NumPy arrays."""
        return nest.map_structure(lambda x: x.numpy() if isinstance(x, (Tensor, Variable)) else x, tensors)

    # Closeness.

    def assertAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None) -> None:
        """Fails unless two structures of tensors agree: `|a - b| <= atol + rtol * |b|`; NaN agrees with NaN.

        Args:
          a, b: tensors, arrays, numbers, or nested lists, tuples and dicts of these.
          rtol, atol: relative and absolute tolerance.
          msg: what to say if they do not.
        Raises:
          AssertionError: they do not agree, or their shapes or keys differ.
          ValueError: one is a dict, the other none.
        """
        if isinstance(a, dict) or isinstance(b, dict):
            self._require_two_dicts(a, b)
            self.assertCountEqual(a, b, msg)
            for key in a:
                self.assertAllClose(a[key], b[key], rtol, atol, msg)
            return
        if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and not (_is_plain(a) and _is_plain(b)):
            self.assertEqual(len(a), len(b), msg)
            for x, y in zip(a, b, strict=True):
                self.assertAllClose(x, y, rtol, atol, msg)
            return
        x, y = _numbers(a), _numbers(b)
        self.assertEqual(x.shape, y.shape, msg)
        np.testing.assert_allclose(x, y, rtol, atol, err_msg=msg or "")

    def assertAllCloseAccordingToType(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, float_rtol: float = 1e-6, float_atol: float = 1e-6,
        half_rtol: float = 1e-3, half_atol: float = 1e-3, bfloat16_rtol: float = 1e-2, bfloat16_atol: float = 1e-2,
        msg: str | None = None,
    ) -> None:  # fmt: skip
        """`assertAllClose` with the tolerances of the coarsest of the two dtypes."""
        found = {str(_array(value).dtype) for value in (a, b)}
        for names, relative, absolute in (
            (("float32", "complex64"), float_rtol, float_atol),
            (("float16",), half_rtol, half_atol),
            (("bfloat16",), bfloat16_rtol, bfloat16_atol),
        ):
            if found & set(names):
                rtol, atol = max(rtol, relative), max(atol, absolute)
        self.assertAllClose(a, b, rtol, atol, msg)

    def assertNotAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None) -> None:
        """Fails if two structures of tensors agree."""
        try:
            self.assertAllClose(a, b, rtol, atol, msg)
        except AssertionError:
            return
        self.fail(self._formatMessage(msg, "The two values are close at all elements."))

    def assertNear(self, f1: float, f2: float, err: float, msg: str | None = None) -> None:
        """Fails unless two numbers differ by `err` at most."""
        if not (f1 == f2 or abs(f1 - f2) <= err):
            self.fail(self._formatMessage(msg, f"{f1} != {f2} +/- {err}"))

    def assertArrayNear(self, farray1: Any, farray2: Any, err: float, msg: str | None = None) -> None:
        """`assertNear` for the elements of two sequences."""
        self.assertEqual(len(farray1), len(farray2), msg)
        for f1, f2 in zip(farray1, farray2, strict=True):
            self.assertNear(float(f1), float(f2), err, msg)

    def assertNDArrayNear(self, ndarray1: Any, ndarray2: Any, err: float, msg: str | None = None) -> None:
        """Fails unless the norm of the difference of two arrays is less than `err`."""
        norm = float(np.linalg.norm(_array(ndarray1) - _array(ndarray2)))
        if not norm < err:
            self.fail(self._formatMessage(msg, f"the norm of the difference is {norm}, not less than {err}"))

    # Equality.

    def assertAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Fails unless two tensors have the same shape and elements; NaN equals NaN.

        Raises:
          AssertionError: shapes or elements differ.
        """
        if isinstance(a, dict) or isinstance(b, dict):
            self._require_two_dicts(a, b)
            self.assertCountEqual(a, b, msg)
            for key in a:
                self.assertAllEqual(a[key], b[key], msg)
            return
        x, y = _array(a), _array(b)
        self.assertEqual(x.shape, y.shape, msg)
        np.testing.assert_array_equal(_as_bytes(x), _as_bytes(y), err_msg=msg or "")

    def assertNotAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Fails if two tensors have the same shape and elements."""
        try:
            self.assertAllEqual(a, b, msg)
        except AssertionError:
            return
        self.fail(self._formatMessage(msg, "The two values are equal at all elements."))

    def assertShapeEqual(self, input_a: Any, input_b: Any, msg: str | None = None) -> None:
        """Fails unless an array or tensor has the shape of another."""
        for name, value in (("input_a", input_a), ("input_b", input_b)):
            if not isinstance(value, (Tensor, Variable, np.ndarray, np.generic)):
                raise TypeError(f"{name} must be a Numpy ndarray, Numpy scalar, or a Tensor. Got {type(value)}.")
        self.assertEqual(tuple(input_a.shape), tuple(input_b.shape), msg)

    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:
        """Fails unless a tensor or array has a dtype."""
        self.assertEqual(as_dtype(_array(target).dtype), as_dtype(expected_dtype))

    def assertDeviceEqual(self, device1: Any, device2: Any, msg: str | None = None) -> None:
        """Fails unless two names mean the same device."""
        first, second = (DeviceSpec.from_string(str(d)).to_string() for d in (device1, device2))
        self.assertEqual(first, second, msg)

    def assertSameStructure(self, a: Any, b: Any, aname: str = "a", bname: str = "b", msg: str | None = None) -> None:
        """Fails unless two nested structures of Python values are equal."""
        self.assertEqual(a, b, msg)

    # Order.

    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:
        """Fails unless all elements are greater than a number."""
        self.assertGreater(np.min(_array(a)), comparison_target)

    def assertAllGreaterEqual(self, a: Any, comparison_target: Any) -> None:
        """Fails unless all elements are at least a number."""
        self.assertGreaterEqual(np.min(_array(a)), comparison_target)

    def assertAllLess(self, a: Any, comparison_target: Any) -> None:
        """Fails unless all elements are less than a number."""
        self.assertLess(np.max(_array(a)), comparison_target)

    def assertAllLessEqual(self, a: Any, comparison_target: Any) -> None:
        """Fails unless all elements are at most a number."""
        self.assertLessEqual(np.max(_array(a)), comparison_target)

    def assertAllInRange(
        self, target: Any, lower_bound: Any, upper_bound: Any, open_lower_bound: bool = False,
        open_upper_bound: bool = False,
    ) -> None:  # fmt: skip
        """Fails unless all elements lie between two bounds, which an open one leaves out; NaN does not."""
        values = _array(target)
        if values.dtype.kind not in "biuf":
            self.fail(f"the elements are of dtype {values.dtype}, which has no order")
        is_inside = (values > lower_bound if open_lower_bound else values >= lower_bound) & (
            values < upper_bound if open_upper_bound else values <= upper_bound
        )
        if not is_inside.all():
            bounds = f"{'(['[not open_lower_bound]}{lower_bound}, {upper_bound}{')]'[not open_upper_bound]}"
            self.fail(f"{(~is_inside).sum()} of the {values.size} elements are outside the range {bounds}")

    def assertAllInSet(self, target: Any, expected_set: Any) -> None:
        """Fails unless all elements are among some values."""
        strangers = np.setdiff1d(_array(target), list(expected_set))
        if strangers.size:
            self.fail(f"{strangers.size} unique elements are not in the set {expected_set}: {strangers}")

    # Errors.

    @contextmanager
    def assertRaisesWithPredicateMatch(self, exception_type: Any, expected_err_re_or_predicate: Any) -> Iterator[None]:
        """Fails unless the block raises an error whose text has a regular expression in it, or satisfies a function."""
        with self.assertRaises(exception_type) as caught:
            yield
        if callable(expected_err_re_or_predicate):
            self.assertTrue(expected_err_re_or_predicate(caught.exception))
        else:
            self.assertRegex(str(caught.exception), expected_err_re_or_predicate)

    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> Any:
        """`assertRaisesWithPredicateMatch` for the errors of ops."""
        return self.assertRaisesWithPredicateMatch(OpError, expected_err_re_or_predicate)

    def assertRaisesIncompatibleShapesError(self, exception_type: Any = InvalidArgumentError) -> Any:
        """Fails unless the block raises an error about shapes that do not go together."""
        return self.assertRaisesWithPredicateMatch(exception_type, "(?i)shape|broadcast")

    def _require_two_dicts(self, a: Any, b: Any) -> None:
        if not (isinstance(a, dict) and isinstance(b, dict)):
            _refuse(f"Can't compare dict to non-dict: {type(a).__name__} and {type(b).__name__}.")


def _refuse(message: str) -> NoReturn:
    raise ValueError(message)


def _array(value: Any) -> np.ndarray:
    if isinstance(value, (Tensor, Variable)):
        return np.asarray(value.numpy())
    if isinstance(value, (list, tuple)):
        return np.array([_array(item) for item in value]) if not _is_plain(value) else np.array(value)
    return np.asarray(value)


def _is_plain(value: Any) -> bool:
    """Whether nested lists make one array without more ado: numbers or texts, of regular shape."""
    try:
        return np.array(value).dtype.kind in "biufcSU"
    except (TypeError, ValueError):  # ragged, or of tensors
        return False


def _numbers(value: Any) -> np.ndarray:
    """An array that NumPy can compare: bfloat16 and its like as float32."""
    array = _array(value)
    if array.dtype.kind in "OSU":
        raise TypeError(f"assertAllClose: {type(value).__name__} is no number; numbers are compared.")
    return array if array.dtype.kind in "biufc" else array.astype(np.float32)


def _as_bytes(array: np.ndarray) -> np.ndarray:
    """Texts as bytes, as string tensors have them."""
    return np.char.encode(array, "utf-8").astype(object) if array.dtype.kind == "U" else array
