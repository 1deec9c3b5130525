"""tf.saved_model.save and load, there and back."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import tenfold as tf
from tests.golden.saved_model_results import compare, freeze, results
from tests.golden.saved_models import MODULES


class Scale(tf.Module):
    def __init__(self):
        super().__init__()
        self.factor = tf.Variable(2.0)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def __call__(self, x):
        return x * self.factor


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_the_same_after_it_was_saved(name, tmp_path):
    freeze(tf, MODULES[name](tf), tmp_path / name)
    loaded = tf.saved_model.load(tmp_path / name)
    assert compare(results(tf, loaded, MODULES[name](tf)), tmp_path / name) == []


def test_a_new_process_needs_no_classes(tmp_path):
    tf.saved_model.save(Scale(), tmp_path / "m")
    code = (
        "import sys, tenfold as tf; m = tf.saved_model.load(sys.argv[1]);"
        "print(m(tf.constant([3.0])).numpy(), m.signatures['serving_default'](x=tf.constant([1.0]))['output_0'].numpy())"
    )
    run = subprocess.run([sys.executable, "-c", code, str(tmp_path / "m")], capture_output=True, text=True, check=True)
    assert run.stdout == "[6.] [2.]\n"


def test_what_a_folder_held_is_replaced(tmp_path):
    module = Scale()
    tf.saved_model.save(module, tmp_path / "m")
    module.factor.assign(5.0)
    tf.saved_model.save(module, tmp_path / "m")
    assert float(tf.saved_model.load(tmp_path / "m").factor) == 5.0
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_a_save_that_fails_leaves_the_previous_one(tmp_path, monkeypatch):
    module = Scale()
    tf.saved_model.save(module, tmp_path / "m")
    module.factor.assign(5.0)

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        tf.saved_model.save(module, tmp_path / "m")
    assert float(tf.saved_model.load(tmp_path / "m").factor) == 2.0
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_signatures_by_name(tmp_path):
    class Two(tf.Module):
        @tf.function
        def add(self, a, b):
            return {"sum": a + b, "difference": a - b}

        @tf.function(input_signature=[tf.TensorSpec([], tf.float32, name="z")])
        def twice(self, z):
            return z * 2.0, z

    module = Two()
    spec = tf.TensorSpec([None], tf.float32)
    add = module.add.get_concrete_function(spec, b=spec)
    tf.saved_model.save(module, tmp_path / "m", signatures={"add": add, "twice": module.twice})
    signatures = tf.saved_model.load(tmp_path / "m").signatures
    assert sorted(signatures) == ["add", "twice"]
    found = signatures["add"](b=tf.constant([1.0]), a=tf.constant([3.0]))
    assert {key: value.numpy().tolist() for key, value in found.items()} == {"sum": [4.0], "difference": [2.0]}
    twice = signatures["twice"](tf.constant(4.0))
    assert {key: float(value) for key, value in twice.items()} == {"output_0": 8.0, "output_1": 4.0}
    with pytest.raises(TypeError, match="missing argument 'a'"):
        signatures["add"](b=tf.constant([1.0]))


def test_a_signature_of_keyword_arguments_in_another_order(tmp_path):
    module, spec = tf.Module(), tf.TensorSpec([], tf.float32)
    module.f = tf.function(lambda *, b, a: {"y": a - b})
    tf.saved_model.save(module, tmp_path / "m", signatures=module.f.get_concrete_function(b=spec, a=spec))
    loaded = tf.saved_model.load(tmp_path / "m")
    assert float(loaded.f(b=tf.constant(1.0), a=tf.constant(5.0))["y"]) == 4.0
    found = loaded.signatures["serving_default"](b=tf.constant(1.0), a=tf.constant(5.0))
    assert float(found["y"]) == 4.0


def test_without_a_function_that_has_a_signature_there_is_none(tmp_path):
    module = tf.Module()
    module.v = tf.Variable([1, 2])
    tf.saved_model.save(module, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    assert dict(loaded.signatures) == {} and loaded.v.numpy().tolist() == [1, 2]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64", "complex64", "int8", "uint16", "bool"])
def test_variables_of_every_kind(dtype, tmp_path):
    module = tf.Module()
    module.v = tf.Variable(tf.cast([[0, 1], [2, 3]], dtype), trainable=False, name="of_a_kind")
    tf.saved_model.save(module, tmp_path / "m")
    v = tf.saved_model.load(tmp_path / "m").v
    assert v.dtype == dtype and v.name == "of_a_kind:0" and not v.trainable
    np.testing.assert_array_equal(v.numpy(), module.v.numpy())


@pytest.mark.parametrize("shape", [None, [None]])
def test_a_variable_of_unknown_shape_takes_other_shapes_after_loading(shape, tmp_path):
    module = tf.Module()
    module.v = tf.Variable([1.0, 2.0], shape=tf.TensorShape(shape))
    module.double = tf.function(lambda: module.v.assign(tf.concat([module.v, module.v], 0)), input_signature=[])
    tf.saved_model.save(module, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    loaded.double()
    assert loaded.v.numpy().tolist() == [1.0, 2.0, 1.0, 2.0] and loaded.v.shape.rank == tf.TensorShape(shape).rank


def test_functions_in_lists_and_dicts(tmp_path):
    module = tf.Module()
    double = tf.function(lambda x: x * 2.0, input_signature=[tf.TensorSpec([None])])
    square = tf.function(lambda x: x * x, input_signature=[tf.TensorSpec([None])])
    module.functions = [double, {"square": square, "both": (double, square)}]
    tf.saved_model.save(module, tmp_path / "m")
    functions = tf.saved_model.load(tmp_path / "m").functions
    x = tf.constant([3.0])
    assert float(functions[0](x)[0]) == 6.0 and float(functions[1]["square"](x)[0]) == 9.0
    assert functions[1]["both"][0] is functions[0]


def test_shared_objects_stay_shared(tmp_path):
    module = tf.Module()
    module.a = tf.Variable(1.0)
    module.b = [module.a, {"c": module.a}]
    tf.saved_model.save(module, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    assert loaded.a is loaded.b[0] is loaded.b[1]["c"]


def test_keras_layers_in_a_module(tmp_path):
    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.layer = tf.keras.layers.LSTM(3)

        @tf.function(input_signature=[tf.TensorSpec([None, 4, 2], tf.float32)])
        def __call__(self, x):
            return self.layer(x)

    net = Net()
    x = tf.reshape(tf.range(16.0), [2, 4, 2]) / 10.0
    expected = net(x)
    tf.saved_model.save(net, tmp_path / "m")
    np.testing.assert_allclose(tf.saved_model.load(tmp_path / "m")(x), expected, rtol=1e-6)


def test_a_variable_that_is_not_held_is_an_error(tmp_path):
    outside, module = tf.Variable(1.0), tf.Module()
    module.f = tf.function(lambda x: x * outside, input_signature=[tf.TensorSpec([], tf.float32)])
    with pytest.raises(AssertionError, match="references an 'untracked' resource.*uses 'Variable:0'"):
        tf.saved_model.save(module, tmp_path / "m")


@pytest.mark.parametrize("value", [object(), 3, Scale], ids=["object", "int", "class"])
def test_what_has_nothing_to_save_is_an_error(value, tmp_path):
    with pytest.raises(ValueError, match="Expected an object of type `Trackable`"):
        tf.saved_model.save(value, tmp_path / "m")


@pytest.mark.parametrize("signatures", [3, tf.function(lambda x: x)], ids=["int", "no input signature"])
def test_what_is_no_signature_is_an_error(signatures, tmp_path):
    with pytest.raises(ValueError, match="Expected a TensorFlow function for which to generate a signature"):
        tf.saved_model.save(Scale(), tmp_path / "m", signatures=signatures)


def test_a_step_that_runs_python_is_an_error_with_the_line(tmp_path):
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
    def f(x):
        return tf.py_function(lambda y: y, [x], tf.float32)

    module.f = f
    with pytest.raises(NotImplementedError, match="runs Python and cannot be written") as raised:
        tf.saved_model.save(module, tmp_path / "m")
    assert "test_save.py" in raised.value.__notes__[0]
    assert not (tmp_path / "m").exists()


def test_assertions_go_along(tmp_path):
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def f(x):
        tf.debugging.assert_less(x, 10.0, message="too large")
        tf.debugging.assert_positive(x)
        tf.debugging.Assert(tf.reduce_sum(x) < 12.0, ["the sum is", tf.reduce_sum(x)])
        return x * 2.0

    module.f = f
    tf.saved_model.save(module, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    assert loaded.f(tf.constant([1.0, 2.0])).numpy().tolist() == [2.0, 4.0]
    for wrong, message in (([11.0], "too large"), ([-1.0], "Condition x > 0"), ([9.0, 8.0], "the sum is")):
        for function in (f, loaded.f):
            with pytest.raises(tf.errors.InvalidArgumentError, match=message):
                function(tf.constant(wrong))


def test_a_gradient_of_a_functions_own_is_saved(tmp_path):
    module = tf.Module()
    module.v = tf.Variable(2.0)

    @tf.custom_gradient
    def pair(a, b):
        return (a * b, a + b), lambda da, db: (da * 100.0 + db * module.v + a, None)

    module.f = tf.function(lambda x: pair(x, x * 2.0), input_signature=[tf.TensorSpec([], tf.float32)])
    module.g = tf.function(lambda x: module.f(x)[0] * 2.0, input_signature=[tf.TensorSpec([], tf.float32)])
    tf.saved_model.save(module, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    loaded.v.assign(7.0)
    x = tf.Variable(3.0)
    for function, expected in ((loaded.f, 100.0 + 7.0 + 3.0), (loaded.g, 200.0 + 3.0)):
        with tf.GradientTape() as tape:
            y = function(x)
        assert float(tape.gradient(y, x)) == expected


def test_a_gradient_of_a_functions_own_in_a_branch_is_not_replaced_by_another(tmp_path):
    module = tf.Module()
    double = tf.custom_gradient(lambda x: (x * 2.0, lambda dy: dy * 100.0))
    module.f = tf.function(
        lambda x: tf.cond(x > 0.0, lambda: double(x), lambda: x), input_signature=[tf.TensorSpec([], tf.float32)]
    )
    tf.saved_model.save(module, tmp_path / "m")
    loaded, x = tf.saved_model.load(tmp_path / "m"), tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = loaded.f(x)
    assert float(y) == 6.0
    with pytest.raises(LookupError, match="has a gradient of its own, but the file has no gradient"):
        tape.gradient(y, x)


def test_the_gradient_of_a_loop_is_saved_and_taken_of_the_loaded_function(tmp_path):
    module = tf.Module()

    def power(x, n):
        return tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, y * x), (0, 1.0))[1]

    def slope(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = power(x, n)
        return tape.gradient(y, x)

    signature = [tf.TensorSpec([], tf.float32), tf.TensorSpec([], tf.int32)]
    module.f = tf.function(power, input_signature=signature)
    module.slope = tf.function(slope, input_signature=signature)
    tf.saved_model.save(module, tmp_path / "m")
    loaded, x = tf.saved_model.load(tmp_path / "m"), tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = loaded.f(x, tf.constant(4))
    assert float(y) == 81.0 and float(tape.gradient(y, x)) == 108.0
    assert [float(loaded.slope(x, tf.constant(n))) for n in range(5)] == [0.0, 1.0, 6.0, 27.0, 108.0]


def test_options(tmp_path):
    scale = Scale()
    options = tf.saved_model.SaveOptions(function_aliases={"alias": scale.__call__}, extra_tags=["mine"])
    tf.saved_model.save(scale, tmp_path / "m", options=options)
    assert float(tf.saved_model.load(tmp_path / "m", tags=["serve", "mine"]).factor) == 2.0
    with pytest.raises(ValueError, match=r"has graphs with the tags \[\['mine', 'serve'\]\]"):
        tf.saved_model.load(tmp_path / "m", tags=["serve"])
    with pytest.raises(NotImplementedError, match="save_debug_info=True is not supported"):
        tf.saved_model.SaveOptions(save_debug_info=True)


def test_functions_without_results_are_no_signature(tmp_path):
    # the only function with an input signature became "serving_default", which servers cannot call
    module = tf.Module()
    module.v = tf.Variable(1.0)
    module.set = tf.function(lambda x: None, input_signature=[tf.TensorSpec([])])
    module.nothing = tf.function(lambda x: {}, input_signature=[tf.TensorSpec([])])
    tf.saved_model.save(module, tmp_path / "m")
    assert not tf.saved_model.load(tmp_path / "m").signatures
    module.get = tf.function(lambda x: module.v + x, input_signature=[tf.TensorSpec([])])
    tf.saved_model.save(module, tmp_path / "m")
    assert tf.saved_model.load(tmp_path / "m").signatures["serving_default"](tf.constant(1.0))["output_0"] == 2.0


def test_fingerprints_tell_savedmodels_apart_by_their_parts(tmp_path):
    # TensorFlow's singleprint of all files was 0/0/0/0
    read = tf.saved_model.experimental.read_fingerprint
    module = Scale()
    tf.saved_model.save(module, tmp_path / "m")
    first = read(tmp_path / "m")
    module.factor.assign(5.0)
    tf.saved_model.save(module, tmp_path / "m")
    second = read(tmp_path / "m")
    assert first.checkpoint_hash != second.checkpoint_hash and first != second
    assert first.signature_def_hash == second.signature_def_hash
    assert second.singleprint().split("/")[3] == str(second.checkpoint_hash)
    assert str(second).splitlines()[:2] == [
        "SavedModel Fingerprint",
        f"  saved_model_checksum: {second.saved_model_checksum}",
    ]
    with pytest.raises(ValueError, match="invalid fingerprint values"):
        tf.saved_model.experimental.Fingerprint(saved_model_checksum=1).singleprint()
    (tmp_path / "m/fingerprint.pb").write_bytes(b"\xff\xff")
    with pytest.raises(RuntimeError, match="Could not read fingerprint from fingerprint.pb"):
        read(tmp_path / "m")
    with pytest.raises(FileNotFoundError, match="Could not find fingerprint in directory: nope"):
        read("nope")


def test_contains_saved_model(tmp_path):
    assert not tf.saved_model.contains_saved_model(tmp_path)
    tf.saved_model.save(Scale(), tmp_path / "m")
    assert tf.saved_model.contains_saved_model(str(tmp_path / "m"))
    with pytest.raises(
        OSError, match=r"SavedModel file does not exist at.*It holds SavedModels: m; load one of them\."
    ):
        tf.saved_model.load(tmp_path)


def test_printing_is_saved_and_what_is_loaded_writes_no_files(tmp_path, capsys):
    module = tf.Module()

    def shout(x):
        tf.print("x is", x, {"pair": (x, {})}, output_stream=sys.stdout, summarize=1, sep=": ", end="!\n")
        tf.print(tf.as_string(x[0]))
        return x

    module.f = tf.function(shout, input_signature=[tf.TensorSpec([None], tf.int32)])
    tf.saved_model.save(module, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    for function in (shout, module.f, loaded.f):
        function(tf.range(5))
        assert capsys.readouterr() == ("x is: [0 ... 4]: {'pair': ([0 ... 4], {})}!\n", "0\n")
    to_file = tf.function(
        lambda: tf.print("a", output_stream=f"file://{tmp_path / 'log'}"), autograph=False, input_signature=[]
    )
    module.f = to_file
    tf.saved_model.save(module, tmp_path / "n")
    with pytest.raises(NotImplementedError, match="does not write files"):
        tf.saved_model.load(tmp_path / "n").f()


def without_ranks(folder):
    """Makes the arguments of a file's functions tensors of any number of axes, as TensorFlow writes TensorSpec(None)."""
    from tenfold.protos.saved_model import SavedModel

    path = folder / "saved_model.pb"
    message = SavedModel.FromString(path.read_bytes())
    for concrete in message.meta_graphs[0].object_graph_def.concrete_functions.values():
        args, kwargs = concrete.canonicalized_input_signature.tuple_value.values
        for spec in [*args.tuple_value.values, *kwargs.dict_value.fields.values()]:
            spec.tensor_spec_value.shape.Clear()
            spec.tensor_spec_value.shape.unknown_rank = True
    path.write_bytes(message.SerializeToString())


def test_a_function_of_tensors_of_any_number_of_axes(tmp_path):
    # was traced when it was loaded, and refused where an op asks for the number
    module = tf.Module()
    module.v = tf.Variable(2.0)
    signature = [tf.TensorSpec([None, None], name="x")]
    module.best = tf.function(lambda x: tf.nn.top_k(x * module.v, 2).values, input_signature=signature)
    tf.saved_model.save(module, tmp_path / "m")
    without_ranks(tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    serve = loaded.signatures["serving_default"]
    for x in [1.0, 3.0, 2.0], [[1.0, 3.0, 2.0], [5.0, 4.0, 6.0]]:
        with tf.GradientTape() as tape:
            y = loaded.best(tf.constant(x))
        np.testing.assert_array_equal(y, 2 * -np.sort(-np.array(x))[..., :2])
        assert float(tape.gradient(y, loaded.v)) == tf.reduce_sum(y / 2)
        np.testing.assert_array_equal(serve(x=tf.constant(x))["output_0"], y)
    assert "x: TensorSpec(shape=<unknown>" in repr(serve) and serve.variables == (loaded.v,)
    tf.saved_model.save(loaded, tmp_path / "again")  # a trace that needs the number of axes is left out
    assert tf.saved_model.load(tmp_path / "again").v == 2.0


def test_generators_of_random_numbers_go_on_where_they_were(tmp_path):
    # could not be saved, nor read
    module = tf.Module()
    module.random = tf.random.Generator.from_seed(5)
    module.normal = tf.function(lambda: module.random.normal([2]), input_signature=[])
    module.add = tf.function(
        lambda x: x + module.random.uniform(tf.shape(x)), input_signature=[tf.TensorSpec([None, 2])]
    )
    module.skip = tf.function(lambda: module.random.skip(3), input_signature=[])
    first = module.normal()
    tf.saved_model.save(module, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    np.testing.assert_allclose(first, [1.0278524, 0.27974114], rtol=1e-6)  # TensorFlow's, which goes on as below
    for x in module, loaded:
        found = x.add(tf.ones([3, 2]))
        expected = [[1.8304145, 1.7720957], [1.4420680, 1.5356832], [1.6167139, 1.4764160]]
        np.testing.assert_allclose(found, expected, rtol=1e-6)
        np.testing.assert_array_equal(x.skip(), [5 + (2 + 6) * 256, 0, 0])
    np.testing.assert_array_equal(module.normal(), loaded.normal())


def test_branches_and_loops_take_what_they_took(tmp_path):
    """Branches that read variables and different tensors once took one for the other."""
    module = tf.Module()
    module.v, module.u = tf.Variable(3.0), tf.Variable(7.0)
    number, known, open_ = tf.TensorSpec([]), tf.TensorSpec([2]), tf.TensorSpec([None])

    def branch(x, y, p):
        return tf.cond(p > 0.0, lambda: y * module.u - module.v, lambda: x * module.v)

    def loop(x, y, p):
        for _ in tf.range(tf.cast(p, tf.int32)):
            x = x * 0.5 * module.u + y * module.v
        return x

    for name, function in {"branch": branch, "loop": loop}.items():
        inner = tf.function(function, input_signature=[open_, open_, number])
        setattr(module, f"{name}_of_known_size", tf.function(inner, input_signature=[known, known, number]))
        setattr(module, f"{name}_of_numbers", tf.function(function, input_signature=[number, number, number]))
    tf.saved_model.save(module, tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    for p in (3.0, -1.0):
        for name, args in {"of_known_size": ([2.0, 3.0], [5.0, 6.0], p), "of_numbers": (2.0, 5.0, p)}.items():
            for kind in ("branch", "loop"):
                step = f"{kind}_{name}"
                args = [tf.constant(x) for x in args]
                np.testing.assert_allclose(getattr(loaded, step)(*args), getattr(module, step)(*args), err_msg=step)
