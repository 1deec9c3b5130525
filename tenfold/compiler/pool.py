"""The native worker pool that all kernels share.

`parallel_for(function, arguments, count, grain)` is machine code, called from machine code: generated modules declare it
under the name `SYMBOL`. It runs `function(arguments, begin, end)` over ranges that cover `0..count`, each of at least
`grain` indices but the last ones. Every index must compute the same whatever range it comes in; then results do not depend on
the number of threads.

Each thread of the team owns a contiguous share of the indices, the same one in every call with the same count, so data
stay in its cache. Who has finished takes from the others' shares: a worker that is late or has no core delays nobody.

Workers are Python threads that entered machine code (without the GIL) for good. They spin for about `SPIN_SECONDS` after
a call, then sleep: in the kernel (futex) on Linux, on a Python lock elsewhere. The first call in a process, also in a forked one, starts them.
One call at a time has the workers; a call that finds them busy runs on its own thread, as one from inside a loop does.

A share is a claim word, `round << 32 | chunks left`. Taking a chunk is a compare-and-swap of that word, so a worker that wakes
up in a round that is over can take nothing, and whatever it read of the call's description does not matter.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import platform
import sys
import threading
import time

from tenfold.compiler.cpus import usable_cores
from tenfold.core.config import get_intra_op_parallelism_threads, settings

SYMBOL = "tenfold_parallel_for"
MAX_THREADS = 256
SPIN_SECONDS = 100e-6

_IR = """
@lock = internal global i32 0          ; 1 while a call has the workers
@team = internal global i32 0          ; threads of a call, the caller among them; 0 until the workers have been started
@sequence = internal global i32 0      ; number of the round: changes when there is work
@stopping = internal global i32 0
@spin_turns = internal global i32 1000
@start = internal global ptr null      ; void(): starts the workers and sets @team
@sleep = internal global ptr {sleep}   ; void(ptr word): returns once the word is 0
@wake = internal global ptr {wake}     ; void(ptr word): wakes who sleeps on the word, which is 0
@cpu = internal global i32 -1          ; where the caller runs
@function = internal global ptr null   ; from here on: the description of the round
@arguments = internal global ptr null
@count = internal global i64 0
@grain = internal global i64 0
@chunks = internal global i64 0
@members = internal global i64 0
@pending = internal global i64 0       ; chunks that are not finished
@claims = internal global [{max} x [16 x i64]] zeroinitializer, align 128   ; one cache line for each thread
@asleep = internal global [{max} x [32 x i32]] zeroinitializer, align 128

declare i32 @sched_yield()
declare i64 @syscall(i64, ...)

define void @{symbol}(ptr %function, ptr %arguments, i64 %count, i64 %grain) {{
entry:
  %some = icmp sgt i64 %count, 0
  br i1 %some, label %sized, label %leave
sized:
  %large = icmp sgt i64 %count, %grain
  br i1 %large, label %ask, label %alone
ask:
  %known = load atomic i32, ptr @team monotonic, align 4
  %unknown = icmp eq i32 %known, 0
  br i1 %unknown, label %begin, label %try
begin:
  %start = load atomic ptr, ptr @start monotonic, align 8
  call void %start()
  br label %try
try:
  %team = load atomic i32, ptr @team monotonic, align 4
  %several = icmp sgt i32 %team, 1
  br i1 %several, label %grab, label %alone
grab:
  %grabbed = cmpxchg ptr @lock, i32 0, i32 1 acquire monotonic
  %got = extractvalue {{ i32, i1 }} %grabbed, 1
  br i1 %got, label %fork, label %alone
alone:
  call void %function(ptr %arguments, i64 0, i64 %count)
  br label %leave

fork:                                  ; a chunk: at least the grain, at most 32 of them for each thread
  %team64 = sext i32 %team to i64
  %most = mul i64 %team64, 32
  %fine = udiv i64 %count, %most
  %positive = call i64 @llvm.smax.i64(i64 %fine, i64 1)
  %chunk = call i64 @llvm.smax.i64(i64 %grain, i64 %positive)
  %less = sub i64 %count, 1
  %whole = udiv i64 %less, %chunk
  %chunks = add i64 %whole, 1
  %members = call i64 @llvm.smin.i64(i64 %team64, i64 %chunks)
  store atomic ptr %function, ptr @function monotonic, align 8
  store atomic ptr %arguments, ptr @arguments monotonic, align 8
  store atomic i64 %count, ptr @count monotonic, align 8
  store atomic i64 %chunk, ptr @grain monotonic, align 8
  store atomic i64 %chunks, ptr @chunks monotonic, align 8
  store atomic i64 %members, ptr @members monotonic, align 8
  store atomic i64 %chunks, ptr @pending monotonic, align 8
  %cpu = call i32 @current_cpu()
  store atomic i32 %cpu, ptr @cpu monotonic, align 4
  %last = load atomic i32, ptr @sequence monotonic, align 4
  %round = add i32 %last, 1
  %round64 = zext i32 %round to i64
  %stamp = shl i64 %round64, 32
  br label %share
share:
  %p = phi i64 [ 0, %fork ], [ %p.next, %share ]
  %p.next = add i64 %p, 1
  %from = call i64 @first(i64 %p, i64 %chunks, i64 %members)
  %to = call i64 @first(i64 %p.next, i64 %chunks, i64 %members)
  %size = sub i64 %to, %from
  %claim = or i64 %stamp, %size
  %word = getelementptr [16 x i64], ptr @claims, i64 %p
  store atomic i64 %claim, ptr %word release, align 8
  %shared = icmp eq i64 %p.next, %members
  br i1 %shared, label %publish, label %share
publish:
  %before = atomicrmw xchg ptr @sequence, i32 %round seq_cst
  br label %rouse
rouse:
  %w = phi i64 [ 1, %publish ], [ %w.next, %roused ]
  %more = icmp slt i64 %w, %members
  br i1 %more, label %look, label %join
look:
  %bed = getelementptr [32 x i32], ptr @asleep, i64 %w
  %sleeps = load atomic i32, ptr %bed seq_cst, align 4
  %awake = icmp eq i32 %sleeps, 0
  br i1 %awake, label %roused, label %call
call:
  call void @rise(ptr %bed)
  br label %roused
roused:
  %w.next = add i64 %w, 1
  br label %rouse

join:
  call void @participate(i64 0, i32 %round)
  br label %poll
poll:
  %turn = phi i32 [ 0, %join ], [ %turn.next, %again ]
  %pending = load atomic i64, ptr @pending acquire, align 8
  %finished = icmp eq i64 %pending, 0
  br i1 %finished, label %done, label %hold
hold:
  %turn.next = add i32 %turn, 1
  %patient = icmp ult i32 %turn, 2000
  br i1 %patient, label %breathe, label %yield
breathe:
  {pause}
  br label %again
yield:
  {yield}
  br label %again
again:
  br label %poll
done:
  store atomic i32 0, ptr @lock release, align 4
  br label %leave
leave:
  ret void
}}

define internal i64 @first(i64 %p, i64 %chunks, i64 %members) alwaysinline {{
  %product = mul i64 %p, %chunks
  %quotient = udiv i64 %product, %members
  ret i64 %quotient
}}

define internal void @rise(ptr %bed) {{
  %swapped = cmpxchg ptr %bed, i32 1, i32 0 seq_cst seq_cst
  %slept = extractvalue {{ i32, i1 }} %swapped, 1
  br i1 %slept, label %wake, label %leave
wake:
  %hook = load atomic ptr, ptr @wake monotonic, align 8
  call void %hook(ptr %bed)
  br label %leave
leave:
  ret void
}}

; Takes chunks of one round: first of the own share, then of the others'.
define internal void @participate(i64 %me, i32 %round) {{
entry:
  %function = load atomic ptr, ptr @function monotonic, align 8
  %arguments = load atomic ptr, ptr @arguments monotonic, align 8
  %count = load atomic i64, ptr @count monotonic, align 8
  %grain = load atomic i64, ptr @grain monotonic, align 8
  %chunks = load atomic i64, ptr @chunks monotonic, align 8
  %members = load atomic i64, ptr @members monotonic, align 8
  %member = icmp slt i64 %me, %members
  br i1 %member, label %share, label %leave
share:
  %q = phi i64 [ 0, %entry ], [ %q.next, %next ]
  %sum = phi i64 [ 0, %entry ], [ %done, %next ]
  %place = add i64 %me, %q
  %p = urem i64 %place, %members
  %p.next = add i64 %p, 1
  %to = call i64 @first(i64 %p.next, i64 %chunks, i64 %members)
  %word = getelementptr [16 x i64], ptr @claims, i64 %p
  %seen = load atomic i64, ptr %word acquire, align 8
  br label %take
take:
  %claim = phi i64 [ %seen, %share ], [ %now, %lost ], [ %now, %run ]
  %done = phi i64 [ %sum, %share ], [ %done, %lost ], [ %done.next, %run ]
  %stamp = lshr i64 %claim, 32
  %stamp32 = trunc i64 %stamp to i32
  %current = icmp eq i32 %stamp32, %round
  %left = and i64 %claim, 4294967295
  %some = icmp ne i64 %left, 0
  %open = and i1 %current, %some
  br i1 %open, label %claim.one, label %next
claim.one:
  %less = sub i64 %claim, 1
  %swapped = cmpxchg ptr %word, i64 %claim, i64 %less acq_rel acquire
  %old = extractvalue {{ i64, i1 }} %swapped, 0
  %got = extractvalue {{ i64, i1 }} %swapped, 1
  %now = select i1 %got, i64 %less, i64 %old
  br i1 %got, label %run, label %lost
lost:
  br label %take
run:
  %chunk = sub i64 %to, %left
  %begin = mul i64 %chunk, %grain
  %bound = add i64 %begin, %grain
  %end = call i64 @llvm.smin.i64(i64 %bound, i64 %count)
  call void %function(ptr %arguments, i64 %begin, i64 %end)
  %done.next = add i64 %done, 1
  br label %take
next:
  %q.next = add i64 %q, 1
  %around = icmp eq i64 %q.next, %members
  br i1 %around, label %report, label %share
report:
  %idle = icmp eq i64 %done, 0
  br i1 %idle, label %leave, label %subtract
subtract:
  %p.before = atomicrmw sub ptr @pending, i64 %done release
  br label %leave
leave:
  ret void
}}

define void @tenfold_worker(i64 %me) {{
entry:
  %bed = getelementptr [32 x i32], ptr @asleep, i64 %me
  %limit = load atomic i32, ptr @spin_turns monotonic, align 4
  br label %wait
wait:
  %last = phi i32 [ 0, %entry ], [ %current, %work ]
  br label %spin
spin:
  %turn = phi i32 [ 0, %wait ], [ %turn.next, %breathe ], [ 0, %slept ]
  %current = load atomic i32, ptr @sequence acquire, align 4
  %moved = icmp ne i32 %current, %last
  br i1 %moved, label %check, label %stay
check:
  %stopping = load atomic i32, ptr @stopping monotonic, align 4
  %stop = icmp ne i32 %stopping, 0
  br i1 %stop, label %leave, label %work
work:
  call void @leave_cpu_of_caller()
  call void @participate(i64 %me, i32 %current)
  br label %wait
stay:
  %turn.next = add i32 %turn, 1
  %tired = icmp uge i32 %turn, %limit
  br i1 %tired, label %lie.down, label %breathe
breathe:
  {pause}
  br label %spin
lie.down:                              ; either this sees the new round, or the caller sees this word
  %up = atomicrmw xchg ptr %bed, i32 1 seq_cst
  %again = load atomic i32, ptr @sequence seq_cst, align 4
  %late = icmp ne i32 %again, %last
  br i1 %late, label %get.up, label %sleep
get.up:
  %down = atomicrmw xchg ptr %bed, i32 0 seq_cst
  br label %slept
sleep:
  %hook = load atomic ptr, ptr @sleep monotonic, align 8
  call void %hook(ptr %bed)
  br label %slept
slept:
  br label %spin
leave:
  ret void
}}

define void @tenfold_stop() {{
entry:
  store atomic i32 1, ptr @team monotonic, align 4
  store atomic i32 1, ptr @stopping release, align 4
  %old = atomicrmw add ptr @sequence, i32 1 seq_cst
  br label %rouse
rouse:
  %w = phi i64 [ 0, %entry ], [ %w.next, %rouse ]
  %bed = getelementptr [32 x i32], ptr @asleep, i64 %w
  call void @rise(ptr %bed)
  %w.next = add i64 %w, 1
  %all = icmp eq i64 %w.next, {max}
  br i1 %all, label %leave, label %rouse
leave:
  ret void
}}

define void @tenfold_configure(i32 %team, i32 %turns) {{
  store atomic i32 %turns, ptr @spin_turns monotonic, align 4
  store atomic i32 %team, ptr @team release, align 4
  ret void
}}

define void @tenfold_hooks(ptr %start, ptr %sleep, ptr %wake) {{
  store atomic ptr %start, ptr @start release, align 8
  %own = icmp ne ptr %sleep, null
  br i1 %own, label %set, label %leave
set:
  store atomic ptr %sleep, ptr @sleep release, align 8
  store atomic ptr %wake, ptr @wake release, align 8
  br label %leave
leave:
  ret void
}}

define void @tenfold_reset() {{         ; in a forked process, which has none of the workers
entry:
  store atomic i32 0, ptr @lock monotonic, align 4
  store atomic i32 0, ptr @sequence monotonic, align 4
  store atomic i32 0, ptr @stopping monotonic, align 4
  call void @llvm.memset.p0.i64(ptr @asleep, i8 0, i64 {asleep_bytes}, i1 false)
  call void @llvm.memset.p0.i64(ptr @claims, i8 0, i64 {claims_bytes}, i1 false)
  store atomic i32 0, ptr @team release, align 4
  ret void
}}

define void @tenfold_spin(i32 %turns) {{
entry:
  br label %spin
spin:
  %turn = phi i32 [ 0, %entry ], [ %turn.next, %spin ]
  %current = load atomic i32, ptr @sequence acquire, align 4
  {pause}
  %turn.next = add i32 %turn, 1
  %more = icmp ult i32 %turn.next, %turns
  br i1 %more, label %spin, label %leave
leave:
  ret void
}}
"""

# Linux lets a worker that it woke stay where its caller runs, if other cores are busy, too. Then the worker moves: its affinity
# leaves out that core for a moment.
# FUTEX_WAIT_PRIVATE is 128, FUTEX_WAKE_PRIVATE 129.
_LINUX = """
@affinity = global [16 x i64] zeroinitializer
declare i32 @sched_getcpu()
declare i32 @sched_setaffinity(i32, i64, ptr)

define internal i32 @current_cpu() {{
  %cpu = call i32 @sched_getcpu()
  ret i32 %cpu
}}

define internal void @leave_cpu_of_caller() {{
entry:
  %mask = alloca [16 x i64], align 8
  %mine = call i32 @sched_getcpu()
  %cpu = load atomic i32, ptr @cpu monotonic, align 4
  %same = icmp eq i32 %mine, %cpu
  %known = icmp ult i32 %cpu, 1024
  %move = and i1 %same, %known
  br i1 %move, label %leave.out, label %leave
leave.out:
  call void @llvm.memcpy.p0.p0.i64(ptr %mask, ptr @affinity, i64 128, i1 false)
  %word = lshr i32 %cpu, 6
  %place = getelementptr [16 x i64], ptr %mask, i32 0, i32 %word
  %bit = and i32 %cpu, 63
  %bit64 = zext i32 %bit to i64
  %one = shl i64 1, %bit64
  %others = xor i64 %one, -1
  %old = load i64, ptr %place, align 8
  %new = and i64 %old, %others
  store i64 %new, ptr %place, align 8
  %moved = call i32 @sched_setaffinity(i32 0, i64 128, ptr %mask)
  %back = call i32 @sched_setaffinity(i32 0, i64 128, ptr @affinity)
  br label %leave
leave:
  ret void
}}

define internal void @futex_wait(ptr %word) {{
entry:
  br label %look
look:
  %value = load atomic i32, ptr %word seq_cst, align 4
  %awake = icmp eq i32 %value, 0
  br i1 %awake, label %leave, label %wait
wait:
  %r = call i64 (i64, ...) @syscall(i64 {number}, ptr %word, i32 128, i32 1, ptr null, ptr null, i32 0)
  br label %look
leave:
  ret void
}}

define internal void @futex_wake(ptr %word) {{
  %r = call i64 (i64, ...) @syscall(i64 {number}, ptr %word, i32 129, i32 1, ptr null, ptr null, i32 0)
  ret void
}}
"""

_ELSEWHERE = """
define internal i32 @current_cpu() {
  ret i32 -1
}

define internal void @leave_cpu_of_caller() {
  ret void
}
"""

_MACHINE = platform.machine().lower()
_PAUSES = {"x86_64": "pause", "amd64": "pause", "aarch64": "isb", "arm64": "isb"}
_FUTEX_NUMBERS = {"x86_64": 202, "aarch64": 98, "riscv64": 98, "ppc64le": 221, "s390x": 238}


class _Pool:
    """The workers of this process."""

    def __init__(self, has_futex: bool) -> None:
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        llvm.initialize_native_asmparser()
        module = llvm.parse_assembly(_source(has_futex))
        module.verify()
        machine = llvm.Target.from_default_triple().create_target_machine(opt=2)
        engine = llvm.create_mcjit_compiler(module, machine)
        engine.finalize_object()
        code, word = engine.get_function_address, ctypes.c_void_p
        self.address = code(SYMBOL)
        self._work = ctypes.CFUNCTYPE(None, ctypes.c_int64)(code("tenfold_worker"))
        self._stop = ctypes.CFUNCTYPE(None)(code("tenfold_stop"))
        self._reset = ctypes.CFUNCTYPE(None)(code("tenfold_reset"))
        self._configure = ctypes.CFUNCTYPE(None, ctypes.c_int32, ctypes.c_int32)(code("tenfold_configure"))
        self._spin = ctypes.CFUNCTYPE(None, ctypes.c_int32)(code("tenfold_spin"))
        set_hooks = ctypes.CFUNCTYPE(None, word, word, word)(code("tenfold_hooks"))
        self._affinity = engine.get_global_value_address("affinity") if has_futex else 0
        engine.detach()  # the code stays until the process ends: a worker may be in it even then
        llvm.add_symbol(SYMBOL, self.address)

        on_word = ctypes.CFUNCTYPE(None, word)
        self._hooks = [ctypes.CFUNCTYPE(None)(self._start)]
        if not has_futex:
            self._hooks += [on_word(self._sleep), on_word(self._wake)]
        set_hooks(*[ctypes.cast(hook, word) for hook in self._hooks], *[None] * (3 - len(self._hooks)))

        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)
        atexit.register(self.stop)
        settings.thread_listeners.append(self._resize)

    def _begin(self) -> None:
        self._starting = threading.Lock()
        self._workers: list[threading.Thread] = []
        self._turns = 0
        self._is_stopped = False
        self._beds: dict[int, threading.Semaphore] = {}

    def _forked(self) -> None:
        self._begin()
        self._reset()

    def _resize(self, threads: int) -> None:
        if not self._is_stopped:
            self._configure(0, self._turns)  # the next call asks again

    def _start(self) -> None:
        """Called by machine code that finds no team: starts the workers that are missing."""
        with self._starting:
            if self._is_stopped:
                return
            team = thread_count()
            if team > 1:
                self._turns = self._turns or self._count_turns()
            if self._affinity:
                cpus = sum(1 << cpu for cpu in os.sched_getaffinity(0) if cpu < 1024)
                ctypes.memmove(self._affinity, cpus.to_bytes(128, "little"), 128)
            self._configure(1, self._turns)  # what follows may run machine code of other threads
            try:
                while len(self._workers) < team - 1:
                    number = len(self._workers) + 1
                    worker = threading.Thread(
                        target=self._work, args=(number,), name=f"tenfold-worker-{number}", daemon=True
                    )
                    worker.start()
                    self._workers.append(worker)
            except RuntimeError:  # no more threads to be had, or the interpreter is shutting down
                team = 1 + len(self._workers)
            self._configure(team, self._turns)

    def _count_turns(self) -> int:
        """The turns of a spinning worker that take about SPIN_SECONDS: how long a pause is differs tenfold."""
        turns = 1000
        seconds = min(self._time_spin(turns) for _ in range(3))
        return max(100, int(turns * SPIN_SECONDS / max(seconds, 1e-9)))

    def _time_spin(self, turns: int) -> float:
        start = time.perf_counter()
        self._spin(turns)
        return time.perf_counter() - start

    def stop(self) -> None:
        """Lets the workers go, and waits shortly for those inside a kernel; later calls run on their own thread."""
        with self._starting:
            self._is_stopped = True
            self._stop()
        for worker in self._workers:
            worker.join(timeout=0.2)

    # Without futex: a worker sleeps on a semaphore. The words are told apart by their addresses.

    def _sleep(self, word: int) -> None:
        bed = self._beds.setdefault(word, threading.Semaphore(0))
        value = ctypes.c_int32.from_address(word)
        while value.value:
            bed.acquire()

    def _wake(self, word: int) -> None:
        self._beds.setdefault(word, threading.Semaphore(0)).release()


def _source(has_futex: bool) -> str:
    pause = _PAUSES.get(_MACHINE)
    source = _IR.format(
        symbol=SYMBOL,
        max=MAX_THREADS,
        asleep_bytes=MAX_THREADS * 128,
        claims_bytes=MAX_THREADS * 128,
        pause=f'call void asm sideeffect "{pause}", ""()' if pause else "fence acquire",
        sleep="@futex_wait" if has_futex else "null",
        wake="@futex_wake" if has_futex else "null",
        **{"yield": "%y = call i32 @sched_yield()" if os.name == "posix" else "fence acquire"},
    )
    return source + (_LINUX.format(number=_FUTEX_NUMBERS[_MACHINE]) if has_futex else _ELSEWHERE)


_pool: _Pool | None = None
_making = threading.Lock()


def thread_count() -> int:
    """The number of threads that a parallel loop may use, the caller's among them.

    Returns:
      What `tf.config.threading.set_intra_op_parallelism_threads` set; else the cores that affinity and the container's CPU quota leave.
    """
    return min(get_intra_op_parallelism_threads() or usable_cores(), MAX_THREADS)


def parallel_for_address() -> int:
    """The address of `parallel_for`, `void(ptr function, ptr arguments, i64 count, i64 grain)`.

    It is also made known to LLVM's linker under the name `SYMBOL`, so it must be called before code that uses the name is
    linked. No thread is started before the first loop.
    """
    global _pool
    if _pool is None:
        with _making:
            if _pool is None:
                _pool = _Pool(has_futex=sys.platform == "linux" and _MACHINE in _FUTEX_NUMBERS)
    return _pool.address
