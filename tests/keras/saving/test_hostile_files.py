"""Damaged and hostile files: a clear error, nothing of theirs run, nothing left behind."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import tenfold as tf

layers = tf.keras.layers


def small_model() -> Any:
    model = tf.keras.Sequential([tf.keras.Input((3,)), layers.Dense(4, activation="relu"), layers.Dense(2)])
    model.compile("adam", "mse")
    return model


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "model.keras"
    small_model().save(path)
    return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path: Path, **changed: bytes) -> Path:
    """The archive with other members; `config` stands for config.json, and so on."""
    names = {"config": "config.json", "weights": "model.weights.h5", "metadata": "metadata.json"}
    content = {**members(path), **{names[key]: value for key, value in changed.items()}}
    target = path.with_name("changed.keras")
    with zipfile.ZipFile(target, "w") as archive:
        for name, value in content.items():
            archive.writestr(name, value)
    return target


def with_config(path: Path, change: Any) -> Path:
    config = json.loads(members(path)["config.json"])
    change(config)
    return rewritten(path, config=json.dumps(config).encode())


def refused(path: Path, match: str | None = None, errors: Any = (ValueError, TypeError), **kwargs: Any) -> str:
    with pytest.raises(errors, match=match) as caught:
        tf.keras.models.load_model(path, **kwargs)
    return str(caught.value)


# Damage.


@pytest.mark.parametrize("ending", [".keras", ".h5", ".weights.h5"])
def test_truncated_file_is_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"model{ending}"
    model = small_model()
    model.save_weights(path) if ending == ".weights.h5" else model.save(path)
    whole = path.read_bytes()
    cuts = {*range(0, 64, 7), *range(64, len(whole), 509), len(whole) - 1}
    for cut in sorted(cuts):
        path.write_bytes(whole[:cut])
        with pytest.raises(ValueError):
            model.load_weights(path) if ending == ".weights.h5" else tf.keras.models.load_model(path)


def test_an_attribute_of_a_kind_that_is_none_is_refused(tmp_path: Path) -> None:
    # the HDF5 library read it, and the process ended
    path = tmp_path / "m.h5"
    small_model().save(path)
    content = bytearray(path.read_bytes())
    name = content.index(b"model_config\0")
    kind = content.index(bytes.fromhex("1901"), name) + 1  # of variable length: 0 for lists, 1 for text
    content[kind] = 9
    path.write_bytes(content)
    refused(path, "is neither text nor numbers", errors=ValueError)


def test_heap_without_an_end_is_refused(tmp_path: Path) -> None:
    """The HDF5 library would go through it forever, where no signal stops it."""
    path = tmp_path / "model.h5"
    small_model().save(path)
    content = bytearray(path.read_bytes())
    heap = content.index(b"GCOL\x01")
    place = heap + 16
    while int.from_bytes(content[place : place + 2], "little"):
        place += 16 + -(-int.from_bytes(content[place + 8 : place + 16], "little") // 8) * 8
    content[place + 8 : place + 16] = bytes(8)
    path.write_bytes(content)
    refused(path, "heap of strings is damaged", errors=ValueError)


def test_flipped_bytes_of_an_archive_are_noticed(saved: Path) -> None:
    """The weights of a damaged archive are never taken for good ones: zip members have checksums."""
    whole = bytearray(saved.read_bytes())
    expected = tf.keras.models.load_model(saved).get_weights()
    for position in range(0, len(whole), 211):
        whole[position] ^= 0xFF
        saved.write_bytes(whole)
        whole[position] ^= 0xFF
        try:
            loaded = tf.keras.models.load_model(saved).get_weights()
        except (ValueError, TypeError):
            continue
        for value, want in zip(loaded, expected, strict=True):  # a byte that says nothing, such as a date
            np.testing.assert_array_equal(value, want)


@pytest.mark.parametrize("missing", ["config.json", "model.weights.h5", "metadata.json"])
def test_archive_without_a_member_is_refused(saved: Path, missing: str) -> None:
    content = members(saved)
    with zipfile.ZipFile(saved, "w") as archive:
        for name, value in content.items():
            if name != missing:
                archive.writestr(name, value)
    refused(saved, match=missing)


@pytest.mark.parametrize(
    "config", [b"", b"{", b"[]", b"7", b"null", b'"a"', b"\xff\xfe", b"{}", b'{"class_name": 3, "config": {}}']
)
def test_config_of_another_form_is_refused(saved: Path, config: bytes) -> None:
    refused(rewritten(saved, config=config))


def test_deeply_nested_config_is_refused(saved: Path) -> None:
    refused(rewritten(saved, config=b'{"a":' * 100_000 + b"1" + b"}" * 100_000), match="damaged|deep")
    start, end = b'{"class_name": "Sequential", "config": {"name": "s", "layers": [', b"]}}"
    refused(rewritten(saved, config=start * 400 + end * 400))


def test_other_file_kinds_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    for content in (b"", b"hello", b"\x80\x04K\x01.", b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"):
        path.write_bytes(content)
        refused(path)
    refused(tmp_path / "absent.keras", match="File not found")
    refused(tmp_path, match="folder")


# Hostility.


def test_member_outside_the_archive_is_refused(saved: Path) -> None:
    for name in ("../outside.txt", "/tmp/outside.txt", "a/../../outside.txt", "..\\outside.txt"):
        content = members(saved)
        with zipfile.ZipFile(saved.with_name("bad.keras"), "w") as archive:
            for member, value in {**content, name: b"x"}.items():
                archive.writestr(member, value)
        refused(saved.with_name("bad.keras"), match="points out")


def test_zip_bomb_is_refused(saved: Path) -> None:
    content = members(saved)
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", b" " * (300 << 20))
        archive.writestr("metadata.json", content["metadata.json"])
        archive.writestr("model.weights.h5", content["model.weights.h5"])
    refused(saved, match="would unpack")


def test_lambda_is_refused_and_not_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    source = f"lambda x: (__import__('pathlib').Path({str(marker)!r}).touch(), x)[1]"
    model = tf.keras.Sequential([tf.keras.Input((3,)), layers.Lambda(eval(source))])  # noqa: S307
    marker.unlink(missing_ok=True)
    for path in (tmp_path / "model.keras", tmp_path / "model.h5"):
        model.save(path)
        assert "safe_mode=False" in refused(path)
        assert not marker.exists()
    loaded = tf.keras.models.load_model(path, safe_mode=False)
    assert loaded.predict(np.ones((1, 3), np.float32), verbose=0).tolist() == [[1.0, 1.0, 1.0]]


PLACES = [
    ("os", "system"), ("subprocess", "Popen"), ("builtins", "eval"), ("builtins", "exec"), ("shutil", "rmtree"),
    ("keras.utils", "get_file"), ("keras.src.utils.file_utils", "get_file"), ("keras.saving", "load_model"),
    ("keras.models", "load_model"), ("keras.config", "enable_unsafe_deserialization"), ("numpy", "fromfile"),
    ("keras.layers", "Missing"), ("keras.layers", "os"), ("importlib", "import_module"), ("no.such.module", "Thing"),
    ("tenfold.keras.saving.serialization", "_undumped"), ("posix", "system"), ("pickle", "loads"), ("", ""),
]  # fmt: skip


@pytest.mark.parametrize("module, name", PLACES)
def test_foreign_class_or_function_is_refused(saved: Path, tmp_path: Path, module: str, name: str) -> None:
    marker = tmp_path / "ran"
    command = f"touch {marker}"

    def as_layer(config: dict) -> None:
        entry = {"module": module, "class_name": name, "config": {"command": command}, "registered_name": name}
        config["config"]["layers"].append(entry)

    def as_activation(config: dict) -> None:
        entry = {"module": module, "class_name": "function", "config": name, "registered_name": name}
        config["config"]["layers"][1]["config"]["activation"] = entry

    def as_initializer(config: dict) -> None:
        entry = {"module": module, "class_name": name, "config": {}, "registered_name": None}
        config["config"]["layers"][1]["config"]["kernel_initializer"] = entry

    for change in (as_layer, as_activation, as_initializer):
        path = with_config(saved, change)
        refused(path)
        refused(path, safe_mode=False)
    assert not marker.exists()


def test_module_of_a_stranger_is_not_imported_for_a_function(saved: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """A class that is no Keras class is refused even where its module is importable."""
    (tmp_path / "stranger.py").write_text(
        "class Thing:\n    @classmethod\n    def from_config(cls, c):\n        raise SystemExit\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    entry = {"module": "stranger", "class_name": "Thing", "config": {}, "registered_name": "Thing"}
    refused(with_config(saved, lambda config: config["config"]["layers"].append(entry)), match="Thing")


@pytest.mark.parametrize("units", [10**9, 10**12, 10**18, 10**30, -3, 0, 2.5, "many", None, [4], True])
def test_absurd_units_are_refused(saved: Path, units: Any) -> None:
    def change(config: dict) -> None:
        config["config"]["layers"][1]["config"]["units"] = units

    refused(with_config(saved, change))


@pytest.mark.parametrize("shape", [[None, 10**12], [None, -1], "wide", [None, "a"], [None, [3]], 7, None])
def test_absurd_input_shape_is_refused(saved: Path, shape: Any) -> None:
    def change(config: dict) -> None:
        config["config"]["layers"][0]["config"]["batch_shape"] = shape

    refused(with_config(saved, change))


def weights_with(saved: Path, change: Any) -> Path:
    buffer = io.BytesIO(members(saved)["model.weights.h5"])
    with h5py.File(buffer, "r+") as file:
        change(file)
    return rewritten(saved, weights=buffer.getvalue())


KERNEL = "layers/dense/vars/0"


def _external_link(file: Any) -> None:
    del file[KERNEL]
    file[KERNEL] = h5py.ExternalLink("other.h5", "/x")


def _external_group(file: Any) -> None:
    del file["layers"]
    file["layers"] = h5py.ExternalLink("other.h5", "/layers")


def _soft_link(file: Any) -> None:
    del file[KERNEL]
    file[KERNEL] = h5py.SoftLink("/layers/dense_1/vars/0")


def _external_storage(file: Any) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, (3, 4), "f4", external=[("/etc/hostname", 0, 48)])


def _virtual(file: Any) -> None:
    del file[KERNEL]
    layout = h5py.VirtualLayout((3, 4), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (3, 4))
    file.create_virtual_dataset(KERNEL, layout)


def _huge(file: Any) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, (10**7, 10**5), "f4", chunks=(1000, 1000))


def _objects(file: Any) -> None:
    del file[KERNEL]
    file.create_dataset(KERNEL, data=np.array(["a"] * 12, object).reshape(3, 4), dtype=h5py.string_dtype())


def _wrong_shape(file: Any) -> None:
    del file[KERNEL]
    file[KERNEL] = np.zeros((4, 3), np.float32)


def _group_for_dataset(file: Any) -> None:
    del file[KERNEL]
    file.create_group(KERNEL)


def _missing_variable(file: Any) -> None:
    del file[KERNEL]


def _missing_layer(file: Any) -> None:
    del file["layers/dense"]


CHANGES = [
    _external_link, _external_group, _soft_link, _external_storage, _virtual, _huge, _objects, _wrong_shape,
    _group_for_dataset, _missing_variable, _missing_layer,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_bad_weights_are_refused_and_skipped_on_request(saved: Path, change: Any) -> None:
    path = weights_with(saved, change)
    refused(path)
    model = small_model()
    before = model.layers[0].get_weights()
    with pytest.warns(UserWarning, match="could not be loaded"):
        model.load_weights(path, skip_mismatch=True)
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], before[0])
    good = tf.keras.models.load_model(saved)
    if change is not _external_group:
        np.testing.assert_array_equal(model.layers[1].get_weights()[0], good.layers[1].get_weights()[0])


# Saving that fails.


class Unsaveable(layers.Layer):
    def call(self, x: Any) -> Any:
        return x

    def get_config(self) -> Any:
        raise RuntimeError("no configuration today")


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_failing_save_leaves_the_old_file_and_nothing_else(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"model{ending}"
    path.write_bytes(b"the old file")
    model = tf.keras.Sequential([tf.keras.Input((3,)), layers.Dense(2), Unsaveable()])
    with pytest.raises(RuntimeError, match="today"):
        model.save(path)
    assert path.read_bytes() == b"the old file"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


SAVE = """
import resource, signal, sys
import tenfold as tf
path, most = sys.argv[1], int(sys.argv[2])
model = tf.keras.Sequential([tf.keras.Input((500,)), tf.keras.layers.Dense(500)])
save = tf.train.Checkpoint(model).write if path.endswith("ckpt") else model.save
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    (model.save_weights if path.endswith("weights.h5") else save)(path)
except OSError as error:
    print(error)
"""


@pytest.mark.parametrize("name", ["m.keras", "m.h5", "m.weights.h5", "ckpt", "folder"])
def test_a_full_disk_is_told_with_the_path_and_leaves_what_was_there(tmp_path: Path, name: str) -> None:
    def saved(most: int) -> tuple[str, dict[Path, bytes]]:
        command = [sys.executable, "-c", SAVE, str(tmp_path / name), str(most)]
        run = subprocess.run(command, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        return run.stdout, {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}

    said, before = saved(10_000_000)
    assert said == "" and before
    assert saved(100_000) == (f"[Errno 27] File too large: {str(tmp_path / name)!r}\n", before)


SAVE_FOREVER = """
import sys
import tenfold as tf
model = tf.keras.Sequential([tf.keras.Input((1000,)), tf.keras.layers.Dense(1000, kernel_initializer="zeros")])
number = 0
while True:
    number += 1
    model.layers[0].set_weights([model.layers[0].get_weights()[0] * 0 + number, model.layers[0].get_weights()[1] * 0 + number])
    for path in sys.argv[1:]:
        model.save_weights(path) if path.endswith("weights.h5") else model.save(path)
    print(number, flush=True)
"""


def test_killed_save_leaves_a_whole_file(tmp_path: Path) -> None:
    paths = [tmp_path / "m.keras", tmp_path / "m.h5", tmp_path / "m.weights.h5"]
    for attempt in range(6):
        command = [sys.executable, "-c", SAVE_FOREVER, *map(str, paths)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            process.stdout.readline()  # type: ignore[union-attr]
            time.sleep(0.013 * attempt)
            os.kill(process.pid, signal.SIGKILL)
        reader = tf.keras.Sequential([tf.keras.Input((1000,)), layers.Dense(1000)])
        reader.load_weights(paths[2])
        for model in (tf.keras.models.load_model(paths[0]), tf.keras.models.load_model(paths[1]), reader):
            kernel, bias = model.layers[0].get_weights()
            assert kernel.min() == kernel.max() == bias.min() == bias.max() > 0


def test_unsafe_deserialization_can_be_enabled(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "model.keras"
    tf.keras.Sequential([tf.keras.Input((3,)), layers.Lambda(lambda x: x * 2)]).save(path)
    refused(path, match="safe_mode=False")
    monkeypatch.setattr(tf.keras.config, "_is_unsafe", False)  # set back afterwards
    tf.keras.config.enable_unsafe_deserialization()
    assert tf.keras.models.load_model(path).predict(np.ones((1, 3), np.float32), verbose=0).tolist() == [
        [2.0, 2.0, 2.0]
    ]
