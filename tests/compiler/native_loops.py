"""Machine code that the tests of the pool run."""

import ctypes

from tenfold.compiler import codegen, loader, pool

SOURCE = f"""
declare void @{pool.SYMBOL}(ptr, ptr, i64, i64)
define void @increment(ptr %a, i64 %begin, i64 %end) {{
entry: br label %loop
loop:
  %i = phi i64 [ %begin, %entry ], [ %next, %loop ]
  %p = getelementptr i64, ptr %a, i64 %i
  %old = load i64, ptr %p
  %new = add i64 %old, 1
  store i64 %new, ptr %p
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %end
  br i1 %more, label %loop, label %leave
leave: ret void
}}
define void @nested(ptr %a, i64 %begin, i64 %end) {{
entry: br label %loop
loop:
  %i = phi i64 [ %begin, %entry ], [ %next, %loop ]
  %offset = mul i64 %i, 100
  %p = getelementptr i64, ptr %a, i64 %offset
  call void @{pool.SYMBOL}(ptr @increment, ptr %p, i64 100, i64 10)
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %end
  br i1 %more, label %loop, label %leave
leave: ret void
}}
define void @forever(ptr %a, i64 %begin, i64 %end) {{
entry: br label %loop
loop:
  store atomic volatile i64 1, ptr %a monotonic, align 8
  br label %loop
}}
define void @rounds(ptr %function, ptr %a, i64 %rounds, i64 %count, i64 %grain) {{
entry: br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  call void @{pool.SYMBOL}(ptr %function, ptr %a, i64 %count, i64 %grain)
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %rounds
  br i1 %more, label %loop, label %leave
leave: ret void
}}
"""

pool.parallel_for_address()
_code = loader.load(loader.packed(codegen.object_files([SOURCE])))
_code.keep()  # also when the module is loaded again
INCREMENT, NESTED, FOREVER = (_code.address(name) for name in ("increment", "nested", "forever"))
_rounds = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * 3)(_code.address("rounds"))


def run(function, array, rounds, count, grain=1):
    """Runs a parallel loop several times, the GIL released."""
    _rounds(function, array.ctypes.data, rounds, count, grain)
