"""Notes to users of names and keywords that Keras has dropped: each is given once."""

from __future__ import annotations

_given: set[str] = set()


def note_once(message: str) -> None:
    """Logs a message the first time it comes up."""
    if message not in _given:
        import logging

        _given.add(message)
        logging.getLogger("tenfold").warning(message)
