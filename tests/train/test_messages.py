"""The messages of TFRecord files: their bytes are those that TensorFlow makes."""

from __future__ import annotations

import pytest

import tenfold as tf

FROZEN = (  # by TensorFlow 2.21
    "0a3a0a160a016112111a0f0a0d01feffffffffffffffff01ac020a110a0162120c120a0a080000003f0000803f0a0d0a0163"
    "12080a060a0278790a00"
)


def test_the_bytes_of_an_example_are_those_of_tensorflow() -> None:
    train = tf.train
    features = {
        "a": train.Feature(int64_list=train.Int64List(value=[1, -2, 300])),
        "b": train.Feature(float_list=train.FloatList(value=[0.5, 1.0])),
        "c": train.Feature(bytes_list=train.BytesList(value=[b"xy", b""])),
    }
    example = train.Example(features=train.Features(feature=features))
    frozen = bytes.fromhex(FROZEN)
    assert example.SerializeToString(deterministic=True) == frozen
    read = train.Example.FromString(frozen)
    assert read == example
    assert read.features.feature["c"].HasField("bytes_list") and not read.features.feature["c"].HasField("int64_list")


def test_sequences_of_features() -> None:
    train = tf.train
    steps = train.FeatureList(feature=[train.Feature(int64_list=train.Int64List(value=[i])) for i in range(2)])
    sequence = train.SequenceExample(
        context=train.Features(feature={}), feature_lists=train.FeatureLists(feature_list={"s": steps})
    )
    again = train.SequenceExample.FromString(sequence.SerializeToString())
    assert [f.int64_list.value[0] for f in again.feature_lists.feature_list["s"].feature] == [0, 1]


def test_other_names_are_no_messages() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Exampel'"):
        tf.train.Exampel  # noqa: B018
    assert "Example" in dir(tf.train) and "Checkpoint" in dir(tf.train)
