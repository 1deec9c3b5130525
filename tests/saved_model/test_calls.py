"""How loaded functions are called: by structure, by tensors alone, with other sizes; what signatures call their arguments."""

from collections import namedtuple

import numpy as np
import pytest

import tenfold as tf
from tenfold.protos import saved_model as messages

Pair = namedtuple("Pair", "first second")
SPEC = tf.TensorSpec


def loaded(module, folder, signatures=None):
    tf.saved_model.save(module, folder, signatures)
    return tf.saved_model.load(folder)


@pytest.mark.parametrize(
    "args, kwargs, names",  # TensorFlow's, with the size of each
    [
        ([{"y": SPEC([1]), "x": SPEC([2])}], {}, {"inp": 2, "inp_1": 1}),
        ([{"y": SPEC([1], name="x"), "x": SPEC([2]), "z": SPEC([3], name="z")}], {}, {"inp": 2, "x": 1, "z": 3}),
        ([[SPEC([1]), {"d": SPEC([2]), "c": SPEC([3])}]], {}, {"inp": 1, "inp_1": 3, "inp_2": 2}),
        ([Pair(SPEC([1]), SPEC([2]))], {}, {"inp": 1, "inp_1": 2}),
        ([[SPEC([1]), SPEC([2])], SPEC([3])], {"z": [SPEC([4]), SPEC([5])], "inp_1": SPEC([6])},
         {"inp": 1, "inp_1": 2, "args_0": 3, "inp_1_1": 6, "z": 4, "z_1": 5}),
    ],
)  # fmt: skip
def test_signatures_call_tensors_in_structures_by_the_argument(args, kwargs, names, tmp_path):
    module = tf.Module()
    module.f = tf.function(lambda inp, *args, **kwargs: 0.0)
    found = loaded(module, tmp_path / "m", {"serve": module.f.get_concrete_function(*args, **kwargs)})
    specs = found.signatures["serve"].structured_input_signature[1]
    assert {name: spec.shape[0] for name, spec in specs.items()} == names


def test_the_structure_of_a_trace_has_paths_for_names():
    concrete = tf.function(lambda inp: 0.0).get_concrete_function(
        {"y": SPEC([1]), "x": [SPEC([2]), SPEC([3], name="q")]}
    )
    ((inp,), _) = concrete.structured_input_signature
    assert [inp["y"].name, inp["x"][0].name, inp["x"][1].name] == ["inp_y", "inp_x_0", "q"]


def test_results_of_signatures_are_called_by_the_fields_of_a_namedtuple(tmp_path):
    module = tf.Module()
    module.f = tf.function(lambda x: Pair(x, -x), input_signature=[SPEC([None], name="x")])
    serve = loaded(module, tmp_path / "m").signatures["serving_default"]
    assert serve.structured_outputs == {n: SPEC([None], name=n) for n in Pair._fields}
    assert serve(tf.constant([1.0]))["second"] == -1.0


def test_concrete_functions_take_the_tensors_alone(tmp_path):
    module = tf.Module()
    module.f = tf.function(lambda flag, x, *, pair=None: (x if flag else -x) + pair[0] - pair[1])
    x, pair = tf.constant([1.0, 2.0]), [tf.constant([3.0, 3.0]), tf.constant([1.0, 2.0])]
    module.f(False, x, pair=pair)
    (found,) = loaded(module, tmp_path / "m").f.concrete_functions
    for concrete in found, module.f.get_concrete_function(False, x, pair=pair):
        for y in concrete(False, x, pair=pair), concrete(x, *pair), concrete(flag=False, x=x, pair=pair):
            np.testing.assert_array_equal(y, [1, -1])
        with pytest.raises(TypeError, match="got True where False was traced"):
            concrete(True, x, pair=pair)
        with pytest.raises(TypeError, match="pair"):
            concrete(x, pair[0])


def test_signatures_take_other_sizes_if_their_graph_does(tmp_path):
    module = tf.Module()
    module.v = tf.Variable(2.0)
    module.free = tf.function(lambda x: x * module.v, input_signature=[SPEC([2, 2])])
    module.bound = tf.function(lambda x: tf.reshape(x, [4]) * module.v, input_signature=[SPEC([2, 2])])
    signatures = loaded(module, tmp_path / "m", {"free": module.free, "bound": module.bound}).signatures
    for shape in [(3, 2), (5,)]:
        with tf.GradientTape() as tape:
            y = signatures["free"](tf.ones(shape))["output_0"]
        np.testing.assert_array_equal(y, np.full(shape, 2))
        assert tape.gradient(y, signatures["free"].variables[0]) == np.prod(shape)
    np.testing.assert_array_equal(signatures["bound"](x=tf.ones([4, 1]))["output_0"], [2, 2, 2, 2])
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"float32\(3, 2\), and was stored for float32\(2, 2\).*reshape"
    ):
        signatures["bound"](tf.ones([3, 2]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="takes float32"):
        signatures["free"](tf.ones([2, 2], tf.int32))


def test_what_no_trace_takes_is_an_error_that_lists_them(tmp_path):
    module = tf.Module()
    module.f = tf.function(lambda x, k=2: tf.reshape(x * k, [4]))
    module.f(tf.ones([4])), module.f(tf.ones([2, 2]), 5), module.f(tf.ones([4, 1, 1]), 7)
    f = loaded(module, tmp_path / "m").f
    np.testing.assert_array_equal(f(tf.ones([1, 4]), 5), [5, 5, 5, 5])  # of the second
    with pytest.raises(ValueError) as caught:
        f(tf.ones([3, 2]), k=5)
    assert str(caught.value).split("\n") == [
        "Could not find matching concrete function to call loaded from the SavedModel: 'f' got (float32(3, 2), k=5); its traces take:",
        "  1. float32(4,), 2",
        "  2. float32(2, 2), 5: for these sizes its graph fails, Reshape: cannot reshape array of size 6 into shape (4,)",
        "  3. float32(4, 1, 1), 7",
    ]
    with pytest.raises(ValueError, match="'f' got"):
        f(tf.ones([4]), 5)


def test_a_variable_that_a_function_makes_when_it_is_saved(tmp_path):
    # was an 'untracked' resource: attributes were looked at before the function was traced
    module = tf.Module()
    module.made = None

    @tf.function(input_signature=[SPEC([None, 2])])
    def project(x):
        if module.made is None:
            module.made = tf.Variable(tf.ones([2, 3]), name="made")
        return x @ module.made

    module.functions = {"project": project}
    found = loaded(module, tmp_path / "m")
    np.testing.assert_array_equal(found.functions["project"](tf.ones([1, 2])), [[2, 2, 2]])
    assert found.made.shape == (2, 3)


def test_not_more_traces_are_kept_than_of_other_functions(tmp_path):
    module = tf.Module()
    module.f = tf.function(lambda x: x[:0], input_signature=[SPEC([2])])
    f = loaded(module, tmp_path / "m").f
    for size in range(1, 300):
        f(tf.zeros([size]))
    assert len(f.concrete_functions) <= 257  # with that of the file


def test_concrete_functions_take_the_tensors_of_structures_by_their_flat_names(tmp_path):
    # a loaded one took them for the names of the arguments, and TensorFlow called those of files arg_0, arg_1
    def f(x, y, scale=2.0, *, flag=True):
        return x["a"] + x["b"][0] * scale - y[1]

    specs = {"a": SPEC([2]), "b": [tf.TensorSpec([2], tf.float32, "bee")]}, (SPEC([]), SPEC([2]))
    module = tf.Module()
    module.f = tf.function(f).get_concrete_function(*specs)
    a, b, zero = tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0]), tf.constant([0.0, 0.0])
    for concrete in module.f, loaded(module, tmp_path / "m").f, tf.saved_model.load(tmp_path / "m").f:
        assert concrete.tensor_names == ["x", "bee", "y", "y_1"]
        assert list(concrete.function_type.parameters) == ["x", "y", "scale", "flag"]
        one = tf.constant(1.0)
        for y in (
            concrete(a, b, one, zero),
            concrete(x=a, bee=b, y=one, y_1=zero),
            concrete(a, b, y_1=zero, y=one),
            concrete({"a": a, "b": [b]}, (one, zero)),
            concrete(x={"a": a, "b": [b]}, y=(one, zero)),
        ):
            np.testing.assert_array_equal(y, [7.0, 10.0])
        with pytest.raises(TypeError, match="f: "):
            concrete(x_a=a, bee=b, y=one, y_1=zero)
    saved = messages.SavedModel.FromString((tmp_path / "m/saved_model.pb").read_bytes())
    found = [x.bare_concrete_function for x in saved.meta_graphs[0].object_graph_def.nodes]  # that and its signature
    assert [x.allowed_positional_arguments for x in found if list(x.argument_keywords) == ["x", "bee", "y", "y_1"]] == [
        4
    ]


def test_concrete_functions_in_lists_and_dicts(tmp_path):
    # could not be called when they were loaded
    module = tf.Module()
    module.v = tf.Variable(3.0)
    module.items = [tf.function(lambda x: x + module.v).get_concrete_function(SPEC([2]))]
    module.by_name = {"twice": tf.function(lambda: module.v * 2).get_concrete_function()}
    found = loaded(module, tmp_path / "m")
    assert found.by_name["twice"]() == 6.0
    with tf.GradientTape() as tape:
        y = found.items[0](x=tf.ones([2]))
    np.testing.assert_array_equal(y, [4, 4])
    assert tape.gradient(y, found.v) == 2.0


def test_the_gradient_of_a_loaded_layer_that_repeats_rows(tmp_path):
    # its checks of an index that is the same for all elements of a vector were no LLVM IR
    layers = [
        tf.keras.Input((4,)),
        tf.keras.layers.RepeatVector(3),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(2),
    ]
    model, x = tf.keras.Sequential(layers), tf.reshape(tf.range(24.0), (6, 4))
    tf.saved_model.save(model, tmp_path / "m")
    loaded = tf.saved_model.load(tmp_path / "m")
    gradients = []
    for f in (model, loaded):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(f(x) ** 2)
        gradients.append(tape.gradient(loss, list(f.trainable_variables)))
    for a, b in zip(*gradients, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4)
