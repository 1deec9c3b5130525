"""The dtype and shape of an op's results: by the op's own rule, else by running its kernel on a sample.

A kernel knows its shapes best, so ops need no rule: the kernel runs on arrays of ones of the right shapes, which take no
memory. Where sizes are unknown it runs twice, with other sizes the second time, and what differs is unknown. Ops bring a
rule where running would be slow (products, convolutions), or would say nothing (results whose size depends on values).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.dtypes import DType
from tenfold.core.errors import InvalidArgumentError
from tenfold.core.op import Op
from tenfold.core.symbol import STAND_IN, Size, Spec, Symbol, evaluate, hint_of, sizes_in
from tenfold.ops import seeds


def infer(op: Op, arrays: Sequence[Any], attrs: dict[str, Any]) -> tuple[list[Spec], bool, list[Size]]:
    """What an op makes of symbols and arrays.

    Returns:
      The specs of its results; whether it is one result and no tuple; and the sizes that had to be taken for known.
    Raises:
      tf.errors.OpError: dtypes or shapes do not fit the op.
    """
    is_vague = any(type(x) is Symbol and x.shape is None for x in arrays)
    if op.infer is not None:
        try:
            found = op.infer(*arrays, **attrs)
        except TypeError:
            if not is_vague:
                raise
            found = None
        except ValueError as error:
            raise InvalidArgumentError(f"{op.name}: {error}") from None
        except (IndexError, ZeroDivisionError):  # axes or elements that are not there: the kernel says what is wrong
            found = None
        if found is not None:
            return ([found], True, []) if type(found) is Spec else (list(found), False, [])
    return _without_shapes(op, arrays, attrs) if is_vague else _from_samples(op, arrays, attrs)


def _from_samples(op: Op, arrays: Sequence[Any], attrs: dict[str, Any]) -> tuple[list[Spec], bool, list[Size]]:
    """What the kernel makes of arrays that are like the symbols; and of arrays of other sizes, to see what depends on them."""
    unknown = list(dict.fromkeys(s for x in arrays if type(x) is Symbol for s in sizes_in(x.shape)))
    unknown += [s for s in dict.fromkeys(s for v in attrs.values() for s in sizes_in(v)) if s not in unknown]
    elements = [size for size in unknown if type(size.source[1]) is not int]  # of tensors: also indices, axes
    tried: list[dict[Size, int]] = [{}]  # what elements may be where the op does not take their hints
    if elements:
        tried += [dict.fromkeys(elements, x) for x in (0, 1, 2)] + [{s: i for i, s in enumerate(elements)}]

    def sizes(least: int, step: int, chosen: dict[Size, int]) -> dict[Size, int]:
        """The hints, grown by at least so much, each by so much more than the one before; and what elements are."""
        return {s: chosen[s] if s in chosen else s.hint + least + step * i for i, s in enumerate(unknown)}

    attempts = [sizes(least, 0, x) for least in (0, _LARGE) for x in tried]
    made = [s for s in unknown if s not in elements and s.source[0] not in s.source[0].graph.inputs]
    if made:  # which may turn out to be what others are
        others = dict.fromkeys(hint_of(n) for x in arrays for n in x.shape if n not in made)
        attempts += [sizes(0, 0, dict.fromkeys(made, n)) for n in others]
        attempts.append(_alongside(arrays, made, attempts[0]))
    given = [s for s in unknown if s not in elements]
    if given:
        attempts.append(_alongside(arrays, given, attempts[0]))
        attempts += [sizes(0, 0, dict.fromkeys(given, n)) for n in _asked_for(arrays, attrs)]
    most = max(_MOST_ELEMENTS, 4 * _elements(arrays, attempts[0]))

    def small_enough(attempts: list[dict[Size, int]]) -> list[dict[Size, int]]:
        return [x for x in attempts if _elements(arrays, x) <= most]

    first, taken = _first_that_runs(op, arrays, attrs, small_enough(attempts) if unknown else attempts[:1])
    is_single = type(first) is not tuple
    if not unknown:
        return [Spec(r.dtype, r.shape) for r in _tuple(first)], is_single, []
    fixed = given
    growths = (3, 2), (3, 0), (_LARGE, 2), (_LARGE, 0), (0, 0)
    attempts = [sizes(*growth, x) for growth in growths for x in tried]
    if made:
        attempts.insert(1, _alongside(arrays, made, attempts[0]))
    attempts.append({s: taken[s] if s in elements else 3 * taken[s] for s in unknown})  # what divides them still does
    samples = [(taken, _tuple(first))]
    try:
        second, other = _first_that_runs(op, arrays, attrs, [x for x in small_enough(attempts) if x != taken])
        samples.append((other, _tuple(second)))
    except Exception:  # the op asks for some of these sizes
        samples += _one_by_one(op, arrays, attrs, taken, given)
    fixed = [s for s in given if all(z[s] == taken[s] for z, _ in samples)]
    small = {s: taken[s] if s in elements else 1 for s in unknown}  # where slices are cut short, for one
    for sizes_tried in [small] * (not fixed) + [{**taken, **x} for x in tried[1:]]:
        try:
            result = _tuple(_sampled(op, arrays, attrs, sizes_tried.__getitem__))
        except Exception:
            continue
        if sizes_tried is not small or [r.ndim for r in result] == [r.ndim for r in _tuple(first)]:
            samples.append((sizes_tried, result))
    candidates = [s for x in arrays if type(x) is Symbol for s in x.shape if type(s) is Size]
    candidates += [s for v in attrs.values() for s in _tops(v)]

    def specs() -> list[Spec]:
        return [_spec([(z, r[i]) for z, r in samples], set(candidates)) for i in range(len(samples[0][1]))]

    matched = {s for spec in specs() for s in sizes_in(spec.shape or ())}
    samples += _one_by_one(op, arrays, attrs, taken, [s for s in given if s in matched])  # which it may be by chance
    return specs(), is_single, fixed


def _elements(arrays: Sequence[Any], sizes: dict[Size, int]) -> int:
    """How many elements the operands have."""
    return sum([prod(evaluate(x.shape, sizes.__getitem__)) for x in arrays if type(x) is Symbol])


def _alongside(arrays: Sequence[Any], sizes: Sequence[Size], taken: dict[Size, int]) -> dict[Size, int]:
    """An assignment in which sizes, or what is computed from them, are those of the other operands, axis by axis from the last."""
    found, left = dict(taken), list(sizes)
    for x in arrays:
        for axis, size in enumerate(reversed(x.shape)):
            others = [y.shape[-1 - axis] for y in arrays if y is not x and axis < len(y.shape)]
            if not others:
                continue
            leaves = [s for s in sizes_in(size) if s in left]
            solution = _solved(size, leaves, evaluate(others[0], found.__getitem__), found)
            found |= solution
            left = [s for s in left if s not in solution]
    return found


def _solved(size: Any, leaves: Sequence[Size], wanted: int, taken: dict[Size, int]) -> dict[Size, int]:
    """What leaves are if a size that grows evenly with one of them is as wanted; the others are as they were taken, or 1."""
    for rest in {}, dict.fromkeys(leaves, 1):
        for leaf in leaves:
            one, two = [evaluate(size, {**taken, **rest, leaf: n}.__getitem__) for n in (1, 2)]
            solution = {**rest, leaf: 1 + (wanted - one) // (two - one or 1)}
            if solution[leaf] >= 0 and evaluate(size, {**taken, **solution}.__getitem__) == wanted:
                return solution
    return {}


def _asked_for(arrays: Sequence[Any], attrs: dict[str, Any]) -> list[int]:
    """What sizes may have to be, or to be multiples of: known sizes, integers among the attributes, their squares and products."""
    found = [n for x in arrays for n in x.shape]
    for value in attrs.values():
        numbers = _integers(value)
        found += [*numbers, *[n * n for n in numbers], prod(numbers)]
    most_axes = max([x.ndim for x in arrays if type(x) is Symbol], default=0)
    return [n for n in dict.fromkeys(found) if type(n) is int and 1 < n and n**most_axes <= _MOST_ELEMENTS]


def _integers(value: Any) -> list[int]:
    if type(value) is int:
        return [value]
    return [n for x in value for n in _integers(x)] if type(value) in (tuple, list) else []


def _one_by_one(
    op: Op, arrays: Sequence[Any], attrs: dict[str, Any], taken: dict[Size, int], sizes: Sequence[Size]
) -> list[tuple[dict[Size, int], tuple]]:
    """Results of the kernel where one of several sizes is another one than it was; for each that may be."""
    found = []
    for size in sizes:
        try:
            result, tried = _first_that_runs(
                op,
                arrays,
                attrs,
                [{**taken, size: n} for n in (taken[size] + 3, taken[size] + _LARGE, 3 * taken[size])],
            )
        except Exception:
            continue
        found.append((tried, _tuple(result)))
    return found


def _tuple(result: Any) -> tuple:
    return result if type(result) is tuple else (result,)


def _spec(samples: Sequence[tuple[dict[Size, int], np.ndarray]], candidates: set[Size]) -> Spec:
    """What a result is, from what it was for several assignments of sizes."""
    first = samples[0][1]
    if any(result.ndim != first.ndim for _, result in samples):
        return Spec(first.dtype, None)
    shape: list[Any] = []
    for axis, size in enumerate(first.shape):
        if all(result.shape[axis] == size for _, result in samples):
            shape.append(size)
            continue
        found = [s for s in candidates if all(s.evaluate(z.__getitem__) == r.shape[axis] for z, r in samples)]
        shape.append(found[0] if len(found) == 1 else None)
    return Spec(first.dtype, tuple(shape), tuple([m for m, s in zip(first.shape, shape, strict=True) if s is None]))


_LARGE = 127  # how much sizes grow, so that indices that are known are within them
_MOST_ELEMENTS = 1 << 20  # of operands that are tried, unless those of the call are as large


def _first_that_runs(
    op: Op, arrays: Sequence[Any], attrs: dict[str, Any], attempts: Sequence[dict[Size, int]]
) -> tuple[Any, dict[Size, int]]:
    """The kernel's result for the first of several assignments of sizes with which it runs, and that assignment."""
    error: Exception | None = None
    for sizes in attempts:
        try:
            return _sampled(op, arrays, attrs, sizes.__getitem__), sizes
        except Exception as e:
            error = error or e
    raise error  # type: ignore[misc]


def _without_shapes(op: Op, arrays: Sequence[Any], attrs: dict[str, Any]) -> tuple[list[Spec], bool, list[Size]]:
    """The dtypes of an op's results where the number of axes of an operand is unknown."""
    for rank in range(5):
        samples = [np.ones((1,) * rank, x.dtype) if type(x) is Symbol and x.shape is None else x for x in arrays]
        try:
            specs, is_single, fixed = infer(op, samples, attrs)
        except Exception:
            continue
        return [Spec(spec.dtype, None) for spec in specs], is_single, fixed
    raise ValueError(
        f"{op.name}: the number of axes of an operand is not known, as after tf.py_function. Tell it with x.set_shape."
    )


def _tops(value: Any) -> list[Size]:
    """The sizes in a value, whole."""
    if type(value) is Size:
        return [value]
    return [s for x in value for s in _tops(x)] if type(value) in (tuple, list) else []


def _sampled(op: Op, arrays: Sequence[Any], attrs: dict[str, Any], leaf: Callable[[Size], int]) -> Any:
    """The result of the kernel for arrays of the given shapes."""
    given = {key: evaluate(value, leaf) for key, value in attrs.items()} if attrs else attrs
    if "seed2" in given and (given["seed2"] or op.has_effects):
        given["seed2"] = seeds.THROWAWAY
    error: Exception | None = None
    for fill in (_ones, _identity):
        try:
            samples = [fill(x.dtype, evaluate(x.shape, leaf)) if type(x) is Symbol else x for x in arrays]
            with np.errstate(all="ignore"):
                result = op.kernel(*samples, **given)
        except Exception as e:
            error = error or e
            continue
        if type(result) is tuple:
            return tuple([np.asarray(r) for r in result])
        return np.asarray(result)
    samples = [_ones(x.dtype, evaluate(x.shape, leaf)) if type(x) is Symbol else x for x in arrays]
    return op.recover(error, samples, given)  # type: ignore[arg-type]


def _ones(dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
    if dtype.kind == "O":
        one: Any = np.empty((), object)
        one[()] = b"1"
    elif dtype.kind in "iu":
        one = np.zeros((), dtype)  # valid as an index
    else:
        one = np.ones((), dtype)
    return np.broadcast_to(one, shape)


def _identity(dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
    """Matrices that can be inverted and decomposed; where there are no matrices, ones, also of integers."""
    if len(shape) < 2 or dtype.kind in "Oiub":
        return _ones(dtype, shape) if dtype.kind == "O" else np.broadcast_to(np.ones((), dtype), shape)
    return np.broadcast_to(np.eye(shape[-2], shape[-1], dtype=dtype), shape)


_SMALL = 64


def partial_value(op: Op, arrays: Sequence[Any], attrs: dict[str, Any]) -> np.ndarray | None:
    """The result of an op on small integers, some of which are sizes: an object array; or, if none is left, of integers."""
    if op.name == "Shape" and arrays[0].shape is not None:
        shape, dtype = arrays[0].shape, attrs.get("out_type", dtypes.int32)._np
        return _known(np.array([*shape, None], object)[:-1], dtype)
    known = []
    for x in arrays:
        if type(x) is Symbol and x.value is None and op.name == "Pack" and x.shape == () and x.dtype.kind in "iu":
            known.append(np.array(Size((x, ()), STAND_IN), object))  # of a shape whose other sizes may be known
        elif type(x) is Symbol:
            if x.value is None:
                return None
            known.append(x.value)
        elif x.dtype.kind in "iu" and x.size <= _SMALL:
            known.append(x.astype(object))
        else:
            return None
    if not known:
        return None
    if op.name == "Cast":
        dtype = attrs["DstT"] if "DstT" in attrs else None
        return _known(known[0], dtype._np) if isinstance(dtype, DType) and dtype._np.kind in "iu" else None
    try:
        result = _unordered(op, known, attrs)
    except Exception:
        try:  # integers that are indices must not be objects
            result = _unordered(op, [k if type(x) is Symbol else x for k, x in zip(known, arrays, strict=True)], attrs)
        except Exception:
            return None
    if type(result) is tuple or np.asarray(result).dtype.kind not in "Oiu":
        return None
    result = np.asarray(result, object)
    if not all(type(x) is int for x in result.flat):
        return _known(result, result.dtype)
    specs, _, _ = infer(op, arrays, attrs)
    return result.astype(specs[0].dtype)


def _unordered(op: Op, arrays: Sequence[np.ndarray], attrs: dict[str, Any]) -> Any:
    """The result of an op on objects, some of which are sizes, which it must not compare."""
    Size.is_ordered = False
    try:
        return op.kernel(*arrays, **attrs)
    finally:
        Size.is_ordered = True


def likely_value(symbol: Symbol, value: np.ndarray) -> np.ndarray | None:
    """A few integers that are known only later, but are probably what they are now."""
    if value.dtype.kind not in "iu" or value.size > _SMALL:
        return None
    sizes = np.empty(value.shape, object)
    for index, x in np.ndenumerate(value):
        sizes[index] = Size((symbol, index), int(x))
    return sizes


def _known(value: np.ndarray, dtype: np.dtype) -> np.ndarray | None:
    elements = value.reshape(-1).tolist()
    if all(type(x) is int for x in elements):
        return value.astype(dtype)
    return value if all(type(x) is int or type(x) is Size for x in elements) else None
