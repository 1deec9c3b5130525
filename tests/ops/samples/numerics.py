from tests.ops.samples import real, sample

SAMPLES = {name: [sample(tensor=real(2, 3), message="sample")] for name in ("CheckNumerics", "CheckNumericsV2")}
