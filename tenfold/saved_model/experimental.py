"""`tf.saved_model.experimental`: fingerprints."""

from tenfold.saved_model.fingerprint import Fingerprint as Fingerprint
from tenfold.saved_model.fingerprint import read_fingerprint as read_fingerprint
