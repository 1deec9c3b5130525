"""SwapEMAWeights: evaluates a model with the moving averages of its weights."""

from __future__ import annotations

from typing import Any

from tenfold.keras.callbacks.callback import Callback
from tenfold.keras.callbacks.common import optimizers_of


class SwapEMAWeights(Callback):
    """Swaps the weights with their moving averages while the model is evaluated.

    The optimizer must keep averages (`use_ema=True`).

    Args:
      swap_on_epoch: whether the averages stand in the model between epochs too, for checkpoints.

    Example:
      >>> swap = tf.keras.callbacks.SwapEMAWeights()
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._is_swapped = False

    def _pairs(self) -> list[tuple[Any, Any]]:
        """Every variable with its average."""
        found = [optimizer for _, optimizer in optimizers_of(self.model)]
        found = [getattr(optimizer, "inner_optimizer", optimizer) for optimizer in found]
        averaging = [optimizer for optimizer in found if getattr(optimizer, "use_ema", False)]
        if not averaging:
            raise ValueError(
                "SwapEMAWeights must be used when `use_ema=True` is set on the optimizer. Received: use_ema=False"
            )
        return [
            pair
            for optimizer in averaging
            for pair in zip(optimizer._trainable_variables, optimizer._model_variables_moving_average, strict=True)
        ]

    def _swap(self, is_swapped: bool) -> None:
        if is_swapped == self._is_swapped:
            return
        for variable, average in self._pairs():
            value = variable.numpy()
            variable.assign(average.numpy())
            average.assign(value)
        self._is_swapped = is_swapped

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        if self.swap_on_epoch:
            self._swap(False)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if self.swap_on_epoch and not self._is_swapped:
            self._swap(True)
            if epoch == (self.params or {})["epochs"] - 1:  # `fit` will put the averages into the model once more
                for variable, average in self._pairs():
                    average.assign(variable.numpy())

    def on_test_begin(self, logs: dict | None = None) -> None:
        self._swap(True)

    def on_test_end(self, logs: dict | None = None) -> None:
        self._swap(False)

    on_predict_begin = on_test_begin
    on_predict_end = on_test_end
