"""Einstein summation: any contraction as transposes, reshapes and one batched matrix product.

An equation is planned once for the shapes it meets. Planning gives the axes under an ellipsis letters of their own, so
that kernels and gradients see named axes only, and drops an axis of size 1 that an ellipsis broadcasts: its operand then
simply lacks the letter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from math import prod
from string import ascii_letters
from typing import Any, NamedTuple

import numpy as np

from tenfold.compiler.program import NotLowered
from tenfold.core.convert import convert
from tenfold.core.dtypes import NUMERIC
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op, register
from tenfold.core.symbol import Size, Spec, Symbol, SymbolError, hint_of, sizes_in
from tenfold.core.tensor import Tensor
from tenfold.ops import array as array_ops
from tenfold.ops import elementwise, static
from tenfold.ops.large import when_large
from tenfold.ops.matmul import product

_Shape = tuple[int, ...]
_Step = Callable[[np.ndarray], np.ndarray]

_LARGE = 1 << 22  # products: 0.2 ms for NumPy


class _Resolved(NamedTuple):
    """An equation without ellipses: the letters of each operand, its shape without dropped axes, the result's letters."""

    terms: tuple[str, ...]
    shapes: tuple[_Shape, ...]
    output: str
    sizes: dict[str, int]


def _invalid(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"tf.einsum: {message}")


@lru_cache(4096)
def _resolve(equation: str, *shapes: _Shape) -> _Resolved:
    """Names every axis of the operands of `equation`, which has an arrow."""
    inputs, _, output = equation.replace("...", ".").partition("->")
    terms = inputs.split(",")
    letters = "".join(c for c in ascii_letters if c not in equation)  # for the axes under ellipses, the last one first
    named: list[str] = []
    sizes: dict[str, int] = {}
    for i, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        count = len(shape) - len(term.replace(".", ""))
        if count < 0 or (count and "." not in term):
            least = "at least " if "." in term else ""
            raise _invalid(f"Expected input {i} to have rank {least}{len(shape) - count} but got: {len(shape)}.")
        named.append(term.replace(".", letters[:count][::-1]))
        for axis, (label, size) in enumerate(zip(named[i], shape, strict=True)):
            known = sizes.setdefault(label, size)
            if known == 1 and label in letters:
                sizes[label] = size
            elif type(size) is Size or type(known) is Size:
                sizes[label] = known if type(size) is Size else size
            elif size != known and (size != 1 or label not in letters):
                raise _invalid(
                    f"Expected dimension {known} at axis {axis} of the input shaped {shape} but got dimension {size}."
                )
    hidden = "".join(label for label in reversed(letters) if label in sizes)
    if hidden and "." not in output:
        raise _invalid(
            f"Output contains {len(hidden)} broadcasting dimension(s) but no ellipsis (...) was found in the output "
            f"subscripts of {equation!r}."
        )
    kept = [
        [(label, n) for label, n in zip(term, shape, strict=True) if n == sizes[label] or label not in letters]
        for term, shape in zip(named, shapes, strict=True)
    ]
    return _Resolved(
        tuple(["".join([label for label, _ in pairs]) for pairs in kept]),
        tuple([tuple([size for _, size in pairs]) for pairs in kept]),
        output.replace(".", hidden),
        sizes,
    )


def _distinct(term: str) -> str:
    return "".join(dict.fromkeys(term))


# Plans: functions of arrays.


def _summed(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    if x.dtype.itemsize == 2 and x.dtype.kind in "fV":
        return np.add.reduce(x, axes, np.float32).astype(x.dtype)
    return np.add.reduce(x, axes, x.dtype)


def _arrange(term: str, order: str, sizes: dict[str, int], shape: _Shape | None = None) -> _Step:
    """Brings an operand with the axes `term` to the axes `order` and then to `shape`; other axes are summed."""
    steps: list[_Step] = []
    labels = _distinct(term)
    if labels != term:
        diagonal = f"{term}->{labels}"
        steps.append(lambda x: np.einsum(diagonal, x))  # a view
    rest = tuple([axis for axis, label in enumerate(labels) if label not in order])
    if rest:
        steps.append(lambda x: _summed(x, rest))
        labels = "".join([label for label in labels if label in order])
    if labels != order:
        permutation = tuple([labels.index(label) for label in order])
        steps.append(lambda x: x.transpose(permutation))
    if shape is not None and shape != tuple([sizes[label] for label in order]):
        steps.append(lambda x: x.reshape(shape))
    return _chain(steps)


def _chain(steps: list[_Step]) -> _Step:
    def run(x: np.ndarray) -> np.ndarray:
        for step in steps:
            x = step(x)
        return x

    return run


def _finish(labels: str, output: str, sizes: dict[str, int]) -> _Step:
    """Brings a result with the axes `labels` to `output`, where a letter that occurs twice asks for a diagonal."""
    steps = [_arrange(labels, _distinct(output), sizes)] if labels != _distinct(output) else []
    if labels != output and _distinct(output) != output:

        def spread(x: np.ndarray) -> np.ndarray:
            whole = np.zeros([sizes[label] for label in output], x.dtype)
            np.einsum(f"{output}->{_distinct(output)}", whole)[...] = x
            return whole

        steps.append(spread)
    return _chain(steps)


@lru_cache(4096)
def _plan(equation: str, *shapes: _Shape) -> Callable[..., np.ndarray]:
    terms, kept_shapes, output, sizes = _resolve(equation, *shapes)
    if len(terms) == 1:
        order = "".join([label for label in _distinct(output) if label in terms[0]])
        start, finish = _arrange(terms[0], order, sizes), _finish(order, output, sizes)
        return lambda x: finish(start(x))
    a, b = terms
    labels = _distinct(a + b)
    shared = [label for label in labels if label in a and label in b]
    batch = "".join([label for label in shared if label in output])
    inner = "".join([label for label in shared if label not in output])
    outer_a = "".join([label for label in _distinct(a) if label not in b and label in output])
    outer_b = "".join([label for label in _distinct(b) if label not in a and label in output])
    take = _product_plan if inner else _outer_plan
    pair, order = take(a, b, batch, inner, outer_a, outer_b, _distinct(output), sizes)
    finish = _finish(order, output, sizes)
    if kept_shapes == shapes:
        return lambda x, y: finish(pair(x, y))
    return lambda x, y: finish(pair(x.reshape(kept_shapes[0]), y.reshape(kept_shapes[1])))


def _outer_plan(a, b, batch, inner, outer_a, outer_b, output, sizes):
    """Nothing is summed over both: the operands are aligned with the output and multiplied."""
    orders = [[label for label in output if label in batch + outer] for outer in (outer_a, outer_b)]
    first, second = (
        _arrange(term, "".join(order), sizes, tuple([sizes[label] if label in order else 1 for label in output]))
        for term, order in zip((a, b), orders, strict=True)
    )
    return lambda x, y: np.multiply(first(x), second(y)), output


def _product_plan(a, b, batch, inner, outer_a, outer_b, output, sizes):
    """A batched matrix product: `batch, outer_a, inner` times `batch, inner, outer_b`."""
    first, is_first_turned = _as_matrices(a, batch, outer_a, inner, sizes)
    second, is_second_turned = _as_matrices(b, batch, inner, outer_b, sizes)
    order = batch + outer_a + outer_b
    shape = tuple([sizes[label] for label in order])

    def pair(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        x, y = _for_blas(first(x)), _for_blas(second(y))
        if is_first_turned:
            x = x.swapaxes(-1, -2)
        if is_second_turned:
            y = y.swapaxes(-1, -2)
        return product(x, y).reshape(shape)

    return pair, order


def _as_matrices(term: str, batch: str, rows: str, columns: str, sizes: dict[str, int]) -> tuple[_Step, bool]:
    """How to make matrices of an operand, and whether they come out transposed: its own order of axes needs no copy."""
    is_turned = bool(rows and columns) and term.index(columns[0]) < term.index(rows[0])
    groups = (columns, rows) if is_turned else (rows, columns)
    shape = tuple([sizes[label] for label in batch]) + tuple([prod([sizes[label] for label in g]) for g in groups])
    return _arrange(term, batch + "".join(groups), sizes, shape), is_turned


def _for_blas(x: np.ndarray) -> np.ndarray:
    """Matrices without an axis of adjacent elements are copied: NumPy multiplies them without BLAS."""
    if x.strides[-1] == x.itemsize or x.strides[-2] == x.itemsize:
        return x
    return np.ascontiguousarray(x)


# The op.


def _resolved(equation: str, shapes: Sequence[_Shape]) -> _Resolved:
    """`_resolve`, whose results are not kept where sizes belong to a trace."""
    return _resolve.__wrapped__(equation, *shapes) if sizes_in(list(shapes)) else _resolve(equation, *shapes)


def _einsum_kernel(*inputs, equation):
    if "->" not in equation:
        raise InvalidArgumentError(f"Einsum: Expecting exactly one '->' in einsum equation: {equation}")
    if len(inputs) > 2:
        raise InvalidArgumentError(f"Einsum: Expecting 1 or 2 input subscripts in equation {equation!r}")
    EINSUM.require(*inputs)
    if Symbol in map(type, inputs):
        raise SymbolError("plans are for known sizes")  # and would keep the trace
    return _plan(equation, *[x.shape for x in inputs])(*inputs)


def _gradient_of(index: int) -> Callable[..., Tensor]:
    def rule(dy: Tensor, inputs: tuple[Tensor, ...], equation: str) -> Tensor:
        shape = inputs[index]._array.shape
        terms, shapes, output, sizes = _resolved(equation, [x._array.shape for x in inputs])
        term = _distinct(terms[index])
        if len(terms) == 1:
            known = "".join([label for label in term if label in output])
            dx = EINSUM(dy, equation=f"{output}->{known}")
        else:
            other = array_ops.reshape(elementwise.conj(inputs[1 - index]), shapes[1 - index])
            known = "".join([label for label in term if label in output + terms[1 - index]])
            dx = EINSUM(dy, other, equation=f"{output},{terms[1 - index]}->{known}")
        if known != term:  # an axis that was summed over alone
            dx = array_ops.reshape(dx, tuple([sizes[label] if label in known else 1 for label in term]))
            dx = array_ops.broadcast_to(dx, tuple([sizes[label] for label in term]))
        if term != terms[index]:
            dx = EINSUM(dx, equation=f"{term}->{terms[index]}")
        return dx if dx._array.shape == shape else array_ops.reshape(dx, shape)

    return rule


def _infer_einsum(*inputs, equation):
    EINSUM.require(*inputs)
    _, _, output, sizes = _resolved(equation, [x.shape for x in inputs])
    return Spec(inputs[0].dtype, tuple([sizes[label] for label in output]))


def _lower_einsum(b, *inputs, equation):
    terms, shapes, output, sizes = _resolve(equation, *[x.shape for x in inputs])
    if any(_distinct(term) != term for term in (*terms, output)):
        raise NotLowered(f"a diagonal: {equation}")
    operands = [b.reshape(x, shape) for x, shape in zip(inputs, shapes, strict=True)]
    if len(terms) == 2 and any(label in terms[1] and label not in output for label in terms[0]):
        return b.einsum(f"{terms[0]},{terms[1]}->{output}", *operands)
    aligned = [_lower_aligned(b, x, term, output) for x, term in zip(operands, terms, strict=True)]
    return aligned[0] if len(terms) == 1 else b.mul(*aligned)


def _lower_aligned(b: Any, x: Any, term: str, output: str) -> Any:
    """An operand with its axes where the result has them, summed over those that it has not."""
    x = b.reduce("sum", x, [axis for axis, label in enumerate(term) if label not in output])
    term = "".join([label for label in term if label in output])
    x = b.transpose(x, [term.index(label) for label in output if label in term])
    return b.expand_dims(x, [axis for axis, label in enumerate(output) if label not in term])


def _is_large(*inputs, equation):
    """Whether there are some millions of products."""
    return len(inputs) == 2 and inputs[0].size * inputs[1].size > _LARGE and _products(equation, inputs) > _LARGE


def _products(equation: str, inputs: Sequence[np.ndarray]) -> int:
    return prod(_resolved(equation, [x.shape for x in inputs]).sizes.values())


def _einsum_rows(node, values):
    equation = node.attrs["equation"].replace(" ", "")
    operands, _, result = equation.partition("->")
    terms = list(zip(operands.split(","), node.inputs, strict=True))
    ((row, outer, _),) = {(term[values[x].axis], *values[x][1:]) for term, x in terms if x in values}
    if "." in equation or any(term.count(row) != (x in values) for term, x in terms):
        return None
    return result.index(row), outer


EINSUM = register(
    when_large(
        Op(
            "Einsum",
            _einsum_kernel,
            types=NUMERIC,
            vjp=(_gradient_of(0), _gradient_of(1)),
            infer=_infer_einsum,
            lower=_lower_einsum,
            rows=_einsum_rows,
        ),
        _is_large,
    )
)


# What users call.


@lru_cache(1024)
def _checked(equation: str, count: int) -> str:
    """The equation in the op's form, with an arrow and without blanks.

    Raises:
      ValueError: it is not an equation of `count` operands.
    """
    text = equation.replace(" ", "")
    match = re.fullmatch(r"((?:[a-zA-Z,]|\.\.\.)*)(->(?:[a-zA-Z]|\.\.\.)*)?", text)
    if not match:
        raise ValueError(f"Subscripts have incorrect format: {equation}")
    inputs, output = match.groups()
    expected = inputs.count(",") + 1
    if count != expected:
        raise ValueError(f'Got {count} inputs for equation "{equation}", expecting {expected}')
    letters = Counter(inputs.replace(",", "").replace(".", ""))
    if output is None:
        output = "->" + "..." * ("..." in inputs) + "".join(sorted([c for c, n in letters.items() if n == 1]))
    named = output[2:].replace("...", "")
    if len(set(named)) < len(named):
        raise ValueError(f"Output subscripts contain a label appearing more than once: {equation}")
    for label in named:
        if label not in letters:
            raise ValueError(f"Output subscripts contain the label {label} not present in the input subscripts.")
    if output.count("...") > 1:
        raise ValueError(f"Output subscripts contain multiple ellipsis: {equation}")
    if any(term.count("...") > 1 for term in inputs.split(",")):
        raise _invalid(f"Too many ellipses in an input of {equation!r}; each may have one.")
    return inputs + output


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Tensor:
    """Sums products of elements along named axes.

    Args:
      equation: the axes of each input and of the result, as in `"ij,jk->ik"`. Axes that are not in the result are summed
        over; a letter twice in one input takes its diagonal; `...` stands for axes that broadcast. Without an arrow, the
        result has the letters that occur once, in alphabetical order.
      *inputs: Tensors of one dtype.
      optimize: how the order of products is found for three and more inputs: `"greedy"` (the default), `"optimal"`, ...
      name: not used.
    Raises:
      ValueError: the equation is malformed, or is not for this number of inputs.
      TypeError: an unknown keyword.
      KeyError: an unknown value of `optimize`, with three or more inputs.
      tf.errors.InvalidArgumentError: shapes or dtypes do not fit.
    Example:
      >>> print(tf.einsum("bi,bi->b", [[1, 2], [3, 4]], [[1, 1], [1, 1]]).numpy())
      [3 7]
    """
    kwargs.pop("name", None)
    optimize = kwargs.pop("optimize", "greedy")
    if kwargs:
        raise TypeError(f"Invalid keyword arguments for einsum: {', '.join(kwargs)}. Valid arguments: name, optimize.")
    equation = _checked(equation, len(inputs))
    tensors = [convert(inputs[0])]
    tensors += [convert(x, None, tensors[0].dtype) for x in inputs[1:]]
    if len(tensors) <= 2:
        return EINSUM(*tensors, equation=equation)
    terms, shapes, output, _ = _resolved(equation, [x._array.shape for x in tensors])
    tensors = [array_ops.reshape(x, shape) for x, shape in zip(tensors, shapes, strict=True)]
    pending = list(terms)
    for pair in _order(f"{','.join(terms)}->{output}", optimize, *map(hint_of, shapes)):
        i, j = sorted(pair)
        second, first = pending.pop(j), pending.pop(i)
        later = output + "".join(pending)
        term = output if not pending else "".join([label for label in _distinct(first + second) if label in later])
        y, x = tensors.pop(j), tensors.pop(i)
        tensors.append(EINSUM(x, y, equation=f"{first},{second}->{term}"))
        pending.append(term)
    return tensors[0]


_THOROUGH = frozenset(("optimal", "dp", "dynamic-programming", "branch-all", "branch-2", "branch-1"))
_QUICK = frozenset(
    ("greedy", "eager", "opportunistic", "auto", "auto-hq", "random-greedy", "random-greedy-128", True, None)
)


@lru_cache(1024)
def _order(equation: str, optimize: Any, *shapes: _Shape) -> list[Sequence[int]]:
    """Which two operands to multiply, step by step; each product goes to the end of the list."""
    if optimize not in _THOROUGH and optimize not in _QUICK:
        valid = ", ".join(sorted(x for x in _THOROUGH | _QUICK if isinstance(x, str)))
        raise KeyError(f"Path optimizer {optimize!r} not found, valid options are {valid}.")
    operands = [np.broadcast_to(np.float32(0), shape) for shape in shapes]
    method = "optimal" if optimize in _THOROUGH else "greedy"
    pairs: list[Sequence[int]] = []
    count = len(shapes)
    for step in np.einsum_path(equation, *operands, optimize=method)[0][1:]:
        members = sorted(step)
        while len(members) > 1:  # NumPy joins what it finds no order for
            pairs.append((members.pop(), members.pop()))
            count -= 1
            members = [*members, count - 1] if members else members
    return pairs


@lru_cache(1024)
def _contraction(rank_a: int, rank_b: int, axes_a: _Shape, axes_b: _Shape) -> str:
    a, b = list(ascii_letters[:rank_a]), list(ascii_letters[rank_a : rank_a + rank_b])
    rest_b = "".join([label for axis, label in enumerate(b) if axis not in axes_b])
    for i, j in zip(axes_a, axes_b, strict=True):
        b[j] = a[i]
    rest_a = "".join([label for axis, label in enumerate(a) if axis not in axes_a])
    return f"{''.join(a)},{''.join(b)}->{rest_a}{rest_b}"


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Tensor:
    """Multiplies tensors and sums over pairs of axes.

    Args:
      a: Tensor.
      b: Tensor of `a`'s dtype.
      axes: the axes of `a` and those of `b`, pair by pair, as `[[1, 2], [0, 1]]` or `[2, 0]`; or a number n: the last n
        of `a` and the first n of `b`.
    Returns:
      Tensor with the remaining axes of `a`, then those of `b`.
    Raises:
      ValueError: `axes` is negative, too large, repeats an axis, or names different numbers of axes.
      IndexError: an axis is out of range.
      tf.errors.InvalidArgumentError: the sizes of a pair or the dtypes differ.
    Example:
      >>> print(tf.tensordot([1, 2, 3], [4, 5, 6], 1).numpy())
      32
    """
    a = convert(a)
    b = convert(b, None, a.dtype)
    ranks = a._array.ndim, b._array.ndim
    pairs = _axis_pairs(axes, *ranks)
    for which, rank in zip(pairs, ranks, strict=True):
        if any(axis >= rank for axis in which):
            raise IndexError(f"tf.tensordot: axes {axes!r} are out of range for ranks {ranks[0]} and {ranks[1]}.")
    normal = [tuple([axis + rank * (axis < 0) for axis in which]) for which, rank in zip(pairs, ranks, strict=True)]
    if any(min(which, default=0) < 0 or len(set(which)) < len(which) for which in normal):
        raise ValueError(
            f"tf.tensordot: axes {axes!r} must name each axis of tensors of rank {ranks[0]} and {ranks[1]} once."
        )
    return EINSUM(a, b, equation=_contraction(*ranks, *normal))


def _axis_pairs(axes: Any, rank_a: int, rank_b: int) -> Sequence[Sequence[int]]:
    if isinstance(axes, (int, np.integer)):
        if axes < 0:
            raise ValueError(f"`axes` must be at least 0. Received: {axes}.")
        if axes > rank_a:
            raise ValueError(
                f"`axes` must not be larger than the number of dimensions of tensor `a`. Received {axes}, vs tensor "
                f"dimensions {rank_a}."
            )
        return range(rank_a - axes, rank_a), range(axes)
    if not isinstance(axes, (list, tuple)):
        array = convert(axes)._array
        if array.dtype.kind not in "iu":
            raise TypeError(f"tf.tensordot: axes is {axes!r}; it must be an integer or two lists of integers.")
        if not array.ndim:
            return _axis_pairs(int(array), rank_a, rank_b)
        axes = array.tolist()
    if len(axes) != 2:
        raise ValueError(f"`axes` must be an integer or have length 2. Received {axes}.")
    first, second = (
        tuple([static.known_axis(axis, "tf.tensordot") for axis in static.ints(x, "tf.tensordot")]) for x in axes
    )
    if len(first) != len(second):
        raise ValueError(f"Different number of contraction axes `a` and `b`, {len(first)} != {len(second)}.")
    return first, second
