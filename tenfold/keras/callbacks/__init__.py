"""`tf.keras.callbacks`."""

from tenfold.keras.callbacks.averages import SwapEMAWeights as SwapEMAWeights
from tenfold.keras.callbacks.backup import BackupAndRestore as BackupAndRestore
from tenfold.keras.callbacks.callback import Callback as Callback
from tenfold.keras.callbacks.callback import CallbackList as CallbackList
from tenfold.keras.callbacks.callback import History as History
from tenfold.keras.callbacks.callback import ProgbarLogger as ProgbarLogger
from tenfold.keras.callbacks.common import CSVLogger as CSVLogger
from tenfold.keras.callbacks.common import LambdaCallback as LambdaCallback
from tenfold.keras.callbacks.common import LearningRateScheduler as LearningRateScheduler
from tenfold.keras.callbacks.common import TerminateOnNaN as TerminateOnNaN
from tenfold.keras.callbacks.monitor import EarlyStopping as EarlyStopping
from tenfold.keras.callbacks.monitor import ModelCheckpoint as ModelCheckpoint
from tenfold.keras.callbacks.monitor import ReduceLROnPlateau as ReduceLROnPlateau
from tenfold.keras.callbacks.remote import RemoteMonitor as RemoteMonitor
