"""What doctests see besides their module: `tf`, `np`, and `folder`, the path of an empty one; and where they are found: in functions that a decorator made, too."""

import doctest
import inspect

import numpy as np
import pytest

import tenfold as tf  # before pytest imports a module of it by its path, which would run that module twice

collect_ignore_glob = ["tests/golden/make*.py", "tests/scripts/programs/*", "examples/*", "benchmarks/*"]


@pytest.fixture(autouse=True)
def _doctest_names(request, doctest_namespace):
    doctest_namespace["tf"], doctest_namespace["np"] = tf, np
    if isinstance(request.node, pytest.DoctestItem) and any("folder" in e.source for e in request.node.dtest.examples):
        doctest_namespace["folder"] = str(request.getfixturevalue("tmp_path"))


_is_of_module = doctest.DocTestFinder._from_module
doctest.DocTestFinder._from_module = lambda self, module, item: _is_of_module(self, module, inspect.unwrap(item))
