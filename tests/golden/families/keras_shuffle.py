"""The order of rows in `fit` after a seed was set: TensorFlow's, bit for bit."""

from tests.golden.case import case
from tests.golden.families.keras_models import fill, numbers


def ordered(seed, rows, set_by="keras", epochs=2, batch_size=None):
    def run(tf):
        tf.keras.backend.clear_session()
        tf.keras.utils.set_random_seed(seed) if set_by == "keras" else tf.random.set_seed(seed)
        seen = []

        class Seen(tf.keras.Model):
            def train_step(self, data):
                seen.extend(data[0].numpy().tolist())
                return {"loss": tf.constant(0.0)}

        model = Seen()
        model.compile("sgd", run_eagerly=True)
        model.fit(tf.range(rows), tf.zeros(rows), epochs=epochs, batch_size=batch_size, verbose=0)
        return seen

    return case(run, name=f"order {seed} {rows} {set_by} {epochs} {batch_size}")


def trained(tf):
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(7)
    model = fill(
        tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(4, "tanh"), tf.keras.layers.Dense(1)])
    )
    model.compile("adam", "mse")
    history = model.fit(numbers(50, 3), numbers(50, 1), epochs=3, batch_size=8, verbose=0, validation_split=0.2)
    return history.history, [v.numpy() for v in model.weights]


CASES = [
    ordered(1, 10),
    ordered(1, 10, "tf"),
    ordered(0, 5),
    ordered(42, 100, batch_size=7),
    ordered(123456789, 33, epochs=1),
    case(trained, rtol=5e-5),
]
