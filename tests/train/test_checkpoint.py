"""`tf.train.Checkpoint`: saving, restoring at once and later, and what its status says."""

from __future__ import annotations

import copy
import gc
import logging
import os
import pickle
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tenfold as tf

L = tf.keras.layers


class Line(tf.Module):
    def __init__(self, value: float = 0.0) -> None:
        super().__init__()
        self.w = tf.Variable([value, value], name="w")
        self.parts = [tf.Variable(value), {"x": (tf.Variable(value), 3)}]


def values(module: Line) -> list[float]:
    return [float(np.sum(v.numpy())) for v in (module.w, module.parts[0], module.parts[1]["x"][0])]


def test_save_numbers_checkpoints_and_notes_the_latest(tmp_path: Path) -> None:
    v = tf.Variable(1.0)
    checkpoint = tf.train.Checkpoint(v=v)
    paths = [checkpoint.save(tmp_path / "deep" / "ckpt") for _ in range(2)]
    assert paths == [str(tmp_path / "deep" / f"ckpt-{i}") for i in (1, 2)]
    assert tf.train.latest_checkpoint(tmp_path / "deep") == paths[1]
    text = (tmp_path / "deep" / "checkpoint").read_text()
    assert text == 'model_checkpoint_path: "ckpt-2"\nall_model_checkpoint_paths: "ckpt-2"\n'
    assert checkpoint.save_counter.numpy() == 2
    again = tf.train.Checkpoint(v=tf.Variable(0.0))
    again.restore(paths[1]).assert_consumed()
    assert again.save_counter.numpy() == 2  # so that it goes on with the next number
    assert again.save(tmp_path / "deep" / "ckpt").endswith("ckpt-3")


def test_write_neither_numbers_nor_notes(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(v=tf.Variable(1.0)).write(tmp_path / "x")
    assert sorted(os.listdir(tmp_path)) == ["x.data-00000-of-00001", "x.index"]
    assert [name for name, _ in tf.train.list_variables(path)] == [
        "_CHECKPOINTABLE_OBJECT_GRAPH",
        "v/.ATTRIBUTES/VARIABLE_VALUE",
    ]
    assert tf.train.latest_checkpoint(tmp_path) is None


def test_modules_lists_dicts_and_tuples_are_restored(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(line=Line(1.0), more=[tf.Variable(5)]).write(tmp_path / "x")
    line, more = Line(), [tf.Variable(0)]
    status = tf.train.Checkpoint(line=line, more=more).read(path)
    assert status.assert_consumed() is status
    assert status.assert_existing_objects_matched().assert_nontrivial_match() is status
    status.run_restore_ops()
    status.initialize_or_restore()
    assert values(line) == [2.0, 1.0, 1.0] and more[0].numpy() == 5


def test_the_attributes_of_a_root_stand_at_the_top(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(Line(1.0), extra=tf.Variable(2.0)).save(tmp_path / "x")
    names = [name.split("/.")[0] for name, _ in tf.train.list_variables(path)][1:]
    assert names == ["extra", "parts/0", "parts/1/x/0", "save_counter", "w"]
    line, extra = Line(), tf.Variable(0.0)
    tf.train.Checkpoint(line, extra=extra).restore(path).assert_consumed()
    assert values(line) == [2.0, 1.0, 1.0] and extra.numpy() == 2.0


def test_a_value_read_before_stays_as_it_was(tmp_path: Path) -> None:
    v = tf.Variable([1.0, 2.0])
    checkpoint = tf.train.Checkpoint(v=v)
    path = checkpoint.write(tmp_path / "x")
    v.assign([5.0, 5.0])
    before = v.read_value()
    checkpoint.read(path)
    assert before.numpy().tolist() == [5.0, 5.0] and v.numpy().tolist() == [1.0, 2.0]


# Later.


def test_attributes_that_are_made_later_get_their_values(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(line=Line(1.0), v=tf.Variable(3.0)).write(tmp_path / "x")
    line = tf.Module()
    checkpoint = tf.train.Checkpoint(line=line)
    status = checkpoint.read(path)
    with pytest.raises(AssertionError, match="4 values have no object"):
        status.assert_consumed()
    line.w = tf.Variable([0.0, 0.0])
    assert line.w.numpy().tolist() == [1.0, 1.0]
    line.parts = [tf.Variable(0.0), {"x": (tf.Variable(0.0), 3)}]
    assert line.parts[1]["x"][0].numpy() == 1.0
    checkpoint.v = tf.Variable(0.0)
    assert checkpoint.v.numpy() == 3.0
    status.assert_consumed()


def test_what_lists_get_later_is_restored_at_once(tmp_path: Path) -> None:
    # was, when the status was asked
    saved = [tf.Variable(1.0), tf.Variable(2.0), tf.Variable(3.0), tf.Variable(4.0)]
    path = tf.train.Checkpoint(several=saved).write(tmp_path / "x")
    checkpoint = tf.train.Checkpoint(several=[])
    status = checkpoint.read(path)
    variables = [tf.Variable(0.0) for _ in saved]
    checkpoint.several.append(variables[0])
    assert variables[0].numpy() == 1.0
    checkpoint.several.extend(variables[1:2])
    checkpoint.several += variables[2:3]
    assert [v.numpy() for v in variables] == [1.0, 2.0, 3.0, 0.0]
    checkpoint.several[3:] = variables[3:]
    assert variables[3].numpy() == 4.0
    status.assert_consumed()
    assert pickle.loads(pickle.dumps(checkpoint.several[:0])) == [] and type(copy.copy(checkpoint.several)) is list


def net() -> Any:
    return tf.keras.Sequential([L.Dense(4), L.Dropout(0.5), L.Dense(1)])


def test_a_model_and_its_optimizer_are_restored_when_they_are_built(tmp_path: Path) -> None:
    tf.keras.utils.set_random_seed(1)
    x, y = np.ones((4, 3), np.float32), np.ones((4, 1), np.float32)
    model, optimizer = net(), tf.keras.optimizers.Adam()

    def step(model: Any, optimizer: Any) -> None:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x, training=True) - y) ** 2)
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    step(model, optimizer)
    path = tf.train.Checkpoint(model=model, optimizer=optimizer).save(tmp_path / "x")
    step(model, optimizer)
    for function in (step, tf.function(step)):  # where a function makes the variables while it is traced, too
        later, fresh = net(), tf.keras.optimizers.Adam()
        status = tf.train.Checkpoint(model=later, optimizer=fresh).restore(path)
        function(later, fresh)
        status.assert_consumed()
        for a, b in zip(model.variables + optimizer.variables, later.variables + fresh.variables, strict=True):
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4, atol=1e-6)


def test_a_checkpoint_that_is_deleted_meanwhile_is_still_restored(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(line=Line(1.0)).write(tmp_path / "x")
    line = tf.Module()
    line.parts = [tf.Variable(0.0)]
    tf.train.Checkpoint(line=line).read(path).expect_partial()
    for file in tmp_path.iterdir():
        file.unlink()
    line.w = tf.Variable([0.0, 0.0])
    assert line.w.numpy().tolist() == [1.0, 1.0]


def test_the_later_checkpoint_wins(tmp_path: Path) -> None:
    paths = [tf.train.Checkpoint(line=Line(value)).write(tmp_path / f"x{value}") for value in (1.0, 2.0)]
    line = tf.Module()
    for path in paths:
        tf.train.Checkpoint(line=line).read(path).expect_partial()
    line.w = tf.Variable([0.0, 0.0])
    assert line.w.numpy().tolist() == [2.0, 2.0]


def test_what_waits_for_values_is_not_kept_alive(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(Line(1.0), other=Line(2.0)).write(tmp_path / "x")
    root, other = tf.Module(), tf.Module()
    tf.train.Checkpoint(root, other=other).read(path).expect_partial()
    gone = [weakref.ref(root), weakref.ref(other)]
    del root, other
    gc.collect()
    assert [reference() for reference in gone] == [None, None]


# What does not fit.


def test_python_objects_without_a_value_are_told(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(a=tf.Variable(1.0)).write(tmp_path / "x")
    checkpoint = tf.train.Checkpoint(a=tf.Variable(0.0), b=tf.Variable(0.0, name="b"))
    status = checkpoint.read(path)
    for ask in (status.assert_consumed, status.assert_existing_objects_matched):
        with pytest.raises(AssertionError, match="Found 1 Python objects that were not bound .*'b'"):
            ask()
    status.assert_nontrivial_match()
    assert checkpoint.a.numpy() == 1.0


def test_values_without_an_object_are_told(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(a=tf.Variable(1.0), b=tf.Variable(0.0)).write(tmp_path / "x")
    status = tf.train.Checkpoint(a=tf.Variable(0.0)).read(path)
    status.assert_existing_objects_matched()
    with pytest.raises(AssertionError, match="1 values have no object .*b/.ATTRIBUTES/VARIABLE_VALUE"):
        status.assert_consumed()


def test_nothing_in_common_is_told(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(a=tf.Variable(1.0)).write(tmp_path / "x")
    with pytest.raises(AssertionError, match="Nothing except the root object matched"):
        tf.train.Checkpoint(b=tf.Variable(0.0)).read(path).assert_nontrivial_match()


def test_no_checkpoint_is_told_when_the_status_is_asked() -> None:
    status = tf.train.Checkpoint(a=tf.Variable(0.0)).restore(None)
    status.initialize_or_restore()
    with pytest.raises(AssertionError, match="No checkpoint specified"):
        status.assert_consumed()


def test_lost_values_are_logged_unless_they_are_expected(tmp_path: Path, caplog: Any) -> None:
    path = tf.train.Checkpoint(a=tf.Variable(1.0), b=tf.Variable(0.0)).write(tmp_path / "x")
    with caplog.at_level(logging.WARNING, "tensorflow"):
        tf.train.Checkpoint(a=tf.Variable(0.0)).read(path).expect_partial()
        gc.collect()
        assert not caplog.records
        tf.train.Checkpoint(a=tf.Variable(0.0)).read(path)
        gc.collect()
        assert "1 values were never restored" in caplog.text


def test_another_shape_or_dtype_is_an_error_and_changes_nothing(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(a=tf.Variable(1.0), b=tf.Variable([1.0, 2.0])).write(tmp_path / "x")
    a = tf.Variable(0.0)
    with pytest.raises(ValueError, match=r"'b' has shape \(3,\), the value in the checkpoint has shape \(2,\)"):
        tf.train.Checkpoint(a=a, b=tf.Variable([0.0] * 3, name="b")).read(path)
    with pytest.raises(tf.errors.InvalidArgumentError, match="has dtype int32, .* has float32"):
        tf.train.Checkpoint(a=a, b=tf.Variable([0, 0])).read(path)
    assert a.numpy() == 0.0
    open_shape = tf.Variable([0.0] * 3, shape=[None])
    tf.train.Checkpoint(a=a, b=open_shape).read(path).assert_consumed()
    assert open_shape.numpy().tolist() == [1.0, 2.0]


def test_a_damaged_file_changes_nothing(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(a=tf.Variable(1.0), b=tf.Variable(2.0)).write(tmp_path / "x")
    data = Path(f"{path}.data-00000-of-00001")
    data.write_bytes(data.read_bytes()[:-5] + b"12345")
    a, b = tf.Variable(0.0), tf.Variable(0.0)
    with pytest.raises(tf.errors.DataLossError, match="checksum|damaged"):
        tf.train.Checkpoint(b=b, a=a).read(path)
    assert (a.numpy(), b.numpy()) == (0.0, 0.0)


def test_a_missing_checkpoint_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(tf.errors.NotFoundError, match="(?s)no checkpoint.*missing the checkpoint suffix"):
        tf.train.Checkpoint(a=tf.Variable(0.0)).restore(tmp_path / "none")
    (tmp_path / "old").write_bytes(b"x")
    with pytest.raises(tf.errors.UnimplementedError, match="is one file"):
        tf.train.Checkpoint(a=tf.Variable(0.0)).restore(tmp_path / "old")


@pytest.mark.parametrize("value", [5, None, "text", np.ones(2)])
def test_what_holds_no_variables_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="`Checkpoint` was expecting x to be a trackable object"):
        tf.train.Checkpoint(x=value)
    with pytest.raises(ValueError, match="`Checkpoint` was expecting root"):
        tf.train.Checkpoint([tf.Variable(1.0)])


def test_other_mistakes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the argument w and the root's attribute w are different"):
        tf.train.Checkpoint(Line(), w=tf.Variable(1.0))
    with pytest.raises(ValueError, match="keys of dicts must be strings"):
        tf.train.Checkpoint(x={1: tf.Variable(1.0)}).write(tmp_path / "x")
    with pytest.raises(NotImplementedError, match="Call it outside of tf.function"):
        tf.function(lambda: tf.train.Checkpoint(x=tf.Variable(1.0)).save(str(tmp_path / "y")))()
    with pytest.raises(ValueError, match="experimental_sharding_callback"):
        tf.train.CheckpointOptions(experimental_sharding_callback=max)


def test_options_call_back(tmp_path: Path) -> None:
    seen: list[Any] = []
    options = tf.train.CheckpointOptions(
        experimental_io_device="/cpu:0", experimental_write_callbacks=[seen.append, lambda: seen.append("done")]
    )
    path = tf.train.Checkpoint(x=tf.Variable(1.0)).save(tmp_path / "x", options=options)
    assert seen == [path, "done"]


# Keras.


def test_state_that_tensorflow_leaves_out_is_kept(tmp_path: Path) -> None:
    class Net(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = [L.Dense(2), {"inner": L.Dense(2)}]
            self.drop, self.mean = L.Dropout(0.5), tf.keras.metrics.Mean()

        def call(self, x: Any, training: bool = False) -> Any:
            return self.blocks[1]["inner"](self.drop(self.blocks[0](x), training=training))

    model = Net()
    model(np.ones((1, 2)), training=True)
    model.mean.update_state([1.0, 5.0])
    path = tf.train.Checkpoint(model=model).write(tmp_path / "x")
    later = Net()
    status = tf.train.Checkpoint(model=later).read(path)
    later(np.ones((1, 2)))
    status.assert_consumed()
    assert later.mean.result().numpy() == 3.0
    x = np.ones((5, 2), np.float32)
    np.testing.assert_array_equal(model(x, training=True), later(x, training=True))


def test_generators_go_on(tmp_path: Path) -> None:
    generator = tf.random.Generator.from_seed(3)
    generator.normal([3])
    path = tf.train.Checkpoint(g=generator).write(tmp_path / "x")
    other = tf.random.Generator.from_seed(5)
    tf.train.Checkpoint(g=other).read(path).assert_consumed()
    np.testing.assert_array_equal(generator.normal([3]), other.normal([3]))


def test_what_lists_and_dicts_in_modules_get_later_is_restored_at_once(tmp_path):
    def made(values):
        yield from (tf.Variable(values.pop(0)) for _ in range(6))

    def fill(module, variables):
        module.items.append(next(variables))
        module.by_name["a"] = next(variables)
        module.by_name.update({"b": next(variables)})
        module.by_name |= {"c": next(variables)}
        module.nested[0].append(next(variables))
        module.nested[1]["d"] += [next(variables)]
        return module

    def empty():
        module = tf.Module()
        module.items, module.by_name, module.nested = [], {}, [[], {"d": []}]
        return module

    path = tf.train.Checkpoint(net=fill(empty(), made([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))).write(tmp_path / "c")
    module = empty()
    status = tf.train.Checkpoint(net=module).read(path)
    fill(module, made([0.0] * 6))
    found = [*module.items, *module.by_name.values(), *module.nested[0], *module.nested[1]["d"]]
    assert [v.numpy() for v in found] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    status.assert_consumed()
    module.by_name["e"] = tf.Variable(0.0)
    with pytest.raises(AssertionError, match="1 Python objects"):
        status.assert_existing_objects_matched()


@pytest.mark.parametrize("is_model", [False, True])
def test_what_is_replaced_while_it_is_read_is_read_anew(is_model, tmp_path, monkeypatch):
    # was said to be damaged, or missing: the table of one was read with the data of the other
    module = tf.Module()
    module.v = tf.Variable(1.0)

    def write(number):
        module.v.assign(number)
        if is_model:
            tf.saved_model.save(module, tmp_path / "m")
        else:
            tf.train.Checkpoint(v=module.v).write(tmp_path / "c")

    def open_after_a_write(path, *args, **kwargs):
        if "data-00000" in os.fspath(path) and waiting and args == ("rb",):
            write(waiting.pop())
        return builtin_open(path, *args, **kwargs)

    write(1.0)
    waiting, builtin_open = [2.0], open
    monkeypatch.setattr("builtins.open", open_after_a_write)
    found = tf.Variable(0.0)
    if is_model:
        found = tf.saved_model.load(tmp_path / "m").v
    else:
        tf.train.Checkpoint(v=found).read(tmp_path / "c")
    assert found == 2.0 and not waiting


def test_paths_of_bytes(tmp_path):
    # made files whose names began with b'
    variable = tf.Variable(1.0)
    checkpoint, folder = tf.train.Checkpoint(v=variable), os.fsencode(tmp_path)
    path = checkpoint.save(folder + b"/c")
    assert path == f"{tmp_path}/c-1" == tf.train.latest_checkpoint(folder)
    assert checkpoint.write(folder + b"/w") == f"{tmp_path}/w"
    variable.assign(2.0)
    checkpoint.restore(os.fsencode(path)).assert_consumed()
    assert variable == 1.0
    manager = tf.train.CheckpointManager(checkpoint, folder, max_to_keep=1)
    assert manager.save().startswith(f"{tmp_path}/ckpt-")
    assert ("v/.ATTRIBUTES/VARIABLE_VALUE", []) in tf.train.list_variables(folder)
