"""Fourier and cosine transforms, windows, frames and spectrograms, with their gradients."""

import numpy as np

from tests.golden.case import case, normal

X = normal(2, 3, 8)
Z = (normal(2, 3, 5) + 1j * normal(2, 3, 5, seed=1)).astype(np.complex64)
SOUND = normal(2, 40)
S = "tf.signal."
WINDOWS = ("hann_window", "hamming_window", "kaiser_window", "kaiser_bessel_derived_window", "vorbis_window")
ABS = "tf.math.real(y * tf.math.conj(y))"  # real, so that there are gradients

CASES = [
    *(case(f"{S}{name}(x)", x=Z) for name in ("fft", "fft2d", "fft3d", "ifft", "ifft2d", "ifft3d")),
    *(
        case(f"y = {S}rfft{n}(x, {length}); {ABS}", x=X.astype(dtype), may_extend=n == "3d" or length == [5])
        for n, lengths in (("", (None, [8], [9], [12], [5])), ("2d", (None, [3, 8], [4, 11])), ("3d", (None, [2, 4, 9])))
        for length in lengths
        for dtype in (np.float32, np.float64)
    ),
    *(
        case(f"{S}irfft{n}(x, {length})", x=Z.astype(dtype), may_extend=n == "3d" or length == [5])
        for n, lengths in (("", (None, [8], [9], [12], [5])), ("2d", (None, [3, 8], [4, 11])), ("3d", (None, [2, 4, 9])))
        for length in lengths
        for dtype in (np.complex64, np.complex128)
    ),
    *(
        case(f"{S}{call}", x=X)
        for call in (
            "fft([1.0, 2.0])",
            "fft(x)",
            "rfft([1, 2, 3])",
            "rfft(tf.constant([1, 2, 3]))",
            "rfft(1.0)",
            "rfft2d([1.0])",
            "rfft2d(x, [3])",
            "irfft(x)",
            "rfft(tf.zeros((2, 0)), [4])",
            "rfft(tf.zeros((0, 5)))",
        )
    ),
    *(
        case(f"tf.raw_ops.{call}", x=X, grad=False)
        for call in (
            "RFFT(input=x, fft_length=[9])",
            "RFFT(input=x, fft_length=[4])",
            "RFFT2D(input=x, fft_length=[4, 8])",
            "IRFFT(input=tf.cast(x, tf.complex64), fft_length=[16])",
            "IRFFT(input=tf.cast(x, tf.complex64), fft_length=[6])",
        )
    ),
    *(case(f"{S}{name}({n})") for name in WINDOWS for n in (1, 2, 7, 8, 16)),
    *(case(f"{S}{name}(9, dtype=tf.{dtype})") for name in WINDOWS for dtype in ("float16", "float64", "int32")),
    *(case(f"{S}{name}({n}, periodic=False)") for name in WINDOWS[:2] for n in (7, 8)),
    case(f"{S}kaiser_window(8, beta=3.0)"),
    case(f"{S}hann_window(tf.constant(8))"),
    case(f"{S}hann_window(tf.constant([8]))"),
    *(
        case(f"{S}frame(x, {length}, {step}, pad_end={pad}, pad_value={value})", x=SOUND)
        for length, step in ((8, 4), (7, 3), (3, 7), (40, 5), (41, 5), (1, 1))
        for pad, value in ((False, 0), (True, 0), (True, 2))
    ),
    *(case(f"{S}frame(x, 2, 1, axis={axis})", x=X) for axis in (0, 1, 2, -2)),
    case(f"{S}frame(1.0, 2, 1)"),
    case(f"{S}frame(tf.range(10), 4, 3, pad_end=True, pad_value=-1)"),
    *(case(f"{S}overlap_and_add(x, {step})", x=X) for step in (1, 2, 3, 8)),
    case(f"{S}overlap_and_add(x, 2)", x=SOUND),
    case(f"{S}overlap_and_add(tf.ones((3, 4), tf.int32), 3)"),
    case(f"{S}overlap_and_add(tf.ones(3), 3)"),
    case(f"{S}overlap_and_add(x, 2.0)", x=SOUND),
    *(
        case(f"y = {S}stft(x, {arguments}); {ABS}", x=SOUND, may_extend="fft_length=8" in arguments)
        for arguments in (
            "16, 8",
            "10, 4",
            "10, 4, fft_length=8",
            "10, 4, fft_length=20, pad_end=True",
            "16, 8, window_fn=None",
            "16, 8, window_fn=tf.signal.hamming_window",
            "64, 8",
        )
    ),
    *(
        case(f"{S}inverse_stft(x, {arguments})", x=Z)
        for arguments in (
            "8, 4",
            "8, 4, window_fn=None",
            "6, 2, fft_length=8",
            "10, 3, fft_length=8",
            "8, 4, window_fn=tf.signal.inverse_stft_window_fn(4)",
            "8, 2, window_fn=tf.signal.inverse_stft_window_fn(2, forward_window_fn=tf.signal.hamming_window)",
        )
    ),
    *(case(f"{S}inverse_stft_window_fn({step})({n}, dtype=tf.float32)") for step in (2, 3, 8) for n in (6, 8)),
    *(
        case(f"{S}mdct(x, 8, {arguments})", x=SOUND)
        for arguments in ("", "window_fn=None", "norm='ortho'", "pad_end=True", "window_fn=tf.signal.hann_window")
    ),
    case(f"{S}mdct(x, 6)", x=SOUND),
    *(case(f"{S}inverse_mdct(x, {arguments})", x=X) for arguments in ("", "window_fn=None", "norm='ortho'")),
    *(
        case(f"{S}{name}(x, type={kind}, norm={norm!r})", x=X)
        for name in ("dct", "idct")
        for kind in (1, 2, 3, 4)
        for norm in (None, "ortho")
    ),
    *(case(f"{S}dct(x, type={kind}, n={n})", x=X) for kind in (2, 3, 4) for n in (5, 11)),
    case(f"{S}dct(tf.cast(x, tf.float64))", x=X),
    *(case(f"{S}dct(x, {bad})", x=X) for bad in ("type=5", "axis=0", "n=0", "norm='no'")),
    case(f"{S}dct(x[..., :1], type=1)", x=X),
    case(f"{S}linear_to_mel_weight_matrix()"),
    case(f"{S}linear_to_mel_weight_matrix(10, 33, 16000, 80.0, 7600.0, tf.float64)"),
    case(f"{S}linear_to_mel_weight_matrix(sample_rate=tf.constant(16000))"),
    *(
        case(f"{S}linear_to_mel_weight_matrix({bad})")
        for bad in ("0", "sample_rate=0", "lower_edge_hertz=-1.0", "upper_edge_hertz=1.0", "sample_rate=100", "dtype=tf.int32")
    ),
    case(f"{S}mfccs_from_log_mel_spectrograms(x)", x=X),
    case(f"{S}mfccs_from_log_mel_spectrograms(x[..., :0])", x=X),
    *(
        case(f"{S}{name}(x, {axes})", x=X)
        for name in ("fftshift", "ifftshift")
        for axes in ("None", "0", "-1", "(1, 2)", "[0, -1]")
    ),
    case(f"{S}fftshift(tf.range(5))"),
]  # fmt: skip
