"""Optimizers, losses and metrics written by hand; Keras' own for comparison."""

# An optimizer, a loss and a metric written by hand on tf.Module.
import tensorflow as tf


class Adam(tf.Module):
    def __init__(self, learning_rate=1e-3, beta_1=0.9, beta_2=0.999, ep=1e-7):
        super().__init__()
        self.beta_1, self.beta_2, self.learning_rate, self.ep = beta_1, beta_2, learning_rate, ep
        self.t = 1.0
        self.v_dvar, self.s_dvar = [], []
        self.built = False

    def apply_gradients(self, grads, vars):
        if not self.built:
            for var in vars:
                self.v_dvar.append(tf.Variable(tf.zeros(shape=var.shape)))
                self.s_dvar.append(tf.Variable(tf.zeros(shape=var.shape)))
            self.built = True
        for i, (d_var, var) in enumerate(zip(grads, vars)):
            self.v_dvar[i].assign(self.beta_1 * self.v_dvar[i] + (1 - self.beta_1) * d_var)
            self.s_dvar[i].assign(self.beta_2 * self.s_dvar[i] + (1 - self.beta_2) * tf.square(d_var))
            v_bc = self.v_dvar[i] / (1 - (self.beta_1**self.t))
            s_bc = self.s_dvar[i] / (1 - (self.beta_2**self.t))
            var.assign_sub(self.learning_rate * (v_bc / (tf.sqrt(s_bc) + self.ep)))
        self.t += 1.0


def xavier_init(shape):
    in_dim, out_dim = shape
    lim = tf.sqrt(6.0) / tf.sqrt(tf.cast(in_dim + out_dim, tf.float32))
    return tf.random.uniform(shape=(in_dim, out_dim), minval=-lim, maxval=lim, seed=22)


class DenseLayer(tf.Module):
    def __init__(self, out_dim, weight_init=xavier_init, activation=tf.identity):
        super().__init__()
        self.out_dim, self.weight_init, self.activation, self.built = out_dim, weight_init, activation, False

    def __call__(self, x):
        if not self.built:
            self.in_dim = x.shape[1]
            self.w = tf.Variable(self.weight_init(shape=(self.in_dim, self.out_dim)))
            self.b = tf.Variable(tf.zeros(shape=(self.out_dim,)))
            self.built = True
        return self.activation(tf.add(tf.matmul(x, self.w), self.b))


class MLP(tf.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers

    def __call__(self, x, preds=False):
        for layer in self.layers:
            x = layer(x)
        return x


def cross_entropy_loss(y_pred, y):
    sparse_ce = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=y_pred)
    return tf.reduce_mean(sparse_ce)


def accuracy(y_pred, y):
    class_preds = tf.argmax(tf.nn.softmax(y_pred), axis=1)
    return tf.reduce_mean(tf.cast(tf.equal(y, class_preds), tf.float32))


tf.random.set_seed(22)
x = tf.random.normal([256, 8])
y = tf.argmax(tf.matmul(x, tf.random.normal([8, 4])), axis=1)
mlp = MLP([DenseLayer(32, activation=tf.nn.relu), DenseLayer(16, activation=tf.nn.relu), DenseLayer(4)])
optimizer = Adam(0.01)
for epoch in range(5):
    for i in range(0, 256, 64):
        with tf.GradientTape() as tape:
            pred = mlp(x[i : i + 64])
            loss = cross_entropy_loss(pred, y[i : i + 64])
        grads = tape.gradient(loss, mlp.variables)
        optimizer.apply_gradients(grads, mlp.variables)
    print(f"Epoch: {epoch} loss: {loss.numpy():.3f} acc: {accuracy(mlp(x), y).numpy():.3f}")
print(len(mlp.variables), len(optimizer.variables))


class Power(tf.keras.optimizers.Optimizer):
    def __init__(self, learning_rate=0.01, name="power", **kwargs):
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)

    def build(self, variables):
        super().build(variables)
        self.slots = [self.add_variable_from_reference(reference_variable=v, name="slot") for v in variables]

    def update_step(self, gradient, variable, learning_rate):
        slot = self.slots[self._get_variable_index(variable)]
        slot.assign(0.5 * slot + tf.cast(gradient, variable.dtype))
        variable.assign_sub(tf.cast(learning_rate, variable.dtype) * tf.sign(slot))


v = tf.Variable([1.0, -2.0])
opt = Power(0.1)
for _ in range(3):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(v**2)
    opt.apply_gradients([(tape.gradient(loss, v), v)])
print(v.numpy(), opt.iterations.numpy(), opt.slots[0].numpy())


class CategoricalTruePositives(tf.keras.metrics.Metric):
    def __init__(self, name="categorical_true_positives", **kwargs):
        super().__init__(name=name, **kwargs)
        self.true_positives = self.add_weight(shape=(), initializer="zeros", name="tp")

    def update_state(self, y_true, y_pred, sample_weight=None):
        values = tf.cast(y_true, "int32") == tf.cast(tf.argmax(y_pred, axis=1), "int32")
        values = tf.cast(values, "float32")
        if sample_weight is not None:
            values = tf.multiply(values, tf.cast(sample_weight, "float32"))
        self.true_positives.assign_add(tf.reduce_sum(values))

    def result(self):
        return self.true_positives

    def reset_state(self):
        self.true_positives.assign(0.0)


m = CategoricalTruePositives()
m.update_state([0, 1, 1], tf.constant([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]))
print(float(m.result()), m.name)
m.reset_state()
print(float(m.result()))


class CustomMSE(tf.keras.losses.Loss):
    def __init__(self, regularization_factor=0.1, name="custom_mse"):
        super().__init__(name=name)
        self.regularization_factor = regularization_factor

    def call(self, y_true, y_pred):
        mse = tf.math.reduce_mean(tf.square(y_true - y_pred), axis=-1)
        return mse + self.regularization_factor * tf.math.reduce_mean(tf.square(0.5 - y_pred), axis=-1)


print("%.5f" % CustomMSE()(tf.constant([[0.0, 1.0]]), tf.constant([[0.2, 0.7]])).numpy())
for name in ("SGD", "RMSprop", "Adam", "AdamW", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion"):
    v = tf.Variable([1.0, -2.0])
    opt = getattr(tf.keras.optimizers, name)(learning_rate=0.1, clipnorm=1.0)
    for _ in range(3):
        opt.apply_gradients([(2 * v, v)])
    print(name, v.numpy().round(4))
