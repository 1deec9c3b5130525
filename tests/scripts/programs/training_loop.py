"""Training loops by hand: a classifier with metrics, a generator against a discriminator."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

keras.utils.set_random_seed(4)
rng = np.random.RandomState(2)
x_all = rng.rand(1000, 20).astype("float32")
w_true = rng.randn(20, 5)
y_all = np.argmax(x_all @ w_true, axis=1)
x_train, y_train, x_val, y_val = x_all[:800], y_all[:800], x_all[800:], y_all[800:]


def get_model():
    inputs = keras.Input(shape=(20,), name="digits")
    x1 = keras.layers.Dense(64, activation="relu")(inputs)
    x2 = keras.layers.Dense(64, activation="relu")(x1)
    outputs = keras.layers.Dense(5, name="predictions")(x2)
    return keras.Model(inputs=inputs, outputs=outputs)


model = get_model()
optimizer = keras.optimizers.Adam(learning_rate=1e-3)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
train_acc = keras.metrics.SparseCategoricalAccuracy()
val_acc = keras.metrics.SparseCategoricalAccuracy()


def train_step(x, y):
    with tf.GradientTape() as tape:
        logits = model(x, training=True)
        loss_value = loss_fn(y, logits)
    grads = tape.gradient(loss_value, model.trainable_weights)
    optimizer.apply_gradients(zip(grads, model.trainable_weights))
    train_acc.update_state(y, logits)
    return loss_value


def test_step(x, y):
    val_acc.update_state(y, model(x, training=False))


for epoch in range(3):
    print(f"\nStart of epoch {epoch}")
    order = np.random.RandomState(epoch).permutation(800)
    for step in range(800 // 50):
        index = order[step * 50 : (step + 1) * 50]
        loss_value = train_step(x_train[index], y_train[index])
        if step % 8 == 0:
            print(f"Training loss at step {step}: {float(loss_value):.3f}")
            print(f"Seen so far: {(step + 1) * 50} samples")
    print(f"Training acc over epoch: {float(train_acc.result()):.3f}")
    train_acc.reset_state()
    test_step(x_val, y_val)
    print("Validation acc: %.3f" % float(val_acc.result()))
    val_acc.reset_state()

discriminator = keras.Sequential(
    [
        keras.Input(shape=(8, 8, 1)),
        keras.layers.Conv2D(16, (3, 3), strides=(2, 2), padding="same"),
        keras.layers.LeakyReLU(negative_slope=0.2),
        keras.layers.Conv2D(16, (3, 3), strides=(2, 2), padding="same"),
        keras.layers.LeakyReLU(negative_slope=0.2),
        keras.layers.GlobalMaxPooling2D(),
        keras.layers.Dense(1),
    ],
    name="discriminator",
)
discriminator.summary()
generator = keras.Sequential(
    [
        keras.Input(shape=(16,)),
        keras.layers.Dense(2 * 2 * 16),
        keras.layers.LeakyReLU(negative_slope=0.2),
        keras.layers.Reshape((2, 2, 16)),
        keras.layers.Conv2DTranspose(16, (4, 4), strides=(2, 2), padding="same"),
        keras.layers.LeakyReLU(negative_slope=0.2),
        keras.layers.Conv2DTranspose(16, (4, 4), strides=(2, 2), padding="same"),
        keras.layers.LeakyReLU(negative_slope=0.2),
        keras.layers.Conv2D(1, (7, 7), padding="same", activation="sigmoid"),
    ],
    name="generator",
)
d_optimizer = keras.optimizers.Adam(learning_rate=0.0003)
g_optimizer = keras.optimizers.Adam(learning_rate=0.0004)
bce = keras.losses.BinaryCrossentropy(from_logits=True)
real = rng.rand(32, 8, 8, 1).astype("float32")
for step in range(3):
    z = tf.random.normal(shape=(32, 16))
    fake = generator(z)
    combined = tf.concat([fake, real], axis=0)
    labels = tf.concat([tf.ones((32, 1)), tf.zeros((32, 1))], axis=0)
    labels += 0.05 * tf.random.uniform(labels.shape)
    with tf.GradientTape() as tape:
        d_loss = bce(labels, discriminator(combined))
    d_optimizer.apply_gradients(
        zip(tape.gradient(d_loss, discriminator.trainable_weights), discriminator.trainable_weights)
    )
    z = tf.random.normal(shape=(32, 16))
    with tf.GradientTape() as tape:
        g_loss = bce(tf.zeros((32, 1)), discriminator(generator(z)))
    g_optimizer.apply_gradients(zip(tape.gradient(g_loss, generator.trainable_weights), generator.trainable_weights))
    print(f"{d_loss:.4f} {g_loss:.4f}")
