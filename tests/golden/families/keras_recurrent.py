"""Keras' recurrent layers, their cells and the layers that run others over time."""

from tests.golden.case import case, normal
from tests.golden.layer_case import layer, made

X3 = normal(3, 5, 4)
MASK = [[True, True, False, True, False], [False, False, True, True, True], [False] * 5]
LAYERS = ("SimpleRNN", "LSTM", "GRU")
CELLS = ("SimpleRNNCell", "LSTMCell", "GRUCell")


def _on_x(kind, *args, **kwargs):
    return layer(kind, *args, inputs={"x": X3}, **kwargs)


def _stateful(kind, **kwargs):
    def run(tf, x):
        tf.keras.utils.set_random_seed(1)
        made_layer = getattr(tf.keras.layers, kind)(3, stateful=True, **kwargs)
        first, second = made_layer(x), made_layer(x)
        states = [tf.convert_to_tensor(s) for s in tf.nest.flatten(made_layer.states)]
        made_layer.reset_state()
        names = ", ".join(f"{s.path} {tuple(s.shape)}" for s in tf.nest.flatten(made_layer.states))
        return first, second, states, made_layer(x), names, len(made_layer.weights)

    return case(run, grad=False, rtol=2e-4, atol=2e-4, name=f"stateful {kind} {kwargs}", x=X3)


def _custom_cell(tf, x, **kwargs):
    class Cell(tf.keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.state_size = units

        def build(self, input_shape):
            self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="ones", name="kernel")
            self.built = True

        def call(self, inputs, states):
            output = tf.tanh(tf.matmul(inputs, self.kernel) * 0.1 + states[0])
            return output, [output]

    return tf.keras.layers.RNN(Cell(2), **kwargs)(x)


def _cell_without_layer(tf, x):
    class Cell:
        state_size = (4, 4)
        output_size = 4
        compute_dtype = "float32"

        def call(self, inputs, states):
            total, last = states
            return total + inputs, [total + inputs, inputs - last]

        __call__ = call

    return tf.keras.layers.RNN(Cell(), return_sequences=True, return_state=True)(x)


def _initial_states(kind, count):
    def run(tf, x, h, c):
        tf.keras.utils.set_random_seed(1)
        made_layer = getattr(tf.keras.layers, kind)(3, return_sequences=True, return_state=True)
        return made_layer(x, initial_state=[h, c][:count])

    return case(
        run, rtol=2e-4, atol=2e-4, name=f"initial states of {kind}", x=X3, h=normal(3, 3), c=normal(3, 3, seed=1)
    )


def _after_masking(wrapped):
    def run(tf, x):
        tf.keras.utils.set_random_seed(1)
        x = tf.keras.layers.Masking()(x * tf.cast(x[:, :, :1] > 0, x.dtype))
        y = wrapped(tf)(x)
        return y, getattr(y, "_keras_mask", None)

    return run


def _cell_step(kind, **kwargs):
    def run(tf, x, h):
        tf.keras.utils.set_random_seed(1)
        cell = getattr(tf.keras.layers, kind)(3, **kwargs)
        states = [h, h * 2.0] if kind == "LSTMCell" else [h]
        output, new = cell(x, states)
        single = cell(x, h)[1] if kind != "LSTMCell" else new
        return output, new, single, cell.get_initial_state(batch_size=2), cell.state_size, cell.output_size

    return case(run, rtol=2e-4, atol=2e-4, name=f"a step of {kind} {kwargs}", x=normal(2, 4), h=normal(2, 3))


CASES = [
    *[_on_x(kind, 3, **options) for kind in LAYERS for options in (
        {}, {"return_sequences": True}, {"return_state": True}, {"return_sequences": True, "return_state": True},
        {"go_backwards": True, "return_sequences": True}, {"unroll": True}, {"use_bias": False}, {"activation": "relu"},
        {"activation": None}, {"trainable": False}, {"name": "memory"}, {"kernel_initializer": "he_normal"},
        {"kernel_regularizer": "l2", "recurrent_regularizer": "l2", "bias_regularizer": "l2"},
        {"recurrent_constraint": "max_norm", "bias_initializer": "ones", "recurrent_initializer": "glorot_uniform"},
        {"dropout": 0.3, "seed": 1, "training": True}, {"recurrent_dropout": 0.3, "seed": 1, "training": True},
        {"dropout": 0.3, "recurrent_dropout": 0.4, "seed": 2, "training": True, "return_sequences": True},
        {"dropout": 0.3, "training": True}, {"dropout": 0.3, "recurrent_dropout": 0.4, "training": False},
        {"dtype": "float64"}, {"dtype": "mixed_float16", "rtol": 2e-2},
    )],
    *[_on_x(kind, 3, activity_regularizer="l2") for kind in ("LSTM", "GRU")],
    *[_on_x(kind, 3, recurrent_activation="hard_sigmoid") for kind in ("LSTM", "GRU")],
    *[_on_x(kind, 3, call={"mask": MASK}, **options) for kind in LAYERS for options in (
        {}, {"return_sequences": True}, {"return_state": True}, {"go_backwards": True, "return_sequences": True},
        {"zero_output_for_mask": True, "return_sequences": True}, {"zero_output_for_mask": True}, {"unroll": True},
    )],
    _on_x("LSTM", 3, unit_forget_bias=False),
    *[_on_x("GRU", 3, reset_after=False, **options) for options in (
        {}, {"use_bias": False}, {"recurrent_dropout": 0.5, "seed": 1, "training": True}, {"return_sequences": True},
    )],
    _on_x("GRU", 3, reset_after=True, use_bias=False, recurrent_dropout=0.5, seed=1, training=True),
    *[_on_x("RNN", made(cell, 3), **options) for cell in CELLS for options in (
        {}, {"return_sequences": True, "return_state": True}, {"go_backwards": True},
    )],
    _on_x("RNN", made("StackedRNNCells", [made("LSTMCell", 3), made("GRUCell", 2)])),
    _on_x("RNN", made("StackedRNNCells", [made("LSTMCell", 3), made("GRUCell", 2)]), return_sequences=True, call={"mask": MASK}),
    _on_x("RNN", made("StackedRNNCells", [made("LSTMCell", 3)]), return_sequences=True),
    _on_x("RNN", made("StackedRNNCells", [made("SimpleRNNCell", 3, dropout=0.3, seed=1), made("GRUCell", 2, dropout=0.4, seed=2)]),
          training=True),
    _on_x("RNN", [made("LSTMCell", 3), made("SimpleRNNCell", 2)]),
    *[_on_x("Bidirectional", made(kind, 3, return_sequences=s), merge_mode=m)
      for kind in LAYERS for s in (False, True) for m in ("concat", "sum", "mul", "ave", None)],
    *[_on_x("Bidirectional", made(kind, 3, return_sequences=True), call={"mask": MASK}) for kind in LAYERS],
    *[_on_x("Bidirectional", made("LSTM", 3, return_state=True, return_sequences=s), merge_mode=m)
      for s in (False, True) for m in ("concat", None)],
    _on_x("Bidirectional", made("GRU", 3), backward_layer=made("GRU", 2, go_backwards=True)),
    _on_x("Bidirectional", made("RNN", made("LSTMCell", 3)), merge_mode="sum"),
    _on_x("Bidirectional", made("LSTM", 3, dropout=0.5, seed=1), training=True),
    _on_x("TimeDistributed", made("Dense", 2)),
    _on_x("TimeDistributed", made("Dropout", 0.5, seed=1), training=True),
    _on_x("TimeDistributed", made("BatchNormalization"), training=True),
    _on_x("TimeDistributed", made("Dense", 2), call={"mask": MASK}),
    layer("TimeDistributed", made("Conv2D", 2, 2), inputs={"x": normal(2, 3, 4, 4, 2)}),
    layer("TimeDistributed", made("LSTM", 2), inputs={"x": normal(2, 3, 4, 2)}),
    layer("TimeDistributed", made("TimeDistributed", made("Dense", 2)), inputs={"x": normal(2, 3, 4, 2)}),
    *[layer(f"ConvLSTM{rank}D", 2, 2, inputs={"x": x}, **options)
      for rank, x in ((1, normal(2, 3, 5, 3)), (2, normal(2, 3, 4, 5, 2)), (3, normal(1, 2, 3, 3, 4, 2)))
      for options in (
        {}, {"return_sequences": True, "padding": "same"}, {"return_state": True, "strides": 2},
        {"go_backwards": True, "return_sequences": True}, {"dilation_rate": 2}, {"use_bias": False, "activation": "relu"},
    )],
    *[layer("ConvLSTM2D", 2, 2, inputs={"x": normal(2, 3, 4, 5, 2)}, **options) for options in (
        {"dropout": 0.4, "seed": 1, "training": True}, {"recurrent_dropout": 0.4, "seed": 1, "training": True},
        {"unit_forget_bias": False, "kernel_regularizer": "l2"}, {"activity_regularizer": "l2", "name": "weather"},
        {"call": {"mask": [[True, False, True], [False, False, True]]}, "return_sequences": True},
        {"call": {"mask": [[True, False, True], [False, False, True]]}, "return_state": True},
    )],
    layer("ConvLSTM2D", 2, 2, data_format="channels_first", return_sequences=True, inputs={"x": normal(1, 3, 2, 4, 5)}),
    *[_stateful(kind) for kind in LAYERS],
    _stateful("LSTM", return_sequences=True),
    *[_initial_states(kind, count) for kind, count in (("SimpleRNN", 1), ("LSTM", 2), ("GRU", 1))],
    *[_cell_step(kind, **options) for kind in CELLS for options in ({}, {"use_bias": False}, {"activation": "relu"})],
    case(_custom_cell, name="custom cell", rtol=2e-4, x=X3),
    case(lambda tf, x: _custom_cell(tf, x, return_sequences=True, return_state=True), name="custom cell with states", x=X3),
    case(_cell_without_layer, name="cell that is no layer", x=X3),
    *[case(_after_masking(f), name=f"after Masking: {n}", rtol=2e-4, atol=2e-4, grad=False, x=X3) for n, f in {
        "LSTM": lambda tf: tf.keras.layers.LSTM(3),
        "LSTM with sequences": lambda tf: tf.keras.layers.LSTM(3, return_sequences=True),
        "TimeDistributed": lambda tf: tf.keras.layers.TimeDistributed(tf.keras.layers.Dense(2)),
        "Bidirectional": lambda tf: tf.keras.layers.Bidirectional(tf.keras.layers.GRU(2, return_sequences=True)),
        "two layers": lambda tf: lambda x: tf.keras.layers.LSTM(2)(
            tf.keras.layers.GRU(3, return_sequences=True)(tf.keras.layers.Dense(4)(x))),
    }.items()],
    *[
        case(f"tf.keras.layers.{text}", grad=False, x=X3)
        for text in (
            "LSTM(0)", "LSTM(-1)", "GRU('x')", "SimpleRNN(3, activation='x')", "LSTM(3, use_cudnn='x')", "LSTM(3, foo=1)",
            "LSTM(3, use_cudnn=True)(x)", "LSTM(3)(x[0])", "LSTM(3, stateful=True)(tf.keras.Input((5, 4)))", "RNN('x')", "RNN(3)",
            "RNN([tf.keras.layers.Dense(2)])", "StackedRNNCells([3])", "Bidirectional('x')",
            "Bidirectional(tf.keras.layers.LSTM(2), merge_mode='x')", "Bidirectional(tf.keras.layers.LSTM(2, go_backwards=True))",
            "Bidirectional(tf.keras.layers.LSTM(2), backward_layer=tf.keras.layers.LSTM(2))",
            "Bidirectional(tf.keras.layers.LSTM(2), backward_layer='x')",
            "Bidirectional(tf.keras.layers.LSTM(2), backward_layer=tf.keras.layers.LSTM(2, go_backwards=True, return_sequences=True))",
            "Bidirectional(tf.keras.layers.LSTM(2)).reset_state()", "TimeDistributed('x')",
            "TimeDistributed(tf.keras.layers.Dense(2))(x[0])",
            "TimeDistributed(tf.keras.layers.Dense(2))(x, mask=tf.constant([[True]]))", "ConvLSTM2D(2, (1, 2, 3))",
            "ConvLSTM2D(2, 2, padding='causal')", "ConvLSTM2D(2, 2, strides=2, dilation_rate=2)", "ConvLSTM2D(2, 2)(x)",
            "ConvLSTM2D(2, 2)(tf.keras.Input((3, None, 4, 2)))", "LSTM(3).state_size", "GRU(3).state_size",
            "LSTM(3, return_sequences=True, return_state=True).compute_output_shape((None, 5, 4))",
            "LSTM(3, unroll=True)(tf.keras.Input((None, 4)))", "LSTM(3)(tf.keras.Input((None, 4))).shape",
            "LSTM(3, dropout=2.0).dropout", "LSTM(3, recurrent_dropout=-1.0).recurrent_dropout",
            "LSTMCell(3, recurrent_dropout=0.5).implementation", "LSTMCell(3).implementation",
        )
    ],
]  # fmt: skip
