"""`tf.keras.layers.experimental`: a layer of Keras 2 by its former name."""

from __future__ import annotations

from typing import Any

from tenfold.keras.layers.batch_normalization import BatchNormalization
from tenfold.keras.notes import note_once


class SyncBatchNormalization(BatchNormalization):
    """`BatchNormalization(synchronized=True)`, by its name in Keras 2.

    Args:
      kwargs: the arguments of `tf.keras.layers.BatchNormalization`.
    Example:
      >>> tf.keras.layers.experimental.SyncBatchNormalization().synchronized
      True
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        note_once("`layers.experimental.SyncBatchNormalization` is `layers.BatchNormalization(synchronized=True)` now.")
        super().__init__(*args, **{**kwargs, "synchronized": True})
