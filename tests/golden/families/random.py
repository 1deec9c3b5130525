"""Random numbers. Where TensorFlow's arithmetic is its own, the numbers are the same to the last bit."""

import numpy as np

from tests.golden.case import case, normal


def seeded(code, seed=5, **more):
    """A case that sets the global seed first; its results must be the same bits."""
    more.setdefault("rtol", 0)
    return case(f"tf.random.set_seed({seed!r})\n{code}", name=f"{seed!r}: {code}", **more)


def exact(code, **more):
    return case(code, rtol=0, **more)


REALS = ("float16", "bfloat16", "float32", "float64")
DISTRIBUTIONS = ("uniform", "normal", "truncated_normal")
ALPHA = np.float32([0.05, 0.3, 1.0, 1.5, 50.0])
RATE = np.float32([0.0, 0.1, 5.0, 9.99, 10.0, 50.0, 1000.0, 1e6])
TRUE = "[[0, 3], [5, 7], [1, 1]]"
BOUNDED = [(0, 1, -2, 2), (0, 1, 0.1, 0.2), (5, 2, -np.inf, 4), (0, 1, 3, np.inf), (1, 0.5, -3, -1), (0, 1, 4, 5)]

CASES = [
    # stateful: the op seed, the global seed, and how the stream goes on
    *[seeded(f"[tf.random.{d}([{n}], dtype='{t}') for _ in range(2)]", rtol=1e-14 if t == "float64" else 0)
      for d in DISTRIBUTIONS for t in REALS for n in (1, 7, 203)],
    *[seeded(f"[tf.random.{d}([n], seed=1) for n in (3, 3, 4)]", seed) for d in DISTRIBUTIONS for seed in (5, None, 0)],
    seeded("[tf.random.uniform([2], seed=s) for s in (0, -1, 2**31 - 1, 2**31, 2**40 + 3, True, np.int64(7))]", 0),
    seeded("[tf.random.uniform([2], seed=1, dtype=t) for t in ('float32', 'float16', 'float32', 'float16')]"),
    seeded("[tf.random.uniform([2], seed=1), tf.random.normal([2], seed=1), tf.random.uniform([2], seed=1)]"),
    *[seeded("tf.random.uniform([2]), tf.random.uniform([2], seed=3)", s)
      for s in (0, 1, -1, 2**31 - 1, 2**31, 2**40 + 3, 1.5, True)],
    case("tf.random.set_seed(np.array(7))\ntf.random.uniform([2])", rtol=0),
    case("tf.random.set_seed(tf.constant(7))\ntf.random.uniform([2])", rtol=0),
    seeded("tf.random.uniform([2], seed='a')"),
    seeded("tf.random.uniform([2], seed=[1])"),
    seeded("tf.random.normal([3, 2], [1.0, 2.0], 0.5)"),
    seeded("tf.random.normal([3, 2], mean=1, stddev=np.float64(3.0), dtype=tf.float64)", rtol=1e-14),
    seeded("tf.random.normal([2], m, s)", m=normal(2, 2), s=normal(2)),
    seeded("tf.random.truncated_normal([2, 3], m, s, seed=2)", m=normal(1), s=normal(3)),
    seeded("tf.random.uniform([2, 2], low, high)", low=normal(2), high=normal(2, 1)),
    seeded("tf.random.uniform([3], 0, high)", high=normal(3)),
    seeded("tf.random.uniform([3], 0, 2), tf.random.uniform([3], 0.0, 1.0), tf.random.uniform([3], -0.05, 0.05)"),
    seeded("[tf.random.uniform([5], a, b, tf.int32, seed=1) for a, b in ((0, 10), (-7, 5), (-2**31, 2**31 - 1))]"),
    seeded("[tf.random.uniform([5], a, b, tf.int64) for a, b in ((0, 10), (-7, 5), (-2**63, 2**63 - 1))]"),
    seeded("tf.random.uniform([0], 5, 5, tf.int32)"),
    *[seeded(f"[tf.random.gamma({s}, ALPHA, seed=3) for _ in range(2)]".replace("ALPHA", "[0.05, 0.3, 1.0, 1.5, 50.0]"), rtol=1e-6)
      for s in ([150], [], [0], [2, 3])],
    seeded("tf.random.gamma([40], 2.5, beta=[[1.0], [2.0]])", rtol=1e-6),
    seeded("tf.random.gamma([40], tf.constant([0.5, 2.5], tf.float64), dtype=tf.float64)", rtol=1e-13),
    seeded("tf.random.gamma([40], tf.constant([0.5, 2.5], tf.float16), dtype=tf.float16)", rtol=1e-3),
    seeded("tf.random.gamma([20], alpha, beta)", alpha=ALPHA, beta=np.float32([2.0]), rtol=1e-4),
    seeded("tf.random.gamma([2], alpha)", alpha=np.float32([-1.0, 0.0, np.nan, np.inf]), grad=False),
    *[seeded(f"tf.random.poisson([90], rate, dtype='{t}')", rate=RATE[: 7 if t == "float16" else None], grad=False)
      for t in ("float16", "float32", "float64", "int32", "int64")],
    seeded("[tf.random.poisson([3], r, seed=1) for r in (2, 2.0, np.float64(2.0))]"),
    seeded("tf.random.poisson([2], [-1.0, 0.0])"),
    seeded("tf.random.poisson([], [1.0]), tf.random.poisson([0], [1.0]), tf.random.poisson([2], [])"),
    *[seeded(f"[tf.random.categorical(tf.cast(x, '{t}'), {n}, seed=2) for _ in range(2)]", x=normal(b, c), grad=False)
      for t in REALS for b, c, n in ((1, 5, 7), (4, 3, 3), (2, 100, 5), (9, 4, 1))],
    seeded("tf.random.categorical([[np.inf, 0.0, 1.0], [np.nan, 0.0, 0.0], [-np.inf] * 3], 6, dtype=tf.int32)"),
    seeded("tf.random.categorical([[1.0, 2.0]], 0), tf.random.categorical(np.zeros((0, 2), 'f'), 3)"),
    *[seeded(f"[tf.random.shuffle(tf.range({n}), seed=1) for _ in range(3)]") for n in (0, 1, 2, 9, 300)],
    seeded("tf.random.shuffle(tf.reshape(tf.range(12), [4, 3])), tf.random.shuffle(['a', 'b', 'c']), tf.random.shuffle(5)"),
    *[seeded(f"[tf.random.{s}_candidate_sampler({TRUE}, 2, {n}, {u}, 40, seed=9{more}) for _ in range(3)]", rtol=1e-5)
      for s, more in (("uniform", ""), ("log_uniform", ""), ("learned_unigram", ""),
                      ("fixed_unigram", ", unigrams=[float(i) for i in range(1, 41)]"),
                      ("fixed_unigram", ", unigrams=[float(i) for i in range(1, 39)], distortion=0.75, num_reserved_ids=2"))
      for n in (1, 4, 30) for u in (True, False)],
    *[seeded(f"tf.random.fixed_unigram_candidate_sampler([list(range({n}))], {n}, 2, False, {n}, num_shards=3, shard={s}, "
             f"num_reserved_ids={r}, unigrams=[float(i) for i in range(1, 11)])", rtol=1e-5)
      for r, s, n in ((1, 0, 4), (2, 1, 5), (4, 0, 5), (4, 2, 4))],
    case("tf.random.all_candidate_sampler([[0, 1]], 2, 4, True)"),
    seeded("tf.raw_ops.ParameterizedTruncatedNormal(shape=[6, 5], means=p[0], stdevs=p[1], minvals=p[2], maxvals=p[3], seed=5, seed2=7)",
           p=np.float32(BOUNDED).T, grad=False, rtol=1e-6),
    seeded("tf.raw_ops.ParameterizedTruncatedNormal(shape=[9, 9], means=1.0, stdevs=2.0, minvals=-1.0, maxvals=1.5, seed=5, seed2=7)",
           rtol=1e-6),
    # stateless
    *[case(f"tf.random.stateless_{d}([{n}], seed={s}, dtype='{t}')", rtol=1e-14 if t == "float64" else 0)
      for d in DISTRIBUTIONS for t in REALS for s, n in (([1, 2], 203), ([0, 0], 2), ([-5, 2**62 + 17], 30))],
    exact("tf.random.stateless_uniform([4], [1, 2], -1.0, 1.0), tf.random.stateless_uniform([4], [1, 2], maxval=3)"),
    exact("[tf.random.stateless_uniform([5], [1, 2], None, None, t) for t in ('int32', 'int64', 'uint32', 'uint64')]"),
    exact("[tf.random.stateless_uniform([5], [1, 2], -3, 8, t) for t in ('int32', 'int64')]"),
    exact("tf.random.stateless_normal([3, 2], tf.constant([1, 2], tf.int64), m, s)", m=normal(2), s=normal(3, 1)),
    exact("[tf.random.stateless_uniform([2], [1, 2], alg=a) for a in (1, 'philox', 'Auto-Select', None, 3, tf.random.Algorithm.PHILOX)]"),
    case("tf.random.stateless_gamma([150, 5], [3, 7], alpha)", alpha=ALPHA, rtol=1e-3),
    case("tf.random.stateless_gamma([3, 2, 5], [3, 7], alpha, beta)", alpha=ALPHA, beta=np.float32([[1.0], [3.0]]), rtol=1e-4),
    case("tf.random.stateless_gamma([150, 2], [3, 7], tf.constant([0.5, 2.5], tf.float64), dtype=tf.float64)", rtol=1e-13),
    *[exact(f"tf.random.stateless_poisson([90, 8], [3, 7], rate, '{t}')", rate=RATE, grad=False) for t in ("int32", "float64")],
    *[exact(f"tf.random.stateless_binomial([90, 4, 7], [3, 7], tf.constant([[0], [5], [40], [1e5]], '{t}'), "
            f"tf.constant([0.0, 0.01, 0.2, 0.5, 0.7, 0.999, 1.0], '{t}'), output_dtype=tf.float64)")
      for t in ("float16", "float32", "float64")],
    exact("tf.random.stateless_binomial([2, 6], [3, 7], [5.0, 5.0, 5.0, 5.0, -1.0, 5.0], [-0.5, 1.5, np.nan, 0.5, 0.5, np.inf], tf.float32)"),
    exact("tf.random.stateless_binomial([2], [3, 7], counts=5, probs=1), tf.random.stateless_binomial([0, 2], [3, 7], [5, 5], 0.5)"),
    *[exact(f"tf.random.stateless_categorical(tf.cast(x, '{t}'), 5, [3, 7])", x=normal(4, 6), grad=False) for t in REALS],
    *[case("tf.random.stateless_parameterized_truncated_normal([23], [3, 7], m, s, low, high)", name=f"bounded normal {m, s, low, high}",
           m=np.array(m, "d"), s=np.array(s, "d"), low=np.array(low, "d"), high=np.array(high, "d"), rtol=1e-9)
      for m, s, low, high in BOUNDED],
    case("tf.random.stateless_parameterized_truncated_normal([5, 6], [3, 7], p[0], p[1], p[2], p[3])", p=np.float64(BOUNDED).T, rtol=1e-9),
    case("tf.random.stateless_parameterized_truncated_normal([5, 2, 3], [3, 7], m, s, low, high)", m=normal(3), s=np.float32([[1.0], [2.0]]),
         low=np.float32([-1.0]), high=np.float32([1.0, 2.0, 3.0]), rtol=1e-4),
    exact("tf.random.split([1, 2], 3), tf.random.split(tf.constant([1, 2], tf.int64)), tf.random.split([5, -9], 3, alg='philox')"),
    exact("tf.random.fold_in([1, 2], 3), tf.random.fold_in([1, 2], tf.constant(3, tf.int64)), tf.random.experimental.stateless_fold_in([1, 2], -1)"),
    exact("[tf.random.experimental.stateless_shuffle(tf.range(n), [1, 2]) for n in (0, 1, 2, 50)]"),
    exact("tf.random.experimental.index_shuffle(tf.range(50), [5, 9], 49), tf.random.experimental.index_shuffle(0, [5, 9], 0)"),
    exact("tf.random.experimental.index_shuffle(tf.range(300, dtype=tf.int64), tf.constant([5, 9], tf.int64), tf.constant(2**40, tf.int64))"),
    exact("tf.random.experimental.index_shuffle(tf.constant([3, 4], tf.uint64), [-5, 9], 7)"),
    # generators
    exact("g = tf.random.Generator.from_seed(1)\n[g.normal([2]), g.uniform([3]), g.truncated_normal([2]), g.uniform_full_int([2]), "
          "g.uniform([2], 0, 10, tf.int32), g.uniform([2], None, dtype=tf.int64), g.uniform([2], -1.0, 1.0), g.state]"),
    exact("g = tf.random.Generator.from_seed(1)\n[g.skip(10), g.state, g.skip(-10), g.state, g.skip(tf.constant(3)), g.state, g.key, g.algorithm]"),
    exact("g = tf.random.Generator.from_seed(1)\n[g.make_seeds(3), g.make_seeds(), *[x.state for x in g.split(3)], len(g.split(0))]"),
    exact("g = tf.random.Generator.from_seed(1)\n[g.binomial([2], [3.0, 4.0], [0.2, 0.9]), g.state, g.binomial([2], 3.0, 0.5, tf.float32), g.state, "
          "g.binomial([0], 3.0, 0.5), g.state]"),
    exact("[tf.random.Generator.from_seed(s, alg=a).state for a in (None, 'philox', 'threefry', 3) for s in (1, -1, 2**64 - 1, 2**70 + 5)]"),
    exact("[tf.random.create_rng_state(s, 1) for s in ([1, 2], [1, 2, 3, 4], [[1], [2]], 1.5, tf.constant(5), [2**64 - 1])]"),
    exact("g = tf.random.Generator.from_state([2**64 - 1, 2**64 - 1, 5], alg='philox')\n[g.normal([2]), g.state]"),
    exact("v = tf.Variable([1, 2, 3], dtype=tf.int64)\ng = tf.random.Generator.from_state(v, alg=1)\n[g.normal([2]), v, g.state is v]"),
    exact("g = tf.random.Generator.from_key_counter(2**64 - 1, [2**63, 2], 1)\n[g.state, g.normal([]), g.state]"),
    exact("g = tf.random.Generator.from_seed(1)\ng.reset([4, 5, 6])\na = g.state.numpy()\ng.reset_from_seed(7)\nb = g.state.numpy()\n"
          "g.reset_from_key_counter(7, [8, 9])\n[a, b, g.state, tf.random.Generator(copy_from=g).state]"),
    exact("g = tf.random.Generator.from_seed(1)\n[g.state.name, g.state.trainable, g.normal([2, 3], [1.0, 2.0, 3.0])]"),
    exact("g = tf.random.Generator.from_seed(4)\ntf.random.set_global_generator(g)\n[tf.random.get_global_generator() is g, g.normal([1])]"),
    # raw ops
    exact("tf.raw_ops.StatelessRandomGetKeyCounter(seed=[1, 2]), tf.raw_ops.StatelessRandomGetKeyCounterAlg(seed=[-5, 2**62])"),
    exact("tf.raw_ops.StatelessRandomGetAlg()"),
    *[exact(f"tf.raw_ops.{name}(shape=[5], seed=[1, 2], dtype=tf.float32)")
      for name in ("StatelessRandomUniform", "StatelessRandomNormal", "StatelessTruncatedNormal")],
    exact("tf.raw_ops.StatelessRandomUniformFullInt(shape=[5], seed=[1, 2], dtype=tf.int64)"),
    exact("tf.raw_ops.StatelessRandomUniformInt(shape=[5], seed=[1, 2], minval=-4, maxval=9)"),
    case("tf.raw_ops.StatelessRandomGammaV2(shape=[9, 5], seed=[1, 2], alpha=alpha)", alpha=ALPHA, rtol=1e-3),
    exact("tf.raw_ops.StatelessRandomUniformFullIntV2(shape=[99], key=tf.constant([77], tf.uint64), "
          "counter=tf.constant([2**64 - 3, 2**64 - 1], tf.uint64), alg=1, dtype=tf.uint32)"),
    exact("tf.raw_ops.RandomUniform(shape=[2], dtype=tf.float32, seed=87654321, seed2=3)"),
    case("tf.raw_ops.RandomGammaGrad(alpha=a, sample=x)", grad=False, rtol=1e-9,
         a=np.float64([[0.05], [0.3], [1], [2.5], [10]]), x=np.float64([0, 1e-5, 0.1, 0.9, 1, 1.1, 2, 5, 20])),
    # errors
    *[case(f"tf.random.{call}") for call in (
        "normal(3)", "normal([2.5])", "normal([-1])", "normal([[1, 2]])", "normal([None, 2])", "normal('ab')", "normal(None)",
        "normal([2], dtype=tf.int32)", "normal([2], dtype=tf.complex64)", "normal([2], mean=tf.constant(1.0, tf.float64))",
        "normal([2], mean=[1.0, 2.0, 3.0])", "truncated_normal([3], stddev=[1, 2])", "uniform([2], dtype=tf.int32)",
        "uniform([2], minval=None)", "uniform([2], 5, 5, tf.int32)", "uniform([2], [1, 2], [3, 4], tf.int32)",
        "uniform([2], 1.5, 4, tf.int32)", "uniform([2], dtype=tf.uint8)", "uniform([2], dtype='foo')", "shuffle(None)",
        "categorical([1.0, 2.0], 3)", "categorical([[1.0, 2.0]], -1)", "categorical([[]], 1)", "categorical([[1.0, 2.0]], [1])",
        "categorical([[1.0, 2.0]], 2.5)", "categorical([[1.0, 2.0]], 2, tf.float32)", "gamma(2, [1.0])", "gamma([2], 1, dtype=tf.int32)",
        "gamma([2], tf.constant([1.0], tf.float64))", "poisson([2], 3, dtype=tf.int8)", "poisson([2], 'a')", "stateless_uniform([2], 1)",
        "stateless_uniform([2], [1, 2, 3])", "stateless_uniform([2], [1.0, 2.0])", "stateless_uniform([2], tf.constant([1, 2], tf.uint32))",
        "stateless_uniform([2], [1, 2], dtype=tf.int32)", "stateless_uniform([2], [1, 2], None, 5, tf.int32)",
        "stateless_uniform([2], [1, 2], 0, 5, tf.uint32)", "stateless_uniform([2], [1, 2], 5, 5, tf.int32)",
        "stateless_uniform([2], [1, 2], None)", "stateless_uniform([2], [1, 2], alg='threefry')", "stateless_uniform([2], [1, 2], alg='foo')",
        "stateless_uniform([2], [1, 2], alg=7)", "stateless_uniform([2], [1, 2], alg=2.5)", "stateless_uniform([2], [1, 2], dtype=tf.int8)",
        "stateless_normal([2], [1, 2], dtype=tf.int32)", "stateless_categorical([[1.0, 2.0]], 3, [1, 2, 3])",
        "stateless_gamma([2], [1, 2], [1.0, 2.0, 3.0])", "stateless_poisson([2], [1, 2], [1.0, 2.0, 3.0])",
        "stateless_binomial([2], [1, 2], [1, 2, 3], 0.5)", "stateless_binomial([2, 3], [1, 2], [1, 2, 3], [0.1, 0.2])",
        "stateless_parameterized_truncated_normal([3], [1, 2], 1)", "stateless_parameterized_truncated_normal([3], [1, 2], minvals=3.0)",
        "stateless_parameterized_truncated_normal([3], [1, 2], stddevs=-1.0)",
        "stateless_parameterized_truncated_normal([3], [1, 2], [1.0, 2.0])", "split([1.0, 2.0])", "fold_in([1, 2], 3.0)", "fold_in([1, 2], [3])",
        "experimental.index_shuffle(7, [1, 2], 5)", "experimental.index_shuffle(-1, [1, 2], 5)", "experimental.index_shuffle(3, [1, 2, 3], 5)",
        "uniform_candidate_sampler([[0, 1]], 2, 4, True, 3)", "uniform_candidate_sampler([[0, 1]], 1, 4, True, 30)",
        "uniform_candidate_sampler([[0, 31]], 2, 4, True, 30)", "uniform_candidate_sampler([0, 1], 2, 4, True, 30)",
        "uniform_candidate_sampler([[0, 1]], 2, 4, True, 0)", "uniform_candidate_sampler(tf.constant([[0, 1]]), 2, 4, True, 30)",
        "fixed_unigram_candidate_sampler([[0]], 1, 2, True, 4)", "fixed_unigram_candidate_sampler([[0]], 1, 2, True, 4, unigrams=[1.0])",
        "log_uniform_candidate_sampler([[0]], 1, 0, True, 4)", "Generator.from_state([1, 2], alg=1)", "Generator.from_seed(1).normal(3)",
        "Generator.from_seed(1).normal([2], dtype=tf.int32)", "Generator.from_seed(1).uniform([2], dtype=tf.int32)",
        "Generator.from_seed(1, alg='threefry').normal([2])", "Generator.from_seed(1).uniform_full_int([2], tf.uint8)",
        "Generator.from_seed(1).uniform([2], 3, 3, tf.int32)", "Generator.from_seed(1).binomial([2], 3, 0.5)",
        "Generator.from_seed(1).reset([4, 5])", "Generator.from_key_counter([5], [1, 2], 1)", "Generator.from_key_counter(5, [1], 1)",
    )],
]  # fmt: skip
