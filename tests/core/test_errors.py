import copy
import pickle

import pytest

from tenfold import errors
from tenfold.core.errors import internal_check

CODED = [  # the codes of absl::StatusCode, which TensorFlow shares
    (errors.CancelledError, 1),
    (errors.UnknownError, 2),
    (errors.InvalidArgumentError, 3),
    (errors.DeadlineExceededError, 4),
    (errors.NotFoundError, 5),
    (errors.AlreadyExistsError, 6),
    (errors.PermissionDeniedError, 7),
    (errors.ResourceExhaustedError, 8),
    (errors.FailedPreconditionError, 9),
    (errors.AbortedError, 10),
    (errors.OutOfRangeError, 11),
    (errors.UnimplementedError, 12),
    (errors.InternalError, 13),
    (errors.UnavailableError, 14),
    (errors.DataLossError, 15),
    (errors.UnauthenticatedError, 16),
]


@pytest.mark.parametrize("error_class, code", CODED)
def test_coded_error_has_its_class_code(error_class, code):
    error = error_class(None, None, "text", {"key": b"value"})
    assert isinstance(error, errors.OpError)
    assert (error.node_def, error.op, error.message, error.error_code) == (None, None, "text", code)
    assert error.experimental_payloads == {"key": b"value"}
    assert str(error) == "text"


@pytest.mark.parametrize("error_class, code", CODED)
def test_code_constant_bears_the_class_name(error_class, code):
    words = error_class.__name__.removesuffix("Error")
    constant = "".join("_" + c if c.isupper() else c for c in words).lstrip("_").upper()
    assert getattr(errors, constant) == code


def test_coded_error_accepts_the_message_alone():
    error = errors.NotFoundError("no such file")
    assert (str(error), error.message, error.op, error.node_def) == ("no such file", "no such file", None, None)


def test_coded_error_accepts_keywords():
    assert str(errors.AbortedError(node_def=None, op=None, message="later")) == "later"


def test_op_error_takes_the_code():
    error = errors.OpError("node", "op", "text", errors.DATA_LOSS)
    assert (error.node_def, error.op, error.message, error.error_code) == ("node", "op", "text", 15)
    assert error.experimental_payloads == {}


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])
@pytest.mark.parametrize(
    "error", [errors.OpError(None, "add", "x", 3), errors.InternalError(None, None, "x", {"a": b""})]
)
def test_copy_keeps_everything(copied, error):
    other = copied(error)
    assert type(other) is type(error)
    assert vars(other) == vars(error)
    assert other.args == error.args


def test_public_names_are_all_of_tensorflows():
    constants = {"OK", *("".join("_" + c if c.isupper() else c for c in n[:-5]).lstrip("_").upper() for n in NAMES)}
    assert set(errors.__all__) == {*NAMES, *constants, "OpError", "OperatorNotAllowedInGraphError"}
    assert issubclass(errors.OperatorNotAllowedInGraphError, TypeError)


NAMES = [error_class.__name__ for error_class, _ in CODED]


def test_internal_check_raises_internal_error_when_false():
    internal_check(True, "never seen")
    with pytest.raises(errors.InternalError, match="extent 3 is not 4"):
        internal_check(False, "extent 3 is not 4")
