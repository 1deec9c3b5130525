"""How a model was compiled, in the words of Keras 2."""

from __future__ import annotations

from typing import Any

from tenfold.keras.saving.serialization import builtin_function

# What Keras 2 does not have: classes and functions, and options with the values at which they do nothing.
_LATER = frozenset(
    "Lamb Muon MultiOptimizer ScheduleFreeAdamW LossScaleOptimizer CTC Circle CategoricalGeneralizedCrossEntropy Dice Tversky "
    "PearsonCorrelation ConcordanceCorrelation ctc circle categorical_generalized_cross_entropy dice tversky "
    "lamb muon schedulefreeadamw loss_scale_optimizer mean_with_sample_weight".split()
)
_LATER_OPTIONS: dict[str, Any] = {
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
    "from_sorted_ids": False,
}


class _TooNew(Exception):
    """Keras 2 does not have it."""


def former_training_config(model: Any) -> dict[str, Any] | None:
    """What Keras 2 compiles a model from; None if it lacks one of the parts, or one is the user's."""
    try:
        config = {name: _former(_by_position(value, model)) for name, value in model.get_compile_config().items()}
    except (NotImplementedError, TypeError, _TooNew):
        return None
    names = ("loss", "metrics", "weighted_metrics", "loss_weights")
    kind, options = config["optimizer"]["class_name"], config["optimizer"]["config"]
    optimizer = {"class_name": f"Custom>{kind}", "config": {**options, "is_legacy_optimizer": False}}
    return {"optimizer_config": optimizer, **{name: config[name] for name in names}}


def _by_position(value: Any, model: Any) -> Any:
    """What is given for each output by its name, as a list: the model that Keras 2 makes has other names for outputs."""
    names = model.output_names if model._graph is not None else []
    if len(names) < 2 or not isinstance(value, dict) or not value.keys() <= set(names):
        return value
    return [value.get(name) for name in names]


def _former(value: Any, later: dict[str, Any] = _LATER_OPTIONS) -> Any:
    if isinstance(value, list):
        return [_former(item) for item in value]
    if not isinstance(value, dict):
        if isinstance(value, str) and value in _LATER:
            raise _TooNew
        return value
    kind = value.get("class_name")
    if kind == "function" and value["module"] == "builtins" and not isinstance(builtin_function(value["config"]), str):
        return _former(value["config"])
    if kind is not None and not str(value.get("module")).startswith("keras"):
        raise _TooNew
    if kind == "SparseCategoricalCrossentropy":
        later = {**later, "axis": -1}
    if any(name in value and value[name] != default for name, default in later.items()):
        raise _TooNew
    return {name: _former(item, later) for name, item in value.items() if name not in later}
