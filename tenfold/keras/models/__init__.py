"""`tf.keras.models`."""

from tenfold.keras.models.clone import clone_model as clone_model
from tenfold.keras.models.model import Functional as Functional
from tenfold.keras.models.model import Model as Model
from tenfold.keras.models.sequential import Sequential as Sequential
from tenfold.keras.saving import load_model as load_model
from tenfold.keras.saving import model_from_json as model_from_json
from tenfold.keras.saving import save_model as save_model
