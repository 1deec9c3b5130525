"""Trainings with backups that are killed after random times, in and between saves: `python -m tests.keras.callbacks.backed_up_at_random FOLDER SEED KILLS`.

Each goes on until it comes to its end; then another begins, until there were enough kills. Prints how many trainings and kills there
were, and how many ended in other weights than one that nobody killed. `test_backup.py` runs it.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import threading
import time
from typing import Any

from tests.keras.callbacks.backed_up import KINDS, trained


def in_child(folder: str, kind: str, options: dict[str, Any], seconds: float | None) -> str | None:
    """What a child process has trained; None if it was killed, after so many seconds."""
    source, target = os.pipe()
    child = os.fork()
    if not child:
        os.close(source)
        if seconds is not None:
            threading.Thread(
                target=lambda: (time.sleep(seconds), os.kill(os.getpid(), signal.SIGKILL)), daemon=True
            ).start()
        os.write(target, trained(folder, kind, options).encode())
        os._exit(0)
    os.close(target)
    with open(source) as file:
        found = file.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -signal.SIGKILL):
        sys.exit(f"a child ended with {status}")
    return found if status == 0 else None


def main(folder: str, seed: str, kills: str) -> None:
    chosen = random.Random(int(seed))
    trainings = killed = wrong = 0
    trained(os.path.join(folder, "first"), "arrays", {"save_freq": 2})  # children need not import it all again
    while killed < int(kills):
        kind = chosen.choice(sorted(KINDS))
        options = {"save_freq": chosen.choice([1, 2, 3, "epoch"]), "double_checkpoint": chosen.random() < 0.5}
        start = time.perf_counter()
        whole = in_child(os.path.join(folder, "whole"), kind, options, None)
        seconds, found, mine = time.perf_counter() - start, None, 0
        while found is None:
            limit = chosen.uniform(0, 1.2 * seconds) if killed < int(kills) and mine < 8 else None
            found = in_child(os.path.join(folder, "parts"), kind, options, limit)
            mine, killed = mine + (found is None), killed + (found is None)
        trainings, wrong = trainings + 1, wrong + (found != whole)
        shutil.rmtree(os.path.join(folder, "parts"), ignore_errors=True)
    print(trainings, killed, wrong)


if __name__ == "__main__":
    main(*sys.argv[1:])
