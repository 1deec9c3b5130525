import os

import pytest

from tenfold.compiler.cpus import usable_cores


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    return tmp_path


def write(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def test_without_control_groups_the_affinity_counts(root):
    assert usable_cores(root) == 8


@pytest.mark.parametrize(
    ("limit", "cores"), [("200000 100000", 2), ("150000 100000", 2), ("10000 100000", 1), ("max 100000", 8)]
)
def test_quota_of_version_2(root, limit, cores):
    write(root, {"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": limit})
    assert usable_cores(root) == cores


def test_quota_of_an_outer_group_counts(root):
    write(root, {
        "proc/self/cgroup": "0::/a/b\n",
        "sys/fs/cgroup/a/b/cpu.max": "max 100000",
        "sys/fs/cgroup/a/cpu.max": "300000 100000",
    })  # fmt: skip
    assert usable_cores(root) == 3


@pytest.mark.parametrize("mount", ["cpu", "cpu,cpuacct"])
@pytest.mark.parametrize(("quota", "cores"), [("400000", 4), ("-1", 8)])
def test_quota_of_version_1(root, mount, quota, cores):
    group = f"sys/fs/cgroup/{mount}/docker/x"
    write(root, {
        "proc/self/cgroup": "5:devices:/docker/x\n4:cpu,cpuacct:/docker/x\n0::/\n",
        f"{group}/cpu.cfs_quota_us": f"{quota}\n",
        f"{group}/cpu.cfs_period_us": "100000\n",
    })  # fmt: skip
    assert usable_cores(root) == cores


def test_quota_seen_from_inside_a_container(root):
    """The path in /proc is the host's, the mounted tree begins at the container's own group."""
    write(root, {"proc/self/cgroup": "0::/kubepods/pod1\n", "sys/fs/cgroup/cpu.max": "100000 100000\n"})
    assert usable_cores(root) == 1
