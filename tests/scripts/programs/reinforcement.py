"""Deep Q-learning and an actor-critic on a cart and pole."""

import random
from collections import deque

import numpy as np
import tensorflow as tf


class Pole:
    """A small cart and pole."""

    def __init__(self, seed=0):
        self.rng = np.random.RandomState(seed)

    def reset(self):
        self.state = self.rng.uniform(-0.05, 0.05, 4)
        self.t = 0
        return self.state.astype(np.float32)

    def step(self, action):
        x, v, a, w = self.state
        force = 10.0 if action == 1 else -10.0
        temp = (force + 0.05 * w * w * np.sin(a)) / 1.1
        acc = (9.8 * np.sin(a) - np.cos(a) * temp) / (0.5 * (4.0 / 3.0 - 0.1 * np.cos(a) ** 2 / 1.1))
        xacc = temp - 0.05 * acc * np.cos(a) / 1.1
        self.state = np.array([x + 0.02 * v, v + 0.02 * xacc, a + 0.02 * w, w + 0.02 * acc])
        self.t += 1
        done = bool(abs(self.state[0]) > 2.4 or abs(self.state[2]) > 0.2 or self.t >= 60)
        return self.state.astype(np.float32), 1.0, done, {}


class QNetwork(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.dense1 = tf.keras.layers.Dense(units=24, activation=tf.nn.relu)
        self.dense2 = tf.keras.layers.Dense(units=24, activation=tf.nn.relu)
        self.dense3 = tf.keras.layers.Dense(units=2)

    def call(self, inputs):
        x = self.dense1(inputs)
        x = self.dense2(x)
        return self.dense3(x)

    def predict(self, inputs):
        q_values = self(inputs)
        return tf.argmax(q_values, axis=-1)


tf.keras.utils.set_random_seed(1)
env = Pole()
model = QNetwork()
optimizer = tf.keras.optimizers.Adam(learning_rate=1e-3)
replay_buffer = deque(maxlen=1000)
epsilon, gamma, batch_size = 1.0, 1.0, 16
lengths, losses = [], []
for episode in range(6):
    state = env.reset()
    epsilon = max(1.0 * (10 - episode) / 10, 0.01)
    for t in range(60):
        if random.random() < epsilon:
            action = random.randint(0, 1)
        else:
            action = model.predict(np.expand_dims(state, axis=0)).numpy()
            action = action[0]
        next_state, reward, done, info = env.step(action)
        reward = -10.0 if done else reward
        replay_buffer.append((state, action, reward, next_state, 1 if done else 0))
        state = next_state
        if done:
            lengths.append(t)
            break
        if len(replay_buffer) >= batch_size:
            batch_state, batch_action, batch_reward, batch_next_state, batch_done = zip(
                *random.sample(replay_buffer, batch_size)
            )
            batch_state, batch_reward, batch_next_state, batch_done = [
                np.array(a, dtype=np.float32) for a in [batch_state, batch_reward, batch_next_state, batch_done]
            ]
            batch_action = np.array(batch_action, dtype=np.int32)
            q_value = model(batch_next_state)
            y = batch_reward + (gamma * tf.reduce_max(q_value, axis=1)) * (1 - batch_done)
            with tf.GradientTape() as tape:
                q_taken = tf.reduce_sum(model(batch_state) * tf.one_hot(batch_action, depth=2), axis=1)
                loss = tf.keras.losses.MSE(y, q_taken)
            grads = tape.gradient(loss, model.variables)
            optimizer.apply_gradients(grads_and_vars=zip(grads, model.variables))
            losses.append(float(loss))
print(lengths, len(losses), round(losses[0], 3), round(losses[5], 3))


class ActorCritic(tf.keras.Model):
    def __init__(self, num_actions, num_hidden_units):
        super().__init__()
        self.common = tf.keras.layers.Dense(num_hidden_units, activation="relu")
        self.actor = tf.keras.layers.Dense(num_actions)
        self.critic = tf.keras.layers.Dense(1)

    def call(self, inputs):
        x = self.common(inputs)
        return self.actor(x), self.critic(x)


ac = ActorCritic(2, 32)
huber = tf.keras.losses.Huber(reduction="sum")
opt = tf.keras.optimizers.Adam(learning_rate=0.01)
env = Pole(3)
rewards_seen = []
for episode in range(3):
    state = tf.constant(env.reset())
    with tf.GradientTape() as tape:
        probs, values, rewards = [], [], []
        for t in range(30):
            logits, value = ac(tf.expand_dims(state, 0))
            action = tf.random.categorical(logits, 1, seed=episode)[0, 0]
            p = tf.nn.softmax(logits)
            values.append(tf.squeeze(value))
            probs.append(p[0, action])
            s, r, done, _ = env.step(int(action))
            state = tf.constant(s)
            rewards.append(tf.constant(r))
            if done:
                break
        returns, total = [], tf.constant(0.0)
        for r in rewards[::-1]:
            total = r + 0.99 * total
            returns.insert(0, total)
        returns = tf.stack(returns)
        returns = (returns - tf.math.reduce_mean(returns)) / (
            tf.math.reduce_std(returns) + np.finfo(np.float32).eps.item()
        )
        values, probs = tf.stack(values), tf.stack(probs)
        advantage = returns - values
        loss = -tf.math.reduce_sum(tf.math.log(probs) * advantage) + huber(values, returns)
    opt.apply_gradients(zip(tape.gradient(loss, ac.trainable_variables), ac.trainable_variables))
    rewards_seen.append(len(rewards))
    print(round(float(loss), 2))
print(rewards_seen)
