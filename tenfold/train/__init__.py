"""`tf.train`: checkpoints in TensorFlow's own files, and the messages of TFRecord files.

>>> ages = tf.train.Feature(int64_list=tf.train.Int64List(value=[3, 4]))
>>> example = tf.train.Example(features=tf.train.Features(feature={"ages": ages}))
>>> tf.train.Example.FromString(example.SerializeToString()).features.feature["ages"].int64_list.value
[3, 4]
"""

from tenfold.train import experimental as experimental
from tenfold.train.checkpoint import Checkpoint as Checkpoint
from tenfold.train.manager import CheckpointManager as CheckpointManager
from tenfold.train.moving_averages import ExponentialMovingAverage as ExponentialMovingAverage
from tenfold.train.options import CheckpointOptions as CheckpointOptions
from tenfold.train.reader import list_variables as list_variables
from tenfold.train.reader import load_checkpoint as load_checkpoint
from tenfold.train.reader import load_variable as load_variable
from tenfold.train.state import checkpoint_exists as checkpoint_exists
from tenfold.train.state import checkpoints_iterator as checkpoints_iterator
from tenfold.train.state import get_checkpoint_state as get_checkpoint_state
from tenfold.train.state import latest_checkpoint as latest_checkpoint
from tenfold.train.state import update_checkpoint_state as update_checkpoint_state

_MESSAGES = frozenset(
    "BytesList Example Feature FeatureList FeatureLists Features FloatList Int64List SequenceExample".split()
)


def __getattr__(name: str) -> object:
    """Makes the class of a message when it is first used."""
    if name not in _MESSAGES:
        raise AttributeError(f"module 'tenfold.train' has no attribute {name!r}")
    from tenfold.protos import example

    globals()[name] = getattr(example, name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({name for name in globals() if not name.startswith("_")} | _MESSAGES)
