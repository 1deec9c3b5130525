"""What every Keras layer can do: variables, names, building, calling, losses, masks, dtypes, configurations."""

from tests.golden.case import case, normal

LINEAR = """
tf.keras.backend.clear_session()
class Linear(tf.keras.layers.Layer):
    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="ones", name="kernel")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
        self.steps = self.add_weight(shape=(), initializer="zeros", dtype="int32", trainable=False, name="steps")

    def call(self, inputs, training=False):
        self.add_loss(0.1 * tf.reduce_sum(inputs))
        return tf.matmul(inputs, tf.cast(self.kernel, inputs.dtype)) + (1.0 if training else 0.0)

class Stack(tf.keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.parts = [Linear(4, name="first"), Linear(2, name="second")]
        self.named = {"drop": tf.keras.layers.Dropout(0.5, seed=1)}

    def call(self, inputs):
        for part in self.parts:
            inputs = part(inputs)
        return self.named["drop"](inputs)

layer, stack = Linear(name="linear"), Stack(name="stack")
"""
NAMES = "[(v.path, tuple(v.shape), v.trainable) for v in {}]"
SCRIPTS = (
    "layer.built, len(layer.weights), layer.name, layer.trainable, layer.dtype",
    "layer(x), layer.built, layer.count_params()",
    "layer(x, training=True)",
    f"stack(x), {NAMES.format('stack.weights')}",
    f"stack(x), {NAMES.format('stack.variables')}",
    f"stack(x); {NAMES.format('stack.trainable_weights')}",
    f"stack(x); {NAMES.format('stack.non_trainable_variables')}",
    f"stack(x); stack.trainable = False; {NAMES.format('stack.non_trainable_weights')}, len(stack.trainable_weights)",
    "stack(x); stack.parts[0].trainable = False; len(stack.trainable_weights), len(stack.non_trainable_weights)",
    "Linear(trainable=False)(x); l = Linear(trainable=False); l(x); len(l.trainable_weights), l.kernel.trainable",
    "layer(x); [float(v) for v in layer.losses]",
    "stack(x); [float(v) for v in stack.losses], len(stack.losses)",
    "layer(x); layer(x); len(layer.losses)",
    "layer(x); layer.set_weights([np.full((4, 3), 2.0), np.ones(3), np.array(5)]); layer.get_weights()",
    "layer(x); layer.set_weights([np.ones(3)])",
    "layer(x); layer.set_weights([np.ones((4, 4)), np.ones(3), np.array(5)])",
    "layer.count_params()",
    "layer.build((None, 4)); layer.built, [tuple(v.shape) for v in layer.weights], layer.kernel.path",
    "layer.build((2, 4)); layer.get_build_config()",
    "layer(x); layer.get_build_config()",
    "layer.build_from_config({'input_shape': (None, 5)}); tuple(layer.kernel.shape)",
    "sorted(layer.get_config())",
    "Linear.from_config(Linear(7, name='n').get_config()).units",
    "tf.keras.layers.Dense(3, name='d').get_config()['dtype']",
    "layer(tf.keras.Input((4,))).shape",
    "layer(tf.keras.Input((4,), batch_size=7)).dtype",
    "layer(tf.keras.Input((4,), name='features')); layer.input.name, layer.output.shape",
    "layer(x); layer.input",
    "tf.keras.layers.Dense(2).output",
    "layer(x.numpy().astype('float64')).dtype.name",
    "layer(tf.cast(x, 'float16')).dtype.name",
    "tf.keras.layers.Dense(2, autocast=False, dtype='float64').autocast",
    "[tf.keras.layers.Dense(2, dtype=d).compute_dtype for d in ('mixed_float16', 'bfloat16', 'float64', None)]",
    "[tf.keras.layers.Dense(2, dtype=d).variable_dtype for d in ('mixed_float16', 'bfloat16', 'float64', None)]",
    "d = tf.keras.layers.Dense(2); d.dtype_policy = 'mixed_float16'; d.compute_dtype, d.dtype_policy.name",
    "d = tf.keras.layers.Dense(2, dtype='mixed_float16'); d(x).dtype.name",
    "tf.keras.layers.Dense(2).quantization_mode",
    "layer(x); layer.stateless_call([v * 2.0 for v in layer.trainable_variables], layer.non_trainable_variables, x)[0]",
    "layer.stateless_call([], [], x)",
    "layer(x); layer.stateless_call([], [], x)",
    "b = tf.keras.layers.BatchNormalization(); b(x); b.stateless_call(b.trainable_variables, b.non_trainable_variables, x, training=True)",
    "layer.add_metric(1.0)",
    "layer.add_weight(shape=(2,), initializer='ones', name='w').path",
    "layer.add_weight(shape=(2,), dtype='int64').numpy()",
    "layer.add_weight(shape=(2, 2), initializer='x')",
    "layer.add_weight().shape, layer.add_weight((2,), 'ones').numpy()",
    "layer.add_variable((2,), 'ones', name='v').name",
    "layer.extra = tf.keras.Variable(np.ones(2)); len(layer.variables), layer.variables[0].name",
    "layer.inner = tf.keras.layers.Dense(2); layer.inner(x); len(layer.weights)",
    "layer.items = [tf.keras.layers.Dense(2)]; layer.items.append(tf.keras.layers.Dense(3)); [i(x) for i in layer.items]; len(layer.weights)",
    "layer.items = {'a': tf.keras.layers.Dense(2)}; layer.items['b'] = tf.keras.layers.Dense(3); [i(x) for i in layer.items.values()]; len(layer.weights)",
    "layer.items = (tf.keras.layers.Dense(2), tf.keras.layers.Dense(3)); [i(x) for i in layer.items]; len(layer.weights)",
    "layer.accuracy = tf.keras.metrics.Mean(name='m'); [m.name for m in layer.metrics], len(layer.metrics_variables), len(layer.weights)",
    "repr(layer), str(tf.keras.layers.Dense(2, name='d'))",
    "[tf.keras.layers.Dense(2).name for _ in range(3)]",
    "tf.keras.layers.Layer()(x)",
    "tf.keras.layers.Layer(foo=1)",
    "tf.keras.layers.Layer(name='a/b')",
    "layer(x, 'x')",
    "layer()",
    "layer(x, foo=1)",
    "m = tf.keras.layers.Embedding(4, 2, mask_zero=True); m.compute_mask(tf.constant([[1, 0, 2]]))",
    "m = tf.keras.layers.Embedding(4, 2, mask_zero=True); m(tf.constant([[1, 0, 2]]))._keras_mask",
    "i = tf.keras.Input((3,), dtype='int32'); m = tf.keras.layers.Embedding(4, 2, mask_zero=True)(i); m._keras_mask.shape, m._keras_mask.dtype",
    "tf.keras.layers.Masking().compute_mask(tf.keras.Input((3, 2)), None).shape",
    "e = tf.keras.layers.Embedding(4, 2, mask_zero=True); y = tf.keras.layers.Dense(2)(e(tf.constant([[1, 0, 2]]))); y._keras_mask",
    "s = tf.keras.layers.InputSpec(shape=(None, 3), dtype='float32'); s.ndim, s.shape, s.dtype, repr(s)",
    "repr(tf.keras.layers.InputSpec(min_ndim=2, axes={-1: 3})), tf.keras.layers.InputSpec(ndim=3).get_config()",
    "tf.keras.layers.InputSpec(axes='x')",
    "tf.keras.layers.InputSpec(axes={5: 2}, ndim=3)",
    "layer.input_spec = tf.keras.layers.InputSpec(ndim=3); layer(x)",
    "layer.input_spec = tf.keras.layers.InputSpec(axes={-1: 5}); layer(x)",
    "layer.input_spec = tf.keras.layers.InputSpec(shape=(None, 5)); layer(x)",
    "layer.input_spec = tf.keras.layers.InputSpec(max_ndim=1); layer(x)",
    "layer.supports_masking, tf.keras.layers.Dense(2).supports_masking",
    "c = tf.keras.layers.serialize(tf.keras.layers.Dense(2, name='d')); c['class_name'], c['module'], sorted(c)",
    "tf.keras.layers.deserialize(tf.keras.layers.serialize(layer), custom_objects={'Linear': Linear}).units",
)  # fmt: skip


def _script(text):
    lines = text.split("; ")
    return case(LINEAR + "\n".join(lines), grad=False, name=text, x=normal(2, 4))


CASES = [_script(text) for text in SCRIPTS]
