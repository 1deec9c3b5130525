"""`tf.keras.utils`."""

from tenfold.keras.models.data_adapter import pack_x_y_sample_weight as pack_x_y_sample_weight
from tenfold.keras.models.data_adapter import unpack_x_y_sample_weight as unpack_x_y_sample_weight
from tenfold.keras.random import set_random_seed as set_random_seed
from tenfold.keras.saving.registration import CustomObjectScope as CustomObjectScope
from tenfold.keras.saving.registration import custom_object_scope as custom_object_scope
from tenfold.keras.saving.registration import get_custom_objects as get_custom_objects
from tenfold.keras.saving.registration import get_registered_name as get_registered_name
from tenfold.keras.saving.registration import get_registered_object as get_registered_object
from tenfold.keras.saving.registration import register_keras_serializable as register_keras_serializable
from tenfold.keras.saving.serialization import deserialize_keras_object as deserialize_keras_object
from tenfold.keras.saving.serialization import serialize_keras_object as serialize_keras_object
from tenfold.keras.session import clear_session as clear_session
from tenfold.keras.session import is_keras_tensor as is_keras_tensor
from tenfold.keras.utils import legacy as legacy
from tenfold.keras.utils.data_utils import get_file as get_file
from tenfold.keras.utils.image_utils import array_to_img as array_to_img
from tenfold.keras.utils.image_utils import img_to_array as img_to_array
from tenfold.keras.utils.image_utils import load_img as load_img
from tenfold.keras.utils.image_utils import save_img as save_img
from tenfold.keras.utils.numerical import normalize as normalize
from tenfold.keras.utils.numerical import pad_sequences as pad_sequences
from tenfold.keras.utils.numerical import standardize_dtype as standardize_dtype
from tenfold.keras.utils.numerical import to_categorical as to_categorical
from tenfold.keras.utils.progbar import Progbar as Progbar
from tenfold.keras.utils.sequence import PyDataset as PyDataset
from tenfold.keras.utils.sequence import Sequence as Sequence


def __getattr__(name: str) -> object:
    """Imports the drawing of models, which needs models, when it is first used."""
    if name in ("model_to_dot", "plot_model"):
        from tenfold.keras.utils import model_plot

        return getattr(model_plot, name)
    raise AttributeError(f"module 'tenfold.keras.utils' has no attribute {name!r}: Tenfold does not have it.")
