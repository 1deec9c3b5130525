"""Programs written for TensorFlow run unmodified, and print what they print under TensorFlow 2.21.

`programs/NAME.txt` is TensorFlow's output; in an environment with it, `python -m tests.scripts.freeze` writes it anew.
"""

import re
import sys

import pytest

from tests.scripts.programs_of import NAMES, output_of, text_of

NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:e[-+]?\d+)?")
RELATIVE = 2e-3  # of numbers after some steps of training; a digit of rounding is allowed, too


def is_close(got, expected):
    decimals = len(expected.partition(".")[2].partition("e")[0]) if "e" not in expected else 12
    tolerance = RELATIVE * abs(float(expected)) + (1.01 * 10.0**-decimals if "." in expected else 0)
    return abs(float(got) - float(expected)) <= tolerance


def assert_same_text(got, expected):
    got, expected = (text.splitlines() for text in (got, expected))
    for number, (line, wanted) in enumerate(zip(got, expected, strict=False), 1):
        where = f"line {number}: got {line!r}, TensorFlow printed {wanted!r}"
        assert NUMBER.sub("#", line).split() == NUMBER.sub("#", wanted).split(), where
        assert all(map(is_close, NUMBER.findall(line), NUMBER.findall(wanted))), where
    assert len(got) == len(expected)


@pytest.mark.parametrize("name", NAMES)
def test_a_program_prints_what_it_prints_under_tensorflow(name):
    done = output_of(name, [sys.executable, "-m", "tenfold"])
    assert done.returncode == 0, done.stderr
    assert_same_text(done.stdout, text_of(name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "got, expected, is_same",
    [
        ("loss 0.5001", "loss 0.5002", True),
        ("loss 0.51", "loss 0.52", True),
        ("loss 0.510", "loss 0.520", False),
        ("loss 51", "loss 52", False),
        ("loss 0.5", "lost 0.5", False),
        ("a\nb", "a", False),
        ("-1.0", "1.0", False),
    ],
)
def test_texts_are_told_apart(got, expected, is_same):
    try:
        assert_same_text(got, expected)
    except AssertionError:
        assert not is_same
    else:
        assert is_same
