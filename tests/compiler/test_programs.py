"""Writing programs: what is inferred, what is refused, what a program looks like."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from tenfold.compiler.builder import Builder
from tenfold.compiler.interpreter import interpret
from tenfold.compiler.passes import optimise


def test_nothing_is_imported_from_llvmlite_before_a_program_is_compiled():
    code = "import sys, tenfold.compiler.executable; sys.exit(any(m.startswith('llvmlite') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_operands_broadcast_and_numbers_follow():
    b = Builder()
    x, y = b.input((4, 1), "float32"), b.input((3,), "float32")
    z = 2 * x + y
    assert (z.shape, z.dtype) == ((4, 3), np.float32)


def test_programs_are_equal_and_hash_alike_when_they_say_the_same():
    def make(scale):
        b = Builder()
        return b.program([b.input((2,), "int32") * scale])

    assert make(2) == make(2)
    assert hash(make(2)) == hash(make(2))
    assert make(2) != make(3)


@pytest.mark.parametrize(
    "write, error",
    [
        (lambda b, x: b.add(x, b.input((5,), "float32")), ValueError),
        (lambda b, x: b.add(x, b.input((4,), "float64")), TypeError),
        (lambda b, x: b.bitwise_and(x, x), TypeError),
        (lambda b, x: b.slice(x, [2], [3]), ValueError),
        (lambda b, x: b.reshape(x, (3,)), ValueError),
        (lambda b, x: b.transpose(x, (1,)), ValueError),
        (lambda b, x: b.gather(x, x), ValueError),
        (lambda b, x: b.contract(b.reshape(x, (2, 2)), b.input((3, 2), "float32")), ValueError),
        (lambda b, x: b.update(b.exp(x), x), ValueError),
        (
            lambda b, x: b.while_loop(lambda b, i: b.reduce_any(b.lt(i, 3.0)), lambda b, i: b.reshape(i, (2, 2)), [x]),
            ValueError,
        ),
    ],
)
def test_what_does_not_fit_is_refused_when_it_is_written(write, error):
    b = Builder()
    with pytest.raises(error):
        write(b, b.input((4,), "float32"))


def test_updates_are_seen_after_everything_was_read():
    b = Builder()
    x, y = b.input((2,), "float32"), b.input((2,), "float32")
    b.update(x, y)
    b.update(y, x)
    arrays = [np.array([1, 2], np.float32), np.array([3, 4], np.float32)]
    (total,) = interpret(b.program([x + y]), arrays)
    assert total.tolist() == [4, 6]
    assert [a.tolist() for a in arrays] == [[3, 4], [1, 2]]


@pytest.mark.parametrize(
    "equation, shapes",
    [
        ("ab,bc->ac", [(2, 3), (3, 4)]),
        ("ab,cb->ca", [(2, 3), (4, 3)]),
        ("bhqd,bhkd->bhqk", [(2, 3, 4, 5), (2, 3, 6, 5)]),
        ("btf,fhd->bthd", [(2, 3, 4), (4, 5, 6)]),
        ("bthd,fhd->btf", [(2, 3, 4, 5), (6, 4, 5)]),
        ("bthd,btf->fhd", [(2, 3, 4, 5), (2, 3, 6)]),
        ("bshd,bthd->bhts", [(2, 3, 4, 5), (2, 6, 4, 5)]),
        ("bhts,bshd->bthd", [(2, 4, 6, 3), (2, 3, 4, 5)]),
        ("abc,acb->cab", [(2, 3, 4), (2, 4, 3)]),
        ("a,b->ab", [(2,), (3,)]),
        ("ab,ab->", [(2, 3), (2, 3)]),
        ("abc,cd->d", [(2, 3, 4), (4, 5)]),
    ],
)
def test_einsum(equation, shapes):
    rng = np.random.default_rng(0)
    x, y = (rng.standard_normal(s).astype(np.float32) for s in shapes)
    b = Builder()
    program = b.program([b.einsum(equation, b.input(x.shape, x.dtype), b.input(y.shape, y.dtype))])
    np.testing.assert_allclose(interpret(program, [x, y])[0], np.einsum(equation, x, y), rtol=1e-5, atol=1e-5)


def test_what_has_no_elements_reads_nothing():
    """A gather of no indices used to read one, and to check it, where a reshape followed."""
    b = Builder()
    x, indices = b.input((3,), "float32"), b.input((0,), "int32")
    rows = b.reshape(b.gather(x, indices), (0, 6))
    program = optimise(b.program([rows, b.reduce_sum(rows, [0])]))
    assert not any(i.op == "gather" for i in program.instructions)
    assert [spec.shape for spec in program.output_specs] == [(0, 6), (6,)]
