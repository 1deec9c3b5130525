"""A folder of the package imports only from those above it in docs/architecture.md."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tenfold"
ORDER = (
    "core",
    "protos",
    "compiler",
    "ops",
    "autodiff",
    "graph",
    "tracing",
    "image",
    "signal",
    "lookup",
    "linear_operators",
    "testing",
    "train",
    "files",
    "saved_model",
    "keras",
    "serving",
)

# What a file imports from below it, and why. All of these stand inside functions, so that loading has an order,
# but the one that says otherwise.
ALLOWED = {
    ("core/indexed_slices.py", "ops"): "its dense form and its sums are made of ops, so that gradients flow",
    ("core/sequences.py", "ops"): "a list that holds tensors is stacked by ops, so that gradients flow",
    ("autodiff/tape.py", "graph"): "gradients that are asked for over and over are traced, for a program",
    ("ops/second_order.py", "autodiff"): "the second derivative of what has no formula for it is found by tapes",
    ("graph/graph.py", "saved_model"): "a graph gives itself as a message of TensorFlow's files",
    ("ops/recurrent.py", "graph"): "in files of other tools, a recurrent op is a loop of the graph",
    ("ops/matrix_functions.py", "graph"): "how often a matrix is squared depends on values: a loop of the graph",
    ("keras/former_ops.py", "tenfold"): "functions that a file names are found in the root; in a function",
    ("keras/saving/serialization.py", "tenfold"): "a lambda that is loaded from a file sees the root as `tf`",
}
AT_TOP = set()
for _path in [*(PACKAGE / "keras" / "ops").rglob("*.py"), *(PACKAGE / "keras" / "backend").glob("*.py")]:
    if "import tenfold as tf" in _path.read_text(encoding="utf-8"):
        AT_TOP.add(_key := _path.relative_to(PACKAGE).as_posix())
        ALLOWED[_key, "tenfold"] = "written with the root's public functions; loaded when first used"


def imports_of(path):
    """Pairs of a module of Tenfold's that a file imports, and whether a function does so."""
    found = []

    def visit(node, is_lazy):
        if isinstance(node, ast.Import):
            found.extend((alias.name, is_lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [node.module] if node.module != "tenfold" else [f"tenfold.{alias.name}" for alias in node.names]
            found.extend((name, is_lazy) for name in names)
        is_lazy = is_lazy or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for child in ast.iter_child_nodes(node):
            visit(child, is_lazy)

    visit(ast.parse(path.read_text(encoding="utf-8")), False)
    return [(name, is_lazy) for name, is_lazy in found if name.split(".")[0] == "tenfold"]


def imports_from_below(folder):
    above = ORDER[: ORDER.index(folder) + 1]
    for path in sorted((PACKAGE / folder).rglob("*.py")):
        for name, is_lazy in imports_of(path):
            target = [*name.split("."), "tenfold"][1]
            if target not in above:
                yield path.relative_to(PACKAGE).as_posix(), target, is_lazy


@pytest.mark.parametrize("folder", ORDER)
def test_a_folder_imports_only_from_those_above_it(folder):
    found = set(imports_from_below(folder))
    assert {(file, target) for file, target, _ in found} == {key for key in ALLOWED if key[0].startswith(f"{folder}/")}
    assert {file for file, _, is_lazy in found if not is_lazy} <= AT_TOP


def test_every_folder_has_a_place():
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    namespaces = {name for name in folders if all(is_reexport(path) for path in (PACKAGE / name).glob("*.py"))}
    assert folders - namespaces <= set(ORDER)


def is_reexport(path):
    """Whether a file defines no function or class: it only hands out names."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return not any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in body)
