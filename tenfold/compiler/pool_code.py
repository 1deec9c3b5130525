"""The machine code of the worker pool, as LLVM IR; `pool` says how it works."""

from __future__ import annotations

import os
import platform

SYMBOL = "tenfold_parallel_for"
MAX_THREADS = 256

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

; Takes chunks of one round: first of the own share, then of the others'. Who is about to take the last of its own gets a few
; microseconds to do so: it has the data.
define internal void @participate(i64 %me, i32 %round) {{
entry:
  %function = load atomic ptr, ptr @function monotonic, align 8
  %arguments = load atomic ptr, ptr @arguments monotonic, align 8
  %count = load atomic i64, ptr @count monotonic, align 8
  %grain = load atomic i64, ptr @grain monotonic, align 8
  %chunks = load atomic i64, ptr @chunks monotonic, align 8
  %members = load atomic i64, ptr @members monotonic, align 8
  %spin = load atomic i32, ptr @spin_turns monotonic, align 4
  %patience = udiv i32 %spin, 128
  %member = icmp slt i64 %me, %members
  br i1 %member, label %share, label %leave
share:
  %q = phi i64 [ 0, %entry ], [ %q.next, %next ], [ 0, %again ]
  %sum = phi i64 [ 0, %entry ], [ %done, %next ], [ %done, %again ]
  %greedy = phi i1 [ false, %entry ], [ %greedy, %next ], [ true, %again ]
  %left.alone = phi ptr [ null, %entry ], [ %left.alone.next, %next ], [ null, %again ]
  %claim.there = phi i64 [ 0, %entry ], [ %claim.there.next, %next ], [ 0, %again ]
  %own = icmp eq i64 %q, 0
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
  %left = and i64 %claim, 2147483647
  %some = icmp ne i64 %left, 0
  %open = and i1 %current, %some
  br i1 %open, label %look, label %next
look:
  %last = icmp eq i64 %left, 1
  %begun = and i64 %claim, 2147483648    ; its owner has taken some
  %is.begun = icmp ne i64 %begun, 0
  %others = select i1 %own, i1 false, i1 %last
  %at.work = select i1 %greedy, i1 false, i1 %is.begun
  %is.left = and i1 %others, %at.work
  br i1 %is.left, label %next, label %claim.one
claim.one:
  %fewer = sub i64 %claim, 1
  %mark = select i1 %own, i64 2147483648, i64 0
  %less = or i64 %fewer, %mark
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
  %left.alone.next = phi ptr [ %left.alone, %take ], [ %word, %look ]
  %claim.there.next = phi i64 [ %claim.there, %take ], [ %claim, %look ]
  %q.next = add i64 %q, 1
  %around = icmp eq i64 %q.next, %members
  br i1 %around, label %settle, label %share
settle:
  %all = icmp eq ptr %left.alone.next, null
  br i1 %all, label %report, label %wait
wait:
  %turn = phi i32 [ 0, %settle ], [ %turn.next, %wait ]
  {pause}
  %claim.now = load atomic i64, ptr %left.alone.next monotonic, align 8
  %same = icmp eq i64 %claim.now, %claim.there.next
  %turn.next = add i32 %turn, 1
  %patient = icmp ult i32 %turn.next, %patience
  %on = and i1 %same, %patient
  br i1 %on, label %wait, label %again
again:
  br label %share
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

MACHINE = platform.machine().lower()
_PAUSES = {"x86_64": "pause", "amd64": "pause", "aarch64": "isb", "arm64": "isb"}
FUTEX_NUMBERS = {"x86_64": 202, "aarch64": 98, "riscv64": 98, "ppc64le": 221, "s390x": 238}


def source(has_futex: bool) -> str:
    """The text of the module, for a system that has the futex call or not."""
    pause = _PAUSES.get(MACHINE)
    text = _IR.format(
        symbol=SYMBOL,
        max=MAX_THREADS,
        asleep_bytes=MAX_THREADS * 128,
        claims_bytes=MAX_THREADS * 128,
        pause=f'call void asm sideeffect "{pause}", ""()' if pause else "fence acquire",
        sleep="@futex_wait" if has_futex else "null",
        wake="@futex_wake" if has_futex else "null",
        **{"yield": "%y = call i32 @sched_yield()" if os.name == "posix" else "fence acquire"},
    )
    return text + (_LINUX.format(number=FUTEX_NUMBERS[MACHINE]) if has_futex else _ELSEWHERE)
