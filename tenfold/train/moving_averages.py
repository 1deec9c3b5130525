"""ExponentialMovingAverage: averages of variables that follow them, `average -= (1 - decay) * (average - variable)`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tenfold.core.variable import Variable
from tenfold.ops import cast, creation, elementwise
from tenfold.train.object_graph import name_of


class ExponentialMovingAverage:
    """Keeps moving averages of variables.

    Args:
      decay: share of the average that stays at an update, close to 1.
      num_updates: number of updates so far, or a variable with it: while it is small, `(1 + n) / (10 + n)` is the decay if
        that is smaller.
      zero_debias: accepted; the averages of variables begin with their values and have no bias.
      name: the last part of the averages' names.
    Example:
      >>> v = tf.Variable([1.0, 2.0], name="v")
      >>> averages = tf.train.ExponentialMovingAverage(0.9)
      >>> averages.apply([v])
      >>> _ = v.assign([2.0, 4.0])
      >>> averages.apply([v])
      >>> print(averages.average(v).numpy())
      [1.1 2.2]
    """

    def __init__(
        self, decay: Any, num_updates: Any = None, zero_debias: bool = False, name: str = "ExponentialMovingAverage"
    ) -> None:
        self._decay, self._num_updates, self._name = decay, num_updates, name
        self._averages: dict[int, tuple[Variable, Variable]] = {}  # by id: the variable, which stays alive, its average

    @property
    def name(self) -> str:
        return self._name

    def apply(self, var_list: Iterable[Variable] | None = None) -> None:
        """Moves the averages towards the variables; the first call makes them.

        Raises:
          ValueError: no variables are given.
          TypeError: one is no variable, or not of type float16, float32 or float64.
        """
        if var_list is None:
            raise ValueError("ExponentialMovingAverage.apply: give the variables, such as model.trainable_variables.")
        variables = list(var_list)
        for variable in variables:
            if not isinstance(variable, Variable):
                raise TypeError(f"tf.train.ExponentialMovingAverage supports variables only, got {variable!r}.")
            if variable.dtype.name not in ("float16", "float32", "float64"):
                raise TypeError(
                    f"The variables must be half, float, or double: {variable.name} is {variable.dtype.name}."
                )
        for variable in variables:
            if id(variable) not in self._averages:
                average = Variable(variable.numpy(), trainable=False, name=self.average_name(variable))
                self._averages[id(variable)] = variable, average
            average = self._averages[id(variable)][1]
            rest = cast.cast(1.0 - self._decay_now(), variable.dtype)
            average.assign_sub((average.read_value() - variable) * rest)

    def _decay_now(self) -> Any:
        decay = creation.convert_to_tensor(self._decay, "float32")
        if self._num_updates is None:
            return decay
        count = cast.cast(self._num_updates, "float32")
        return elementwise.minimum(decay, (1.0 + count) / (10.0 + count))

    def average(self, var: Variable) -> Variable | None:
        """The average of a variable; None if there is none."""
        return self._averages[id(var)][1] if id(var) in self._averages else None

    def average_name(self, var: Variable) -> str:
        """The name of a variable's average."""
        return f"{name_of(var)}/{self._name}"
