"""The public namespace `tf.config`."""

from tenfold.config import experimental as experimental
from tenfold.config import optimizer as optimizer
from tenfold.config import threading as threading
from tenfold.core import config as _config
from tenfold.core.config import experimental_connect_to_cluster as experimental_connect_to_cluster
from tenfold.core.config import experimental_connect_to_host as experimental_connect_to_host
from tenfold.core.config import functions_run_eagerly as functions_run_eagerly
from tenfold.core.config import run_functions_eagerly as run_functions_eagerly
from tenfold.core.devices import LogicalDevice as LogicalDevice
from tenfold.core.devices import LogicalDeviceConfiguration as LogicalDeviceConfiguration
from tenfold.core.devices import PhysicalDevice as PhysicalDevice
from tenfold.core.devices import get_logical_device_configuration as get_logical_device_configuration
from tenfold.core.devices import get_soft_device_placement as get_soft_device_placement
from tenfold.core.devices import get_visible_devices as get_visible_devices
from tenfold.core.devices import list_logical_devices as list_logical_devices
from tenfold.core.devices import list_physical_devices as list_physical_devices
from tenfold.core.devices import set_logical_device_configuration as set_logical_device_configuration
from tenfold.core.devices import set_soft_device_placement as set_soft_device_placement
from tenfold.core.devices import set_visible_devices as set_visible_devices

experimental_functions_run_eagerly = _config.functions_run_eagerly
experimental_run_functions_eagerly = _config.run_functions_eagerly
