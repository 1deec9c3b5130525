"""The file `checkpoint` of a folder, a message as text: which checkpoint is the latest, and which others there are."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tenfold.core.atomic import replacing
from tenfold.core.config import get_logger
from tenfold.train.bundle import index_path

_FILE = "checkpoint"


def get_checkpoint_state(checkpoint_dir: Any, latest_filename: str | None = None) -> Any:
    """What a folder's state file says: a `CheckpointState` message, or None if there is no such file or it cannot be read.

    Args:
      checkpoint_dir: the folder.
      latest_filename: the name of the file, `"checkpoint"` by default.
    Raises:
      ValueError: the file names no checkpoint.
    Example:
      >>> _ = tf.train.Checkpoint(v=tf.Variable(1.0)).save(folder + "/state/ckpt")
      >>> state = tf.train.get_checkpoint_state(folder + "/state")
      >>> state.model_checkpoint_path.removeprefix(folder)
      '/state/ckpt-1'
    """
    folder = os.fsdecode(checkpoint_dir)
    path = os.path.join(folder, latest_filename or _FILE)
    if not os.path.isfile(path):
        return None
    from google.protobuf import text_format

    from tenfold.protos import checkpoint as messages

    state = messages.CheckpointState()
    try:
        text_format.Merge(Path(path).read_text(encoding="utf-8"), state)
    except (OSError, UnicodeDecodeError, text_format.ParseError) as error:
        get_logger().warning("%s: %s: %s. The file is ignored.", path, type(error).__name__, error)
        return None
    if not state.model_checkpoint_path:
        raise ValueError(f"Invalid checkpoint state loaded from {folder}: {path!r} names no checkpoint.")
    state.model_checkpoint_path = os.path.join(folder, state.model_checkpoint_path)
    for i, name in enumerate(state.all_model_checkpoint_paths):
        state.all_model_checkpoint_paths[i] = os.path.join(folder, name)
    return state


def update_checkpoint_state(
    save_dir: Any,
    model_checkpoint_path: str,
    all_model_checkpoint_paths: Sequence[str] | None = None,
    latest_filename: str | None = None,
    all_model_checkpoint_timestamps: Sequence[float] | None = None,
    last_preserved_timestamp: float | None = None,
) -> None:
    """Writes a folder's state file, from which `tf.train.latest_checkpoint` reads.

    Args:
      save_dir: the folder.
      model_checkpoint_path: the latest checkpoint.
      all_model_checkpoint_paths: all that are there, the oldest first; the latest is added if it is not the last of them.
      latest_filename: the name of the file, `"checkpoint"` by default.
      all_model_checkpoint_timestamps: when each was written, in seconds since 1970.
      last_preserved_timestamp: that of the last one that is kept for ever.
    Raises:
      ValueError: there are not as many timestamps as paths.
      RuntimeError: a checkpoint has the name of the file.
    """
    from google.protobuf import text_format

    from tenfold.protos import checkpoint as messages

    folder = os.fsdecode(save_dir)
    paths = list(all_model_checkpoint_paths or ())
    if not paths or paths[-1] != model_checkpoint_path:
        paths.append(model_checkpoint_path)
    timestamps = list(all_model_checkpoint_timestamps or ())
    if timestamps and len(timestamps) != len(paths):
        raise ValueError(
            "update_checkpoint_state: checkpoint timestamps must match checkpoint paths: there are "
            f"{len(timestamps)} timestamps and {len(paths)} paths."
        )
    file = os.path.join(folder, latest_filename or _FILE)
    if os.path.abspath(os.path.join(folder, model_checkpoint_path)) == os.path.abspath(file):
        raise RuntimeError(
            f"The checkpoint {model_checkpoint_path!r} has the path of the file that says which one is the latest. "
            "Give it another name."
        )
    state = messages.CheckpointState(
        model_checkpoint_path=_relative(model_checkpoint_path, folder),
        all_model_checkpoint_paths=[_relative(path, folder) for path in paths],
        all_model_checkpoint_timestamps=timestamps,
    )
    if last_preserved_timestamp is not None:
        state.last_preserved_timestamp = last_preserved_timestamp
    with replacing(Path(file)) as part:
        part.write_text(text_format.MessageToString(state), encoding="utf-8")


def _relative(path: str, folder: str) -> str:
    """The path as seen from the folder, so that the folder can be moved."""
    if os.path.isabs(path) == os.path.isabs(folder):
        return os.path.relpath(path, folder)
    return os.path.relpath(path, os.path.abspath(folder)) if os.path.isabs(path) else path


def latest_checkpoint(checkpoint_dir: Any, latest_filename: str | None = None) -> str | None:
    """The path of a folder's latest checkpoint, for `Checkpoint.restore`.

    Args:
      checkpoint_dir: the folder.
      latest_filename: the name of the state file, `"checkpoint"` by default.
    Returns:
      The path; None if the folder has no state file, or the checkpoint that it names is gone.
    Example:
      >>> _ = tf.train.Checkpoint(v=tf.Variable(1.0)).save(folder + "/latest/ckpt")
      >>> tf.train.latest_checkpoint(folder + "/latest").removeprefix(folder)
      '/latest/ckpt-1'
    """
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None:
        return None
    if checkpoint_exists(state.model_checkpoint_path):
        return state.model_checkpoint_path
    get_logger().error("There are no files of the latest checkpoint %s.", state.model_checkpoint_path)
    return None


def checkpoints_iterator(
    checkpoint_dir: Any,
    min_interval_secs: float = 0,
    timeout: float | None = None,
    timeout_fn: Callable[[], Any] | None = None,
) -> Iterator[str]:
    """Waits for checkpoints that another process saves to a folder; only the latest that is there counts.

    Args:
      checkpoint_dir: the folder.
      min_interval_secs: the least time between two checkpoints.
      timeout: how many seconds it waits for a new one; for ever if None.
      timeout_fn: function that says, when the time is over, whether the iteration ends; it does without one.
    Returns:
      An iterator of paths.
    Example:
      >>> _ = tf.train.Checkpoint(v=tf.Variable(1.0)).save(folder + "/awaited/ckpt")
      >>> for path in tf.train.checkpoints_iterator(folder + "/awaited", timeout=0):
      ...     print(path.removeprefix(folder))
      /awaited/ckpt-1
    """
    known = None
    while True:
        path, begun = _awaited(checkpoint_dir, known, timeout), time.monotonic()
        if path is not None:
            known = path
            yield path
            time.sleep(max(0.0, begun + min_interval_secs - time.monotonic()))
        elif timeout_fn is None or timeout_fn():
            return


def _awaited(folder: Any, known: str | None, timeout: float | None) -> str | None:
    """The latest checkpoint, as soon as it is another than the known one; None when the time is over."""
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        path = latest_checkpoint(folder)
        if path is not None and path != known:
            return path
        left = 1.0 if end is None else end - time.monotonic()
        if left <= 0:
            return None
        time.sleep(min(1.0, left))


def checkpoint_exists(checkpoint_prefix: Any) -> bool:
    """Whether there is a checkpoint of this path."""
    return os.path.isfile(index_path(os.fsdecode(checkpoint_prefix)))
