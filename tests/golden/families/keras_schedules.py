"""Learning rate schedules: rates at many steps, steps of other kinds, configurations, errors."""

from copy import deepcopy

from tests.golden.case import case

STEPS = (0, 1, 2, 3, 5, 7, 9, 10, 11, 14, 15, 20, 29, 30, 31, 55, 100)


def rates(kind, /, *args, **kwargs):
    def run(tf):
        schedule = getattr(tf.keras.optimizers.schedules, kind)(*args, **kwargs)
        return [tf.convert_to_tensor(schedule(step)) for step in STEPS]

    return case(run, name=f"{kind} {args} {kwargs}", rtol=2e-6)


def config(kind, /, *args, **kwargs):
    def run(tf):
        schedules = tf.keras.optimizers.schedules
        schedule = getattr(schedules, kind)(*args, **kwargs)
        serialized = schedules.serialize(schedule)
        again = schedules.deserialize(deepcopy(serialized))
        of_class = type(schedule).from_config(schedule.get_config())
        is_same = again.get_config() == schedule.get_config() == of_class.get_config()
        return schedule.get_config(), serialized, type(again).__name__, is_same

    return case(run, name=f"config {kind} {args} {kwargs}")


def error(kind, /, *args, **kwargs):
    return case(lambda tf: getattr(tf.keras.optimizers.schedules, kind)(*args, **kwargs), name=f"error {kind} {args}")


def of_a_tensor(tf):
    schedule = tf.keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    return [
        schedule(tf.constant(3)),
        schedule(tf.constant(3, tf.int64)),
        schedule(tf.constant(3.5)),
        schedule(tf.Variable(3)),
        schedule(3.5),
    ]


def piecewise_of_floats(tf):
    schedule = tf.keras.optimizers.schedules.PiecewiseConstantDecay([2.5, 4.0], [1.0, 0.5, 0.25])
    return [tf.convert_to_tensor(schedule(step)) for step in (2.0, 2.5, 2.75, 4.0, 4.5)]


def base(tf):
    return tf.keras.optimizers.schedules.LearningRateSchedule()(1)


def base_config(tf):
    return tf.keras.optimizers.schedules.LearningRateSchedule().get_config()


def custom(tf):
    class Halves(tf.keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, start):
            self.start = start

        def __call__(self, step):
            return self.start / (tf.cast(step, tf.float32) + 1.0)

    v = tf.Variable(1.0)
    optimizer = tf.keras.optimizers.SGD(Halves(0.5))
    for _ in range(3):
        optimizer.apply_gradients([(tf.constant(1.0), v)])
    return v, optimizer.learning_rate


CASES = [
    rates("ExponentialDecay", 0.1, 10, 0.5),
    rates("ExponentialDecay", 0.1, 10, 0.5, staircase=True),
    rates("ExponentialDecay", initial_learning_rate=1e-3, decay_steps=7, decay_rate=0.96, name="mine"),
    rates("PiecewiseConstantDecay", [5, 10], [1.0, 0.5, 0.1]),
    rates("PiecewiseConstantDecay", [5], [1, 2]),
    rates("PolynomialDecay", 0.1, 10),
    rates("PolynomialDecay", 0.1, 10, 0.01, 0.5),
    rates("PolynomialDecay", 0.1, 10, 0.01, 2.0, cycle=True),
    rates("InverseTimeDecay", 0.1, 10, 0.5),
    rates("InverseTimeDecay", 0.1, 10, 0.5, staircase=True),
    rates("CosineDecay", 0.1, 30),
    rates("CosineDecay", 0.1, 30, alpha=0.2),
    rates("CosineDecay", 0.0, 30, warmup_target=0.1, warmup_steps=10),
    rates("CosineDecay", 0.05, 20, alpha=0.1, warmup_target=0.1, warmup_steps=5),
    rates("CosineDecay", 0.05, 20, warmup_steps=5),
    rates("CosineDecay", 0.05, 20, warmup_target=0.1),
    rates("CosineDecayRestarts", 0.1, 10),
    rates("CosineDecayRestarts", 0.1, 10, t_mul=1.5, m_mul=0.5, alpha=0.1),
    rates("CosineDecayRestarts", 0.1, 10, t_mul=1.0, m_mul=0.9),
    case(of_a_tensor, rtol=2e-6),
    case(piecewise_of_floats),
    case(custom),
    case(base),
    case(base_config),
    config("ExponentialDecay", 0.1, 10, 0.5),
    config("PiecewiseConstantDecay", [5, 10], [1.0, 0.5, 0.1]),
    config("PolynomialDecay", 0.1, 10, cycle=True),
    config("InverseTimeDecay", 0.1, 10, 0.5, name="mine"),
    config("CosineDecay", 0.1, 30, warmup_target=0.2, warmup_steps=3),
    config("CosineDecayRestarts", 0.1, 10),
    error("ExponentialDecay", 0.1, 0, 0.5),
    error("PiecewiseConstantDecay", [5, 10], [1.0, 0.5]),
    error("PolynomialDecay", 0.1, -1),
    error("InverseTimeDecay", 0.1, 0, 0.5),
    error("CosineDecay", 0.1, 0),
    error("CosineDecayRestarts", 0.1, 0),
]
