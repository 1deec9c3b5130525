"""LLVM without llvmlite's Python: what it makes is what llvmlite makes."""

from __future__ import annotations

import pytest

from tenfold.compiler import llvm

binding = pytest.importorskip("llvmlite.binding", reason="LLVM is in llvmlite's library")

LOOP = """
define float @sum(ptr %x, i64 %n) {
entry:
  br label %next
next:
  %i = phi i64 [ 0, %entry ], [ %i.next, %next ]
  %s = phi float [ 0.0, %entry ], [ %s.next, %next ]
  %p = getelementptr float, ptr %x, i64 %i
  %v = load float, ptr %p
  %s.next = fadd float %s, %v
  %i.next = add i64 %i, 1
  %more = icmp slt i64 %i.next, %n
  br i1 %more, label %next, label %end
end:
  ret float %s.next
}
"""
INLINED = """
define internal double @square(double %x) alwaysinline {
  %y = fmul double %x, %x
  ret double %y
}
define double @fourth(double %x) {
  %y = call double @square(double %x)
  %z = call double @square(double %y)
  ret double %z
}
"""


def by_llvmlite(text, level):
    machine = binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(), features=binding.get_host_cpu_features().flatten(), opt=level, jit=True
    )
    module = binding.parse_assembly(text, binding.create_context())
    passes = binding.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.run(module, binding.create_pass_builder(machine, binding.create_pipeline_tuning_options(speed_level=0)))
    return machine.emit_object(module)


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("text", [LOOP, INLINED])
def test_object_files_are_those_of_llvmlite(text, level):
    made = llvm.object_file(text, llvm.cpu_name(), llvm.cpu_features(), level)
    assert made == by_llvmlite(text, level)


def test_the_processor_is_the_one_that_llvmlite_sees():
    assert llvm.cpu_name() == binding.get_host_cpu_name()
    assert llvm.cpu_features() == dict(binding.get_host_cpu_features())


@pytest.mark.parametrize(
    "text, message",
    [("define i32 @f() { ret i64 0 }", "value doesn't match function result type"), ("nonsense", "expected top-level")],
)
def test_what_is_not_llvm_ir_is_an_error(text, message):
    with pytest.raises(RuntimeError, match=message):
        llvm.object_file(text, llvm.cpu_name(), llvm.cpu_features(), 2)
