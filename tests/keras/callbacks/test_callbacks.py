"""What frozen cases cannot show of callbacks: servers, damaged files, former keywords."""

from __future__ import annotations

import http.server
import json
import threading
from pathlib import Path

import numpy as np
import pytest

import tenfold as tf
from tenfold.keras import notes


def compiled(**options):
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    model.compile("sgd", "mse", **options)
    return model


X, Y = np.ones((6, 3), np.float32), np.zeros((6, 2), np.float32)


@pytest.fixture
def server():
    """An address, and what is posted there."""
    received = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):  # noqa: N802 (the base class' name)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            received.append((self.path, self.headers["Content-Type"], self.headers.get("X-Key"), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as it:
        threading.Thread(target=it.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{it.server_port}", received
        it.shutdown()


def test_remote_monitor_posts_json(server):
    address, received = server
    monitor = tf.keras.callbacks.RemoteMonitor(address, path="/here", headers={"X-Key": "k"}, send_as_json=True)
    history = compiled().fit(X, Y, epochs=2, verbose=0, callbacks=[monitor])
    assert [entry[:3] for entry in received] == [("/here", "application/json", "k")] * 2
    assert json.loads(received[1][3]) == {"epoch": 1, "loss": history.history["loss"][1]}


def test_remote_monitor_posts_a_form(server):
    address, received = server
    compiled().fit(X, Y, verbose=0, callbacks=[tf.keras.callbacks.RemoteMonitor(address, field="logs")])
    assert received[0][0] == "/publish/epoch/end/" and received[0][3].startswith("logs=%7B%22epoch%22")


def test_remote_monitor_warns_if_nobody_listens(server):
    address = "http://127.0.0.1:9"  # the port of the discard service
    with pytest.warns(UserWarning, match="Could not reach RemoteMonitor"):
        compiled().fit(X, Y, verbose=0, callbacks=[tf.keras.callbacks.RemoteMonitor(address)])


class Interrupted(RuntimeError):
    pass


class Interrupt(tf.keras.callbacks.Callback):
    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise Interrupted


def test_backup_falls_back_on_the_one_before_if_the_last_is_damaged(tmp_path):
    folder = tmp_path / "backup"
    backup = tf.keras.callbacks.BackupAndRestore(folder, double_checkpoint=True)
    with pytest.raises(Interrupted):
        compiled().fit(X, Y, epochs=5, verbose=0, callbacks=[backup, Interrupt(3)])
    weights = folder / "latest.weights.h5"
    weights.write_bytes(weights.read_bytes()[:100])
    again = compiled()
    history = again.fit(X, Y, epochs=5, verbose=0, callbacks=[tf.keras.callbacks.BackupAndRestore(folder)])
    assert history.epoch == [2, 3, 4]


def test_backup_every_few_batches_and_kept(tmp_path):
    folder = tmp_path / "backup"
    backup = tf.keras.callbacks.BackupAndRestore(folder, save_freq=2, delete_checkpoint=False)
    compiled().fit(X, Y, batch_size=2, epochs=2, verbose=0, callbacks=[backup])
    assert json.loads((folder / "training_metadata.json").read_text()) == {"epoch": 2, "batch": 0}


def test_a_model_trains_from_the_start_after_a_training_that_was_resumed(tmp_path):
    model = compiled()
    with pytest.raises(Interrupted):
        model.fit(
            X, Y, epochs=4, verbose=0, callbacks=[tf.keras.callbacks.BackupAndRestore(tmp_path / "b"), Interrupt(2)]
        )
    assert model.fit(
        X, Y, epochs=4, verbose=0, callbacks=[tf.keras.callbacks.BackupAndRestore(tmp_path / "b")]
    ).epoch == [2, 3]
    assert model.fit(X, Y, epochs=2, verbose=0).epoch == [0, 1]


def test_checkpoint_of_every_other_epoch_with_period(tmp_path, caplog):
    notes._given.clear()
    save = tf.keras.callbacks.ModelCheckpoint(tmp_path / "m{epoch}.keras", period=2)
    compiled().fit(X, Y, epochs=4, verbose=0, callbacks=[save])
    assert sorted(p.name for p in Path(tmp_path).iterdir()) == ["m2.keras", "m4.keras"]
    assert [r.message for r in caplog.records if "period" in r.message] == [
        "`period` of `ModelCheckpoint` is gone: `save_freq` counts batches."
    ]


def test_callbacks_watch_the_logs_of_single_outputs():
    x = tf.keras.Input((3,))
    model = tf.keras.Model(x, [tf.keras.layers.Dense(1, name="a")(x), tf.keras.layers.Dense(1, name="b")(x)])
    model.compile("sgd", ["mse", "mse"], metrics=[["mae"], ["accuracy"]])
    seen = []
    for name in ("b_accuracy", "a_mae", "a_loss"):
        stop = tf.keras.callbacks.EarlyStopping(name, patience=1)
        model.fit(X, [Y[:, :1], Y[:, :1]], verbose=0, callbacks=[stop])
        seen.append(stop._is_rising)
    assert seen == [True, False, False]


def test_a_learning_rate_of_a_schedule_cannot_be_scheduled_again():
    model = compiled()
    model.compile(tf.keras.optimizers.SGD(tf.keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)), "mse")
    with pytest.raises(TypeError, match="LearningRateSchedule"):
        model.fit(X, Y, verbose=0, callbacks=[tf.keras.callbacks.LearningRateScheduler(lambda epoch: 0.1)])


def test_several_optimizers_are_scheduled_under_their_names():
    kinds = tf.keras.optimizers
    model = compiled()
    optimizer = kinds.MultiOptimizer(
        kinds.OptimizerMap(kinds.SGD(0.5, name="rest"), {".*kernel": kinds.SGD(0.1, name="kernels")})
    )
    model.compile(optimizer, "mse")
    halve = tf.keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    logs = model.fit(X, Y, verbose=0, callbacks=[halve]).history
    assert logs["learning_rate_rest"] == [0.25] and logs["learning_rate_kernels"] == pytest.approx([0.05])


def test_a_progress_bar_refuses_both_kinds_of_names():
    with pytest.raises(ValueError, match="not both"):
        tf.keras.utils.Progbar(3, stateful_metrics=["a"], stateless_metrics=["b"])
