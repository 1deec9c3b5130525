"""Methods and keywords of metrics that Keras has dropped and code still uses; each works, with one note."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tenfold.keras.notes import note_once
from tenfold.keras.variables import Variable


class FormerNames:
    """What Keras 2's metrics had and Keras 3's have not."""

    variables: Any

    def reset_states(self) -> None:
        """`reset_state`."""
        note_once("`Metric.reset_states` is `Metric.reset_state` now.")
        self.reset_state()  # type: ignore[attr-defined]

    @property
    def weights(self) -> list:
        """`variables`."""
        note_once("`Metric.weights` is `Metric.variables` now.")
        return self.variables

    def merge_state(self, metrics: Iterable[Any]) -> None:
        """Adds the states of other metrics of the same kind to this one's.

        Raises:
          ValueError: one of them has another number of variables.
        Example:
          >>> a, b = tf.keras.metrics.Mean(), tf.keras.metrics.Mean()
          >>> a.update_state([1.0]), b.update_state([4.0, 4.0])
          (None, None)
          >>> a.merge_state([b])
          >>> print(a.result().numpy())
          3.0
        """
        note_once("`Metric.merge_state` is not in Keras any more; it adds the variables of metrics.")
        for metric in metrics:
            own, others = self.variables, metric.variables
            if len(own) != len(others):
                raise ValueError(
                    f"{self!r}: merge_state was given {metric!r} with {len(others)} variables; expected {len(own)}, as here."
                )
            for variable, other in zip(own, others, strict=True):
                variable.assign_add(other)

    def add_weight(self, *args: Any, **kwargs: Any) -> Variable:
        """`add_variable` with defaults: `add_weight(shape=(), initializer="zeros", dtype=None, name=None)`.

        The name may also come first, and an aggregation be given, as in Keras 2.

        Example:
          >>> tf.keras.metrics.Metric().add_weight(shape=(2,), initializer="ones", name="seen").numpy().tolist()
          [1.0, 1.0]
        """
        if args and isinstance(args[0], str):
            note_once("The name comes last in `Metric.add_weight(shape, initializer, dtype, name)` now.")
            kwargs["name"], args = args[0], args[1:]
        for dropped in ("aggregation", "synchronization"):
            if dropped in kwargs:
                note_once(f"`Metric.add_weight` does not take `{dropped}` any more.")
                del kwargs[dropped]
        return self._added_weight(*args, **kwargs)

    def _added_weight(
        self, shape: Any = (), initializer: Any = None, dtype: Any = None, name: str | None = None
    ) -> Variable:
        return self.add_variable(shape, initializer or "zeros", dtype, name=name)  # type: ignore[attr-defined]
