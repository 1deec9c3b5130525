"""The global random state: the global seed, the op seeds drawn from it, and how far each op's stream is used up.

A stateful random op has two seed attributes. TensorFlow keeps one kernel for all eager calls with the same attributes, and the
kernel's stream goes on from call to call: so `tf.random.normal([3], seed=1)` gives other numbers the second time. `set_seed`
throws the kernels away. The same is kept here: a position per op and attributes.
"""

from __future__ import annotations

import os
import random
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tenfold.core.context import recorders, set_recorders, traced_graph
from tenfold.core.locks import new_lock
from tenfold.core.tensor import wrap
from tenfold.core.variable import Variable
from tenfold.ops.philox import Stream

_DEFAULT_GLOBAL_SEED = 87654321  # joins an op seed where no global seed is set
_MAX_INT32 = 2**31 - 1


class _DrawnSeed(int):
    """An op seed drawn for one call: its kernel is not met again, so its position need not be kept."""


THROWAWAY = _DrawnSeed(1)  # for a run that only asks for the shape of the result


class NodeSeed(int):
    """An op seed of a node of a graph, which has a kernel of its own however many nodes have equal seeds."""

    kernel: Any = None  # made when the node first runs or is compiled
    __eq__ = object.__eq__
    __hash__ = object.__hash__  # type: ignore[assignment]


class Kernel:
    """What TensorFlow keeps for the calls of an op with the same attributes.

    Attributes:
      stream: where the next call begins.
      counts: how often the learned unigram sampler has seen each class; None for other ops.
    """

    __slots__ = ("stream", "counts")

    def __init__(self, stream: Stream, counts: np.ndarray | None = None) -> None:
        self.stream, self.counts = stream, counts


class NodeKernel(Kernel):
    """That of a node of a graph: where its next call begins is a variable, which machine code moves on.

    Attributes:
      position: the lower and the upper half of the stream's counter, and its key.
    """

    __slots__ = ("position", "_seeds", "__weakref__")

    def __init__(self, seed: int, seed2: int) -> None:
        self._seeds = seed, seed2
        with _untraced():
            self.position = _Position(np.zeros(3, np.uint64), trainable=False)
        self.restart()
        _node_kernels.add(self)

    def restart(self) -> None:
        """Goes back to the beginning."""
        super().__init__(_first(*self._seeds))

    @property
    def stream(self) -> Stream:  # type: ignore[override]
        return stream_at(self.position._value._array)

    @stream.setter
    def stream(self, stream: Stream) -> None:
        with _untraced():
            self.position._put(wrap(position_of(stream)))


def stream_at(position: np.ndarray) -> Stream:
    """The stream that begins at a position: the lower and the upper half of a counter, and a key."""
    low, high, key = position.tolist()
    return Stream(key, low | high << 64)


def position_of(stream: Stream) -> np.ndarray:
    """Where a stream begins."""
    return np.array([stream.counter & _HALF, stream.counter >> 64, stream.key], np.uint64)


@contextmanager
def _untraced() -> Iterator[None]:
    """Where numbers are computed, though a function may be being traced."""
    active = recorders()
    set_recorders(())
    try:
        yield
    finally:
        set_recorders(active)


class _Position(Variable):
    """One that `tf.variable_creator_scope` does not see."""

    _is_stream = True


_HALF = (1 << 64) - 1
_node_kernels: weakref.WeakSet[NodeKernel] = weakref.WeakSet()


class _State:
    """All of it, so that it is reset, saved and restored in one place."""

    def __init__(self) -> None:
        self.global_seed: int | float | None = None
        self.op_seeds = random.Random()
        self.kernels: dict[tuple, Kernel] = {}


_state = _State()
_lock = new_lock()


def set_seed(seed: Any) -> None:
    """Sets the global seed, and lets every random op begin anew.

    Ops without a seed of their own then take one that is drawn from the global seed at each call, so that a program draws the same
    numbers in every run; ops with a seed combine both. None unsets the global seed.

    Args:
      seed: int, or something that converts to one; None.
    Raises:
      TypeError: `seed` is no number.
    Example:
      >>> tf.random.set_seed(1234)
      >>> a = tf.random.uniform([1])
      >>> tf.random.set_seed(1234)
      >>> a.numpy() == tf.random.uniform([1]).numpy()
      array([ True])
    """
    if seed is not None and not isinstance(seed, (int, float)):
        try:
            seed = int(np.array(seed))
        except (TypeError, ValueError):
            raise TypeError(f"tf.random.set_seed: seed is {seed!r}; it must be an integer or None.") from None
    with _lock:
        _state.global_seed = seed
        _state.op_seeds = random.Random(seed)
        _state.kernels = {}
        _restart_nodes()


def global_seed() -> int | None:
    """The global seed as ops use it; None if none is set."""
    return None if _state.global_seed is None else _truncated(_state.global_seed)


def op_seeds(seed: Any) -> tuple[int, int]:
    """The two seed attributes of a stateful op that was given `seed`, or None.

    Zeros ask for a stream that nobody can foresee: no seed is set at all.
    """
    global_seed, graph = _state.global_seed, traced_graph()
    if seed is None:
        if global_seed is None:
            return 0, 0 if graph is None else NodeSeed(0)
        if graph is None:
            drawn: int = _DrawnSeed(_truncated(_state.op_seeds.randint(0, _MAX_INT32)))
        else:
            drawn = graph.next_op_seed()  # as TensorFlow does: the ops of a graph are counted
        pair = _truncated(global_seed), drawn
    else:
        pair = _DEFAULT_GLOBAL_SEED if global_seed is None else _truncated(global_seed), _truncated(seed)
    if pair == (0, 0):
        pair = 0, _MAX_INT32
    return pair if graph is None else (pair[0], NodeSeed(pair[1]))


def _truncated(seed: Any) -> int:
    try:
        return int(seed % _MAX_INT32)
    except (TypeError, ValueError):
        raise TypeError(f"tf.random: the seed of an op is {seed!r}; it must be an integer or None.") from None


def kernel(op: str, seed: int, seed2: int, *attrs: Any) -> Kernel:
    """The kernel of an op with these attributes, made where it is new."""
    if type(seed2) is _DrawnSeed:
        return Kernel(Stream.from_op_seeds(seed, seed2))
    if type(seed2) is NodeSeed:
        return node_kernel(seed, seed2)
    key = (op, seed, seed2, *attrs)
    found = _state.kernels.get(key)
    if found is None:
        found = _state.kernels.setdefault(key, Kernel(_first(seed, seed2)))
    return found


def node_kernel(seed: int, seed2: NodeSeed) -> NodeKernel:
    """The kernel of a node of a graph."""
    with _lock:
        if seed2.kernel is None:
            seed2.kernel = NodeKernel(int(seed), int(seed2))
        return seed2.kernel


def _first(seed: int, seed2: int) -> Stream:
    """Where the stream of a kernel with these attributes begins."""
    if int(seed) == int(seed2) == 0:
        seed, seed2 = np.frombuffer(os.urandom(16), np.uint64).tolist()
    return Stream.from_op_seeds(seed, seed2)


def _restart_nodes() -> None:
    for each in list(_node_kernels):
        each.restart()


def reserve(kernel: Kernel, blocks: int) -> Stream:
    """The stream for one call, of which the kernel sets `blocks` aside."""
    with _lock:
        stream = kernel.stream
        kernel.stream = stream.skip(blocks)
    return stream


def get_state() -> dict[str, Any]:
    """The global random state as numbers, strings and lists, for a file."""
    with _lock:
        kernels = [
            [list(key), *k.stream, None if k.counts is None else k.counts.tolist()] for key, k in _state.kernels.items()
        ]
        return {"global_seed": _state.global_seed, "op_seeds": _state.op_seeds.getstate(), "kernels": kernels}


def set_state(state: dict[str, Any]) -> None:
    """Goes back to what `get_state` returned."""
    version, internal, gauss = state["op_seeds"]
    with _lock:
        _state.global_seed = state["global_seed"]
        _state.op_seeds.setstate((version, tuple(internal), gauss))
        _restart_nodes()
        _state.kernels = {
            tuple(key): Kernel(Stream(*stream), None if counts is None else np.array(counts))
            for key, *stream, counts in state["kernels"]
        }
