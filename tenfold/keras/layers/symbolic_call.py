"""Calls of a layer on KerasTensors: what comes out, without any value."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core import nest
from tenfold.keras.functional_graph import Node
from tenfold.keras.keras_tensor import KerasTensor
from tenfold.keras.layers.call_arguments import call_shapes, check_inputs, signature_of
from tenfold.keras.variables import path_scope


def noted_call(layer: Any, args: tuple, kwargs: dict) -> Any:
    """What comes out of a layer's call on KerasTensors; the call becomes a node of their graph."""
    if layer.input_spec is not None:
        check_inputs(layer, args[0] if args else next(iter(kwargs.values())))
    with path_scope(layer.name, layer):
        if not layer.built:
            layer._build_for(args, kwargs)
        outputs = layer.compute_output_spec(*args, **kwargs)
    Node(layer, args, kwargs, outputs)
    return outputs


def shape_by_spec(layer: Any, args: tuple, kwargs: dict) -> Any:
    """The shape of a layer's output, from its `compute_output_spec`."""
    given = args[0] if args or not kwargs else next(iter(kwargs.values()))
    is_single = isinstance(given, (tuple, list)) and all(s is None or isinstance(s, int) for s in given)
    dtype = layer.compute_dtype
    specs = KerasTensor(given, dtype) if is_single else [KerasTensor(shape, dtype) for shape in given]
    return nest.map_structure(lambda t: t.shape, layer.compute_output_spec(specs))


def spec_by_shape(layer: Any, args: tuple, kwargs: dict) -> Any:
    """KerasTensors for a layer's outputs, from its `compute_output_shape`."""
    shapes = call_shapes(type(layer), args, kwargs)
    names = signature_of(type(layer), "compute_output_shape").names
    if len(names) <= 1:
        shape = layer.compute_output_shape(next(iter(shapes.values()), None))
    else:
        shape = layer.compute_output_shape(**{k: v for k, v in shapes.items() if k in names})
    return _specs_of(shape, layer.compute_dtype)


def _specs_of(shape: Any, dtype: str) -> Any:
    if isinstance(shape, dict):
        return {key: _specs_of(value, dtype) for key, value in shape.items()}
    if hasattr(shape, "as_list") or (
        isinstance(shape, (tuple, list)) and all(s is None or isinstance(s, (int, np.integer)) for s in shape)
    ):
        return KerasTensor(shape, dtype)
    return type(shape)([_specs_of(item, dtype) for item in shape])
