"""What belongs to the whole process: clear_session, and tests of what an object is."""

from __future__ import annotations

from typing import Any

from tenfold.keras import naming, random
from tenfold.keras.keras_tensor import KerasTensor


def clear_session(free_memory: bool = True) -> None:
    """Starts automatic names and the global seed generator anew.

    Models hold no global state here: they are freed when nobody refers to them.

    Example:
      >>> tf.keras.backend.clear_session()
    """
    naming.reset_uids()
    random.forget_global_seed_generator()


def is_keras_tensor(x: Any) -> bool:
    """Whether `x` is a KerasTensor of the functional API."""
    return isinstance(x, KerasTensor)
