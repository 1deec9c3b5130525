"""Machine code that every executable calls: it takes the addresses of NumPy arrays, and checks what they are.

A call gets two tuples of arrays. Reading their fields natively, at the offsets of NumPy's stable layout, costs nanoseconds where
`array.ctypes` costs microseconds. The first use checks the layout on an array.
"""

from __future__ import annotations

import ctypes
import os
import threading
from contextlib import suppress
from functools import cache as once

import numpy as np

from tenfold.compiler import cache, interrupts, llvm, loader
from tenfold.compiler.pool import SYMBOL, parallel_for_address
from tenfold.compiler.program import NotLowered
from tenfold.core.heap import prepare_heap
from tenfold.core.locks import new_lock

BIND = "tenfold_bind"
MISMATCH, ALIASED = -1, -2  # what a call returns instead of an error's code, as `interrupts.INTERRUPTED`
# Of an arena: address of the table; an error's code, place, value and lock. Behind them is where inputs were last time.
HEADER_WORDS = 5
CONTIGUOUS, ALIGNED, WRITEABLE = 0x1, 0x100, 0x400

_HEAD = object.__basicsize__
_ITEMS = tuple.__basicsize__  # where a tuple's items begin

# The table: counts of inputs and of outputs; address of NumPy's array type; bytes of each input; whether it is updated; then for each
# array the address of its dtype, its flags, its number of axes, and their sizes.
IR = f"""
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)

define i64 @{BIND}(ptr %inputs, ptr %outputs, ptr %arena) {{
entry:
  %table = load ptr, ptr %arena
  %n.in = load i64, ptr %table
  %n.out.p = getelementptr i64, ptr %table, i64 1
  %n.out = load i64, ptr %n.out.p
  %class.p = getelementptr i64, ptr %table, i64 2
  %class = load i64, ptr %class.p
  %sizes = getelementptr i64, ptr %table, i64 3
  %written = getelementptr i64, ptr %sizes, i64 %n.in
  %records = getelementptr i64, ptr %written, i64 %n.in
  %seen = getelementptr i64, ptr %arena, i64 {HEADER_WORDS}
  %slots = getelementptr i64, ptr %seen, i64 %n.in
  %n = add i64 %n.in, %n.out
  %in.items = getelementptr i8, ptr %inputs, i64 {_ITEMS}
  %out.items = getelementptr i8, ptr %outputs, i64 {_ITEMS}
  br label %next
next:
  %i = phi i64 [ 0, %entry ], [ %i.next, %fine ]
  %record = phi ptr [ %records, %entry ], [ %record.next, %fine ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %look, label %aliases
look:
  %is.in = icmp slt i64 %i, %n.in
  %j = sub i64 %i, %n.in
  %in.p = getelementptr ptr, ptr %in.items, i64 %i
  %out.p = getelementptr ptr, ptr %out.items, i64 %j
  %item.p = select i1 %is.in, ptr %in.p, ptr %out.p
  %array = load ptr, ptr %item.p
  %type.p = getelementptr i8, ptr %array, i64 {_HEAD - 8}
  %type = load i64, ptr %type.p
  %is.array = icmp eq i64 %type, %class
  br i1 %is.array, label %read, label %mismatch
read:
  %descr.p = getelementptr i8, ptr %array, i64 {_HEAD + 40}
  %descr = load i64, ptr %descr.p
  %flags.p = getelementptr i8, ptr %array, i64 {_HEAD + 48}
  %flags = load i32, ptr %flags.p
  %nd.p = getelementptr i8, ptr %array, i64 {_HEAD + 8}
  %nd32 = load i32, ptr %nd.p
  %nd = sext i32 %nd32 to i64
  %want.descr = load i64, ptr %record
  %want.flags.p = getelementptr i64, ptr %record, i64 1
  %want.flags64 = load i64, ptr %want.flags.p
  %want.flags = trunc i64 %want.flags64 to i32
  %want.nd.p = getelementptr i64, ptr %record, i64 2
  %want.nd = load i64, ptr %want.nd.p
  %has = and i32 %flags, %want.flags
  %same.flags = icmp eq i32 %has, %want.flags
  %same.descr = icmp eq i64 %descr, %want.descr
  %same.nd = icmp eq i64 %nd, %want.nd
  %a = and i1 %same.flags, %same.descr
  %b = and i1 %a, %same.nd
  br i1 %b, label %shape, label %mismatch
shape:
  %want.dims = getelementptr i64, ptr %record, i64 3
  %dims.p = getelementptr i8, ptr %array, i64 {_HEAD + 16}
  %dims = load ptr, ptr %dims.p
  br label %dim
dim:
  %d = phi i64 [ 0, %shape ], [ %d.next, %same ]
  %d.more = icmp slt i64 %d, %nd
  br i1 %d.more, label %compare, label %fine
compare:
  %have.p = getelementptr i64, ptr %dims, i64 %d
  %have = load i64, ptr %have.p
  %want.p = getelementptr i64, ptr %want.dims, i64 %d
  %want = load i64, ptr %want.p
  %equal = icmp eq i64 %have, %want
  br i1 %equal, label %same, label %mismatch
same:
  %d.next = add i64 %d, 1
  br label %dim
fine:
  %data.p = getelementptr i8, ptr %array, i64 {_HEAD}
  %data = load i64, ptr %data.p
  %slot = getelementptr i64, ptr %slots, i64 %i
  store i64 %data, ptr %slot
  %record.next = getelementptr i64, ptr %want.dims, i64 %nd
  %i.next = add i64 %i, 1
  br label %next
mismatch:
  ret i64 {MISMATCH}

aliases:                               ; may an updated input overlap another? Only what is not where it was can be new
  %c = phi i64 [ 0, %next ], [ %c.next, %c.done ]
  %c.more = icmp slt i64 %c, %n.in
  br i1 %c.more, label %c.look, label %keep
c.look:
  %low.p = getelementptr i64, ptr %slots, i64 %c
  %low = load i64, ptr %low.p
  %seen.p = getelementptr i64, ptr %seen, i64 %c
  %was = load i64, ptr %seen.p
  %is.old = icmp eq i64 %low, %was
  br i1 %is.old, label %c.done, label %c.new
c.new:
  %bytes.p = getelementptr i64, ptr %sizes, i64 %c
  %bytes = load i64, ptr %bytes.p
  %high = add i64 %low, %bytes
  %writes.p = getelementptr i64, ptr %written, i64 %c
  %writes = load i64, ptr %writes.p
  br label %other
other:
  %o = phi i64 [ 0, %c.new ], [ %o.next, %apart ]
  %o.more = icmp slt i64 %o, %n.in
  br i1 %o.more, label %o.look, label %c.done
o.look:
  %o.low.p = getelementptr i64, ptr %slots, i64 %o
  %o.low = load i64, ptr %o.low.p
  %o.bytes.p = getelementptr i64, ptr %sizes, i64 %o
  %o.bytes = load i64, ptr %o.bytes.p
  %o.writes.p = getelementptr i64, ptr %written, i64 %o
  %o.writes = load i64, ptr %o.writes.p
  %o.high = add i64 %o.low, %o.bytes
  %below = icmp ult i64 %o.low, %high
  %above = icmp ult i64 %low, %o.high
  %meet = and i1 %below, %above
  %either = or i64 %writes, %o.writes
  %matters = icmp ne i64 %either, 0
  %is.other = icmp ne i64 %o, %c
  %both = and i1 %meet, %is.other
  %overlap = and i1 %both, %matters
  br i1 %overlap, label %aliased, label %apart
apart:
  %o.next = add i64 %o, 1
  br label %other
c.done:
  %c.next = add i64 %c, 1
  br label %aliases
aliased:
  ret i64 {ALIASED}
keep:
  %seen.bytes = mul i64 %n.in, 8
  call void @llvm.memcpy.p0.p0.i64(ptr %seen, ptr %slots, i64 %seen.bytes, i1 false)
  br label %bound
bound:
  %error = getelementptr i64, ptr %arena, i64 1
  store i64 0, ptr %error
  ret i64 0
}}
"""

_making = new_lock()
_ready = False


def ensure() -> None:
    """Makes `BIND` known to the loader.

    Raises:
      NotLowered: this Python or NumPy lays out its objects in another way.
    """
    global _ready
    if _ready:
        return
    with _making:
        if not _ready:
            _check_layout()
            _load()
            prepare_heap()
            _ready = True


@once
def begin() -> None:
    """Begins with `ensure` on a thread of its own if LLVM has to be loaded, which takes as long as tracing a small function."""
    if cache.known(IR) is not None:
        return

    def run() -> None:
        with suppress(Exception):  # it is met again where `ensure` is called
            llvm.library()
            ensure()

    with suppress(ImportError, RuntimeError):  # that too; no more threads to be had
        llvm.path()  # here: the thread would wait for the interpreter's lock at each file
        thread = threading.Thread(target=run, name="tenfold-begin")
        thread.start()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=thread.join)


def load(code: bytes) -> loader.Code:
    """A program's code in memory, with what it calls."""
    if SYMBOL.encode() in code:
        parallel_for_address()
    if interrupts.SYMBOL.encode() in code:
        interrupts.ensure()
    return loader.load(code)


def _check_layout() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    items = (array,)
    item = ctypes.c_int64.from_address(id(items) + _ITEMS).value
    fields = (
        ctypes.c_int64.from_address(id(array) + _HEAD).value == array.ctypes.data,
        ctypes.c_int32.from_address(id(array) + _HEAD + 8).value == 2,
        ctypes.c_int64.from_address(id(array) + _HEAD + 40).value == id(array.dtype),
        ctypes.c_int32.from_address(id(array) + _HEAD + 48).value == array.flags.num,
        ctypes.c_int64.from_address(id(array) + _HEAD - 8).value == id(np.ndarray),
        item == id(array),
    )
    if not all(fields):
        raise NotLowered("the layout of NumPy's arrays is not the one that compiled calls read")


def _load() -> None:
    code = loader.load(cache.code_of(IR))
    loader.symbols[BIND] = code.address(BIND)
    code.keep()


def table(
    inputs: list[tuple[tuple[int, ...], np.dtype]], outputs: list[tuple[tuple[int, ...], np.dtype]], updated: list[int]
) -> np.ndarray:
    """The table for `BIND`."""
    words = [len(inputs), len(outputs), id(np.ndarray)]
    words += [int(np.prod(shape, dtype=np.int64)) * dtype.itemsize for shape, dtype in inputs]
    words += [number in updated for number in range(len(inputs))]
    for number, (shape, dtype) in enumerate([*inputs, *outputs]):
        flags = CONTIGUOUS | ALIGNED | (WRITEABLE if number in updated or number >= len(inputs) else 0)
        words += [id(np.dtype(dtype.type)), flags, len(shape), *shape]
    return np.array(words, np.int64)
