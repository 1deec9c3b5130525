"""Freezes a module of TensorFlow's whose functions use ops that models seldom have: `python -m tests.golden.make_op_saved_model`, in its environment."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf

from tests.golden.archive import pack

ARCHIVE = "op_saved_model.tar.xz"
X = np.sin(np.arange(120) * 0.3 + np.arange(2)[:, None]).astype(np.float32)
FLOATS = tf.TensorSpec([None, None])
OF_ANY_SIZE = ("mel_coefficients", "filtered")


def mel_coefficients(x: tf.Tensor) -> tf.Tensor:
    spectra = tf.signal.stft(x, 32, 8, fft_length=64)
    mels = tf.tensordot(
        tf.math.real(spectra * tf.math.conj(spectra)),
        tf.signal.linear_to_mel_weight_matrix(10, 33, 8000, 80.0, 3600.0),
        1,
    )
    return tf.signal.mfccs_from_log_mel_spectrograms(tf.math.log(mels + 0.1))


def filtered(x: tf.Tensor) -> tf.Tensor:
    window = tf.signal.inverse_stft_window_fn(4)
    return tf.signal.inverse_stft(tf.signal.stft(x, 16, 4)[..., :5], 16, 4, fft_length=16, window_fn=window)


R = tf.raw_ops


def joined(parts: list[tf.Tensor]) -> tf.Tensor:
    return tf.concat([tf.reshape(tf.cast(part, tf.float32), [-1]) for part in parts], 0)


def diagonals(x: tf.Tensor) -> tf.Tensor:
    rows, square = x[:, :3], tf.reshape(x[:, :18], (2, 2, 3, 3))
    return joined([
        R.MatrixDiag(diagonal=rows), R.MatrixDiagPart(input=square), R.MatrixSetDiag(input=square, diagonal=square[:, :, 1]),
        R.MatrixDiagV2(diagonal=square[0], k=[-1, 1], num_rows=3, num_cols=3, padding_value=2.0),
        R.MatrixDiagPartV2(input=square, k=[0, 1], padding_value=1.0),
        R.MatrixSetDiagV2(input=square, diagonal=square[:, :, :2] * 3, k=[-1, 0]),
    ])  # fmt: skip


def of_former_graphs(x: tf.Tensor) -> tf.Tensor:
    images, rows = tf.reshape(x, (2, 4, 5, 6)), x[:, :6]
    first, second = rows[0], rows[1]
    return joined([
        R.AccumulateNV2(inputs=[first, second, first], shape=[6]),
        R.BatchMatMul(x=images, y=images, adj_y=True), R.BiasAddV1(value=rows, bias=first),
        R.Concat(concat_dim=1, values=[rows, rows]), R.ParallelConcat(values=[first[None], second[None]], shape=[2, 6]),
        *R.ConcatOffset(concat_dim=1, shape=[[2, 2], [2, 5], [2, 1]]), R.Gather(params=rows, indices=[1, 0, 1]),
        R.Reverse(tensor=rows, dims=[False, True]),
        R.MaxPoolV2(input=images, ksize=[1, 2, 2, 1], strides=[1, 1, 1, 1], padding="SAME"),
        R.InTopK(predictions=rows, targets=[1, 2], k=3),
        R.SpaceToBatch(input=images, paddings=[[0, 0], [1, 0]], block_size=2),
        R.ScatterNdNonAliasingAdd(input=rows, indices=[[1], [1]], updates=rows),
    ])  # fmt: skip


def in_place(x: tf.Tensor) -> tf.Tensor:
    rows = tf.reshape(x, (12, 20))
    zeros = R.Empty(shape=[12, 20], dtype=tf.float32, init=True)
    return joined([
        R.InplaceUpdate(x=zeros, i=[2, 1], v=rows[:2]), R.InplaceAdd(x=rows + 1, i=[3, 5], v=rows[:2]),
        R.InplaceSub(x=rows * 2, i=[3], v=rows[:1]), R.DeepCopy(x=rows),
    ])  # fmt: skip


def batch_normalized(x: tf.Tensor) -> tf.Tensor:
    images, scale = tf.reshape(x, (2, 4, 5, 6)), x[0, :6]
    empty = tf.zeros((0,))
    parts = [
        *R.FusedBatchNorm(x=images, scale=scale, offset=scale + 1, mean=empty, variance=empty)[:3],
        *R.FusedBatchNormV2(x=images, scale=scale, offset=scale, mean=scale, variance=scale**2, is_training=False)[:3],
    ]
    return joined(parts)


def projected(x: tf.Tensor) -> tf.Tensor:
    transforms = [[0.9, -0.4, 0.7, 0.4, 0.9, -0.8, 0.0, 0.0], [1.2, 0.1, -1.6, 0.0, 0.8, 1.3, 0.01, -0.02]]
    return R.ImageProjectiveTransformV3(
        images=tf.reshape(x, (2, 4, 5, 6)), transforms=transforms, output_shape=[4, 5], fill_value=0.5,
        interpolation="BILINEAR", fill_mode="REFLECT",
    )  # fmt: skip


def lists(x: tf.Tensor) -> tf.Tensor:
    items = R.TensorListScatterV2(tensor=x[:, :4], indices=[2, 0], element_shape=[4], num_elements=4)
    items = R.TensorListScatterIntoExistingList(input_handle=items, tensor=x[:1, 4:8], indices=[1])
    rows, lengths = R.TensorListConcatV2(
        input_handle=items, element_shape=[4], leading_dims=tf.zeros(0, tf.int64), element_dtype=tf.float32
    )
    return joined([rows, lengths])


def drawn(x: tf.Tensor) -> tf.Tensor:
    handle = STATE.handle
    STATE.assign([5, 7, 11])
    R.RngSkip(resource=handle, algorithm=tf.constant(1, tf.int64), delta=tf.constant(3, tf.int64))
    arguments = {"resource": handle, "algorithm": tf.constant(1, tf.int64), "shape": [4]}
    low, high = tf.constant(2, tf.int64), tf.constant(20, tf.int64)
    return joined([
        R.StatefulStandardNormalV2(**arguments), R.StatefulTruncatedNormal(**arguments), R.StatefulUniform(**arguments),
        R.StatefulUniformInt(**arguments, minval=low, maxval=high), R.StatefulUniformFullInt(**arguments) % 100,
    ])  # fmt: skip


RATES = {
    "GradientDescent": {"alpha": 0.1}, "Momentum": {"lr": 0.1, "momentum": 0.9, "use_nesterov": True},
    "KerasMomentum": {"lr": 0.1, "momentum": 0.9, "use_nesterov": True},
    "Adam": {"beta1_power": 0.9, "beta2_power": 0.99, "lr": 0.1, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-3},
    "AdamWithAmsgrad": {"beta1_power": 0.9, "beta2_power": 0.99, "lr": 0.1, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-3},
    "AdaMax": {"beta1_power": 0.9, "lr": 0.1, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-3},
    "Adagrad": {"lr": 0.1}, "AdagradV2": {"lr": 0.1, "epsilon": 1e-3},
    "Adadelta": {"lr": 0.1, "rho": 0.9, "epsilon": 1e-3}, "RMSProp": {"lr": 0.1, "rho": 0.9, "momentum": 0.5, "epsilon": 1e-3},
    "CenteredRMSProp": {"lr": 0.1, "rho": 0.9, "momentum": 0.5, "epsilon": 1e-3},
    "Ftrl": {"lr": 0.1, "l1": 0.01, "l2": 0.1, "lr_power": -0.5},
    "FtrlV2": {"lr": 0.1, "l1": 0.01, "l2": 0.1, "l2_shrinkage": 0.1, "lr_power": -0.5},
}  # fmt: skip
SLOTS = {
    "Momentum": ["accum"], "KerasMomentum": ["accum"], "Adam": ["m", "v"], "AdamWithAmsgrad": ["m", "v", "vhat"], "AdaMax": ["m", "v"],
    "Adagrad": ["accum"], "AdagradV2": ["accum"], "Adadelta": ["accum", "accum_update"], "RMSProp": ["ms", "mom"],
    "CenteredRMSProp": ["mg", "ms", "mom"], "Ftrl": ["accum", "linear"], "FtrlV2": ["accum", "linear"],
}  # fmt: skip
STATE = tf.Variable([5, 7, 11], dtype=tf.int64)
VARIABLES = [tf.Variable(tf.zeros((4, 3))) for _ in range(4)]


def updated(x: tf.Tensor) -> tf.Tensor:
    """What each op makes of a variable and its slots, of all rows and of some, in two steps."""
    found = []
    for name, rates in RATES.items():
        for is_sparse in (False, True) if f"ResourceSparseApply{name}" in dir(R) else (False,):
            slots = dict(zip(SLOTS.get(name, []), VARIABLES[1:], strict=False))
            for i, variable in enumerate(VARIABLES):
                variable.assign(tf.reshape(tf.abs(x[0, i * 12 : i * 12 + 12]) + 1, (4, 3)))
            grad = tf.reshape(x[1, :12], (4, 3))
            given = {"delta" if name == "GradientDescent" else "grad": grad[:2] if is_sparse else grad}
            if is_sparse:
                given["indices"] = tf.constant([3, 1])
            for _ in range(2):
                op = getattr(R, f"Resource{'Sparse' * is_sparse}Apply{name}")
                op(var=VARIABLES[0].handle, **{key: v.handle for key, v in slots.items()}, **rates, **given)
            found += [VARIABLES[0].read_value(), *[v.read_value() for v in slots.values()]]
    return joined(found)


FUNCTIONS: dict[str, tuple[Callable, bool]] = {  # and whether they have gradients
    "mel_coefficients": (mel_coefficients, True),
    "filtered": (filtered, True),
    "diagonals": (diagonals, False),
    "of_former_graphs": (of_former_graphs, False),
    "in_place": (in_place, False),
    "batch_normalized": (batch_normalized, False),
    "projected": (projected, True),
    "lists": (lists, False),
    "drawn": (drawn, False),
    "updated": (updated, False),
}


def main() -> None:
    folder, module, results = Path(tempfile.mkdtemp()), tf.Module(), {}
    module.variables_of_ops = [STATE, *VARIABLES]
    for name, (function, has_gradient) in FUNCTIONS.items():
        traced = tf.function(function, input_signature=[FLOATS if name in OF_ANY_SIZE else tf.TensorSpec(X.shape)])
        setattr(module, name, traced)
        x = tf.constant(X)
        with tf.GradientTape() if has_gradient else contextlib.nullcontext() as tape:
            if has_gradient:
                tape.watch(x)
            y = traced(x)
        results[name] = y.numpy()
        if has_gradient:
            results[f"{name}/gradient"] = tape.gradient(y, x).numpy()
    tf.saved_model.save(module, str(folder / "ops"))
    np.savez_compressed(folder / "ops" / "results.npz", x=X, **results)
    pack(folder / "ops", ARCHIVE)


if __name__ == "__main__":
    main()
