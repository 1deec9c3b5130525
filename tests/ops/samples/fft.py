from tests.ops.samples import real, sample

X = real(2, 3, 4)

SAMPLES = {name: [sample(input=X)] for name in ("FFT", "IFFT", "FFT2D", "IFFT2D", "FFT3D", "IFFT3D")}

HALF = real(2, 3, 4)
for name, lengths in (("FFT", (6,)), ("FFT2D", (3, 7)), ("FFT3D", (2, 3, 6))):
    SAMPLES[f"R{name}"] = [
        sample(input=real(2, 3, 7), fft_length=lengths),
        sample(input=real(*lengths), fft_length=lengths),
    ]
    SAMPLES[f"IR{name}"] = [
        sample(input=HALF, fft_length=lengths),
        sample(input=HALF, fft_length=(*lengths[:-1], 5)),
    ]
