"""The eight points of a TensorFlow 2 notebook, run on real data: `python examples/notes.py`.

Only the import line differs from TensorFlow. The data are the UCI handwritten digits that ship with Tenfold, and
Fashion-MNIST where its files are found. A picture of the training goes to `examples/output/notes.png`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import tenfold as tf

OUTPUT = Path(__file__).with_name("output")
measured: list[tuple[str, str]] = []


def headline(number: int, text: str) -> None:
    print(f"\n{number}. {text}\n" + "-" * (len(text) + 3))


def microseconds(run, calls: int = 200) -> float:
    """The median time of a call."""
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1e6 * sorted(times)[calls // 2]


class MLP(tf.keras.Model):
    """A model is a class: layers in `__init__`, the computation in `call`."""

    def __init__(self):
        super().__init__()
        self.flatten = tf.keras.layers.Flatten()
        self.dense1 = tf.keras.layers.Dense(units=100, activation=tf.nn.relu)
        self.dropout = tf.keras.layers.Dropout(0.2)
        self.dense2 = tf.keras.layers.Dense(units=10)

    def call(self, inputs, training=False):
        x = self.dropout(self.dense1(self.flatten(inputs)), training=training)
        return tf.nn.softmax(self.dense2(x))


class BagOfWords(tf.keras.Model):
    """A model with an embedding: the mean of the words' rows decides."""

    def __init__(self, words: int):
        super().__init__()
        self.embedding = tf.keras.layers.Embedding(words, 16)
        self.dense = tf.keras.layers.Dense(1, activation="sigmoid")

    def call(self, inputs):
        return self.dense(tf.reduce_mean(self.embedding(inputs), axis=1))


class Images:
    """Random batches of images, and the test set."""

    def __init__(self, data, scale: float):
        (x_train, y_train), (x_test, y_test) = data
        self.train_data = np.expand_dims(x_train.astype(np.float32) / scale, -1)
        self.test_data = np.expand_dims(x_test.astype(np.float32) / scale, -1)
        self.train_label, self.test_label = y_train.astype(np.int32), y_test.astype(np.int32)
        self.num_train_data, self.num_test_data = len(x_train), len(x_test)
        self._rng = np.random.default_rng(0)

    def get_batch(self, batch_size: int):
        index = self._rng.integers(0, self.num_train_data, batch_size)
        return self.train_data[index], self.train_label[index]


def train(model, data: Images, num_epochs: int, batch_size: int = 50) -> list[float]:
    """The hand-written loop: tape, loss, gradients, optimizer."""
    optimizer = tf.keras.optimizers.Adam(learning_rate=0.002)
    num_batches = int(data.num_train_data // batch_size * num_epochs)
    bar = tf.keras.utils.Progbar(num_batches, unit_name="batch")
    losses = []
    for batch_index in range(num_batches):
        X, y = data.get_batch(batch_size)
        with tf.GradientTape() as tape:
            y_pred = model(X, training=True)
            loss = tf.keras.losses.sparse_categorical_crossentropy(y_true=y, y_pred=y_pred)
            loss = tf.reduce_mean(loss)
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(grads_and_vars=zip(grads, model.trainable_variables, strict=True))
        losses.append(float(loss))
        bar.update(batch_index + 1, [("loss", losses[-1])])
    return losses


def evaluate(model, data: Images, batch_size: int = 50) -> tuple[float, np.ndarray]:
    """Accuracy by a metric over batches, and all predicted classes."""
    sparse_categorical_accuracy = tf.keras.metrics.SparseCategoricalAccuracy()
    predicted = []
    for start in range(0, data.num_test_data, batch_size):
        y_pred = model.predict(data.test_data[start : start + batch_size], verbose=0)
        sparse_categorical_accuracy.update_state(y_true=data.test_label[start : start + batch_size], y_pred=y_pred)
        predicted.append(y_pred.argmax(-1))
    return float(sparse_categorical_accuracy.result()), np.concatenate(predicted)


def compiled_model():
    """For saving: a model that `compile` gave its loss, optimizer and metrics."""
    model = tf.keras.Sequential(
        [tf.keras.Input((8, 8, 1)), tf.keras.layers.Flatten(), tf.keras.layers.Dense(64, activation="relu"),
         tf.keras.layers.Dropout(0.2), tf.keras.layers.Dense(10, activation="softmax")]
    )  # fmt: skip
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def go_on(path: str) -> None:
    """What a new process does with a Keras model: load it and train on."""
    model = tf.keras.models.load_model(path)
    data = Images(tf.keras.datasets.digits.load_data(), 16)
    history = model.fit(data.train_data, data.train_label, epochs=2, verbose=0)
    loss, accuracy = model.evaluate(data.test_data, data.test_label, verbose=0)
    print(f"   new process: step {int(model.optimizer.iterations)}, loss {history.history['loss'][-1]:.6f}, "
          f"test accuracy {accuracy:.4f}")  # fmt: skip


def go_on_without_class(path: str) -> None:
    """What a process that does not have the model's class does with a SavedModel: the hand-written loop goes on."""
    model = tf.saved_model.load(path)
    optimizer = tf.keras.optimizers.Adam(learning_rate=0.002)
    data = Images(tf.keras.datasets.digits.load_data(), 16)
    wrong = np.mean(model(data.test_data).numpy().argmax(-1) != data.test_label)
    for _ in range(200):
        X, y = data.get_batch(50)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(y, model(X, training=True)))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables, strict=True))
    now = np.mean(model(data.test_data).numpy().argmax(-1) != data.test_label)
    print(f"a new process without the class trains on: {wrong:.2%} of the test set are wrong before, {now:.2%} after")


def picture(curves: dict[str, list[float]], truth: np.ndarray, predicted: np.ndarray) -> Path | None:
    """Draws the losses and the confusion matrix; None without matplotlib."""
    try:
        import matplotlib
    except ImportError:
        print("   no picture: pip install 'tenfold[plot]' brings matplotlib")
        return None
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
    for name, losses in curves.items():
        smooth = np.convolve(losses, np.ones(20) / 20, mode="valid")
        left.plot(np.linspace(0, 1, len(smooth)), smooth, label=name)
    left.set(
        title="Training loss, mean of 20 batches", xlabel="share of the training", ylabel="cross-entropy", yscale="log"
    )
    left.legend()
    matrix = tf.math.confusion_matrix(truth, predicted, num_classes=10).numpy()
    right.imshow(matrix, cmap="Blues")
    for i in range(10):
        for j in range(10):
            if matrix[i, j]:
                color = "white" if matrix[i, j] > matrix.max() / 2 else "black"
                right.text(j, i, str(matrix[i, j]), ha="center", va="center", color=color)
    right.set(
        title="Handwritten digits, test set", xlabel="predicted", ylabel="true", xticks=range(10), yticks=range(10)
    )
    OUTPUT.mkdir(exist_ok=True)
    figure.savefig(OUTPUT / "notes.png", dpi=110)
    return OUTPUT / "notes.png"


def main() -> None:
    started = time.perf_counter()
    tf.keras.utils.set_random_seed(0)

    headline(1, "A tensor is an array: shape, dtype, numpy()")
    A = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    print(A.shape, A.dtype, A.numpy().tolist(), "A @ A =", (A @ A).numpy().tolist())
    eight = tf.random.normal([8, 8])
    measured.append(("a + b on 8x8", f"{microseconds(lambda: eight + eight, 2000):.1f} us"))

    headline(2, "GradientTape differentiates, SGD fits a line")
    X_raw = np.array([2013, 2014, 2015, 2016, 2017], dtype=np.float32)
    y_raw = np.array([12000, 14000, 15000, 16500, 17500], dtype=np.float32)
    X = tf.constant((X_raw - X_raw.min()) / (X_raw.max() - X_raw.min()))
    y = tf.constant((y_raw - y_raw.min()) / (y_raw.max() - y_raw.min()))
    a, b = tf.Variable(initial_value=0.0), tf.Variable(initial_value=0.0)
    variables = [a, b]
    optimizer = tf.keras.optimizers.SGD(learning_rate=1e-3)

    def line_step() -> None:
        with tf.GradientTape() as tape:
            y_pred = a * X + b
            loss = 0.5 * tf.reduce_sum(tf.square(y_pred - y))
        grads = tape.gradient(loss, variables)
        optimizer.apply_gradients(grads_and_vars=zip(grads, variables, strict=True))

    for _ in range(10000):
        line_step()
    print(f"y = {a.numpy():.4f} x + {b.numpy():.4f} after 10,000 steps; least squares: "
          f"{np.polyfit(X.numpy(), y.numpy(), 1).round(4).tolist()}")  # fmt: skip
    measured.append(("linear regression step", f"{microseconds(line_step):.0f} us"))

    headline(3, "Models by subclassing, without an embedding and with one")
    digits = Images(tf.keras.datasets.digits.load_data(), 16)
    model = MLP()
    model(digits.test_data[:1])
    model.summary()
    words = BagOfWords(1000)
    reviews = np.random.default_rng(0).integers(0, 1000, (4, 20))
    print("a bag of 20 words gives", words(reviews).numpy().round(3).ravel().tolist())

    headline(4, "Loss and optimizer in a hand-written loop, on the UCI digits")
    losses = train(model, digits, num_epochs=40)
    curves = {"digits": losses}

    headline(5, "Metrics and batch prediction")
    accuracy, predicted = evaluate(model, digits)
    print(f"test accuracy: {accuracy:.4f} on {digits.num_test_data} digits nobody trained on")
    measured.append(("digits, test accuracy", f"{accuracy:.2%}"))
    one = tf.constant(digits.test_data[:1])
    measured.append(("model(x), one image", f"{microseconds(lambda: model(one), 1000):.0f} us"))
    measured.append(
        ("model.predict(x), one image", f"{microseconds(lambda: model.predict(one, verbose=0), 1000):.0f} us")
    )
    if accuracy < 0.95:
        sys.exit(f"the test accuracy is {accuracy:.4f}, less than 0.95")
    try:
        fashion = Images(tf.keras.datasets.fashion_mnist.load_data(), 255)
    except OSError as error:
        print(f"Fashion-MNIST is left out: {str(error).splitlines()[0]}")
    else:
        fashion_model = MLP()
        begun = time.perf_counter()
        curves["Fashion-MNIST"] = train(fashion_model, fashion, num_epochs=3)
        measured.append(("Fashion-MNIST, 3 epochs of 60,000", f"{time.perf_counter() - begun:.1f} s"))
        measured.append(("Fashion-MNIST, test accuracy", f"{evaluate(fashion_model, fashion)[0]:.2%}"))

    headline(6, "Saving a model that goes on training, in a new process")
    saved = compiled_model()
    saved.fit(digits.train_data, digits.train_label, epochs=2, verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "digits.keras")
        begun = time.perf_counter()
        saved.save(path)
        measured.append(("save", f"{1e3 * (time.perf_counter() - begun):.0f} ms"))
        begun = time.perf_counter()
        tf.keras.models.load_model(path)
        measured.append(("load", f"{1e3 * (time.perf_counter() - begun):.0f} ms"))
        history = saved.fit(digits.train_data, digits.train_label, epochs=2, verbose=0)
        loss, accuracy = saved.evaluate(digits.test_data, digits.test_label, verbose=0)
        print(f"  this process: step {int(saved.optimizer.iterations)}, loss {history.history['loss'][-1]:.6f}, "
              f"test accuracy {accuracy:.4f}", flush=True)  # fmt: skip
        subprocess.run([sys.executable, __file__, "--go-on", path], check=True)

    headline(7, "Graph mode: tf.function makes a whole step one native call")
    step_model, step_optimizer = MLP(), tf.keras.optimizers.Adam(learning_rate=0.002)
    step_model(one)
    X, y = map(tf.constant, digits.get_batch(50))

    def train_step(X, y):
        with tf.GradientTape() as tape:
            y_pred = step_model(X, training=True)
            loss = tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(y_true=y, y_pred=y_pred))
        grads = tape.gradient(loss, step_model.trainable_variables)
        step_optimizer.apply_gradients(zip(grads, step_model.trainable_variables, strict=True))
        return loss

    begun = time.perf_counter()
    compiled_step = tf.function(train_step)
    compiled_step(X, y)
    print(
        f"traced and compiled in {time.perf_counter() - begun:.2f} s: {len(compiled_step.explain(X, y).kernels)} kernels"
    )
    measured.append(("training step, eager", f"{microseconds(lambda: train_step(X, y)):.0f} us"))
    measured.append(("training step, tf.function", f"{microseconds(lambda: compiled_step(X, y)):.0f} us"))

    headline(8, "Embedding lookup in an array")
    embedding_matrix = np.random.default_rng(0).random([1000, 256])
    inputs = tf.nn.embedding_lookup(embedding_matrix, reviews)
    print("words", reviews.shape, "become", inputs.shape, inputs.dtype)

    headline(6, "once more, in TensorFlow's own files: no tf.function on call, no predict before")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "models" / "1")
        fresh = MLP()
        train(fresh, digits, num_epochs=2)
        tf.saved_model.save(fresh, path)
        print("a SavedModel:", sorted(file.name for file in Path(path).iterdir()), flush=True)
        subprocess.run([sys.executable, __file__, "--go-on-without-class", path], check=True)

    image = picture(curves, digits.test_label, predicted)
    measured.append(("everything", f"{time.perf_counter() - started:.1f} s"))
    width = max(len(name) for name, _ in measured)
    print("\nMeasured here\n" + "-" * (width + 14))
    for name, value in measured:
        print(f"{name:{width}}  {value:>12}")
    if image is not None:
        print(
            f"\nThe training curves and the confusion matrix: {image.relative_to(Path.cwd()) if image.is_relative_to(Path.cwd()) else image}"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--go-on"]:
        go_on(sys.argv[2])
    elif sys.argv[1:2] == ["--go-on-without-class"]:
        go_on_without_class(sys.argv[2])
    else:
        main()
