"""Freezes a module of TensorFlow's whose functions use ops that models seldom have: `python -m tests.golden.make_op_saved_model`, in its environment."""

from __future__ import annotations

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


FUNCTIONS: dict[str, tuple[Callable, bool]] = {  # and whether they have gradients
    "mel_coefficients": (mel_coefficients, True),
    "filtered": (filtered, True),
}


def main() -> None:
    folder, module, results = Path(tempfile.mkdtemp()), tf.Module(), {}
    for name, (function, has_gradient) in FUNCTIONS.items():
        traced = tf.function(function, input_signature=[FLOATS])
        setattr(module, name, traced)
        with tf.GradientTape() as tape:
            x = tf.constant(X)
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
