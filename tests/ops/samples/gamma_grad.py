from tests.ops.samples import real, sample

ARGUMENTS = {"alpha": real(2, 3, low=0.5, high=3), "sample": real(3, low=0.5, high=3)}

SAMPLES = {"RandomGammaGrad": [sample(order=0, **ARGUMENTS)]}
