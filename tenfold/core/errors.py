"""The error classes of `tf.errors`, and the check for facts that only a bug in Tenfold can break."""

from typing import Any

OK = 0
CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
DATA_LOSS = 15
UNAUTHENTICATED = 16


class OpError(Exception):
    """The base of the errors that ops raise.

    Args:
      node_def: definition of the graph node that failed, or None.
      op: the graph operation that failed, or None; always None in eager execution.
      message: what went wrong; `str(error)` is this text.
      error_code: one of the codes of `tf.errors`, such as `tf.errors.NOT_FOUND`.
      *args: at most one dict with more details, kept as `experimental_payloads`.
    Example:
      >>> error = tf.errors.OpError(None, None, "disk is full", tf.errors.RESOURCE_EXHAUSTED)
      >>> print(error, error.error_code)
      disk is full 8
    """

    def __init__(self, node_def: Any, op: Any, message: str | None, error_code: int | None, *args: Any):
        super().__init__(message)
        self.node_def = node_def
        self.op = op
        self.message = message
        self.error_code = error_code
        self.experimental_payloads = args[0] if args else {}

    def __reduce__(self):
        # Exception's own would call __init__ with `self.args`, which is the message alone.
        return Exception.__new__, (type(self), *self.args), vars(self)


class _CodedError(OpError):
    """An OpError whose class fixes the code; `Error("text")` is short for `Error(None, None, "text")`."""

    _code: int

    def __init__(self, node_def: Any, op: Any = None, message: str | None = None, *args: Any):
        if isinstance(node_def, str) and message is None:
            node_def, message = None, node_def
        super().__init__(node_def, op, message, self._code, *args)


class CancelledError(_CodedError):
    """The operation was cancelled, for example because its queue was closed."""

    _code = CANCELLED


class UnknownError(_CodedError):
    """The cause is not known, as when Python code called by an op failed."""

    _code = UNKNOWN


class InvalidArgumentError(_CodedError):
    """An op received an argument it cannot work with.

    Example:
      >>> tf.errors.InvalidArgumentError(None, None, "axis 3 is out of range").error_code
      3
    """

    _code = INVALID_ARGUMENT


class TracedArgumentError(InvalidArgumentError, ValueError):
    """An argument that does not fit, found while a function is traced.

    Where TensorFlow finds it then, its error is a ValueError, and where it finds it when the function runs, an
    InvalidArgumentError: this is both.
    """


class DeadlineExceededError(_CodedError):
    """The operation did not end in the time it was given."""

    _code = DEADLINE_EXCEEDED


class NotFoundError(_CodedError):
    """A file, directory, variable or other named thing does not exist."""

    _code = NOT_FOUND


class AlreadyExistsError(_CodedError):
    """What was to be created exists already."""

    _code = ALREADY_EXISTS


class PermissionDeniedError(_CodedError):
    """The caller may not do this, as writing to a read-only file."""

    _code = PERMISSION_DENIED


class ResourceExhaustedError(_CodedError):
    """Memory, disk space or another resource has run out."""

    _code = RESOURCE_EXHAUSTED


class FailedPreconditionError(_CodedError):
    """The state does not allow the operation, as reading what is not initialised."""

    _code = FAILED_PRECONDITION


class AbortedError(_CodedError):
    """The operation was given up because of another that runs at the same time."""

    _code = ABORTED


class OutOfRangeError(_CodedError):
    """An iteration or a read went past the end."""

    _code = OUT_OF_RANGE


class UnimplementedError(_CodedError):
    """The op does not support this combination of arguments."""

    _code = UNIMPLEMENTED


class InternalError(_CodedError):
    """Something that always holds does not hold: a bug."""

    _code = INTERNAL


class UnavailableError(_CodedError):
    """A service cannot be reached now; a later try may succeed."""

    _code = UNAVAILABLE


class DataLossError(_CodedError):
    """Data are lost or corrupt, as in a truncated file."""

    _code = DATA_LOSS


class UnauthenticatedError(_CodedError):
    """The request carries no valid credentials."""

    _code = UNAUTHENTICATED


class OperatorNotAllowedInGraphError(TypeError):
    """A Python operator needs a value, but the tensor is symbolic: `bool` or iteration while tracing."""


def internal_check(condition: Any, message: str) -> None:
    """Raises `InternalError` with `message` unless `condition` holds."""
    if not condition:
        raise InternalError(message)
