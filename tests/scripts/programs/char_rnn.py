"""Characters one after the other: a cell in a loop, a GRU layer with states."""

import numpy as np
import tensorflow as tf


class DataLoader:
    def __init__(self):
        self.raw_text = ("the quick brown fox jumps over the lazy dog. " * 40).lower()
        self.chars = sorted(list(set(self.raw_text)))
        self.char_indices = dict((c, i) for i, c in enumerate(self.chars))
        self.indices_char = dict((i, c) for i, c in enumerate(self.chars))
        self.text = [self.char_indices[c] for c in self.raw_text]
        self.rng = np.random.RandomState(0)

    def get_batch(self, seq_length, batch_size):
        seq, next_char = [], []
        for i in range(batch_size):
            index = self.rng.randint(0, len(self.text) - seq_length)
            seq.append(self.text[index : index + seq_length])
            next_char.append(self.text[index + seq_length])
        return np.array(seq), np.array(next_char)


class RNN(tf.keras.Model):
    def __init__(self, num_chars, batch_size, seq_length):
        super().__init__()
        self.num_chars, self.seq_length, self.batch_size = num_chars, seq_length, batch_size
        self.cell = tf.keras.layers.LSTMCell(units=32)
        self.dense = tf.keras.layers.Dense(units=self.num_chars)

    def call(self, inputs, from_logits=False):
        inputs = tf.one_hot(inputs, depth=self.num_chars)
        state = self.cell.get_initial_state(batch_size=self.batch_size)
        for t in range(self.seq_length):
            output, state = self.cell(inputs[:, t, :], state)
        logits = self.dense(output)
        if from_logits:
            return logits
        return tf.nn.softmax(logits)

    def predict(self, inputs, temperature=1.0):
        batch_size, _ = tf.shape(inputs)
        logits = self(inputs, from_logits=True)
        prob = tf.nn.softmax(logits / temperature).numpy()
        return np.array([np.argmax(prob[i, :]) for i in range(batch_size.numpy())])


tf.keras.utils.set_random_seed(2)
num_batches, seq_length, batch_size = 12, 8, 20
data_loader = DataLoader()
model = RNN(num_chars=len(data_loader.chars), batch_size=batch_size, seq_length=seq_length)
optimizer = tf.keras.optimizers.Adam(learning_rate=0.01)
for batch_index in range(num_batches):
    X, y = data_loader.get_batch(seq_length, batch_size)
    with tf.GradientTape() as tape:
        y_pred = model(X)
        loss = tf.keras.losses.sparse_categorical_crossentropy(y_true=y, y_pred=y_pred)
        loss = tf.reduce_mean(loss)
    if batch_index % 3 == 0:
        print("batch %d: loss %.2f" % (batch_index, loss.numpy()))
    grads = tape.gradient(loss, model.variables)
    optimizer.apply_gradients(grads_and_vars=zip(grads, model.variables))
X_, _ = data_loader.get_batch(seq_length, 1)
model.batch_size = 1
for diversity in [0.5, 1.0]:
    X = X_
    for t in range(3):
        y_pred = model.predict(X, diversity)
        X = np.concatenate([X[:, 1:], np.expand_dims(y_pred, axis=1)], axis=-1)
    print(X.shape)


class TextModel(tf.keras.Model):
    def __init__(self, vocab_size, embedding_dim, rnn_units):
        super().__init__()
        self.embedding = tf.keras.layers.Embedding(vocab_size, embedding_dim)
        self.gru = tf.keras.layers.GRU(rnn_units, return_sequences=True, return_state=True)
        self.dense = tf.keras.layers.Dense(vocab_size)

    def call(self, inputs, states=None, return_state=False, training=False):
        x = self.embedding(inputs, training=training)
        if states is None:
            states = self.gru.get_initial_state(tf.shape(x)[0])
        x, states = self.gru(x, initial_state=states, training=training)
        x = self.dense(x, training=training)
        return (x, states) if return_state else x


model = TextModel(len(data_loader.chars), 8, 16)
X, _ = data_loader.get_batch(10, 4)
out = model(X)
print(out.shape, "# (batch_size, sequence_length, vocab_size)")
model.summary()
loss = tf.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer="adam", loss=loss)
seqs = np.stack([data_loader.text[i : i + 11] for i in range(100)])
h = model.fit(seqs[:, :-1], seqs[:, 1:], epochs=2, batch_size=25, shuffle=False, verbose=0)
print([round(v, 4) for v in h.history["loss"]], round(float(tf.exp(h.history["loss"][0])), 0))
states = None
ids = tf.constant([[data_loader.char_indices["t"]]])
for _ in range(3):
    logits, states = model(ids, states=states, return_state=True)
    ids = tf.argmax(logits[:, -1, :], axis=-1)[:, None]
print(ids.shape, states.shape if hasattr(states, "shape") else len(states))
