"""Keywords and methods of optimizers that Keras has dropped and code still uses; each works, with one note."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.keras.notes import note_once
from tenfold.keras.optimizers.schedules import InverseTimeDecay


def translated(learning_rate: Any, keywords: dict[str, Any]) -> Any:
    """The learning rate that the former keywords, which are taken out, ask for."""
    if "lr" in keywords:
        note_once("The keyword `lr` of optimizers is `learning_rate` now.")
        learning_rate = keywords.pop("lr")
    decay = keywords.pop("decay", None)
    if decay:
        note_once("The keyword `decay` of optimizers is a learning rate of `schedules.InverseTimeDecay` now.")
        learning_rate = InverseTimeDecay(learning_rate, 1, decay)
    for keyword in ("jit_compile", "is_legacy_optimizer"):
        keywords.pop(keyword, None)
    return learning_rate


class CallableList(list):
    """A list that a call returns: `optimizer.variables` was a method once."""

    def __call__(self) -> CallableList:
        note_once("`optimizer.variables()` is the property `optimizer.variables` now.")
        return self


class FormerNames:
    """The methods of Keras 2's optimizers that are others' today."""

    learning_rate: Any
    variables: Any

    @property
    def lr(self) -> Any:
        """`learning_rate`."""
        note_once("`optimizer.lr` is `optimizer.learning_rate` now.")
        return self.learning_rate

    @lr.setter
    def lr(self, value: Any) -> None:
        note_once("`optimizer.lr` is `optimizer.learning_rate` now.")
        self.learning_rate = value

    @property
    def weights(self) -> list:
        """`variables`."""
        note_once("`optimizer.weights` is `optimizer.variables` now.")
        return self.variables

    def get_weights(self) -> list[np.ndarray]:
        """The values of all variables of the optimizer."""
        note_once("`optimizer.get_weights()` is `[v.numpy() for v in optimizer.variables]` now.")
        return [variable.numpy() for variable in self.variables]

    def minimize(
        self, loss: Any, var_list: Any, tape: Any = None, grad_loss: Any = None, name: str | None = None
    ) -> Any:
        """Computes gradients of a loss and applies them.

        Args:
          loss: function without arguments, or a tensor recorded on `tape`.
          var_list: variables, or a function that returns them.
          grad_loss: gradient of the loss, 1 by default.
        """
        from tenfold.autodiff.tape import GradientTape

        note_once("`optimizer.minimize` is `tape.gradient` and `optimizer.apply` now.")
        if not callable(loss) and tape is None:
            raise ValueError("`tape` is required when a `Tensor` loss is passed. Received: loss, tape=None.")
        tape = GradientTape() if tape is None else tape
        if callable(loss):
            with tape:
                if not callable(var_list):
                    tape.watch(var_list)
                loss = loss()
        variables = list(var_list() if callable(var_list) else var_list)
        gradients = tape.gradient(loss, variables, output_gradients=grad_loss)
        return self.apply_gradients(zip(gradients, variables, strict=True))  # type: ignore[attr-defined]
