"""Keras optimizers: several steps of each, with every option, dense and sparse; what they keep, configurations, errors."""

from copy import deepcopy

from tests.golden.case import case

NAMES = (
    "SGD", "RMSprop", "Adam", "AdamW", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion", "Lamb", "Adafactor",
    "Muon", "ScheduleFreeAdamW",
)  # fmt: skip


def _numbers(shape, phase, dtype="float32"):
    import numpy as np

    size = int(np.prod(shape))
    return (np.cos(np.arange(size) * 0.7 + phase) * 1.3).reshape(shape).astype(dtype)


def _optimizer(tf, name, options):
    options = {k: v(tf) if callable(v) else v for k, v in options.items()}
    return getattr(tf.keras.optimizers, name)(**options)


def _state(tf, optimizer, variables):
    return {
        "variables": [tf.constant(v.numpy()) for v in variables],
        "slots": [tf.constant(v.numpy()) for v in optimizer.variables],
        "paths": [v.path for v in optimizer.variables],
        "iterations": int(optimizer.iterations),
    }


def dense(name, *, steps=5, shapes=((4, 3), (3,), ()), dtype="float32", rtol=2e-6, **options):
    """Steps on a matrix, a vector and a scalar."""

    def run(tf):
        tf.keras.backend.clear_session()
        values = [tf.cast(tf.constant(_numbers(s, i)), dtype) for i, s in enumerate(shapes)]
        if name == "Muon":  # it looks at the paths of Keras variables
            variables = [tf.keras.Variable(v, dtype=dtype, name=f"w{i}") for i, v in enumerate(values)]
        else:
            variables = [tf.Variable(v) for v in values]
        optimizer = _optimizer(tf, name, options)
        for step in range(steps):
            gradients = [tf.cast(tf.constant(_numbers(s, i + 10 * step)), dtype) for i, s in enumerate(shapes)]
            optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return _state(tf, optimizer, variables)

    return case(run, name=f"dense {name} {dtype} {steps} {_text(options)}", rtol=rtol, atol=rtol / 10)


def sparse(name, *, indices=((1, 4, 1), (0, 4, 4), (2, 1, 5), (1, 1, 1)), **options):
    """Steps on the rows of an embedding table, some of which recur."""

    def run(tf):
        tf.keras.backend.clear_session()
        table, bias = tf.Variable(_numbers((6, 2), 0)), tf.Variable(_numbers((2,), 1))
        optimizer = _optimizer(tf, name, options)
        for step, rows in enumerate(indices):
            values = tf.constant(_numbers((len(rows), 2), 3 * step))
            gradient = tf.IndexedSlices(values, tf.constant(rows), tf.constant([6, 2]))
            optimizer.apply_gradients([(gradient, table), (tf.constant(_numbers((2,), step)), bias)])
        return _state(tf, optimizer, [table, bias])

    return case(run, name=f"sparse {name} {len(indices[0])} {_text(options)}", rtol=2e-6, atol=2e-7)


def _text(options):
    return " ".join(f"{k}={getattr(v, '__name__', v)}" for k, v in options.items())


def function(run):
    return case(run, rtol=2e-6, atol=2e-7)


def exponential(tf):
    return tf.keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)


def call(tf):
    return lambda: 0.25


def minimized_by_hand(tf):
    x = tf.Variable([3.0, -2.0])
    optimizer = tf.keras.optimizers.Adam(0.1)
    for _ in range(3):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(x * x)
        optimizer.apply([tape.gradient(loss, x)], [x])
    return x, int(optimizer.iterations)


def constraint_after_update(tf):
    x = tf.Variable([3.0, -2.0], constraint=lambda w: tf.maximum(w, 0.5))
    optimizer = tf.keras.optimizers.SGD(1.0)
    optimizer.apply_gradients([(tf.constant([1.0, 1.0]), x)])
    return x


def custom(tf):
    class Signs(tf.keras.optimizers.Optimizer):
        def __init__(self, learning_rate=0.1, boost=2.0, **kwargs):
            super().__init__(learning_rate=learning_rate, **kwargs)
            self.boost = boost

        def build(self, variables):
            super().build(variables)
            self.counts = [self.add_variable_from_reference(v, "count", initializer="ones") for v in variables]
            self.total = self.add_variable((2,), initializer="ones", name="total")

        def update_step(self, gradient, variable, learning_rate):
            count = self.counts[self._get_variable_index(variable)]
            rate = tf.cast(learning_rate, variable.dtype)
            self.assign_add(count, tf.abs(gradient))
            self.assign_sub(variable, rate * self.boost * tf.sign(gradient) * count)
            self.assign(self.total, [1.0, 2.0])

        def get_config(self):
            return {**super().get_config(), "boost": self.boost}

    tf.keras.backend.clear_session()
    x = tf.Variable([3.0, -2.0])
    optimizer = Signs(0.1, clipvalue=0.5)
    for _ in range(3):
        optimizer.apply_gradients([(tf.constant([1.0, -0.25]), x)])
    config = optimizer.get_config()
    again = Signs.from_config(deepcopy(config))
    return _state(tf, optimizer, [x]), config, again.boost


def learning_rate_set(tf):
    x = tf.Variable([3.0, -2.0])
    optimizer = tf.keras.optimizers.SGD(1.0)
    optimizer.apply_gradients([(tf.constant([1.0, 1.0]), x)])
    optimizer.learning_rate = 0.5
    optimizer.apply_gradients([(tf.constant([1.0, 1.0]), x)])
    optimizer.learning_rate.assign(0.25)
    optimizer.apply_gradients([(tf.constant([1.0, 1.0]), x)])
    optimizer.learning_rate = tf.keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    optimizer.apply_gradients([(tf.constant([1.0, 1.0]), x)])
    return x, float(optimizer.learning_rate), len(optimizer.variables)


def some_gradients_missing(tf):
    import warnings

    x, y = tf.Variable([3.0, -2.0]), tf.Variable(1.0)
    optimizer = tf.keras.optimizers.SGD(1.0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        optimizer.apply_gradients([(None, x), (tf.constant(1.0), y)])
    return x, y, [str(w.message) for w in caught]


def no_gradients(tf):
    tf.keras.optimizers.SGD(1.0).apply_gradients([(None, tf.Variable(1.0))])


def nothing_to_apply(tf):
    optimizer = tf.keras.optimizers.SGD(1.0)
    optimizer.apply([])
    return int(optimizer.iterations)


def apply_before_build(tf):
    tf.keras.optimizers.SGD(1.0).apply([tf.constant(1.0)])


def apply_too_few(tf):
    optimizer = tf.keras.optimizers.SGD(1.0)
    optimizer.build([tf.Variable(1.0), tf.Variable(2.0)])
    optimizer.apply([tf.constant(1.0)])


def unknown_variable(tf):
    optimizer = tf.keras.optimizers.SGD(1.0)
    optimizer.apply_gradients([(tf.constant(1.0), tf.Variable(1.0))])
    optimizer.apply_gradients([(tf.constant(1.0), tf.Variable(1.0))])


def schedule_not_settable(tf):
    optimizer = tf.keras.optimizers.SGD(exponential(tf))
    optimizer.learning_rate = 0.1


def not_built_set_weights(tf):
    tf.keras.optimizers.SGD(0.1, momentum=0.9).set_weights([])


def weights_set(tf):
    import numpy as np

    x = tf.Variable([3.0, -2.0])
    optimizer = tf.keras.optimizers.SGD(0.5, momentum=0.9)
    optimizer.build([x])
    optimizer.set_weights([np.array(7), np.array(0.25, "float32"), np.array([1.0, 2.0], "float32")])
    optimizer.apply_gradients([(tf.constant([1.0, 1.0]), x)])
    return _state(tf, optimizer, [x])


def weights_of_another_shape(tf):
    import numpy as np

    optimizer = tf.keras.optimizers.SGD(0.5, momentum=0.9)
    optimizer.build([tf.Variable([3.0, -2.0])])
    optimizer.set_weights([np.array(7), np.array(0.25, "float32"), np.array([1.0], "float32")])


def own_variables(tf):
    x = tf.Variable([3.0, -2.0])
    optimizer = tf.keras.optimizers.Adam(0.5)
    optimizer.apply_gradients([(tf.constant([1.0, 1.0]), x)])
    store = {}
    optimizer.save_own_variables(store)
    again = tf.keras.optimizers.Adam(0.1)
    again.build([x])
    again.load_own_variables({k: v if hasattr(v, "astype") else v.numpy() for k, v in store.items()})
    return sorted(store), _state(tf, again, [x])["slots"]


def own_variables_of_unbuilt(tf):
    import warnings

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tf.keras.optimizers.Adam(0.5, name="a").load_own_variables({"0": 1, "1": 2, "2": 3})
    return [str(w.message) for w in caught]


def averages(tf):
    x = tf.Variable([3.0, -2.0])
    optimizer = tf.keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.5)
    for _ in range(3):
        optimizer.apply_gradients([(tf.constant([1.0, 1.0]), x)])
    before = x.numpy()
    optimizer.finalize_variable_values([x])
    return tf.constant(before), x


def named_variables(tf):
    tf.keras.backend.clear_session()
    dense = tf.keras.layers.Dense(2, name="logits")
    dense.build((None, 3))
    optimizer = tf.keras.optimizers.Adam(0.1)
    optimizer.build(dense.trainable_variables)
    second = tf.keras.optimizers.Adam(0.1)
    second.build([tf.Variable(1.0), tf.Variable(1.0, name="scale")])
    return [v.path for v in optimizer.variables + second.variables], [v.name for v in second.variables]


def exempt(by):
    def run(tf):
        tf.keras.backend.clear_session()
        layer = tf.keras.layers.Dense(2, name="logits", kernel_initializer="ones", bias_initializer="ones")
        layer.build((None, 3))
        other = tf.Variable([1.0, 1.0], name="bias_of_mine")
        variables = [*layer.trainable_variables, other]
        optimizer = tf.keras.optimizers.AdamW(0.1, weight_decay=0.5)
        if by == "variable":
            optimizer.exclude_from_weight_decay(var_list=[layer.kernel])
        else:
            optimizer.exclude_from_weight_decay(var_names=[by])
        optimizer.apply_gradients([(tf.zeros(v.shape), v) for v in variables])
        return [tf.constant(v.numpy()) for v in variables]

    return case(run, name=f"exclude_from_weight_decay {by}", rtol=2e-6)


def scaled_loss(tf):
    x = tf.Variable([3.0, -2.0])
    optimizer = tf.keras.optimizers.LossScaleOptimizer(
        tf.keras.optimizers.SGD(0.5), initial_scale=8.0, dynamic_growth_steps=2
    )
    seen = [optimizer.scale_loss(tf.constant(1.0))]
    for factor in (1.0, 1.0, float("inf"), 1.0, float("nan")):
        optimizer.apply([tf.constant([1.0, 1.0]) * factor], [x])
        seen.append(optimizer.scale_loss(tf.constant(1.0)))
    return (
        x,
        seen,
        int(optimizer.iterations),
        [tf.constant(v.numpy()) for v in optimizer.variables],
        len(optimizer.variables),
    )


def several_optimizers(tf):
    tf.keras.backend.clear_session()
    kinds = tf.keras.optimizers
    encoder, head = tf.keras.layers.Dense(2, name="encoder"), tf.keras.layers.Dense(2, name="head")
    for layer in (encoder, head):
        layer.build((None, 3))
    variables = [*encoder.trainable_variables, *head.trainable_variables]
    for i, v in enumerate(variables):
        v.assign(_numbers(v.shape, i))
    optimizer = kinds.MultiOptimizer(kinds.OptimizerMap(kinds.SGD(0.5), {"encoder/.*": kinds.Adam(0.1)}))
    for step in range(3):
        optimizer.apply([tf.constant(_numbers(v.shape, i + step)) for i, v in enumerate(variables)], variables)
    config = optimizer.get_config()
    return _state(tf, optimizer, variables), config["name"], len(optimizer.optimizers)


def config(kind, /, **options):
    def run(tf):
        tf.keras.backend.clear_session()
        optimizer = _optimizer(tf, kind, options)
        config, serialized = optimizer.get_config(), tf.keras.optimizers.serialize(optimizer)
        again = tf.keras.optimizers.deserialize(deepcopy(serialized))  # Keras writes into what it reads
        is_same = again.get_config() == config
        return config, serialized, type(again).__name__, is_same, type(optimizer).from_config(deepcopy(config)).name

    return case(run, name=f"config {kind} {_text(options)}")


def error(name, **options):
    return case(lambda tf: bool(_optimizer(tf, name, options)), name=f"error {name} {_text(options)}")


CASES = [
    *[dense(name, learning_rate=0.1) for name in NAMES],
    *[dense(name) for name in NAMES],
    *[dense(name, learning_rate=0.1, dtype="float64", rtol=2e-7) for name in NAMES if name != "Muon"],
    *[dense(name, learning_rate=0.1, dtype="float16", rtol=4e-3) for name in NAMES if name not in ("Muon", "Nadam")],
    *[dense(name, learning_rate=0.1, dtype="bfloat16", rtol=3e-2) for name in ("SGD", "Adam", "RMSprop", "Lion")],
    *[dense(name, learning_rate=0.1, steps=1, shapes=((200, 100),)) for name in NAMES],
    *[sparse(name, learning_rate=0.1) for name in NAMES if name != "Muon"],
    *[sparse(name, learning_rate=0.1, indices=((1, 4), (4, 0), (2, 5))) for name in NAMES if name != "Muon"],
    dense("SGD", learning_rate=0.1, momentum=0.9),
    dense("SGD", learning_rate=0.1, momentum=0.9, nesterov=True),
    sparse("SGD", learning_rate=0.1, momentum=0.9),
    sparse("SGD", learning_rate=0.1, momentum=0.9, nesterov=True),
    dense("RMSprop", learning_rate=0.1, momentum=0.9),
    dense("RMSprop", learning_rate=0.1, centered=True, rho=0.7, epsilon=1e-3),
    dense("RMSprop", learning_rate=0.1, centered=True, momentum=0.5),
    sparse("RMSprop", learning_rate=0.1, centered=True, momentum=0.5),
    dense("Adam", learning_rate=0.1, amsgrad=True),
    dense("Adam", learning_rate=0.1, beta_1=0.5, beta_2=0.7, epsilon=0.1),
    dense("Adam", learning_rate=0.1, beta_1=0.0),
    sparse("Adam", learning_rate=0.1, amsgrad=True),
    dense("AdamW", learning_rate=0.1, weight_decay=0.5, amsgrad=True),
    dense("Adagrad", learning_rate=0.1, initial_accumulator_value=0.0, epsilon=0.1),
    dense("Adadelta", learning_rate=1.0, rho=0.5, epsilon=0.1),
    dense("Adamax", learning_rate=0.1, beta_1=0.5, beta_2=0.7, epsilon=0.1),
    dense("Nadam", learning_rate=0.1, beta_1=0.5, beta_2=0.7, epsilon=0.1),
    dense("Ftrl", learning_rate=0.1, learning_rate_power=-0.3, initial_accumulator_value=0.5),
    dense("Ftrl", learning_rate=0.1, learning_rate_power=0.0),
    dense("Ftrl", learning_rate=0.1, l1_regularization_strength=0.1, l2_regularization_strength=0.2),
    dense("Ftrl", learning_rate=0.1, l2_shrinkage_regularization_strength=0.1, beta=0.3),
    sparse("Ftrl", learning_rate=0.1, l2_shrinkage_regularization_strength=0.1, l1_regularization_strength=0.1, beta=0.3),
    dense("Lion", learning_rate=0.1, beta_1=0.3, beta_2=0.6),
    dense("Lamb", learning_rate=0.1, beta_1=0.5, beta_2=0.7, epsilon=0.1),
    dense("Adafactor", learning_rate=0.9, relative_step=False),
    dense("Adafactor", learning_rate=0.9, beta_2_decay=-0.5, epsilon_1=1e-3, epsilon_2=0.1, clip_threshold=0.5),
    dense("Adafactor", learning_rate=exponential),
    dense("Adafactor", learning_rate=0.1, shapes=((2, 3, 4), (2, 1, 3, 2))),
    dense("Muon", learning_rate=0.1, shapes=((3, 4), (4, 3), (3,)), rtol=2e-5),
    dense("Muon", learning_rate=0.1, nesterov=False, rms_rate=None, ns_steps=2, momentum=0.5, rtol=2e-5),
    dense("Muon", learning_rate=0.1, adam_weight_decay=None, weight_decay=None, adam_lr_ratio=0.5, rtol=2e-5),
    dense("ScheduleFreeAdamW", learning_rate=0.1, warmup_steps=3, weight_decay=0.1),
    *[dense(name, learning_rate=0.1, clipnorm=0.5) for name in ("SGD", "Adam")],
    *[dense(name, learning_rate=0.1, clipvalue=0.5) for name in ("SGD", "Adam")],
    *[dense(name, learning_rate=0.1, global_clipnorm=0.5) for name in ("SGD", "Adam")],
    dense("SGD", learning_rate=0.1, clipnorm=100.0),
    dense("SGD", learning_rate=0.1, global_clipnorm=100.0),
    dense("SGD", learning_rate=0.1, clipnorm=0.0),
    dense("SGD", learning_rate=0.1, clipnorm=0.5, dtype="float64", rtol=2e-7),
    *[sparse(name, learning_rate=0.1, clipnorm=0.5) for name in ("SGD", "Adam")],
    *[sparse(name, learning_rate=0.1, clipvalue=0.5) for name in ("SGD", "Adam")],
    *[sparse(name, learning_rate=0.1, global_clipnorm=0.5) for name in ("SGD", "Adam")],
    dense("SGD", learning_rate=0.1, weight_decay=0.5),
    sparse("SGD", learning_rate=0.1, weight_decay=0.5),
    sparse("Adam", learning_rate=0.1, weight_decay=0.5),
    dense("SGD", learning_rate=0.1, use_ema=True, ema_momentum=0.5),
    dense("SGD", learning_rate=0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2),
    dense("Adam", learning_rate=0.1, use_ema=True, ema_overwrite_frequency=3),
    dense("SGD", learning_rate=0.1, use_ema=True, ema_momentum=0.5, dtype="float64", rtol=2e-7),
    sparse("SGD", learning_rate=0.1, use_ema=True, ema_momentum=0.5),
    dense("SGD", learning_rate=0.1, loss_scale_factor=4.0),
    dense("Adam", learning_rate=0.1, loss_scale_factor=4.0, clipnorm=0.5),
    *[dense(name, learning_rate=0.1, gradient_accumulation_steps=2) for name in ("SGD", "Adam", "Nadam", "Adafactor")],
    dense("Adam", learning_rate=0.1, gradient_accumulation_steps=2, clipnorm=0.5, weight_decay=0.5),
    dense("SGD", learning_rate=0.1, gradient_accumulation_steps=2, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2),
    dense("SGD", learning_rate=exponential, gradient_accumulation_steps=2),
    sparse("SGD", learning_rate=0.1, gradient_accumulation_steps=2),
    sparse("Adam", learning_rate=0.1, gradient_accumulation_steps=3),
    dense("SGD", learning_rate=exponential),
    dense("Adam", learning_rate=exponential, weight_decay=0.1),
    dense("Adam", learning_rate=call),
    *[
        function(run)
        for run in (
            minimized_by_hand, constraint_after_update, custom, learning_rate_set, some_gradients_missing, no_gradients,
            nothing_to_apply, apply_before_build, apply_too_few, unknown_variable, schedule_not_settable,
            not_built_set_weights, weights_set, weights_of_another_shape, own_variables, own_variables_of_unbuilt, averages,
            named_variables, scaled_loss, several_optimizers,
        )
    ],
    *[exempt(by) for by in ("variable", "bias", "logits", "kernel")],
    *[config(name) for name in NAMES if name != "Lamb"],  # which Keras cannot read back
    config("Adam", learning_rate=exponential, clipnorm=0.5, use_ema=True, name="mine"),
    config("SGD", momentum=0.5, nesterov=True, weight_decay=0.1, gradient_accumulation_steps=4),
    error("SGD", momentum=1.5),
    error("SGD", momentum=-0.5),
    error("SGD", momentum="a lot"),
    error("SGD", learning_rate="0.1"),
    error("SGD", learning_rate=None),
    error("SGD", unknown=1),
    error("SGD", clipnorm=1.0, clipvalue=1.0),
    error("SGD", clipnorm=-1.0),
    error("SGD", use_ema=True, ema_momentum=1.5),
    error("SGD", use_ema=True, ema_overwrite_frequency=0),
    error("SGD", use_ema=True, ema_overwrite_frequency=-1),
    error("SGD", use_ema=True, ema_overwrite_frequency=1.5),
    error("SGD", gradient_accumulation_steps=1),
    error("SGD", gradient_accumulation_steps=0),
    error("Ftrl", learning_rate_power=0.5),
    error("Ftrl", initial_accumulator_value=-0.5),
    error("Ftrl", l1_regularization_strength=-0.5),
    error("Ftrl", l2_regularization_strength=-0.5),
    error("Ftrl", l2_shrinkage_regularization_strength=-0.5),
    error("Lion", beta_1=0.0),
    error("Lion", beta_1=1.5),
    error("AdamW", weight_decay=None),
    case(lambda tf: type(tf.keras.optimizers.get("adam")).__name__, name="get adam"),
    case(lambda tf: type(tf.keras.optimizers.get("RMSprop")).__name__, name="get RMSprop"),
    case(lambda tf: type(tf.keras.optimizers.get("ADAMW")).__name__, name="get ADAMW"),
    case(lambda tf: tf.keras.optimizers.get(None), name="get None"),
    case(lambda tf: tf.keras.optimizers.get("adamm"), name="get adamm"),
    case(lambda tf: tf.keras.optimizers.get(3), name="get 3"),
    case(
        lambda tf: float(
            tf.keras.optimizers.get({"class_name": "Adam", "config": {"learning_rate": 0.5}}).learning_rate.numpy()
        ),
        name="get dict",
    ),
    case(lambda tf: tf.keras.optimizers.Optimizer(0.1).update_step(None, None, None), name="update_step of the base"),
]  # fmt: skip
