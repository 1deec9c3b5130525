"""Callbacks: what they are called with, in what order, what they do to training, what they print and write."""

import contextlib
import io
import os
import re
import tempfile
import warnings
from pathlib import Path

from tests.golden.case import case
from tests.golden.families.keras_models import numbers
from tests.golden.families.keras_training import data, dense, quiet, weights


def function(run):
    def fresh(tf):
        tf.keras.backend.clear_session()
        with tempfile.TemporaryDirectory() as folder:
            here = os.getcwd()
            os.chdir(folder)
            try:
                return run(tf)
            finally:
                os.chdir(here)

    return case(fresh, name=run.__name__, rtol=5e-5)


def compiled(tf, optimizer="sgd", metrics=("mae",)):
    model = dense(tf)
    model.compile(optimizer, "mse", metrics=list(metrics))
    return model


def fit(model, callbacks=None, **options):
    """Trains as all these cases do; returns the history and what was printed, without times."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        history = model.fit(
            *data(), **{"batch_size": 3, "shuffle": False, "verbose": 0, "callbacks": callbacks, **options}
        )
    return list(history.history), history.history, text(printed)


def text(printed):
    """What was printed, without colours and times, and of lines written over each other the last one."""
    plain = re.sub(r"\x1b\[\d+m|\x08", "", printed.getvalue())
    lines = [line.split("\r")[-1].rstrip() for line in plain.split("\n")]
    return re.sub(r"\d+s \d+[mu]?s/step|\d+s - \d+[mu]?s/step", "TIME", "\n".join(lines))


def scripted(tf, values, name="loss"):
    """A callback that puts values into the logs, so that others see them; it stands before them."""

    class Script(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs[name] = values[epoch]

    return Script()


def events(tf):
    seen = []

    class Watch(tf.keras.callbacks.Callback):
        def __getattribute__(self, name):
            if name.startswith("on_"):
                return lambda *args, **kwargs: seen.append(
                    (name, [sorted(a) if isinstance(a, dict) else a for a in (*args, *kwargs.values())])
                )
            return super().__getattribute__(name)

    model = compiled(tf)
    x, y = data()
    for watch in (Watch(),):
        model.fit(x, y, batch_size=4, epochs=2, verbose=0, shuffle=False, validation_data=(x, y), callbacks=[watch])
        model.evaluate(x, y, verbose=0, callbacks=[watch])
        model.predict(x, batch_size=4, verbose=0, callbacks=[watch])
    return [name for name, _ in seen if "batch" not in name], [args for name, args in seen if "epoch" in name]


def batch_events(tf):
    seen = []

    class Watch(tf.keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            seen.append(("train begin", batch, sorted(logs or {})))

        def on_train_batch_end(self, batch, logs=None):
            seen.append(("train end", batch, sorted(logs), [type(v).__name__ for v in logs.values()], logs["loss"]))

        def on_test_batch_end(self, batch, logs=None):
            seen.append(("test end", batch, sorted(logs), logs["loss"]))

        def on_predict_batch_end(self, batch, logs=None):
            seen.append(("predict end", batch, sorted(logs), tuple(logs["outputs"].shape)))

    model = compiled(tf)
    watch = Watch()
    fit(model, [watch], validation_data=data())
    model.predict(data()[0], batch_size=3, verbose=0, callbacks=[watch])
    return seen, watch.params, watch.model is model


def batch_events_of_old_names(tf):
    seen = []

    class Watch(tf.keras.callbacks.Callback):
        def on_batch_begin(self, batch, logs=None):
            seen.append(("begin", batch))

        def on_batch_end(self, batch, logs=None):
            seen.append(("end", batch, logs["loss"]))

    fit(compiled(tf), [Watch()], validation_data=data())
    return seen


def several_steps_per_execution(tf):
    seen = []

    class Watch(tf.keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            seen.append(("begin", batch))

        def on_train_batch_end(self, batch, logs=None):
            seen.append(("end", batch, logs["loss"]))

    model = dense(tf)
    model.compile("sgd", "mse", steps_per_execution=2)
    return fit(model, [Watch()])[:2], seen


def stopping_in_a_batch(tf):
    class Stop(tf.keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                self.model.stop_training = True

    model = compiled(tf)
    result = fit(model, [Stop()], epochs=3, validation_data=data())
    return (
        result[:2],
        int(model.optimizer.iterations),
        model.stop_training,
        model.evaluate(*data(), batch_size=3, verbose=0),
    )


def history_kept(tf):
    model = compiled(tf)
    first = model.fit(*data(), verbose=0, shuffle=False)
    second = model.fit(*data(), verbose=0, shuffle=False, epochs=2)
    own = tf.keras.callbacks.History()
    third = model.fit(*data(), verbose=0, shuffle=False, callbacks=[own])
    return len(first.history["loss"]), len(second.history["loss"]), second.epoch, model.history is third, third is own


def nested_lists(tf):
    seen = []
    call = tf.keras.callbacks.LambdaCallback
    one, two = (call(on_epoch_end=lambda epoch, logs, n=n: seen.append((n, epoch))) for n in (1, 2))
    fit(compiled(tf), [one, [two]])
    model = compiled(tf)
    model.fit(*data(), verbose=0, callbacks=one)
    return seen


def callback_list(tf):
    seen = []

    class Watch(tf.keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append((batch, logs))

        def on_epoch_end(self, epoch, logs=None):
            seen.append((epoch, logs))

    model = compiled(tf)
    called = tf.keras.callbacks.CallbackList([Watch()], add_history=True, model=model, epochs=2, verbose=0, steps=1)
    called.on_train_begin()
    for epoch in range(2):
        called.on_epoch_begin(epoch)
        called.on_train_batch_begin(0)
        called.on_train_batch_end(0, {"loss": tf.constant(0.5), "b": 2})
        called.on_epoch_end(epoch, {"loss": tf.constant(0.25 * epoch)})
    called.on_train_end()
    return seen, model.history.history, model.history.params


# EarlyStopping


def stopping(name, values, monitor="loss", epochs=None, **options):
    def run(tf):
        model = compiled(tf)
        stop = tf.keras.callbacks.EarlyStopping(monitor, **options)
        result = fit(model, [scripted(tf, values, monitor), stop], epochs=epochs or len(values))
        return result[1]["loss"], result[2], stop.stopped_epoch, stop.wait, stop.best, stop.best_epoch, weights(model)

    run.__name__ = f"EarlyStopping {name}"
    return function(run)


FALLING_THEN_RISING = [5.0, 4.0, 3.5, 3.6, 3.7, 3.4, 3.8, 3.9, 4.0]
STOPPING = [
    stopping("patience 0", FALLING_THEN_RISING),
    stopping("patience", FALLING_THEN_RISING, patience=2, verbose=1),
    stopping("patience 3", FALLING_THEN_RISING, patience=3, verbose=1),
    stopping("best weights", FALLING_THEN_RISING, patience=2, restore_best_weights=True, verbose=1),
    stopping("best weights without stopping", FALLING_THEN_RISING, patience=20, restore_best_weights=True, verbose=1),
    stopping("min_delta", FALLING_THEN_RISING, patience=1, min_delta=0.6),
    stopping("negative min_delta", FALLING_THEN_RISING, patience=1, min_delta=-0.6),
    stopping("max", FALLING_THEN_RISING, patience=2, mode="max"),
    stopping("baseline", FALLING_THEN_RISING, patience=2, baseline=3.0),
    stopping("baseline reached", FALLING_THEN_RISING, patience=2, baseline=4.5),
    stopping("baseline and best weights", FALLING_THEN_RISING, patience=3, baseline=1.0, restore_best_weights=True),
    stopping("start_from_epoch", FALLING_THEN_RISING, patience=1, start_from_epoch=5),
    stopping("nan", [float("nan"), 1.0, float("nan"), 0.5, 0.6], patience=2),
    stopping("metric", FALLING_THEN_RISING, monitor="mae", patience=2),
    stopping("unknown metric", FALLING_THEN_RISING, monitor="nonsense", patience=2),
    stopping("unknown metric with a mode", FALLING_THEN_RISING, monitor="nonsense", patience=2, mode="min"),
]


def stopping_at_accuracy(tf):
    import numpy as np

    model = dense(tf, 3, "softmax")
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    values = [0.1, 0.3, 0.2, 0.1, 0.4]
    stop = tf.keras.callbacks.EarlyStopping("accuracy", patience=2)
    history = model.fit(
        numbers(6, 3),
        np.arange(6) % 3,
        verbose=0,
        epochs=5,
        callbacks=[scripted(tf, values, "accuracy"), stop],
    )
    return len(history.epoch), stop.best, stop.stopped_epoch


def stopping_on_what_is_not_there(tf):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = fit(compiled(tf), [tf.keras.callbacks.EarlyStopping(monitor="val_loss")], epochs=3)
    return result[1]["loss"], len({str(w.message) for w in caught if "val_loss" in str(w.message)})


def stopping_used_twice(tf):
    stop = tf.keras.callbacks.EarlyStopping("loss", patience=1)
    first = fit(compiled(tf), [scripted(tf, FALLING_THEN_RISING), stop], epochs=9)[1]["loss"]
    return first, fit(compiled(tf), [scripted(tf, FALLING_THEN_RISING), stop], epochs=9)[1]["loss"]


# ReduceLROnPlateau, LearningRateScheduler


def plateau(name, values, **options):
    def run(tf):
        model = compiled(tf, tf.keras.optimizers.SGD(0.1))
        result = fit(
            model, [scripted(tf, values), tf.keras.callbacks.ReduceLROnPlateau("loss", **options)], epochs=len(values)
        )
        return result, float(model.optimizer.learning_rate)

    run.__name__ = f"ReduceLROnPlateau {name}"
    return function(run)


PLATEAU = [
    plateau("patience", FALLING_THEN_RISING, patience=2, verbose=1),
    plateau("patience 1", FALLING_THEN_RISING, patience=1, factor=0.5),
    plateau("cooldown", FALLING_THEN_RISING, patience=1, factor=0.5, cooldown=2),
    plateau("min_lr", FALLING_THEN_RISING, patience=1, min_lr=0.05, verbose=1),
    plateau("min_delta", FALLING_THEN_RISING, patience=1, min_delta=1.0),
    plateau("max", FALLING_THEN_RISING, patience=2, mode="max"),
    plateau("factor too large", [1.0], factor=1.0),
    plateau("unknown mode", FALLING_THEN_RISING, patience=2, mode="least"),
]


def scheduler(name, schedule, **options):
    def run(tf):
        model = compiled(tf, tf.keras.optimizers.SGD(0.1))
        return fit(model, [tf.keras.callbacks.LearningRateScheduler(schedule, **options)], epochs=3), float(
            model.optimizer.learning_rate
        )

    run.__name__ = f"LearningRateScheduler {name}"
    return function(run)


def _of_numpy(epoch):
    import numpy as np

    return np.float32(0.25)


SCHEDULERS = [
    scheduler("epoch and rate", lambda epoch, rate: rate * 0.5),
    scheduler("epoch alone", lambda epoch: 0.1 / (epoch + 1), verbose=1),
    scheduler("numpy", _of_numpy),
    scheduler("int", lambda epoch: 1),
    scheduler("text", lambda epoch: "fast"),
]


def scheduler_and_schedule(tf):
    model = compiled(tf, tf.keras.optimizers.SGD(tf.keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)))
    fit(model, [tf.keras.callbacks.LearningRateScheduler(lambda epoch: 0.25)])
    return float(model.optimizer.learning_rate)


# ModelCheckpoint


def checkpoint(name, path, values=None, epochs=3, monitor="loss", **options):
    def run(tf):
        model = compiled(tf)
        save = tf.keras.callbacks.ModelCheckpoint(path, monitor=monitor, **options)
        before = [scripted(tf, values, monitor)] if values else []
        printed = fit(model, [*before, save], epochs=len(values) if values else epochs)[2]
        return sorted(str(p) for p in Path().rglob("*") if p.is_file()), printed, save.best

    run.__name__ = f"ModelCheckpoint {name}"
    return function(run)


CHECKPOINTS = [
    checkpoint("each epoch", "m-{epoch:02d}-{loss:.2f}.keras", verbose=1),
    checkpoint("into a folder", "a/b/m{epoch}.keras"),
    checkpoint("weights", "w{epoch}.weights.h5", save_weights_only=True),
    checkpoint("h5", "m{epoch}.h5"),
    checkpoint("best", "m{epoch}.keras", FALLING_THEN_RISING[:7], save_best_only=True, verbose=1),
    checkpoint("best of most", "m{epoch}.keras", FALLING_THEN_RISING[:7], save_best_only=True, mode="max"),
    checkpoint(
        "best under a threshold",
        "m{epoch}.keras",
        FALLING_THEN_RISING[:7],
        save_best_only=True,
        initial_value_threshold=3.55,
    ),
    checkpoint("batches", "m{epoch}-{batch}.keras", save_freq=2),
    checkpoint("more batches than an epoch has", "m{epoch}-{batch}.keras", save_freq=4),
    checkpoint("unknown metric", "m{epoch}.keras", monitor="nonsense", save_best_only=True),
    checkpoint("metric that is missing", "m{epoch}.keras", monitor="val_loss", save_best_only=True),
    checkpoint("unknown place", "m{nonsense}.keras"),
    checkpoint("wrong ending", "m.tf"),
    checkpoint("wrong ending of weights", "m.keras", save_weights_only=True),
    checkpoint("wrong save_freq", "m.keras", save_freq="batch"),
]


def checkpoint_is_a_folder(tf):
    Path("m.keras").mkdir()
    fit(compiled(tf), [tf.keras.callbacks.ModelCheckpoint("m.keras")])


def checkpoint_of_the_best(tf):
    model = compiled(tf)
    best = []

    class Note(tf.keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 3:
                best.extend(weights(self.model))

    save = tf.keras.callbacks.ModelCheckpoint("m.weights.h5", "loss", save_best_only=True, save_weights_only=True)
    fit(model, [scripted(tf, [3.0, 2.0, 1.0, 2.0, 3.0]), save, Note()], epochs=5)
    model.load_weights("m.weights.h5")
    return best, weights(model)


# Files, functions, numbers that are none


def csv(name, append=False, separator=",", **options):
    def run(tf):
        model = compiled(tf)
        for _ in range(2):
            log = tf.keras.callbacks.CSVLogger("log.csv", separator=separator, append=append)
            model.fit(*data(), verbose=0, shuffle=False, epochs=2, callbacks=[log], **options)
        lines = Path("log.csv").read_bytes().decode().split("\r\n")
        head = lines[0].split(separator)
        rows = [
            [
                cell if cell in ("NA", "") or cell == head[i] else float(cell)
                for i, cell in enumerate(line.split(separator))
            ]
            for line in lines[1:]
        ]
        return lines[0], len(lines), rows

    run.__name__ = f"CSVLogger {name}"
    return function(run)


CSV = [
    csv("alone"),
    csv("appended", append=True),
    csv("semicolons", separator=";"),
    csv("validated", validation_data=data()),
    csv("validated every other epoch", validation_data=data(), validation_freq=2),
]


def csv_of_other_values(tf):
    model = compiled(tf)
    log = tf.keras.callbacks.CSVLogger("log.csv")
    log.set_model(model)
    log.on_train_begin()
    log.on_epoch_end(0, {"loss": 0.5, "list": [1, 2], "text": "a,b"})
    log.on_epoch_end(1, {"loss": 0.25})
    log.on_train_end()
    return Path("log.csv").read_bytes().decode()


def lambdas(tf):
    seen = []
    call = tf.keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: seen.append(("epoch begin", epoch, sorted(logs))),
        on_epoch_end=lambda epoch, logs: seen.append(("epoch end", epoch, sorted(logs))),
        on_train_begin=lambda logs: seen.append(("train begin", sorted(logs))),
        on_train_end=lambda logs: seen.append(("train end", sorted(logs))),
        on_train_batch_begin=lambda batch, logs: seen.append(("batch begin", batch)),
        on_train_batch_end=lambda batch, logs: seen.append(("batch end", batch, sorted(logs))),
        on_test_end=lambda logs: seen.append(("test end", sorted(logs))),
    )
    fit(compiled(tf), [call], validation_data=data())
    return seen


def not_a_number(tf):
    model = compiled(tf, tf.keras.optimizers.SGD(1e30))
    result = fit(model, [tf.keras.callbacks.TerminateOnNaN()], epochs=5)
    return len(result[1]["loss"]), "Invalid loss, terminating training" in result[2]


def not_a_number_raises(tf):
    fit(compiled(tf, tf.keras.optimizers.SGD(1e30)), [tf.keras.callbacks.TerminateOnNaN(raise_error=True)], epochs=5)


# What is printed


def printed(name, run_it, **options):
    def run(tf):
        model = compiled(tf)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            run_it(model, **options)
        return text(out)

    run.__name__ = f"printed {name}"
    return function(run)


def _fit(model, **options):
    model.fit(*data(), **{"batch_size": 3, "shuffle": False, **options})


PRINTED = [
    printed("fit", _fit),
    printed("fit auto", _fit, verbose="auto", epochs=2),
    printed("fit 0", _fit, verbose=0, epochs=2),
    printed("fit 1", _fit, verbose=1, epochs=2, validation_data=data()),
    printed("fit 2", _fit, verbose=2, epochs=2, validation_data=data()),
    printed("fit from an epoch", _fit, verbose=2, epochs=3, initial_epoch=1),
    printed("evaluate", lambda model, **k: model.evaluate(*data(), batch_size=3, **k)),
    printed("evaluate 2", lambda model, **k: model.evaluate(*data(), batch_size=3, verbose=2)),
    printed("predict", lambda model, **k: model.predict(data()[0], batch_size=3, **k)),
    printed("predict 2", lambda model, **k: model.predict(data()[0], batch_size=3, verbose=2)),
]


def progress_bars(tf):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        for options in (
            {"target": 3},
            {"target": 12, "width": 10, "unit_name": "sample"},
            {"target": 3, "stateful_metrics": ["a"]},
            {"target": 3, "verbose": 2},
        ):
            bar = tf.keras.utils.Progbar(interval=0, **options)
            bar.update(1, [("a", 0.5), ("b", 1.0)])
            bar.update(2, [("a", 0.25), ("b", 2e-5)])
            bar.add(1, [("a", 1.5), ("b", 3.0)])
            if options["target"] == 12:
                bar.update(12)
    return text(io.StringIO(out.getvalue().replace("sample", "step")))


# Averages, backups


def swapped(name, **options):
    def run(tf):
        model = compiled(tf, tf.keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5))
        swap = tf.keras.callbacks.SwapEMAWeights(**options)
        result = fit(model, [swap], epochs=3, validation_data=data())
        return result[:2], weights(model)

    run.__name__ = f"SwapEMAWeights {name}"
    return function(run)


def swapped_without_averages(tf):
    fit(compiled(tf), [tf.keras.callbacks.SwapEMAWeights()], validation_data=data())


class Interrupted(RuntimeError):
    pass


def backup(tf):
    class Break(tf.keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise Interrupted

    model = compiled(tf, "adam")
    with contextlib.suppress(Interrupted):
        fit(model, [tf.keras.callbacks.BackupAndRestore("backup"), Break()], epochs=4)
    kept = sorted(p.name for p in Path("backup").iterdir())
    again = compiled(tf, "adam")
    result = fit(again, [tf.keras.callbacks.BackupAndRestore("backup")], epochs=4)
    whole = compiled(tf, "adam")
    expected = fit(whole, epochs=4)
    return kept, result[1], expected[1], weights(again), weights(whole), Path("backup").exists()


def backup_without_folder(tf):
    tf.keras.callbacks.BackupAndRestore("")


def backup_wrong_frequency(tf):
    tf.keras.callbacks.BackupAndRestore("backup", save_freq="batch")


def backup_of_unbuilt(tf):
    model = tf.keras.Sequential([tf.keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    fit(model, [tf.keras.callbacks.BackupAndRestore("backup")])


CASES = [
    *[function(f) for f in (
        events, batch_events, batch_events_of_old_names, several_steps_per_execution, stopping_in_a_batch, history_kept,
        nested_lists, callback_list, stopping_at_accuracy, stopping_on_what_is_not_there, stopping_used_twice,
        scheduler_and_schedule, checkpoint_is_a_folder, checkpoint_of_the_best, csv_of_other_values, lambdas, not_a_number,
        not_a_number_raises, progress_bars, swapped_without_averages, backup, backup_without_folder, backup_wrong_frequency,
        backup_of_unbuilt,
    )],
    *STOPPING, *PLATEAU, *SCHEDULERS, *CHECKPOINTS, *CSV, *PRINTED, swapped("in tests"), swapped("on epochs", swap_on_epoch=True),
]  # fmt: skip
CASES = [quiet(c) for c in CASES]
