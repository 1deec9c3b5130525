import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import tenfold as tf
from tenfold.compiler import pool, pool_code

pytest.importorskip("llvmlite", reason="the pool is machine code made by llvmlite")
sys.path.insert(0, str(Path(__file__).parent))
from native_loops import INCREMENT, NESTED, run  # noqa: E402


@pytest.fixture(params=[1, 2, 5])
def threads(request):
    before = tf.config.threading.get_intra_op_parallelism_threads()
    tf.config.threading.set_intra_op_parallelism_threads(request.param)
    yield request.param
    tf.config.threading.set_intra_op_parallelism_threads(before)


def run_script(script, timeout=60):
    """The output of a script in a process of its own, which must end well."""
    head = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
    done = subprocess.run(
        [sys.executable, "-c", head + script], capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("count", "grain"), [(0, 1), (1, 1), (2, 1), (3, 1), (7, 3), (100, 1), (1000, 64), (1000, 5000)]
)
def test_every_index_runs_once_in_each_round(threads, count, grain):
    array = np.zeros(count + 1, np.int64)
    run(INCREMENT, array, 500, count, grain)
    assert array[:count].tolist() == [500] * count
    assert array[count] == 0


def test_rounds_after_the_workers_fell_asleep(threads):
    array = np.zeros(50, np.int64)
    for _ in range(20):
        time.sleep(0.002)
        run(INCREMENT, array, 3, 50)
    assert set(array.tolist()) == {60}


def test_a_loop_inside_a_loop_runs_on_its_own_thread(threads):
    array = np.zeros(2000, np.int64)
    run(NESTED, array, 20, 20)
    assert set(array.tolist()) == {20}


def test_several_python_threads_call_at_once(threads):
    arrays = [np.zeros(300, np.int64) for _ in range(6)]
    callers = [threading.Thread(target=run, args=(INCREMENT, array, 400, 300)) for array in arrays]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)
    assert not any(caller.is_alive() for caller in callers)
    assert all(set(array.tolist()) == {400} for array in arrays)


def test_thread_count_is_what_was_set(threads):
    assert pool.thread_count() == threads


def test_idle_workers_sleep():
    tf.config.threading.set_intra_op_parallelism_threads(4)
    try:
        run(INCREMENT, np.zeros(100, np.int64), 10, 100)
        time.sleep(0.05)
        before = time.process_time()
        time.sleep(0.5)
        assert time.process_time() - before < 0.25  # three spinning workers would take more than 0.5
    finally:
        tf.config.threading.set_intra_op_parallelism_threads(0)


_SUM = """
import os, threading, time
import numpy as np
import tenfold as tf
tf.config.threading.set_intra_op_parallelism_threads(3)
from tenfold.compiler import pool, pool_code
from native_loops import INCREMENT, FOREVER, run
def total(rounds=50):
    array = np.zeros(200, np.int64)
    run(INCREMENT, array, rounds, 200)
    return int(array.sum())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_has_workers_of_its_own():
    script = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)  # Python warns of forks beside threads
assert total() == 10000
for _ in range(3):
    child = os.fork()
    if not child:
        names = [t.name for t in threading.enumerate()]
        ok = total() == 10000 and sum(t.name.startswith("tenfold-worker") for t in threading.enumerate()) == 2
        os._exit(0 if ok else 1)
    assert total() == 10000
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
print("well")
"""
    assert run_script(_SUM + script) == "well\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_fork_while_another_thread_has_the_workers():
    script = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)
busy = threading.Thread(target=total, args=(20000,))
busy.start()
for _ in range(10):
    child = os.fork()
    if not child:
        os._exit(0 if total() == 10000 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
busy.join()
print("well")
"""
    assert run_script(_SUM + script) == "well\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_processes_forked_while_another_thread_traces():
    """They waited for ever for the lock of that thread, which they do not have."""
    script = """
import os, signal, threading
import tenfold as tf
x = tf.ones([8])
def trace():
    tf.function(lambda x: tf.reduce_sum(tf.nn.softmax(x)))(x)
def trace_on_and_on():
    while True:
        trace()
trace()  # Python's imports do not survive a fork in their midst
threading.Thread(target=trace_on_and_on, daemon=True).start()
for i in range(8):
    child = os.fork()
    if not child:
        signal.alarm(20)
        os._exit(0 if float(tf.function(lambda x: tf.reduce_max(x) * i)(x)) == i else 1)
    assert os.waitpid(child, 0)[1] == 0
print("well", flush=True)
os._exit(0)
"""
    assert run_script(script) == "well\n"


def test_a_process_forked_while_the_first_function_is_traced(tmp_path, monkeypatch):
    monkeypatch.setenv("TENFOLD_CACHE_DIR", str(tmp_path))  # LLVM has to be loaded, which a thread does meanwhile
    script = """
import os, warnings
warnings.simplefilter("ignore", DeprecationWarning)
import tenfold as tf
children = []
@tf.function
def double(x):
    children.append(os.fork())
    return x * 2.0 + 1.0
ok = double(tf.constant([1.0, 2.0])).numpy().tolist() == [3.0, 5.0]
if not children[0]:
    os._exit(0 if ok else 1)
assert ok and os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 0
print("well")
"""
    assert run_script(script) == "well\n"


def test_workers_that_sleep_on_python_locks():
    script = """
pool._pool = pool._Pool(has_futex=False)  # as where there is no futex
import importlib, native_loops
importlib.reload(native_loops)
for _ in range(30):
    assert total() == 10000
    assert native_loops.run(native_loops.INCREMENT, array := np.zeros(90, np.int64), 40, 90) is None
    assert array.sum() == 3600
    time.sleep(0.002)
before = time.process_time()
time.sleep(0.4)
assert time.process_time() - before < 0.3
print("well")
"""
    assert run_script(_SUM + script) == "well\n"


@pytest.mark.parametrize("end", ["", "sys.exit(0)", "raise SystemExit"])
def test_exit_with_a_thread_inside_machine_code(end):
    script = f"""
import sys
forever = np.zeros(8, np.int64)
threading.Thread(target=run, args=(FOREVER, forever, 1, 2), daemon=True).start()  # occupies a worker, too
while not forever[0]:
    time.sleep(0.001)
print(total(), flush=True)
{end}
"""
    assert run_script(_SUM + script) == "10000\n"


def test_a_loop_after_the_workers_were_let_go():
    assert run_script(_SUM + "total(); pool._pool.stop(); print(total())") == "10000\n"


@pytest.mark.parametrize(
    ("machine", "has_futex"), [("x86_64", True), ("x86_64", False), ("aarch64", True), ("aarch64", False)]
)
def test_code_for_other_systems(monkeypatch, machine, has_futex):
    llvm = pytest.importorskip("llvmlite.binding", reason="the pool is machine code made by llvmlite")
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    monkeypatch.setattr(pool_code, "MACHINE", machine)
    source = pool_code.source(has_futex)
    assert ('"pause"' if machine == "x86_64" else '"isb"') in source
    # llvmlite cannot assemble another processor's instructions: generate the code around them
    parsed = llvm.parse_assembly(re.sub(r"call void asm .*", "fence acquire", source))
    parsed.triple = f"{machine}-unknown-linux-gnu"
    parsed.verify()
    try:
        target = llvm.Target.from_triple(parsed.triple)
    except RuntimeError:
        pytest.skip("this llvmlite generates code for its own processor only")
    code = target.create_target_machine(opt=2).emit_assembly(parsed)
    assert ("syscall" in code) == has_futex


def test_other_python_threads_run_during_a_native_call():
    """Nobody is made to give up the interpreter's lock: the other thread counts only while the call has released it."""

    @tf.function
    def many_turns(n):
        x = tf.constant(0.0)
        for _ in tf.range(n):
            x = tf.sin(x + 1.0)
        return x

    many_turns(tf.constant(10))
    count, is_over = 0, False

    def counts():
        nonlocal count
        while not is_over:
            count += 1
            time.sleep(0)

    interval = sys.getswitchinterval()
    thread = threading.Thread(target=counts)
    sys.setswitchinterval(100.0)
    try:
        thread.start()
        before = count
        many_turns(tf.constant(3_000_000))
        during = count - before
    finally:
        is_over = True
        sys.setswitchinterval(interval)
        thread.join()
    assert during > 10
