"""`tf.keras.callbacks`."""

from tenfold.keras.callbacks.callback import Callback as Callback
from tenfold.keras.callbacks.callback import CallbackList as CallbackList
from tenfold.keras.callbacks.callback import History as History
from tenfold.keras.callbacks.callback import ProgbarLogger as ProgbarLogger
