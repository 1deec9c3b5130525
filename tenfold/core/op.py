"""Op: everything the system knows of one operation, and the one way an op runs."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

import numpy as np

from tenfold.core import dtypes, errors
from tenfold.core.context import recorders, traced_graph
from tenfold.core.dtypes import DType
from tenfold.core.ragged_array import RaggedArray
from tenfold.core.symbol import Size, Symbol, sizes_in
from tenfold.core.tensor import Tensor, as_array, wrap
from tenfold.core.tracebacks import is_traceback_filtering_enabled

REGISTRY: dict[str, Op] = {}
_new = Tensor.__new__
_ndarray = np.ndarray


class NotDifferentiable:
    """Stands in place of a gradient rule, and says why there is none."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason


def undefined_gradient(name: str, has_outputs: bool = False) -> Callable[..., NoReturn]:
    """The rule of an op, of one output or several, that depends smoothly on its inputs, but has no gradient, in TensorFlow as here."""

    def rule(dy: Any) -> NoReturn:
        raise LookupError(f"gradient registry has no entry for: {name}")

    def rule_of_outputs(dys: Any) -> NoReturn:
        rule(dys)

    return rule_of_outputs if has_outputs else rule


class Op:
    """One operation under TensorFlow's raw op name.

    Args:
      name: the raw op name, `"MatMul"`.
      kernel: function of arrays. Its positional parameters are the op's tensor inputs under TensorFlow's names
        (`*values` for a list of tensors), its keyword-only parameters are the attributes with TensorFlow's defaults.
        It returns an array (or a NumPy scalar), or a tuple of arrays for an op of several outputs. It never writes to
        its inputs; it may return a view of one. It raises ValueError or an error of `tf.errors` for bad values.
      vjp: the gradient: one rule for all inputs, a tuple with one rule (or None) per input, or `NotDifferentiable`.
        A rule is given what its parameters name: first `dy`, the gradient of the output (`dys`, a tuple, if the op has
        several outputs; zeros where nothing flows); then inputs by name; `out` or `outs`; `watched` (of a rule for all inputs: for each of them, whether
        a gradient may be wanted); `<input>_shape` (a tuple) and `<input>_dtype`, which keep no
        array alive (lists of them for `*values`); attributes by name, or `attrs`, a dict of those
        that this run was given. It is written with public functions, so that it can be differentiated again.
        A rule for one input returns its gradient or None; a rule for all inputs of an op with several returns one
        gradient or None for each. The rules of a tuple run only where the gradient is wanted.
      host: names of keyword-only parameters that are tensors in TensorFlow's raw op (`axis`, `shape`, `perm`) and plain
        Python values here.
      types: the DTypes that the first input may have, or None where the kernel decides. Checked by `require`.
      outputs: names of several outputs, which then come as a namedtuple; without names they come as a list.
      raw: the raw op as a function, where its arguments are not the kernel's.
      infer: the dtype and shape of the result for symbols, where running the kernel on a sample would be slow or say
        nothing: takes what the kernel takes, returns a `symbol.Spec`, a list of them, or None
        where it takes samples after all.
      lower: how the compiler makes machine code of it: `lower(b, *operands, **attrs)` writes primitives with a
        `compiler.builder.Builder` and returns its value, or a list of them for several results; or the name of the one
        primitive that it is. Raises `NotLowered` for what it cannot do; without it, the op runs on NumPy in a graph too.
        With `lowers_elements`, it takes values of the program in place of attributes that are elements of tensors; with
        `lowers_stacks`, it takes and returns stacks for what loops keep, and a value for how many rows such a stack has. What
        `runs_graph` is worth a native call of its own.
      by_count: for an op with as many rows in its result as data say: an op that counts them, of some of the same inputs, and one of all inputs
        that is told their number as `num_segments`. Graphs run these in its place, to have machine code of the second.
      expand: for an op that TensorFlow does not have, the same as a function of public ops, which is written to its files.
      bound: takes what the kernel takes, with anything of their dtypes and shapes for arrays; returns a function of such arrays
        that does what the kernel does, with fewer layers, or None.
      rows: where the rows of the result are, by those of the operands (`row_rules`), for requests that are served together; what is computed
        element by element needs no rule.
    """

    has_effects = False
    lowers_elements = lowers_stacks = runs_graph = False

    __slots__ = (
        "name",
        "kernel",
        "vjp",
        "host",
        "inputs",
        "attrs",
        "is_variadic",
        "has_outputs",
        "saves",
        "keep",
        "types",
        "accepts",
        "outputs",
        "raw",
        "infer",
        "lower",
        "by_count",
        "expand",
        "bound",
        "rows",
        "_pack",
    )

    def __init__(
        self,
        name: str,
        kernel: Callable[..., Any],
        *,
        vjp: Callable[..., Any] | tuple[Callable[..., Any] | None, ...] | NotDifferentiable,
        host: tuple[str, ...] = (),
        types: Iterable[DType] | None = None,
        inputs: tuple[str, ...] | None = None,
        outputs: tuple[str, ...] = (),
        raw: Callable[..., Any] | None = None,
        infer: Callable[..., Any] | None = None,
        lower: Callable[..., Any] | str | None = None,
        by_count: tuple[Op, Op] | None = None,
        expand: Callable[..., Any] | None = None,
        bound: Callable[..., Callable[..., Any] | None] | None = None,
        rows: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        self.infer, self.lower, self.by_count = infer, lower, by_count
        self.expand, self.bound, self.rows = expand, bound, rows
        self.name, self.kernel, self.vjp, self.host, self.outputs, self.raw = name, kernel, vjp, host, outputs, raw
        self._pack: Callable[[tuple[Tensor, ...]], Any] = self._first_pack if outputs else list
        self.types = None if types is None else frozenset(types)
        # NumPy's dtypes among them; those of ml_dtypes are added when one is first seen
        self.accepts = {t._np for t in self.types if not t._kind.startswith("narrow")} if self.types else set()
        self.inputs: tuple[str, ...]
        self.attrs: tuple[str, ...]
        code = getattr(kernel, "__code__", None)
        if code is None:  # a NumPy ufunc
            errors.internal_check(inputs is not None, f"op {name}: the inputs of {kernel!r} must be named")
            self.inputs, self.attrs, self.is_variadic = inputs or (), (), False
        else:
            names, count = code.co_varnames, code.co_argcount
            self.attrs = names[count : count + code.co_kwonlyargcount]
            self.is_variadic = bool(code.co_flags & 0x04)
            self.inputs = names[:count]
            if self.is_variadic:
                self.inputs += (names[count + code.co_kwonlyargcount],)
        rules = vjp if type(vjp) is tuple else (vjp,)
        self.has_outputs = False  # whether the gradients take `dys`, those of a tuple of outputs, be it a tuple of one
        self.saves = tuple(self._plan(rule) for rule in rules) if not isinstance(vjp, NotDifferentiable) else ()
        self.keep: Callable[..., Any] | None = None  # what records a run; made by autodiff when the op first needs it

    def _first_pack(self, outputs: tuple[Tensor, ...]) -> Any:
        # Making the class costs more than a hundred ops: not at import.
        self._pack = namedtuple(self.name, self.outputs)._make  # type: ignore[attr-defined]  # its names are not literals
        return self._pack(outputs)

    def _plan(self, rule: Any) -> tuple[tuple[str, Any], ...] | None:
        """What a gradient rule asks for, as pairs of a kind and an index or a name."""
        if rule is None:
            return None
        code = rule.__code__
        plan: list[tuple[str, Any]] = []
        names = code.co_varnames[: code.co_argcount]
        errors.internal_check(
            names[:1] in (("dy",), ("dys",)) and not code.co_kwonlyargcount,
            f"op {self.name}: the parameters of a gradient are positional, and the first is dy or dys",
        )
        self.has_outputs = names[0] == "dys"
        for name in names[1:]:
            base, _, kind = name.rpartition("_")
            if name in ("out", "outs", "attrs", "watched"):
                plan.append((name, None))
            elif name in self.attrs:
                plan.append(("attr", name))
            elif name.rstrip("_") in self.inputs:  # an input called dy is asked for as `dy_`
                index = self.inputs.index(name.rstrip("_"))
                is_rest = self.is_variadic and index == len(self.inputs) - 1
                plan.append(("rest" if is_rest else "input", index))
            else:
                known = kind in ("shape", "dtype") and base in self.inputs
                errors.internal_check(known, f"op {self.name}: its gradient asks for {name!r}, which it does not have")
                index = self.inputs.index(base)
                is_rest = self.is_variadic and index == len(self.inputs) - 1
                plan.append((f"rest {kind}" if is_rest else kind, index))
        return tuple(plan)

    def __call__(self, *inputs: Tensor, **attrs: Any) -> Any:
        """Runs the op on tensors; attributes that are not given take the kernel's defaults."""
        arrays = [x._array for x in inputs]
        try:
            result = self.kernel(*arrays, **attrs)
        except Exception as error:
            for x in arrays:
                if type(x) is RaggedArray:
                    return x.run(self, inputs, attrs)
            result = self.recover(error, arrays, attrs)
        if type(result) is tuple:
            if Symbol in map(type, result):
                result = self._entered(result, arrays, attrs)
            outputs = tuple([wrap(x if type(x) is _ndarray else as_array(x)) for x in result])
            if self.saves:
                for recorder in recorders():
                    recorder.record(self, inputs, attrs, outputs)
            return self._pack(outputs)
        out = _new(Tensor)
        if type(result) is not _ndarray:
            if type(result) is RaggedArray:
                return result.run(self, inputs, attrs)
            result = self._entered(result, arrays, attrs) if type(result) is Symbol else np.asarray(result)
        out._array = result
        out._node = None
        if self.saves:
            for recorder in recorders():
                recorder.record(self, inputs, attrs, (out,))
        return out

    def _entered(self, result: Any, arrays: list[np.ndarray], attrs: dict[str, Any]) -> Any:
        """What becomes of an op whose kernel handed a symbol through: it enters the graph, as its gradient may be another."""
        for x in result if type(result) is tuple else (result,):
            if type(x) is Symbol and any(x is array for array in arrays):
                return graph_of(x).add(self, arrays, attrs)
        return result

    def recover(self, error: Exception, arrays: list[np.ndarray], attrs: dict[str, Any]) -> Any:
        """What becomes of an op whose kernel failed: on symbols, it enters their graph; where floating-point traps
        stopped it, it runs again without; else TensorFlow's error is raised.
        """
        for source in (*arrays, *sizes_in(list(attrs.values()))):
            symbol = source.source[0] if type(source) is Size else source
            if type(symbol) is Symbol:
                return graph_of(symbol).add(self, arrays, attrs)
        if isinstance(error, (FloatingPointError, RuntimeWarning)):
            try:
                with np.errstate(all="ignore"):
                    return self.kernel(*arrays, **attrs)
            except Exception as second:
                error = second
        failure = self._failure(error, arrays)
        if failure is not None and is_traceback_filtering_enabled():
            raise failure.with_traceback(None) from None
        if failure is None or failure is error:
            raise error
        raise failure from error

    def _failure(self, error: Exception, arrays: list[np.ndarray]) -> errors.OpError | None:
        """TensorFlow's error for one that a kernel raised; None where it is a bug of the kernel."""
        if isinstance(error, errors.OpError):
            return error
        shapes = ", ".join(f"{_name_of(a)} {a.shape}" for a in arrays)
        if isinstance(error, (ValueError, IndexError)):
            text = f"{self.name}: {str(error).strip()}; inputs are {shapes}."
            return errors.InvalidArgumentError(None, None, text)
        if isinstance(error, MemoryError):
            reason = f"out of memory: {error}".rstrip(": .")
            return errors.ResourceExhaustedError(None, None, f"{self.name}: {reason}; inputs are {shapes}.")
        return None

    def require(self, *arrays: np.ndarray) -> None:
        """Checks that all arrays have one dtype, and one that the op works with.

        Raises:
          tf.errors.InvalidArgumentError: they have not.
        """
        first = arrays[0].dtype
        for array in arrays[1:]:
            if array.dtype is not first and array.dtype != first:
                raise_types(self, arrays)
        if self.types is not None and first not in self.accepts:
            if dtypes.from_numpy(first) not in self.types:
                raise_types(self, arrays)
            self.accepts.add(first)


class StatefulOp(Op):
    """An op that gives another result each time, like a random one: a graph runs it at every call, also without operands."""

    __slots__ = ()
    has_effects = True

    def __call__(self, *inputs: Tensor, **attrs: Any) -> Any:
        graph = traced_graph()
        if graph is None:
            return super().__call__(*inputs, **attrs)
        if "seed2" in attrs and graph.renews_seeds:
            attrs["seed2"] = type(attrs["seed2"])(attrs["seed2"])  # each node has a stream of its own
        result = graph.add(self, [x._array for x in inputs], attrs)
        outputs = (wrap(result),) if type(result) is Symbol else tuple([wrap(x) for x in result])
        record(self, inputs, attrs, outputs)
        return outputs[0] if type(result) is Symbol else self._pack(outputs)


def graph_of(symbol: Symbol) -> Any:
    """The graph that an op on a symbol is entered into: the one being traced, which the symbol's own may be outside of.

    Raises:
      TypeError: none is.
    """
    graph = traced_graph()
    if graph is None:
        raise TypeError(
            f"A tensor {repr(symbol.name) + ' ' if symbol.name else ''}of shape {symbol.static_shape} was made while "
            f"{symbol.graph.name!r} was traced, and is out of scope here. Return it from that function, or keep it in a tf.Variable."
        )
    return graph


def raise_types(op: Op, arrays: Sequence[np.ndarray]) -> NoReturn:
    """Raises the error for inputs whose dtypes the op cannot work with."""
    raise wrong_type(_about_types(op, [_TYPE_WORDS.get(_name_of(a), _name_of(a)) for a in arrays]))


def wrong_type(text: str) -> Exception:
    """The error for a dtype that an op cannot work with: a TypeError while a function is traced."""
    return TypeError(text) if traced_graph() is not None else errors.InvalidArgumentError(None, None, text)


def _about_types(op: Op, names: list[str]) -> str:
    for i, name in enumerate(names[1:], 1):
        if name != names[0]:
            return (
                f"cannot compute {op.name} as input #{i}(zero-based) was expected to be a {names[0]} tensor but is a "
                f"{name} tensor [Op:{op.name}]. Cast one of them with tf.cast."
            )
    allowed = ", ".join(sorted(t.name for t in op.types)) if op.types else "others"
    return f"Value for attr 'T' of {names[0]} is not in the list of allowed values: {allowed} [Op:{op.name}]."


_TYPE_WORDS = {"float32": "float", "float64": "double", "float16": "half"}  # what TensorFlow's errors call them


def _name_of(array: np.ndarray) -> str:
    found = dtypes.from_numpy(array.dtype)
    return found.name if found else str(array.dtype)


def record(op: Op, inputs: tuple[Tensor, ...], attrs: dict[str, Any], outputs: tuple[Tensor, ...]) -> None:
    """Shows a run op to the recorders of this thread."""
    if op.saves:
        for recorder in recorders():
            recorder.record(op, inputs, attrs, outputs)


def finish(op: Op, result: np.ndarray, inputs: tuple[Tensor, ...], attrs: dict[str, Any]) -> Tensor:
    """The tensor of an op's only result, recorded: for functions that ran the kernel themselves, to be quick."""
    out = _new(Tensor)
    out._array = result
    out._node = None
    if recorders():
        record(op, inputs, attrs, (out,))
    return out


def register(op: Op) -> Op:
    """Enters an op into the registry, from which `tf.raw_ops` and the tests by rule are made."""
    errors.internal_check(op.name not in REGISTRY, f"op {op.name} is registered twice")
    REGISTRY[op.name] = op
    return op
