"""Memory that arrays gave back is there for the next ones."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="is about glibc's heap")
def test_steps_get_the_memory_of_the_steps_before():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 1000  # pages; 48 MB are 12,288
