"""Tensors: making, indexing, shapes, dtypes, errors."""

import numpy as np
import tensorflow as tf

scalar = tf.constant(4)
vector = tf.constant([2.0, 3.0, 4.0])
matrix = tf.constant([[1, 2], [3, 4], [5, 6]], dtype=tf.float16)
print(scalar)
print(vector)
print(matrix)
cube = tf.reshape(tf.range(30), [3, 2, 5])
print(cube)
print(cube.numpy().sum(), np.array(cube).shape)

a = tf.constant([[1, 2], [3, 4]])
b = tf.ones([2, 2], dtype=tf.int32)
print(tf.add(a, b), "\n", tf.multiply(a, b), "\n", tf.matmul(a, b))
print(a + b, a * b, a @ b, a - 3, 2**a, a // 3, a % 2, -a, a > 2)
c = tf.constant([[4.0, 5.0], [10.0, 1.0]])
print(tf.reduce_max(c), tf.math.argmax(c), tf.nn.softmax(c))
print(tf.convert_to_tensor([1, 2, 3]))

r4 = tf.zeros([3, 2, 4, 5])
print("type:", r4.dtype)
print("axes:", r4.ndim)
print("shape:", r4.shape, r4.shape[0], r4.shape[-1], r4.shape.rank, r4.shape.as_list())
print("elements:", tf.size(r4).numpy())
print(tf.rank(r4), tf.shape(r4))

fib = tf.constant([0, 1, 1, 2, 3, 5, 8, 13, 21, 34])
print(
    fib[0].numpy(),
    fib[-1].numpy(),
    fib[:4].numpy(),
    fib[4:].numpy(),
    fib[2:7].numpy(),
    fib[::2].numpy(),
    fib[::-1].numpy(),
)
print(matrix.numpy()[1], matrix[1, :].numpy(), matrix[:, 1].numpy(), matrix[1:, :].numpy())
print(cube[:, :, 4])
print(cube[..., tf.newaxis].shape, cube[0, ..., 1:3].shape)
mask = fib % 2 == 0
print(tf.boolean_mask(fib, mask), fib[mask])
x = tf.constant([[1], [2], [3]])
print(x.shape, tf.reshape(x, [1, 3]), tf.reshape(x, [-1]))
print(tf.transpose(cube, [1, 0, 2]).shape, tf.expand_dims(x, 0).shape, tf.squeeze(x))
try:
    tf.reshape(cube, [7, -1])
except Exception as error:
    print(type(error).__name__)
f64 = tf.constant([2.2, 3.3, 4.4], dtype=tf.float64)
f16 = tf.cast(f64, dtype=tf.float16)
print(f16, tf.cast(f16, tf.uint8))
row = tf.reshape(x, [3, 1])
col = tf.range(1, 5)
print(row * col)
print(tf.broadcast_to(tf.constant([1, 2, 3]), [3, 3]))
print(tf.constant(["grey wolf", "brown fox"]))
print(tf.constant("text"))
print(tf.stack([f64, f64]), tf.concat([a, b], axis=0), tf.split(fib, 5)[1], tf.unstack(a)[0])
print(tf.where(c > 4.5, c, 0.0), tf.gather(fib, [1, 3, 5]), tf.gather_nd(a, [[0, 1], [1, 0]]))
print(
    tf.one_hot([0, 2], 3),
    tf.linspace(0.0, 1.0, 5),
    tf.eye(2),
    tf.fill([2, 2], 7),
    tf.sort([3, 1, 2]),
    tf.argsort([3, 1, 2]),
)
print(tf.tensor_scatter_nd_update(fib, [[0], [9]], [100, 200]))
print(tf.unique([1, 1, 2, 4, 4, 4, 7, 8, 8]))
try:
    print(tf.constant(1) + tf.constant(1.0))
except Exception as error:
    print(type(error).__name__)
try:
    vector[0] = 3.0
except TypeError as error:
    print("TypeError")
print(bool(tf.constant(True)), int(tf.constant(3)), float(tf.constant(2.5)), len(fib), [int(v) for v in fib[:3]])
print(f"{tf.constant(3.14159):.2f}", "%d" % tf.constant(5))
print(tf.is_tensor(vector), tf.executing_eagerly(), vector.device[-5:])
