"""Scripts that import TensorFlow run on Tenfold, unmodified: `python -m tenfold` and tf.install_as_tensorflow()."""

import os
import subprocess
import sys
import textwrap

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": ROOT, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )


def run_script(folder, source, *arguments):
    (folder / "script.py").write_text(textwrap.dedent(source), encoding="utf-8")
    return run(folder, "-m", "tenfold", "script.py", *arguments)


def test_every_way_to_import_leads_to_the_same_modules(tmp_path):
    done = run_script(
        tmp_path,
        """
        import importlib
        import keras as standalone
        import tensorflow as tf
        import tensorflow.compat.v2 as tf2
        import tensorflow.keras.backend as K
        import tensorflow.linalg.experimental
        import tf_keras
        from keras.models import Sequential
        from tensorflow import keras
        from tensorflow.keras import layers, models
        from tensorflow.keras.layers import Dense
        from tensorflow.nn import relu
        from tensorflow.python.framework import dtypes, ops
        from tensorflow.python.keras import backend as private_backend
        from tensorflow.python.keras.layers import Flatten
        from tensorflow.python.ops import array_ops, math_ops
        import tensorflow.python.util.nest as private_nest
        import tenfold

        assert tf is tf2 is tenfold is importlib.import_module("tensorflow")
        assert standalone is tf_keras is keras is tf.keras
        assert K is tf.keras.backend is private_backend is importlib.import_module("tensorflow.keras.backend")
        assert importlib.import_module("keras.layers") is layers is tf.keras.layers
        assert importlib.import_module(".losses", package="tensorflow.keras") is tf.keras.losses
        assert (Dense, Flatten, Sequential) == (layers.Dense, layers.Flatten, models.Sequential)
        assert relu is tf.nn.relu and tensorflow.linalg.experimental is tf.linalg.experimental
        assert dtypes.float32 is tf.float32 and ops.convert_to_tensor is tf.convert_to_tensor
        assert math_ops.reduce_sum is tf.reduce_sum and array_ops.stack is tf.stack
        assert private_nest.flatten is tf.nest.flatten
        print("same")
        """,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("same\n", "", 0)


def test_version_parses_and_is_at_least_2_16(tmp_path):
    done = run_script(
        tmp_path,
        """
        import tensorflow as tf

        major, minor = (int(part) for part in tf.__version__.split(".")[:2])
        print((major, minor) >= (2, 16), tf.version.VERSION == tf.__version__)
        """,
    )
    assert done.stdout == "True True\n"


def test_a_script_runs_as_python_runs_it(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "helper.py").write_text("import tensorflow as tf\nvalue = tf.constant(3) + 4\n")
    (tmp_path / "inner" / "program.py").write_text(
        textwrap.dedent(
            """
            import atexit, inspect, pickle, sys
            import __main__
            import helper
            import tensorflow as tf

            class Mine(tf.Module):
                def __init__(self):
                    super().__init__()
                    self.v = [1, 2]

            def late():
                print("atexit", pickle.loads(pickle.dumps(Point)) is Point)

            class Point:
                pass

            if __name__ == "__main__":
                atexit.register(late)
                print(sys.argv)
                print(__file__ == sys.path[0] + "/program.py", __package__, __spec__)
                print(__main__ is sys.modules["__main__"], __main__.Point is Point)
                print(type(pickle.loads(pickle.dumps(Point()))) is Point)
                print(inspect.getsource(Point).strip())
                print(int(helper.value))
            """
        )
    )
    done = run(tmp_path, "-m", "tenfold", "inner/program.py", "--size", "3", "-m")
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "['inner/program.py', '--size', '3', '-m']",
        "True None None",
        "True True",
        "True",
        "class Point:",
        "    pass",
        "7",
        "atexit True",
    ]
    assert not list(tmp_path.rglob("*.pyc"))


def test_a_module_runs_with_relative_imports(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "helper.py").write_text("import keras\nlayer = keras.layers.Dense(2)\n")
    (package / "program.py").write_text(
        "import sys\nfrom .helper import layer\nprint(__name__, sys.argv[1:], layer.units)\n"
    )
    done = run(tmp_path, "-m", "tenfold", "-m", "package.program", "a", "b")
    assert (done.stdout, done.stderr, done.returncode) == ("__main__ ['a', 'b'] 2\n", "", 0)


@pytest.mark.parametrize(
    "ending, code, error",
    [("sys.exit(3)", 3, ""), ("sys.exit('enough')", 1, "enough\n"), ("sys.exit()", 0, ""), ("raise SystemExit", 0, "")],
)
def test_exit_codes(tmp_path, ending, code, error):
    done = run_script(tmp_path, f"import sys\n{ending}\n")
    assert (done.returncode, done.stderr) == (code, error)


def test_a_traceback_shows_the_lines_of_the_script_first(tmp_path):
    done = run_script(tmp_path, "import tensorflow as tf\n\ndef f():\n    return tf.reshape([1, 2], 3)\n\nf()\n")
    lines = done.stderr.splitlines()
    path = os.path.realpath(tmp_path / "script.py")
    assert done.returncode == 1
    start = (
        len(lines) - 1 - lines[::-1].index("Traceback (most recent call last):")
    )  # that of the last error in the chain
    assert lines[start + 1 : start + 3] == [f'  File "{path}", line 6, in <module>', "    f()"]
    assert lines[-1].startswith("tenfold.core.errors.InvalidArgumentError: ")


def test_a_syntax_error_shows_the_line_alone(tmp_path):
    done = run_script(tmp_path, "x = 1\nx = = 2\n")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == f'  File "{os.path.realpath(tmp_path / "script.py")}", line 2'
    assert done.stderr.splitlines()[-1] == "SyntaxError: invalid syntax"


MISSING = [
    ("tf.estimator", "AttributeError: module 'tenfold' has no attribute 'estimator'"),
    ("tf.nn.warp", "AttributeError: module 'tenfold.nn' has no attribute 'warp'"),
    ("from tensorflow import estimator", "ImportError: cannot import name 'estimator' from 'tenfold'"),
    ("from tensorflow.keras.layers import Warp", "ImportError: cannot import name 'Warp' from 'tenfold.keras.layers'"),
    (
        "import tensorflow.compat.v1.app",
        "ModuleNotFoundError: No module named 'tensorflow.compat.v1.app': "
        "Tenfold stands in for tensorflow here and does not have it.",
    ),
    (
        "import tensorflow.keras.layers.Dense",
        "ModuleNotFoundError: No module named 'tensorflow.keras.layers.Dense': "
        "Tenfold stands in for tensorflow here and does not have it.",
    ),
    (
        "import keras.warp.fast",
        "ModuleNotFoundError: No module named 'keras.warp': Tenfold stands in for keras here and does not have it.",
    ),
    (
        "from tensorflow.python.ops.math_ops import warp",
        "ImportError: cannot import name 'warp' from 'tensorflow.python.ops.math_ops'",
    ),
    ("from tensorflow.python.ops import warp_ops", "ImportError: cannot import name 'warp_ops' from"),
    (
        "import tensorflow.python.warp",
        "ModuleNotFoundError: No module named 'tensorflow.python.warp': "
        "Tenfold stands in for tensorflow here and does not have it.",
    ),
]


def test_missing_names_are_named(tmp_path):
    done = run_script(
        tmp_path,
        f"""
        import tensorflow as tf

        for statement, _ in {MISSING!r}:
            try:
                exec(statement)
            except (AttributeError, ImportError) as error:
                print(f"{{type(error).__name__}}: {{error}}")
            else:
                print("nothing raised")
        """,
    )
    assert done.stderr == ""
    for line, (statement, expected) in zip(done.stdout.splitlines(), MISSING, strict=True):
        assert line.startswith(expected), statement


def test_a_model_is_pickled_and_comes_back(tmp_path):
    done = run_script(
        tmp_path,
        """
        import pickle
        import numpy as np
        import tensorflow as tf

        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
        model.compile("adam", "mse")
        model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
        again = pickle.loads(pickle.dumps(model))
        x = np.ones((1, 3), "float32")
        assert (again(x).numpy() == model(x).numpy()).all()
        t = pickle.loads(pickle.dumps([tf.constant([1, 2]), tf.float32, tf.TensorShape([2, None])]))
        print(t)
        """,
    )
    assert done.stderr == ""
    assert (
        done.stdout
        == "[<tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 2], dtype=int32)>, tf.float32, TensorShape([2, None])]\n"
    )


@pytest.mark.parametrize(
    "arguments, code, stream, text",
    [
        (["--help"], 0, "stdout", "usage: python -m tenfold script.py"),
        ([], 2, "stderr", "usage: python -m tenfold script.py"),
        (["-m"], 2, "stderr", "usage: python -m tenfold script.py"),
        (["--fast"], 2, "stderr", "usage: python -m tenfold script.py"),
        (["nowhere.py"], 2, "stderr", "python -m tenfold: there is no file 'nowhere.py'"),
        (["-m", "nowhere"], 1, "stderr", "No module named nowhere"),
    ],
)
def test_command_line(tmp_path, arguments, code, stream, text):
    done = run(tmp_path, "-m", "tenfold", *arguments)
    assert done.returncode == code
    assert text in getattr(done, stream)


def test_install_as_tensorflow_refuses_beside_the_real_one(tmp_path):
    (tmp_path / "tensorflow.py").write_text("")
    source = textwrap.dedent(
        """
        import tensorflow, tenfold
        try:
            tenfold.install_as_tensorflow()
        except RuntimeError as error:
            print(error)
        """
    )
    done = run(tmp_path, "-c", source)
    assert done.stdout.startswith("tenfold.install_as_tensorflow: the real tensorflow is imported already.")


def test_install_as_tensorflow_twice_is_as_once(tmp_path):
    source = textwrap.dedent(
        """
        import sys, tenfold
        finders = len(sys.meta_path)
        tenfold.install_as_tensorflow()
        import tensorflow
        tenfold.install_as_tensorflow()
        print(len(sys.meta_path) - finders, tensorflow is tenfold)
        """
    )
    assert run(tmp_path, "-c", source).stdout == "1 True\n"
