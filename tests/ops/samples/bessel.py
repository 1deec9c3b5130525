from tests.ops.samples import real, sample

SAMPLES = {
    **{name: [sample(x=real(2, 3, low=-3, high=9))] for name in ("BesselI0e", "BesselI1e", "BesselJ0", "BesselJ1")},
    **{name: [sample(x=real(2, 3, low=-3, high=3))] for name in ("BesselI0", "BesselI1")},
    **{name: [sample(x=real(2, 3, low=0.3, high=4))] for name in ("BesselK0", "BesselK0e", "BesselK1", "BesselK1e")},
    **{name: [sample(x=real(2, 3, low=0.3, high=9))] for name in ("BesselY0", "BesselY1")},
}
