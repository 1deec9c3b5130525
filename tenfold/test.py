"""The public namespace `tf.test`."""

from tenfold.testing.benchmark import Benchmark as Benchmark
from tenfold.testing.benchmark import main as main
from tenfold.testing.build import gpu_device_name as gpu_device_name
from tenfold.testing.build import is_built_with_cuda as is_built_with_cuda
from tenfold.testing.build import is_built_with_gpu_support as is_built_with_gpu_support
from tenfold.testing.build import is_built_with_rocm as is_built_with_rocm
from tenfold.testing.build import is_built_with_xla as is_built_with_xla
from tenfold.testing.build import is_cpu_target_available as is_cpu_target_available
from tenfold.testing.build import is_gpu_available as is_gpu_available
from tenfold.testing.case import TestCase as TestCase
from tenfold.testing.gradient import compute_gradient as compute_gradient
