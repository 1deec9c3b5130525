"""Models with their own train_step and test_step, callbacks."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

keras.utils.set_random_seed(8)


class CustomModel(keras.Model):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


inputs = keras.Input(shape=(32,))
outputs = keras.layers.Dense(1)(inputs)
model = CustomModel(inputs, outputs)
model.compile(optimizer="adam", loss="mse", metrics=["mae"])
rng = np.random.RandomState(0)
x, y = rng.random_sample((200, 32)).astype("float32"), rng.random_sample((200, 1)).astype("float32")
h = model.fit(x, y, epochs=2, shuffle=False, verbose=0)
print({k: [round(v, 3) for v in vs] for k, vs in sorted(h.history.items())})


class LowLevel(keras.Model):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.mae_metric = keras.metrics.MeanAbsoluteError(name="mae")
        self.loss_fn = keras.losses.MeanSquaredError()

    def train_step(self, data):
        if len(data) == 3:
            x, y, sample_weight = data
        else:
            sample_weight = None
            x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.loss_fn(y, y_pred, sample_weight=sample_weight)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        self.loss_tracker.update_state(loss)
        self.mae_metric.update_state(y, y_pred, sample_weight=sample_weight)
        return {"loss": self.loss_tracker.result(), "mae": self.mae_metric.result()}

    def test_step(self, data):
        x, y = data
        y_pred = self(x, training=False)
        self.loss_tracker.update_state(self.loss_fn(y, y_pred))
        self.mae_metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}

    @property
    def metrics(self):
        return [self.loss_tracker, self.mae_metric]


inputs = keras.Input(shape=(32,))
model = LowLevel(inputs, keras.layers.Dense(1, kernel_initializer="ones")(inputs))
model.compile(optimizer=keras.optimizers.SGD(0.001))
sw = rng.random_sample((200, 1)).astype("float32")
h = model.fit(x, y, sample_weight=sw, epochs=2, shuffle=False, verbose=0)
print({k: [round(v, 3) for v in vs] for k, vs in sorted(h.history.items())})
print([round(v, 3) for v in model.evaluate(x, y, verbose=0)])


class LossHistory(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        print("start", sorted(logs or {}), self.params["epochs"], self.params["steps"])
        self.losses = []

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])

    def on_epoch_begin(self, epoch, logs=None):
        print("epoch", epoch)

    def on_test_end(self, logs=None):
        print("test end", sorted(logs))

    def on_predict_batch_end(self, batch, logs=None):
        print("predict batch", batch, logs["outputs"].shape)

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            self.model.stop_training = True


cb = LossHistory()
model.fit(
    x, y, batch_size=64, epochs=5, validation_split=0.25, callbacks=[cb, keras.callbacks.TerminateOnNaN()], verbose=0
)
print(len(cb.losses))
model.predict(x[:70], batch_size=64, callbacks=[cb], verbose=0)


class GAN(keras.Model):
    def __init__(self, discriminator, generator, latent_dim):
        super().__init__()
        self.discriminator, self.generator, self.latent_dim = discriminator, generator, latent_dim
        self.d_loss_tracker = keras.metrics.Mean(name="d_loss")
        self.g_loss_tracker = keras.metrics.Mean(name="g_loss")
        self.seed_generator = keras.random.SeedGenerator(1337)
        self.built = True

    @property
    def metrics(self):
        return [self.d_loss_tracker, self.g_loss_tracker]

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn

    def train_step(self, real):
        if isinstance(real, tuple):
            real = real[0]
        n = tf.shape(real)[0]
        z = keras.random.normal(shape=(n, self.latent_dim), seed=self.seed_generator)
        fake = self.generator(z)
        labels = tf.concat([tf.ones((n, 1)), tf.zeros((n, 1))], axis=0)
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(tf.concat([fake, real], axis=0)))
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights))
        with tf.GradientTape() as tape:
            g_loss = self.loss_fn(tf.zeros((n, 1)), self.discriminator(self.generator(z)))
        grads = tape.gradient(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights))
        self.d_loss_tracker.update_state(d_loss)
        self.g_loss_tracker.update_state(g_loss)
        return {"d_loss": self.d_loss_tracker.result(), "g_loss": self.g_loss_tracker.result()}


gan = GAN(
    keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)]),
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(6)]),
    3,
)
gan.compile(
    keras.optimizers.Adam(0.003), keras.optimizers.Adam(0.003), keras.losses.BinaryCrossentropy(from_logits=True)
)
h = gan.fit(rng.rand(64, 6).astype("float32"), epochs=2, shuffle=False, verbose=0)
print({k: [round(v, 2) for v in vs] for k, vs in sorted(h.history.items())})
