"""tf.function where TensorFlow has no equal: texts of errors, warnings, memory, order of effects. The golden family `function`
compares the rest."""

import copy
import gc
import logging
import pickle
import threading

import numpy as np
import pytest

import tenfold as tf
from tenfold.core.context import recorders
from tenfold.graph.graph import Graph


def graphs_alive():
    gc.collect()
    return sum(type(x) is Graph for x in gc.get_objects())


USES = {
    "bool": lambda x: bool(x > 0),
    "float": float,
    "int": int,
    "iteration": list,
    "index": lambda x: [0, 1][x],
    "array": np.asarray,
    "array of a list": lambda x: np.array([x, x]),
    "key": lambda x: {x: 1},
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_values_of_traced_tensors_are_refused(use):
    traced = tf.function(lambda x: use(x), autograph=False)
    with pytest.raises(TypeError):
        traced(tf.constant(1))


def test_refusal_names_the_tensor_and_says_what_to_do():
    traced = tf.function(lambda value: value + 1 if value > 0 else value, autograph=False)
    with pytest.raises(
        TypeError, match=r"the tensor .*of shape \(\) and dtype bool is being traced.*Use tf.cond or tf.where"
    ):
        traced(tf.constant(1))
    with pytest.raises(AttributeError, match="'value' of shape"):
        tf.function(lambda value: value.numpy())(tf.constant(1))


def test_tensor_that_leaves_its_function_is_refused_by_name():
    kept = []
    tf.function(lambda step: kept.append(step))(tf.constant(1))
    with pytest.raises(TypeError, match="'step'.*is used outside of it"):
        tf.function(lambda x: x + kept[0])(tf.constant(1))


def test_a_tensor_is_out_of_scope_after_the_trace():
    kept = []

    @tf.function
    def step(x):
        kept.append(x)
        return x

    step(tf.constant(1.0))
    with pytest.raises(TypeError, match="'x'.*'step' was traced, and is out of scope here"):
        kept[0] + 1.0


def test_sizes_that_do_not_fit_in_the_first_call_are_an_error_of_that_call():
    # it could not be traced at all, which is another class of errors
    @tf.function(input_signature=[tf.TensorSpec([None, None])] * 2)
    def add(a, b):
        return a + b

    with pytest.raises(tf.errors.InvalidArgumentError, match=r"\(2,3\) \(2,4\)") as error:
        add(tf.ones([2, 3]), tf.ones([2, 4]))
    assert "'AddV2' in 'add', traced at" in error.value.__notes__[0] and "test_function.py" in error.value.__notes__[0]
    assert add(tf.ones([2, 3]), tf.ones([2, 1])).shape == (2, 3)
    assert add.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("given", [{"b": 1}, [1], {"a": 1, "b": 2}, 1])
def test_a_dict_of_other_keys_is_not_what_an_input_signature_says(given):
    # values of other keys were taken for those that were expected
    take = tf.function(lambda d: d["a"], input_signature=[{"a": tf.TensorSpec([], tf.int32)}])
    assert int(take({"a": 7})) == 7
    with pytest.raises(TypeError, match="another structure"):
        take(given)


def test_what_needs_a_value_says_what_to_do_instead():
    wrong = {
        "tf.gather": lambda x: [1, 2][x],
        "tf.cast": lambda x: int(x),
        "tf.numpy_function": lambda x: np.sqrt(x),
        "tf.cond or tf.where": lambda x: x > 0 and x,
    }
    for advice, function in wrong.items():
        with pytest.raises(tf.errors.OperatorNotAllowedInGraphError, match=f"Use .*{advice}"):
            tf.function(function, autograph=False)(tf.constant(1))
    with pytest.raises(TypeError, match="3 is not callable"):
        tf.function(3)


def test_error_while_running_says_where_it_was_traced():
    @tf.function
    def look_up(x, i):
        return tf.gather(x, i, name="rows") * 2.0

    look_up(tf.ones(3), tf.constant([1]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="indices.* = 7 is not in") as caught:
        look_up(tf.ones(3), tf.constant([7]))
    (note,) = caught.value.__notes__
    line = look_up.python_function.__code__.co_firstlineno + 2
    assert note == f"'rows' in 'look_up', traced at {__file__}:{line}."


def test_retracing_warns_once_and_names_the_argument(caplog):
    traced = tf.function(lambda x, step: x * step)
    with caplog.at_level(logging.WARNING, "tenfold"):
        for step in range(10):
            traced(tf.ones(2), step)
    (record,) = caplog.records
    assert "argument 'step' changes" in record.message and "traced 6 times" in record.message


def test_retracing_of_one_signature_does_not_warn(caplog):
    traced = tf.function(lambda x: x + 1)
    with caplog.at_level(logging.WARNING, "tenfold"):
        for step in range(10):
            traced(tf.constant(step))
    assert not caplog.records


def test_effects_stay_in_the_order_of_the_program():
    """An assertion that fails stops what comes after it, and nothing before."""
    v = tf.Variable(0)

    @tf.function
    def f(x):
        v.assign_add(1)
        tf.debugging.Assert(x > 0, [x])
        v.assign_add(10)

    f(tf.constant(1))
    with pytest.raises(tf.errors.InvalidArgumentError):
        f(tf.constant(-1))
    assert int(v) == 12


def test_prints_reads_and_writes_in_order(capfd):
    v = tf.Variable(1)

    @tf.function
    def f():
        tf.print("before", v)
        v.assign_add(1)
        tf.print("between", v)
        v.assign_add(1)
        tf.print("after", v)

    f()
    f()
    assert capfd.readouterr().err.split("\n") == [
        "before 1", "between 2", "after 3", "before 3", "between 4", "after 5", ""
    ]  # fmt: skip


@pytest.mark.parametrize("failure", [KeyError, KeyboardInterrupt])
def test_failed_trace_leaves_nothing_behind(failure):
    v, fails = tf.Variable(1.0), [True]

    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            y = v * x
            if fails[0]:
                raise failure
        return tape.gradient(y, v)

    with tf.GradientTape() as tape:
        with pytest.raises(failure):
            f(tf.constant(2.0))
        z = v * 3.0
    assert recorders() == () and tf.executing_eagerly() and float(tape.gradient(z, v)) == 3.0
    fails[0] = False
    assert float(f(tf.constant(2.0))) == 2.0


def test_another_thread_is_eager_while_one_traces():
    seen, inside, checked = [], threading.Event(), threading.Event()

    @tf.function
    def f(x):
        inside.set()
        checked.wait(10)
        return x + 1

    def other():
        inside.wait(10)
        seen.append((tf.executing_eagerly(), int(tf.constant(1) + 1)))
        checked.set()

    thread = threading.Thread(target=other)
    thread.start()
    assert int(f(tf.constant(1))) == 2
    thread.join()
    assert seen == [(True, 2)]


def test_traces_of_many_shapes_are_bounded():
    """NumPy keeps a reference to what refuses a ufunc's reduction; traces used to stay for ever by it."""
    traced = tf.function(lambda x: tf.reduce_sum(x, 0), reduce_retracing=False)
    for n in range(1, 300):
        traced(tf.ones([n]))
    first = graphs_alive()
    for n in range(300, 600):
        traced(tf.ones([n]))
    assert graphs_alive() == first
    del traced
    assert graphs_alive() <= first - 100


@pytest.mark.parametrize(
    "function",
    [
        lambda x: tf.ones([5])[x:],
        lambda x: tf.reshape(tf.ones([4]), [x, -1]),
        lambda x: tf.einsum("i,j->ij", tf.ones(x), tf.ones(x)),
        lambda x: tf.cond(x > 0, lambda: x + 1, lambda: x),
        lambda x: tf.while_loop(lambda i: i < x, lambda i: (i + 1,), (0,)),
        lambda x: tf.map_fn(lambda y: y * 2, tf.range(x)),
        lambda x: 1 / 0,
    ],
)
def test_trace_goes_with_its_function(function):
    before = graphs_alive()
    traced = tf.function(function)
    try:
        traced(tf.constant(2))
    except ZeroDivisionError:
        pass
    del traced
    assert graphs_alive() == before


def test_calls_keep_nothing():
    traced = tf.function(lambda x, y: (x + y, {"a": x}))
    x = tf.ones(3)

    def objects_after(calls):
        for _ in range(calls):
            traced(x, y=x)
        gc.collect()
        return len(gc.get_objects())

    objects_after(10)
    assert objects_after(1000) - objects_after(1000) in range(-20, 21)


def test_copy_of_an_object_has_traces_of_its_own():
    class Counter:
        def __init__(self):
            self.total = tf.Variable(0)
            self.step = tf.function(self.add)

        def add(self, x):
            return self.total.assign_add(x)

        @tf.function
        def twice(self, x):
            return self.total.assign_add(2 * x)

    counter = Counter()
    counter.twice(tf.constant(1))
    other = copy.deepcopy(counter)
    other.twice(tf.constant(10))
    assert (int(counter.total), int(other.total)) == (2, 22)


def test_concrete_function_in_print():
    def scale(x, factor=2.0, *, flag):
        return {"y": x * factor, "n": None}

    concrete = tf.function(scale).get_concrete_function(tf.TensorSpec([None, 3]), flag=True)
    spec = "TensorSpec(shape=(None, 3), dtype=tf.float32, name=None)"
    results = f"Dict[['y', {spec}], ['n', Literal[None]]]"
    in_a_line = f"(x: {spec}, factor: Literal[2.0], *, flag: Literal[True]) -> {results}"
    assert repr(concrete) == f"<ConcreteFunction {in_a_line} at 0x{id(concrete):X}>"
    assert concrete.pretty_printed_signature(verbose=False) == str(concrete.function_type) == in_a_line
    assert concrete.output_shapes["y"].as_list() == [None, 3] and concrete.output_dtypes["y"] is tf.float32


class Scale:
    """An object that is another's equal."""

    def __init__(self, factor):
        self.factor = factor

    def __eq__(self, other):
        return isinstance(other, Scale) and other.factor == self.factor

    def __hash__(self):
        return hash(self.factor)

    @tf.function
    def call(self, x):
        return x * self.factor


def test_equal_objects_are_one_argument():
    function = tf.function(lambda scale, x: x * scale.factor)
    scales = [Scale(2.0), Scale(2.0), Scale(3.0)]
    assert [function(s, tf.constant(1.0)).numpy() for s in scales] == [2, 2, 3]
    assert function.experimental_get_tracing_count() == 2


def test_sets_are_compared_by_their_elements():
    function = tf.function(lambda names, x: x * float(len(names)))
    assert [function(s, tf.constant(1.0)).numpy() for s in ({"a", "b"}, {"b", "a"}, {"a"})] == [2, 2, 1]
    assert function.experimental_get_tracing_count() == 2


def test_numbers_that_compare_strangely():
    function = tf.function(lambda sign: tf.math.atan2(sign, -1.0))
    assert [function(x).numpy() < 0 for x in (0.0, -0.0)] == [False, True]
    for _ in range(3):
        function(float("nan"))
    assert function.experimental_get_tracing_count() == 3


def test_method_of_an_object_that_is_gone():
    call = Scale(2.0).call
    with pytest.raises(ReferenceError, match="'call': the object whose method it is has been deleted"):
        call(tf.constant(1.0))


def test_concrete_function_takes_tensors_of_structures_one_by_one():
    concrete = tf.function(lambda pair: pair["a"] - pair["b"]).get_concrete_function(
        {"a": tf.TensorSpec([], name="a"), "b": tf.TensorSpec([], name="b")}
    )
    one, two = tf.constant(1.0), tf.constant(2.0)
    assert concrete({"a": one, "b": two}).numpy() == concrete(one, two).numpy() == concrete(b=two, a=one).numpy() == -1


def test_concrete_function_in_lines():
    offset = tf.Variable([1.0, 2.0])
    concrete = tf.function(lambda x, *, scale=2.0: (x * scale + offset,)).get_concrete_function(tf.TensorSpec([2]))
    spec = "TensorSpec(shape=(2,), dtype=tf.float32, name=None)"
    lines = str(concrete).splitlines()
    assert lines[:-1] == [
        "ConcreteFunction Input Parameters:",
        f"  x (POSITIONAL_OR_KEYWORD): {spec}",
        "  scale (KEYWORD_ONLY): Literal[2.0]",
        "Output Type:",
        f"  Tuple[{spec}]",
        "Captures:",
    ]
    assert lines[-1].endswith(f": {spec}")


def test_graph_is_looked_through_by_names():
    weight = tf.Variable([[1.0, 2.0]])
    graph = (
        tf.function(lambda x: tf.nn.relu(x * weight + x)).get_concrete_function(tf.TensorSpec([1, 2], name="x")).graph
    )
    types = [op.type for op in graph.get_operations()]
    assert types[0] == "Placeholder" and [t for t in types if t in ("Mul", "AddV2", "Relu")] == ["Mul", "AddV2", "Relu"]
    relu = graph.get_operation_by_name("Relu")
    assert relu.inputs[0].name == "AddV2:0" and graph.get_tensor_by_name("Relu:0").shape == [1, 2]
    for name, error in {"Relu": ValueError, "Relu:1": KeyError, "Tanh:0": KeyError}.items():
        with pytest.raises(error, match=name[:4]):
            graph.get_tensor_by_name(name)


@pytest.mark.parametrize(
    "function", [lambda x, n: x + n, lambda x, n: x @ n, lambda x, n: tf.concat([x, n], 0), lambda x, n: tf.math.log(n)]
)
def test_dtypes_that_do_not_fit_are_type_errors_while_tracing(function):
    operands = tf.ones([2, 2]), tf.ones([2, 2], tf.int32)
    with pytest.raises(tf.errors.InvalidArgumentError):
        function(*operands)
    with pytest.raises(TypeError, match="int32"):
        tf.function(function)(*operands)


def test_formats_need_values():
    @tf.function
    def in_print(x):
        assert tf.inside_function() and f"{x}".startswith("Tensor(")
        return f"{x:.2f}"

    with pytest.raises(TypeError, match="has no value yet"):
        in_print(tf.constant(1.0))
    assert not tf.inside_function() and f"{tf.constant(1.0):.2f}" == "1.00"


def test_traced_tensors_have_operations():
    seen = {}

    @tf.function
    def f(x):
        y, _ = tf.unique(tf.exp(x))
        z = tf.exp(y)
        seen.update(y=y, z=z, names=[t.name for t in (x, y, z)], texts=(repr(z), str(y)))
        seen.update(inputs=[t.name for t in z.op.inputs], outputs=[t.name for t in y.op.outputs], index=y.value_index)
        return z

    f(tf.ones(2))
    assert seen["names"] == ["x:0", "Unique:0", "Exp_1:0"] and seen["inputs"] == ["Unique:0"]
    assert seen["outputs"] == ["Unique:0", "Unique:1"] and seen["index"] == 0
    assert seen["texts"] == (
        "<tf.Tensor 'Exp_1:0' shape=(None,) dtype=float32>",
        'Tensor("Unique:0", shape=(None,), dtype=float32)',
    )
    with pytest.raises(AttributeError, match="eager"):
        tf.ones(2).name  # noqa: B018


@pytest.mark.parametrize(
    "function, value",
    [
        (lambda n: tf.tile([1, 2], [n]), 2),
        (lambda n: tf.pad([[1]], n), [[1, 2], [0, 1]]),
        (lambda n: tf.pad([[1, 2, 3]] * 3, n, "REFLECT"), [[1, 0], [0, 1]]),
        (lambda n: tf.fill([n, 2], 7), 3),
        (lambda n: tf.eye(n), 3),
        (lambda n: tf.one_hot([0, 1], n), 3),
        (lambda n: tf.linspace(0.0, 1.0, n), 5),
        (lambda n: tf.range(1, n, 2), 7),
        (lambda n: tf.math.top_k([3, 1, 2], n).values, 2),
        (lambda n: tf.repeat([[1, 2], [3, 4]], n, axis=0), [1, 3]),
        (lambda n: tf.reshape(tf.range(6), [n, -1]), 3),
        (lambda n: tf.range(6)[n], 4),
        (lambda n: tf.range(6)[1:n], 4),
        (lambda n: tf.slice(tf.range(6), [1], [n]), 4),
        (lambda n: tf.broadcast_to([1, 2], n), [3, 2]),
        (lambda n: tf.transpose([[1, 2], [3, 4]], n), [1, 0]),
        (lambda n: tf.expand_dims([1, 2], n), 1),
        (lambda n: tf.reduce_sum([[1, 2], [3, 4]], n), 1),
        (lambda n: tf.reduce_max([[1, 2], [3, 4]], n), [0, 1]),
        (lambda n: tf.split([1, 2, 3], n)[1], [1, 2]),
        (lambda n: tf.scatter_nd([[1]], [9], n), [4]),
        (lambda n: tf.sequence_mask([1, 2], n), 3),
        (lambda n: tf.math.bincount(n), [1, 1, 3]),
        (lambda n: tf.math.unsorted_segment_sum([1, 2], [0, 1], n), 3),
        (lambda n: tf.strided_slice([1, 2, 3, 4], [0], n), [3]),
        (lambda n: tf.linalg.expm(tf.eye(2) * tf.cast(n, tf.float32)), 5),
    ],
)
def test_arguments_that_decide_shapes(function, value):
    """What is an attribute here may be known only when the function runs."""
    traced = tf.function(function, autograph=False)
    given = tf.constant(value)
    concrete = traced.get_concrete_function(tf.TensorSpec(given.shape, tf.int32))
    expected = function(given)
    for run in (traced, concrete):
        np.testing.assert_array_equal(run(given), expected)
    assert concrete.structured_outputs.shape.is_compatible_with(expected.shape)


def test_threads_do_not_lose_each_others_updates():
    counter, table = tf.Variable(0.0), tf.Variable(tf.zeros([200, 200]))

    @tf.function
    def count(x):
        counter.assign_add(tf.reduce_sum(x))
        table.assign_add(tf.tanh(x[0] * tf.ones([200, 200]) * 100.0))
        return counter.read_value()

    def work():
        for _ in range(100):
            count(tf.ones([2]))
            counter.assign_add(1.0)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert float(counter) == 1200.0
    assert set(table.numpy().ravel()) == {400.0}


def test_arrays_that_were_pickled_are_like_others():
    # they have a dtype object of their own, for which machine code refused them
    array = pickle.loads(pickle.dumps(np.arange(6, dtype=np.float32)))
    variable = tf.Variable(array)

    @tf.function
    def step(x):
        variable.assign(variable * 2.0 + tf.sin(x))
        return x * 3.0 + tf.cos(x)

    np.testing.assert_allclose(step(array), array * 3.0 + np.cos(array), rtol=1e-6)
    np.testing.assert_allclose(variable, array * 2.0 + np.sin(array), rtol=1e-6)


def test_gradients_reach_constants_that_a_function_closes_over():
    c = tf.constant([2.0, 3.0])
    functions = {
        "product": lambda: tf.reduce_sum(c * 1.0),
        "square": lambda: tf.reduce_sum(c * c),
        "stack": lambda: tf.reduce_sum(tf.stack([c, c]) * 3.0),
        "branch": lambda: tf.cond(
            tf.reduce_sum(tf.random.uniform([1])) < 2.0, lambda: tf.reduce_sum(c * 5.0), lambda: 0.0
        ),
    }
    found = {}
    for name, function in functions.items():
        with tf.GradientTape() as tape:
            tape.watch(c)
            y = tf.function(function)()
        found[name] = tape.gradient(y, c).numpy().tolist()
    assert found == {"product": [1.0, 1.0], "square": [4.0, 6.0], "stack": [6.0, 6.0], "branch": [5.0, 5.0]}
