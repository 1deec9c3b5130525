"""tf.function: how often it traces, for which arguments; signatures, structures, state, gradients, errors."""

import copy
import functools
import gc
import pickle
import threading
import weakref
from collections import namedtuple

import numpy as np

from tests.golden.case import case

Pair = namedtuple("Pair", "a b")
CASES = []


def _case(function):
    CASES.append(case(function, grad=False, name=function.__name__))
    return function


def error_of(call, *args, **kwargs):
    """The class of the error that a call ends in, as an `except` may name it."""
    try:
        call(*args, **kwargs)
    except Exception as error:
        return "ValueError" if isinstance(error, ValueError) else type(error).__name__
    return "no error"


def traces(tf, function, *calls, **options):
    """How often a function has been traced after each of several calls."""
    traced = tf.function(function, **options)
    counts = []
    for args in calls:
        traced(*args) if isinstance(args, tuple) else traced(**args)
        counts.append(traced.experimental_get_tracing_count())
    return counts


# How often it traces.


@_case
def tensors_by_dtype_and_shape(tf):
    one, two = tf.constant(1.0), tf.constant([1.0, 2.0])
    return traces(tf, lambda x: x + x, (one,), (tf.constant(5.0),), (two,), (tf.constant(1),), (two,))


@_case
def python_numbers_by_value(tf):
    return traces(tf, lambda x: tf.add(x, x), (1,), (1,), (2,), (2.5,), (2,))


@_case
def strings_and_none(tf):
    return traces(tf, lambda x: 1, ("a",), ("a",), ("b",), (None,), (None,), (b"a",))


@_case
def arrays_are_tensors(tf):
    return traces(tf, lambda x: x + x, (np.ones(3),), (tf.ones(3, tf.float64),), (np.zeros(3),), (np.float64(2),))


@_case
def tuples_lists_dicts(tf):
    x = tf.constant(1.0)
    return traces(
        tf,
        lambda x: 1,
        ((x, x),),
        ((x, x + 1),),
        ([x, x],),
        ({"a": x},),
        ({"a": x + 1},),
        ({"b": x},),
        ({"a": x, "b": x},),
    )


@_case
def order_of_dict_keys(tf):
    x = tf.constant(1.0)
    return traces(tf, lambda d: d["a"] - d["b"], ({"a": x, "b": x},), ({"b": x, "a": x},))


@_case
def namedtuples(tf):
    x = tf.constant(1.0)
    return traces(tf, lambda p: p.a + p.b, (Pair(x, x),), (Pair(x, x + 1),), (Pair(x, 2.0),), (Pair(x, 2.0),))


@_case
def nested_structures(tf):
    x = tf.constant(1.0)
    return traces(tf, lambda s: 1, ([{"a": (x, 1)}],), ([{"a": (x, 1)}],), ([{"a": (x, 2)}],), ([{"a": (x, x)}],))


@_case
def keyword_and_default_arguments(tf):
    def f(x, y=2, *, z=3):
        return x + y + z

    x = tf.constant(1)
    return traces(tf, f, (x,), {"x": x}, (x, 2), {"x": x, "y": 2}, {"x": x, "z": 3}, {"x": x, "y": 3}, {"x": x, "z": x})


@_case
def variable_arguments(tf):
    def f(*args, **kwargs):
        return len(args) + len(kwargs)

    x = tf.constant(1)
    return traces(tf, f, (x,), (x, x), {"a": x}, {"a": x}, {"b": x}, (x,))


@_case
def variables_by_identity_and_spec(tf):
    v, w, u = tf.Variable(1.0), tf.Variable(2.0), tf.Variable([1.0])
    f = tf.function(lambda x: x + 1.0)
    results = [f(v), f(v), f(w), f(w)]
    return [*results, f(u)]


@_case
def two_variables_that_are_one(tf):
    v, w = tf.Variable(1.0), tf.Variable(2.0)

    @tf.function
    def f(a, b):
        a.assign_add(1.0)
        return a + b

    return [f(v, w), f(v, v), f(w, v), v, w]


@_case
def objects_by_identity(tf):
    class Thing:
        pass

    a, b = Thing(), Thing()
    return traces(tf, lambda x: 1, (a,), (a,), (b,), (b,), (a,))


@_case
def functions_as_arguments(tf):
    def g(x):
        return x

    def h(x):
        return -x

    x = tf.constant(1)
    return traces(tf, lambda f, x: f(x), (g, x), (g, x), (h, x), (g, x))


@_case
def types_as_arguments(tf):
    return traces(tf, lambda t: tf.zeros([], t), (tf.float32,), (tf.float32,), (tf.int32,), ("int32",))


@_case
def partials(tf):
    def f(a, b, scale=1.0):
        return (a - b) * scale

    traced = tf.function(functools.partial(f, tf.constant(5.0), scale=2.0))
    return [traced(tf.constant(1.0)), traced(tf.constant(2.0)), traced.experimental_get_tracing_count()]


@_case
def lambdas(tf):
    f = tf.function(lambda x, y=1: x * y)
    return [f(2), f(2, 3), f(tf.constant(2), y=3), f.experimental_get_tracing_count()]


@_case
def reduce_retracing_relaxes(tf):
    shapes = [(2,), (3,), (4,), (2,)]
    return traces(tf, lambda x: tf.reduce_sum(x), *[(tf.ones(s),) for s in shapes], reduce_retracing=True)


@_case
def reduce_retracing_of_one_axis(tf):
    seen = []

    @tf.function(reduce_retracing=True)
    def f(x):
        seen.append(x.shape.as_list())
        return tf.reduce_sum(x)

    for shape in [(2, 3), (4, 3), (5, 3), (5, 4), (6, 7)]:
        f(tf.ones(shape))
    return [repr(seen), f.experimental_get_tracing_count()]


@_case
def method_of_an_object(tf):
    class Model:
        def __init__(self, scale):
            self.scale = scale

        @tf.function
        def __call__(self, x):
            return x * self.scale

        @tf.function
        def count(self, x):
            return x

    a, b = Model(2.0), Model(3.0)
    x = tf.constant(1.0)
    return [a(x), b(x), a(x + 1), b(x + 1), Model.count(a, x)]


@_case
def method_traces_of_each_instance(tf):
    class Model:
        @tf.function
        def f(self, x):
            return x

    a, b = Model(), Model()
    x = tf.constant(1.0)
    a.f(x), a.f(x), b.f(x)
    return [a.f.experimental_get_tracing_count(), b.f.experimental_get_tracing_count()]


@_case
def bound_method_as_argument_of_tf_function(tf):
    class Model:
        def __init__(self):
            self.v = tf.Variable(1.0)

        def step(self, x):
            self.v.assign_add(x)
            return self.v * 2.0

    model = Model()
    step = tf.function(model.step)
    return [step(tf.constant(1.0)), step(tf.constant(2.0)), model.v, step.experimental_get_tracing_count()]


@_case
def module_with_functions(tf):
    class Dense(tf.Module):
        def __init__(self):
            super().__init__(name="dense")
            self.w = None

        @tf.function
        def __call__(self, x):
            if self.w is None:
                self.w = tf.Variable(tf.ones([2, 3]), name="w")
            return x @ self.w

    a, b = Dense(), Dense()
    x = tf.ones([1, 2])
    results = [a(x), a(2 * x), b(x)]
    return [*results, len(a.trainable_variables), a.w is b.w]


@_case
def instances_are_collected(tf):
    class Model:
        @tf.function
        def f(self, x):
            return x + 1

    model = Model()
    model.f(tf.constant(1))
    reference = weakref.ref(model)
    del model
    gc.collect()
    return [reference() is None]


@_case
def arguments_are_collected(tf):
    class Thing:
        pass

    f = tf.function(lambda thing, x: x)
    thing = Thing()
    f(thing, tf.constant(1))
    reference = weakref.ref(thing)
    del thing
    gc.collect()
    return [reference() is None]


@_case
def global_numbers_are_taken_when_traced(tf):
    box = [1]
    f = tf.function(lambda x: x + box[0])
    first = f(tf.constant(0))
    box[0] = 2
    return [first, f(tf.constant(0)), f(tf.constant(0.0))]


@_case
def python_side_effects_when_traced(tf):
    log = []

    @tf.function
    def f(x):
        log.append("traced")
        return x

    f(tf.constant(1)), f(tf.constant(2)), f(tf.constant(1.0))
    return len(log)


# Signatures.


@_case
def input_signature_takes_any_size(tf):
    f = tf.function(lambda x: tf.reduce_sum(x), input_signature=[tf.TensorSpec([None], tf.float32)])
    results = [f(tf.ones(3)), f(tf.ones(5)), f(tf.zeros(0)), f([1.0, 2.0]), f(np.ones(2, np.float32))]
    return [*results, f.experimental_get_tracing_count()]


@_case
def input_signature_of_any_rank(tf):
    f = tf.function(lambda x: tf.reduce_sum(x), input_signature=[tf.TensorSpec(None, tf.float32)])
    return [f(tf.ones([])), f(tf.ones([2, 3]))]


@_case
def input_signature_with_structures(tf):
    spec = tf.TensorSpec([], tf.float32)
    f = tf.function(lambda p, d: p[0] + p[1] * d["k"], input_signature=[(spec, spec), {"k": spec}])
    one = tf.constant(1.0)
    return [f((one, one), {"k": one + 1}), f((1.0, 2.0), {"k": 3.0}), f.experimental_get_tracing_count()]


@_case
def input_signature_converts_python_numbers(tf):
    f = tf.function(lambda x: x * 2, input_signature=[tf.TensorSpec([], tf.float32)])
    return [f(1), f(2.5), f.experimental_get_tracing_count()]


@_case
def input_signature_errors(tf):
    f = tf.function(lambda x: x, input_signature=[tf.TensorSpec([None, 2], tf.float32)])
    wrong = [tf.ones(2), tf.ones([2, 3]), tf.ones([2, 2], tf.int32), "text", None]
    return [
        *[error_of(f, x) for x in wrong],
        error_of(f),
        error_of(f, tf.ones([1, 2]), tf.ones([1, 2])),
        error_of(f, y=1),
    ]


@_case
def input_signature_of_no_specs(tf):
    return [error_of(tf.function, lambda x: x, input_signature=[1])]


@_case
def input_signature_shorter_than_arguments(tf):
    spec = tf.TensorSpec([], tf.float32)

    def f(x, y=2.0):
        return x + y

    traced = tf.function(f, input_signature=[spec])
    return [traced(tf.constant(1.0)), error_of(lambda: traced(tf.constant(1.0), tf.constant(1.0)))]


@_case
def input_signature_longer_than_arguments(tf):
    spec = tf.TensorSpec([], tf.float32)
    return [error_of(lambda: tf.function(lambda x: x, input_signature=[spec, spec])(tf.constant(1.0)))]


@_case
def input_signature_of_a_method(tf):
    class Model:
        scale = 3.0

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
        def f(self, x):
            return x * self.scale

    model = Model()
    return [model.f(tf.ones(1)), model.f(tf.ones(2)), model.f.experimental_get_tracing_count()]


@_case
def arguments_that_do_not_fit(tf):
    f = tf.function(lambda x, y: x)
    return [error_of(f), error_of(f, 1), error_of(f, 1, 2, 3), error_of(f, 1, z=2), error_of(f, 1, 2, x=1)]


# Concrete functions.


@_case
def concrete_of_a_tensor(tf):
    f = tf.function(lambda x: x * x)
    concrete = f.get_concrete_function(tf.constant([1.0, 2.0]))
    return [
        concrete(tf.constant([3.0, 4.0])),
        f.experimental_get_tracing_count(),
        f(tf.ones(2)),
        f.experimental_get_tracing_count(),
    ]


@_case
def concrete_of_a_spec(tf):
    f = tf.function(lambda x: x * x)
    concrete = f.get_concrete_function(tf.TensorSpec([None], tf.float32))
    return [concrete(tf.ones(3)), concrete(tf.ones(4)), concrete.structured_outputs.shape.as_list()]


@_case
def concrete_with_python_arguments(tf):
    f = tf.function(lambda x, n: x * n)
    concrete = f.get_concrete_function(tf.TensorSpec([], tf.float32), 3)
    return [concrete(tf.constant(2.0)), error_of(concrete, tf.constant(2.0), 4)]


@_case
def concrete_structured_outputs(tf):
    f = tf.function(lambda x: {"a": x, "b": (x + 1, None, [x[0]])})
    concrete = f.get_concrete_function(tf.TensorSpec([2, None], tf.float32))
    out = concrete.structured_outputs
    return [sorted(out), out["a"].shape.as_list(), out["b"][1], out["b"][2][0].shape.as_list(), type(out["b"]).__name__]


@_case
def concrete_structured_input_signature(tf):
    def f(x, y=1, *, z):
        return x

    concrete = tf.function(f).get_concrete_function(tf.TensorSpec([None], tf.int32), z=tf.TensorSpec([], tf.float32))
    args, kwargs = concrete.structured_input_signature
    return [len(args), args[0].shape.as_list(), args[0].dtype.name, args[0].name, sorted(kwargs)]


@_case
def concrete_called_by_keyword(tf):
    concrete = tf.function(lambda x, y: x - y).get_concrete_function(tf.TensorSpec([]), tf.TensorSpec([]))
    one, two = tf.constant(1.0), tf.constant(2.0)
    return [concrete(one, two), concrete(x=one, y=two), concrete(one, y=two)]


@_case
def concrete_errors(tf):
    concrete = tf.function(lambda x, y: x - y).get_concrete_function(tf.TensorSpec([2]), tf.TensorSpec([]))
    x, y = tf.ones(2), tf.ones([])
    return [
        error_of(concrete, x),
        error_of(concrete, x, y, y),
        error_of(concrete, x, z=y),
        error_of(concrete, tf.ones(2, tf.int32), y),
        error_of(concrete),
    ]


@_case
def concrete_with_named_specs(tf):
    f = tf.function(lambda x, y: x - y)
    concrete = f.get_concrete_function(tf.TensorSpec([], name="first"), tf.TensorSpec([], name="second"))
    return [[t.name for t in concrete.inputs], concrete(tf.constant(1.0), tf.constant(3.0))]


@_case
def concrete_graph(tf):
    v = tf.Variable(1.0)
    concrete = tf.function(lambda x: x * v).get_concrete_function(tf.TensorSpec([2], tf.float32))
    return [
        len(concrete.inputs) >= 1,
        concrete.outputs[0].shape.as_list(),
        len(concrete.variables),
    ]


@_case
def concrete_of_the_input_signature(tf):
    f = tf.function(lambda x: x, input_signature=[tf.TensorSpec([None], tf.float32)])
    concrete = f.get_concrete_function()
    return [concrete(tf.ones(2)), concrete is f.get_concrete_function()]


@_case
def concrete_without_arguments(tf):
    v = tf.Variable(1)
    concrete = tf.function(lambda: v.assign_add(1)).get_concrete_function()
    concrete(), concrete()
    return [v]


# Variables.


@_case
def variable_made_on_the_first_call(tf):
    class Once:
        v = None

        @tf.function
        def __call__(self, x):
            if self.v is None:
                self.v = tf.Variable(10.0)
            return self.v.assign_add(x)

    once = Once()
    return [once(tf.constant(1.0)), once(tf.constant(2.0)), once.v]


@_case
def variable_made_at_every_call(tf):
    f = tf.function(lambda x: tf.Variable(1.0) + x)
    return [error_of(f, tf.constant(1.0)), error_of(f, tf.constant(1.0))]


@_case
def variable_with_initial_value_of_an_argument(tf):
    box = []

    @tf.function
    def f(x):
        if not box:
            box.append(tf.Variable(x))
        return box[0] + x

    return [error_of(f, tf.constant(1.0))]


@_case
def variable_initial_value_by_a_function(tf):
    box = []

    @tf.function
    def f(x):
        if not box:
            box.append(tf.Variable(lambda: tf.ones([2]) * 3.0))
        return box[0] * x

    return [f(tf.constant(1.0)), f(tf.constant(2.0))]


@_case
def closure_over_a_variable_is_current(tf):
    v = tf.Variable(1.0)
    f = tf.function(lambda: v * 2.0)
    first = f()
    v.assign(5.0)
    return [first, f()]


@_case
def closure_over_a_tensor(tf):
    x = tf.constant([1.0, 2.0])
    f = tf.function(lambda y: x + y)
    return [f(tf.constant(1.0)), f(tf.constant(2.0))]


@_case
def reads_and_writes_in_order(tf):
    v = tf.Variable(1.0)

    @tf.function
    def f():
        a = v + 0.0
        v.assign(2.0)
        b = v + 0.0
        v.assign_add(3.0)
        c = v.read_value()
        v.assign_sub(1.0)
        return a, b, c, v

    return [*f(), v]


@_case
def assign_returns_the_variable(tf):
    v = tf.Variable([1.0, 2.0])
    f = tf.function(lambda x: v.assign(x) + 1.0)
    return [f(tf.constant([3.0, 4.0])), v]


@_case
def write_that_nobody_reads(tf):
    v, w = tf.Variable(0), tf.Variable(0)

    @tf.function
    def f(x):
        v.assign_add(x)
        w.assign(v)
        return None

    return [f(tf.constant(2)), f(tf.constant(3)), v, w]


@_case
def parts_of_variables(tf):
    v = tf.Variable([1.0, 2.0, 3.0])

    @tf.function
    def f(i, x):
        v[i].assign(x)
        v[1:].assign(v[1:] * 2.0)
        v.scatter_nd_add([[0]], [10.0])
        v.scatter_update(tf.IndexedSlices(tf.constant([7.0]), tf.constant([2])))
        return v + 0.0

    return [f(tf.constant(1), tf.constant(5.0)), v, f(tf.constant(0), tf.constant(0.0)), v]


@_case
def assign_shape_mismatch(tf):
    v = tf.Variable([1.0, 2.0])
    return [error_of(tf.function(lambda x: v.assign(x)), tf.ones(3)), v]


@_case
def count_up_to_a_limit(tf):
    v = tf.Variable(0)
    f = tf.function(lambda: v.count_up_to(2))
    return [f(), f(), error_of(f), v]


# Nested functions.


@_case
def functions_in_functions(tf):
    v = tf.Variable(1.0)

    @tf.function
    def inner(x):
        v.assign_add(x)
        return v * x

    @tf.function
    def outer(x):
        return inner(x) + inner(2.0 * x) + inner(x)

    return [outer(tf.constant(1.0)), v, outer(tf.constant(1.0)), v, inner.experimental_get_tracing_count()]


@_case
def inner_function_closes_over_a_traced_tensor(tf):
    @tf.function
    def outer(x):
        y = x * 2.0

        @tf.function
        def inner(z):
            return y + z

        return inner(x) + inner(y)

    return [outer(tf.constant(1.0)), outer(tf.constant(3.0))]


@_case
def recursion_that_ends(tf):
    @tf.function
    def power(x, n):
        return x if n == 1 else x * power(x, n - 1)

    return [power(tf.constant(2.0), 5), power.experimental_get_tracing_count()]


@_case
def init_scope_leaves_the_function(tf):
    seen = []

    @tf.function
    def f(x):
        with tf.init_scope():
            seen.append(tf.executing_eagerly())
            seen.append((tf.constant(2.0) * 3.0).numpy().item())
        seen.append(tf.executing_eagerly())
        return x

    f(tf.constant(1))
    return [*seen, tf.executing_eagerly()]


# Results.


@_case
def results_of_all_kinds(tf):
    @tf.function
    def f(x):
        return {
            "none": None,
            "number": 3,
            "text": "a",
            "flag": True,
            "pair": Pair(x, 2.5),
            "list": [x, (x,)],
            "array": np.ones(2),
        }

    out = f(tf.constant(1.0))
    kinds = [type(out[k]).__name__.replace("EagerTensor", "Tensor") for k in sorted(out)]
    return [
        *kinds,
        out["number"],
        out["text"],
        out["flag"],
        out["pair"].a,
        out["pair"].b,
        out["list"][1][0],
        out["array"],
    ]


@_case
def result_none(tf):
    return [tf.function(lambda x: None)(tf.constant(1))]


@_case
def result_variable_is_its_value(tf):
    v = tf.Variable(1.0)
    out = tf.function(lambda: v)()
    v.assign(2.0)
    return [out, isinstance(out, tf.Variable)]


@_case
def result_indexed_slices(tf):
    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.gather(x, [0, 2])
        return tape.gradient(y, x)

    out = f(tf.ones([3, 2]))
    return [type(out).__name__, out.values, out.indices, out.dense_shape]


@_case
def argument_indexed_slices(tf):
    f = tf.function(lambda s: tf.convert_to_tensor(s) * 2.0)
    slices = tf.IndexedSlices(tf.ones([2, 2]), tf.constant([0, 2]), tf.constant([3, 2]))
    return [f(slices), f(slices), f.experimental_get_tracing_count()]


@_case
def result_object(tf):
    return [error_of(tf.function(lambda x: object()), tf.constant(1))]


@_case
def argument_passed_through(tf):
    x = tf.constant([1.0])
    out = tf.function(lambda x: x)(x)
    return [out, out is x]


# Gradients.


@_case
def gradient_of_a_function(tf):
    v = tf.Variable(3.0)
    f = tf.function(lambda x: x * x * v)
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, [x, v])


@_case
def second_order_around(tf):
    f = tf.function(lambda x: tf.sin(x) * x * x)
    x = tf.constant([0.5, 1.0])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        dy = inner.gradient(y, x)
    return [dy, outer.gradient(dy, x)]


@_case
def second_order_inside(tf):
    @tf.function
    def f(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.exp(x) * x
            dy = inner.gradient(y, x)
        return y, dy, outer.gradient(dy, x)

    return list(f(tf.constant([0.5, 1.0])))


@_case
def tape_inside_and_around(tf):
    @tf.function
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x**3
        return tape.gradient(y, x)

    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        with tf.GradientTape() as middle:
            middle.watch(x)
            dy = slope(x)
        ddy = middle.gradient(dy, x)
    return [dy, ddy, tape.gradient(dy, x), tape.gradient(ddy, x)]


@_case
def gradient_of_some_results(tf):
    f = tf.function(lambda x, y: (x * y, x + 1.0))
    x, y = tf.constant(2.0), tf.constant(3.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, y])
        a, b = f(x, y)
    return [*tape.gradient(a, [x, y]), tape.gradient(b, x), *tape.gradient([a, b], [x, y])]


@_case
def gradient_through_nested_functions(tf):
    inner = tf.function(lambda x: x * x)
    outer = tf.function(lambda x: inner(x) + inner(inner(x)))
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = outer(x)
    return [y, tape.gradient(y, x)]


@_case
def gradient_with_a_custom_rule(tf):
    @tf.custom_gradient
    def clipped(x):
        return tf.identity(x), lambda dy: tf.clip_by_value(dy, -0.5, 0.5)

    f = tf.function(lambda x: clipped(x * 3.0))
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return [y, tape.gradient(y, x)]


@_case
def gradient_recomputed(tf):
    block = tf.recompute_grad(lambda x: tf.sin(x) * x)

    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = block(x)
        return tape.gradient(y, x)

    return [f(tf.constant([0.5, 1.0]))]


@_case
def gradient_stopped(tf):
    f = tf.function(lambda x: x * tf.stop_gradient(x))
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return [tape.gradient(y, x)]


@_case
def gradient_of_an_assigned_variable(tf):
    v = tf.Variable(2.0)

    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            v.assign_add(x)
            y = v * v * x
        return tape.gradient(y, v)

    return [f(tf.constant(1.0)), v]


@_case
def jacobians_in_a_function(tf):
    @tf.function
    def f(x):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = x * x * tf.reduce_sum(x, -1, keepdims=True)
        return tape.jacobian(y, x), tape.batch_jacobian(y, x)

    return list(f(tf.constant([[1.0, 2.0], [3.0, 4.0]])))


@_case
def jacobian_around_a_function(tf):
    f = tf.function(lambda x: x * x * tf.reduce_sum(x))
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return [tape.jacobian(y, x)]


@_case
def forward_accumulator_around(tf):
    f = tf.function(lambda x: tf.sin(x) * x)
    x = tf.constant([1.0, 2.0])
    with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, -1.0])) as acc:
        y = f(x)
    return [y, acc.jvp(y)]


@_case
def forward_accumulator_inside(tf):
    @tf.function
    def f(x, t):
        with tf.autodiff.ForwardAccumulator(x, t) as acc:
            y = tf.exp(x) * x
        return acc.jvp(y)

    return [f(tf.constant([1.0, 2.0]), tf.constant([1.0, -1.0]))]


@_case
def hessian_vector_product_in_a_function(tf):
    @tf.function
    def f(x, t):
        with tf.autodiff.ForwardAccumulator(x, t) as acc:
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.reduce_sum(x**3)
            dy = tape.gradient(y, x)
        return acc.jvp(dy)

    return [f(tf.constant([1.0, 2.0]), tf.constant([1.0, -1.0]))]


@_case
def training_loop(tf):
    w = tf.Variable([[0.5], [-0.5]])
    x = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    y = tf.constant([[1.0], [2.0], [3.0]])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(x @ w - y))
        w.assign_sub(0.01 * tape.gradient(loss, w))
        return loss

    return [*[step() for _ in range(4)], w]


# Random numbers.


@_case
def random_differs_from_call_to_call(tf):
    tf.random.set_seed(1)
    f = tf.function(lambda: tf.random.uniform([2]))
    return [f(), f(), f()]


@_case
def random_ops_of_one_function(tf):
    tf.random.set_seed(1)

    @tf.function
    def f():
        return tf.random.normal([2]), tf.random.normal([2]), tf.random.uniform([2], seed=3)

    return [*f(), *f()]


@_case
def random_of_two_functions(tf):
    tf.random.set_seed(1)
    f, g = (tf.function(lambda: tf.random.normal([2])) for _ in range(2))
    return [f(), g(), f(), g()]


@_case
def generator_in_a_function(tf):
    g = tf.random.Generator.from_seed(5)
    f = tf.function(lambda: (g.normal([2]), g.uniform([2], maxval=3.0), g.uniform([2], 0, 9, tf.int32)))
    return [*f(), *f(), g.normal([1]), g.state]


# Effects.


@_case
def assertions_hold_or_fail(tf):
    @tf.function
    def f(x):
        tf.debugging.assert_positive(x)
        return tf.sqrt(x)

    return [f(tf.constant(4.0)), error_of(f, tf.constant(-1.0)), f(tf.constant(9.0))]


@_case
def python_error_in_a_trace(tf):
    v = tf.Variable(1.0)
    fails = [True]

    @tf.function
    def f(x):
        v.assign_add(x)
        if fails[0]:
            raise KeyError("as asked")
        return v * x

    first = error_of(f, tf.constant(1.0))
    eager = tf.executing_eagerly()
    value = v.numpy().item()
    fails[0] = False
    return [first, eager, value, f(tf.constant(1.0)), v, f.experimental_get_tracing_count()]


@_case
def traces_for_unknown_sizes_serve_calls(tf):
    f = tf.function(lambda x: tf.reduce_sum(x) * 2.0)
    counts = []
    for spec in [None, 3], [None, None]:
        f.get_concrete_function(tf.TensorSpec(spec))
        counts.append(f.experimental_get_tracing_count())
    results = [f(tf.ones(shape)) for shape in ([2, 3], [5, 3], [5, 4], [6])]
    same = f.get_concrete_function(tf.TensorSpec([2, 3])) is f.get_concrete_function(tf.TensorSpec([None, 3]))
    return [counts, results, f.experimental_get_tracing_count(), same]


@_case
def ragged_tensors_of_other_lengths_are_the_same_argument(tf):
    f = tf.function(lambda r: (tf.reduce_sum(r.flat_values), r.row_lengths()))
    results = [f(tf.ragged.constant(rows)) for rows in ([[1.0], [2.0, 3.0]], [[1.0, 4.0], [2.0, 3.0]], [[], [5.0]])]
    return [
        results,
        f.experimental_get_tracing_count(),
        f(tf.ragged.constant([[1.0]]))[0],
        f.experimental_get_tracing_count(),
    ]


@_case
def shape_error_in_a_trace(tf):
    f = tf.function(lambda x, y: x @ y)
    return [error_of(f, tf.ones([2, 3]), tf.ones([2, 3])), f(tf.ones([2, 3]), tf.ones([3, 1]))]


@_case
def runtime_error_of_an_op(tf):
    f = tf.function(lambda x, i: tf.gather(x, i))
    x = tf.constant([1.0, 2.0])
    return [f(x, tf.constant([1])), error_of(f, x, tf.constant([5])), f(x, tf.constant([0]))]


@_case
def run_functions_eagerly(tf):
    seen = []

    @tf.function
    def f(x):
        seen.append(tf.executing_eagerly())
        return x + 1

    tf.config.run_functions_eagerly(True)
    try:
        f(tf.constant(1)), f(tf.constant(2))
        count = f.experimental_get_tracing_count()
    finally:
        tf.config.run_functions_eagerly(False)
    f(tf.constant(1)), f(tf.constant(2))
    return [*seen, count, f.experimental_get_tracing_count()]


@_case
def threads_call_and_trace_at_once(tf):
    f = tf.function(lambda x: tf.reduce_sum(x * 2.0))
    results = {}

    def work(i):
        results[i] = [float(f(tf.ones([1 + (i + k) % 4]))) for k in range(8)]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [*[results[i] for i in range(6)], f.experimental_get_tracing_count()]


# What traced tensors tell.


@_case
def traced_tensors_describe_themselves(tf):
    seen = []

    @tf.function
    def f(x, y):
        z = x * y
        seen.extend([repr(x), str(y), x.name, x.shape.as_list(), x.dtype.name, z.shape.as_list(), tf.is_tensor(z)])
        seen.extend([tf.executing_eagerly(), x.graph is y.graph, x.op.name, z.op.type, x.graph.name])
        return z

    f(tf.ones([2, 1]), tf.ones([1, 3]))
    return seen


@_case
def shapes_of_unknown_size(tf):
    seen = []

    @tf.function(input_signature=[tf.TensorSpec([None, 3])])
    def f(x):
        seen.extend(
            [
                repr(x.shape),
                repr(tf.reshape(x, [-1]).shape),
                repr(tf.concat([x, x], 1).shape),
                repr((x @ tf.ones([3, 2])).shape),
            ]
        )
        seen.extend(
            [
                repr(tf.shape(x).shape),
                repr(tf.reduce_sum(x, 1).shape),
                repr(tf.transpose(x).shape),
                repr(x[1:].shape),
                repr(x[0].shape),
            ]
        )
        y = tf.reshape(x, [tf.shape(x)[0], 3, 1])
        seen.append(repr(y.shape))
        return tf.reduce_sum(x)

    f(tf.ones([2, 3]))
    return seen


@_case
def set_shape_in_a_function(tf):
    seen = []

    @tf.function(input_signature=[tf.TensorSpec([None, None])])
    def f(x):
        x.set_shape([None, 4])
        seen.append(repr(x.shape))
        y = tf.ensure_shape(x, [2, 4])
        seen.append(repr(y.shape))
        return y

    return [f(tf.ones([2, 4])), *seen, error_of(f, tf.ones([3, 4]))]


@_case
def unknown_sizes_meet(tf):
    @tf.function(input_signature=[tf.TensorSpec([None]), tf.TensorSpec([None])])
    def f(x, y):
        return x + y

    return [
        f(tf.ones(3), tf.ones(3)),
        f(tf.ones(2), tf.ones(2)),
        f(tf.ones(3), tf.ones(1)),
        f(tf.ones(1), tf.ones(4)),
        error_of(f, tf.ones(3), tf.ones(2)),
        f.experimental_get_tracing_count(),
    ]


@_case
def gradients_of_unknown_sizes_that_broadcast(tf):
    @tf.function(input_signature=[tf.TensorSpec([None, None]), tf.TensorSpec([None, None])])
    def f(x, y):
        with tf.GradientTape() as tape:
            tape.watch([x, y])
            z = x * y + x
        return tape.gradient(z, [x, y])

    return [
        *f(tf.ones([2, 3]), tf.ones([2, 3])),
        *f(tf.ones([2, 3]), tf.ones([1, 3])),
        *f(tf.ones([2, 1]), tf.ones([1, 3])),
    ]


@_case
def losses_of_unknown_batches(tf):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32), tf.TensorSpec([None, 3])])
    def f(labels, logits):
        dense = tf.one_hot(labels, 3)
        return (
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits),
            tf.nn.softmax_cross_entropy_with_logits(dense, logits),
            tf.nn.sigmoid_cross_entropy_with_logits(labels=dense, logits=logits),
        )

    return [*f([0, 2], tf.ones([2, 3])), *f([1], tf.ones([1, 3])), error_of(f, [1, 2], tf.ones([3, 3]))]


@_case
def masks_of_unknown_sizes(tf):
    @tf.function(input_signature=[tf.TensorSpec([None, 2]), tf.TensorSpec([None], tf.bool)])
    def f(x, mask):
        return tf.boolean_mask(x, mask), x[mask], tf.where(mask)

    return [*f(tf.constant([[1.0, 2.0], [3.0, 4.0]]), [True, False]), *f(tf.ones([3, 2]), [True, True, False])]


# Objects that hold functions.


@_case
def deepcopy_of_a_module(tf):
    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.v = tf.Variable(1.0)

        @tf.function
        def f(self, x):
            return self.v.assign_add(x)

    model = Model()
    model.f(tf.constant(1.0))
    twin = copy.deepcopy(model)
    twin.f(tf.constant(10.0))
    return [model.v, twin.v]


@_case
def pickle_of_a_function(tf):
    return [error_of(pickle.dumps, tf.function(lambda x: x))]


@_case
def wrapped_function_keeps_its_name(tf):
    @tf.function
    def spelled(x):
        """What it does."""
        return x

    return [spelled.__name__, spelled.__doc__, spelled.python_function(3)]


@_case
def many_shapes_and_calls(tf):
    f = tf.function(lambda x: tf.reduce_sum(x))
    return [float(sum(f(tf.ones([n])) for n in range(1, 40))), f.experimental_get_tracing_count()]
