"""`keras.preprocessing.image`: images changed by given and by random amounts, and batches of them. Freeze with SciPy and Pillow."""

import os
import tempfile
import warnings

import numpy as np

from tests.golden.case import case

RGB = np.random.RandomState(0).uniform(0, 255, (6, 5, 3)).astype(np.float32)
BATCH = np.random.RandomState(1).uniform(0, 255, (7, 6, 5, 3)).astype(np.float32)
LAST = {"row_axis": 0, "col_axis": 1, "channel_axis": 2}
MODES = ("nearest", "constant", "reflect", "wrap")


def affine(dtype="float32", axes=LAST, shape=(6, 5, 3), **kwargs):
    def run(tf):
        image = np.random.RandomState(0).uniform(0, 255, shape).astype(dtype)
        return tf.keras.preprocessing.image.apply_affine_transform(image, **axes, **kwargs)

    return case(run, name=f"affine {dtype} {axes} {shape} {kwargs}", atol=1e-4 if dtype == "float32" else None)


def changed(function, *args, first=False, **kwargs):
    def run(tf):
        np.random.seed(11)
        image = RGB.transpose(2, 0, 1) if first else RGB
        axes = {} if first else LAST
        axes = axes if "channel_shift" not in function else {"channel_axis": axes.get("channel_axis", 0)}
        axes = {} if "brightness" in function else axes
        return getattr(tf.keras.preprocessing.image, function)(image, *args, **axes, **kwargs), np.random.random()

    return case(run, name=f"{function} {args} {first} {kwargs}", atol=1e-4)


def generated(fit=False, x=BATCH, steps=5, flow=None, **kwargs):
    """Batches of a generator, by `next` and by number."""

    def run(tf):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = tf.keras.preprocessing.image.ImageDataGenerator(**kwargs)
            if fit:
                data.fit(x, **(fit if isinstance(fit, dict) else {}))
            np.random.seed(3)
            batches = data.flow(x, np.arange(len(x)), **{"batch_size": 3, **(flow or {})})
            found = [len(batches), *(next(batches) for _ in range(steps))]
            batches.on_epoch_end()
            found += [batches[i] for i in range(len(batches))]
        return found, [data.mean, data.std, data.zca_whitening_matrix], np.random.random()

    return case(
        run, name=f"generated {fit} {x.shape} {flow} {kwargs}", atol=2e-3 if kwargs.get("zca_whitening") else 1e-4
    )


def drawn(**kwargs):
    def run(tf):
        data = tf.keras.preprocessing.image.ImageDataGenerator(**kwargs)
        draws = [data.get_random_transform((20, 30, 3), seed=i) for i in range(4)]
        return [[float(d[k]) for k in sorted(d) if d[k] is not None] for d in draws], sorted(draws[0])

    return case(run, name=f"drawn {kwargs}")


def _files(tf, folder):
    """Images of two classes in folders."""
    for i in range(7):
        name = os.path.join(
            folder, "dog" if i % 2 else "cat", "deep" if i == 4 else "", f"{i}.{'BMP' if i == 3 else 'png'}"
        )
        os.makedirs(os.path.dirname(name), exist_ok=True)
        tf.keras.preprocessing.image.save_img(name, BATCH[i], scale=False, file_format=name[-3:].lower())
    with open(os.path.join(folder, "cat", "notes.txt"), "w") as file:
        file.write("no image")


def _told(batches, steps):
    np.random.seed(5)
    found = [next(batches) for _ in range(steps)]
    names = ("samples", "class_indices", "image_shape", "class_mode", "batch_size", "n")
    known = [getattr(batches, name) for name in names if hasattr(batches, name)]
    return found, known, batches.filenames, len(batches)


def from_directory(split=0.0, format=None, steps=3, **kwargs):
    def run(tf):
        with tempfile.TemporaryDirectory() as folder:
            _files(tf, folder)
            data = tf.keras.preprocessing.image.ImageDataGenerator(
                rescale=0.5, horizontal_flip=True, validation_split=split, data_format=format
            )
            batches = data.flow_from_directory(folder, **{"target_size": (4, 5), "batch_size": 3, **kwargs})
            return _told(batches, steps), batches.classes, batches.num_classes

    return case(run, name=f"directory {split} {format} {kwargs}", atol=1e-4)


class Table(dict):
    """Columns by name; a DataFrame where pandas is."""

    def frame(self):
        try:
            import pandas
        except ImportError:
            return self
        return pandas.DataFrame(self)


NAMES = ["cat/0.png", "dog/1.png", "cat/2.png", "dog/3.BMP", "none.png", "cat/deep/4.png"]
TABLE = Table(
    filename=NAMES,
    kind=["c", "d", "c", "d", "d", "e"],
    kinds=[["c"], ["d", "c"], "c", ("d",), "d", ["e"]],
    two=["c", "d", "c", "d", "d", "c"],
    number=[1.5, 2.0, 3.0, 4.0, 5.0, 6.0],
    count=[3, 1, 4, 1, 5, 9],
)


def from_dataframe(split=0.0, steps=2, **kwargs):
    def run(tf):
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _files(tf, folder)
            data = tf.keras.preprocessing.image.ImageDataGenerator(vertical_flip=True, validation_split=split)
            batches = data.flow_from_dataframe(
                TABLE.frame(), folder, **{"target_size": (4, 5), "batch_size": 3, "shuffle": False, **kwargs}
            )
            return _told(batches, steps)

    return case(run, name=f"dataframe {split} {kwargs}", atol=1e-4)


def _in(code):
    return case(f"tf.keras.preprocessing.image.{code}")


def smart(shape, size, **kwargs):
    def run(tf):
        image = np.random.RandomState(0).uniform(0, 255, shape).astype(kwargs.get("dtype", "float32"))
        given = {k: v for k, v in kwargs.items() if k != "dtype"}
        return tf.keras.preprocessing.image.smart_resize(image, size, **given)

    return case(run, name=f"smart_resize {shape} {size} {kwargs}", atol=1e-3)


CASES = [
    affine(tx=1, fill_mode="constant", cval=-1),
    affine(ty=-2.5, fill_mode="constant", cval=-1),
    affine(theta=90),
    affine(theta=0),
    *(affine(theta=33, tx=7.3, ty=-11, shear=20, zx=0.7, zy=1.9, fill_mode=mode) for mode in MODES),
    *(affine(tx=6, ty=5, fill_mode=mode) for mode in MODES),
    *(affine(tx=-14, ty=10, fill_mode=mode) for mode in MODES),
    *(affine(theta=70, tx=3, fill_mode=mode, order=0) for mode in MODES),
    *(affine("uint8", theta=70, tx=3, fill_mode=mode) for mode in MODES),
    *(affine(zx=3, zy=3, shape=(1, 4, 2), fill_mode=mode) for mode in MODES),
    affine("float64", theta=200, fill_mode="wrap"),
    affine("int32", zx=2.5, zy=0.3, fill_mode="reflect"),
    affine(axes={}, shape=(3, 6, 5), theta=12, ty=2),
    affine(axes={"row_axis": 1, "col_axis": 0, "channel_axis": 2}, theta=12, tx=1, shear=5),
    affine(axes={"row_axis": 2, "col_axis": 1, "channel_axis": 0}, theta=12, tx=1, shear=5),
    affine(axes={"row_axis": 0, "col_axis": 2, "channel_axis": 1}, theta=12),
    affine(axes={"row_axis": 0, "col_axis": 0, "channel_axis": 2}, theta=12),
    affine(axes={"row_axis": 0, "col_axis": 1, "channel_axis": 3}, theta=12),
    affine(shape=(6, 5), theta=12),
    changed("random_rotation", 40),
    changed("random_rotation", 40, first=True, fill_mode="reflect"),
    changed("random_shift", 0.3, 0.6),
    changed("random_shift", 0.3, 0.6, first=True, fill_mode="constant", cval=7.0),
    changed("random_shear", 30, fill_mode="wrap"),
    changed("random_zoom", (0.5, 1.5), interpolation_order=0),
    changed("random_zoom", (1, 1)),
    changed("random_zoom", (1, 1, 1)),
    changed("random_channel_shift", 60),
    changed("apply_channel_shift", -20.5, first=True),
    changed("random_brightness", (0.3, 1.7)),
    changed("random_brightness", (0.3, 1.7), scale=False),
    changed("apply_brightness_shift", 1.4, scale=False),
    changed("random_brightness", (0.3,)),
    generated(),
    generated(flow={"shuffle": False}),
    generated(flow={"seed": 8}),
    generated(flow={"seed": 8, "sample_weight": np.arange(7) / 7}, rotation_range=30, horizontal_flip=True),
    generated(rotation_range=20, width_shift_range=0.3, height_shift_range=0.2, shear_range=10, zoom_range=0.4),
    generated(horizontal_flip=True, vertical_flip=True, channel_shift_range=30, fill_mode="reflect", rescale=1 / 255),
    generated(width_shift_range=3, height_shift_range=[1, 2.5], zoom_range=[0.5, 1], fill_mode="constant", cval=9.0),
    generated(brightness_range=(0.4, 1.6), rotation_range=5),
    generated(brightness_range=[0.4, 1.6], x=BATCH[..., :1] * 2),
    generated(samplewise_center=True),
    generated(samplewise_std_normalization=True),
    generated(fit=True, featurewise_center=True),
    generated(fit={"augment": True, "rounds": 2, "seed": 4}, featurewise_std_normalization=True, rotation_range=90),
    generated(featurewise_std_normalization=True),
    generated(fit=True, zca_whitening=True, x=BATCH[:, :2, :2], featurewise_std_normalization=True),
    generated(preprocessing_function=np.sqrt, rescale=2.0),
    generated(
        x=BATCH.transpose(0, 3, 1, 2),
        data_format="channels_first",
        rotation_range=30,
        fit=True,
        featurewise_center=True,
    ),
    generated(dtype="float64", rotation_range=30),
    generated(validation_split=0.3, flow={"subset": "training", "ignore_class_split": True}),
    generated(validation_split=0.3, flow={"subset": "validation", "ignore_class_split": True}),
    generated(validation_split=0.3, flow={"subset": "validation"}),
    generated(validation_split=0.3, flow={"subset": "test"}),
    generated(validation_split=1.0),
    generated(zoom_range=[1, 2, 3]),
    generated(brightness_range=0.5),
    generated(data_format="channels_middle"),
    generated(x=BATCH[0]),
    drawn(),
    drawn(rotation_range=10, width_shift_range=0.5, height_shift_range=4.5, shear_range=3, zoom_range=0.1),
    drawn(width_shift_range=[-0.25, 0.0, 0.25], height_shift_range=(1, 5, 7), horizontal_flip=True, vertical_flip=True),
    drawn(width_shift_range=1, height_shift_range=[0], channel_shift_range=9, brightness_range=[0.5, 2]),
    _in("ImageDataGenerator().flow((np.ones((3, 1, 1, 1)), np.arange(3)), [1, 2, 3], shuffle=False)[0]"),
    _in("ImageDataGenerator().flow(np.zeros((3, 1, 1, 1)), [1, 2])"),
    _in("ImageDataGenerator().flow(np.zeros((3, 1, 1, 1)))[1]"),
    from_directory(),
    from_directory(seed=2, color_mode="grayscale", class_mode="binary"),
    from_directory(shuffle=False, class_mode="sparse", color_mode="rgba", interpolation="bilinear"),
    from_directory(shuffle=False, class_mode="input", classes=["dog", "cat"], format="channels_first"),
    from_directory(shuffle=False, class_mode=None, keep_aspect_ratio=True, target_size=(3, 6)),
    from_directory(split=0.4, subset="training"),
    from_directory(split=0.4, subset="validation", steps=2),
    from_directory(class_mode="multi"),
    from_directory(color_mode="cmyk"),
    from_directory(split=0.4, subset="test"),
    from_dataframe(y_col="kind"),
    from_dataframe(y_col="kinds"),
    from_dataframe(y_col="kinds", classes=["d", "c"]),
    from_dataframe(y_col="kind", classes=["d", "c", "d"], class_mode="sparse", shuffle=True, seed=4),
    from_dataframe(y_col="two", class_mode="binary", weight_col="number"),
    from_dataframe(y_col="number", class_mode="raw"),
    from_dataframe(y_col=["number", "count"], class_mode="raw", weight_col="count"),
    from_dataframe(y_col=["number", "count"], class_mode="multi_output"),
    from_dataframe(class_mode="input"),
    from_dataframe(class_mode=None),
    from_dataframe(split=0.5, y_col="kind", subset="training"),
    from_dataframe(split=0.5, y_col="kind", subset="validation"),
    from_dataframe(y_col="kind", class_mode="binary"),
    from_dataframe(y_col="number"),
    from_dataframe(y_col="number", class_mode="sparse"),
    from_dataframe(y_col="number", class_mode="multi_output"),
    from_dataframe(y_col="kind", weight_col="two"),
    from_dataframe(x_col="number", y_col="kind"),
    from_dataframe(y_col="kind", class_mode="other_one"),
    smart((6, 9, 3), (4, 4)),
    smart((2, 6, 9, 3), (4, 8), interpolation="nearest"),
    smart((3, 6, 9), (5, 2), data_format="channels_first", interpolation="bicubic"),
    smart((6, 9, 3), (4, 4), dtype="uint8"),
    smart((1, 9, 3), (9, 1)),
    smart((6, 9), (4, 4)),
    smart((6, 9, 3), (4, 4, 4)),
]
