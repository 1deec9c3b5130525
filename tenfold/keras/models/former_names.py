"""Methods of models that Keras has dropped and code still calls; each works, with one note."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.keras.notes import note_once


class FormerNames:
    """The methods of Keras 2's models that are others' today."""

    def fit_generator(self, generator: Any, **kwargs: Any) -> Any:
        """`fit`, which takes generators itself now."""
        note_once("`Model.fit_generator` is `Model.fit` now.")
        return self.fit(generator, **kwargs)  # type: ignore[attr-defined]

    def evaluate_generator(self, generator: Any, **kwargs: Any) -> Any:
        """`evaluate`, which takes generators itself now."""
        note_once("`Model.evaluate_generator` is `Model.evaluate` now.")
        return self.evaluate(generator, **kwargs)  # type: ignore[attr-defined]

    def predict_generator(self, generator: Any, **kwargs: Any) -> Any:
        """`predict`, which takes generators itself now."""
        note_once("`Model.predict_generator` is `Model.predict` now.")
        return self.predict(generator, **kwargs)  # type: ignore[attr-defined]

    def predict_proba(self, x: Any, **kwargs: Any) -> Any:
        """`predict`."""
        note_once("`Model.predict_proba` is `Model.predict` now.")
        return self.predict(x, **kwargs)  # type: ignore[attr-defined]

    def predict_classes(self, x: Any, **kwargs: Any) -> Any:
        """The class with the highest output, or 0 and 1 for one output."""
        note_once("`Model.predict_classes(x)` is `np.argmax(model.predict(x), axis=-1)` now.")
        scores = self.predict(x, **kwargs)  # type: ignore[attr-defined]
        return scores.argmax(-1) if scores.shape[-1] > 1 else (scores > 0.5).astype(np.int32)

    def compiled_loss(self, y: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = None) -> Any:
        """`compute_loss`, which adds the losses of regularizers itself."""
        note_once("`Model.compiled_loss(y, y_pred)` is `Model.compute_loss(x, y, y_pred)` now.")
        return self.compute_loss(None, y, y_pred, sample_weight)  # type: ignore[attr-defined]

    @property
    def compiled_metrics(self) -> Any:
        """What updates all metrics, the loss among them."""
        note_once("`Model.compiled_metrics` is gone: update the metrics in `Model.metrics`.")
        return _CompiledMetrics(self)

    def add_metric(self, value: Any, name: str | None = None, aggregation: str | None = None) -> None:
        """Keeps the mean of a value, or of what a metric makes of it, among the logs."""
        from tenfold.keras import metrics

        note_once("`Model.add_metric` is gone: make a metric in `__init__` and update it in `call`.")
        found = next((m for m in self._metrics if m.name == name), None)  # type: ignore[attr-defined]
        if found is None:
            found = metrics.Mean(name=name)
            self._track(found)  # type: ignore[attr-defined]
        found.update_state(value)


class _CompiledMetrics:
    """The `compiled_metrics` of old: updates of all metrics in one call."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def update_state(self, y: Any, y_pred: Any, sample_weight: Any = None) -> None:
        compiled = self._model._compile_metrics
        if compiled is not None:
            compiled.update_state(y, y_pred, sample_weight)
