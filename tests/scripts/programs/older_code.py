"""What user code of TensorFlow 2.0 to 2.10 writes and TensorFlow 2.21 still takes."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
import tensorflow.keras.backend as K
from tensorflow.keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from tensorflow.keras.layers import (
    Activation,
    Add,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    LeakyReLU,
    MaxPooling2D,
    Multiply,
    Permute,
    RepeatVector,
    UpSampling2D,
    ZeroPadding2D,
)
from tensorflow.keras.losses import MeanSquaredError, categorical_crossentropy
from tensorflow.keras.models import Model, Sequential, load_model
from tensorflow.keras.optimizers import SGD, Adam, RMSprop
from tensorflow.keras.utils import to_categorical

gpus = tf.config.list_physical_devices("GPU")
for gpu in gpus:
    tf.config.experimental.set_memory_growth(gpu, True)
print(len(gpus), len(tf.config.experimental.list_physical_devices("CPU")), tf.test.is_built_with_cuda())
tf.get_logger().setLevel("ERROR")
np.random.seed(0)
tf.random.set_seed(0)
K.clear_session()
x = np.random.rand(60, 16, 16, 3).astype("float32")
y = to_categorical(np.random.randint(0, 3, 60), 3)
model = Sequential()
model.add(Conv2D(8, (3, 3), padding="same", input_shape=x.shape[1:]))
model.add(Activation("relu"))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Conv2D(8, (3, 3), activation="relu", kernel_initializer="he_uniform"))
model.add(BatchNormalization())
model.add(Dropout(0.25))
model.add(Flatten())
model.add(Dense(16, activation="relu"))
model.add(Dense(3, activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer=Adam(learning_rate=0.001), metrics=["accuracy"])
h = model.fit(x, y, batch_size=20, epochs=2, verbose=0, shuffle=False, validation_data=(x[:20], y[:20]))
print(sorted(h.history))
print(model.evaluate(x, y, verbose=0).__len__(), model.predict(x[:2], verbose=0).argmax(axis=1).shape)
model.summary()


def residual(inputs, filters):
    t = Conv2D(filters, 3, padding="same", use_bias=False)(inputs)
    t = BatchNormalization(momentum=0.9, epsilon=1e-5)(t)
    t = LeakyReLU()(t)
    return Add()([inputs, t])


inp = Input(shape=(16, 16, 3))
t = ZeroPadding2D(1)(inp)
t = Conv2D(8, 3, strides=2, activation="swish")(t)
t = residual(t, 8)
se = GlobalAveragePooling2D()(t)
se = Dense(8, activation="sigmoid")(se)
t = Multiply()([t, tf.keras.layers.Reshape((1, 1, 8))(se)])
t = Concatenate(axis=-1)([AveragePooling2D(2)(t), MaxPooling2D(2)(t)])
out = Dense(3, activation="softmax", name="probs")(Flatten()(t))
net = Model(inputs=inp, outputs=out)
net.compile(
    optimizer=SGD(learning_rate=0.01, momentum=0.9, nesterov=True), loss=categorical_crossentropy, metrics=["acc"]
)
net.fit(x, y, epochs=1, verbose=0)
print(net.count_params(), len(net.layers), net.layers[-1].name)


def dice(y_true, y_pred, smooth=1.0):
    a, b = K.flatten(y_true), K.flatten(y_pred)
    inter = K.sum(a * b)
    return (2.0 * inter + smooth) / (K.sum(a) + K.sum(b) + smooth)


def dice_loss(y_true, y_pred):
    return 1 - dice(y_true, y_pred)


net.compile(optimizer=RMSprop(1e-4), loss=dice_loss, metrics=[dice])
h = net.fit(x, y, epochs=1, verbose=0)
print(sorted(h.history))
print(round(float(dice(tf.constant(y), tf.constant(y))), 4))
for layer in net.layers[:3]:
    layer.trainable = False
print(len(net.trainable_weights), len(net.non_trainable_weights))
print(K.int_shape(inp), K.image_data_format(), K.epsilon(), K.floatx())
print(
    K.mean(tf.constant([1.0, 2.0])).numpy(),
    K.square(tf.constant(3.0)).numpy(),
    K.cast(1, "float32"),
    K.get_value(tf.Variable(2.0)),
)
print(net.get_layer("probs").output.shape, net.input_shape, net.output_shape)
sub = Model(net.input, net.get_layer("probs").input)
print(sub.predict(x[:1], verbose=0).shape)
