"""GradientTape: records what runs, and plays it back for gradients."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any

from tenfold.autodiff.backward import dense, path_between, pull_back
from tenfold.autodiff.endpoints import UnconnectedGradients, as_gradient_of, node_of, seeds, unit
from tenfold.autodiff.recording import Record, Recording
from tenfold.core import nest
from tenfold.core.context import Recorder, recorders, set_recorders
from tenfold.core.convert import convert
from tenfold.core.dtypes import is_differentiable
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.symbol import Size, may_equal
from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.ops import array as array_ops
from tenfold.ops import creation, join, ranges

_NONE = UnconnectedGradients.NONE
_OFTEN = 64  # times, after which a gradient that is asked for once more gets a program: making one takes as long
_MOST_COMPILED = 128  # programs in a process that are machine code
_compiled = [0]  # how many there are


class GradientTape(Recording):
    """Records the ops that run inside its `with` block, for automatic differentiation.

    Trainable variables are watched when they are read; tensors when `watch` is called on them. Tapes nest: what one
    computes as a gradient, another around it records.

    Args:
      persistent: whether gradients may be asked for more than once; the records then stay until the tape goes.
      watch_accessed_variables: whether variables are watched without asking.

    Example:
      >>> x = tf.Variable(3.0)
      >>> with tf.GradientTape() as tape:
      ...     y = x * x
      >>> print(tape.gradient(y, x).numpy())
      6.0
    """

    _is_recording = False
    _variables: dict[int, Variable] = {}  # replaced when a block begins

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watches_variables = watch_accessed_variables

    def _start(self, active: Sequence[Recorder]) -> None:
        self._begin({}, active)
        self._variables = {}
        self._roots: set[int] = set()  # those of the nodes that were asked for

    def __enter__(self) -> GradientTape:
        if self._is_recording:
            raise ValueError("Tape is still recording, This can happen if you try to re-enter an already-active tape.")
        active = recorders()
        if self._last is None:
            self._start(active)
        set_recorders((*active, self))
        self._is_recording = True
        return self

    def __exit__(self, *exc: object) -> None:
        if self._is_recording:
            self._pop()

    def _pop(self) -> None:
        if not self._is_recording:
            raise ValueError("Tape is not recording.")
        active = recorders()
        set_recorders(active[:-1] if active and active[-1] is self else tuple([r for r in active if r is not self]))
        self._is_recording = False

    # What the ops call.

    def variable_read(self, variable: Variable) -> None:
        node = variable._node
        if node not in self._variables and self._watches_variables and variable.trainable:
            self._variables[node] = variable
            if is_differentiable(variable._value._array.dtype):
                self._nodes.setdefault(node, len(self._nodes))
                self._roots.add(node)

    def _watch(self, tensor: Tensor) -> None:
        node = self.watched(tensor)
        if node is not None:
            self._roots.add(node)

    # What users call.

    def watch(self, tensor: Any) -> None:
        """Asks for `tensor`, a tensor, variable or structure of them, to be differentiable.

        Raises:
          ValueError: something in it is neither a tensor nor a variable.
        """
        if self._last is None:
            self._start(recorders())
        for item in nest.flatten(tensor, expand_composites=True):
            if isinstance(item, Variable):
                _warn_unless_floating(item._value)
                self._variables[item._node] = item
                self._watch(item._value)
            elif isinstance(item, Tensor):
                _warn_unless_floating(item)
                self._watch(item)
            else:
                raise ValueError(
                    f"Passed in object {item!r} of type {type(item).__name__!r}, not tf.Tensor or tf.Variable or "
                    "ExtensionType."
                )

    def watched_variables(self) -> tuple[Variable, ...]:
        """The variables that the tape watches, in the order in which they were made."""
        return tuple([self._variables[node] for node in sorted(self._variables)])

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """A context manager inside which nothing is recorded on this tape.

        Raises:
          RuntimeError: the tape has never recorded, or its records have been used.
          ValueError: the tape is not recording.
        Example:
          >>> x = tf.Variable(3.0)
          >>> with tf.GradientTape() as tape:
          ...     with tape.stop_recording():
          ...         y = x * x
          >>> print(tape.gradient(y, x))
          None
        """
        if self._last is None:
            raise RuntimeError("Trying to stop recording a tape which is not recording.")
        self._pop()
        try:
            yield
        finally:
            self.__enter__()

    def reset(self) -> None:
        """Forgets everything recorded and watched.

        Raises:
          ValueError: the tape is not recording.
        """
        self._pop()
        self._start(recorders())
        self.__enter__()

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
    ) -> Any:
        """The gradient of `target` with respect to `sources`.

        Args:
          target: tensor, or structure of tensors whose gradients are summed.
          sources: structure of the tensors or variables to differentiate with respect to.
          output_gradients: gradients of the targets, ones by default.
          unconnected_gradients: what stands where `target` does not depend on a source.
        Returns:
          A structure like `sources` of tensors, `tf.IndexedSlices` (from a gather) or None.
        Raises:
          RuntimeError: a tape that is not persistent is used a second time.
          TypeError: a target or source is neither tensor nor variable.
          ValueError: `unconnected_gradients` is unknown, or there are more output gradients than targets.
          tf.errors.InvalidArgumentError: an output gradient has another dtype than its target.
        """
        if self._is_recording or self._last is None:
            self._stop()
        if target is None:
            raise TypeError(
                "Argument `target` should be a list or nested structure of Tensors, Variables or CompositeTensors to be "
                "differentiated, but received None."
            )
        unconnected = UnconnectedGradients(unconnected_gradients) if unconnected_gradients is not _NONE else _NONE
        flat_sources = sources
        try:
            nodes = [s._node for s in sources] if type(sources) is list else None
        except AttributeError:  # there are structures in the list
            nodes = None
        if nodes is None:
            flat_sources = nest.flatten(sources)
            nodes = [node_of(s) for s in flat_sources]
        results = None
        if type(target) is Tensor and output_gradients is None and not recorders():
            results = self._by_program(target, nodes)
        if results is None:
            gradients = seeds(target, output_gradients)
            wanted_of: set = {node for node in nodes if node is not None}
            path, wanted = self.path_to(wanted_of, self._values)
            self._let_go()
            found = pull_back(path, wanted, wanted_of, gradients)
            results = [found.get(node) for node in nodes]  # type: ignore[arg-type]
        else:
            self._let_go()
        for i, source in enumerate(flat_sources):
            if results[i] is None or type(source) is IndexedSlices:
                results[i] = as_gradient_of(source, results[i], unconnected)
        return results if flat_sources is sources else nest.pack_sequence_as(sources, results)

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivatives of every element of `target` with respect to every element of `sources`.

        Args:
          target: tensor.
          sources: structure of the tensors or variables to differentiate with respect to.
          unconnected_gradients: what stands where `target` does not depend on a source.
          parallel_iterations: a hint that does not change the result.
          experimental_use_pfor: if False, the tape must be persistent; this does not change the result.
        Returns:
          A structure like `sources` of tensors of shape `target.shape + source.shape`, or None.
        Raises:
          RuntimeError: a tape that is not persistent is used a second time or without `experimental_use_pfor`.
          ValueError: `unconnected_gradients` is unknown.
        Example:
          >>> x = tf.constant([1.0, 2.0])
          >>> with tf.GradientTape() as tape:
          ...     tape.watch(x)
          ...     y = x * x
          >>> print(tape.jacobian(y, x).numpy())
          [[2. 0.]
           [0. 4.]]
        """
        unconnected = UnconnectedGradients(unconnected_gradients)
        flat_sources = nest.flatten(sources)
        array = (target._value if isinstance(target, Variable) else target)._array
        shape, size = array.shape, prod(array.shape)
        rows = self._rows(
            target,
            flat_sources,
            size,
            lambda i: array_ops.reshape(unit(i, size, array.dtype), shape),
            experimental_use_pfor,
            "jacobian",
        )
        results: list[Tensor | None] = []
        for source, of_source in zip(flat_sources, rows, strict=True):
            whole = (*shape, *convert(source)._array.shape)
            if of_source is not None:
                results.append(array_ops.reshape(of_source, whole))
            elif unconnected is UnconnectedGradients.ZERO or not size:
                results.append(creation.zeros(whole, source.dtype))
            else:
                results.append(None)
        return nest.pack_sequence_as(sources, results)

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Tensor:
        """The Jacobian of each example of a batch, where examples do not depend on each other.

        Args:
          target: tensor, shape `(batch, ...)`.
          source: tensor or variable, shape `(batch, ...)`.
          unconnected_gradients: accepted; unconnected gradients are zeros.
          parallel_iterations: a hint that does not change the result.
          experimental_use_pfor: if False, the tape must be persistent; this does not change the result.
        Returns:
          Tensor, shape `target.shape + source.shape[1:]`.
        Raises:
          RuntimeError: a tape that is not persistent is used a second time or without `experimental_use_pfor`.
          ValueError: target and source have fewer than two axes, or batches of different sizes.
        Example:
          >>> x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
          >>> with tf.GradientTape() as tape:
          ...     tape.watch(x)
          ...     y = x * x
          >>> print(tape.batch_jacobian(y, x)[1].numpy())
          [[6. 0.]
           [0. 8.]]
        """
        UnconnectedGradients(unconnected_gradients)
        target.shape.with_rank_at_least(2), source.shape.with_rank_at_least(2)
        array, source_shape = convert(target)._array, convert(source)._array.shape
        batch, size = array.shape[0], prod(array.shape[1:])
        if not may_equal((batch,), source_shape[:1]):
            raise ValueError(
                f"Need first dimension of target shape ({target.shape}) and source shape ({source.shape}) to match."
            )

        def column(i: Any) -> Tensor:
            return array_ops.reshape(array_ops.broadcast_to(unit(i, size, array.dtype), (batch, size)), array.shape)

        (rows,) = self._rows(target, [source], size, column, experimental_use_pfor, "batch_jacobian")
        whole = (*array.shape, *source_shape[1:])
        if rows is None:
            return creation.zeros(whole, target.dtype)
        return array_ops.reshape(array_ops.transpose(rows, [1, 0, *range(2, rows._array.ndim)]), whole)

    def _stop(self) -> None:
        """Stops recording, for gradients to be computed."""
        if self._last is None:
            raise RuntimeError(_USED)
        if self._is_recording:
            if self._persistent:
                _warn_of_recording_itself()
            else:
                self._pop()

    def _let_go(self) -> None:
        if not self._persistent:
            self._values, self._last = [], None

    def _by_program(self, target: Tensor, nodes: list) -> list | None:
        """Gradients by the program for what was recorded; None where there is none."""
        number = self._nodes.get
        key = (number(target._node), target._array.shape, *map(number, nodes))  # type: ignore[arg-type]
        programs = self._last.gradients  # type: ignore[union-attr]
        program = programs.get(key, 0)
        if type(program) is int:
            is_compiled = not program and _compiled[0] < _MOST_COMPILED and self._is_short_and_large()
            if program < _OFTEN and not is_compiled:
                programs[key] = program + 1
                return None
            _compiled[0] += is_compiled
            program = programs[key] = self._program(target, nodes, is_compiled)
        if program is not None:
            try:
                return program(self._values)
            except Exception:
                programs[key] = None  # the gradient rules say what is wrong
        return None

    def _program(self, target: Tensor, nodes: list, is_compiled: bool) -> Callable[[list[Tensor]], list] | None:
        from tenfold.graph.gradient_program import gradient_program

        return gradient_program(self, target, nodes, is_compiled)

    def path_to(self, sources: set[int], values: Sequence[Tensor]) -> tuple[list[Record], Container[int]]:
        """What `pull_back` needs for gradients of these nodes, given what the rules need."""
        records = self.records(values)
        if self._roots <= sources:  # as in most training: then all that was recorded depends on sources
            return records, self._nodes
        return path_between(records, sources)

    def _rows(
        self,
        target: Any,
        sources: list,
        count: Any,
        seed: Callable[[Any], Tensor],
        is_vectorized: bool,
        what: str,
    ) -> list[Tensor | None]:
        """For each source the gradients of `target` from `count` seeds, or None if it is not connected."""
        if self._last is None:
            raise RuntimeError(_USED)
        if not is_vectorized and not self._persistent:
            raise RuntimeError(
                f"GradientTape must be created with persistent=True to compute the {what} with eager execution enabled "
                "and with experimental_use_pfor set to False."
            )
        self._stop()
        nodes = [node_of(source) for source in sources]
        wanted_of: set = set(nodes)
        wanted_of.discard(None)
        path, wanted = self.path_to(wanted_of, self._values)
        self._let_go()

        def row(i: Any) -> dict:
            return pull_back(path.copy(), wanted, wanted_of, seeds(target, seed(i)))

        def of_sources(found: dict, places: Iterable[int]) -> list[Tensor]:
            zero = UnconnectedGradients.ZERO
            return [dense(as_gradient_of(sources[k], found.get(nodes[k]), zero)) for k in places]  # type: ignore[arg-type]

        if type(count) is Size:  # one loop for any number of rows
            from tenfold.graph.map import map_fn

            known = row(0)
            connected = [k for k, node in enumerate(nodes) if node in known]
            stacks = map_fn(
                lambda i: of_sources(row(i), connected),
                ranges.range(count),
                fn_output_signature=[sources[k].dtype for k in connected],
            )
        else:
            found = [row(i) for i in range(count)]
            connected = [k for k, node in enumerate(nodes) if any(node in x for x in found)]
            rows = [of_sources(x, connected) for x in found]
            stacks = [join.stack(of_one) for of_one in zip(*rows, strict=True)]
        results: list[Tensor | None] = [None] * len(sources)
        for k, stack in zip(connected, stacks, strict=True):
            results[k] = stack
        return results


_USED = "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)"


_warnings: dict[str, int] = {}


def _warn(message: str, at_most: int) -> None:
    """Logs a warning unless it has been logged that often already."""
    count = _warnings[message] = _warnings.get(message, 0) + 1
    if count <= at_most:
        import logging

        logging.getLogger("tenfold").warning(message)


def _warn_unless_floating(tensor: Tensor) -> None:
    if not is_differentiable(tensor._array.dtype):
        _warn(f"The dtype of the watched tensor must be floating (e.g. tf.float32), got {tensor.dtype!r}", 5)


def _warn_of_recording_itself() -> None:
    _warn(
        "Calling GradientTape.gradient on a persistent tape inside its context is significantly less efficient than "
        "calling it outside the context (it causes the gradient ops to be recorded on the tape, leading to increased "
        "CPU and memory usage). Only call GradientTape.gradient inside the context if you actually want to trace the "
        "gradient in order to compute higher order derivatives.",
        1,
    )
