"""Compiled: what `compile` says of how a model is trained, and the metrics that come of it."""

from __future__ import annotations

import warnings
from typing import Any

from tenfold.core import restoring
from tenfold.keras.models.steps import Steps
from tenfold.keras.notes import note_once


class Compiled:
    """Optimizer, losses and metrics of a model."""

    stop_training = stop_evaluating = stop_predicting = False
    optimizer: Any = None
    loss: Any = None
    history: Any = None

    def __init__(self) -> None:
        put = object.__setattr__
        put(self, "compiled", False)
        put(self, "stop_training", False)
        put(self, "optimizer", None)
        put(self, "_compile_config", None)
        put(self, "_compile_loss", None)
        put(self, "_compile_metrics", None)
        put(self, "_loss_tracker", None)
        put(self, "_initial_epoch", None)  # set by callbacks that resume a training
        put(self, "_supply", None)  # of batches, while `fit` runs
        put(self, "run_eagerly", False)
        put(self, "jit_compile", False)
        put(self, "steps_per_execution", 1)
        put(self, "_steps", Steps())

    # Compiling.

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
        **kwargs: Any,
    ) -> None:
        """Says how the model is trained.

        Args:
          optimizer: optimizer or name of one.
          loss: loss, function of `(y_true, y_pred)`, name of one; a list or a dict by output name for several outputs.
          loss_weights: numbers by which the losses of several outputs are multiplied.
          metrics, weighted_metrics: lists of metrics, names or functions; weighted ones take `sample_weight` and
            `class_weight` into account.
          run_eagerly: whether steps run as the Python code they are, for debugging; else they are compiled where there are
            many of them.
          steps_per_execution: how many batches come between calls of callbacks.
          jit_compile: whether steps are compiled even if there are few of them; `"auto"` means that they are not.

        Example:
          >>> model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(3, activation="softmax")])
          >>> model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        """
        from tenfold.keras import metrics as metrics_module
        from tenfold.keras import optimizers
        from tenfold.keras.models.compile_utils import CompiledLoss, CompiledMetrics

        for name in ("experimental_run_tf_function", "sample_weight_mode", "distribute", "pss_evaluation_shards"):
            if name in kwargs:
                kwargs.pop(name)
                note_once(f"`{name}` of `Model.compile` is gone; it has no effect.")
        if loss_weights is not None and not isinstance(loss_weights, (list, tuple, dict, int, float)):
            raise ValueError(
                f"Model.compile: loss_weights={loss_weights!r} is of the type {type(loss_weights)}; expected a number, or a list "
                "or dict of numbers, one for each output."
            )
        if jit_compile is True and run_eagerly:
            warnings.warn(
                "If `run_eagerly` is True, then `jit_compile` cannot also be True. Disabling it.", stacklevel=2
            )
            jit_compile = False
        if kwargs:
            raise TypeError(f"Model.compile: unexpected arguments {sorted(kwargs)}.")
        optimizer = optimizers.get(optimizer)
        if getattr(self.dtype_policy, "compute_dtype", None) == "float16" and auto_scale_loss:  # type: ignore[attr-defined]
            if not isinstance(optimizer, optimizers.LossScaleOptimizer):
                optimizer = optimizers.LossScaleOptimizer(optimizer, name="loss_scale_optimizer")
        put = object.__setattr__
        names = getattr(self, "output_names", None)  # those of a graph
        put(self, "_steps", Steps())
        put(self, "optimizer", optimizer)
        put(self, "loss", loss)
        put(self, "_compile_loss", CompiledLoss(loss, loss_weights, names) if loss is not None else None)
        has_metrics = metrics is not None or weighted_metrics is not None
        put(self, "_compile_metrics", CompiledMetrics(metrics, weighted_metrics, names) if has_metrics else None)
        put(self, "_loss_tracker", metrics_module.Mean(name="loss"))
        self.run_eagerly = run_eagerly
        self.steps_per_execution = steps_per_execution
        self.jit_compile = False if jit_compile == "auto" else bool(jit_compile)
        self.stop_training = False
        put(
            self,
            "_compile_config",
            {
                "optimizer": optimizer,
                "loss": loss,
                "loss_weights": loss_weights,
                "metrics": metrics,
                "weighted_metrics": weighted_metrics,
                "run_eagerly": run_eagerly,
                "steps_per_execution": steps_per_execution,
                "jit_compile": self.jit_compile,
            },
        )
        self.compiled = True
        restoring.resume(self)

    def get_compile_config(self) -> dict[str, Any] | None:
        """What `compile_from_config` needs; None if the model is not compiled."""
        if not self.compiled:
            return None
        from tenfold.keras.saving import serialization

        return {k: serialization.serialize_keras_object(v) for k, v in self._compile_config.items()}  # type: ignore[attr-defined]

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles the model from what `get_compile_config` returned."""
        from tenfold.keras.saving import serialization

        self.compile(**{k: serialization.deserialize_keras_object(v) for k, v in config.items()})
        if getattr(self, "built", False):
            self.optimizer.build(self.trainable_variables)  # type: ignore[attr-defined]

    def _require_compiled(self, method: str) -> None:
        if not self.compiled:
            raise ValueError(f"You must call `compile()` before calling `{method}()`.")

    @property
    def metrics(self) -> list:
        """The loss tracker, the metrics of `compile` as one, the trackers of single losses, the metrics of layers."""
        found: list[Any] = [self._loss_tracker] if self._loss_tracker is not None else []  # type: ignore[attr-defined]
        if self._compile_metrics is not None:  # type: ignore[attr-defined]
            found.append(self._compile_metrics)  # type: ignore[attr-defined]
        if self._compile_loss is not None:  # type: ignore[attr-defined]
            found.extend(self._compile_loss.trackers)  # type: ignore[attr-defined]
        return [*found, *super().metrics]  # type: ignore[misc]

    @property
    def metrics_names(self) -> list[str]:
        """The names of `metrics`, with those of the single metrics of `compile`."""
        compiled = self._compile_metrics  # type: ignore[attr-defined]
        groups = [metric.metrics if metric is compiled else [metric] for metric in self.metrics]
        return [metric.name for group in groups for metric in group]

    def reset_metrics(self) -> None:
        """Starts all metrics anew."""
        for metric in self.metrics:
            metric.reset_state()

    def get_metrics_result(self) -> dict[str, Any]:
        """The current results of all metrics, by name."""
        results: dict[str, Any] = {}
        for metric in self.metrics:
            value = metric.result()
            if isinstance(value, dict):
                results.update(value)
            else:
                results[metric.name] = value
        return results
