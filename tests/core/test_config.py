"""tf.config, devices and versions, beyond their golden cases."""

import ctypes
import pathlib
import re

import numpy as np
import pytest

import tenfold as tf
from tenfold.core import config


@pytest.fixture(autouse=True)
def fresh_settings(monkeypatch):
    monkeypatch.setattr(config, "settings", config._Settings())


def test_logical_cpus_can_be_placed_on():
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_soft_device_placement(False)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Could not satisfy device"), tf.device("CPU:1"):
        pass
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    assert [d.name for d in tf.config.list_logical_devices()] == ["/device:CPU:0", "/device:CPU:1"]
    assert len(tf.config.get_logical_device_configuration(cpu)) == 2
    with tf.device("CPU:1"):
        pass


def test_the_cpu_cannot_be_hidden():
    with pytest.raises(ValueError, match="the CPU is left out"):
        tf.config.set_visible_devices([], "CPU")


def test_settings_are_kept():
    tf.config.threading.set_inter_op_parallelism_threads(3)
    tf.config.optimizer.set_jit(True)
    tf.config.optimizer.set_experimental_options({"constant_folding": True})
    tf.config.run_functions_eagerly(True)
    tf.config.experimental.set_device_policy("warn")
    tf.config.experimental.set_synchronous_execution(False)
    tf.config.experimental.enable_tensor_float_32_execution(False)
    tf.config.experimental.enable_op_determinism()
    tf.debugging.set_log_device_placement(True)
    assert tf.config.threading.get_inter_op_parallelism_threads() == 3
    assert tf.config.optimizer.get_jit() == "autoclustering"
    assert tf.config.optimizer.get_experimental_options()["constant_folding"] is True
    assert tf.config.functions_run_eagerly()
    assert tf.config.experimental.get_device_policy() == "warn"
    assert not tf.config.experimental.get_synchronous_execution()
    assert not tf.config.experimental.tensor_float_32_execution_enabled()
    assert tf.debugging.get_log_device_placement()


def test_unknown_option_is_an_error():
    with pytest.raises(ValueError, match="there is no option foo"):
        tf.config.optimizer.set_experimental_options({"foo": True})


@pytest.mark.parametrize("value, error", [(-1, ValueError), ("a", TypeError), (1.5, TypeError)])
def test_number_of_threads_must_be_a_count(value, error):
    with pytest.raises(error):
        tf.config.threading.set_intra_op_parallelism_threads(value)


def _blas_threads():
    """What gives the number of threads of NumPy's OpenBLAS."""
    libraries = list(pathlib.Path(np.__file__).parent.with_name("numpy.libs").glob("*openblas*"))
    threads = getattr(ctypes.CDLL(str(libraries[0])), "scipy_openblas_get_num_threads64_", None) if libraries else None
    if threads is None:
        pytest.skip("NumPy has another linear algebra library")
    return threads


def test_intra_op_threads_limit_blas():
    threads = _blas_threads()
    before = threads()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    assert (threads(), tf.config.threading.get_intra_op_parallelism_threads()) == (1, 1)
    tf.config.threading.set_intra_op_parallelism_threads(before)
    assert threads() == before


@pytest.mark.parametrize("sizes", [(8, 8, 8), (70, 80, 90), (200, 200, 200)])
def test_products_leave_the_threads_of_blas_as_they_were(sizes):
    threads = _blas_threads()
    before, (m, k, n) = threads(), sizes
    a, b = (np.arange(r * c).reshape(r, c) % 7 - 3.0 for r, c in ((k, m), (k, n)))
    product = tf.matmul(a, b, transpose_a=True)
    assert threads() == before
    np.testing.assert_array_equal(product, np.sum(a[:, :, None] * b[:, None], 0))  # integers: exact


def test_clusters_are_refused():
    with pytest.raises(tf.errors.UnimplementedError, match="one process"):
        tf.config.experimental_connect_to_cluster(None)
    with pytest.raises(tf.errors.UnimplementedError, match="one process"):
        tf.config.experimental_connect_to_host("grpc://localhost:1")
    tf.config.experimental.ClusterDeviceFilters().set_device_filters("worker", 0, ["/job:ps"])


def test_versions():
    assert tf.__version__ == tf.version.VERSION == "2.21.0"
    project = (pathlib.Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert tf.__tenfold_version__ == re.search(r'^version = "(.*)"$', project, re.M)[1]


@pytest.mark.parametrize("name", ["get_include", "get_lib", "get_compile_flags", "get_link_flags"])
def test_sysconfig_has_no_library_to_compile_against(name):
    with pytest.raises(tf.errors.UnimplementedError, match=f"tf.sysconfig.{name}: Tenfold is pure Python"):
        getattr(tf.sysconfig, name)()


def test_sysconfig_has_the_flags_of_tensorflows_packages():
    flags = tf.sysconfig.CXX11_ABI_FLAG, tf.sysconfig.CXX_VERSION, tf.sysconfig.MONOLITHIC_BUILD
    assert flags == (1, 201703, 0)


def test_name_scope_is_left_after_an_error():
    with pytest.raises(RuntimeError, match="inside"), tf.name_scope("a"):
        raise RuntimeError("inside")
    assert tf.Variable(1.0).name == "Variable:0"
