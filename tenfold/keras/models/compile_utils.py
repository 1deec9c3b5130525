"""The losses and metrics of a compiled model, resolved against its outputs."""

from __future__ import annotations

from typing import Any, NamedTuple

from tenfold.core import nest
from tenfold.core.tensor import Tensor
from tenfold.keras import losses as losses_module
from tenfold.keras import metrics as metrics_module
from tenfold.keras.naming import to_snake_case
from tenfold.ops import elementwise

_KINDS = {
    "accuracy": ("BinaryAccuracy", "SparseCategoricalAccuracy", "CategoricalAccuracy"),
    "crossentropy": ("BinaryCrossentropy", "SparseCategoricalCrossentropy", "CategoricalCrossentropy"),
}
_KINDS["acc"], _KINDS["ce"] = _KINDS["accuracy"], _KINDS["crossentropy"]


def resolve_metric(identifier: Any, y_true: Any, y_pred: Any) -> Any:
    """The metric that a name, a function, a config or a metric means for targets and outputs of these shapes."""
    if identifier is None:
        return None
    if isinstance(identifier, str) and identifier.lower() in _KINDS:
        binary, sparse, categorical = _KINDS[identifier.lower()]
        true_shape, shape = tuple(y_true.shape), tuple(y_pred.shape)
        if shape[-1:] == (1,) or not shape:
            kind = binary
        elif len(true_shape) < len(shape) or true_shape[-1:] == (1,):
            kind = sparse
        else:
            kind = categorical
        return getattr(metrics_module, kind)(name=identifier)
    if isinstance(identifier, str):
        metric = metrics_module.get(identifier)
        if not isinstance(metric, metrics_module.Metric):
            metric = metrics_module.MeanMetricWrapper(metric, name=identifier)
        else:
            metric.name = identifier
        return metric
    metric = metrics_module.get(identifier)
    if isinstance(metric, metrics_module.Metric):
        return metric
    if isinstance(metric, losses_module.Loss):
        return metrics_module.MeanMetricWrapper(metric, name=metric.name)
    return metrics_module.MeanMetricWrapper(
        metric, name=to_snake_case(getattr(metric, "__name__", type(metric).__name__))
    )


def resolve_loss(identifier: Any, y_true: Any, y_pred: Any) -> Any:
    """The loss function of `(y_true, y_pred, sample_weight)` that a name, a function or a loss means."""
    if identifier is None:
        return None
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        metric = resolve_metric(identifier, y_true, y_pred)
        return getattr(losses_module, type(metric).__name__)()
    loss = losses_module.get(identifier)
    if isinstance(loss, losses_module.Loss):
        return loss
    name = identifier if isinstance(identifier, str) else getattr(loss, "__name__", None)
    return losses_module.LossFunctionWrapper(loss, name=name)


def _by_output(value: Any, names: list[str], count: int, what: str) -> list:
    """One entry per output, from a single value, a list or a dict by output name."""
    if isinstance(value, dict) and not ("class_name" in value and "config" in value):
        unknown = [key for key in value if key not in names]
        if unknown:
            raise ValueError(f"In the dict argument `{what}`, the keys {unknown} are no outputs of the model: {names}.")
        return [value.get(name) for name in names]
    if isinstance(value, (list, tuple)):
        if len(value) != count:
            raise ValueError(
                f"For a model with {count} outputs, `{what}` must have as many entries; got {len(value)}: {value}."
            )
        return list(value)
    return [value] * count


def _losses_by_output(value: Any, names: list[str], what: str) -> list:
    """The same, where one output may have several losses: a list of them."""
    if len(names) == 1 and isinstance(value, (list, tuple)) and len(value) > 1:
        return [value]
    return _by_output(value, names, len(names), what)


class _OutputLoss(NamedTuple):
    """One loss of one output."""

    output: int
    function: Any
    weight: float | None
    tracker: Any


class CompiledLoss:
    """The weighted sum of the losses of all outputs.

    Attributes:
      trackers: means of the single losses, where there is more than one of them.
    """

    def __init__(self, loss: Any, loss_weights: Any, output_names: list[str] | None) -> None:
        self._given, self._weights, self._names = loss, loss_weights, output_names
        self._losses: list[_OutputLoss] | None = None
        self.trackers: list = []

    def _build(self, y_true: Any, y_pred: Any) -> None:
        flat = nest.flatten(y_pred)
        names = output_names_of(y_pred, self._names)
        given = _losses_by_output(self._given, names, "loss")
        weights = _losses_by_output(self._weights, names, "loss_weights")
        targets = flat_targets(y_true, y_pred, names)
        found: list[tuple[int, Any, Any]] = []
        for i in _order(self._given, y_pred, names):
            several = list(given[i]) if isinstance(given[i], (list, tuple)) else [given[i]]
            factors = list(weights[i]) if isinstance(weights[i], (list, tuple)) else [weights[i]]
            if factors == [None]:
                factors = [None] * len(several)
            if len(factors) != len(several):
                raise ValueError(
                    f"The output '{names[i]}' has {len(several)} losses, but {len(factors)} loss_weights. Pass one for each."
                )
            wanted = [(loss, factor) for loss, factor in zip(several, factors, strict=True) if loss is not None]
            if targets[i] is None:
                if wanted and len(flat) > 1:
                    raise ValueError(
                        f"The output '{names[i]}' has a loss, but there is no target for it. Pass one, or None as its loss."
                    )
                continue
            found.extend([(i, resolve_loss(loss, targets[i], flat[i]), factor) for loss, factor in wanted])
        is_tracked = len(found) > 1
        self._losses = []
        for i, loss, factor in found:
            name = loss.name if len(names) == 1 else names[i]
            tracker = metrics_module.Mean(name=f"{name}_loss") if is_tracked else None
            self._losses.append(_OutputLoss(i, loss, factor, tracker))
        self.trackers = [loss.tracker for loss in self._losses] if is_tracked else []

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor | None:
        if self._losses is None:
            self._build(y_true, y_pred)
        losses: list[_OutputLoss] = self._losses  # type: ignore[assignment]
        if isinstance(y_pred, Tensor) and len(losses) == 1:
            _, function, weight, _ = losses[0]
            value = function(
                y_true if isinstance(y_true, Tensor) else nest.flatten(y_true)[0], y_pred, _first(sample_weight)
            )
            return value if weight is None else value * weight
        flat = nest.flatten(y_pred)
        names = output_names_of(y_pred, self._names)
        targets = flat_targets(y_true, y_pred, names)
        weights = _by_output(sample_weight, names, len(flat), "sample_weight")
        total: Tensor | None = None
        for i, function, weight, tracker in losses:
            if targets[i] is None:
                continue
            value = function(targets[i], flat[i], weights[i])
            if tracker is not None:
                tracker.update_state(value, sample_weight=flat[i]._array.shape[0])
            if weight is not None:
                value = value * weight
            total = value if total is None else total + value
        return total


def _order(loss: Any, y_pred: Any, names: list[str]) -> list[int]:
    """The outputs in the order of their losses: where they have names, as the dict of losses, or the model's results, have them."""
    if not isinstance(y_pred, dict):
        return list(range(len(names)))
    first = [key for key in loss if key in names] if isinstance(loss, dict) else list(y_pred)
    return [names.index(key) for key in dict.fromkeys([*first, *names])]


class CompiledMetrics(metrics_module.Metric):
    """The metrics of all outputs as one, made when the first batch shows the shapes."""

    def __init__(self, metrics: Any, weighted_metrics: Any, output_names: list[str] | None) -> None:
        super().__init__(name="compile_metrics")
        self._given, self._weighted, self._names = metrics, weighted_metrics, output_names
        self._by_output: list[tuple[str | None, list, list]] | None = None

    @property
    def metrics(self) -> list:
        found = []
        for _, plain, weighted in self._by_output or ():
            found.extend([*plain, *weighted])
        return found

    @property
    def variables(self) -> list:
        return [v for metric in self.metrics for v in metric.variables]

    def reset_state(self) -> None:
        for metric in self.metrics:
            metric.reset_state()

    def build(self, y_true: Any, y_pred: Any) -> None:
        flat = nest.flatten(y_pred)
        names = output_names_of(y_pred, self._names)
        targets = flat_targets(y_true, y_pred, names)
        plain = _metrics_by_output(self._given, names, len(flat), "metrics")
        weighted = _metrics_by_output(self._weighted, names, len(flat), "weighted_metrics")
        self._by_output = []
        for i, output in enumerate(flat):
            made = [
                [resolve_metric(m, targets[i], output) for m in group[i] if m is not None]
                for group in (plain, weighted)
            ]
            self._by_output.append((names[i] if len(flat) > 1 else None, *made))  # type: ignore[arg-type]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if self._by_output is None:
            self.build(y_true, y_pred)
        flat = nest.flatten(y_pred)
        names = output_names_of(y_pred, self._names)
        targets = flat_targets(y_true, y_pred, names)
        weights = _by_output(sample_weight, names, len(flat), "sample_weight")
        for (_, plain, weighted), true, pred, weight in zip(self._by_output, targets, flat, weights, strict=True):  # type: ignore[arg-type]
            if true is None:
                continue
            for metric in plain:
                metric.update_state(true, pred)
            for metric in weighted:
                metric.update_state(true, pred, weight)

    def by_log_name(self) -> dict[str, Any]:
        """The metrics by the names of their results: those without weights first."""
        found: dict[str, Any] = {}
        for output, plain, _ in self._by_output or ():
            for metric in plain:
                found[_free_name(found, metric.name, output, False)] = metric
        for output, _, weighted in self._by_output or ():
            for metric in weighted:
                found[_free_name(found, metric.name, output, True)] = metric
        return found

    def result(self) -> dict[str, Any]:
        results: dict[str, Any] = {}
        for name, metric in self.by_log_name().items():
            value = metric.result()
            results.update(value if isinstance(value, dict) else {name: value})
        return results


def _free_name(taken: dict[str, Any], name: str, output: str | None, is_weighted: bool) -> str:
    """The name of a result: that of the metric after that of its output, told apart from those that are there already."""
    base = name if output is None else f"{output}_{name}"
    if is_weighted and base in taken:
        base = f"weighted_{name}" if output is None else f"{output}_weighted_{name}"
    key, count = base, 1
    while key in taken:
        key, count = f"{base}_{count}", count + 1
    return key


def _metrics_by_output(value: Any, names: list[str], count: int, what: str) -> list[list]:
    if value is None:
        return [[] for _ in range(count)]
    if isinstance(value, dict):
        unknown = [key for key in value if key not in names]
        if unknown:
            raise ValueError(f"In the dict argument `{what}`, the keys {unknown} are no outputs of the model: {names}.")
        groups = [value.get(name) for name in names]
    elif isinstance(value, (list, tuple)) and count > 1 and len(value) == count:
        groups = list(value)
    else:
        value = list(value) if isinstance(value, (list, tuple)) else [value]
        if len(value) == 1 and isinstance(value[0], (list, tuple)):
            value = list(value[0])
        groups = [value] * count
    return [list(g) if isinstance(g, (list, tuple)) else [] if g is None else [g] for g in groups]


def output_names_of(y_pred: Any, names: list[str] | None) -> list[str]:
    """Names of the outputs: of the model, the keys of a dict, or numbers."""
    if isinstance(y_pred, dict):
        return sorted(y_pred)
    count = 1 if isinstance(y_pred, Tensor) else len(nest.flatten(y_pred))
    return names if names is not None and len(names) == count else [f"output_{i}" for i in range(count)]


def flat_targets(y_true: Any, y_pred: Any, names: list[str]) -> list:
    """The target of each output, None for an output without one."""
    if isinstance(y_true, dict):
        unknown = [key for key in y_true if key not in names]
        if unknown and not isinstance(y_pred, Tensor):
            raise ValueError(f"The targets {unknown} are no outputs of the model: {names}.")
        return [y_true.get(name) for name in names] if not unknown else nest.flatten(y_true)
    flat = [y_true] if y_true is None else nest.flatten(y_true)
    if len(flat) != len(names):
        raise ValueError(f"The model has {len(names)} outputs {names}, but there are {len(flat)} targets.")
    return flat


def _first(value: Any) -> Any:
    return nest.flatten(value)[0] if isinstance(value, (list, tuple, dict)) else value


def total_of(losses: list) -> Tensor:
    """The sum of scalar losses."""
    total = losses[0]
    for loss in losses[1:]:
        total = elementwise.add(total, loss)
    return total
