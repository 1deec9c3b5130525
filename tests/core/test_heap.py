"""Memory that arrays gave back is there for the next ones."""

import platform
import subprocess
import sys

import pytest

STEPS = """
import resource
import tenfold as tf
x = tf.ones([1 << 21])
def step():
    y = [x + float(i) for i in range(6)]  # 48 MB, which all go when it ends
for _ in range(3):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
WEIGHTS = """
import tenfold as tf
variables = [tf.Variable(tf.zeros([1 << 18])) for _ in range(32)]  # more than has been free before
address = variables[-1].value().__array__().__array_interface__["data"][0]
for line in open("/proc/self/smaps"):
    word = line.split()[0]
    if "-" in word:
        begin, end = (int(n, 16) for n in word.split("-"))
    if word == "VmFlags:" and begin <= address < end:
        print("hg" in line.split())
"""
is_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="is about glibc's heap")


@is_glibc
def test_steps_get_the_memory_of_the_steps_before():
    run = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 1000  # pages; 48 MB are 12,288


@is_glibc
def test_weights_may_have_huge_pages():
    run = subprocess.run([sys.executable, "-c", WEIGHTS], capture_output=True, text=True, check=True)
    assert run.stdout == "True\n"
