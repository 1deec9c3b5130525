"""What the recurrent cells share: their weights, their dropout, and a step in two parts."""

from __future__ import annotations

from typing import Any

from tenfold.core.convert import convert
from tenfold.core.dtypes import float32, float64
from tenfold.core.symbol import Size
from tenfold.keras import activations, random
from tenfold.keras.layers.layer import Layer
from tenfold.keras.layers.weights import weight_options
from tenfold.ops import array as array_ops
from tenfold.ops import creation, join
from tenfold.ops import matmul as matmul_ops


class GatedCell(Layer):
    """Base of the cells: a kernel for the input, one for the state, a bias, and dropout of both.

    A step is in two parts, so that the layer that runs the cell can do the first one for all times at once: `project`,
    which needs the input only, and `step`. A dropout mask is drawn once per sequence, and dropped by the layer after it.
    """

    gates = 1
    _config_names: tuple[str, ...] = (
        "activation", "use_bias", *weight_options("kernel", "recurrent", "bias"), "dropout", "recurrent_dropout", "seed",
    )  # fmt: skip

    kernel: Any
    recurrent_kernel: Any
    bias: Any
    _dropout_masks: list | None = None
    _recurrent_dropout_masks: list | None = None

    def _set_options(
        self,
        activation: Any,
        use_bias: bool,
        kernel: tuple[Any, Any, Any],
        recurrent: tuple[Any, Any, Any],
        bias: tuple[Any, Any, Any],
        dropout: float,
        recurrent_dropout: float,
        seed: int | None,
    ) -> None:
        """Sets what all cells have; `kernel`, `recurrent` and `bias` are initializer, regularizer and constraint."""
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self._describe_weight("kernel", *kernel)
        self._describe_weight("recurrent", *recurrent)
        self._describe_weight("bias", *bias)
        self.dropout = min(1.0, max(0.0, dropout or 0.0))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout or 0.0))
        self.seed = seed
        if "seed_generator" not in self.__dict__:
            self.seed_generator = random.SeedGenerator(seed)  # also without dropout: files keep its state

    # Dropout.

    @property
    def _masks_per_drop(self) -> int:
        """How many masks a drop of the input or the state takes: one, or one for each gate."""
        return 1

    def _draw(self, x: Any, rate: float) -> list:
        ones = creation.ones_like(x)
        return [random.dropout(ones, rate, seed=self.seed_generator) for _ in range(self._masks_per_drop)]

    def get_dropout_mask(self, step_input: Any) -> Any:
        """The masks of this sequence's inputs, drawn when first asked for; None without dropout."""
        if self._dropout_masks is None and self.dropout > 0:
            object.__setattr__(self, "_dropout_masks", self._draw(step_input, self.dropout))
        return self._dropout_masks

    def get_recurrent_dropout_mask(self, step_input: Any) -> Any:
        """The masks of this sequence's states, drawn when first asked for; None without dropout."""
        if self._recurrent_dropout_masks is None and self.recurrent_dropout > 0:
            object.__setattr__(self, "_recurrent_dropout_masks", self._draw(step_input, self.recurrent_dropout))
        return self._recurrent_dropout_masks

    def reset_dropout_mask(self) -> None:
        """Makes the next sequence draw new masks for its inputs."""
        object.__setattr__(self, "_dropout_masks", None)

    def reset_recurrent_dropout_mask(self) -> None:
        """Makes the next sequence draw new masks for its states."""
        object.__setattr__(self, "_recurrent_dropout_masks", None)

    # Computation.

    def _transform(self, x: Any, kernel: Any) -> Any:
        """The linear map of the inputs of a step, or of all steps, time first."""
        if x.ndim == 2:
            return matmul_ops.matmul(x, kernel)
        time, batch, features = x._array.shape
        product = matmul_ops.matmul(array_ops.reshape(x, (time * batch, features)), kernel)
        return array_ops.reshape(product, (time, batch, product._array.shape[-1]))

    def _recur(self, h: Any, kernel: Any) -> Any:
        """The linear map of the state."""
        return matmul_ops.matmul(h, kernel)

    _gate_axis = -1

    def _by_gate(self, function: Any, x: Any, kernel: Any, masks: list | None) -> Any:
        """`function(x, kernel)`, for each gate with its own mask of `x` if there are several."""
        if masks is None:
            return function(x, kernel)
        if len(masks) == 1:
            return function(x * masks[0], kernel)
        kernels = join.split(kernel._read(), self.gates, axis=-1)
        return join.concat([function(x * m, k) for m, k in zip(masks, kernels, strict=True)], self._gate_axis)

    def project(self, inputs: Any, training: Any = False) -> Any:
        """The part of a step that needs no state, for one step or, time first, for all."""
        masks = self.get_dropout_mask(inputs) if training and self.dropout else None
        x = self._by_gate(self._transform, inputs, self.kernel, masks)
        return x if self.bias is None else x + self._input_bias()

    def _input_bias(self) -> Any:
        return self.bias

    def _recurrent_masks(self, h: Any, training: Any) -> list | None:
        return self.get_recurrent_dropout_mask(h) if training and self.recurrent_dropout else None

    def call(self, inputs: Any, states: Any, training: Any = False) -> Any:
        return self.step(self.project(inputs, training), states, training)

    def step(self, projected: Any, states: Any, training: Any = False) -> Any:
        """Output and new states, from the projected input and the old states."""
        raise NotImplementedError

    def run(self, projected: Any, states: list, mask: list, training: Any = False) -> list | None:
        """All steps as one op.

        Args:
          projected: the projected input of all steps, time first.
          states: the first states.
          mask: nothing, or a boolean tensor of shape `(time, batch)`.
          training: as for `step`.
        Returns:
          Each state after each step, time first, the output before all; None where there is no op for what the cell does.
        """
        return None


class DenseCell(GatedCell):
    """Base of the cells whose states are vectors."""

    _config_names: tuple[str, ...] = ("units",)

    def _set_units(self, units: int) -> None:
        if units <= 0:
            raise ValueError(
                f"Received an invalid value for argument `units`, expected a positive integer, got {units}."
            )
        self.units = int(units)
        self.output_size = self.units
        self.state_size: Any = self.units

    def build(self, input_shape: Any) -> None:
        width = self.units * self.gates
        self.kernel = self._make_weight("kernel", (input_shape[-1], width))
        self.recurrent_kernel = self._make_weight("recurrent", (self.units, width), "recurrent_kernel")
        self.bias = self._make_bias() if self.use_bias else None
        self.built = True

    def _make_bias(self) -> Any:
        return self._make_weight("bias", (self.units * self.gates,))

    def _has_op(self, cell: type, projected: Any, states: list, training: Any) -> bool:
        """Whether the op of a class of cells does what this one does on these operands."""
        if type(self).step is not cell.step or (training and self.recurrent_dropout):  # type: ignore[attr-defined]
            return False
        dtype, (time, batch, _) = projected.dtype, projected._array.shape
        if dtype not in (float32, float64) or time == 0 or convert(self.recurrent_kernel).dtype != dtype:
            return False
        return all(h.dtype == dtype and (h._array.shape[0] == batch or type(batch) is Size) for h in states)

    def get_initial_state(self, batch_size: int | None = None) -> list:
        """Zeros, one tensor per state."""
        sizes = self.state_size if isinstance(self.state_size, (list, tuple)) else [self.state_size]
        return [creation.zeros((batch_size, size), self.compute_dtype) for size in sizes]

    def compute_output_shape(self, input_shape: Any, states_shape: Any = None) -> Any:
        return (input_shape[0], self.units)
