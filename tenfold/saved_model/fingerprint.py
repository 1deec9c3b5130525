"""What tells one SavedModel from another: hashes of its parts, in `fingerprint.pb`."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from typing import Any

from tenfold.protos import saved_model as messages

FILE = "fingerprint.pb"
_PRODUCER = 4


@dataclass(frozen=True)
class Fingerprint:
    """Hashes of a SavedModel.

    Attributes:
      saved_model_checksum: of `saved_model.pb`.
      graph_def_program_hash, signature_def_hash, saved_object_graph_hash: of its parts.
      checkpoint_hash: of the table of the variables' values, which has their checksums.
      version: of the file.
    """

    saved_model_checksum: int | None = None
    graph_def_program_hash: int | None = None
    signature_def_hash: int | None = None
    saved_object_graph_hash: int | None = None
    checkpoint_hash: int | None = None
    version: Any = None

    @classmethod
    def from_proto(cls, proto: Any) -> Fingerprint:
        """That of a FingerprintDef, or its bytes.

        Raises:
          ValueError: these are none.
        """
        from google.protobuf.message import DecodeError

        try:
            data = proto if isinstance(proto, bytes) else proto.SerializeToString()
            found = messages.FingerprintDef.FromString(data)
        except (DecodeError, AttributeError) as error:
            raise ValueError(f"Given proto could not be deserialized as fingerprint: {error}") from None
        return cls(**{name: getattr(found, name) for name in _HASHES}, version=found.version)

    def singleprint(self) -> str:
        """One text of the hashes of all parts.

        Raises:
          ValueError: one is not known.
        """
        parts = [getattr(self, name) for name in _HASHES[1:]]
        if None in parts:
            raise ValueError(f"Encountered invalid fingerprint values when constructing singleprint: {parts}")
        return "/".join(map(str, parts))

    def __str__(self) -> str:
        return "\n".join(["SavedModel Fingerprint", *[f"  {name}: {getattr(self, name)}" for name in _HASHES]])


_HASHES = [
    "saved_model_checksum",
    "graph_def_program_hash",
    "signature_def_hash",
    "saved_object_graph_hash",
    "checkpoint_hash",
]


def read_fingerprint(export_dir: Any) -> Fingerprint:
    """The fingerprint of a SavedModel.

    Args:
      export_dir: its folder.
    Raises:
      FileNotFoundError: it has none.
      RuntimeError: it is damaged.
    Example:
      >>> import tempfile
      >>> folder = tempfile.mkdtemp()
      >>> tf.saved_model.save(tf.Module(), folder)
      >>> fingerprint = tf.saved_model.experimental.read_fingerprint(folder)
      >>> fingerprint.singleprint() == tf.saved_model.experimental.read_fingerprint(folder).singleprint()
      True
    """
    folder = os.fsdecode(export_dir)
    try:
        with open(os.path.join(folder, FILE), "rb") as file:
            return Fingerprint.from_proto(file.read())
    except (FileNotFoundError, NotADirectoryError):
        text = f"SavedModel Fingerprint Error: Could not find fingerprint in directory: {folder}"
        raise FileNotFoundError(text) from None
    except ValueError as error:
        text = f"SavedModel Fingerprint Error: Could not read fingerprint from {FILE} file in directory: {folder}"
        raise RuntimeError(f"{text}: {error}") from None


def fingerprint_of(model: Any, data: bytes, table: bytes) -> bytes:
    """The content of the file.

    Args:
      model: the message.
      data: its bytes.
      table: the checkpoint's index.
    """
    (graph,) = model.meta_graphs
    signatures = b"".join([_bytes(graph.signature_def[key]) for key in sorted(graph.signature_def)])
    hashes = map(_hash, [data, _bytes(graph.graph_def), signatures, _bytes(graph.object_graph_def), table])
    identifier = str(int.from_bytes(secrets.token_bytes(8), "little"))
    message = messages.FingerprintDef(uuid=identifier, **dict(zip(_HASHES, hashes, strict=True)))
    message.version.producer = _PRODUCER
    return message.SerializeToString()


def _bytes(message: Any) -> bytes:
    return message.SerializeToString(deterministic=True)


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
