from tests.golden.case import case, normal


def _tape(body, returns, *, persistent=False, watch="x", before="", **inputs):
    """`body` inside a tape that watches `watch`, then the value of `returns`."""
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    code = (
        f"{before}\nwith tf.GradientTape(persistent={persistent}) as tape:\n    tape.watch({watch})\n{lines}\n{returns}"
    )
    return case(code, grad=False, name=f"{body} | {returns}", **(inputs or {"x": normal(3)}))


def _nested(body, order_two, **inputs):
    return case(
        f"""
with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = {body}
    dy = inner.gradient(y, x)
[dy, {order_two}]""",
        grad=False,
        name=f"second order of {body}: {order_two}",
        **(inputs or {"x": normal(3)}),
    )


def _custom(function, call, sources="x", **inputs):
    return case(
        f"""
v = tf.Variable(2.0)
@tf.custom_gradient
{function.strip()}
with tf.GradientTape(persistent=True) as tape:
    tape.watch([t for t in [{sources}] if t is not v])
    y = {call}
[y, tape.gradient(y, [{sources}])]""",
        grad=False,
        name=f"custom: {function} {call}",
        **(inputs or {"x": normal(3)}),
    )


def _forward(body, primals="x", tangents="t", returns="acc.jvp(y)", before="", **inputs):
    return case(
        f"v = tf.Variable([2.0, 3.0, 4.0])\n{before}\nwith tf.autodiff.ForwardAccumulator({primals}, {tangents}) as acc:\n    y = {body}\n{returns}",
        grad=False,
        name=f"forward: {body} {primals} {tangents} {returns}",
        **(inputs or {"x": normal(3), "t": normal(3, seed=1)}),
    )


_VARIABLE = "v = tf.Variable([1.0, 2.0, 3.0]); n = tf.Variable([1.0, 2.0, 3.0], trainable=False)"

CASES = [
    # targets and sources
    _tape("y = x * x", "tape.gradient(y, x)"),
    _tape("y = x * x", "tape.gradient(y, [x])"),
    _tape("y = x * x", "tape.gradient(y, (x, x))"),
    _tape("y = x * x", "tape.gradient(y, {'a': x, 'b': [x]})"),
    _tape("y = x * x", "tape.gradient(y, [])"),
    _tape("y = x * x", "tape.gradient([], [x])"),
    _tape("y = x * x; z = x * 3.0", "tape.gradient([y, z], x)"),
    _tape("y = x * x; z = x * 3.0", "tape.gradient({'z': z, 'y': (y,)}, x)"),
    _tape("y = x * x", "tape.gradient([y, y], x)"),
    _tape("y = x * x; z = y * y", "tape.gradient(z, [x, y])"),
    _tape("y = x * x; z = y * y", "tape.gradient([z, y], [x, y])"),
    _tape("y = x + x + x", "tape.gradient(y, x)"),
    _tape("y = x", "tape.gradient(y, x)"),
    _tape("y = x * 1.0", "tape.gradient(x, y)"),
    _tape("y = x * x", "tape.gradient(None, x)"),
    _tape("y = x * x", "tape.gradient([y, None], x)"),
    _tape("y = x * x", "tape.gradient(y, None)"),
    _tape("y = x * x", "tape.gradient(y, [x, None])"),
    _tape("y = x * x", "tape.gradient(y, 'x')"),
    _tape("y = x * x", "tape.gradient(y, x, [tf.constant([1.0, 2.0, 3.0])])"),
    _tape("y = x * x", "tape.gradient(y, x, output_gradients=tf.Variable([1.0, 2.0, 3.0]))"),
    _tape("y = x * x; z = x * 3.0", "tape.gradient([y, z], x, output_gradients=[tf.constant([1.0, 2.0, 3.0])])"),
    _tape("y = x * x", "tape.gradient(y, x, output_gradients=tf.ones([3], tf.float64))"),
    # what is connected
    _tape("y = x * x", "tape.gradient(y, [x, tf.constant(1.0)])"),
    _tape("y = x * x", "tape.gradient(y, [x, tf.constant(1.0)], unconnected_gradients='zero')"),
    _tape("y = x * x", "tape.gradient(y, tf.constant([1, 2]), unconnected_gradients=tf.UnconnectedGradients.ZERO)"),
    _tape("y = x * x", "tape.gradient(y, x, unconnected_gradients='other')"),
    _tape("y = tf.cast(x, tf.int32)", "tape.gradient(y, x)"),
    _tape("y = tf.cast(tf.cast(x, tf.int32), tf.float32)", "tape.gradient(y, x)"),
    _tape("y = tf.cast(x, tf.float64)", "tape.gradient(y, x)"),
    _tape("y = tf.stop_gradient(x) * x", "tape.gradient(y, x)"),
    _tape("y = tf.unique(x)[0]", "tape.gradient(y, x)"),
    _tape("y = x * x", "tape.gradient(y, x)", watch="[]"),
    _tape("y = x * x", "tape.gradient(y, x)", watch="{'a': [x, (x,)]}"),
    _tape("y = x * x", "tape.gradient(y, x)", watch="2.0"),
    _tape("y = x * x", "tape.gradient(y, x)", watch="[x, None]"),
    _tape("y = x * 2.0", "tape.gradient(y, i)", watch="i", before="i = tf.constant(2)"),
    # variables
    _tape("y = x * v", "tape.gradient(y, [x, v])", before=_VARIABLE),
    _tape("y = x * n", "tape.gradient(y, [x, n])", before=_VARIABLE),
    _tape("tape.watch(n); y = x * n", "tape.gradient(y, [x, n])", before=_VARIABLE),
    _tape("y = v", "tape.gradient(y, v)", before=_VARIABLE),
    _tape("y = n", "tape.gradient(y, n)", before=_VARIABLE),
    _tape("y = v", "tape.gradient(y, n)", before=_VARIABLE),
    _tape("y = v.read_value()", "tape.gradient(y, v)", before=_VARIABLE),
    _tape(
        "y = v * v; v.assign([5.0, 6.0, 7.0]); z = v * y",
        "[tape.gradient(y, v), tape.gradient(z, v), v.numpy()]",
        persistent=True,
        before=_VARIABLE,
    ),
    _tape("y = v.assign_add(x) * 1.0", "tape.gradient(y, [v, x])", before=_VARIABLE),
    _tape(
        "y = v * n",
        "[len(tape.watched_variables()), tape.gradient(y, v), len(tape.watched_variables())]",
        before=_VARIABLE,
    ),
    _tape(
        "y = tf.concat([w * 1.0, v * 1.0], 0)",
        "[v.numpy() for v in tape.watched_variables()]",
        before=_VARIABLE + "; w = tf.Variable([7.0])",
    ),
    case(
        "v = tf.Variable(2.0)\nwith tf.GradientTape(watch_accessed_variables=False) as tape:\n    y = v * v\ntape.gradient(y, v)"
    ),
    case(
        "v = tf.Variable(2.0)\nwith tf.GradientTape(watch_accessed_variables=False) as tape:\n    tape.watch(v)\n    y = v * v\n"
        "tape.gradient(y, v)"
    ),
    # the tape's life
    _tape("y = x * x", "[tape.gradient(y, x), tape.gradient(y, x)]"),
    _tape("y = x * x; z = y * x", "[tape.gradient(y, x), tape.gradient(z, x), tape.gradient(z, y)]", persistent=True),
    _tape("y = x * x; d = tape.gradient(y, x); z = d * x", "d"),
    _tape("y = x * x; d = tape.gradient(y, x); z = d * x", "tape.gradient(z, x)"),
    _tape(
        "y = x * x; d = tape.gradient(y, x); z = d * x", "[tape.gradient(d, x), tape.gradient(z, x)]", persistent=True
    ),
    _tape("with tape: pass", "1"),
    _tape("with tape.stop_recording():\n    y = x * x\nz = x * 3.0", "tape.gradient([y, z], x)"),
    _tape("y = x * x", "tape.stop_recording().__enter__()"),
    _tape("y = x * x; d = tape.gradient(y, x)", "tape.stop_recording().__enter__()"),
    _tape("y = x * x; tape.reset(); tape.watch(x); z = x * 3.0", "tape.gradient([y, z], x)"),
    _tape("y = x * x", "tape.reset()"),
    _tape("y = x * x", "with tape:\n    z = y * y\ntape.gradient(z, x)"),
    _tape("y = x * x", "tape.gradient(y, x)\nwith tape:\n    tape.watch(x)\n    z = x * 5.0\ntape.gradient(z, x)"),
    case("tf.GradientTape().gradient(x, x)", x=normal(3), grad=False),
    case("tf.GradientTape().stop_recording().__enter__()"),
    case("len(tf.GradientTape().watched_variables())"),
    # higher order
    _nested("x * x * x", "outer.gradient(dy, x)"),
    _nested("tf.exp(x) * x", "outer.gradient(dy, x)"),
    _nested("tf.reduce_sum(x * x) * x", "outer.jacobian(dy, x)"),
    _nested("tf.matmul(x, x, transpose_b=True) / 3.0", "outer.gradient(dy, x)", x=normal(3, 2)),
    _nested("tf.reduce_mean(tf.tanh(x)) ** 3.0", "outer.gradient(dy, x)"),
    _nested("tf.gather(x * x, [0, 0, 2]) ** 2.0", "outer.gradient(dy, x)"),
    case(
        """
with tf.GradientTape() as t3:
    t3.watch(x)
    with tf.GradientTape() as t2:
        t2.watch(x)
        with tf.GradientTape() as t1:
            t1.watch(x)
            y = x ** 4.0
        d1 = t1.gradient(y, x)
    d2 = t2.gradient(d1, x)
[d1, d2, t3.gradient(d2, x)]""",
        x=normal(3),
        grad=False,
        name="third order",
    ),
    # Jacobians
    _tape("y = x * x", "tape.jacobian(y, x)"),
    _tape("y = tf.reduce_sum(x * x)", "tape.jacobian(y, x)"),
    _tape("y = tf.tensordot(x, v, 0)", "tape.jacobian(y, {'x': x, 'v': v})", before=_VARIABLE),
    _tape("y = x * x", "tape.jacobian(y, [x, tf.constant([1.0])])"),
    _tape("y = x * x", "tape.jacobian(y, [x, tf.constant([1.0])], unconnected_gradients='zero')"),
    _tape("y = x[:0] * 2.0", "tape.jacobian(y, x)"),
    _tape("y = tf.gather(x, [1, 1])", "tape.jacobian(y, x)"),
    _tape("y = x * x", "tape.jacobian(y, x, experimental_use_pfor=False)"),
    _tape("y = x * x", "tape.jacobian(y, x, experimental_use_pfor=False)", persistent=True),
    _tape("y = x * x", "[tape.jacobian(y, x), tape.jacobian(y, x)]"),
    _tape("y = x * x", "[tape.jacobian(y, x), tape.gradient(y, x)]", persistent=True),
    _tape("y = x * x", "tape.jacobian([y], x)"),
    _tape("y = tf.matmul(x, x, transpose_a=True)", "tape.jacobian(y, x)", x=normal(3, 2)),
    _tape("y = x * x", "tape.batch_jacobian(y, x)", x=normal(3, 2)),
    _tape("y = tf.matmul(x, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]) ** 2.0", "tape.batch_jacobian(y, x)", x=normal(3, 2)),
    _tape("y = tf.tile(x, [1, 2, 1]) ** 2.0", "tape.batch_jacobian(y, x)", x=normal(3, 2, 2)),
    _tape("y = tf.ones([3, 2])", "tape.batch_jacobian(y, x)", x=normal(3, 2)),
    _tape("y = x * x", "tape.batch_jacobian(y, x)", x=normal(3)),
    _tape("y = x[:2] * 1.0", "tape.batch_jacobian(y, x)", x=normal(3, 2)),
    _tape("y = x * x", "tape.batch_jacobian(y, x, experimental_use_pfor=False)", x=normal(3, 2)),
    _tape("y = x * x", "tape.batch_jacobian(y, x, experimental_use_pfor=False)", x=normal(3, 2), persistent=True),
    _tape("y = x * x", "tape.gradient(y, x); tape.batch_jacobian(y, x)", x=normal(3, 2)),
    # sparse gradients
    _tape("y = tf.gather(x, [1, 1, 0])", "tape.gradient(y, x)"),
    _tape("y = tf.gather(x, [1, 1]); z = tf.gather(x, [0])", "tape.gradient([y, z], x)"),
    _tape("y = tf.gather(x, [1, 1]); z = x * x", "tape.gradient([y, z], x)"),
    _tape("y = tf.gather(x * x, [1, 1])", "tape.gradient(y, x)"),
    # custom gradients
    _custom("def f(a): return a * a, lambda dy: dy * 7.0", "f(x)"),
    _custom(
        "def f(a, b): return a * b, lambda dy: (dy * 7.0, dy * 8.0)",
        "f(x, z)",
        "x, z",
        x=normal(3),
        z=normal(3, seed=1),
    ),
    _custom("def f(a, b): return a * b, lambda dy: (dy, None)", "f(x, z)", "x, z", x=normal(3), z=normal(3, seed=1)),
    _custom("def f(a, b): return a * b, lambda dy: dy", "f(x, x)"),
    _custom("def f(a): return (a * 2.0, a * 3.0), lambda p, q: p * 10.0 + q * 100.0", "f(x)"),
    _custom("def f(a): return [a * 2.0, a * 3.0], lambda p, q: p * 10.0 + q * 100.0", "f(x)[0]"),
    _custom("def f(a): return {'p': a * 2.0, 'q': a * 3.0}, lambda p, q: p * 10.0 + q * 100.0", "f(x)"),
    _custom("def f(a): return {'p': a * 2.0, 'q': a * 3.0}, lambda d: d['p']", "f(x)"),
    _custom(
        "def f(d): return d['p'] * d['q'], lambda dy: {'p': dy, 'q': dy * 2.0}",
        "f({'p': x, 'q': z})",
        "x, z",
        x=normal(3),
        z=normal(3, seed=1),
    ),
    _custom("def f(a, n): return a * n, lambda dy: (dy * n, None)", "f(x, 3.0)"),
    _custom("def f(a, n=1.0): return a * n, lambda dy: dy * n", "f(x, n=4.0)"),
    _custom("def f(a): return a * v, lambda dy: dy * v", "f(x)"),
    _custom("def f(a): return a * v, lambda dy, variables=None: (dy * v, [dy * 5.0])", "f(x)", "x, v"),
    _custom("def f(a): return a * v, lambda dy, *, variables: (dy * v, [dy * 5.0])", "f(x)", "x, v"),
    _custom("def f(a): return a * v, lambda dy, **kw: (dy * v, [dy * 5.0])", "f(x)", "x, v"),
    _custom("def f(a): return a * v, lambda dy, variables=None: (dy * v, [])", "f(x)", "x, v"),
    _custom("def f(a): return a * 1.0, lambda dy: dy * 9.0", "f(v)", "v"),
    _custom("def f(a): return a", "f(x)"),
    _custom("def f(a): return a, lambda dy: dy * 9.0", "f(x)"),
    _custom("def f(a): return a, lambda dy: None", "f(x)"),
    _custom("def f(a): return tf.round(a), lambda dy: dy", "f(x) * x"),
    case(
        """
@tf.custom_gradient
def log1pexp(x):
    e = tf.exp(x)
    def grad(dy):
        return dy * (1.0 - 1.0 / (1.0 + e))
    return tf.math.log(1.0 + e), grad
with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = log1pexp(x)
    dy = inner.gradient(y, x)
[y, dy, outer.gradient(dy, x)]""",
        x=normal(3),
        grad=False,
        name="second order through a custom gradient",
    ),
    case(
        """
class Scale:
    @tf.custom_gradient
    def call(self, x):
        return x * 2.0, lambda dy: (None, dy * 5.0)
f = tf.custom_gradient(lambda x: (x * 2.0, lambda dy: dy * 5.0))
f(x)""",
        x=normal(3),
        name="custom gradient of a lambda",
    ),
    case("tf.custom_gradient()(lambda x: (x * 2.0, lambda dy: dy * 5.0))(x)", x=normal(3)),
    case("v = tf.Variable(2.0)\ntf.recompute_grad(lambda x: x * x * v)(x)", x=normal(3)),
    case("tf.recompute_grad(lambda x, k: (x * k, x * x))(x, k=3.0)", x=normal(3)),
    case("f = lambda x: x\ntf.recompute_grad(f).__wrapped__ is f"),
    _tape(
        "y = f(x)", "[y, tape.gradient(y, [x, v])]", before=_VARIABLE + "; f = tf.recompute_grad(lambda x: x * v * v)"
    ),
    _nested("tf.recompute_grad(lambda x: x * x * x)(x)", "outer.gradient(dy, x)"),
    case("tf.grad_pass_through(tf.round)(x) * x", x=normal(3)),
    _tape("y = tf.grad_pass_through(v.assign)(x ** 2.0)", "[y, tape.gradient(y, x), v.numpy()]", before=_VARIABLE),
    # forward
    _forward("x * x"),
    _forward("tf.exp(x) / (x * x + 1.0)"),
    _forward("tf.reduce_sum(x * x)"),
    _forward("tf.split(x, 3)"),
    _forward("tf.gather(x, [1, 1, 0])"),
    _forward("tf.concat([x, x * 2.0], 0)"),
    _forward("tf.matmul(x, x, transpose_b=True)", x=normal(3, 2), t=normal(3, 2, seed=1)),
    _forward("tf.einsum('ij,kj->ik', x, x * x)", x=normal(3, 2), t=normal(3, 2, seed=1)),
    _forward("tf.stop_gradient(x) * x"),
    _forward("x * v", "[x, v]", "[t, t * 2.0]"),
    _forward("v * v", "v", "t"),
    _forward("v", "v", "t"),
    _forward("tf.constant(1.0)"),
    _forward("tf.constant(1.0)", returns="acc.jvp(y, unconnected_gradients='zero')"),
    _forward("tf.constant(1.0)", returns="acc.jvp(y, unconnected_gradients='other')"),
    _forward("{'a': x * x, 'b': [x, v * 1.0]}"),
    _forward("tf.cast(x, tf.int32)"),
    _forward("x", tangents="[1.0, 2.0, 3.0]"),
    _forward("x", tangents="tf.ones([3], tf.float64)"),
    _forward("x", "[x, x]", "[t, t]"),
    _forward("x", "[x]", "[t, t]"),
    _forward("acc.__enter__()"),
    _forward("f(x)", before="f = tf.custom_gradient(lambda x: (x * x, lambda dy: dy * 5.0))"),
    _forward("f(x)", before="f = tf.custom_gradient(lambda x: (tf.round(x), lambda dy: dy * 5.0))"),
    _forward("acc.jvp(x * x)", returns="[y, acc.jvp(y)]"),
    case(
        """
with tf.autodiff.ForwardAccumulator(x, t) as outer:
    with tf.autodiff.ForwardAccumulator(x, t) as inner:
        y = x * x * x
    d = inner.jvp(y)
[d, outer.jvp(y), outer.jvp(d), inner.jvp(d)]""",
        x=normal(3),
        t=normal(3, seed=1),
        grad=False,
        name="nested accumulators",
    ),
    case(
        """
with tf.autodiff.ForwardAccumulator(x, t) as acc:
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(tf.exp(x) * x)
    d = tape.gradient(y, x)
[d, acc.jvp(d)]""",
        x=normal(3),
        t=normal(3, seed=1),
        grad=False,
        name="forward over backward",
    ),
    case(
        """
with tf.GradientTape() as tape:
    tape.watch(x)
    with tf.autodiff.ForwardAccumulator(x, t) as acc:
        y = tf.exp(x) * x
    d = acc.jvp(y)
[d, tape.gradient(d, x)]""",
        x=normal(3),
        t=normal(3, seed=1),
        grad=False,
        name="backward over forward",
    ),
    case("tf.RegisterGradient('Mul')(lambda op, dy: dy)"),
    case("tf.RegisterGradient(3)"),
    case("tf.no_gradient('Mul')"),
    case("tf.no_gradient(3)"),
    case("[tf.AggregationMethod.ADD_N, tf.AggregationMethod.EXPERIMENTAL_TREE, tf.UnconnectedGradients.ZERO.value]"),
]
