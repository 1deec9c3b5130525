"""Ops of TensorFlow's graphs that read and write files; they run only where the user allows them by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tenfold.core import dtypes
from tenfold.core.errors import InvalidArgumentError, UnimplementedError
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor, wrap
from tenfold.files.contents import contents, effect, matching, write
from tenfold.saved_model.importing import Functions, Values, handles
from tenfold.saved_model.plan import PlannedNode
from tenfold.train import slices
from tenfold.train.bundle import Bundle
from tenfold.train.bundle_writer import write_bundle


@handles("ReadFile", reaches="reads files")
def _read_file(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return effect(node.op, contents, inputs, [Spec(dtypes.string._np, ())])


@handles("WriteFile", reaches="writes files")
def _write_file(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return effect(node.op, write, inputs, [])


@handles("MatchingFiles", reaches="looks for files")
def _matching_files(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return effect(node.op, matching, inputs, [Spec.rows(dtypes.string._np)])


@handles("RestoreV2", reaches="reads files")
def _restore(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    types = node.attrs["dtypes"]

    def restored(*tensors: Tensor) -> list[Tensor]:
        return [
            _of_type(x, dtype, name) for (name, x), dtype in zip(_read_parts(*map(_texts, tensors)), types, strict=True)
        ]

    return effect(node.op, restored, inputs, [Spec(dtype._np, None) for dtype in types])


@handles("SaveV2", reaches="writes files")
def _save(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    return effect(node.op, _write_tensors, inputs, [])


def _texts(tensor: Tensor) -> list[str]:
    return [text.decode() for text in tensor._array.reshape(-1)]


def _write_tensors(prefix: Tensor, names: Tensor, parts: Tensor, *tensors: Tensor) -> list[Tensor]:
    if any(_texts(parts)):
        raise UnimplementedError(f"SaveV2: parts of tensors, {_texts(parts)}, are not written.")
    (path,) = _texts(prefix)
    write_bundle(path, {name: x._array for name, x in zip(_texts(names), tensors, strict=True)})
    return []


def _read_parts(prefix: list[str], names: list[str], parts: list[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Tensors of a checkpoint with their names; a part is `"4 3 0,2:-"`: rows 0 and 1 of all 4, and all of the 3 columns."""
    bundle = Bundle(*prefix)
    last, whole = "", np.zeros(())
    for name, part in zip(names, parts, strict=True):
        if name != last:
            last, whole = name, bundle.read(name)
        if not part:
            yield name, whole
            continue
        *sizes, cuts = part.split(" ")
        try:
            shape = [int(size) for size in sizes]
            extents = [
                (0, slices.FULL) if cut == "-" else (int(cut.split(",")[0]), int(cut.split(",")[1]))
                for cut in cuts.split(":")
            ]
        except (ValueError, IndexError):
            raise InvalidArgumentError(f"RestoreV2: {part!r} is no part of a tensor.") from None
        if shape != list(whole.shape):
            raise InvalidArgumentError(f"RestoreV2: {name!r} has shape {whole.shape}; {tuple(shape)} is expected.")
        yield name, whole[slices.indices(extents, shape)]


def _of_type(array: np.ndarray, dtype: Any, name: str) -> Tensor:
    if array.dtype != dtype._np:
        raise InvalidArgumentError(f"RestoreV2: {name!r} is {array.dtype}; {dtype.name} is expected.")
    return wrap(array)
