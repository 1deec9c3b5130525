"""`tf.nn.experimental`."""

from tenfold.ops.embedding import general_dropout as general_dropout
from tenfold.ops.embedding import stateless_dropout as stateless_dropout
