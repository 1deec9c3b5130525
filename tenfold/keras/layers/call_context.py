"""What the calls of layers in progress hand down."""

from __future__ import annotations

import threading
from typing import Any


class _CallContext(threading.local):
    """What the calls in progress hand down: the outermost layer, and whether it trains."""

    def __init__(self) -> None:
        self.entry: Any = None
        self.training: bool | None = None
        self.is_batch_open = False  # in fit, evaluate and predict, whose batches are of any size


call_context = _CallContext()
