"""A small transformer: masks, attention, a learning rate schedule, a masked loss."""

import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(5)


def positional_encoding(length, depth):
    depth = depth / 2
    positions = np.arange(length)[:, np.newaxis]
    depths = np.arange(depth)[np.newaxis, :] / depth
    angle_rads = positions * (1 / (10000**depths))
    return tf.cast(np.concatenate([np.sin(angle_rads), np.cos(angle_rads)], axis=-1), dtype=tf.float32)


class PositionalEmbedding(tf.keras.layers.Layer):
    def __init__(self, vocab_size, d_model):
        super().__init__()
        self.d_model = d_model
        self.embedding = tf.keras.layers.Embedding(vocab_size, d_model, mask_zero=True)
        self.pos_encoding = positional_encoding(length=64, depth=d_model)

    def compute_mask(self, *args, **kwargs):
        return self.embedding.compute_mask(*args, **kwargs)

    def call(self, x):
        length = tf.shape(x)[1]
        x = self.embedding(x)
        x *= tf.math.sqrt(tf.cast(self.d_model, tf.float32))
        return x + self.pos_encoding[tf.newaxis, :length, :]


class BaseAttention(tf.keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__()
        self.mha = tf.keras.layers.MultiHeadAttention(**kwargs)
        self.layernorm = tf.keras.layers.LayerNormalization()
        self.add = tf.keras.layers.Add()


class CrossAttention(BaseAttention):
    def call(self, x, context):
        attn_output, attn_scores = self.mha(query=x, key=context, value=context, return_attention_scores=True)
        self.last_attn_scores = attn_scores
        return self.layernorm(self.add([x, attn_output]))


class SelfAttention(BaseAttention):
    def call(self, x, causal=False):
        attn_output = self.mha(query=x, value=x, key=x, use_causal_mask=causal)
        return self.layernorm(self.add([x, attn_output]))


class FeedForward(tf.keras.layers.Layer):
    def __init__(self, d_model, dff, dropout_rate=0.1):
        super().__init__()
        self.seq = tf.keras.Sequential(
            [
                tf.keras.layers.Dense(dff, activation="relu"),
                tf.keras.layers.Dense(d_model),
                tf.keras.layers.Dropout(dropout_rate),
            ]
        )
        self.add = tf.keras.layers.Add()
        self.layer_norm = tf.keras.layers.LayerNormalization()

    def call(self, x):
        return self.layer_norm(self.add([x, self.seq(x)]))


class Transformer(tf.keras.Model):
    def __init__(self, d_model=16, heads=2, dff=32, vocab=50):
        super().__init__()
        self.source, self.target = PositionalEmbedding(vocab, d_model), PositionalEmbedding(vocab, d_model)
        self.encoder = [SelfAttention(num_heads=heads, key_dim=d_model), FeedForward(d_model, dff)]
        self.self_attention = SelfAttention(num_heads=heads, key_dim=d_model, dropout=0.1)
        self.cross = CrossAttention(num_heads=heads, key_dim=d_model)
        self.ffn = FeedForward(d_model, dff)
        self.final_layer = tf.keras.layers.Dense(vocab)

    def call(self, inputs, training=None):
        context, x = inputs
        context, x = self.source(context), self.target(x)
        for layer in self.encoder:
            context = layer(context)
        x = self.self_attention(x, causal=True)
        x = self.ffn(self.cross(x, context))
        return self.final_layer(x)


class CustomSchedule(tf.keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, d_model, warmup_steps=4000):
        super().__init__()
        self.d_model = tf.cast(d_model, tf.float32)
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = tf.cast(step, dtype=tf.float32)
        return tf.math.rsqrt(self.d_model) * tf.math.minimum(tf.math.rsqrt(step), step * (self.warmup_steps**-1.5))


def masked_loss(label, pred):
    mask = label != 0
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")(label, pred)
    mask = tf.cast(mask, dtype=loss.dtype)
    loss *= mask
    return tf.reduce_sum(loss) / tf.reduce_sum(mask)


def masked_accuracy(label, pred):
    pred = tf.argmax(pred, axis=2)
    label = tf.cast(label, pred.dtype)
    match, mask = label == pred, label != 0
    match = match & mask
    match, mask = tf.cast(match, dtype=tf.float32), tf.cast(mask, dtype=tf.float32)
    return tf.reduce_sum(match) / tf.reduce_sum(mask)


rng = np.random.RandomState(0)
src = rng.randint(1, 50, (64, 9))
src[:, 7:] *= rng.randint(0, 2, (64, 1))
tgt = rng.randint(1, 50, (64, 7))
model = Transformer()
out = model((src[:2], tgt[:2, :-1]))
print(out.shape, model.cross.last_attn_scores.shape)
schedule = CustomSchedule(16, 100)
print([round(float(schedule(s)), 6) for s in (1, 50, 200)])
model.compile(
    loss=masked_loss,
    optimizer=tf.keras.optimizers.Adam(schedule, beta_1=0.9, beta_2=0.98, epsilon=1e-9),
    metrics=[masked_accuracy],
)
h = model.fit((src, tgt[:, :-1]), tgt[:, 1:], epochs=2, batch_size=32, shuffle=False, verbose=0)
print(sorted(h.history), [round(v, 4) for v in h.history["loss"]])
model.summary()
emb = PositionalEmbedding(10, 4)
print(emb.compute_mask(tf.constant([[1, 0, 2]])))
x = tf.random.stateless_uniform((1, 3, 4), [1, 2])
scores = tf.matmul(x, x, transpose_b=True) / tf.math.sqrt(4.0)
scores += (1 - tf.linalg.band_part(tf.ones((3, 3)), -1, 0)) * -1e9
print(tf.nn.softmax(scores, axis=-1).numpy().round(4))
