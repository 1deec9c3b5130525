"""Optimizers that scale each weight's step: RMSprop, Adagrad, Adadelta, Adam and its kin, Ftrl.

The formula of each stands once, as a kernel on arrays that are updated in place: `p` the weights, `g` the gradient, then
what is kept for each weight, then two scratch arrays, then numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.keras import initializers
from tenfold.keras.optimizers.optimizer import Optimizer
from tenfold.keras.variables import Variable


def _moving(average: np.ndarray, value: np.ndarray, share: float, s: np.ndarray) -> None:
    """`average += (value - average) * share`; `s` may be `value`."""
    np.subtract(value, average, out=s)
    s *= share
    average += s


class RMSprop(Optimizer):
    """Divides the gradient by the root of its moving mean square (Hinton's lecture 6e).

    Args:
      rho: momentum of the mean square.
      momentum: momentum of the steps.
      epsilon: added to the mean square.
      centered: whether the square of the mean gradient is subtracted: the variance.
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.Variable(1.0)
      >>> tf.keras.optimizers.RMSprop(0.1).apply_gradients([(tf.constant(0.5), v)])
      <Variable path=rmsprop/iteration, shape=(), dtype=int64, value=1>
    """

    _config_names = ("rho", "momentum", "epsilon", "centered")

    def __init__(
        self, learning_rate: Any = 0.001, rho: float = 0.9, momentum: float = 0.0, epsilon: float = 1e-7,
        centered: bool = False, weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False,
        ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str = "rmsprop", **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered

    def build(self, var_list: Any) -> None:
        if self.built:
            return
        var_list = list(var_list)
        super().build(var_list)
        self._velocities = self.add_optimizer_variables(var_list, "velocity")
        self._momentums = self.add_optimizer_variables(var_list, "momentum") if self.momentum > 0 else []
        self._averages = self.add_optimizer_variables(var_list, "average_gradient") if self.centered else []

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i = self._get_variable_index(variable)
        slots = [kind[i] for kind in (self._velocities, self._momentums, self._averages) if kind]
        self._run(self._kernel, gradient, variable, slots, _number(learning_rate, variable))

    def _kernel(self, p, g, v, *rest):
        *slots, s, t, rate = rest
        rho = self.rho
        v *= rho
        np.square(g, out=s)
        s *= 1 - rho
        v += s
        if self.centered:
            average = slots[-1]
            average *= rho
            np.multiply(g, 1 - rho, out=s)
            average += s
            np.square(average, out=s)
            np.subtract(v, s, out=s)
            s += self.epsilon
        else:
            np.add(v, self.epsilon, out=s)
        np.sqrt(s, out=s)
        np.multiply(g, rate, out=t)
        t /= s
        if self.momentum > 0:
            momentum = slots[0]
            momentum *= self.momentum
            momentum += t
            p -= momentum
        else:
            p -= t


class Adagrad(Optimizer):
    """Divides the gradient by the root of the sum of its squares (Duchi et al., 2011).

    Args:
      initial_accumulator_value: where the sums start.
      epsilon: added to the sums.
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.Variable(1.0)
      >>> _ = tf.keras.optimizers.Adagrad(0.1).apply_gradients([(tf.constant(0.5), v)])
    """

    _config_names = ("initial_accumulator_value", "epsilon")
    _leaves_rows_alone = True

    def __init__(
        self, learning_rate: Any = 0.001, initial_accumulator_value: float = 0.1, epsilon: float = 1e-7,
        weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None,
        global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str = "adagrad", **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.initial_accumulator_value, self.epsilon = initial_accumulator_value, epsilon

    def build(self, var_list: Any) -> None:
        if self.built:
            return
        var_list = list(var_list)
        super().build(var_list)
        start = initializers.Constant(self.initial_accumulator_value)
        self._accumulators = self.add_optimizer_variables(var_list, "accumulator", start)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        slots = [self._accumulators[self._get_variable_index(variable)]]
        self._run(self._kernel, gradient, variable, slots, _number(learning_rate, variable))

    def _kernel(self, p, g, accumulator, s, t, rate):
        np.square(g, out=s)
        accumulator += s
        np.add(accumulator, self.epsilon, out=s)
        np.sqrt(s, out=s)
        np.multiply(g, rate, out=t)
        t /= s
        p -= t


class Adadelta(Optimizer):
    """Scales the gradient by the ratio of moving means of steps and gradients (Zeiler, 2012, arXiv:1212.5701).

    Args:
      rho: momentum of the means.
      epsilon: added under the roots.
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.Variable(1.0)
      >>> _ = tf.keras.optimizers.Adadelta(1.0).apply_gradients([(tf.constant(0.5), v)])
    """

    _config_names = ("rho", "epsilon")

    def __init__(
        self, learning_rate: Any = 0.001, rho: float = 0.95, epsilon: float = 1e-7, weight_decay: float | None = None,
        clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None,
        use_ema: bool = False, ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None, gradient_accumulation_steps: int | None = None, name: str = "adadelta",
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.rho, self.epsilon = rho, epsilon

    def build(self, var_list: Any) -> None:
        if self.built:
            return
        var_list = list(var_list)
        super().build(var_list)
        names = ["accumulated_grad", "accumulated_delta_var"]
        self._gradients, self._deltas = self.add_optimizer_variables(var_list, names)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i = self._get_variable_index(variable)
        self._run(
            self._kernel, gradient, variable, [self._gradients[i], self._deltas[i]], _number(learning_rate, variable)
        )

    def _kernel(self, p, g, gradients, deltas, s, t, rate):
        rho = self.rho
        gradients *= rho
        np.square(g, out=s)
        s *= 1 - rho
        gradients += s
        np.add(deltas, self.epsilon, out=t)
        np.sqrt(t, out=t)
        t *= g
        np.add(gradients, self.epsilon, out=s)
        np.sqrt(s, out=s)
        t /= s  # the step, with the sign of the gradient
        deltas *= rho
        np.square(t, out=s)
        s *= 1 - rho
        deltas += s
        t *= rate
        p -= t


class Adam(Optimizer):
    """Scales the mean gradient by the root of its mean square (Kingma and Ba, 2014, arXiv:1412.6980).

    Args:
      beta_1, beta_2: momenta of the mean and of the mean square.
      epsilon: added to the root.
      amsgrad: whether the largest mean square so far is used (Reddi et al., 2018).
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.Variable([1.0, 2.0])
      >>> _ = tf.keras.optimizers.Adam(0.1).apply_gradients([(tf.constant([0.5, -3.0]), v)])
      >>> print(v.numpy().round(3))
      [0.9 2.1]
    """

    _config_names: tuple[str, ...] = ("beta_1", "beta_2", "epsilon", "amsgrad")

    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        amsgrad: bool = False, weight_decay: float | None = None, clipnorm: float | None = None,
        clipvalue: float | None = None, global_clipnorm: float | None = None, use_ema: bool = False,
        ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str = "adam", **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.beta_1, self.beta_2, self.epsilon, self.amsgrad = beta_1, beta_2, epsilon, amsgrad

    def build(self, var_list: Any) -> None:
        if self.built:
            return
        var_list = list(var_list)
        super().build(var_list)
        self._momentums, self._velocities = self.add_optimizer_variables(var_list, ["momentum", "velocity"])
        self._velocity_hats = self.add_optimizer_variables(var_list, "velocity_hat") if self.amsgrad else []

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i = self._get_variable_index(variable)
        slots = [self._momentums[i], self._velocities[i], *([self._velocity_hats[i]] if self.amsgrad else [])]
        number = variable.dtype._np.type
        step = number(int(self._iterations._value._array) + 1)
        one = number(1)
        power_1, power_2 = number(self.beta_1) ** step, number(self.beta_2) ** step
        rate = _number(learning_rate, variable) * np.sqrt(one - power_2) / (one - power_1)
        self._run(self._kernel, gradient, variable, slots, rate)

    def _kernel(self, p, g, m, v, *rest):
        *largest, s, t, rate = rest
        _moving(m, g, 1 - self.beta_1, s)
        np.square(g, out=s)
        _moving(v, s, 1 - self.beta_2, s)
        if largest:
            np.maximum(largest[0], v, out=largest[0])
            v = largest[0]
        np.sqrt(v, out=s)
        s += self.epsilon
        np.multiply(m, rate, out=t)
        t /= s
        p -= t


class AdamW(Adam):
    """Adam with weight decay apart from the gradient (Loshchilov and Hutter, 2017, arXiv:1711.05101).

    Args: those of `Adam`; `weight_decay` must be given.

    Example:
      >>> tf.keras.optimizers.AdamW().weight_decay
      0.004
    """

    def __init__(
        self, learning_rate: Any = 0.001, weight_decay: float | None = 0.004, beta_1: float = 0.9, beta_2: float = 0.999,
        epsilon: float = 1e-7, amsgrad: bool = False, clipnorm: float | None = None, clipvalue: float | None = None,
        global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str = "adamw", **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema,
            ema_momentum, ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        if self.weight_decay is None:
            raise ValueError("Argument `weight_decay` must be a float. Received: weight_decay=None")


class _Adamlike(Optimizer):
    """Base of what takes Adam's two momenta and an epsilon."""

    _config_names: tuple[str, ...] = ("beta_1", "beta_2", "epsilon")
    _slot_names = ("momentum", "velocity")

    def __init__(
        self, learning_rate: Any = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        weight_decay: float | None = None, clipnorm: float | None = None, clipvalue: float | None = None,
        global_clipnorm: float | None = None, use_ema: bool = False, ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None, loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name or type(self).__name__.lower(),
            **kwargs,
        )  # fmt: skip
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def build(self, var_list: Any) -> None:
        if self.built:
            return
        var_list = list(var_list)
        super().build(var_list)
        self._momentums, self._velocities = self.add_optimizer_variables(var_list, list(self._slot_names))

    def _slots_of(self, variable: Any) -> list:
        i = self._get_variable_index(variable)
        return [self._momentums[i], self._velocities[i]]

    def _step_of(self, variable: Any) -> Any:
        return variable.dtype._np.type(int(self._iterations._value._array) + 1)


class Adamax(_Adamlike):
    """Adam with the largest gradient in place of the mean square (Kingma and Ba, 2014, arXiv:1412.6980).

    Args: as for `Adam`, without `amsgrad`.

    Example:
      >>> v = tf.Variable(1.0)
      >>> _ = tf.keras.optimizers.Adamax(0.1).apply_gradients([(tf.constant(0.5), v)])
    """

    _slot_names = ("momentum", "norm")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        number = variable.dtype._np.type
        correction = number(1) - number(self.beta_1) ** self._step_of(variable)
        rate = _number(learning_rate, variable)
        self._run(self._kernel, gradient, variable, self._slots_of(variable), rate, correction)

    def _kernel(self, p, g, m, u, s, t, rate, correction):
        _moving(m, g, 1 - self.beta_1, s)
        u *= self.beta_2
        np.absolute(g, out=s)
        np.maximum(u, s, out=u)
        np.add(u, self.epsilon, out=s)
        s *= correction
        np.multiply(m, rate, out=t)
        t /= s
        p -= t


class Nadam(_Adamlike):
    """Adam with Nesterov momentum (Dozat, 2015).

    Args: as for `Adam`, without `amsgrad`.

    Example:
      >>> v = tf.Variable(1.0)
      >>> _ = tf.keras.optimizers.Nadam(0.1).apply_gradients([(tf.constant(0.5), v)])
    """

    def build(self, var_list: Any) -> None:
        if self.built:
            return
        var_list = list(var_list)
        super().build(var_list)
        dtype = var_list[0].dtype if var_list else None
        self._u_product = Variable(1.0, dtype=dtype, trainable=False, name="variable")
        self._track(self._u_product)

    def _backend_update_step(self, grads: list, trainable_variables: list, learning_rate: Any) -> None:
        number = self._u_product.dtype._np.type
        step = number(int(self._iterations._value._array) + 1)
        product = self._u_product._own_array()
        product *= number(self.beta_1) * (number(1) - number(0.5) * number(0.96) ** step)
        super()._backend_update_step(grads, trainable_variables, learning_rate)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        number = variable.dtype._np.type
        step, one = self._step_of(variable), number(1)
        u_now = number(self.beta_1) * (one - number(0.5) * number(0.96) ** step)
        u_next = number(self.beta_1) * (one - number(0.5) * number(0.96) ** (step + one))
        product = number(self._u_product._value._array)
        of_momentum = u_next / (one - product * u_next)
        of_gradient = (one - u_now) / (one - product)
        correction = one - number(self.beta_2) ** step
        rate = _number(learning_rate, variable)
        self._run(
            self._kernel, gradient, variable, self._slots_of(variable), rate, of_momentum, of_gradient, correction
        )

    def _kernel(self, p, g, m, v, s, t, rate, of_momentum, of_gradient, correction):
        _moving(m, g, 1 - self.beta_1, s)
        np.square(g, out=s)
        _moving(v, s, 1 - self.beta_2, s)
        np.multiply(m, of_momentum, out=t)
        np.multiply(g, of_gradient, out=s)
        t += s
        t *= rate
        np.divide(v, correction, out=s)
        np.sqrt(s, out=s)
        s += self.epsilon
        t /= s
        p -= t


class Lamb(_Adamlike):
    """Adam's step scaled, for each variable, to the norm of the weights (You et al., 2019, arXiv:1904.00962).

    Args: as for `Adam`, without `amsgrad`.

    Example:
      >>> v = tf.Variable([1.0, 2.0])
      >>> _ = tf.keras.optimizers.Lamb(0.1).apply_gradients([(tf.constant([0.5, 0.1]), v)])
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        from tenfold.core.convert import convert

        number = variable.dtype._np.type
        step, one = self._step_of(variable), number(1)
        g = convert(gradient)._array
        p, (m, v) = variable._own_array(), (slot._own_array() for slot in self._slots_of(variable))
        s = np.empty_like(p)
        _moving(m, g, 1 - self.beta_1, s)
        np.square(g, out=s)
        _moving(v, s, 1 - self.beta_2, s)
        root = np.sqrt(v / (one - number(self.beta_2) ** step)) + number(self.epsilon)
        update = m / (one - number(self.beta_1) ** step) / root
        weights, steps = np.sqrt(np.sum(np.square(p))), np.sqrt(np.sum(np.square(update)))
        ratio = weights / steps if weights > 0 and steps > 0 else one
        p -= ratio * _number(learning_rate, variable) * update


class Ftrl(Optimizer):
    """Follow the regularized leader (McMahan et al., 2013).

    Args:
      learning_rate_power: power of the sums that the rate falls with, at most 0.
      initial_accumulator_value: where the sums start.
      l1_regularization_strength, l2_regularization_strength, l2_shrinkage_regularization_strength: of the weights.
      beta: as in the paper.
      Others: as for `Optimizer`.

    Example:
      >>> v = tf.Variable(1.0)
      >>> _ = tf.keras.optimizers.Ftrl(0.1).apply_gradients([(tf.constant(0.5), v)])
    """

    _config_names = (
        "learning_rate_power", "initial_accumulator_value", "l1_regularization_strength", "l2_regularization_strength",
        "l2_shrinkage_regularization_strength", "beta",
    )  # fmt: skip

    def __init__(
        self, learning_rate: Any = 0.001, learning_rate_power: float = -0.5, initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0, beta: float = 0.0, weight_decay: float | None = None,
        clipnorm: float | None = None, clipvalue: float | None = None, global_clipnorm: float | None = None,
        use_ema: bool = False, ema_momentum: float = 0.99, ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None, gradient_accumulation_steps: int | None = None, name: str = "ftrl",
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        for what, value, is_wrong in (
            ("learning_rate_power", learning_rate_power, learning_rate_power > 0.0),
            ("initial_accumulator_value", initial_accumulator_value, initial_accumulator_value < 0.0),
            ("l1_regularization_strength", l1_regularization_strength, l1_regularization_strength < 0.0),
            ("l2_regularization_strength", l2_regularization_strength, l2_regularization_strength < 0.0),
            (
                "l2_shrinkage_regularization_strength",
                l2_shrinkage_regularization_strength,
                l2_shrinkage_regularization_strength < 0.0,
            ),
        ):
            if is_wrong:
                sign = "negative or zero" if what == "learning_rate_power" else "positive or zero"
                raise ValueError(f"`{what}` needs to be {sign}. Received: {what}={value}.")
        self.learning_rate_power, self.initial_accumulator_value = learning_rate_power, initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength, self.beta = l2_shrinkage_regularization_strength, beta

    def build(self, var_list: Any) -> None:
        if self.built:
            return
        var_list = list(var_list)
        super().build(var_list)
        start = initializers.Constant(self.initial_accumulator_value)
        names = ["accumulator", "linear"]
        self._accumulators, self._linears = self.add_optimizer_variables(var_list, names, [start, "zeros"])

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        i = self._get_variable_index(variable)
        slots = [self._accumulators[i], self._linears[i]]
        self._run(self._kernel, gradient, variable, slots, _number(learning_rate, variable))

    def _kernel(self, p, g, accumulator, linear, s, t, rate):
        power, l1 = -self.learning_rate_power, self.l1_regularization_strength
        l2 = self.l2_regularization_strength + self.beta / (2.0 * rate)
        np.square(g, out=s)
        s += accumulator  # the new sums
        np.power(s, power, out=t)
        scale = t / rate  # the new learning rates, inverse
        np.power(accumulator, power, out=accumulator)
        np.subtract(t, accumulator, out=t)
        t /= rate
        t *= p
        linear += g + 2 * self.l2_shrinkage_regularization_strength * p - t
        np.clip(linear, -l1, l1, out=t)
        t -= linear
        np.divide(t, scale + 2 * l2, out=p)
        accumulator[...] = s


def _number(learning_rate: Any, variable: Any) -> Any:
    """The learning rate as a number of the variable's dtype."""
    return variable.dtype._np.type(np.asarray(learning_rate)[()])
