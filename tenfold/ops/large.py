"""Large ops in eager code run as machine code, where that is clearly faster than NumPy.

An op with a lowering gets one of two kernels in place of its own. Small arrays, and all that has no machine code, go to the NumPy
kernel, which also raises the errors. Debugging is as before: an op is one Python call, and `TENFOLD_COMPILE=0` leaves everything
to NumPy.
- `run_in_blocks`: ops that work element by element. One program of a block of `BLOCK` elements serves arrays of all sizes, or some of
  smaller blocks, for ops that are slow on NumPy.
- `when_large`: the others. Arrays for which `is_large` holds are computed by a program of this one op, made when their shapes,
  dtypes and attributes are first seen. Operands need not be contiguous: it reads transposed and repeated ones as they are in memory.

What runs depends on op, attributes, shapes and dtypes, never on timing or on how often an op ran: NumPy and machine code round
differently, and a training that is saved and resumed must come to the same bits as one that is not. A program costs 10 to
50 ms, a loop over time 100 ms, or 2 ms from the disk cache, so an op is large only where NumPy needs so long that some hundred runs pay
for it; or some thousand, where NumPy's many calls are what counts. So that arrays of ever new shapes are not slower for it, an op has at
most `MOST_PROGRAMS` programs in a process, `_FEW_PROGRAMS` where it pays late, and shapes that come after these run on NumPy: then alone the order in which shapes come matters to the last bits. Usual models need
one for each layer and size of batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from tenfold.compiler.program import NotLowered
from tenfold.compiler.target import has_machine_code
from tenfold.core import aligned
from tenfold.core.config import settings
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op

if TYPE_CHECKING:
    from tenfold.compiler.executable import Executable

MOST_PROGRAMS = 128  # of an op
_FEW_PROGRAMS = 16  # of an op, where each saves little
BLOCK = 1 << 17  # elements of a block

_Order = tuple[tuple[int, ...], tuple[int, ...]] | None


def _always(*arrays: np.ndarray, **attrs: Any) -> bool:
    return True


def when_large(op: Op, is_large: Callable[..., bool], saves_much: Callable[..., bool] = _always) -> Op:
    """Lets a new op with a lowering run as machine code on large arrays.

    Args:
      op: not registered yet.
      is_large: takes what the kernel takes; small arrays pay for this call only.
      saves_much: takes what the kernel takes; tells for which large arrays machine code soon pays. For others few programs are
        made, so that those whose sizes ever change do not wait, and no gradient is compiled for their sake.
    Returns:
      `op`.
    """
    op.kernel = LargeKernel(op, is_large, saves_much)
    return op


class LargeKernel:
    """A kernel that runs as machine code on large arrays.

    Attributes:
      numpy: the kernel for all others.
      is_large: tells which is which.
      saves_much: tells of large ones whether more than few programs may be made.
      programs: the compiled ones, None where there is no machine code; by shapes, dtypes, places in memory, attributes.
      contiguous: those of them for contiguous arrays; by shapes, dtypes, attributes.
    """

    __slots__ = ("op", "numpy", "is_large", "saves_much", "programs", "contiguous", "__kwdefaults__")

    def __init__(self, op: Op, is_large: Callable[..., bool], saves_much: Callable[..., bool]) -> None:
        self.op, self.numpy, self.is_large, self.saves_much = op, op.kernel, is_large, saves_much
        self.programs: dict[Any, Executable | None] = {}
        self.contiguous: dict[Any, Executable] = {}
        self.__kwdefaults__ = getattr(op.kernel, "__kwdefaults__", None)  # what attributes are by default

    def __call__(self, *arrays: np.ndarray, **attrs: Any) -> Any:
        if not settings.compiles or not self.is_large(*arrays, **attrs):
            return self.numpy(*arrays, **attrs)
        return self._for((*[(x.shape, x.dtype) for x in arrays], *attrs.items()), arrays, attrs)

    def bound(self, specs: Sequence[Any], attrs: dict[str, Any]) -> Callable[..., Any]:
        """The kernel for large arrays of these shapes and dtypes, which it need not look at, and these attributes."""
        key = (*[(x.shape, x.dtype) for x in specs], *attrs.items())
        return lambda *arrays: self._for(key, arrays, attrs)

    def _for(self, key: tuple, arrays: tuple[np.ndarray, ...], attrs: dict[str, Any]) -> Any:
        """What large arrays give; `key` says which program they want."""
        try:
            program = self.contiguous.get(key)
        except TypeError:  # an attribute that is a list
            return self.numpy(*arrays, **attrs)
        if program is not None:
            try:
                found = program.if_fitting(arrays)
            except InvalidArgumentError:  # an index out of range: the kernel says which
                return self.numpy(*arrays, **attrs)
            if found is not None:
                return found if len(found) > 1 else found[0]
        return self._at_any_place(key, arrays, attrs)

    def _at_any_place(self, key: tuple, arrays: tuple[np.ndarray, ...], attrs: dict[str, Any]) -> Any:
        stored, orders = zip(*map(_in_memory, arrays), strict=True)
        try:
            program = self.programs[key, orders]
        except KeyError:
            expected = self.numpy(*arrays, **attrs)  # raises what is wrong with the operands
            if len(self.programs) >= (MOST_PROGRAMS if self.saves_much(*arrays, **attrs) else _FEW_PROGRAMS):
                return expected
            results = expected if type(expected) is tuple else (expected,)
            program = self.programs[key, orders] = _compiled(self.op, arrays, stored, orders, attrs, results)
            if program is not None and not any(orders):
                self.contiguous[key] = program
        if program is None:
            return self.numpy(*arrays, **attrs)
        try:
            found = program(*stored)
        except InvalidArgumentError:
            return self.numpy(*arrays, **attrs)
        return found if len(found) > 1 else found[0]


def is_large(op: Op, specs: Sequence[Any], attrs: dict[str, Any]) -> bool:
    """Whether an op runs as machine code on arrays of the shapes and dtypes of `specs`."""
    kernel = op.kernel
    if not settings.compiles or not isinstance(kernel, (LargeKernel, BlockKernel)):
        return False
    return kernel.is_large(*_samples(specs), **attrs)


def _samples(specs: Sequence[Any]) -> list[np.ndarray]:
    """Arrays of these shapes and dtypes, which take no memory."""
    return [np.broadcast_to(np.empty((), spec.dtype), spec.shape) for spec in specs]


def saves_much(op: Op, specs: Sequence[Any], attrs: dict[str, Any]) -> bool:
    """Whether it does so, and soon pays."""
    kernel: Any = op.kernel
    return is_large(op, specs, attrs) and kernel.saves_much(*_samples(specs), **attrs)


def kernel_for(op: Op, specs: Sequence[Any], attrs: dict[str, Any]) -> tuple[Callable[..., Any], bool]:
    """The kernel of an op for arrays of the shapes and dtypes of `specs`, with little around it; and whether it still takes `attrs`."""
    kernel: Any = op.kernel
    if is_large(op, specs, attrs):
        return (kernel.bound(specs, attrs), False) if isinstance(kernel, LargeKernel) else (kernel, True)
    kernel = getattr(kernel, "numpy", kernel)
    bound = None if op.bound is None else op.bound(*specs, **attrs)
    return (kernel, True) if bound is None else (bound, False)


def run_in_blocks(op: Op, least: int = BLOCK) -> Op:
    """Lets a new op that works element by element run as machine code on arrays of `least` elements or more."""
    op.kernel = BlockKernel(op, least)
    return op


class BlockKernel:
    """A kernel of an op that works element by element: one program of a block serves arrays of all sizes. Those of less than `BLOCK`
    elements have blocks of half as many, of a quarter, and so on.

    The last block overlaps the one before it, so that all elements are computed by the same code. An operand has all
    elements, or one for each row of a matrix, one for each column, or a single one.

    Attributes:
      numpy: the kernel for small arrays, and for operands that broadcast otherwise.
      least: elements from which arrays are large.
      programs: the compiled ones, by dtypes, the kinds of the operands, the numbers of columns and rows, and attributes.
    """

    __slots__ = ("op", "numpy", "least", "programs", "__kwdefaults__")

    def __init__(self, op: Op, least: int) -> None:
        self.op, self.numpy, self.least = op, op.kernel, least
        self.programs: dict[Any, tuple[Executable, np.dtype] | None] = {}
        self.__kwdefaults__ = getattr(op.kernel, "__kwdefaults__", None)

    def is_large(self, *arrays: np.ndarray, **attrs: Any) -> bool:
        """Whether arrays of these shapes may run as machine code."""
        return max([x.size for x in arrays]) >= self.least

    def saves_much(self, *arrays: np.ndarray, **attrs: Any) -> bool:
        return max([x.size for x in arrays]) >= BLOCK

    def __call__(self, *arrays: np.ndarray, **attrs: Any) -> Any:
        full = max(arrays, key=lambda x: x.size)
        if full.size < self.least or not settings.compiles:
            return self.numpy(*arrays, **attrs)
        axes = None
        if not full.flags.c_contiguous:  # elements are computed in the order that they have in memory
            axes = sorted(range(full.ndim), key=lambda a: -full.strides[a])
            if any(x.strides != full.strides or x.shape != full.shape for x in arrays):
                return self.numpy(*arrays, **attrs)
            arrays = tuple([x.transpose(axes) for x in arrays])
        found = _as_matrices(arrays)
        if found is None:
            return self.numpy(*[x.transpose(np.argsort(axes)) for x in arrays] if axes else arrays, **attrs)
        shape, kinds, columns, matrices = found
        rows = max(min(BLOCK, 1 << full.size.bit_length() - 1) // columns, 1)
        key = (*[x.dtype for x in arrays], kinds, columns, rows, *attrs.items())
        try:
            program = self.programs[key]
        except KeyError:
            if len(self.programs) >= MOST_PROGRAMS:
                return self.numpy(*arrays, **attrs)
            program = self.programs[key] = self._compiled(matrices, rows, attrs)
        if program is None:
            result = self.numpy(*arrays, **attrs)
        else:
            try:
                result = _run(*program, kinds, matrices, columns, rows).reshape(shape)
            except InvalidArgumentError:  # an integer was divided by 0
                result = self.numpy(*arrays, **attrs)
        return result if axes is None else result.transpose(np.argsort(axes))

    def _compiled(self, matrices: list[np.ndarray], rows: int, attrs: dict[str, Any]) -> Any:
        """The program of a block, which writes to its last input, and the dtype of the results."""
        samples = [x[:rows] if len(x) > 1 else x for x in matrices]
        expected = np.asarray(self.numpy(*samples, **attrs))
        orders = (None,) * len(samples)
        program = _compiled(self.op, tuple(samples), tuple(samples), orders, attrs, (expected,), is_written=True)
        return None if program is None else (program, expected.dtype)


def _as_matrices(arrays: tuple[np.ndarray, ...]) -> tuple[tuple[int, ...], str, int, list[np.ndarray]] | None:
    """Operands as matrices of which all have the rows and columns of the largest, or one of either.

    Returns:
      The shape of the result, a letter for each operand, the number of columns, the matrices; None where there are none.
    """
    shape = max(arrays, key=lambda x: x.size).shape
    columns, rows = 1, prod(shape)
    kinds = ""
    for x in arrays:
        if not (x.flags.c_contiguous and x.flags.aligned):
            return None
        if x.shape == shape:
            kinds += "f"
        elif x.size == 1 and x.ndim <= len(shape):
            kinds += "1"
        else:
            kind, count = _kind(x.shape, shape)
            if not kind or columns not in (1, count):
                return None
            kinds, columns = kinds + kind, count
    rows //= columns
    sizes = {"f": (rows, columns), "c": (rows, 1), "r": (1, columns), "1": (1, 1)}
    return shape, kinds, columns, [x.reshape(sizes[kind]) for x, kind in zip(arrays, kinds, strict=True)]


def _kind(shape: tuple[int, ...], full: tuple[int, ...]) -> tuple[str, int]:
    """Whether an operand repeats along rows ("c", a column) or columns ("r", a row), and the number of columns."""
    size = prod(shape)
    trimmed = shape
    while trimmed[:1] == (1,):
        trimmed = trimmed[1:]
    if len(trimmed) < len(full) and trimmed == full[len(full) - len(trimmed) :]:
        return "r", size
    kept = len(shape)
    while kept and shape[kept - 1] == 1:
        kept -= 1
    if len(shape) == len(full) and shape[:kept] == full[:kept]:
        return "c", prod(full) // size
    return "", 0


def _run(
    program: Executable, dtype: np.dtype, kinds: str, matrices: list[np.ndarray], columns: int, rows: int
) -> np.ndarray:
    total = max(map(len, matrices))
    result = aligned.empty((total, columns), dtype)
    for begin in range(0, total, rows):
        part = slice(min(begin, total - rows), min(begin, total - rows) + rows)
        program(*[x[part] if kind in "fc" else x for x, kind in zip(matrices, kinds, strict=True)], result[part])
    return result


def first_larger_than(size: int) -> Callable[..., bool]:
    """An `is_large`: whether the first operand has more elements than `size`."""
    return lambda first, *others, **attrs: first.size > size


def _in_memory(x: np.ndarray) -> tuple[np.ndarray, _Order]:
    """A contiguous array of the elements of `x`; and, where that is not `x` itself, its axes in `x`, and those that repeat it."""
    flags = x.flags
    if flags.c_contiguous and flags.aligned:
        return x, None
    repeated = tuple([a for a in range(x.ndim) if not x.strides[a] and x.shape[a] > 1])
    axes = tuple(sorted([a for a in range(x.ndim) if a not in repeated], key=lambda a: -x.strides[a]))
    stored = x.transpose((*repeated, *axes))[(0,) * len(repeated)]
    if stored.flags.c_contiguous and stored.flags.aligned:
        return stored, (axes, repeated)
    return np.array(x, order="C"), None


def _compiled(
    op: Op,
    arrays: tuple[np.ndarray, ...],
    stored: tuple[np.ndarray, ...],
    orders: tuple[_Order, ...],
    attrs: dict[str, Any],
    expected: tuple[np.ndarray, ...],
    is_written: bool = False,
) -> Executable | None:
    """The program of an op that gives results like those of its kernel, or writes them to more inputs; None without machine code."""
    if not all(has_machine_code(x.dtype) for x in (*arrays, *expected)):
        return None
    from tenfold.compiler.builder import Builder
    from tenfold.compiler.executable import compile
    from tenfold.compiler.widen import lower_widened

    b = Builder()
    operands = []
    for x, array, order in zip(arrays, stored, orders, strict=True):
        value = b.input(array.shape, array.dtype)
        if order is not None:
            axes, repeated = order
            value = b.transpose(value, np.argsort(axes).tolist())
            value = b.broadcast_to(b.expand_dims(value, repeated), x.shape)
        operands.append(value)
    try:
        values = lower_widened(b, op.lower, operands, attrs, [x.dtype for x in expected])
        if [(y.shape, y.dtype) for y in values] != [(x.shape, x.dtype) for x in expected]:
            return None
        if is_written:
            for y in values:
                b.update(b.input(y.shape, y.dtype), y)
        return compile(b.program([] if is_written else values))
    except (NotLowered, TypeError, ValueError):
        return None
