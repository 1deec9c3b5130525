"""What doctests see besides their module: `tf` and `np`."""

import numpy as np
import pytest

collect_ignore_glob = ["tests/golden/make*.py", "examples/*", "benchmarks/*"]


@pytest.fixture(autouse=True)
def _doctest_names(doctest_namespace):
    import tenfold as tf

    doctest_namespace["tf"], doctest_namespace["np"] = tf, np
