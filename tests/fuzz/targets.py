"""What is fuzzed: a target changes a valid file or request, reads it, and uses what came of it.

Reading must end soon with a result or an error that is documented. What a changed program does when it is used may take long, as
any program may; it must fail with an error of TensorFlow's, or one that says that arguments are wrong.
"""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

import tenfold as tf
from tenfold.core.config import settings
from tenfold.protos import checkpoint as bundles
from tenfold.protos import objects
from tenfold.protos.saved_model import SavedMetadata, SavedModel
from tenfold.saved_model.compiling import compile_functions
from tenfold.train.bundle import Bundle
from tenfold.train.bundle_writer import write_bundle
from tenfold.train.object_graph import GRAPH_KEY
from tenfold.train.table import read_table, write_table
from tests.fuzz.mutations import mutate_message, mutated_bytes, mutated_json
from tests.golden.archive import unpack
from tests.serving.client import serving

GOLDEN = Path(__file__).parent.parent / "golden" / "data"
OF_FILES = (OSError, ValueError, NotImplementedError, tf.errors.OpError)
OF_CALLS = (*OF_FILES, TypeError, AttributeError, LookupError, ArithmeticError)


class Target:
    """A reader of files.

    Args:
      folder: for files, its own.
    """

    errors: tuple[type[Exception], ...] = OF_FILES

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def change(self, random: Random) -> None:
        """Writes a changed file."""
        raise NotImplementedError

    def read(self) -> Any:
        """Reads it."""
        raise NotImplementedError

    def use(self, found: Any) -> None:
        """Uses what was read."""

    def unpack(self, archive: str, start: str = "") -> list[Path]:
        """The files of an archive of golden ones whose names begin so."""
        if archive.endswith(".zip"):
            with zipfile.ZipFile(GOLDEN / archive) as file:
                file.extractall(self.folder / "valid", [name for name in file.namelist() if name.startswith(start)])
        else:
            unpack(archive, self.folder / "valid", start)
        return sorted(path for path in (self.folder / "valid").rglob("*") if path.is_file())


class Graphs(Target):
    """SavedModels of both engines; functions run on arguments that fit their specs."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        found = self.unpack("saved_models.tar.xz")
        self.models = [path.parent for path in found if path.name == "saved_model.pb"]
        self.messages = [SavedModel.FromString((path / "saved_model.pb").read_bytes()) for path in self.models]

    def change(self, random: Random) -> None:
        number = random.randint(0, len(self.models) - 1)
        shutil.rmtree(self.folder / "m", ignore_errors=True)
        shutil.copytree(self.models[number], self.folder / "m")
        (self.folder / "m" / "saved_model.pb").write_bytes(self.changed(self.messages[number], random))

    def changed(self, message: Any, random: Random) -> bytes:
        copy = SavedModel.FromString(message.SerializeToString())
        meta = copy.meta_graphs[0]
        functions = [*meta.graph_def.library.function]
        parts = [
            copy,
            meta.object_graph_def,
            meta.object_graph_def,
            *(random.choice(functions) for _ in range(6) if functions),
        ]
        mutate_message(random.choice(parts), random)
        return copy.SerializeToString()

    def read(self) -> Any:
        return tf.saved_model.load(self.folder / "m")

    def use(self, found: Any) -> None:
        for function in [*found.signatures.values(), *vars(found).values()]:
            if not callable(function):
                continue
            for concrete in getattr(function, "concrete_functions", lambda f=function: [f])():
                given = {spec.name: _ones(spec) for spec in concrete.structured_input_signature[1].values()}
                given_first = [_ones(spec) for spec in concrete.structured_input_signature[0]]
                with tf.GradientTape() as tape:
                    result = concrete(*given_first, **given)
                variables = list(concrete.variables)
                if variables:
                    tape.gradient(tf.nest.flatten(result), variables)


class GraphBytes(Graphs):
    """The same with changed bytes."""

    def changed(self, message: Any, random: Random) -> bytes:
        return mutated_bytes(message.SerializeToString(deterministic=True), random)


class GraphDefs(Graphs):
    """GraphDefs, imported with all that no node computes given by the caller."""

    def change(self, random: Random) -> None:
        library = random.choice(self.messages).meta_graphs[0].graph_def.library
        function = random.choice(list(library.function))
        graph = type(random.choice(self.messages).meta_graphs[0].graph_def)()
        graph.library.CopyFrom(library)
        for argument in function.signature.input_arg:
            node = graph.node.add(name=argument.name, op="Placeholder")
            node.attr["dtype"].type = argument.type
        for node in function.node_def:
            copy = graph.node.add()
            copy.CopyFrom(node)
            copy.input[:] = [_plain(name) for name in node.input]
        mutate_message(graph, random)
        (self.folder / "graph.pb").write_bytes(graph.SerializeToString())
        self.fetched = [node.name for node in function.node_def][-1:]

    def read(self) -> Any:
        graph = type(self.messages[0].meta_graphs[0].graph_def).FromString((self.folder / "graph.pb").read_bytes())
        names = [node.name for node in graph.node if node.op == "Placeholder"]
        inputs = {name: tf.ones([2, 4]) for name in names}
        return tf.graph_util.import_graph_def(graph, inputs, [f"{name}:0" for name in self.fetched])

    errors = OF_CALLS

    def use(self, found: Any) -> None:
        pass


def _plain(name: str) -> str:
    """The name of a value in a graph, from that in a function: `node:output:number` is `node:number`."""
    parts = name.split(":")
    return f"{parts[0]}:{parts[2]}" if len(parts) == 3 else name


def _ones(spec: Any) -> Any:
    if not isinstance(spec, tf.TensorSpec):
        return spec
    sizes = [
        2 if size is None else min(size, 64) for size in (spec.shape.as_list() if spec.shape.rank is not None else [2])
    ]
    return tf.fill(sizes, "a") if spec.dtype == tf.string else tf.cast(tf.fill(sizes, 1), spec.dtype)


class Checkpoints(Target):
    """Tables of bundles whose entries say other things, with checksums that are right."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        found = self.unpack("checkpoints.zip")
        self.indexes = [path for path in found if path.suffix == ".index"]

    def change(self, random: Random) -> None:
        path = random.choice(self.indexes)
        shutil.rmtree(self.folder / "c", ignore_errors=True)
        shutil.copytree(path.parent, self.folder / "c")
        self.prefix = self.folder / "c" / path.stem
        self.rewrite(path.with_suffix(""), random)

    def rewrite(self, valid: Path, random: Random) -> None:
        entries = read_table(valid.with_suffix(".index").read_bytes())
        key = random.choice(sorted(entries))
        kind = bundles.BundleEntryProto if key else bundles.BundleHeaderProto
        message = kind.FromString(entries[key])
        mutate_message(message, random)
        entries[key] = message.SerializeToString() if random.randint(0, 3) else mutated_bytes(entries[key], random)
        self.prefix.with_suffix(".index").write_bytes(write_table(sorted(entries.items())))

    def read(self) -> Any:
        reader = tf.train.load_checkpoint(self.prefix)
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)


class CheckpointBytes(Checkpoints):
    """Files of bundles with changed bytes."""

    def rewrite(self, valid: Path, random: Random) -> None:
        path = random.choice(sorted(self.prefix.parent.iterdir()))
        path.write_bytes(mutated_bytes(path.read_bytes(), random))

    def read(self) -> Any:
        latest = tf.train.latest_checkpoint(self.prefix.parent)
        if latest is not None:
            tf.train.list_variables(latest)
        super().read()


class ObjectGraphs(Target):
    """Graphs of objects in checkpoints, restored into the objects that were saved."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(4), tf.keras.layers.Dense(2)])
        self.model.compile("adam", "mse")
        self.model.fit(tf.ones([4, 3]), tf.ones([4, 2]), verbose=0)
        bundle = Bundle(self.checkpoint().write(folder / "valid"))
        self.tensors = {name: bundle.read(name) for name in bundle.names()}

    def checkpoint(self) -> Any:
        return tf.train.Checkpoint(
            model=self.model, optimizer=self.model.optimizer, step=tf.Variable(1), more=[{"a": tf.Variable(2.0)}]
        )

    def change(self, random: Random) -> None:
        tensors = dict(self.tensors)
        graph = objects.TrackableObjectGraph.FromString(tensors[GRAPH_KEY][()])
        mutate_message(graph, random)
        tensors[GRAPH_KEY] = tensors[GRAPH_KEY].copy()
        tensors[GRAPH_KEY][()] = (
            graph.SerializeToString() if random.randint(0, 3) else mutated_bytes(self.tensors[GRAPH_KEY][()], random)
        )
        write_bundle(str(self.folder / "c"), tensors)

    def read(self) -> Any:
        status = self.checkpoint().restore(self.folder / "c")
        try:
            status.assert_existing_objects_matched()
        except AssertionError:
            pass  # documented


class Archives(Target):
    """`.keras` files with another configuration, other weights, or other bytes."""

    errors = (ValueError, TypeError, NotImplementedError, ImportError, tf.errors.OpError)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.files = [path for path in self.unpack("keras_files.zip") if path.suffix == ".keras"]

    def change(self, random: Random) -> None:
        path, kind = random.choice(self.files), random.randint(0, 5)
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        if kind < 4:
            members["config.json"] = mutated_json(members["config.json"], random)
        elif kind == 4:
            members["model.weights.h5"] = mutated_bytes(members["model.weights.h5"], random)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        (self.folder / "m.keras").write_bytes(
            buffer.getvalue() if kind < 5 else mutated_bytes(buffer.getvalue(), random)
        )

    def read(self) -> Any:
        return tf.keras.models.load_model(self.folder / "m.keras")


class Hdf5(Target):
    """`.h5` files, of models and of weights, with changed bytes."""

    errors = Archives.errors

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.files = [path for path in self.unpack("keras_files.zip") if path.suffix == ".h5"]

    def change(self, random: Random) -> None:
        path = random.choice(self.files)
        self.path = self.folder / ("m.weights.h5" if path.name.endswith(".weights.h5") else "m.h5")
        self.path.write_bytes(mutated_bytes(path.read_bytes(), random))

    def read(self) -> Any:
        if not self.path.name.endswith(".weights.h5"):
            return tf.keras.models.load_model(self.path)
        model = tf.keras.Sequential([tf.keras.Input((5,)), tf.keras.layers.Dense(4), tf.keras.layers.Dense(2)])
        return model.load_weights(self.path)


class Requests(Target):
    """Bodies of REST requests: the answer is a prediction, or an error that blames the client."""

    PATHS = [
        f"/v1/models/{{}}{version}:{verb}"
        for version in ("", "/versions/1")
        for verb in ("predict", "classify", "regress")
    ]
    BODIES = [
        b'{"instances": [{"x": [1.0, 2.0], "s": "a"}, {"x": [3, 4], "s": {"b64": "AA=="}}]}',
        b'{"signature_name": "serving_default", "inputs": {"x": [[1.0, 2.0]], "s": ["a"]}}',
        b'{"signature_name": "one", "instances": [1, 2, 3]}',
        b'{"signature_name": "one", "inputs": [1.5, -2e3]}',
        b'{"signature_name": "whole", "inputs": [[1, 2], [3, 4]]}',
        b'{"context": {"x": 1.0}, "examples": [{"x": [1.0, 2.0], "s": "b"}], "signature_name": "serving_default"}',
    ]

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)

        @tf.function(
            input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x"), tf.TensorSpec([None], tf.string, name="s")]
        )
        def both(x: Any, s: Any) -> Any:
            return {"scores": x * 2.0, "classes": tf.stack([s, s], 1)}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
        def one(x: Any) -> Any:
            return {"outputs": tf.sqrt(x)}

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int64, name="x")])
        def whole(x: Any) -> Any:
            return {"y": tf.reduce_sum(x)}

        module = tf.Module()
        module.both, module.one, module.whole = both, one, whole
        tf.saved_model.save(module, folder / "models" / "1", {"serving_default": both, "one": one, "whole": whole})

    def change(self, random: Random) -> None:
        self.path = random.choice(self.PATHS).format("models")
        self.body = mutated_json(random.choice(self.BODIES), random)

    def read(self) -> Any:
        async def ask() -> tuple[int, bytes]:
            async with serving(self.folder / "models") as client:
                return await client.send("POST", self.path, self.body)

        status, answer = asyncio.run(ask())
        found = json.loads(answer)
        if status == 200:
            assert set(found) & {"predictions", "outputs", "results"}, found
        else:
            assert 400 <= status < 500 and isinstance(found["error"], str), (status, found)


class Folders(Target):
    """Folders of Keras models, also one of Keras 2: their configurations, and all their other files."""

    errors = Archives.errors + (OSError,)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.unpack("former_saved_models.tar.xz", "cnn")
        for name, layers in {
            "dense": [tf.keras.layers.Dense(3, activation="relu"), tf.keras.layers.BatchNormalization()],
            "lstm": [tf.keras.layers.Reshape((2, 2)), tf.keras.layers.LSTM(3)],
        }.items():
            model = tf.keras.Sequential([tf.keras.Input((4,)), *layers, tf.keras.layers.Dense(1)])
            model.compile("adam", "mse")
            model.fit(tf.ones([4, 4]), tf.ones([4, 1]), verbose=0)
            model.save(folder / "valid" / name)

    def change(self, random: Random) -> None:
        source = random.choice(sorted((self.folder / "valid").iterdir()))
        shutil.rmtree(self.folder / "m", ignore_errors=True)
        shutil.copytree(source, self.folder / "m")
        files = sorted(path for path in (self.folder / "m").rglob("*") if path.is_file())
        configuration = [path for path in files if path.suffix == ".json" or path.name == "keras_metadata.pb"]
        path = random.choice(configuration * 3 + files)
        change = (
            {".json": mutated_json, ".pb": _mutated_metadata}[path.suffix] if path in configuration else mutated_bytes
        )
        path.write_bytes(change(path.read_bytes(), random))

    def read(self) -> Any:
        return tf.keras.models.load_model(self.folder / "m")

    def use(self, found: Any) -> None:
        found(tf.ones([2, 4]))


def _mutated_metadata(data: bytes, random: Random) -> bytes:
    """What Keras 2 knows of a model, changed in the JSON of one of its objects."""
    message = SavedMetadata.FromString(data)
    node = message.nodes[random.choice([0, 0, 0, random.randint(0, len(message.nodes) - 1)])]
    node.metadata = mutated_json(node.metadata.encode(), random).decode(errors="replace")
    return message.SerializeToString()


class MachineCode(Target):
    """Files of machine code with changed bytes: not used, and the model does what it did."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        settings.compiles = True  # else it would keep all on NumPy
        module = tf.Module()
        module.v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
        module.f = tf.function(
            lambda x: tf.exp(x @ module.v) + 1.0, input_signature=[tf.TensorSpec([None, 2], tf.float32)]
        )
        tf.saved_model.save(module, folder / "m")
        list(compile_functions(str(folder / "m"), [3]))
        (self.path,) = (folder / "m" / "assets.extra" / "tenfold").iterdir()
        self.valid, self.expected = self.path.read_bytes(), module.f(tf.ones([3, 2])).numpy()

    def change(self, random: Random) -> None:
        self.path.write_bytes(mutated_bytes(self.valid, random))

    def read(self) -> Any:
        loaded = tf.saved_model.load(self.folder / "m", options=tf.saved_model.LoadOptions(compiled=True))
        np.testing.assert_allclose(loaded.f(tf.ones([3, 2])), self.expected, rtol=1e-6)


TARGETS: dict[str, Callable[[Path], Target]] = {
    "graphs": Graphs,
    "graph_bytes": GraphBytes,
    "graph_defs": GraphDefs,
    "checkpoints": Checkpoints,
    "checkpoint_bytes": CheckpointBytes,
    "object_graphs": ObjectGraphs,
    "archives": Archives,
    "hdf5": Hdf5,
    "requests": Requests,
    "folders": Folders,
    "machine_code": MachineCode,
}
