"""Updates of variables by one op each, as optimizers of TensorFlow 1 and the former ones of Keras 2 write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tenfold.core.tensor import Tensor
from tenfold.core.variable import Variable
from tenfold.ops.array import expand_dims
from tenfold.ops.elementwise import abs as magnitude
from tenfold.ops.elementwise import maximum, sign, square
from tenfold.ops.exponential import pow as power
from tenfold.ops.exponential import rsqrt, sqrt
from tenfold.ops.gather import gather, where
from tenfold.saved_model.definitions import definition
from tenfold.saved_model.importing import Functions, Values, VariableReference, handles, read
from tenfold.saved_model.plan import DamagedGraph, PlannedNode

# A rule takes the values of a variable and of its slots, the other inputs by name, and the attributes; it gives the new values of all of them.
Rule = Callable[..., tuple[Tensor, ...]]


def _gradient_descent(var, *, alpha, delta, **_):
    return (var - alpha * delta,)


def _momentum(var, accum, *, lr, grad, momentum, use_nesterov=False, **_):
    accum = momentum * accum + grad
    return var - lr * (grad + momentum * accum if use_nesterov else accum), accum


def _keras_momentum(var, accum, *, lr, grad, momentum, use_nesterov=False, **_):
    accum = momentum * accum - lr * grad
    return var + (momentum * accum - lr * grad if use_nesterov else accum), accum


def _adam(var, m, v, *, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad, use_nesterov=False, **_):
    rate = lr * sqrt(1 - beta2_power) / (1 - beta1_power)
    m, v = m + (grad - m) * (1 - beta1), v + (square(grad) - v) * (1 - beta2)
    direction = grad * (1 - beta1) + beta1 * m if use_nesterov else m
    return var - rate * direction / (epsilon + sqrt(v)), m, v


def _amsgrad(var, m, v, vhat, *, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad, **_):
    rate = lr * sqrt(1 - beta2_power) / (1 - beta1_power)
    m, v = m + (grad - m) * (1 - beta1), v + (square(grad) - v) * (1 - beta2)
    vhat = maximum(vhat, v)
    return var - rate * m / (sqrt(vhat) + epsilon), m, v, vhat


def _ada_max(var, m, v, *, beta1_power, lr, beta1, beta2, epsilon, grad, **_):
    m, v = m + (grad - m) * (1 - beta1), maximum(beta2 * v, magnitude(grad))
    return var - lr / (1 - beta1_power) * (m / (v + epsilon)), m, v


def _adagrad(var, accum, *, lr, grad, update_slots=True, epsilon=None, **_):
    if update_slots:
        accum = accum + square(grad)
    return var - grad * lr * rsqrt(accum) if epsilon is None else var - grad * lr / (sqrt(accum) + epsilon), accum


def _adadelta(var, accum, accum_update, *, lr, rho, epsilon, grad, **_):
    accum = accum * rho + square(grad) * (1 - rho)
    update = sqrt(accum_update + epsilon) * rsqrt(accum + epsilon) * grad
    return var - update * lr, accum, accum_update * rho + square(update) * (1 - rho)


def _rms_prop(var, ms, mom, *, lr, rho, momentum, epsilon, grad, **_):
    ms = ms + (square(grad) - ms) * (1 - rho)
    mom = mom * momentum + grad * lr * rsqrt(ms + epsilon)
    return var - mom, ms, mom


def _centered_rms_prop(var, mg, ms, mom, *, lr, rho, momentum, epsilon, grad, **_):
    ms, mg = ms + (square(grad) - ms) * (1 - rho), mg + (grad - mg) * (1 - rho)
    mom = mom * momentum + grad * lr * rsqrt(ms - square(mg) + epsilon)
    return var - mom, mg, ms, mom


def _ftrl(var, accum, linear, *, grad, lr, l1, l2, lr_power, l2_shrinkage=0.0, multiply_linear_by_lr=False, **_):
    shrunk = grad + 2 * l2_shrinkage * var
    after = accum + square(grad)
    before_power, after_power = power(accum, -lr_power), power(after, -lr_power)
    if multiply_linear_by_lr:
        linear = linear + shrunk * lr - (after_power - before_power) * var
        l1, quadratic = l1 * lr, after_power + 2 * l2 * lr
    else:
        linear = linear + shrunk - (after_power - before_power) / lr * var
        quadratic = after_power / lr + 2 * l2
    return where(magnitude(linear) > l1, (sign(linear) * l1 - linear) / quadratic, 0 * var), after, linear


_RULES: dict[str, tuple[Rule, int]] = {  # and how many variables each one updates
    "GradientDescent": (_gradient_descent, 1),
    "Momentum": (_momentum, 2),
    "KerasMomentum": (_keras_momentum, 2),
    "Adam": (_adam, 3),
    "AdamWithAmsgrad": (_amsgrad, 4),
    "AdaMax": (_ada_max, 3),
    "Adagrad": (_adagrad, 2),
    "AdagradV2": (_adagrad, 2),
    "Adadelta": (_adadelta, 3),
    "RMSProp": (_rms_prop, 3),
    "CenteredRMSProp": (_centered_rms_prop, 4),
    "Ftrl": (_ftrl, 3),
    "FtrlV2": (_ftrl, 3),
}
_OF_ROWS = ("Momentum", "KerasMomentum", "Adagrad", "AdagradV2", "Adadelta", "RMSProp", "CenteredRMSProp", "Ftrl", "FtrlV2")  # fmt: skip
_DENSE = {f"{kind}{name}": name for name in _RULES for kind in ("Apply", "ResourceApply")}
_SPARSE = {f"{kind}{name}": name for name in _OF_ROWS for kind in ("SparseApply", "ResourceSparseApply")}


@handles(*_DENSE, takes_references=True)
def _apply(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    rule, count = _RULES[_DENSE[node.op]]
    variables = [_variable(node, x) for x in inputs[:count]]
    values = [x._read() for x in variables]
    for variable, value in zip(variables, rule(*values, **_others(node, inputs[count:], count)), strict=True):
        variable.assign(value)
    return _result(node, variables)


@handles(*_SPARSE, takes_references=True)
def _apply_to_rows(functions: Functions, node: PlannedNode, inputs: Values) -> Values:
    """An update of some rows, each of which is named once."""
    rule, count = _RULES[_SPARSE[node.op]]
    variables = [_variable(node, x) for x in inputs[:count]]
    others = _others(node, inputs[count:], count)
    rows = others.pop("indices")
    values = [gather(x._read(), rows) for x in variables]
    for variable, value in zip(variables, rule(*values, **others), strict=True):
        variable.scatter_nd_update(expand_dims(rows, 1), value)
    return _result(node, variables)


def _variable(node: PlannedNode, value: Any) -> Any:
    variable = value.variable if type(value) is VariableReference else value
    if not isinstance(variable, Variable):
        raise DamagedGraph(f"node {node.name!r} ({node.op}) changes what is no variable.")
    return variable


def _result(node: PlannedNode, variables: list[Variable]) -> Values:
    return [] if node.op.startswith("Resource") else [VariableReference(variables[0])]


def _others(node: PlannedNode, inputs: Values, count: int) -> dict[str, Any]:
    """The inputs behind the variables, and the attributes, by name."""
    known: Any = definition(node.op)
    names = [arg.name for arg in known.inputs[count:]]
    attrs = {key: node.attrs.get(key, attr.default) for key, attr in known.attrs.items() if attr.kind == "bool"}
    return attrs | dict(zip(names, read(inputs), strict=True))
