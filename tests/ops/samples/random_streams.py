from tests.ops.samples import sample
from tests.ops.samples.random import SEED

SAMPLES = {
    "StatelessRandomGetKeyCounter": [sample(seed=SEED)],
    "StatelessRandomGetAlg": [sample()],
    "StatelessRandomGetKeyCounterAlg": [sample(seed=SEED)],
}
