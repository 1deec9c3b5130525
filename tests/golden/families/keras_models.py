"""Keras models: subclassed, sequential and functional ones: structure, calls, names, configurations, summaries, errors."""

import json

from tests.golden.case import case


def numbers(*shape, phase=0.0):
    import numpy as np

    return np.cos(np.arange(int(np.prod(shape))) * 0.7 + phase).reshape(shape).astype("float32")


def fill(model):
    """Gives the weights values that no initializer has a part in."""
    for i, v in enumerate(model.weights):
        v.assign(numbers(*v.shape, phase=i) * 0.5)
    return model


def described(model):
    return {
        "layers": [(layer.name, type(layer).__name__) for layer in model.layers],
        "weights": [(v.path, v.name, tuple(v.shape)) for v in model.weights],
        "trainable": [v.path for v in model.trainable_weights],
        "params": model.count_params(),
    }


def summary(model, **options):
    import os

    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(options.pop("columns", 100))
    lines = []
    try:
        model.summary(print_fn=lambda text, line_break=True: lines.append(text), **options)
    finally:
        os.environ.pop("COLUMNS") if before is None else os.environ.update(COLUMNS=before)
    return "\n".join(lines).rstrip("\n")


def function(run):
    def fresh(tf):
        tf.keras.backend.clear_session()
        return run(tf)

    return case(fresh, name=run.__name__)


# Subclassed


def line_class(tf):
    class Line(tf.keras.Model):
        def __init__(self, units=1, **kwargs):
            super().__init__(**kwargs)
            self.hidden = tf.keras.layers.Dense(3, activation="tanh")
            self.out = tf.keras.layers.Dense(units, name="out")

        def call(self, x, training=False):
            return self.out(self.hidden(x))

    return Line


def subclassed(tf):
    model = line_class(tf)()
    x = tf.constant(numbers(4, 2))
    model(x)
    fill(model)
    return model(x), described(model), model.built, model.name, summary(model), summary(model, show_trainable=True)


def subclassed_unbuilt(tf):
    model = line_class(tf)()
    return summary(model), len(model.weights), model.built, len(model.layers)


def tracked_containers(tf):
    layers = tf.keras.layers

    class Nest(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.blocks = [layers.Dense(2), layers.Dense(2)]
            self.heads = {"b": layers.Dense(1), "a": layers.Dense(2, name="second")}
            self.pair = (layers.Dense(2, use_bias=False), layers.Dropout(0.5))
            self.deep = {"x": [layers.Dense(1), {"y": layers.Dense(1)}]}
            self.scale = self.add_weight(shape=(2,), initializer="ones", name="scale")
            self.blocks.append(layers.Dense(2, name="late"))

        def call(self, x):
            for block in self.blocks:
                x = block(x)
            x = self.pair[0](x) * self.scale
            y = self.heads["a"](x) + self.heads["b"](x)
            return self.deep["x"][0](y) + self.deep["x"][1]["y"](y)

    model = Nest()
    x = tf.constant(numbers(3, 2))
    model(x)
    fill(model)
    return model(x), [layer.name for layer in model.layers], [tuple(v.shape) for v in model.weights]


def nested_subclassed(tf):
    Line = line_class(tf)

    class Outer(tf.keras.Model):
        def __init__(self):
            super().__init__(name="outer")
            self.first, self.second = Line(2, name="first"), Line(1, name="second")

        def call(self, x):
            return self.second(self.first(x))

    model = Outer()
    x = tf.constant(numbers(4, 2))
    model(x)
    fill(model)
    return model(x), described(model), summary(model), summary(model, expand_nested=True)


def several_arguments(tf):
    class Two(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.a, self.b = tf.keras.layers.Dense(2), tf.keras.layers.Dense(2)

        def call(self, inputs, extra=None, scale=1.0, training=None):
            x, y = inputs["x"], inputs["y"]
            out = self.a(x) + self.b(y)
            if extra is not None:
                out = out + extra
            return {"sum": out * scale, "training": tf.constant(bool(training))}

    model = Two()
    data = {"x": tf.constant(numbers(3, 2)), "y": tf.constant(numbers(3, 4))}
    model(data)
    fill(model)
    return model(data), model(data, extra=tf.ones((3, 2)), scale=2.0, training=True)


def without_call(tf):
    class M(tf.keras.Model):
        pass

    return M()(tf.ones((1, 2)))


def without_super(tf):
    class M(tf.keras.Model):
        def __init__(self):
            self.dense = tf.keras.layers.Dense(1)

        def call(self, x):
            return self.dense(x)

    return M()(tf.ones((1, 2)))


def layers_is_reserved(tf):
    class M(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.layers = [tf.keras.layers.Dense(1)]

    return M()


def unknown_keyword(tf):
    return tf.keras.Model(units=3)


def slash_in_name(tf):
    return tf.keras.Sequential(name="a/b")


def count_of_unbuilt(tf):
    return line_class(tf)().count_params()


def output_of_subclassed(tf):
    return line_class(tf)().output


def output_shape_of_unbuilt_sequential(tf):
    return tf.keras.Sequential([tf.keras.layers.Dense(1)]).output_shape


def inputs_of_unbuilt_sequential(tf):
    return tf.keras.Sequential([tf.keras.layers.Dense(1)]).inputs


# Sequential


def sequential(tf):
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [tf.keras.Input((4,)), layers.Dense(3, activation="relu"), layers.Dropout(0.5), layers.Dense(2, name="logits")],
        name="stack",
    )
    fill(model)
    x = tf.constant(numbers(5, 4))
    return (
        model(x), described(model), model.input_shape, model.output_shape, model.inputs[0].shape,
        summary(model), summary(model, columns=80), summary(model, line_length=50),
        summary(model, show_trainable=True), summary(model, positions=[0.5, 0.7, 1.0]),
    )  # fmt: skip


def sequential_grows(tf):
    layers = tf.keras.layers
    model = tf.keras.Sequential()
    seen = [len(model.layers), model.built]
    model.add(layers.Dense(3, input_shape=(4,)))
    seen += [model.built, model.output_shape]
    model.add(layers.Dense(2))
    model.add(layers.Dense(1))
    seen += [model.output_shape, len(model.weights)]
    popped = model.pop()
    seen += [popped.name, model.output_shape, len(model.weights), model.built]
    return seen


def sequential_deferred(tf):
    model = tf.keras.Sequential([tf.keras.layers.Dense(3), tf.keras.layers.Dense(1)])
    before = model.built, len(model.weights), summary(model)
    model(tf.constant(numbers(2, 4)))
    return before, model.built, described(model), model.input_shape, summary(model)


def sequential_built(tf):
    model = tf.keras.Sequential([tf.keras.layers.Dense(3), tf.keras.layers.Dense(1)])
    model.build((None, 4))
    fill(model)
    return model(tf.constant(numbers(2, 4))), model.output_shape


def sequential_nested(tf):
    layers = tf.keras.layers
    inner = tf.keras.Sequential([layers.Dense(3), layers.ReLU()], name="inner")
    model = tf.keras.Sequential([tf.keras.Input((4,)), inner, layers.Dense(2)], name="outer")
    fill(model)
    return model(tf.constant(numbers(2, 4))), described(model), summary(model, expand_nested=True, show_trainable=True)


def sequential_config(tf):
    layers = tf.keras.layers
    model = tf.keras.Sequential([tf.keras.Input((4,)), layers.Dense(3), layers.Dense(1)], name="s")
    config = json.dumps(model.get_config(), sort_keys=True)
    again = tf.keras.Sequential.from_config(json.loads(config))
    return config, again.name, described(again)


def sequential_not_a_layer(tf):
    return tf.keras.Sequential([lambda x: x])


def sequential_same_name(tf):
    return tf.keras.Sequential([tf.keras.layers.Dense(1, name="a"), tf.keras.layers.Dense(1, name="a")])


def sequential_two_inputs(tf):
    return tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.Input((3,))])


def sequential_empty_build(tf):
    tf.keras.Sequential().build((None, 2))


def sequential_pop_empty(tf):
    tf.keras.Sequential().pop()


def sequential_wrong_size(tf):
    model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(1)])
    return model(tf.ones((2, 3)))


def sequential_wrong_rank(tf):
    model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(1)])
    return model(tf.ones((2, 3, 4)))


def sequential_last_axis(tf):
    model = fill(tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(2)]))
    squeezed = fill(tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)]))
    return model(tf.ones((3,))), squeezed(tf.ones((2, 4, 1)))


def sequential_casts(tf):
    import numpy as np

    model = fill(tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)]))
    return model(np.arange(8).reshape(2, 4)), model(numbers(2, 4).astype("float64"))


# Functional


def functional(tf):
    layers = tf.keras.layers
    x = tf.keras.Input((4,), name="x")
    h = layers.Dense(3, activation="relu", name="h")(x)
    y = layers.Dense(2, name="y")(h)
    model = tf.keras.Model(x, y, name="m")
    fill(model)
    head = tf.keras.Model(h, y)
    features = tf.keras.Model(model.input, model.get_layer("h").output)
    data = tf.constant(numbers(3, 4))
    return (
        model(data), features(data), head(features(data)), described(model), [layer.name for layer in head.layers],
        model.input_shape, model.output_shape, model.output_names, model.get_layer(index=1).name,
        model.inputs[0].name, model.outputs[0].shape, summary(model), summary(head),
        model.get_layer("h").input.name, model.get_layer("y").output.shape,
    )  # fmt: skip


def branches(tf):
    layers = tf.keras.layers
    a, b = tf.keras.Input((4,), name="a"), tf.keras.Input((3,), name="b")
    shared = layers.Dense(3, name="shared")
    left, right = shared(a), layers.Dense(3, name="right")(b)
    joined = layers.Concatenate(name="joined")([left, right])
    added = layers.Add(name="added")([left, right])
    model = tf.keras.Model(
        [a, b], [layers.Dense(1, name="one")(joined), layers.Dense(2, name="two")(added)], name="fork"
    )
    fill(model)
    data = [tf.constant(numbers(3, 4)), tf.constant(numbers(3, 3))]
    by_name = {"a": data[0], "b": data[1]}
    return (
        model(data), model(tuple(data)), model(by_name), described(model), model.output_names, model.input_shape,
        model.output_shape, summary(model), summary(model, columns=130, show_trainable=True), summary(model, columns=80),
        summary(model, layer_range=["shared", "added"]),
    )  # fmt: skip


def shared_layer(tf):
    layers = tf.keras.layers
    a, b = tf.keras.Input((4,)), tf.keras.Input((4,))
    dense = layers.Dense(2)
    model = tf.keras.Model([a, b], layers.Subtract()([dense(a), dense(b)]))
    fill(model)
    return model([tf.ones((1, 4)), tf.zeros((1, 4))]), described(model), summary(model), len(dense._inbound_nodes)


def shared_in_a_row(tf):
    x = tf.keras.Input((3,))
    dense = tf.keras.layers.Dense(3)
    model = fill(tf.keras.Model(x, dense(dense(x))))
    return model(tf.constant(numbers(2, 3))), described(model), summary(model)


def dicts(tf):
    layers = tf.keras.layers
    inputs = {"b": tf.keras.Input((2,), name="b"), "a": tf.keras.Input((3,), name="a")}
    h = layers.Concatenate()([layers.Dense(2)(inputs["a"]), layers.Dense(2)(inputs["b"])])
    outputs = {"z": layers.Dense(1, name="zz")(h), "c": layers.Dense(2, name="cc")(h)}
    model = fill(tf.keras.Model(inputs, outputs))
    data = {"a": tf.constant(numbers(2, 3)), "b": tf.constant(numbers(2, 2))}
    result = model(data)
    return (
        result, sorted(result), model.output_names, [t.name for t in model.inputs], [t.shape for t in model.outputs],
        sorted(model.input), sorted(model.output), described(model), summary(model),
    )  # fmt: skip


def deep_structures(tf):
    layers = tf.keras.layers
    a, b, c = tf.keras.Input((2,), name="a"), tf.keras.Input((2,), name="b"), tf.keras.Input((2,), name="c")
    model = tf.keras.Model([a, (b, c)], {"s": [layers.Add()([a, b]), layers.Add()([b, c])], "m": a})
    one = tf.ones((1, 2))
    return model([one, (one * 2, one * 3)])


def nested(tf):
    layers = tf.keras.layers
    x = tf.keras.Input((4,))
    block = tf.keras.Model(x, layers.Dense(4, name="core")(layers.ReLU()(x)), name="block")
    inner = tf.keras.Sequential([layers.Dense(4, name="in")], name="inner")
    y = tf.keras.Input((4,))
    model = tf.keras.Model(y, layers.Dense(1, name="out")(inner(block(block(y)))), name="whole")
    fill(model)
    return (
        model(tf.constant(numbers(2, 4))), described(model), summary(model, expand_nested=True), summary(model),
        model.get_layer("block").get_layer("core").name, [v.path for v in block.weights],
    )  # fmt: skip


def operators(tf):
    x = tf.keras.Input((4,))
    y = -x * 2 + 1
    y = (3.0 - y) / 2.0 + x**2 - abs(x) + 2**x
    y = y[:, :2] @ tf.ones((2, 3)) + (x[:, 1:4] > 0.5).__class__.__name__.__len__()
    model = tf.keras.Model(x, [y, x[:, 0], x[..., ::-1], x > 0.25, x[:, None, 1:], x // 2, x % 0.3])
    data = tf.constant(numbers(2, 4))
    return model(data), [layer.name for layer in model.layers], model.output_shape


def operator_names(tf):
    x = tf.keras.Input((4,), name="x")
    model = tf.keras.Model(x, tf.keras.layers.Dense(2)(x * 2.0 + 1.0) + x[:, :2])
    fill(model)
    return model(tf.constant(numbers(2, 4))), [layer.name for layer in model.layers], summary(model)


def keyword_calls(tf):
    layers = tf.keras.layers
    q, v = tf.keras.Input((3, 4)), tf.keras.Input((5, 4))
    attention = layers.MultiHeadAttention(2, 3, name="mha")
    out, scores = attention(q, v, return_attention_scores=True)
    model = fill(tf.keras.Model([q, v], [out, scores]))
    return model([tf.constant(numbers(2, 3, 4)), tf.constant(numbers(2, 5, 4))])


def disconnected(tf):
    a, b = tf.keras.Input((2,)), tf.keras.Input((2,))
    return tf.keras.Model(a, tf.keras.layers.Add()([a, b]))


def duplicate_names(tf):
    x = tf.keras.Input((2,))
    return tf.keras.Model(x, tf.keras.layers.Dense(1, name="d")(tf.keras.layers.Dense(2, name="d")(x)))


def not_keras_tensors(tf):
    return tf.keras.Model(tf.ones((1, 2)), tf.ones((1, 2)))


def outputs_missing(tf):
    return tf.keras.Model(tf.keras.Input((2,)))


def tf_function_on_keras_tensor(tf):
    return tf.nn.relu(tf.keras.Input((2,)))


def keras_tensor_has_no_truth(tf):
    return bool(tf.keras.Input((2,)) > 0)


def keras_tensor_is_no_array(tf):
    import numpy as np

    return np.asarray(tf.keras.Input((2,)))


def too_few_inputs(tf):
    a, b = tf.keras.Input((2,)), tf.keras.Input((2,))
    return tf.keras.Model([a, b], tf.keras.layers.Add()([a, b]))([tf.ones((1, 2))])


def missing_name(tf):
    a, b = tf.keras.Input((2,), name="a"), tf.keras.Input((2,), name="b")
    return tf.keras.Model([a, b], tf.keras.layers.Add()([a, b]))({"a": tf.ones((1, 2)), "c": tf.ones((1, 2))})


def wrong_size(tf):
    x = tf.keras.Input((4,))
    return tf.keras.Model(x, tf.keras.layers.Dense(1)(x))(tf.ones((2, 5)))


def no_such_layer(tf):
    x = tf.keras.Input((4,))
    return tf.keras.Model(x, tf.keras.layers.Dense(1)(x)).get_layer("nothing")


def no_such_index(tf):
    x = tf.keras.Input((4,))
    return tf.keras.Model(x, tf.keras.layers.Dense(1)(x)).get_layer(index=5)


def layer_by_both(tf):
    x = tf.keras.Input((4,))
    return tf.keras.Model(x, tf.keras.layers.Dense(1)(x)).get_layer("a", 1)


def layer_by_neither(tf):
    x = tf.keras.Input((4,))
    return tf.keras.Model(x, tf.keras.layers.Dense(1)(x)).get_layer()


def functional_config(tf):
    layers = tf.keras.layers
    a, b = tf.keras.Input((4,), name="a"), tf.keras.Input((4,), name="b")
    dense = layers.Dense(2, name="dense")
    model = tf.keras.Model([a, b], {"out": layers.Add(name="out")([dense(a), dense(b)])}, name="m")
    config = json.dumps(model.get_config(), sort_keys=True)
    again = tf.keras.Model.from_config(json.loads(config))
    as_json = tf.keras.models.model_from_json(model.to_json())
    fill(again)
    return (
        config, described(again), again([tf.ones((1, 4)), tf.zeros((1, 4))]),
        as_json.name, type(as_json).__name__, json.loads(model.to_json())["class_name"],
    )  # fmt: skip


def subclassed_config(tf):
    class Made(tf.keras.Model):
        def __init__(self, units, activation="relu", **kwargs):
            super().__init__(**kwargs)
            self.dense = tf.keras.layers.Dense(units, activation)

        def get_config(self):
            return {"units": self.dense.units, "name": self.name}

        def call(self, x):
            return self.dense(x)

    model = Made(3, name="mine")
    again = Made.from_config(model.get_config())
    return again.name, again.dense.units, again.dense.get_config()["activation"]


def functional_subclass(tf):
    class Mine(tf.keras.Model):
        def extra(self):
            return len(self.layers)

    x = tf.keras.Input((4,))
    model = fill(Mine(x, tf.keras.layers.Dense(1)(x)))
    return model(tf.constant(numbers(2, 4))), model.extra(), model.output_shape, type(model).__name__


def functional_in_init(tf):
    class Mine(tf.keras.Model):
        def __init__(self, units):
            x = tf.keras.Input((4,))
            super().__init__(inputs=x, outputs=tf.keras.layers.Dense(units)(x), name="mine")
            self.extra = tf.keras.layers.Dense(7)

    model = fill(Mine(2))
    return model(tf.constant(numbers(2, 4))), [layer.name for layer in model.layers], len(model.weights), summary(model)


# Weights, trainable switches


def trainable_switches(tf):
    layers = tf.keras.layers
    inner = tf.keras.Sequential([tf.keras.Input((2,)), layers.Dense(2, name="i"), layers.BatchNormalization(name="n")])
    model = tf.keras.Sequential([tf.keras.Input((2,)), inner, layers.Dense(1, name="o")])
    counts = [(len(model.trainable_weights), len(model.non_trainable_weights))]
    for layer, value in (
        (inner, False),
        (inner.layers[0], True),
        (model, False),
        (model, True),
        (model.layers[-1], False),
    ):
        layer.trainable = value
        counts.append(
            (len(model.trainable_weights), len(model.non_trainable_weights), inner.trainable, model.trainable)
        )
    return counts, summary(model, expand_nested=True, show_trainable=True)


def weights_and_back(tf):
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(2), tf.keras.layers.BatchNormalization()])
    values = [numbers(*v.shape, phase=i) for i, v in enumerate(model.weights)]
    model.set_weights(values)
    return model.get_weights(), [v.path for v in model.weights], [v.path for v in model.non_trainable_weights]


def set_weights_too_few(tf):
    tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(2)]).set_weights([numbers(2, 2)])


def set_weights_wrong_shape(tf):
    tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(2)]).set_weights([numbers(2, 3), numbers(2)])


def compiled_summary(tf):
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(2), tf.keras.layers.BatchNormalization()])
    model.compile("adam", "mse")
    before = summary(model)
    model.train_on_batch(numbers(4, 2), numbers(4, 2))
    return before, summary(model)


def large_summary(tf):
    model = tf.keras.Sequential(
        [tf.keras.Input((28, 28, 1)), tf.keras.layers.Conv2D(32, 3, name="a_convolution_with_quite_a_long_name_for_a_table"),
         tf.keras.layers.MaxPooling2D(), tf.keras.layers.Flatten(), tf.keras.layers.Dense(1000), tf.keras.layers.LSTMCell(3)][:5],
        name="large",
    )  # fmt: skip
    return summary(model), summary(model, columns=60), summary(model, line_length=140, columns=150)


def summary_of_no_such_range(tf):
    summary(tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(2)]), layer_range=["x", "y"])


def summary_too_narrow(tf):
    summary(tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(2)]), line_length=10)


def names_in_order(tf):
    layers = tf.keras.layers
    first = tf.keras.Sequential([layers.Dense(1), layers.Dense(1), layers.Conv2D(1, 1), layers.LSTM(2)])
    second = tf.keras.Sequential([layers.Dense(1), layers.BatchNormalization()])
    x = tf.keras.Input((2,))
    third = tf.keras.Model(x, layers.ReLU()(x))
    names = [m.name for m in (first, second, third)], [layer.name for m in (first, second, third) for layer in m.layers]
    tf.keras.backend.clear_session()
    return names, tf.keras.Sequential().name, layers.Dense(1).name, tf.keras.Input((2,)).name


def losses_of_models(tf):
    layers = tf.keras.layers

    class Penalty(layers.Layer):
        def call(self, x):
            self.add_loss(0.5 * tf.reduce_sum(x))
            return x

    model = tf.keras.Sequential(
        [tf.keras.Input((2,)), layers.Dense(2, kernel_regularizer="l2", activity_regularizer="l1"), Penalty(), layers.Dense(1, bias_regularizer="l1")]
    )  # fmt: skip
    fill(model)
    before = [float(v) for v in model.losses]
    model(tf.constant(numbers(3, 2)))
    model(tf.constant(numbers(3, 2)))
    return before, [tf.convert_to_tensor(v) for v in model.losses]


def add_loss_in_model(tf):
    class M(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = tf.keras.layers.Dense(1)

        def call(self, x):
            y = self.dense(x)
            self.add_loss(tf.reduce_mean(y**2))
            return y

    model = M()
    model(tf.ones((2, 3)))
    fill(model)
    model(tf.constant(numbers(2, 3)))
    return list(model.losses)


def stateless(tf):
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(2), tf.keras.layers.BatchNormalization()])
    fill(model)
    trained = [v * 2.0 for v in model.trainable_variables]
    kept = [tf.convert_to_tensor(v) for v in model.non_trainable_variables]
    outputs, updated = model.stateless_call(trained, kept, tf.constant(numbers(3, 2)), training=True)
    return outputs, updated, model(tf.constant(numbers(3, 2)))


def mixed_precision_model(tf):
    dtype = tf.keras.DTypePolicy("mixed_float16")
    model = tf.keras.Sequential(
        [tf.keras.Input((2,)), tf.keras.layers.Dense(2, dtype=dtype), tf.keras.layers.Dense(1, dtype="float32")]
    )
    fill(model)
    return (
        model.layers[0](tf.constant(numbers(3, 2))),
        model(tf.constant(numbers(3, 2))),
        model.weights[0].dtype == "float32",
    )


def compute_output_shape(tf):
    layers = tf.keras.layers
    x = tf.keras.Input((None, None, 3))
    model = tf.keras.Model(x, layers.Conv2D(2, 3, strides=2)(x))
    sequential = tf.keras.Sequential([layers.Dense(3), layers.Dense(2)])
    return model.compute_output_shape((8, 32, 32, 3)), model.output_shape, sequential.compute_output_shape((None, 7))


def masks(tf):
    layers = tf.keras.layers
    x = tf.keras.Input((None,), dtype="int32")
    model = tf.keras.Model(x, layers.LSTM(2)(layers.Embedding(5, 3, mask_zero=True)(x)))
    sequential = tf.keras.Sequential([layers.Embedding(5, 3, mask_zero=True), layers.GRU(2)])
    tokens = tf.constant([[1, 2, 0], [3, 0, 0]])
    sequential(tokens)
    fill(model)
    fill(sequential)
    return model(tokens), sequential(tokens)


def cloned(tf):
    layers = tf.keras.layers
    x = tf.keras.Input((3,), name="x")
    model = tf.keras.Model(x, layers.Dense(2, name="d")(x), name="m")
    again = tf.keras.models.clone_model(model)
    return described(again), again.name, again is not model, again.get_layer("d") is not model.get_layer("d")


def backend_function(tf):
    x = tf.keras.Input((3,))
    model = tf.keras.Model(x, tf.keras.layers.Dense(2)(tf.keras.layers.ReLU()(x)))
    return sorted(type(layer).__name__ for layer in model.layers), tf.keras.backend.int_shape(model.output)


CASES = [function(f) for f in (
    subclassed, subclassed_unbuilt, tracked_containers, nested_subclassed, several_arguments,
    without_call, without_super, layers_is_reserved, unknown_keyword, slash_in_name, count_of_unbuilt, output_of_subclassed,
    output_shape_of_unbuilt_sequential, inputs_of_unbuilt_sequential, sequential, sequential_grows, sequential_deferred,
    sequential_built, sequential_nested, sequential_config, sequential_not_a_layer, sequential_same_name,
    sequential_two_inputs, sequential_empty_build, sequential_pop_empty, sequential_wrong_size, sequential_wrong_rank,
    sequential_last_axis, sequential_casts, functional, branches, shared_layer, shared_in_a_row, dicts, deep_structures,
    nested, operators, operator_names, keyword_calls, disconnected, duplicate_names, not_keras_tensors, outputs_missing,
    tf_function_on_keras_tensor, keras_tensor_has_no_truth, keras_tensor_is_no_array, too_few_inputs, missing_name,
    wrong_size, no_such_layer, no_such_index, layer_by_both, layer_by_neither, functional_config, subclassed_config,
    functional_subclass, functional_in_init, trainable_switches, weights_and_back, set_weights_too_few,
    set_weights_wrong_shape, compiled_summary, large_summary, summary_of_no_such_range, summary_too_narrow, names_in_order,
    losses_of_models, add_loss_in_model, stateless, mixed_precision_model, compute_output_shape, masks, cloned,
    backend_function,
)]  # fmt: skip
