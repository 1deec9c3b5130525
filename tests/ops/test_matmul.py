"""Derivatives of products and einsum to second order, and identities of einsum against NumPy."""

import numpy as np
import pytest

import tenfold as tf
from tests.gradients import check_gradients


def normal(*shape, seed=0):
    return np.random.RandomState(seed + sum(shape)).standard_normal(shape)


@pytest.mark.parametrize(
    "a, b",
    [((3, 4), (4, 2)), ((2, 3, 4), (4, 2)), ((2, 3, 4), (2, 4, 2)), ((3, 4), (2, 4, 2)), ((2, 1, 3, 4), (5, 4, 2))],
)
def test_matmul_derivatives(a, b):
    check_gradients(lambda x, y: tf.matmul(x, y), normal(*a), normal(*b, seed=1))


@pytest.mark.parametrize("flag_a", [{}, {"transpose_a": True}, {"adjoint_a": True}])
@pytest.mark.parametrize("flag_b", [{}, {"transpose_b": True}, {"adjoint_b": True}])
@pytest.mark.parametrize("batch", [(), (2,)])
def test_matmul_derivatives_with_flags(flag_a, flag_b, batch):
    a = normal(*batch, *((4, 3) if flag_a else (3, 4)))
    b = normal(*batch, *((2, 4) if flag_b else (4, 2)), seed=1)
    check_gradients(lambda x, y: tf.matmul(x, y, **flag_a, **flag_b), a, b)


EQUATIONS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ii->i", (3, 3)),
    ("iij->j", (2, 2, 3)),
    ("iij,jk->ki", (2, 2, 3), (3, 4)),
    ("ijk->j", (2, 3, 2)),
    ("i,j->", (2,), (3,)),
    ("bthd,bshd->bhts", (2, 2, 2, 3), (2, 3, 2, 3)),
    ("...ij,...jk->...ik", (2, 1, 2, 3), (3, 3, 2)),
    ("...i,...i->...", (1, 3), (2, 3)),
    ("b...i,b...j->b...ij", (2, 2, 3), (2, 2, 2)),
    ("ij,jk,kl->il", (2, 3), (3, 2), (2, 2)),
]


@pytest.mark.parametrize("equation, shapes", [(e, s) for e, *s in EQUATIONS])
def test_einsum_derivatives(equation, shapes):
    check_gradients(lambda *x: tf.einsum(equation, *x), *[normal(*s, seed=i) for i, s in enumerate(shapes)])


def test_tensordot_derivatives():
    check_gradients(lambda x, y: tf.tensordot(x, y, [[2, 0], [1, 2]]), normal(2, 3, 4), normal(3, 4, 2))


@pytest.mark.parametrize("seed", range(60))
def test_einsum_is_numpys_for_random_equations(seed):
    random = np.random.RandomState(seed)
    sizes = {label: random.randint(1, 4) for label in "abcdef"}
    terms = ["".join(random.choice(list("abcdef"), random.randint(0, 5))) for _ in range(random.randint(1, 5))]
    used = sorted(set("".join(terms)))
    output = "".join(random.permutation(used)[: random.randint(0, len(used) + 1)])
    equation = f"{','.join(terms)}->{output}"
    inputs = [random.standard_normal([sizes[label] for label in term]) for term in terms]
    np.testing.assert_allclose(
        tf.einsum(equation, *inputs).numpy(), np.einsum(equation, *inputs), atol=1e-12, err_msg=equation
    )


def test_einsum_keeps_every_order_of_axes_right_for_views():
    """Operands that are views of any strides take the way without BLAS or a copy."""
    x = tf.transpose(tf.constant(normal(4, 3, 2)), [2, 0, 1])
    y = tf.constant(normal(6, 4))[::2]
    expected = np.einsum("abc,ce,cb->ae", x.numpy(), normal(3, 5), y.numpy()[:, :4][:, : x.shape[1]])
    np.testing.assert_allclose(tf.einsum("abc,ce,cb->ae", x, normal(3, 5), y).numpy(), expected)


def test_half_precision_products_are_summed_in_float32():
    x = tf.ones([1, 5000], tf.float16)
    assert float(tf.matmul(x, x, transpose_b=True)[0, 0]) == 5000.0
    assert float(tf.einsum("ij,ij->", x, x)) == 5000.0
    assert float(tf.einsum("ij->", tf.cast(x, tf.bfloat16))) == 4992.0  # the nearest bfloat16
