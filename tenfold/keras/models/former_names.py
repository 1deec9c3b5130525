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
