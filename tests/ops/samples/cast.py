from tests.ops.samples import real, sample

X = real(2, 3, low=-3, high=3)

SAMPLES = {
    "Cast": [sample(x=X, DstT="float64"), sample(x=X, DstT="int32")],
    "Bitcast": [sample(input=real(3, 2), type="uint8")],
    "Complex": [sample(real=X, imag=real(2, 3, seed=1), Tout="complex128")],
    "Real": [sample(input=X)],
    "Imag": [sample(input=X)],
    "Angle": [sample(input=X)],
}
