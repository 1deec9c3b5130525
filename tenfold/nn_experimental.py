"""`tf.nn.experimental`."""

from tenfold.ops.dropout import general_dropout as general_dropout
from tenfold.ops.dropout import stateless_dropout as stateless_dropout
