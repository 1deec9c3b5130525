"""Whether TensorFlow runs the graphs that Tenfold writes of every op and its gradient; run by hand, the halves in two environments.

python -m tests.golden.check_graph_ops write FOLDER   # where tenfold and pytest are
python -m tests.golden.check_graph_ops read FOLDER    # where tensorflow-cpu==2.21.0 is
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np

NOT_COMPARED = {
    "ApproxTopK": "TensorFlow has no kernel for the second sample",
    "Complex": "the sample is of float64 only",
    "Eig": "the sample is of float64 only",
    "IsotonicRegression": "the sample is of float64 only",
    "MaxPoolGradGradWithArgmax": "TensorFlow has no kernel",
    "MaxPoolGradWithArgmax": "TensorFlow has no kernel for its gradient",
    "RaggedTensorToTensor": "TensorFlow must know a shape of -1 when it reads the graph",
    "SelfAdjointEigV2": "vectors may point the other way",
    "Svd": "vectors may point the other way",
}


def write(folder: Path) -> int:
    from tenfold.core.op import REGISTRY
    from tests.saved_model.test_every_op import SAMPLES, case_of, graph_of

    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(REGISTRY.keys() - NOT_COMPARED.keys()):
        for i, sample in enumerate(SAMPLES[name]):
            function, expected = case_of(name, sample)
            for with_gradients in (False, True):
                graph = graph_of(function, with_gradients)
                message = graph.as_graph_def()
                count = len(graph.outputs)
                wanted = [x for x in expected if x is not None][:count]
                is_fixed = sample.repeats and not REGISTRY[name].has_effects
                np.savez(
                    folder / f"{name}_{i}_{with_gradients}.npz",
                    graph=np.frombuffer(message.SerializeToString(), np.uint8),
                    names=np.array([node.name for node in message.node if node.op == "Placeholder"], str),
                    results=np.array([node.name for node in message.node if node.op == "Identity"][-count:], str),
                    **{f"input_{j}": _plain(x) for j, x in enumerate(function.arrays)},
                    **{f"output_{j}": _plain(x) for j, x in enumerate(wanted if is_fixed else [])},
                )
    return 0


def _plain(x: np.ndarray) -> np.ndarray:
    """Texts and bfloat16 in dtypes that files of arrays have."""
    return x.astype(bytes) if x.dtype == object else x.astype(np.float32) if x.dtype.kind == "V" else x


def read(folder: Path) -> int:
    import tensorflow as tf

    failures = 0
    paths = sorted(folder.iterdir())
    for path in paths:
        with np.load(path) as file:
            case = dict(file)
        try:
            _compare(tf, case)
        except Exception as error:
            failures += 1
            print(f"{path.stem:40} {type(error).__name__}: {' '.join(str(error).split())[:300]}", flush=True)
    print(f"{len(paths) - failures} of {len(paths)} graphs give the same in TensorFlow.")
    return failures


def _compare(tf, case: dict[str, np.ndarray]) -> None:
    graph = tf.compat.v1.GraphDef.FromString(case["graph"].tobytes())

    @tf.function
    def run(*xs):
        given = {f"{name}:0": x for name, x in zip(case["names"], xs, strict=True)}
        return tf.graph_util.import_graph_def(graph, given, [f"{name}:0" for name in case["results"]], name="")

    found = run(*[tf.constant(case[f"input_{i}"]) for i in range(len(case["names"]))])
    for i, got in enumerate(x.numpy() for x in found):
        if f"output_{i}" not in case:
            continue
        want = case[f"output_{i}"]
        if want.dtype.kind in "fc":
            assert got.dtype == want.dtype or got.dtype == tf.bfloat16.as_numpy_dtype
            got = got.astype(want.dtype)
            np.testing.assert_allclose(got, want, rtol=2e-4, atol=2e-5)
        else:
            np.testing.assert_array_equal(np.asarray(got).astype(want.dtype), want)


if __name__ == "__main__":
    sys.exit({"write": write, "read": read}[sys.argv[1]](Path(sys.argv[2])))
