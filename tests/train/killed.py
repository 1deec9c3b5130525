"""Kills a process at every touch of a file while it saves, and says what is found after that.

Run by `test_killed.py`: `python killed.py KIND FOLDER`. A child process saves twice; at the n-th time that it opens,
renames or removes a file during the second, it is killed; this process restores the latest checkpoint. Then comes n + 1,
until a child is not killed. Prints a line with the values that were restored for each n.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tenfold as tf

EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.chmod", "os.listdir", "os.scandir")


def numbered(folder: Path) -> Callable[[Any], None]:
    return lambda checkpoint: checkpoint.save(folder / "ckpt")


def managed(folder: Path) -> Callable[[Any], None]:
    return lambda checkpoint: tf.train.CheckpointManager(checkpoint, folder, max_to_keep=1).save()


def replaced(folder: Path) -> Callable[[Any], None]:
    def save(checkpoint: Any) -> None:
        tf.train.update_checkpoint_state(folder, checkpoint.write(folder / "same"))

    return save


def killed_at(number: int, save: Callable[[], None]) -> bool:
    """Whether a child process that saves is killed at the n-th event."""
    child = os.fork()
    if child == 0:
        count = 0

        def hook(event: str, arguments: Any) -> None:
            nonlocal count
            if event in EVENTS:
                count += 1
                if count == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        save()
        os._exit(0)
    return os.waitpid(child, 0)[1] != 0


def main(kind: str, folder: Path) -> None:
    number, is_killed = 0, True
    while is_killed:
        number += 1
        place = folder / str(number)
        save = globals()[kind](place)
        v, big = tf.Variable(1), tf.Variable(tf.fill((1000,), 1))
        checkpoint = tf.train.Checkpoint(v=v, big=big)
        save(checkpoint)
        v.assign(2)
        big.assign(big * 2)
        is_killed = killed_at(number, lambda: save(checkpoint))  # noqa: B023 (called at once)
        v.assign(0)
        checkpoint.read(tf.train.latest_checkpoint(place)).assert_consumed()
        print(int(v), sorted(set(big.numpy().tolist())))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
