"""Callback and CallbackList: what is called while a model trains, evaluates and predicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core import nest
from tenfold.keras.utils.progbar import Progbar


class Callback:
    """Base of objects that watch training; override what is of interest.

    Attributes:
      model: the model, once `set_model` was called.
      params: dict with `verbose`, `epochs`, `steps`.

    Example:
      >>> class Stop(tf.keras.callbacks.Callback):
      ...     def on_epoch_end(self, epoch, logs=None):
      ...         self.model.stop_training = True
    """

    def __init__(self) -> None:
        self.params: dict[str, Any] | None = None
        self._model: Any = None

    @property
    def model(self) -> Any:
        return self._model

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params

    def set_model(self, model: Any) -> None:
        self._model = model

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None: ...

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None: ...

    def on_batch_begin(self, batch: int, logs: dict | None = None) -> None: ...

    def on_batch_end(self, batch: int, logs: dict | None = None) -> None: ...

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.on_batch_end(batch, logs=logs)

    def on_test_batch_begin(self, batch: int, logs: dict | None = None) -> None: ...

    def on_test_batch_end(self, batch: int, logs: dict | None = None) -> None: ...

    def on_predict_batch_begin(self, batch: int, logs: dict | None = None) -> None: ...

    def on_predict_batch_end(self, batch: int, logs: dict | None = None) -> None: ...

    def on_train_begin(self, logs: dict | None = None) -> None: ...

    def on_train_end(self, logs: dict | None = None) -> None: ...

    def on_test_begin(self, logs: dict | None = None) -> None: ...

    def on_test_end(self, logs: dict | None = None) -> None: ...

    def on_predict_begin(self, logs: dict | None = None) -> None: ...

    def on_predict_end(self, logs: dict | None = None) -> None: ...


_EVENTS = tuple(name for name in vars(Callback) if name.startswith("on_"))


class CallbackList:
    """Calls a list of callbacks; an event that none of them overrides costs nothing."""

    # Set below, one for each of `_EVENTS`.
    on_epoch_begin: Callable[..., None]
    on_epoch_end: Callable[..., None]
    on_batch_begin: Callable[..., None]
    on_batch_end: Callable[..., None]
    on_train_batch_begin: Callable[..., None]
    on_train_batch_end: Callable[..., None]
    on_test_batch_begin: Callable[..., None]
    on_test_batch_end: Callable[..., None]
    on_predict_batch_begin: Callable[..., None]
    on_predict_batch_end: Callable[..., None]
    on_train_begin: Callable[..., None]
    on_train_end: Callable[..., None]
    on_test_begin: Callable[..., None]
    on_test_end: Callable[..., None]
    on_predict_begin: Callable[..., None]
    on_predict_end: Callable[..., None]

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        self.callbacks: list[Callback] = nest.flatten(callbacks) if callbacks else []
        if add_history:
            history = next((c for c in self.callbacks if isinstance(c, History)), None)
            if history is None:
                history = History()
                self.callbacks.append(history)
            self.history = history
        if add_progbar and not any(isinstance(c, ProgbarLogger) for c in self.callbacks):
            self.callbacks.append(ProgbarLogger())
        if model is not None:
            self.set_model(model)
        if params:
            self.set_params(params)
        self._find_listeners()

    def _find_listeners(self) -> None:
        for event in _EVENTS:
            listeners = [getattr(c, event) for c in self.callbacks if _overrides(c, event)]
            setattr(self, f"_{event}", listeners)

    def append(self, callback: Callback) -> None:
        self.callbacks.append(callback)
        self._find_listeners()

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        self.model = model
        if hasattr(self, "history"):
            model.history = self.history
        for callback in self.callbacks:
            callback.set_model(model)

    def listens(self, event: str) -> bool:
        """Whether any callback overrides an event."""
        return bool(getattr(self, f"_{event}"))


def _overrides(callback: Callback, event: str) -> bool:
    if not isinstance(callback, Callback):
        return hasattr(callback, event)
    if (
        getattr(callback, event).__func__ is not getattr(Callback, event)
        if hasattr(getattr(callback, event), "__func__")
        else True
    ):
        return True
    alias = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}.get(event)
    return alias is not None and _overrides(callback, alias)


def as_numbers(logs: Any) -> dict[str, Any]:
    """Logs as Python floats where they are scalars, sorted by name."""
    result: dict[str, Any] = {}
    for name, value in sorted((logs or {}).items()):
        if isinstance(value, dict):
            result.update(as_numbers(value))
            continue
        try:
            result[name] = float(value)
        except (TypeError, ValueError):
            result[name] = value.numpy() if hasattr(value, "numpy") else value
    return result


def _caller(event: str) -> Any:
    listeners_name = f"_{event}"
    if "epoch" in event or "batch" in event:

        def call(self: CallbackList, index: int, logs: dict | None = None) -> None:
            listeners = getattr(self, listeners_name)
            if listeners:
                numbers = as_numbers(logs)
                for listener in listeners:
                    listener(index, numbers)
    else:

        def call(self: CallbackList, logs: dict | None = None) -> None:  # type: ignore[misc]
            numbers = as_numbers(logs)
            for listener in getattr(self, listeners_name):
                listener(numbers)

    call.__name__ = event
    return call


for _event in _EVENTS:
    setattr(CallbackList, _event, _caller(_event))


class History(Callback):
    """Keeps the logs of every epoch: what `fit` returns.

    Attributes:
      epoch: list of epoch numbers.
      history: dict of name to list of values.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self


class ProgbarLogger(Callback):
    """Prints the progress of fit, evaluate and predict."""

    def __init__(self) -> None:
        super().__init__()
        self.verbose, self.epochs = 1, 1
        self.target: int | None = None  # number of steps; where it is not known, that of the first epoch
        self._bar: Progbar | None = None
        self._seen = 0
        self._is_in_fit = False

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        self.verbose = 1 if params["verbose"] == "auto" else params["verbose"]
        self.epochs, self.target = params["epochs"], params["steps"]

    def _start(self) -> None:
        self._seen = 0
        self._bar = Progbar(self.target, verbose=self.verbose, unit_name="step", stateless_metrics=())

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._is_in_fit = True

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._start()
        if self.verbose and self.epochs > 1:
            print(f"Epoch {epoch + 1}/{self.epochs}")

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self._update(batch, logs)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._finish(logs)

    def on_test_begin(self, logs: dict | None = None) -> None:
        if not self._is_in_fit:
            self._start()

    def on_test_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if not self._is_in_fit:
            self._update(batch, logs)

    def on_test_end(self, logs: dict | None = None) -> None:
        if not self._is_in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs: dict | None = None) -> None:
        self._start()

    def on_predict_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self._update(batch, None)

    def on_predict_end(self, logs: dict | None = None) -> None:
        self._finish(None)

    def _update(self, batch: int, logs: dict | None) -> None:
        self._seen = batch + 1
        if self.verbose == 1:
            self._bar.update(self._seen, (logs or {}).items(), finalize=False)  # type: ignore[union-attr]

    def _finish(self, logs: dict | None) -> None:
        if self.target is None:
            self.target = self._bar.target = self._seen  # type: ignore[union-attr]
        self._bar.update(self.target, (logs or {}).items(), finalize=True)  # type: ignore[union-attr]
