"""`tf.keras.experimental`: older names of the schedules."""

from tenfold.keras.optimizers.schedules import CosineDecay as CosineDecay
from tenfold.keras.optimizers.schedules import CosineDecayRestarts as CosineDecayRestarts
