"""Functions that bring their own gradient."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from tenfold.autodiff.endpoints import UnconnectedGradients
from tenfold.autodiff.recording import Recording
from tenfold.autodiff.tape import GradientTape
from tenfold.core import nest
from tenfold.core.context import recorders, set_recorders, traced_graph
from tenfold.core.convert import convert
from tenfold.core.dtypes import is_differentiable
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.tensor import Tensor, wrap
from tenfold.core.variable import Variable


class CustomGradient:
    """Stands in records where an op would: from the gradients of all outputs, `vjp` makes those of all inputs."""

    __slots__ = ("name", "vjp")

    def __init__(self, name: str, vjp: Callable[[tuple[Tensor, ...]], Sequence]) -> None:
        self.name, self.vjp = name, vjp

    def keep(self, inputs: tuple, attrs: dict, outputs: tuple, recording: Recording) -> None:
        sources = [x._node if x._node in recording._nodes else None for x in inputs]
        if any(sources):
            results = tuple([recording.watched(x) for x in outputs])
            specs = [(x._array.shape, x._array.dtype) for x in outputs]
            recording.enter(([sources, self.vjp, ()], results, specs))


class _VariableWatcher:
    """A recorder that notes which trainable variables are read, beside the recorders that are active or alone."""

    is_graph = False

    def __init__(self, is_alone: bool = False) -> None:
        self._is_alone = is_alone
        self.variables: dict[int, Variable] = {}

    def __enter__(self) -> _VariableWatcher:
        self._recorders = recorders()
        kept = [r for r in self._recorders if r.is_graph] if self._is_alone else self._recorders
        set_recorders((*kept, self))
        return self

    def __exit__(self, *exc: object) -> None:
        set_recorders(self._recorders)

    def record(self, op: Any, inputs: tuple, attrs: dict, outputs: tuple) -> None: ...

    def variable_read(self, variable: Variable) -> None:
        if variable.trainable:
            self.variables[variable._node] = variable


def _with_gradient(name: str, result: Any, inputs: Sequence, vjp: Callable[[tuple[Tensor, ...]], Sequence]) -> Any:
    """`result` as the outputs of one op with the gradient `vjp`, whatever computed it."""
    inner = tuple([convert(x) for x in nest.flatten(result)])
    if not recorders():
        return nest.pack_sequence_as(result, [wrap(x._array) for x in inner])
    graph, tensors = traced_graph(), tuple([convert(x) for x in inputs])
    if graph is None:
        outputs = tuple([wrap(x._array) for x in inner])
    else:
        outputs = tuple(graph.with_own_gradient(name, inner, tensors, vjp))
    for recorder in recorders():
        recorder.record(CustomGradient(name, vjp), tensors, {"results": inner}, outputs)
    return nest.pack_sequence_as(result, outputs)


def custom_gradient(f: Callable[..., Any] | None = None) -> Any:
    """Gives a function a gradient of its own.

    Args:
      f: function of tensors that returns its result and a function `grad(*upstream)`: from the gradients of the
        result's tensors it computes those of the arguments. If `f` reads trainable variables that are not arguments,
        `grad` must take a keyword argument `variables` and return a pair: gradients of the arguments and a list of
        gradients of these variables. Keyword arguments of `f` have no gradients.
    Returns:
      A function with the signature of `f` that returns its result only.
    Raises:
      TypeError: (when called) variables are read and `grad` does not take `variables`.
      ValueError: (when differentiated) `grad` returns a wrong number of gradients.
    Example:
      >>> @tf.custom_gradient
      ... def clip_gradient(x):
      ...     return x * 10.0, lambda dy: tf.clip_by_value(dy * 10.0, -1.0, 1.0)
      >>> x = tf.constant(2.0)
      >>> with tf.GradientTape() as tape:
      ...     tape.watch(x)
      ...     y = clip_gradient(x)
      >>> print(tape.gradient(y, x).numpy())
      1.0
    """
    if f is None:
        return custom_gradient

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        with _VariableWatcher() as watcher:
            result, grad = f(*args, **kwargs)
        arguments = nest.flatten(args)
        given = {id(x) for x in arguments + nest.flatten(kwargs)}
        variables = [v for v in watcher.variables.values() if id(v) not in given]
        if variables and not _takes_variables(grad):
            raise TypeError(
                "@tf.custom_gradient grad_fn must accept keyword argument 'variables', since function uses variables: "
                f"{variables}"
            )

        def vjp(dys: tuple[Tensor, ...]) -> list:
            if variables:
                of_arguments, of_variables = grad(*dys, variables=variables)
                if len(of_variables) != len(variables):
                    raise ValueError("Must return gradient for each variable from @custom_gradient grad_fn.")
            else:
                of_arguments, of_variables = grad(*dys), []
            gradients = nest.flatten(of_arguments)
            if len(gradients) != len(arguments):
                raise ValueError(
                    f"custom_gradient function expected to return {len(arguments)} gradients, but returned "
                    f"{len(gradients)} instead."
                )
            return [g if g is None or type(g) is IndexedSlices else convert(g) for g in [*gradients, *of_variables]]

        return _with_gradient(_name_of(f), result, arguments + variables, vjp)

    return decorated


def _takes_variables(grad: Callable) -> bool:
    parameters = inspect.signature(grad).parameters
    return "variables" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _name_of(f: Callable) -> str:
    return getattr(f, "__name__", type(f).__name__)


def recompute_grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """Makes a function that keeps nothing for its gradient but its arguments, and runs again when that is asked for.

    Args:
      f: function of tensors that returns a tensor or a sequence of them; variables that it reads get gradients too.
    Returns:
      A function with the signature of `f`; `f` itself is its attribute `__wrapped__`.
    Example:
      >>> cube = tf.recompute_grad(lambda x: x * x * x)
      >>> x = tf.Variable(2.0)
      >>> with tf.GradientTape() as tape:
      ...     y = cube(x)
      >>> print(tape.gradient(y, x).numpy())
      12.0
    """

    def recomputed(*args: Any, **kwargs: Any) -> Any:
        with _VariableWatcher(is_alone=True) as watcher:
            result = f(*args, **kwargs)
        arguments = nest.flatten(args)
        given = {id(x) for x in arguments}
        variables = [v for v in watcher.variables.values() if id(v) not in given]

        def vjp(dys: tuple[Tensor, ...]) -> list:
            fresh = [_identity(x) if isinstance(x, (Tensor, Variable)) else x for x in arguments]
            watched = [x for x in fresh if isinstance(x, Tensor) and is_differentiable(x._array.dtype)] + variables
            with GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(watched)
                again = f(*nest.pack_sequence_as(args, fresh), **kwargs)
            found = tape.gradient(again, watched, dys, UnconnectedGradients.ZERO)
            by_source = {id(x): g for x, g in zip(watched, found, strict=True)}
            return [by_source.get(id(x)) for x in fresh + variables]

        return _with_gradient(_name_of(f), result, arguments + variables, vjp)

    functools.update_wrapper(recomputed, f, updated=())
    return recomputed


def _identity(x: Tensor | Variable) -> Tensor:
    """The same value as a tensor of its own, so that a tape that watches it does not see what made it."""
    return _with_gradient("Identity", wrap(convert(x)._array), [x], lambda dys: dys)


def grad_pass_through(f: Callable[..., Any]) -> Callable[..., Any]:
    """Makes a function that computes `f` and has the gradient of the identity.

    Args:
      f: function that returns a tensor of its argument's shape.
    Example:
      >>> x = tf.Variable(2.6)
      >>> with tf.GradientTape() as tape:
      ...     y = tf.grad_pass_through(tf.round)(x)
      >>> print(y.numpy(), tape.gradient(y, x).numpy())
      3.0 1.0
    """

    @custom_gradient
    def passing(*args: Any, **kwargs: Any) -> Any:
        def grad(*dys: Tensor, variables: Sequence[Variable] | None = None) -> Any:
            return dys if variables is None else (dys, [None] * len(variables))

        return f(*args, **kwargs), grad

    functools.update_wrapper(passing, f, updated=())
    return passing
