"""`tf.keras.saving`: models and weights in files, and objects in configurations."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

from tenfold.keras.saving.registration import CustomObjectScope as CustomObjectScope
from tenfold.keras.saving.registration import custom_object_scope as custom_object_scope
from tenfold.keras.saving.registration import get_custom_objects as get_custom_objects
from tenfold.keras.saving.registration import get_registered_name as get_registered_name
from tenfold.keras.saving.registration import get_registered_object as get_registered_object
from tenfold.keras.saving.registration import register_keras_serializable as register_keras_serializable


def save_model(model: Any, filepath: Any, overwrite: bool = True, zipped: Any = None, **kwargs: Any) -> None:
    """Saves a model, its weights, its optimizer and how it was compiled.

    Args:
      model: the model; it needs no call before, only to be built.
      filepath: path ending in `.keras`, or `.h5`/`.hdf5` for Keras' older format; without an ending, as `models/1`, a folder:
        a SavedModel, which TensorFlow and TensorFlow Serving read, and `load_model` too.
      overwrite: whether an existing file is replaced without a question.
      include_optimizer: whether optimizer, loss and metrics go along.
      save_format: `"tf"` for a folder, `"h5"`; the argument of Keras 2, if the ending does not say it.
    Raises:
      ValueError: the ending is another one, or the file exists and `overwrite` is False.
    """
    include_optimizer = kwargs.pop("include_optimizer", True)
    save_format = kwargs.pop("save_format", None)
    if kwargs:
        raise ValueError(f"save_model: unexpected arguments {sorted(kwargs)}.")
    if zipped is False:
        raise ValueError("save_model: zipped=False (a folder instead of an archive) is not supported. Leave it out.")
    path = Path(os.fspath(filepath))
    if save_format not in (None, "keras", "h5", "hdf5", "tf", "tensorflow"):
        raise ValueError(f"save_model: save_format={save_format!r} is unknown; expected 'tf' or 'h5'.")
    is_h5 = path.suffix in (".h5", ".hdf5") or save_format in ("h5", "hdf5")
    if not is_h5 and (save_format in ("tf", "tensorflow") or not path.suffix.strip(".0123456789")):
        from tenfold.keras.saving.folder import save_folder

        _ask_before_overwriting(path, overwrite)
        return save_folder(model, path, include_optimizer)
    if not is_h5 and path.suffix != ".keras":
        raise ValueError(
            f"Invalid filepath extension for saving. Please add either a `.keras` extension for the native Keras format or a "
            f"`.h5` extension, or no extension for a folder. Received: filepath={filepath}."
        )
    if not model.built:
        warnings.warn(
            "You are saving a model that has not yet been built. It might not contain any weights yet. Consider building the "
            "model first by calling it on some data.",
            stacklevel=3,
        )
    _ask_before_overwriting(path, overwrite)
    if is_h5:
        from tenfold.keras.saving import legacy_h5

        legacy_h5.save_model(model, path, include_optimizer)
        return
    from tenfold.keras.saving import archive

    archive.save_archive(model, path)


def load_model(filepath: Any, custom_objects: Any = None, compile: bool = True, safe_mode: bool = True) -> Any:
    """Loads a model that `save_model` or Keras saved.

    Args:
      filepath: path of a `.keras` or legacy `.h5` file, or of a SavedModel's folder.
      custom_objects: dict of name to class or function, for what cannot be imported under its module's name.
      compile: whether the model is compiled as it was, with its optimizer where it stopped.
      safe_mode: whether lambdas in the file are refused.
    Raises:
      ValueError: the file is damaged, hostile, or of another kind.
    """
    path = Path(os.fspath(filepath))
    if not path.exists():
        raise ValueError(
            f"File not found: filepath={filepath}. Please ensure the file is an accessible `.keras` or `.h5` file."
        )
    if path.is_dir():
        from tenfold.keras.saving.folder import load_folder

        return load_folder(path, custom_objects, compile, safe_mode)
    with open(path, "rb") as file:
        start = file.read(8)
    if start[:4] == b"\x89HDF" or path.suffix in (".h5", ".hdf5"):
        from tenfold.keras.saving import legacy_h5

        return legacy_h5.load_model(path, custom_objects, compile, safe_mode)
    from tenfold.keras.saving import archive

    return archive.load_archive(path, custom_objects, compile, safe_mode)


def save_weights(model: Any, filepath: Any, overwrite: bool = True, **kwargs: Any) -> None:
    """Saves the weights and the optimizer's state.

    Args:
      filepath: path ending in `.weights.h5`; one that ends neither in `.h5`, `.hdf5` nor `.keras` becomes a checkpoint of
        TensorFlow's, as in Keras 2.
      overwrite: whether an existing file is replaced without a question.
      save_format: `"h5"` or `"tf"`, the argument of Keras 2; the ending says it.
    Raises:
      ValueError: the ending is another one of Keras'.
    """
    save_format = kwargs.pop("save_format", None)
    if save_format not in (None, "h5", "keras", "tf", "tensorflow"):
        raise ValueError(f"save_weights: save_format={save_format!r} is unknown; expected 'h5' or 'tf'.")
    if kwargs:
        raise ValueError(f"save_weights: unexpected arguments {sorted(kwargs)}.")
    path = Path(os.fspath(filepath))
    if save_format in ("tf", "tensorflow") or save_format is None and path.suffix not in _ENDINGS:
        _save_checkpoint(model, os.fspath(filepath), overwrite)
        return
    if not path.name.endswith(".weights.h5"):
        raise ValueError(f"The filename must end in `.weights.h5`. Received: filepath={filepath}")
    _ask_before_overwriting(path, overwrite)
    from tenfold.keras.saving import archive

    archive.save_weights_file(model, path)


_ENDINGS = (".h5", ".hdf5", ".keras")


def _save_checkpoint(model: Any, path: str, overwrite: bool) -> None:
    """Saves a model as the root of a checkpoint, and notes it as the latest of its folder."""
    from tenfold.train.bundle import index_path
    from tenfold.train.checkpoint import Checkpoint
    from tenfold.train.state import update_checkpoint_state

    _ask_before_overwriting(Path(index_path(path)), overwrite)
    Checkpoint(model).write(path)
    update_checkpoint_state(os.path.dirname(path), path)


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> Any:
    """Loads weights from a `.weights.h5`, `.keras` or legacy `.h5` file, or from a checkpoint of TensorFlow's.

    Args:
      filepath: the file; of a checkpoint, what `tf.train.latest_checkpoint` returns.
      skip_mismatch: whether layers whose variables differ in number or shape are left as they are.
      by_name: for legacy files, whether layers are found by name instead of order.
    Returns:
      None; of a checkpoint, what `tf.train.Checkpoint.read` returns: a model that is not built gets its values later.
    """
    by_name = kwargs.pop("by_name", False)
    if kwargs:
        raise ValueError(f"load_weights: unexpected arguments {sorted(kwargs)}.")
    path = Path(os.fspath(filepath))
    if path.suffix not in _ENDINGS and (path.with_name(f"{path.name}.index").exists() or path.is_dir()):
        return _load_checkpoint(model, os.fspath(filepath), skip_mismatch or by_name)
    if not path.exists():
        raise FileNotFoundError(f"load_weights: {filepath} does not exist.")
    from tenfold.keras.saving import archive, legacy_h5

    if path.suffix == ".keras":
        archive.load_archive_weights(model, path, skip_mismatch)
    elif path.name.endswith(".weights.h5"):
        archive.load_weights_file(model, path, skip_mismatch)
    elif path.suffix in (".h5", ".hdf5"):
        legacy_h5.load_weights(model, path, by_name, skip_mismatch)
    else:
        raise ValueError(
            f"File format not supported: filepath={filepath}. Keras 3 only supports V3 `.keras` and `.weights.h5` files, or "
            "legacy V1/V2 `.h5` files."
        )
    return None


def _load_checkpoint(model: Any, path: str, is_choosy: bool) -> Any:
    from tenfold.train.checkpoint import Checkpoint

    if is_choosy:
        raise ValueError(
            f"load_weights: {path} is a checkpoint of TensorFlow's, in which objects are found by the names of attributes: "
            "skip_mismatch and by_name are for Keras' files. Leave them out."
        )
    return Checkpoint(model).read(path)


def model_to_json(model: Any, **kwargs: Any) -> str:
    """The architecture of a model as JSON; `kwargs` go to `json.dumps`."""
    from tenfold.keras.saving import serialization

    config = serialization.serialize_keras_object(model)
    config.pop("compile_config", None)
    return json.dumps(config, **kwargs)


def model_from_json(json_string: str, custom_objects: Any = None) -> Any:
    """The model whose `to_json()` this is, with fresh weights."""
    from tenfold.keras.saving.legacy_config import is_legacy, modernized

    config = json.loads(json_string)
    return deserialize_keras_object(modernized(config) if is_legacy(config) else config, custom_objects)


def serialize_keras_object(obj: Any) -> Any:
    """See `tenfold.keras.saving.serialization.serialize_keras_object`."""
    from tenfold.keras.saving import serialization

    return serialization.serialize_keras_object(obj)


def deserialize_keras_object(config: Any, custom_objects: Any = None, safe_mode: bool = True, **kwargs: Any) -> Any:
    """See `tenfold.keras.saving.serialization.deserialize_keras_object`."""
    from tenfold.keras.saving import serialization

    return serialization.deserialize_keras_object(config, custom_objects, safe_mode, **kwargs)


def _ask_before_overwriting(path: Path, overwrite: bool) -> None:
    if overwrite or not path.exists():
        return
    try:
        answer = input(f"[WARNING] {path} already exists - overwrite? [y/n]").strip().lower()
    except EOFError:
        answer = "n"
    if answer not in ("y", "yes"):
        raise FileExistsError(f"{path} exists and overwrite=False; nothing was saved.")
