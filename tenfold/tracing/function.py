"""tf.function: a Python function that is traced once for each signature it is called with."""

from __future__ import annotations

import functools
import inspect
import logging
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from tenfold.core import nest
from tenfold.core.config import settings
from tenfold.core.context import traced_graph
from tenfold.core.locks import trace_lock
from tenfold.core.spec import TensorSpec
from tenfold.core.tensor import Tensor
from tenfold.graph import native
from tenfold.graph.graph import Graph
from tenfold.tracing.arguments import Arguments, bound, fitted, of_this_rank, opened
from tenfold.tracing.autograph import conversion, converted
from tenfold.tracing.concrete import ConcreteFunction, filled, sizes_that_differ, trace
from tenfold.tracing.signature import describe, key_of, relaxed, static_shape

_log = logging.getLogger("tenfold")
MAX_TRACES = 256  # of one function; the one used longest ago goes first
_STAND_IN = 3  # for sizes that are not known when a function is traced without a call


class _UntraceableError(Exception):
    """A function failed while it was traced, perhaps because the number of a tensor's axes was not known then."""

    def __init__(self, reason: Exception) -> None:
        self.reason = reason


class Function:
    """What `tf.function` returns: call it like the Python function.

    Attributes:
      python_function: the function that is traced.
      input_signature: the specs it was given, or None.
    """

    def __init__(
        self,
        python_function: Callable[..., Any],
        input_signature: Any = None,
        autograph: bool = True,
        jit_compile: bool | None = None,
        reduce_retracing: bool = False,
        owner: weakref.ref | None = None,
    ) -> None:
        self.python_function = python_function
        self.input_signature = input_signature
        self._options = {
            "input_signature": input_signature, "autograph": autograph, "jit_compile": jit_compile,
            "reduce_retracing": reduce_retracing,
        }  # fmt: skip
        self._autograph, self._reduces, self._owner = autograph, reduce_retracing, owner
        self._name = getattr(python_function, "__name__", type(python_function).__name__).strip("<>")
        self._traces: OrderedDict[Any, ConcreteFunction] = OrderedDict()
        self._known: dict[Any, ConcreteFunction] = {}  # by arguments as they are given, to be found fast
        self._count = 0
        self._is_untraceable = False
        self._has_warned = False
        self._bound: dict[int, tuple[weakref.ref, Function]] = {}
        functools.update_wrapper(self, python_function, updated=())

    # Methods: each instance has traces of its own, which go with it.

    def __get__(self, instance: Any, owner: type | None = None) -> Function:
        if instance is None:
            return self
        known = self._bound.get(id(instance))
        if known is not None and known[0]() is instance:
            return known[1]
        reference = weakref.ref(instance, functools.partial(self._forget, id(instance)))
        bound = Function(self.python_function, owner=reference, **self._options)
        self._bound[id(instance)] = (reference, bound)
        return bound

    def _forget(self, instance_id: int, _: weakref.ref) -> None:
        self._bound.pop(instance_id, None)

    def _callee(self) -> Callable[..., Any]:
        """The Python function as it is called: a method with its instance."""
        function = self.python_function
        if self._owner is None:
            return function
        instance = self._owner()
        if instance is None:
            raise ReferenceError(
                f"tf.function {self._name!r}: the object whose method it is has been deleted. Keep it in a variable as long as its "
                "method is called."
            )
        return function.__get__(instance)

    @functools.cached_property
    def _signature(self) -> inspect.Signature:
        signature = inspect.signature(self.python_function)
        if self._owner is not None:
            signature = signature.replace(parameters=list(signature.parameters.values())[1:])
        return signature

    # Calls.

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if settings.runs_functions_eagerly:
            return self._callee()(*args, **kwargs)
        if self.input_signature is None:
            tensors: list[Tensor] = []
            concrete = self._known.get(_key_of_call(args, kwargs, tensors))
            if concrete is not None and not concrete.graph.fixed:
                return concrete.run(tensors)
            if self._is_untraceable:
                return self._run_eagerly(args, kwargs)
        try:
            concrete, tensors = self._concrete(args, kwargs)
        except _UntraceableError as refusal:
            return self._refused(args, kwargs, refusal.reason)
        return concrete.run(tensors)

    def _run_eagerly(self, args: tuple, kwargs: dict[str, Any]) -> Any:
        positional, keywords, names = self._canonical(args, kwargs)
        arguments = opened(positional, keywords, names)
        given, named = filled(arguments.structure, arguments.tensors)
        return self._callee()(*given, **named)

    def _refused(self, args: tuple, kwargs: dict[str, Any], reason: Exception) -> Any:
        """Runs eagerly what could not be traced; if that fails as well, its error is the one to see."""
        result = self._run_eagerly(args, kwargs)
        self._is_untraceable = True
        _log.warning(
            "tf.function %r cannot be traced, so it runs eagerly, which is slower: the number of axes of a tensor in it is unknown. "
            "Tell it with x.set_shape, or as tf.TensorSpec in Tout of tf.py_function or tf.numpy_function. (%s: %s)",
            self._name, type(reason).__name__, reason,
        )  # fmt: skip
        return result

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> ConcreteFunction:
        """The trace for arguments, of which tensors may be given as `tf.TensorSpec`; without any, for the input signature.

        Raises:
          TypeError, ValueError: the arguments do not fit the function or its input signature.
        """
        if self.input_signature is not None and not args and not kwargs:
            args = tuple(self.input_signature)
        try:
            return self._concrete(args, kwargs)[0]
        except _UntraceableError as refusal:
            raise refusal.reason from None

    def _concrete(self, args: tuple, kwargs: dict[str, Any]) -> tuple[ConcreteFunction, list[Tensor]]:
        """The trace for arguments, made if it is new, and the tensors among them."""
        positional, keywords, names = self._canonical(args, kwargs)
        arguments = opened(positional, keywords, names)
        specs, tensors = arguments.specs, arguments.tensors
        if self.input_signature is not None:
            wanted = [x for spec in self.input_signature for x in _leaves(spec)]
            specs = [of_this_rank(w, s) for w, s in zip(wanted, specs, strict=False)]
        key: Any = (key_of(arguments.key, []), tuple(specs))
        concrete = self._traces.get(key)
        if concrete is not None and concrete.graph.fixed and tensors and sizes_that_differ(concrete.graph, tensors):
            key = (*key, tuple(map(static_shape, tensors)))
            specs = [TensorSpec(static_shape(t), t.dtype, s.name) for s, t in zip(specs, tensors, strict=True)]
            concrete = self._traces.get(key)
        if concrete is None:
            with trace_lock:
                concrete = self._traces.get(key)  # another thread may have made it meanwhile
                if concrete is None and self.input_signature is None and specs:
                    concrete, specs, key = self._of_other_sizes(key, specs, arguments)
                if concrete is None:
                    concrete = self._traced(arguments, specs, names)
                    self._store(key, concrete)
        try:
            self._traces.move_to_end(key)
        except KeyError:  # another thread has dropped it meanwhile
            pass
        if self.input_signature is None and len(tensors) == len(arguments.leaves):
            if len(self._known) >= MAX_TRACES:
                self._known.clear()
            self._known[_key_of_call(args, kwargs, [])] = concrete
        return concrete, tensors

    def _canonical(self, args: tuple, kwargs: dict[str, Any]) -> tuple[tuple, dict[str, Any], list[str]]:
        """Positional and keyword-only arguments with the defaults, as the input signature wants them, and names."""
        try:
            positional, keywords, names = bound(self._signature, args, kwargs)
        except TypeError as error:
            raise TypeError(f"{self._name}(): {error}") from None
        signature = self.input_signature
        if signature is None:
            return positional, keywords, names
        try:
            if (
                len(args) > len(signature)
                or len(signature) > len(positional)
                or set(kwargs) - set(names[: len(signature)])
            ):
                raise TypeError(f"{len(signature)} arguments are in it, of those that the function takes: {names}")
            return fitted(signature, positional), keywords, names
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"Binding inputs to tf.function failed: {self._name} has the input_signature {signature}: {error}. Cast or "
                "reshape the arguments, or widen the signature."
            ) from None

    def _of_other_sizes(
        self, key: tuple, specs: list[TensorSpec], arguments: Arguments
    ) -> tuple[ConcreteFunction | None, list[TensorSpec], tuple]:
        """The trace of most known sizes whose unknown ones these may be; or the specs of a new one, which is for the sizes of the
        last trace, too, if retracing is to be reduced.
        """
        alike = {known: trace for known, trace in self._traces.items() if known[0] == key[0] and len(known) == 2}
        wide = [known for known in alike if describe(known[1], specs, arguments.leaves)]
        if wide:
            best = min(wide, key=lambda known: sum(list(spec.shape).count(None) for spec in known[1]))
            graph = alike[best].graph
            if graph.fixed and arguments.tensors and sizes_that_differ(graph, arguments.tensors):
                return None, specs, key
            return alike[best], specs, best
        if self._reduces and arguments.tensors:
            for known in reversed(alike):
                wider = relaxed(known[1], arguments.tensors)
                if wider is not None:
                    return None, wider, (key[0], tuple(wider))
        return None, specs, key

    def _store(self, key: Any, concrete: ConcreteFunction) -> None:
        self._traces[key] = concrete
        if len(self._traces) > MAX_TRACES:
            self._traces.popitem(last=False)
            self._known.clear()

    def _traced(self, arguments: Arguments, specs: Sequence[TensorSpec], names: Sequence[str]) -> ConcreteFunction:
        function = self._callee()
        if self._autograph:
            function = converted(function, by_user=True)
        native.begin()
        is_first = not self._count
        is_variadic = any(p.kind is p.VAR_POSITIONAL for p in self._signature.parameters.values())
        graph = Graph(self._name, traced_graph())
        try:
            with conversion(self._autograph):
                concrete = trace(function, arguments, specs, graph, names, is_variadic)
                if concrete.graph.created and is_first:  # as in TensorFlow, once more: now the variables are there
                    self._count += 1
                    graph = Graph(self._name, traced_graph())
                    concrete = trace(function, arguments, specs, graph, names, is_variadic)
        except Exception as error:
            if graph.is_vague and graph.outer is None:
                raise _UntraceableError(error) from error
            raise
        if concrete.graph.created:
            variable, line = concrete.graph.created[0]
            raise ValueError(
                "tf.function only supports singleton tf.Variables created on the first call. Make sure the tf.Variable is "
                f"only created once or created outside tf.function. {self._name!r} made "
                f"{variable.name!r} again at {line}: make it outside, or under `if self.v is None`."
            )
        self._count += 1
        self._warn_of_retracing()
        return concrete

    def _warn_of_retracing(self) -> None:
        if self._count < 6 or self._has_warned:
            return
        self._has_warned = True
        signatures = [c.structured_input_signature for c in list(self._traces.values())[-2:]]
        changed = [
            name
            for name, a, b in zip(list(self._signature.parameters), signatures[0][0], signatures[-1][0], strict=False)
            if repr(a) != repr(b)
        ]
        what = f"argument {changed[0]!r} changes" if changed else "its arguments change"
        _log.warning(
            "tf.function %r has been traced %d times: %s from call to call. Pass tensors instead of Python numbers, or give "
            "an input_signature or reduce_retracing=True for changing shapes.",
            self._name, self._count, what,
        )  # fmt: skip

    def explain(self, *args: Any, **kwargs: Any) -> Any:
        """What a call with these arguments runs: the kernels, what was fused into each, and how long each takes.

        The variables stay as they are. The result prints as text, shows as a table in a notebook, and `save(path)` writes a page.

        Example:
          >>> softplus = tf.function(lambda x: tf.math.log(1.0 + tf.exp(x)))
          >>> [kernel.fused for kernel in softplus.explain(tf.zeros([1000])).kernels]
          ['exp, add, log']
        """
        from tenfold.graph.run import specialized
        from tenfold.tracing.explain import explain

        concrete, tensors = self._concrete(args, kwargs)
        arrays = [t._array for t in tensors]
        graph = concrete.graph
        return explain(specialized(graph, arrays) if len(arrays) == len(graph.inputs) else graph, arrays)

    @property
    def concrete_functions(self) -> list[ConcreteFunction]:
        """All traces that are kept, each once."""
        return list(dict.fromkeys(self._traces.values()))

    def experimental_get_tracing_count(self) -> int:
        """How often the function has been traced."""
        return self._count

    def pretty_printed_concrete_signatures(self, verbose: bool = True) -> str:
        """The signatures that have been traced, for people."""
        return "\n\n".join(c.pretty_printed_signature(verbose) for c in self.concrete_functions)

    def experimental_get_compiler_ir(self, *args: Any, **kwargs: Any) -> Any:
        """Not supported.

        Raises:
          NotImplementedError: always.
        """
        raise NotImplementedError(
            "tf.function.experimental_get_compiler_ir: functions are not compiled by XLA, so there is no HLO. `explain(...)` says "
            "which kernels a call runs."
        )

    @property
    def name(self) -> str:
        return self._name

    @property
    def function_spec(self) -> inspect.Signature:
        return self._signature

    def __repr__(self) -> str:
        return f"<tf.function of {self._name!r}>"


def _key_of_call(args: tuple, kwargs: dict[str, Any], tensors: list[Tensor]) -> tuple:
    key = tuple([key_of(x, tensors) for x in args])
    return (key, key_of(kwargs, tensors)) if kwargs else key


def _leaves(spec: Any) -> list[TensorSpec]:
    """The specs of tensors in a spec of an input signature."""
    return [x if isinstance(x, TensorSpec) else y for x in nest.flatten(spec) for y in nest.flatten(x, True)]


def function(
    func: Callable[..., Any] | None = None,
    input_signature: Any = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: str | None = None,
    experimental_autograph_options: Any = None,
    experimental_attributes: Any = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> Any:
    """Makes a function that is traced into a graph when it is called with a new signature, and then runs as that graph.

    Python code in it runs only while it is traced; ops, and `if`, `for` and `while` on tensors, run at each call.

    Args:
      func: the function or method; without it, a decorator is returned.
      input_signature: sequence of `tf.TensorSpec`, one for each argument: the function is traced once, for these.
      autograph: whether Python's control flow on tensors becomes part of the graph.
      jit_compile: accepted; how a graph runs is not chosen by hand here.
      reduce_retracing: whether a shape that differs from an earlier one makes a trace for any size, instead of one for each.
      experimental_implements, experimental_autograph_options, experimental_attributes, experimental_follow_type_hints: accepted;
        they change nothing here.
      experimental_relax_shapes: former name of `reduce_retracing`.
      experimental_compile: former name of `jit_compile`.
    Returns:
      A callable with `get_concrete_function`, `python_function` and `experimental_get_tracing_count`.
    Raises:
      TypeError: `func` is not callable, or `input_signature` holds something else than type specs.
    Example:
      >>> @tf.function
      ... def add(a, b):
      ...     return a + b
      >>> print(add(tf.constant(1), 2).numpy())
      3
    """
    if input_signature is not None:
        for spec in nest.flatten(input_signature, expand_composites=True):
            if not isinstance(spec, TensorSpec):
                raise TypeError(f"tf.function: input_signature must hold tf.TensorSpec only, got {spec!r}.")
        if not isinstance(input_signature, (list, tuple)):
            raise TypeError(f"tf.function: input_signature must be a list or tuple, got {input_signature!r}.")
        input_signature = tuple(input_signature)

    def decorate(python_function: Callable[..., Any]) -> Function:
        if not callable(python_function):
            raise TypeError(f"tf.function: {python_function!r} is not callable; it must be a function or method.")
        return Function(
            python_function,
            input_signature,
            autograph,
            jit_compile if experimental_compile is None else experimental_compile,
            reduce_retracing if experimental_relax_shapes is None else experimental_relax_shapes,
        )

    return decorate if func is None else decorate(func)
