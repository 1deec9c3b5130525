"""GradientTape: records what runs, and plays it back for gradients."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Any

import numpy as np

from tenfold.core import nest
from tenfold.core.context import context
from tenfold.core.convert import convert
from tenfold.core.dtypes import as_dtype
from tenfold.core.indexed_slices import IndexedSlices
from tenfold.core.op import Op, saved_for
from tenfold.core.tensor import Node, Tensor, wrap
from tenfold.core.variable import Variable
from tenfold.ops.elementwise import add


class UnconnectedGradients(enum.Enum):
    """What a gradient is where the target does not depend on the source.

    Example:
      >>> x, y = tf.constant(1.0), tf.constant(2.0)
      >>> with tf.GradientTape() as tape:
      ...     tape.watch(x)
      >>> print(tape.gradient(y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO).numpy())
      0.0
    """

    NONE = "none"
    ZERO = "zero"


class Record:
    """One op that ran: its gradient rules, and what they will need."""

    __slots__ = ("op", "sources", "results", "saved", "specs")

    def __init__(
        self, op: Op, sources: list[Node | None], results: list[Node | None], saved: list, specs: list | None
    ) -> None:
        self.op, self.sources, self.results, self.saved, self.specs = op, sources, results, saved, specs

    def pull(self, gradients: list, wanted: set[Node]) -> Sequence:
        """The gradients of the inputs, from those of the outputs."""
        if self.specs is None:
            dy = gradients[0]
        else:
            dy = tuple(
                wrap(np.zeros(*spec)) if g is None else dense(g) for g, spec in zip(gradients, self.specs, strict=True)
            )
        if type(dy) is IndexedSlices:
            dy = dense(dy)
        vjp = self.op.vjp
        if type(vjp) is tuple:
            return [
                rule(dy, *saved) if saved is not None and source in wanted else None
                for rule, saved, source in zip(vjp, self.saved, self.sources, strict=False)
            ]
        result = vjp(dy, *self.saved[0])
        return result if type(result) in (tuple, list) else (result,)


class GradientTape:
    """Records the ops that run inside its `with` block, for automatic differentiation.

    Trainable variables are watched when they are read; tensors when `watch` is called on them.

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

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watches_variables = watch_accessed_variables
        self._is_recording = False
        self._start()

    def _start(self) -> None:
        self._nodes: set[Node] = set()
        self._records: list[Record] | None = []
        self._variables: dict[int, Variable] = {}

    def __enter__(self) -> GradientTape:
        if self._is_recording:
            raise ValueError("Tape is still recording, This can happen if you try to re-enter an already-active tape.")
        if self._records is None:
            self._start()
        self._push()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._is_recording:
            self._pop()

    def _push(self) -> None:
        context.recorders += (self,)
        self._is_recording = True

    def _pop(self) -> None:
        context.recorders = tuple(r for r in context.recorders if r is not self)
        self._is_recording = False

    # What the ops call.

    def record(self, op: Op, inputs: tuple, attrs: dict, outputs: tuple) -> None:
        nodes = self._nodes
        sources = [x._node for x in inputs]
        is_watched = False
        for i, node in enumerate(sources):
            if node is not None:
                if node in nodes:
                    is_watched = True
                else:
                    sources[i] = None
        if not is_watched:
            return
        results: list[Node | None] = []
        for out in outputs:
            if out._array.dtype.kind in "fcV":
                node = out._node
                if node is None:
                    node = out._node = Node()
                nodes.add(node)
                results.append(node)
            else:
                results.append(None)
        if type(op.vjp) is tuple:
            saved = [
                None if plan is None or source is None else saved_for(op, plan, inputs, attrs, outputs)
                for plan, source in zip(op.saves, sources, strict=False)
            ]
        else:
            saved = [saved_for(op, op.saves[0], inputs, attrs, outputs)]
        specs = [(x._array.shape, x._array.dtype) for x in outputs] if op.has_outputs else None
        self._records.append(Record(op, sources, results, saved, specs))  # type: ignore[union-attr]

    def variable_read(self, variable: Variable) -> None:
        if self._watches_variables and variable.trainable:
            self._nodes.add(variable._node)
            self._variables[id(variable)] = variable

    # What users call.

    def watch(self, tensor: Any) -> None:
        """Asks for `tensor`, a tensor, variable or structure of them, to be differentiable.

        Raises:
          ValueError: something in it is neither a tensor nor a variable.
        """
        for item in nest.flatten(tensor):
            if isinstance(item, Variable):
                self._nodes.add(item._node)
                self._variables[id(item)] = item
            elif isinstance(item, Tensor):
                if item._array.dtype.kind in "fcV":
                    if item._node is None:
                        item._node = Node()
                    self._nodes.add(item._node)
            else:
                raise ValueError(f"Passed in object {item!r} of type {type(item).__name__!r}, not tf.Tensor or tf.Variable.")

    def watched_variables(self) -> tuple[Variable, ...]:
        """The variables that the tape watches, in the order in which they were first read."""
        return tuple(self._variables.values())

    def stop_recording(self) -> _Stopped:
        """A context manager inside which nothing is recorded on this tape.

        Raises:
          ValueError: the tape is not recording.
        """
        if not self._is_recording:
            raise ValueError("Tape is not recording.")
        return _Stopped(self)

    def reset(self) -> None:
        """Forgets everything recorded and watched."""
        self._start()

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
          RuntimeError: a tape that is not persistent is used a second time, or inside its own block with records on it.
          ValueError: `unconnected_gradients` is neither "none" nor "zero".
        """
        if self._records is None:
            raise RuntimeError(
                "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)"
            )
        unconnected = UnconnectedGradients(unconnected_gradients)
        if self._is_recording and not self._persistent:
            self._pop()
        flat_targets, flat_sources = nest.flatten(target), nest.flatten(sources)
        seeds: dict[Node, Any] = {}
        flat_seeds = [None] * len(flat_targets) if output_gradients is None else nest.flatten(output_gradients)
        for item, seed in zip(flat_targets, flat_seeds, strict=True):
            if isinstance(item, Variable):
                item = item._value
            elif isinstance(item, IndexedSlices):
                item = item.values
            node = getattr(item, "_node", None)
            if node is None or item._array.dtype.kind not in "fcV":
                continue
            if seed is None:
                seed = wrap(np.ones(item._array.shape, item._array.dtype))
            else:
                seed = convert(seed, item.dtype)
            _accumulate(seeds, node, seed)
        wanted = {source._node for source in flat_sources if getattr(source, "_node", None) is not None}
        records = self._records
        if not self._persistent:
            self._records = None
        gradients = _backward(records, seeds, wanted, keep=self._persistent)
        results = []
        for source in flat_sources:
            if not isinstance(source, (Tensor, Variable)):
                raise ValueError(f"tape.gradient: source {source!r} is neither a tf.Tensor nor a tf.Variable.")
            gradient = gradients.get(source._node) if source._node in self._nodes else None
            if gradient is None and unconnected is UnconnectedGradients.ZERO:
                gradient = wrap(np.zeros(source.shape.as_list(), as_dtype(source.dtype)._np))
            results.append(gradient)
        return nest.pack_sequence_as(sources, results)


class _Stopped:
    __slots__ = ("_tape",)

    def __init__(self, tape: GradientTape) -> None:
        self._tape = tape

    def __enter__(self) -> None:
        self._tape._pop()

    def __exit__(self, *exc: object) -> None:
        self._tape._push()


def _backward(records: list[Record], seeds: dict[Node, Any], sources: set[Node], keep: bool) -> dict[Node, Any]:
    """Plays the records back from `seeds`; only what lies between them and `sources` is computed."""
    wanted = set(sources)
    path: list[Record] = []
    for record in records:
        for node in record.sources:
            if node in wanted:
                wanted.update(node for node in record.results if node is not None)
                path.append(record)
                break
    if not keep:
        records.clear()  # so that each record's arrays go as soon as it has been played
    gradients = dict(seeds)
    while path:
        record = path.pop()
        upstream = []
        is_reached = False
        for node in record.results:
            # A result is done with, unless it is asked for itself.
            g = gradients.get(node) if node in sources else gradients.pop(node, None)
            is_reached = is_reached or g is not None
            upstream.append(g)
        if is_reached:
            for node, g in zip(record.sources, record.pull(upstream, wanted), strict=True):
                if g is not None and node in wanted:
                    _accumulate(gradients, node, g)
    return gradients


def _accumulate(gradients: dict[Node, Any], node: Node, g: Any) -> None:
    known = gradients.get(node)
    if known is None:
        gradients[node] = g
    elif type(known) is Tensor and type(g) is Tensor:
        gradients[node] = add(known, g)
    elif type(known) is IndexedSlices and type(g) is IndexedSlices:
        gradients[node] = known.joined(g)
    else:
        gradients[node] = add(dense(known), dense(g))


def dense(g: Any) -> Tensor:
    """A gradient as a tensor: `IndexedSlices` are summed into zeros."""
    return g if type(g) is Tensor else convert(g)
