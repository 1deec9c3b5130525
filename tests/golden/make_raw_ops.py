"""Writes data/raw_ops.txt: the parameters of all functions of `tf.raw_ops` under real TensorFlow, those with a default in brackets.

Run with an interpreter that has tensorflow 2.21: `python tests/golden/make_raw_ops.py`.
"""

import inspect
import pathlib

import tensorflow as tf


def line(name):
    parameters = inspect.signature(getattr(tf.raw_ops, name)).parameters.values()
    return " ".join([name, *[p.name if p.default is p.empty else f"[{p.name}]" for p in parameters]])


if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("data") / "raw_ops.txt"
    path.write_text("".join([line(name) + "\n" for name in sorted(dir(tf.raw_ops)) if not name.startswith("_")]))
