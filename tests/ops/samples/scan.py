from tests.ops.samples import real, sample

X = real(3, 4)

SAMPLES = {
    name: [sample(x=X, axis=0), sample(x=X, axis=-1, exclusive=True), sample(x=X, axis=1, exclusive=True, reverse=True)]
    for name in ("Cumsum", "Cumprod")
}
