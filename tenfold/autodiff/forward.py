"""ForwardAccumulator: derivatives along one direction, computed while the ops run."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.autodiff.backward import dense
from tenfold.autodiff.custom import CustomGradient
from tenfold.autodiff.endpoints import UnconnectedGradients
from tenfold.autodiff.recording import Recording
from tenfold.autodiff.tape import GradientTape
from tenfold.core import dtypes, nest
from tenfold.core.context import recorders, set_recorders
from tenfold.core.convert import convert
from tenfold.core.dtypes import is_differentiable
from tenfold.core.symbol import may_equal, sizes_in
from tenfold.core.tensor import Tensor, new_node, wrap
from tenfold.core.variable import Variable
from tenfold.ops import array as array_ops
from tenfold.ops import creation


class ForwardAccumulator:
    """Computes Jacobian-vector products of what runs inside its `with` block.

    Accumulators and tapes nest in any order: those outside see the ops that compute the products.

    Args:
      primals: tensor or variable, or a structure of them, to differentiate with respect to.
      tangents: the direction: a structure like `primals` of values of the same shapes and dtypes.
    Raises:
      ValueError: a primal is given twice, or `tangents` has another structure, shape or dtype.
    Example:
      >>> x = tf.constant([1.0, 2.0])
      >>> with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 0.0])) as accumulator:
      ...     y = tf.reduce_sum(x * x)
      >>> print(accumulator.jvp(y).numpy())
      2.0
    """

    is_graph = False

    def __init__(self, primals: Any, tangents: Any) -> None:
        self._is_recording = False
        self._tangents: dict[int, Tensor] = {}
        flat = nest.flatten(primals)
        if len({id(primal) for primal in flat}) < len(flat):
            raise ValueError(
                "tf.autodiff.ForwardAccumulator: a tensor was specified as a primal multiple times. This may indicate "
                "an error. If it was intended, please sum the corresponding tangents."
            )
        nest.assert_same_structure(primals, tangents)
        for primal, tangent in zip(flat, nest.flatten(tangents), strict=True):
            if not isinstance(primal, (Tensor, Variable)):
                raise TypeError(
                    f"tf.autodiff.ForwardAccumulator: primal {primal!r} is neither a tf.Tensor nor a tf.Variable."
                )
            self._set(primal, _along(primal, convert(tangent, primal.dtype)))

    def _set(self, tensor: Tensor | Variable, tangent: Tensor) -> None:
        if tensor._node is None:
            tensor._node = new_node()
        self._tangents[tensor._node] = tangent

    def __enter__(self) -> ForwardAccumulator:
        if self._is_recording:
            raise ValueError("Accumulator is already recording.")
        set_recorders((*recorders(), self))
        self._is_recording = True
        return self

    def __exit__(self, *exc: object) -> None:
        set_recorders(tuple([r for r in recorders() if r is not self]))
        self._is_recording = False

    def jvp(self, primals: Any, unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE) -> Any:
        """The derivatives of tensors that were computed in the block.

        Args:
          primals: tensor or variable, or a structure of them.
          unconnected_gradients: what stands for a tensor that does not depend on the accumulator's primals.
        Returns:
          A structure like `primals` of tensors, or None.
        Raises:
          ValueError: `unconnected_gradients` is unknown.
        """
        unconnected = UnconnectedGradients(unconnected_gradients)

        def of(primal: Any) -> Tensor | None:
            tangent = self._tangents.get(primal._node)
            if tangent is None and unconnected is UnconnectedGradients.ZERO:
                return creation.zeros_like(primal)
            return tangent

        return nest.map_structure(of, primals)

    # What the ops call.

    def variable_read(self, variable: Variable) -> None: ...

    def record(self, op: Any, inputs: tuple, attrs: dict[str, Any], outputs: tuple) -> None:
        if all(x._node not in self._tangents for x in inputs):
            return
        active = recorders()
        set_recorders(active[: active.index(self)])  # those outside see what is computed here
        try:
            if type(op) is CustomGradient and self._copy(attrs["results"], outputs):
                return
            for out, tangent in zip(outputs, self._push(op, inputs, attrs, outputs), strict=True):
                if tangent is not None:
                    self._set(out, tangent)
        finally:
            set_recorders(active)

    def _copy(self, results: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> bool:
        """Takes the tangents of a custom function from the ops in it, as TensorFlow does; False if they have none."""
        known = [
            (out, self._tangents[x._node]) for x, out in zip(results, outputs, strict=True) if x._node in self._tangents
        ]
        for out, tangent in known:
            self._set(out, tangent)
        return bool(known)

    def _push(self, op: Any, inputs: tuple, attrs: dict[str, Any], outputs: tuple) -> list[Tensor | None]:
        """The tangents of an op's outputs.

        The gradient rule computes `u -> u J`, which is linear: its own gradient along the tangents `t` is `J t`.
        """
        recording = Recording()
        recording._begin({node: i for i, node in enumerate(self._tangents)}, recorders())
        recording.record(op, inputs, attrs, outputs)
        records = recording.records(recording._values)
        if not records:
            return [None] * len(outputs)
        ((pulls, _, specs),) = records
        # Any would do, as the rule is linear; but rules that take logarithms or quotients cannot be differentiated at 0.
        cotangents = [_ones(out._array) for out in outputs]
        with GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([u for u in cotangents if is_differentiable(u._array.dtype)])
            upstream = cotangents[0] if specs is None else tuple(cotangents)
            if type(pulls) is tuple:
                pulled = [(node, rule(upstream, *needs)) for node, rule, needs in pulls]
            else:
                nodes, rule, needs = pulls
                pulled = list(zip(nodes, rule(upstream, *needs), strict=True))
            pulled = [(node, dense(g)) for node, g in pulled if node is not None and g is not None]
        return tape.gradient([g for _, g in pulled], cotangents, [self._tangents[node] for node, _ in pulled])


def _ones(like: Any) -> Tensor:
    """Ones of an array's or symbol's shape, which no other tensor shares."""
    if sizes_in(like.shape):
        return creation.ones(like.shape, dtypes.from_numpy(like.dtype))
    return wrap(np.ones(like.shape, like.dtype))


def _along(primal: Tensor | Variable, tangent: Tensor) -> Tensor:
    """A tangent of the primal's shape; one number stands for all elements."""
    shape = convert(primal)._array.shape
    if not tangent.shape.rank:
        return array_ops.broadcast_to(tangent, shape)
    if not may_equal(tangent._array.shape, shape):
        raise ValueError(
            f"tf.autodiff.ForwardAccumulator: a tangent has shape {tangent.shape} but its primal {primal.shape}; they "
            "must be equal."
        )
    return tangent
