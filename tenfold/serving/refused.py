"""Answers that are errors: their HTTP status and text."""

from __future__ import annotations

from tenfold.core import errors

_BY_CODE = {
    errors.INVALID_ARGUMENT: 400,
    errors.FAILED_PRECONDITION: 400,
    errors.OUT_OF_RANGE: 400,
    errors.UNAUTHENTICATED: 401,
    errors.PERMISSION_DENIED: 403,
    errors.NOT_FOUND: 404,
    errors.ALREADY_EXISTS: 409,
    errors.ABORTED: 409,
    errors.RESOURCE_EXHAUSTED: 429,
    errors.CANCELLED: 499,
    errors.UNIMPLEMENTED: 501,
    errors.UNAVAILABLE: 503,
    errors.DEADLINE_EXCEEDED: 504,
}


class Refused(Exception):
    """A request that gets an error.

    Args:
      status: of HTTP.
      message: what the client is told.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def refused(error: Exception) -> Refused:
    """What a client is told of an error that running its request raised."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, errors.OpError):
        return Refused(_BY_CODE.get(error.error_code or errors.UNKNOWN, 500), str(error))
    if isinstance(error, MemoryError):
        return Refused(429, "There is not enough memory for this request.")
    if isinstance(error, (ValueError, TypeError, IndexError, OverflowError)):
        return Refused(400, str(error))
    if isinstance(error, NotImplementedError):
        return Refused(501, str(error))
    return Refused(500, f"{type(error).__name__}: {error}")
