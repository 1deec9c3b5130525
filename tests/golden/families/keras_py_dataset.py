"""When `fit`, `evaluate` and `predict` tell a `PyDataset` of epochs, and how many batches they take of it."""

import numpy as np

from tests.golden.case import case


def told(batches, validated=None, workers=1, endless=False, **kwargs):
    def run(tf):
        events = []

        class Batches(tf.keras.utils.PyDataset):
            def __init__(self, name, count):
                super().__init__(workers=workers)
                self.name, self.count, self.is_begun = name, count, False

            @property
            def num_batches(self):
                return None if endless else self.count

            def __getitem__(self, index):
                return np.full((2, 1), index, np.float32), np.zeros((2, 1), np.float32)

            def on_epoch_begin(self):
                self.is_begun = True
                events.append(f"{self.name} begins")

            def on_epoch_end(self):
                if self.is_begun:  # Keras also ends an epoch before the first
                    events.append(f"{self.name} ends")
                self.is_begun = False

        class Told(tf.keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                events.append(f"batch {batch}")

            def on_test_batch_end(self, batch, logs=None):
                events.append(f"test {batch}")

            def on_epoch_end(self, epoch, logs=None):
                events.append(f"epoch {epoch}")

        model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        held_out = None if validated is None else Batches("held out", validated)
        model.fit(Batches("data", batches), validation_data=held_out, callbacks=[Told()], verbose=0, **kwargs)
        if not endless:
            events.append("evaluate")
            model.evaluate(Batches("data", batches), callbacks=[Told()], verbose=0)
            events.append("predict")
            events.append(model.predict(Batches("data", batches), verbose=0).shape)
        return events

    return case(run, name=f"told {batches} {validated} {workers} {endless} {kwargs}")


CASES = [
    told(3, epochs=2),
    told(3, epochs=2, steps_per_epoch=3),
    told(4, epochs=3, steps_per_epoch=2),
    told(3, 2, epochs=2),
    told(3, 2, epochs=2, validation_steps=1),
    told(3, 2, workers=3, epochs=2),
    told(3, endless=True, epochs=2, steps_per_epoch=2),
]
