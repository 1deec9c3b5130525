from tests.ops.samples import real, sample

X = real(2, 3, 4)

SAMPLES = {name: [sample(input=X)] for name in ("FFT", "IFFT", "FFT2D", "IFFT2D", "FFT3D", "IFFT3D")}
