"""`tf.train.experimental`: objects whose state is bytes."""

from tenfold.train.python_state import PythonState as PythonState
