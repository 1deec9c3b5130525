"""Trainer: compile, fit, evaluate and predict of a model."""

from __future__ import annotations

import functools
import inspect
import warnings
from typing import Any

import numpy as np

from tenfold.autodiff.tape import GradientTape
from tenfold.core import nest
from tenfold.core.tensor import Tensor
from tenfold.keras import random
from tenfold.keras.callbacks.callback import CallbackList, as_numbers
from tenfold.keras.layers.call_context import call_context
from tenfold.keras.models import data_adapter
from tenfold.keras.models.compiled import Compiled
from tenfold.keras.models.data_adapter import unpack_x_y_sample_weight
from tenfold.keras.models.steps import rows_of
from tenfold.keras.models.supply import Supply
from tenfold.keras.notes import note_once


class Trainer(Compiled):
    """The training loops of `Model`.

    Everything a loop does with one batch stands in `train_step`, `test_step` and `predict_step`, which may be overridden;
    `compute_loss` and `compute_metrics` are what they are made of.
    """

    # One batch.

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Tensor:
        """The scalar that training minimises: the compiled loss plus `losses`; may be overridden.

        Raises:
          ValueError: there is neither a compiled loss nor one of a layer.
        """
        losses = list(self.losses)  # type: ignore[attr-defined]
        if self._compile_loss is not None:  # type: ignore[attr-defined]
            loss = self._compile_loss(y, y_pred, sample_weight)  # type: ignore[attr-defined]
            if loss is not None:
                losses.insert(0, loss)
        if not losses:
            raise ValueError("No loss to compute. Provide a `loss` argument in `compile()`.")
        total = losses[0]
        for loss in losses[1:]:
            total = total + loss
        return total

    def _loss_of(self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool) -> Any:
        """`compute_loss`, which a subclass may have written without the argument `training`."""
        if _takes_training(type(self)):  # type: ignore[arg-type]
            return self.compute_loss(x, y, y_pred, sample_weight, training=training)
        return self.compute_loss(x, y, y_pred, sample_weight)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Updates the metrics of `compile` and returns all results; may be overridden."""
        if self._compile_metrics is not None:  # type: ignore[attr-defined]
            self._compile_metrics.update_state(y, y_pred, sample_weight)  # type: ignore[attr-defined]
        return self.get_metrics_result()

    def train_step(self, data: Any) -> dict[str, Any]:
        """Trains on one batch and returns the results of the metrics; may be overridden."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)  # type: ignore[operator]
            loss = self._loss_of(x, y, y_pred, sample_weight, True)
            scaled = self.optimizer.scale_loss(loss)
        self._loss_tracker.update_state(loss, sample_weight=rows_of(x))  # type: ignore[attr-defined]
        variables = self.trainable_variables  # type: ignore[attr-defined]
        if variables:
            self.optimizer.apply_gradients(zip(tape.gradient(scaled, variables), variables, strict=True))
        else:
            warnings.warn("The model does not have any trainable weights.", stacklevel=2)
        return self.compute_metrics(x, y, y_pred, sample_weight=sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Evaluates one batch; may be overridden."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)  # type: ignore[operator]
        loss = self._loss_of(x, y, y_pred, sample_weight, False)
        self._loss_tracker.update_state(loss, sample_weight=rows_of(x))  # type: ignore[attr-defined]
        return self.compute_metrics(x, y, y_pred, sample_weight=sample_weight)

    def predict_step(self, data: Any) -> Any:
        """The outputs for one batch; may be overridden."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)  # type: ignore[operator]

    # What others call, for each batch or once.

    def make_train_function(self, force: bool = False) -> Any:
        """A function that trains on the next batch of an iterator."""
        return self._on_iterator("train_step")

    def make_test_function(self, force: bool = False) -> Any:
        """A function that evaluates the next batch of an iterator."""
        return self._on_iterator("test_step")

    def make_predict_function(self, force: bool = False) -> Any:
        """A function that returns the outputs for the next batch of an iterator."""
        return self._on_iterator("predict_step")

    def _on_iterator(self, name: str) -> Any:
        step = self._steps.compiled(self, name)  # type: ignore[attr-defined]
        return lambda iterator: step(next(iterator))

    def _own_step(self, name: str) -> Any:
        """What a loop runs on each batch if a subclass has its own way of making it, else None."""
        maker = f"make_{name}_function"
        if getattr(type(self), maker) is getattr(Trainer, maker):
            return None
        function = getattr(self, maker)()
        return lambda data: function(iter((data,)))

    def _step_for_loop(self, name: str, batches: Any, steps: int | None) -> Any:
        return self._own_step(name) or self._steps.for_loop(self, f"{name}_step", batches, steps)  # type: ignore[attr-defined]

    def _step_for_training(self, name: str, batches: Any) -> Any:
        return self._own_step(name) or self._steps.for_training(self, f"{name}_step", batches)  # type: ignore[attr-defined]

    # Loops.

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool | str = True,
        class_weight: dict | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        **kwargs: Any,
    ) -> Any:
        """Trains the model.

        Args:
          x, y: arrays (lists or dicts of them for several inputs or outputs), or a generator, `PyDataset` or dataset of
            batches as `x` alone.
          batch_size: rows of a batch, 32 by default.
          epochs, initial_epoch: the epoch after the last one, and the first one.
          verbose: 0 silent, 1 progress bar, 2 one line an epoch.
          callbacks: list of callbacks.
          validation_split: share of the rows, the last ones, to validate on.
          validation_data: `(x, y)` or `(x, y, sample_weight)` arrays, or batches.
          shuffle: whether rows are permuted for each epoch.
          class_weight: dict of class to weight.
          sample_weight: weight of each row.
          steps_per_epoch, validation_steps: batches of an epoch, of a validation.
          validation_freq: every how many epochs to validate, or a list of epochs.
        Returns:
          A `History`; its `history` holds lists of losses and metrics by name.
        Raises:
          ValueError: the model is not compiled, or the data do not fit together.
        """
        self._require_compiled("fit")
        _drop_keras_2_keywords(kwargs, "fit")
        if validation_split and validation_data is None:
            (x, y, sample_weight), held_out = data_adapter.train_validation_split(
                (x, y, sample_weight), validation_split
            )
            validation_data = data_adapter.pack_x_y_sample_weight(*held_out)
        orders = random.row_orders(self)
        batches = data_adapter.batches_of(
            x, y, sample_weight, batch_size, shuffle, class_weight, orders, steps_per_epoch
        )
        supply = Supply(batches, steps_per_epoch, orders)
        validation = None
        if validation_data is not None:
            if isinstance(validation_data, (tuple, list)):
                val_x, val_y, val_weight = unpack_x_y_sample_weight(validation_data)
            else:
                val_x, val_y, val_weight = validation_data, None, None
            validation = data_adapter.batches_of(val_x, val_y, val_weight, validation_batch_size or batch_size)
        steps = steps_per_epoch if steps_per_epoch is not None else batches.num_batches
        verbose = 1 if verbose == "auto" else int(verbose)
        called = (
            callbacks
            if isinstance(callbacks, CallbackList)
            else CallbackList(
                callbacks,
                add_history=True,
                add_progbar=verbose != 0,
                model=self,
                verbose=verbose,
                epochs=epochs,
                steps=steps,
            )
        )
        self.stop_training = False
        with supply.shown_to(self):
            called.on_train_begin()
            logs: dict[str, Any] = {}
            train = self._step_for_training("train", batches)
            test = None if validation is None else self._step_for_training("test", validation)
            for epoch in range(self._initial_epoch or initial_epoch, epochs):  # type: ignore[attr-defined]
                self.reset_metrics()
                called.on_epoch_begin(epoch)
                logs = self._run_batches(supply, train, called, "train")
                if validation is not None and _is_validated(epoch, validation_freq):
                    for name, value in self._validate(Supply(validation, validation_steps), test, called).items():
                        logs[f"val_{name}"] = value
                called.on_epoch_end(epoch, logs)
                if self.stop_training:
                    break
                if supply.is_exhausted and epoch + 1 < epochs:
                    warnings.warn(
                        f"Your input ran out of data; interrupting training after epoch {epoch + 1} of {epochs}. A generator is read "
                        "once: make it endless and pass `steps_per_epoch`.",
                        stacklevel=2,
                    )
                    break
            if hasattr(self.optimizer, "finalize_variable_values") and getattr(self.optimizer, "use_ema", False):
                self.optimizer.finalize_variable_values(self.trainable_weights)  # type: ignore[attr-defined]
            called.on_train_end(logs)
        return self.history

    def _validate(self, supply: Supply, test: Any, called: Any) -> dict[str, float]:
        self.stop_evaluating = False
        called.on_test_begin()
        self.reset_metrics()
        logs = as_numbers(self._run_batches(supply, test, called, "test"))
        called.on_test_end(logs)
        return logs

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The loss and the metrics on data that the model is not trained on.

        Returns:
          A number if there is only the loss, else a list, the loss first, then what `metrics_names` names; a dict if `return_dict`.
        """
        self._require_compiled("evaluate")
        _drop_keras_2_keywords(kwargs, "evaluate", ValueError)
        batches = data_adapter.batches_of(x, y, sample_weight, batch_size)
        verbose = 1 if verbose == "auto" else int(verbose)
        called = (
            callbacks
            if isinstance(callbacks, CallbackList)
            else CallbackList(
                callbacks,
                add_progbar=verbose != 0,
                model=self,
                verbose=verbose,
                epochs=1,
                steps=steps if steps is not None else batches.num_batches,
            )
        )
        test = self._step_for_loop("test", batches, steps)
        logs = self._validate(Supply(batches, steps), test, called)
        return logs if return_dict else self._listed(logs)

    def _listed(self, logs: dict[str, Any]) -> Any:
        """The values of logs in the order of the metrics; those of other names follow, sorted. One value stands alone."""
        names = [name for name in dict.fromkeys(self.metrics_names) if name in logs]
        values = [logs[name] for name in (*names, *sorted(logs.keys() - set(names)))]
        return values[0] if len(values) == 1 else values

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        **kwargs: Any,
    ) -> Any:
        """The outputs of the model, as arrays.

        Raises:
          ValueError: there are no batches.
        """
        _drop_keras_2_keywords(kwargs, "predict")
        verbose = 1 if verbose == "auto" else int(verbose)
        is_one_batch = isinstance(x, (np.ndarray, Tensor)) and x.ndim and 0 < len(x) <= (batch_size or 32)
        if is_one_batch and not verbose and not callbacks:
            return _as_arrays(self.predict_step((data_adapter.as_tensor(x),)))
        batches = data_adapter.batches_of(x, None, None, batch_size)
        called = (
            callbacks
            if isinstance(callbacks, CallbackList)
            else CallbackList(
                callbacks,
                add_progbar=verbose != 0,
                model=self,
                verbose=verbose,
                epochs=1,
                steps=steps if steps is not None else batches.num_batches,
            )
        )
        outputs: list[Any] = []
        called.on_predict_begin()
        self.stop_predicting = False
        predict = self._step_for_loop("predict", batches, steps)
        for step, data in Supply(batches, steps):
            called.on_predict_batch_begin(step)
            outputs.append(predict(data))
            if called.listens("on_predict_batch_end"):
                called.on_predict_batch_end(step, {"outputs": outputs[-1]})
            if self.stop_predicting:
                break
        called.on_predict_end()
        if not outputs:
            raise ValueError("Model.predict: the data gave no batch, so there is nothing to predict.")
        if len(outputs) == 1:
            return _as_arrays(outputs[0])
        return nest.map_structure(lambda *parts: np.concatenate([np.asarray(p) for p in parts]), *outputs)

    def _run_batches(self, supply: Supply, step_function: Any, called: Any, what: str) -> dict[str, Any]:
        """Runs a step on every batch; returns the results of the metrics, or the last logs if they have other names.

        Callbacks are called once for `steps_per_execution` batches.
        """
        begin, end = getattr(called, f"on_{what}_batch_begin"), getattr(called, f"on_{what}_batch_end")
        is_begun, is_ended = called.listens(f"on_{what}_batch_begin"), called.listens(f"on_{what}_batch_end")
        stride, stop = self.steps_per_execution, {"train": "stop_training", "test": "stop_evaluating"}[what]
        logs: Any = {}
        call_context.is_batch_open = True
        try:
            first = -1  # batch of the execution in progress
            for step, data in supply:
                first = max(first, supply.first)
                if step == first and is_begun:
                    begin(step)
                logs = step_function(data)
                if step == first + stride - 1:
                    first += stride
                    if is_ended:
                        end(step, logs)
                    if getattr(self, stop):
                        break
            else:
                if is_ended and supply.step >= first >= 0:
                    end(first + stride - 1, logs)
        finally:
            call_context.is_batch_open = False
        results = self.get_metrics_result()
        return dict(results if isinstance(logs, dict) and logs.keys() == results.keys() else logs or {})

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict | None = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Trains on one batch; returns the loss and the metrics as `evaluate` does."""
        self._require_compiled("train_on_batch")
        if kwargs.pop("reset_metrics", True):
            self.reset_metrics()
        _drop_keras_2_keywords(kwargs, "train_on_batch")
        x, y, sample_weight = (data_adapter.as_tensors(part) for part in (x, y, sample_weight))
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError(
                    "Arguments `sample_weight` and `class_weight` cannot be specified at the same time. "
                    f"Received: sample_weight={sample_weight}, class_weight={class_weight}"
                )
            sample_weight = data_adapter.class_weights(y, class_weight)
        train = self._steps.compiled(self, "train_step")  # type: ignore[attr-defined]
        logs = as_numbers(train(data_adapter.pack_x_y_sample_weight(x, y, sample_weight)))
        return logs if return_dict else self._listed(logs)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False, **kwargs: Any
    ) -> Any:
        """Evaluates one batch."""
        self._require_compiled("test_on_batch")
        if kwargs.pop("reset_metrics", True):
            self.reset_metrics()
        _drop_keras_2_keywords(kwargs, "test_on_batch")
        x, y, sample_weight = (data_adapter.as_tensors(part) for part in (x, y, sample_weight))
        test = self._steps.compiled(self, "test_step")  # type: ignore[attr-defined]
        logs = as_numbers(test(data_adapter.pack_x_y_sample_weight(x, y, sample_weight)))
        return logs if return_dict else self._listed(logs)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as arrays."""
        predict = self._steps.compiled(self, "predict_step")  # type: ignore[attr-defined]
        return _as_arrays(predict((data_adapter.as_tensors(x),)))


def _is_validated(epoch: int, validation_freq: Any) -> bool:
    if isinstance(validation_freq, (list, tuple, set)):
        return epoch + 1 in validation_freq
    if not isinstance(validation_freq, int):
        raise ValueError(
            f"Model.fit: validation_freq={validation_freq!r} is of the type {type(validation_freq)}. Pass a number of epochs, "
            "or a list of epochs counted from 1."
        )
    return (epoch + 1) % validation_freq == 0


@functools.cache
def _takes_training(cls: Any) -> bool:
    """Whether the `compute_loss` of a class has the argument `training`."""
    return "training" in inspect.signature(cls.compute_loss).parameters


def _as_arrays(outputs: Any) -> Any:
    return outputs.numpy() if isinstance(outputs, Tensor) else nest.map_structure(lambda t: np.array(t), outputs)


def _drop_keras_2_keywords(kwargs: dict[str, Any], method: str, error: type = TypeError) -> None:
    """Lets the keywords about worker processes of Keras 2 pass, with a note: data are read in this one."""
    for name in ("workers", "use_multiprocessing", "max_queue_size"):
        if name in kwargs:
            kwargs.pop(name)
            note_once(
                f"`{name}` of `Model.{method}` is gone: a `keras.utils.PyDataset` has it. Data are read in this process."
            )
    if kwargs:
        raise error(f"Model.{method}: unexpected arguments {sorted(kwargs)}.")
