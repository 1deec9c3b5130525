"""Training: every form of compile, fit, evaluate, predict and their batches; values, names and order of logs, errors."""

import dataclasses
import warnings

from tests.golden.case import case
from tests.golden.families.keras_models import fill, numbers


def quiet(a_case):
    """The case without its warnings, of which Keras and Tenfold have their own."""

    def run(tf):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return a_case.code(tf)

    return dataclasses.replace(a_case, code=run, name=str(a_case))


def function(run, rtol=None):
    def fresh(tf):
        tf.keras.backend.clear_session()
        return run(tf)

    return case(fresh, name=run.__name__, rtol=rtol)


def dense(tf, units=2, activation=None, inputs=3, **options):
    model = tf.keras.Sequential(
        [tf.keras.Input((inputs,)), tf.keras.layers.Dense(units, activation=activation)], **options
    )
    return fill(model)


def two_heads(tf, as_dict=False):
    layers = tf.keras.layers
    x = tf.keras.Input((3,), name="x")
    h = layers.Dense(4, activation="tanh", name="h")(x)
    a, b = layers.Dense(1, activation="sigmoid", name="a")(h), layers.Dense(3, activation="softmax", name="b")(h)
    return fill(tf.keras.Model(x, {"first": a, "second": b} if as_dict else [a, b]))


def data(rows=7, units=2):
    return numbers(rows, 3), numbers(rows, units, phase=0.3)


def labels(rows=7, classes=3):
    import numpy as np

    return (np.arange(rows) * 5 % classes).astype("int32")


def logs_of(history):
    return list(history.history), history.history, history.epoch, history.params


def weights(model):
    return [v.numpy() for v in model.weights]


# Forms of compile


def forms(name, make_kwargs, y=None, units=2, activation=None):
    def run(tf):
        tf.keras.backend.clear_session()
        model = dense(tf, units, activation)
        model.compile(**make_kwargs(tf))
        x, targets = data(7, units)
        targets = targets if y is None else y()
        history = model.fit(x, targets, batch_size=3, epochs=2, shuffle=False, verbose=0, validation_data=(x, targets))
        return (
            logs_of(history), weights(model), model.evaluate(x, targets, verbose=0)
            if "twice" not in name and "weighted" not in name else None,  # where Keras lists values twice
            model.evaluate(x, targets, verbose=0, return_dict=True), [m.name for m in model.metrics],
            model.train_on_batch(x, targets, return_dict=True), model.test_on_batch(x, targets, return_dict=True),
        )  # fmt: skip

    return case(run, name=f"compile {name}", rtol=5e-5)


def _rows_sum(tf):
    def rows_sum(y_true, y_pred):
        return tf.reduce_sum(tf.abs(y_true - y_pred), axis=-1)

    return rows_sum


FORMS = [
    forms("names", lambda tf: {"optimizer": "sgd", "loss": "mse"}),
    forms("names in any case", lambda tf: {"optimizer": "SGD", "loss": "MSE", "metrics": ["MAE", "mse"]}),
    forms("class names", lambda tf: {"optimizer": "RMSprop", "loss": "MeanSquaredError", "metrics": ["MeanAbsoluteError"]}),
    forms("default optimizer", lambda tf: {"loss": "mean_squared_error"}),
    forms("objects", lambda tf: {"optimizer": tf.keras.optimizers.Adam(0.1), "loss": tf.keras.losses.Huber(), "metrics": [tf.keras.metrics.MeanAbsoluteError(name="m"), tf.keras.metrics.RootMeanSquaredError()]}),
    forms("functions", lambda tf: {"optimizer": "adam", "loss": _rows_sum(tf), "metrics": [_rows_sum(tf)]}),
    forms("configs", lambda tf: {"optimizer": {"class_name": "SGD", "config": {"learning_rate": 0.5}}, "loss": "mae"}),
    forms("reduction sum", lambda tf: {"optimizer": "sgd", "loss": tf.keras.losses.MeanSquaredError(reduction="sum")}),
    forms("weighted metrics", lambda tf: {"optimizer": "sgd", "loss": "mse", "metrics": ["mae"], "weighted_metrics": ["mae", "mse"]}),
    forms("loss weight", lambda tf: {"optimizer": "sgd", "loss": "mse", "loss_weights": 0.25}),
    forms("lists of one", lambda tf: {"optimizer": "sgd", "loss": ["mse"], "loss_weights": [0.25], "metrics": [["mae"]]}),
    forms("eager", lambda tf: {"optimizer": "sgd", "loss": "mse", "run_eagerly": True}),
    forms("steps per execution", lambda tf: {"optimizer": "sgd", "loss": "mse", "steps_per_execution": 2}),
    forms("not jitted", lambda tf: {"optimizer": "sgd", "loss": "mse", "jit_compile": False, "auto_scale_loss": False}),
    forms("binary accuracy", lambda tf: {"optimizer": "sgd", "loss": "binary_crossentropy", "metrics": ["accuracy", "AUC"]}, lambda: labels(7, 2).reshape(7, 1), 1, "sigmoid"),
    forms("binary of a vector", lambda tf: {"optimizer": "sgd", "loss": "binary_crossentropy", "metrics": ["accuracy"]}, lambda: labels(7, 2), 1, "sigmoid"),
    forms("sparse accuracy", lambda tf: {"optimizer": "sgd", "loss": "sparse_categorical_crossentropy", "metrics": ["acc", "sparse_top_k_categorical_accuracy"]}, labels, 3, "softmax"),
    forms("sparse column", lambda tf: {"optimizer": "sgd", "loss": "sparse_categorical_crossentropy", "metrics": ["Accuracy"]}, lambda: labels().reshape(7, 1), 3, "softmax"),
    forms("categorical accuracy", lambda tf: {"optimizer": "sgd", "loss": "categorical_crossentropy", "metrics": ["accuracy", "Precision", "Recall"]}, lambda: one_hot(labels()), 3, "softmax"),
    forms("from logits", lambda tf: {"optimizer": "sgd", "loss": tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), "metrics": ["accuracy"]}, labels, 3),
    forms("crossentropy", lambda tf: {"optimizer": "sgd", "loss": "crossentropy", "metrics": ["accuracy"]}, labels, 3, "softmax"),
    forms("same metric twice", lambda tf: {"optimizer": "sgd", "loss": "mse", "metrics": [tf.keras.metrics.MeanSquaredError(name="m"), tf.keras.metrics.MeanAbsoluteError(name="m")]}),
    forms("clipping and decay", lambda tf: {"optimizer": tf.keras.optimizers.AdamW(0.1, weight_decay=0.1, clipnorm=0.5), "loss": "mse"}),
    forms("schedule", lambda tf: {"optimizer": tf.keras.optimizers.SGD(tf.keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)), "loss": "mse"}),
    forms("averages", lambda tf: {"optimizer": tf.keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), "loss": "mse"}),
]  # fmt: skip


def one_hot(classes, count=3):
    import numpy as np

    return np.eye(count, dtype="float32")[classes]


def heads(name, make_kwargs, y=None, as_dict=False, sample_weight=None):
    def run(tf):
        tf.keras.backend.clear_session()
        model = two_heads(tf, as_dict)
        # In graphs Keras does not weight the losses of single outputs by the rows of a batch, as it does eagerly.
        model.compile("sgd", run_eagerly=True, **make_kwargs(tf))
        x = numbers(7, 3)
        targets = (numbers(7, 1, phase=1) > 0).astype("float32"), labels()
        targets = targets if y is None else y(*targets)
        weight = None if sample_weight is None else sample_weight()
        history = model.fit(
            x,
            targets,
            sample_weight=weight,
            batch_size=3,
            epochs=2,
            shuffle=False,
            verbose=0,
            validation_data=(x, targets),
        )
        return (
            list(history.history), history.history, weights(model), model.evaluate(x, targets, verbose=0),
            model.evaluate(x, targets, verbose=0, return_dict=True), model.train_on_batch(x, targets, return_dict=True),
        )  # fmt: skip

    return case(run, name=f"two outputs {name}", rtol=5e-5)


LOSSES = ["binary_crossentropy", "sparse_categorical_crossentropy"]
HEADS = [
    heads("lists", lambda tf: {"loss": LOSSES}, lambda a, b: [a, b]),
    heads("tuple of targets", lambda tf: {"loss": LOSSES}),
    heads("weights", lambda tf: {"loss": LOSSES, "loss_weights": [0.5, 2.0]}),
    heads("metrics", lambda tf: {"loss": LOSSES, "metrics": [["accuracy"], ["accuracy", "sparse_categorical_crossentropy"]]}),
    heads("metrics one each", lambda tf: {"loss": LOSSES, "metrics": ["accuracy", "accuracy"]}),
    heads("metrics for one", lambda tf: {"loss": LOSSES, "metrics": [None, ["accuracy"]]}),
    heads("dicts by layer name", lambda tf: {"loss": dict(zip("ab", LOSSES, strict=True)), "loss_weights": {"a": 0.5, "b": 2.0}, "metrics": {"a": "accuracy", "b": ["accuracy"]}}, lambda a, b: {"a": a, "b": b}),
    heads("metrics dict for one", lambda tf: {"loss": LOSSES, "metrics": {"b": ["accuracy"]}}, lambda a, b: {"a": a, "b": b}),
    heads("dict output", lambda tf: {"loss": dict(zip(("first", "second"), LOSSES, strict=True)), "metrics": {"first": ["accuracy"], "second": ["accuracy"]}}, lambda a, b: {"first": a, "second": b}, True),
    heads("dict output, one loss", lambda tf: {"loss": {"second": LOSSES[1]}}, lambda a, b: {"first": a, "second": b}, True),
    heads("one loss for both", lambda tf: {"loss": "mse"}, lambda a, b: [a, one_hot(b)]),
    heads("weighted metrics", lambda tf: {"loss": LOSSES, "weighted_metrics": [["accuracy"], ["accuracy"]]}, sample_weight=lambda: numbers(7) + 1.5),
    heads("sample weights for each", lambda tf: {"loss": LOSSES, "weighted_metrics": [["accuracy"], ["accuracy"]]}, lambda a, b: [a, b], sample_weight=lambda: [numbers(7) + 1.5, numbers(7, phase=1) + 1.5]),
    heads("losses in another order", lambda tf: {"loss": {"second": LOSSES[1], "first": LOSSES[0]}}, lambda a, b: {"first": a, "second": b}, True),
    heads("a target that is missing", lambda tf: {"loss": {"first": LOSSES[0], "second": LOSSES[1]}}, lambda a, b: {"first": a}, True),
    heads("loss for one", lambda tf: {"loss": [None, LOSSES[1]]}, lambda a, b: [a, b]),
    heads("too many weights", lambda tf: {"loss": LOSSES, "loss_weights": [1.0, 2.0, 3.0]}),
    heads("unknown key of loss", lambda tf: {"loss": {"a": "mse", "c": "mse"}}),
    heads("unknown key of metrics", lambda tf: {"loss": LOSSES, "metrics": {"c": ["accuracy"]}}),
    heads("one target", lambda tf: {"loss": LOSSES}, lambda a, b: a),
]  # fmt: skip


# Arguments of fit


def fits(name, compile_kwargs=None, y=None, units=2, activation=None, rows=7, **options):
    def run(tf):
        tf.keras.backend.clear_session()
        model = dense(tf, units, activation)
        model.compile(**{"optimizer": "sgd", "loss": "mse", "metrics": ["mae"], **(compile_kwargs or {})})
        x, targets = data(rows, units)
        targets = targets if y is None else y()
        given = {k: v(tf) if callable(v) else v for k, v in options.items()}
        history = model.fit(x, targets, **{"shuffle": False, "verbose": 0, "batch_size": 3, **given})
        return logs_of(history), weights(model), int(model.optimizer.iterations)

    return case(run, name=f"fit {name}", rtol=5e-5)


def lossOf(y, p):  # noqa: N802 (metrics are named in snake case)
    return abs(y - p) * 2.0


def _xy(rows=5, phase=0.5):
    return numbers(rows, 3, phase=phase), numbers(rows, 2, phase=phase + 1)


FITS = [
    fits("names of functions", {"metrics": [lambda y, p: abs(y - p), lossOf]}),
    fits("one epoch"),
    fits("default batch size", batch_size=None, rows=70),
    fits("epochs", epochs=3),
    fits("initial epoch", epochs=5, initial_epoch=3),
    fits("initial epoch past the end", epochs=2, initial_epoch=3),
    fits("no epochs", epochs=0),
    fits("validation data", epochs=2, validation_data=lambda tf: _xy()),
    fits("validation data as a list", validation_data=lambda tf: list(_xy())),
    fits("validation data with weights", validation_data=lambda tf: (*_xy(), numbers(5) + 1.5)),
    fits("validation split", epochs=2, validation_split=0.3),
    fits("validation split too large", validation_split=0.99),
    fits("validation batch size", validation_data=lambda tf: _xy(), validation_batch_size=2),
    fits("validation steps", epochs=2, validation_data=lambda tf: _xy(), validation_batch_size=2, validation_steps=1),
    fits("validation freq", epochs=5, validation_data=lambda tf: _xy(), validation_freq=2),
    fits("validation at epochs", epochs=5, validation_data=lambda tf: _xy(), validation_freq=[1, 4]),
    fits("validation freq of a wrong type", validation_data=lambda tf: _xy(), validation_freq="1"),
    fits("sample weight", sample_weight=lambda tf: numbers(7) + 1.5, epochs=2),
    fits("sample weight and split", sample_weight=lambda tf: numbers(7) + 1.5, validation_split=0.3),
    fits("weighted metrics", {"weighted_metrics": ["mae"], "metrics": []}, sample_weight=lambda tf: numbers(7) + 1.5),
    fits("class weight", {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], "weighted_metrics": ["accuracy"]}, labels, 3, "softmax", class_weight={0: 1.0, 1: 2.0, 2: 0.5}),
    fits("class weight one hot", {"loss": "categorical_crossentropy", "metrics": ["accuracy"]}, lambda: one_hot(labels()), 3, "softmax", class_weight={0: 1.0, 2: 0.5}),
    fits("class weight column", {"loss": "binary_crossentropy", "metrics": ["accuracy"]}, lambda: labels(7, 2).reshape(7, 1), 1, "sigmoid", class_weight={0: 1.0, 1: 3.0}),
    fits("class weight and sample weight", {"loss": "sparse_categorical_crossentropy"}, labels, 3, "softmax", class_weight={0: 2.0}, sample_weight=lambda tf: numbers(7)),
    fits("steps per epoch", epochs=2, steps_per_epoch=2),
    fits("steps per epoch as one pass", epochs=2, steps_per_epoch=3),
    fits("steps per epoch gives the batch size", batch_size=None, steps_per_epoch=2, rows=8),
    fits("not enough rows for the steps", epochs=3, steps_per_epoch=5),
    fits("batch larger than the data", batch_size=100),
    fits("rows differ", y=lambda: numbers(6, 2)),
    fits("targets missing", y=lambda: None),
    fits("sample weights too short", sample_weight=lambda tf: numbers(5)),
    fits("unknown keyword", nonsense=1),
]  # fmt: skip


def inputs(name, make):
    """Kinds of data: `make(tf)` gives the positional arguments and the keywords of fit."""

    def run(tf):
        tf.keras.backend.clear_session()
        model = dense(tf)
        model.compile("sgd", "mse", metrics=["mae"])
        args, kwargs = make(tf)
        history = model.fit(*args, **{"verbose": 0, "shuffle": False, **kwargs})
        return list(history.history), history.history, weights(model), int(model.optimizer.iterations)

    return case(run, name=f"data {name}", rtol=5e-5)


def _generator(count=100, size=2, what="xy"):
    for i in range(count):
        x, y = numbers(size, 3, phase=i), numbers(size, 2, phase=i + 1)
        yield {"xy": (x, y), "list": [x, y], "weights": (x, y, numbers(size) + 1.5), "alone": (x,)}[what]


def _sequence(tf, base="Sequence", size=3):
    class Rows(getattr(tf.keras.utils, base)):
        ended = 0

        def __init__(self):
            super().__init__()

        def __len__(self):
            return size

        def __getitem__(self, i):
            return numbers(2, 3, phase=i), numbers(2, 2, phase=i + 1)

        def on_epoch_end(self):
            self.ended += 1

    return Rows()


INPUTS = [
    inputs("tensors", lambda tf: ((tf.constant(numbers(7, 3)), tf.constant(numbers(7, 2))), {"batch_size": 3})),
    inputs("float64", lambda tf: ((numbers(7, 3).astype("float64"), numbers(7, 2).astype("float64")), {})),
    inputs("integers", lambda tf: (((numbers(7, 3) * 5).astype("int32"), (numbers(7, 2) * 5).astype("int64")), {})),
    inputs("bytes", lambda tf: (((numbers(7, 3) * 5 + 6).astype("uint8"), numbers(7, 2)), {})),
    inputs("list of one", lambda tf: (([numbers(7, 3)], [numbers(7, 2)]), {})),
    inputs("generator", lambda tf: ((_generator(),), {"steps_per_epoch": 2, "epochs": 2})),
    inputs("generator with weights", lambda tf: ((_generator(what="weights"),), {"steps_per_epoch": 2})),
    inputs("generator and targets", lambda tf: ((_generator(), numbers(7, 2)), {})),
    inputs("generator and split", lambda tf: ((_generator(),), {"validation_split": 0.2, "steps_per_epoch": 2})),
    inputs("Sequence", lambda tf: ((_sequence(tf),), {"epochs": 2})),
    inputs("PyDataset", lambda tf: ((_sequence(tf, "PyDataset"),), {"epochs": 2, "validation_data": _sequence(tf, "PyDataset", 2)})),
    inputs("Sequence with steps", lambda tf: ((_sequence(tf),), {"epochs": 2, "steps_per_epoch": 2})),
    inputs("Sequence and weights", lambda tf: ((_sequence(tf),), {"sample_weight": numbers(7)})),
    inputs("text", lambda tf: (("abc", numbers(7, 2)), {})),
    inputs("wrong width", lambda tf: ((numbers(7, 4), numbers(7, 2)), {})),
    inputs("wrong rank", lambda tf: ((numbers(7, 3, 2), numbers(7, 2)), {})),
]  # fmt: skip


def several_inputs(tf):
    layers = tf.keras.layers
    a, b = tf.keras.Input((2,), name="a"), tf.keras.Input((3,), name="b")
    model = fill(tf.keras.Model([a, b], layers.Dense(1)(layers.Concatenate()([a, b]))))
    model.compile("sgd", "mse")
    x, y, targets = numbers(5, 2), numbers(5, 3), numbers(5, 1)
    options = {"shuffle": False, "verbose": 0, "batch_size": 2}
    results = [model.fit(given, targets, **options).history["loss"] for given in ([x, y], {"a": x, "b": y}, (x, y))]
    return results, model.predict([x, y], verbose=0), model.predict({"a": x, "b": y}, verbose=0, batch_size=2)


def predictions(tf):
    model, heads = dense(tf), two_heads(tf, as_dict=True)
    x = numbers(7, 3)
    return (
        model.predict(x, verbose=0), model.predict(x, batch_size=2, verbose=0), model.predict(tf.constant(x), verbose=0),
        model.predict_on_batch(x), heads.predict(x, batch_size=2, verbose=0), two_heads(tf).predict(x, batch_size=3, verbose=0),
        model.predict(x, batch_size=2, steps=2, verbose=0), model.predict(_generator(2, what="alone"), verbose=0),
        model.predict(_generator(9, what="xy"), steps=2, verbose=0), model.predict(_sequence(tf), verbose=0),
    )  # fmt: skip


def predict_nothing(tf):
    return dense(tf).predict(verbose=0)


def predict_wrong_width(tf):
    return dense(tf).predict(numbers(2, 4), verbose=0)


def not_compiled(method):
    def run(tf):
        return getattr(dense(tf), method)(*data())

    return case(run, name=f"{method} of a model that is not compiled")


def on_batches(tf):
    model = dense(tf)
    model.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mae"])
    x, y = data()
    return (
        model.train_on_batch(x, y, return_dict=True), model.test_on_batch(x, y, return_dict=True, sample_weight=numbers(7) + 2), weights(model),
    )  # fmt: skip


def class_weight_on_batch(tf):
    model = dense(tf, 3, "softmax")
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model.train_on_batch(numbers(7, 3), labels(), class_weight={0: 2.0}), weights(model)


def both_weights_on_batch(tf):
    model = dense(tf, 3, "softmax")
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.train_on_batch(numbers(7, 3), labels(), class_weight={0: 2.0}, sample_weight=numbers(7))


def evaluations(tf):
    model = dense(tf)
    model.compile("sgd", "mse")
    x, y = data()
    alone = model.evaluate(x, y, verbose=0)
    model.compile("sgd", "mse", metrics=["mae"])
    return (
        alone, model.evaluate(x, y, verbose=0, batch_size=2), model.evaluate(x, y, verbose=0, sample_weight=numbers(7) + 2),
        model.evaluate(x, y, verbose=0, batch_size=2, steps=2), model.evaluate(_generator(3), verbose=0),
        model.evaluate(_sequence(tf), verbose=0, return_dict=True),
    )  # fmt: skip


def evaluate_unknown_keyword(tf):
    model = dense(tf)
    model.compile("sgd", "mse")
    model.evaluate(*data(), nonsense=1)


# Losses of layers, masks, regularizers


def layer_losses(tf):
    layers = tf.keras.layers

    class Penalty(layers.Layer):
        def call(self, x):
            self.add_loss(0.1 * tf.reduce_mean(x**2))
            return x

    model = tf.keras.Sequential(
        [
            tf.keras.Input((3,)),
            layers.Dense(4, kernel_regularizer="l2", activity_regularizer="l1"),
            Penalty(),
            layers.Dense(2),
        ]
    )
    fill(model)
    model.compile("sgd", "mse", metrics=["mae"])
    x, y = data()
    history = model.fit(x, y, epochs=2, batch_size=3, shuffle=False, verbose=0)
    return history.history, model.evaluate(x, y, verbose=0), weights(model)


def only_layer_losses(tf):
    class Own(tf.keras.layers.Layer):
        def call(self, x):
            self.add_loss(tf.reduce_mean(x**2))
            return x

    model = fill(tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2), Own()]))
    model.compile("sgd")
    history = model.fit(numbers(7, 3), epochs=2, batch_size=3, shuffle=False, verbose=0)
    return history.history, weights(model)


def no_loss_at_all(tf):
    model = dense(tf)
    model.compile("sgd")
    model.fit(*data(), verbose=0)


def masked_loss(tf):
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input((4,), dtype="int32"),
            layers.Embedding(5, 3, mask_zero=True),
            layers.GRU(2, return_sequences=True),
            layers.Dense(2),
        ]
    )
    fill(model)
    model.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mse"])
    x = labels(12, 5).reshape(3, 4)
    return model.train_on_batch(x, numbers(3, 4, 2)), weights(model), model.evaluate(x, numbers(3, 4, 2), verbose=0)


def batch_norm_and_frozen(tf):
    layers = tf.keras.layers
    model = tf.keras.Sequential([tf.keras.Input((3,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(2)])
    fill(model)
    model.layers[1].moving_variance.assign([1.0, 2.0, 3.0, 4.0])
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    history = model.fit(*data(), epochs=2, batch_size=3, shuffle=False, verbose=0)
    return history.history, weights(model), len(model.optimizer.variables)


def metric_of_a_layer(tf):
    class Watch(tf.keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.seen = tf.keras.metrics.Mean(name="seen")

        def call(self, x):
            self.seen.update_state(x)
            return x

    model = fill(tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2), Watch()]))
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(*data(), epochs=2, batch_size=3, shuffle=False, verbose=0)
    return list(history.history), history.history["seen"], model.evaluate(*data(), verbose=0)


# Overridden steps


def _subclass(tf, **methods):
    def __init__(self):
        tf.keras.Model.__init__(self)
        self.dense = tf.keras.layers.Dense(2)
        self.dense.build((None, 3))

    cls = type(
        "Mine",
        (tf.keras.Model,),
        {"__init__": __init__, "call": lambda self, x, training=False: self.dense(x), **methods},
    )
    return fill(cls())


def own_train_step(tf):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))  # noqa: B905 (as tutorials have it)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}

    model = _subclass(tf, train_step=train_step)
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(*data(), epochs=2, batch_size=3, shuffle=False, verbose=0, validation_split=0.3)
    return list(history.history), history.history, weights(model)


def old_train_step(tf):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))  # noqa: B905 (as tutorials have it)
        return {"loss": loss}

    model = _subclass(tf, train_step=train_step)
    model.compile("sgd", "mse")
    history = model.fit(*data(), epochs=2, batch_size=3, shuffle=False, verbose=0)
    return list(history.history), history.history, weights(model)


def own_metrics(tf):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self(x, training=True) - y) ** 2)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))  # noqa: B905 (as tutorials have it)
        self.tracker.update_state(loss)
        self.mae.update_state(y, self(x))
        return {"loss": self.tracker.result(), "mae": self.mae.result()}

    def test_step(self, data):
        x, y = data
        self.mae.update_state(y, self(x, training=False))
        return {"mae": self.mae.result(), "extra": tf.constant(2.0)}

    model = _subclass(
        tf, train_step=train_step, test_step=test_step, metrics=property(lambda self: [self.tracker, self.mae])
    )
    model.tracker, model.mae = tf.keras.metrics.Mean(name="loss"), tf.keras.metrics.MeanAbsoluteError(name="mae")
    model.compile(optimizer="sgd")
    history = model.fit(*data(), epochs=2, batch_size=3, shuffle=False, verbose=0, validation_data=data())
    return list(history.history), history.history, weights(model), model.evaluate(*data(), verbose=0)


def own_compute_loss(tf):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return tf.reduce_mean(tf.abs(y - y_pred)) + 0.1 * tf.reduce_mean(x) + (1.0 if training else 0.0)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        return {**tf.keras.Model.compute_metrics(self, x, y, y_pred, sample_weight), "largest": tf.reduce_max(y_pred)}

    model = _subclass(tf, compute_loss=compute_loss, compute_metrics=compute_metrics)
    model.compile("sgd", metrics=["mse"])
    history = model.fit(*data(), epochs=2, batch_size=3, shuffle=False, verbose=0)
    return list(history.history), history.history, weights(model), model.evaluate(*data(), verbose=0)


def compute_loss_without_training(tf):
    def compute_loss(self, x, y, y_pred, sample_weight):
        return tf.reduce_mean(tf.abs(y - y_pred))

    model = _subclass(tf, compute_loss=compute_loss)
    model.compile("sgd")
    return model.fit(*data(), batch_size=3, shuffle=False, verbose=0).history, weights(model)


def own_predict_step(tf):
    def predict_step(self, data):
        return tf.argmax(self(data[0] if isinstance(data, tuple) else data), axis=-1)

    return _subclass(tf, predict_step=predict_step).predict(numbers(7, 3), batch_size=3, verbose=0)


def own_compile(tf):
    def compile(self, optimizer, extra, **kwargs):
        tf.keras.Model.compile(self, optimizer=optimizer, **kwargs)
        self.extra = extra

    def train_step(self, data):
        return {"loss": tf.constant(self.extra), "steps": tf.cast(self.optimizer.iterations, tf.float32)}

    model = _subclass(tf, compile=compile, train_step=train_step)
    model.compile("sgd", 2.5)
    return model.fit(*data(), verbose=0).history


def compiled_twice(tf):
    model = dense(tf)
    model.compile("sgd", "mse")
    first = model.fit(*data(), verbose=0, shuffle=False).history
    model.compile("adam", "mae")
    second = model.fit(*data(), verbose=0, shuffle=False).history
    return first, second, weights(model), type(model.optimizer).__name__


def unbuilt(tf):
    model = tf.keras.Sequential(
        [tf.keras.layers.Dense(3, kernel_initializer="ones"), tf.keras.layers.Dense(2, kernel_initializer="ones")]
    )
    model.compile("sgd", "mse")
    history = model.fit(*data(), batch_size=3, epochs=2, shuffle=False, verbose=0)
    return history.history, weights(model), model.output_shape


def bad_argument(**options):
    def run(tf):
        dense(tf).compile(**options)

    return case(run, name=f"compile with {options}")


def attributes_after_compile(tf):
    model = dense(tf)
    before = model.compiled, model.loss
    model.compile("adam", "mse", loss_weights=0.5, metrics=["mae"], steps_per_execution=3)
    model.fit(*data(), verbose=0)
    return (
        before, model.compiled, type(model.optimizer).__name__, model.loss, model.run_eagerly, model.jit_compile,
        model.steps_per_execution, model.stop_training, sorted(model.history.history), model.history.model is model,
    )  # fmt: skip


def compile_config(tf):
    model = dense(tf)
    model.compile("adam", "mse", metrics=["mae"], loss_weights=0.5)
    config = model.get_compile_config()
    again = dense(tf)
    again.compile_from_config(config)
    return (
        sorted(config),
        again.loss,
        type(again.optimizer).__name__,
        again.fit(*data(), verbose=0, shuffle=False).history,
    )


def shuffled(tf):
    """The order of the rows is not TensorFlow's, but every row is seen once in an epoch."""
    seen = []

    def train_step(self, data):
        seen.extend(data[0][:, 0].numpy().tolist())
        return {"loss": tf.constant(0.0)}

    model = _subclass(tf, train_step=train_step)
    model.compile("sgd", run_eagerly=True)
    model.fit(numbers(50, 3), numbers(50, 2), epochs=2, verbose=0)
    rows = sorted(numbers(50, 3)[:, 0].tolist())
    return len(seen), sorted(seen[:50]) == rows, sorted(seen[50:]) == rows, seen[:50] == numbers(50, 3)[:, 0].tolist()


def nested_compiled(tf):
    inner = dense(tf, 3)
    inner.compile("sgd", "mse", metrics=["mae"])
    model = tf.keras.Sequential([tf.keras.Input((3,)), inner, tf.keras.layers.Dense(2)])
    fill(model)
    model.compile("sgd", "mse")
    return model.fit(*data(), verbose=0, shuffle=False).history, weights(model)


def mixed_precision(tf):
    policy = tf.keras.DTypePolicy("mixed_float16")
    model = tf.keras.Sequential(
        [tf.keras.Input((3,)), tf.keras.layers.Dense(4, dtype=policy), tf.keras.layers.Dense(2, dtype="float32")]
    )
    fill(model)
    model.compile("sgd", "mse")
    history = model.fit(*data(), verbose=0, shuffle=False, epochs=2, batch_size=3).history
    return tf.constant(history["loss"]), weights(model)


CASES = [
    *FORMS, *HEADS, *FITS, *INPUTS,
    *[function(f, 5e-5) for f in (
        several_inputs, predictions, predict_nothing, predict_wrong_width, on_batches, class_weight_on_batch,
        both_weights_on_batch, evaluations, evaluate_unknown_keyword, layer_losses, only_layer_losses, no_loss_at_all,
        masked_loss, batch_norm_and_frozen, metric_of_a_layer, own_train_step, old_train_step, own_metrics, own_compute_loss,
        compute_loss_without_training, own_predict_step, own_compile, compiled_twice, unbuilt, attributes_after_compile,
        compile_config, shuffled, nested_compiled,
    )],
    function(mixed_precision, 3e-3),
    *[not_compiled(m) for m in ("fit", "evaluate", "train_on_batch", "test_on_batch")],
    bad_argument(optimizer="nonsense"), bad_argument(loss="nonsense"), bad_argument(nonsense=1),
    bad_argument(loss="mse", loss_weights="a"),
]  # fmt: skip
CASES = [quiet(c) for c in CASES]
