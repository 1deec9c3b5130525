"""Layers that prepare data: what they learn, what they give eagerly and in functions, configurations."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.golden.case import Case, case, normal
from tests.golden.layer_case import text

SENTENCES = ["The cat sat. on the mat!", "the dog; ate THE cat", "", "héllo wörld世 a,b,,c  the "]
WORDS = [["a", "c"], [["a"], ["b"]], "a", [["a", "b"], ["m", "a"]], [[["a", "c"], ["b", "b"]]]]
INTEGERS = [[5, 9, 7, 100], [[5], [9]], 5, [[5, 6], [7, 9]]]
NUMBERS = [[-1.0, 0.0, 1.5, 7.0], [[-1.0, 0.0], [1.5, 7.0]], [[1.0], [2.0]], 1.0, [1, 2, 3]]
BATCH = normal(4, 5, 3) * 3 + 2


class Ragged(list):
    """Rows that become a RaggedTensor."""


class Sparse(list):
    """A matrix that becomes a SparseTensor."""


class Batches(list):
    """Batches of data to adapt to."""


def _given(tf: Any, value: Any) -> Any:
    if isinstance(value, Ragged):
        return tf.ragged.constant(list(value))
    if isinstance(value, Sparse):
        return tf.sparse.from_dense(list(value))
    return iter(value) if isinstance(value, Batches) else value


def _tried(run: Any) -> Any:
    try:
        return run()
    except Exception as error:
        return f"error {'ValueError' if isinstance(error, ValueError) else type(error).__name__}"


def prepared(
    kind: str,
    inputs: list,
    *args: Any,
    adapt: Any = None,
    symbols: tuple = (),
    symbol_dtype: str = "float32",
    **kwargs: Any,
) -> Case:
    """A case of a layer: what it learned, its outputs, its shapes, its configuration.

    Args:
      kind: class in `keras.layers`.
      inputs: what it is called on, one after the other.
      *args, **kwargs: its arguments.
      adapt: data that it adapts to.
      symbols: shapes of rows of inputs of this dtype that it is called on in a functional model.
    """

    def run(tf: Any) -> dict[str, Any]:
        tf.keras.backend.clear_session()
        layer = getattr(tf.keras.layers, kind)(*args, **kwargs)
        if adapt is not None:
            layer.adapt(_given(tf, adapt))
        found: dict[str, Any] = {}
        for i, value in enumerate(inputs):
            tensor = _given(tf, value)
            found[f"out {i}"] = _tried(lambda value=tensor: layer(value))
            if not isinstance(value, (Ragged, Sparse)):
                traced = tf.function(lambda x: layer(x))
                found[f"traced {i}"] = _tried(lambda value=value, f=traced: f(tf.constant(value)))
        if hasattr(layer, "get_vocabulary"):
            words = [layer.get_vocabulary(), layer.get_vocabulary(include_special_tokens=False)]
            found["vocabulary"] = repr([[str(w) for w in some] for some in words])
            found["size"] = int(layer.vocabulary_size())
        config = layer.get_config()
        found["config"] = text(config)
        found["copied"] = text(type(layer).from_config(dict(config)).get_config()) == text(config)
        found["dtypes"] = f"{layer.dtype} {layer.compute_dtype} {layer.supports_masking}"
        found["weights"] = [np.asarray(w) for w in layer.get_weights()]
        for shape in symbols:
            output = _tried(lambda shape=shape: layer(tf.keras.Input(shape, dtype=symbol_dtype)))
            found[f"symbol {shape}"] = output if isinstance(output, str) else f"{tuple(output.shape)} {output.dtype}"
        return found

    label = f"{kind}({', '.join([*map(str, args), *[f'{k}={v}' for k, v in kwargs.items()]])}) {str(adapt)[:40]}"
    return case(run, grad=False, rtol=2e-5, atol=2e-5, name=label)


def refused(code: str) -> Case:
    return case(f"tf.keras.layers.{code}.get_config()")


MODES = ("int", "one_hot", "multi_hot", "count")
ROWS = Ragged([["a"], []])
LOOKUPS = [
    prepared("StringLookup", [*WORDS, *([] if mode == "one_hot" else [ROWS])], vocabulary=["a", "b"], output_mode=mode,
             symbols=((3,), (1,), ()), symbol_dtype="string", **kwargs)
    for mode in MODES
    for kwargs in (
        {}, {"mask_token": "m"}, {"num_oov_indices": 0}, {"num_oov_indices": 3, "salt": 5},
        {"max_tokens": 6, "pad_to_max_tokens": True}, {"num_oov_indices": 3, "mask_token": "m"},
    )
]  # fmt: skip
LOOKUPS += [
    prepared("IntegerLookup", INTEGERS, vocabulary=[5, 9], output_mode=mode, **kwargs)
    for mode in MODES
    for kwargs in ({}, {"mask_token": 7}, {"num_oov_indices": 3}, {"num_oov_indices": 3, "oov_method": "farmhash", "salt": [1, 2]})
]  # fmt: skip
LOOKUPS += [
    prepared("StringLookup", [["a", "b", "q"], [["a", "b"], ["a", "q"]]], adapt=data, **kwargs)
    for data in (["b", "a", "b", "c"], [["b", "a"], ["b", "c"]], Ragged([["a"], ["b", "b", "c", ""]]), Batches([[["a", "b"], ["b", "b"]], [["c", "[UNK]"]]]))
    for kwargs in ({}, {"max_tokens": 3}, {"mask_token": ""}, {"output_mode": "tf_idf"}, {"output_mode": "tf_idf", "max_tokens": 8, "pad_to_max_tokens": True})
]  # fmt: skip
LOOKUPS += [
    prepared("StringLookup", [[0, 1, 2, 3], [[1], [9]]], vocabulary=["a", "b"], invert=True),
    prepared("StringLookup", [[0, 1, 2, 3]], vocabulary=["a", "b"], invert=True, mask_token="m"),
    prepared("IntegerLookup", [[0, 1, 2, 3]], vocabulary=[5, 7], invert=True),
    prepared("StringLookup", [["a", "c"]], vocabulary=["a"], output_mode="count", sparse=True),
    prepared("StringLookup", [["a", "c"], [["a", "c"], ["b", "b"]]], vocabulary=["a", "b"], output_mode="tf_idf", idf_weights=[0.5, 0.25]),
    prepared("StringLookup", [["a", "c"]], vocabulary=["[UNK]", "a"]),
    prepared("StringLookup", [["a"]]),
    prepared("StringLookup", [["a"]], output_mode="count"),
    prepared("StringLookup", [["a"]], vocabulary=["a"], adapt=["a"]),
]  # fmt: skip

TEXTS = [SENTENCES, [[s] for s in SENTENCES], "the cat", [["the", "cat"]]]
VECTORIZED = [
    prepared("TextVectorization", TEXTS, adapt=SENTENCES, symbols=((), (1,)), symbol_dtype="string", **kwargs)
    for kwargs in (
        {}, {"standardize": "lower"}, {"standardize": "strip_punctuation"}, {"standardize": None}, {"split": "character"}, {"split": None},
        {"ngrams": 2}, {"ngrams": (1, 3)}, {"output_sequence_length": 3}, {"output_sequence_length": 9}, {"output_mode": "multi_hot"},
        {"output_mode": "count", "max_tokens": 20, "pad_to_max_tokens": True}, {"output_mode": "tf_idf"},
        {"output_mode": "tf-idf", "ngrams": 2, "max_tokens": 6}, {"ragged": True}, {"ragged": True, "output_sequence_length": 2},
        {"sparse": True, "output_mode": "count"}, {"max_tokens": 5}, {"split": None, "output_sequence_length": 3},
    )
]  # fmt: skip
VECTORIZED += [
    prepared("TextVectorization", [["a b", "a c c"]], vocabulary=["a", "b"], idf_weights=[1.0, 2.0], output_mode="tf_idf"),
    prepared("TextVectorization", [["a b", "a c c"]], vocabulary=["", "[UNK]", "a", "b"]),
    prepared("TextVectorization", [["x"]]),
]  # fmt: skip

OTHERS = [
    prepared("CategoryEncoding", [[0, 2, 2], [[0, 2, 2], [1, 1, 7]], [[0], [1]], 1, [[[0, 1], [2, 2]]], Ragged([[0, 1], [], [2]])], 3,
             output_mode=mode, symbols=((), (1,), (3,)), symbol_dtype="int32", **kwargs)
    for mode in ("one_hot", "multi_hot", "count")
    for kwargs in ({}, {"dtype": "int32"})
] + [
    prepared("Hashing", [["a", "b", "c"], [["a", "b"], ["c", "a"]], [["a"], ["b"]]], 5, symbols=((), (1,), (3,)), **kwargs)
    for kwargs in (
        {}, {"mask_value": "a"}, {"salt": 5}, {"salt": (1, 2)}, {"output_mode": "one_hot"}, {"output_mode": "multi_hot"},
        {"output_mode": "count", "sparse": True}, {"mask_value": "a", "salt": 3, "output_mode": "count"},
    )
] + [
    prepared("Hashing", [[1, 2, 3], [1.5, 2.5], [[7], [8]]], 5, **kwargs) for kwargs in ({}, {"salt": 5}, {"output_mode": "count"})
] + [
    prepared("Discretization", [*NUMBERS, Ragged([[0.5, 1.0], [], [7.0]])], [0.0, 1.0, 2.5], symbols=((), (1,), (3,)), **kwargs)
    for kwargs in ({}, {"output_mode": "one_hot"}, {"output_mode": "multi_hot"}, {"output_mode": "count"})
] + [
    prepared("Discretization", [[-1.0, 0.0, 1.0]], num_bins=bins, adapt=data)
    for bins in (2, 4, 10)
    for data in (normal(1000), normal(50, 10), normal(5), Batches([normal(300), normal(400)]))
] + [
    prepared("Normalization", [BATCH[:2]], adapt=data, symbols=((5, 3),), **kwargs)
    for kwargs in ({}, {"axis": None}, {"axis": 1}, {"axis": (1, 2)}, {"axis": -2}, {"invert": True})
    for data in (BATCH, Batches([BATCH[:1], BATCH[1:]]), Batches([(BATCH[:2], 1), (BATCH[2:], 2)]))
] + [
    prepared("Normalization", [BATCH[:2]], **kwargs)
    for kwargs in ({"mean": 1.0, "variance": 4.0}, {"mean": [1.0, 2.0, 3.0], "variance": [1.0, 2.0, 4.0]},
                   {"axis": (1, 2), "mean": [1.0, 2.0, 3.0], "variance": [1.0, 2.0, 4.0]}, {})
] + [
    prepared("Rescaling", [BATCH[:1], [1, 2, 3]], symbols=((5, 3),), **kwargs)
    for kwargs in ({"scale": 2.0}, {"scale": 2, "offset": 1}, {"scale": [1.0, 2.0, 3.0], "offset": [0.1, 0.2, 0.3]}, {"scale": 1 / 255, "dtype": "float16"})
]  # fmt: skip

MISTAKES = """
StringLookup(vocabulary=['a', 'a']); StringLookup(vocabulary=[]); StringLookup(max_tokens=1); StringLookup(vocabulary=['a', 'm'], mask_token='m')
StringLookup(vocabulary=['a', 'b', 'c'], max_tokens=3); StringLookup(output_mode='x'); StringLookup(sparse=True); StringLookup(vocabulary='/nope')
StringLookup(idf_weights=[1.0]); StringLookup(vocabulary=['a'], output_mode='tf_idf'); StringLookup(pad_to_max_tokens=True); StringLookup(num_oov_indices=-1)
StringLookup(salt='x'); IntegerLookup(salt=3); IntegerLookup(vocabulary_dtype='int32'); StringLookup(invert=True, output_mode='count')
StringLookup(vocabulary=['a', '[UNK]'], invert=True); TextVectorization(standardize='x'); TextVectorization(split='x'); TextVectorization(ngrams='x')
TextVectorization(output_mode='x'); TextVectorization(output_mode='count', output_sequence_length=3); TextVectorization(ragged=True, output_mode='count')
TextVectorization(output_sequence_length='a'); CategoryEncoding(); CategoryEncoding(0); CategoryEncoding(3, output_mode='int'); Hashing(0); Hashing(None)
Hashing(3, output_mode='x'); Hashing(3, sparse=True); Hashing(3, salt='a'); Hashing(3, dtype='float32'); HashedCrossing(3, output_mode='count')
Discretization(); Discretization([1.0], num_bins=3); Discretization(num_bins=-1); Discretization([1.0], sparse=True); Discretization([1.0], output_mode='x')
Normalization(mean=1.0); Normalization(mean=[1.0], variance=1.0); Normalization(axis=None, mean=[1.0], variance=[2.0])
"""

CROSSES = """
layers.HashedCrossing(5)((['A', 'B', 'A', 'B'], [101, 101, 101, 102])); layers.HashedCrossing(5)(([['A'], ['B']], [[1], [2]])); layers.HashedCrossing(5)(('A', 1))
layers.HashedCrossing(5)((['A'], ['b'], [3])); layers.HashedCrossing(5)((['A'],)); layers.HashedCrossing(5)('A'); layers.HashedCrossing(5)(([1.5], [2]))
layers.HashedCrossing(5)(([['A', 'B']], [[1, 2]])); layers.HashedCrossing(5)((['A'], [1, 2])); layers.HashedCrossing(5, dtype='int32')((['A'], [1]))
layers.HashedCrossing(5, output_mode='one_hot')((['A', 'B'], [1, 2])); layers.HashedCrossing(5, output_mode='one_hot', sparse=True)((['A', 'B'], [1, 2]))
str(layers.HashedCrossing(5, name='x').get_config()); layers.CategoryEncoding(3, output_mode='count')([[0, 2, 2]], count_weights=[[0.1, 0.2, 0.3]])
layers.CategoryEncoding(3, sparse=True)(np.array([[0, 2], [1, 1]])); layers.CategoryEncoding(3, output_mode='one_hot', sparse=True)(np.array([0, 2]))
layers.CategoryEncoding(3)([0, 1], count_weights=[1.0, 2.0]); layers.Discretization(num_bins=3)([1.0]); layers.Discretization([1.0]).adapt([1.0])
layers.Normalization().adapt([1.0, 2.0]); layers.Normalization().adapt(3); layers.Normalization().adapt([])
"""

CASES = [
    *LOOKUPS,
    *VECTORIZED,
    *OTHERS,
    *(refused(code.strip()) for line in MISTAKES.strip().splitlines() for code in line.split("; ")),
    *(
        case(f"layers = tf.keras.layers\n{code.strip()}", name=code.strip())
        for line in CROSSES.strip().splitlines()
        for code in line.split("; ")
    ),
]
