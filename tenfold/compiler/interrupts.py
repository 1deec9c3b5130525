"""Ctrl-C in native loops: every now and then they let Python look whether a signal has come.

What the signal's handler raises ends the loop, and is raised once more when the call is over.
"""

from __future__ import annotations

import ctypes
import threading
from typing import Any

from tenfold.compiler import cache, loader
from tenfold.core.locks import new_lock

SYMBOL = "tenfold_interrupted"
INTERRUPTED = -3  # what a call returns then
_WORK = 1 << 28  # operations between two looks, which need Python's lock: some tens of milliseconds
_TURN = 100  # what a turn costs besides

_API = ("PyGILState_Ensure", "PyGILState_Release", "PyErr_CheckSignals", "PyErr_Fetch")
IR = f"""
declare i32 @PyGILState_Ensure()
declare void @PyGILState_Release(i32)
declare i32 @PyErr_CheckSignals()
declare void @PyErr_Fetch(ptr, ptr, ptr)

@raised = global [3 x ptr] zeroinitializer  ; handlers run in the main thread only

define i64 @{SYMBOL}() {{
  %state = call i32 @PyGILState_Ensure()
  %found = call i32 @PyErr_CheckSignals()
  %is.raised = icmp ne i32 %found, 0
  br i1 %is.raised, label %fetch, label %leave
fetch:
  %value = getelementptr ptr, ptr @raised, i64 1
  %traceback = getelementptr ptr, ptr @raised, i64 2
  call void @PyErr_Fetch(ptr @raised, ptr %value, ptr %traceback)
  br label %leave
leave:
  call void @PyGILState_Release(i32 %state)
  %result = sext i32 %found to i64
  ret i64 %result
}}
"""

_making = new_lock()
_raised: Any = None  # the words where an exception lies


def turns_between(work: int) -> int:
    """After how many turns a loop looks again, a power of two; `work` is that of one turn, in operations on elements."""
    return 1 << (_WORK // (work + _TURN)).bit_length()


def ensure() -> None:
    """Makes `SYMBOL` known to the loader: `i64()`, not 0 if what a signal's handler raised is to end the call."""
    global _raised
    with _making:
        if _raised is not None:
            return
        for name in _API:
            loader.symbols[name] = ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value or 0
        code = loader.load(cache.code_of(IR))
        loader.symbols[SYMBOL] = code.address(SYMBOL)
        _raised = (ctypes.c_void_p * 3).from_address(code.address("raised"))
        code.keep()


def raise_pending() -> None:
    """Raises what has ended a call in this thread."""
    if _raised is not None and _raised[0] and threading.current_thread() is threading.main_thread():
        words = [ctypes.c_void_p(word) for word in _raised]
        ctypes.memset(_raised, 0, ctypes.sizeof(_raised))
        ctypes.pythonapi.PyErr_Restore(*words)
