"""`tf.train`: checkpoints, in TensorFlow's own files."""

from tenfold.train import experimental as experimental
from tenfold.train.checkpoint import Checkpoint as Checkpoint
from tenfold.train.manager import CheckpointManager as CheckpointManager
from tenfold.train.options import CheckpointOptions as CheckpointOptions
from tenfold.train.reader import list_variables as list_variables
from tenfold.train.reader import load_checkpoint as load_checkpoint
from tenfold.train.reader import load_variable as load_variable
from tenfold.train.state import checkpoint_exists as checkpoint_exists
from tenfold.train.state import get_checkpoint_state as get_checkpoint_state
from tenfold.train.state import latest_checkpoint as latest_checkpoint
from tenfold.train.state import update_checkpoint_state as update_checkpoint_state
