"""What golden cases (`keras_image_data`) do not say of images that are changed at random: training with them, files, warnings."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import tenfold as tf

LAST = {"row_axis": 0, "col_axis": 1, "channel_axis": 2}


def images(rows=24, seed=0):
    """Dark and bright images, and which of them are bright."""
    is_bright = np.arange(rows) % 2
    noise = np.random.RandomState(seed).uniform(0, 40, (rows, 6, 6, 3))
    return (noise + 150 * is_bright[:, None, None, None]).astype(np.float32), is_bright


@pytest.fixture
def folder(tmp_path):
    x, y = images()
    for i, (image, label) in enumerate(zip(x, y, strict=True)):
        (tmp_path / "dark bright".split()[label]).mkdir(exist_ok=True)
        tf.keras.utils.save_img(tmp_path / "dark bright".split()[label] / f"{i}.png", image, scale=False)
    return tmp_path


@pytest.fixture
def model():
    tf.keras.utils.set_random_seed(1)
    model = tf.keras.Sequential([tf.keras.layers.GlobalAveragePooling2D(), tf.keras.layers.Dense(2, "softmax")])
    model.compile(tf.keras.optimizers.Adam(0.3), "categorical_crossentropy", metrics=["accuracy"])
    return model


def generator(**kwargs):
    return tf.keras.preprocessing.image.ImageDataGenerator(
        rescale=1 / 255, rotation_range=30, horizontal_flip=True, validation_split=0.25, **kwargs
    )


@pytest.mark.parametrize("workers", [1, 3])
def test_a_model_fits_images_of_a_folder(folder, model, workers):
    data = generator()
    train, held_out = (
        data.flow_from_directory(folder, target_size=(6, 6), batch_size=4, subset=subset, shuffle=subset == "training")
        for subset in ("training", "validation")
    )
    train.workers = workers
    assert (train.samples, held_out.samples, train.class_indices) == (18, 6, {"bright": 0, "dark": 1})
    history = model.fit(train, epochs=8, validation_data=held_out, steps_per_epoch=len(train), verbose=0)
    assert history.history["val_accuracy"][-1] == 1
    assert model.evaluate(held_out, verbose=0)[1] == 1
    classes = model.predict(held_out, verbose=0).argmax(1)
    assert classes.tolist() == held_out.classes.tolist()


def test_rows_are_shuffled_at_each_end_of_an_epoch(model):
    x, y = images()
    orders = []

    class Seen(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            orders.append(batches.index_array.tolist())

    batches = generator().flow(x, np.eye(2)[y], batch_size=5)
    model.fit(batches, epochs=3, steps_per_epoch=len(batches), verbose=0, callbacks=[Seen()])
    assert all(sorted(order) == list(range(24)) for order in orders)
    assert orders[0] != orders[1] != orders[2]


def test_a_model_fits_images_of_a_table_that_is_no_dataframe(folder, model):
    x, y = images()
    table = {
        "file": [f"{'bright' if b else 'dark'}/{i}.png" for i, b in enumerate(y)],
        "what": np.where(y, "b", "d").tolist(),
    }
    batches = generator().flow_from_dataframe(table, folder, "file", "what", target_size=(6, 6), batch_size=6)
    model.fit(batches, epochs=8, verbose=0)
    assert model.evaluate(batches, verbose=0)[1] == 1


def test_next_goes_on_without_end_and_reset_begins_anew():
    x, y = images(5)
    batches = generator().flow(x, y, batch_size=2, shuffle=False)
    sizes = [len(next(batches)[0]) for _ in range(7)]
    assert sizes == [2, 2, 1, 2, 2, 1, 2]
    batches.reset()
    assert next(batches)[1].tolist() == [0, 1]


def test_four_quarter_turns_are_none():
    image = np.random.RandomState(0).uniform(size=(5, 5, 2))
    turned = image
    for _ in range(4):
        turned = tf.keras.preprocessing.image.apply_affine_transform(turned, theta=90, **LAST)
    np.testing.assert_allclose(turned, image, atol=1e-12)


def test_splines_are_refused():
    with pytest.raises(ValueError, match="order is 3; splines are not there"):
        tf.keras.preprocessing.image.apply_affine_transform(np.zeros((2, 2, 1)), theta=1, order=3, **LAST)
    with pytest.raises(ValueError, match="fill_mode is 'mirror'"):
        tf.keras.preprocessing.image.apply_affine_transform(np.zeros((2, 2, 1)), theta=1, fill_mode="mirror", **LAST)


def test_pictures_are_written_to_a_folder(tmp_path):
    x, y = images(3)
    batches = generator().flow(
        x, y, batch_size=3, shuffle=False, save_to_dir=tmp_path, save_prefix="p", save_format="png"
    )
    next(batches)
    assert sorted(path.name.split("_")[1] for path in tmp_path.glob("p_*_*.png")) == ["0", "1", "2"]


@pytest.mark.parametrize("name", ["featurewise_center", "zca_whitening"])
def test_what_needs_data_warns_until_it_has_learned_from_them(name):
    x, _ = images()
    data = tf.keras.preprocessing.image.ImageDataGenerator(
        featurewise_center=True, **({} if name == "featurewise_center" else {name: True})
    )
    with pytest.warns(UserWarning) as warned:
        data.standardize(x[0].copy())
    assert any(f"{name} needs data that it learns from. Call fit" in str(w.message) for w in warned)
    data.fit(x)
    assert data.standardize(x.copy()).mean() == pytest.approx(0, abs=1e-3)


def test_arguments_that_set_others_warn():
    with pytest.warns(UserWarning, match="samplewise_std_normalization sets samplewise_center=True"):
        tf.keras.preprocessing.image.ImageDataGenerator(samplewise_std_normalization=True)


def test_brightness_without_pillow_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r"tenfold\[image\]"):
        tf.keras.preprocessing.image.apply_brightness_shift(np.zeros((2, 2, 3)), 2)


def test_a_tensor_resized_stays_a_tensor():
    image = tf.reshape(tf.range(24.0), (4, 6, 1))
    resized = tf.keras.preprocessing.image.smart_resize(image, (2, 2), "nearest")
    assert tf.is_tensor(resized) and resized[..., 0].numpy().tolist() == [[8, 10], [20, 22]]
