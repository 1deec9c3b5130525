from tests.golden.case import case, integers, normal


def _case(equation, *shapes, make=normal, extra="", **options):
    names = "abcd"[: len(shapes)]
    inputs = {name: make(*shape, seed=i) for i, (name, shape) in enumerate(zip(names, shapes, strict=True))}
    code = f"tf.einsum({equation!r}, {', '.join(names)}{extra})"
    return case(code, name=f"{equation} {shapes}{extra} {make.__name__}", **options, **inputs)


def _complex(*shape, seed=0):
    return normal(*shape, seed=seed) + 1j * normal(*shape, seed=seed + 1)


def _half(*shape, seed=0):
    return normal(*shape, seed=seed, dtype="float16")


def _long(*shape, seed=0):
    return integers(*shape, seed=seed, dtype="int64")


_EQUATIONS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ji,jk", (3, 2), (3, 4)),
    ("ij,kj->ik", (2, 3), (4, 3)),
    ("ij,jk->ki", (2, 3), (3, 4)),
    ("ij->ji", (2, 3)),
    ("ji", (2, 3)),
    ("ij->", (2, 3)),
    ("ijk->j", (2, 3, 4)),
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("iij->j", (2, 2, 3)),
    ("iij->ji", (2, 2, 3)),
    ("iij,jk->ik", (2, 2, 3), (3, 4)),
    ("iij,jk->ki", (2, 2, 3), (3, 4)),
    ("iji,jkk->ik", (2, 3, 2), (3, 4, 4)),
    ("i,i->", (3,), (3,)),
    ("i,i->i", (3,), (3,)),
    ("i,j->ij", (3,), (4,)),
    ("i,j->ji", (3,), (4,)),
    ("i,j->", (3,), (4,)),
    ("ij,k->i", (2, 3), (4,)),
    (",->", (), ()),
    ("->", ()),
    ("", ()),
    (",ij->ji", (), (2, 3)),
    ("ij,ij->", (2, 3), (2, 3)),
    ("ij,ji->", (2, 3), (3, 2)),
    ("ij,ij->ij", (2, 3), (2, 3)),
    ("bij,bjk->bik", (5, 2, 3), (5, 3, 4)),
    ("bij,jk->bik", (5, 2, 3), (3, 4)),
    ("bij,bj->bi", (5, 2, 3), (5, 3)),
    ("bi,bi->b", (5, 3), (5, 3)),
    ("bthd,bshd->bhts", (2, 3, 2, 4), (2, 5, 2, 4)),
    ("bhts,bshd->bthd", (2, 2, 3, 5), (2, 5, 2, 4)),
    ("btd,dhk->bthk", (2, 3, 4), (4, 2, 5)),
    ("bthk,hkd->btd", (2, 3, 2, 5), (2, 5, 4)),
    ("aecd,abcd->acbe", (2, 3, 2, 4), (2, 5, 2, 4)),
    ("abcd,dcef->abef", (2, 3, 4, 5), (5, 4, 2, 3)),
    ("abc,dcb->da", (2, 3, 4), (5, 4, 3)),
    ("btdh,bsdh->bhts", (2, 3, 4, 5), (2, 6, 4, 5)),
    ("iJ,Jk->ik", (2, 3), (3, 4)),
    (" i j , j k -> i k ", (2, 3), (3, 4)),
    ("...ij,...jk->...ik", (5, 2, 3), (3, 4)),
    ("...ij,...jk->...ik", (2, 1, 2, 3), (5, 3, 4)),
    ("...ij,jk->...ik", (5, 2, 3), (3, 4)),
    ("...ij,jk", (5, 2, 3), (3, 4)),
    ("ij...,jk...->ik...", (2, 3, 5), (3, 4, 5)),
    ("b...i,b...j->b...ij", (2, 5, 3), (2, 5, 4)),
    ("...,...->...", (2, 1), (2, 3)),
    ("...,...->...", (1, 3), (2, 1)),
    ("...i,...i->...", (1, 3), (2, 3)),
    ("...ij->...ji", (4, 2, 3)),
    ("i...->...", (2, 3, 4)),
    ("...i->...", (2,)),
    ("...ii->...i", (2, 3, 3)),
    ("a...b->b...a", (2, 3, 4, 5)),
    ("i...", (2, 3)),
    ("ij,jk->ik...", (2, 3), (3, 4)),
    ("...ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 5)),
    ("i,j,k->kji", (2,), (3,), (4,)),
    ("ab,ab,c->", (2, 2), (2, 2), (3,)),
    ("ab,ab,ab->ab", (2, 2), (2, 2), (2, 2)),
    ("ab,bc,cd,da->", (2, 3), (3, 4), (4, 5), (5, 2)),
    ("...a,...b,ab->...", (2, 3), (2, 4), (3, 4)),
    ("...a,...b,ab->...", (1, 3), (2, 4), (3, 4)),
    ("aab,bc,c->a", (2, 2, 3), (3, 4), (4,)),
    ("ij,jk->ik", (0, 3), (3, 4)),
    ("ij,jk->ik", (2, 0), (0, 4)),
    ("ij->i", (2, 0)),
]

CASES = [
    *[_case(*e) for e in _EQUATIONS],
    *[_case(*e, make=_complex) for e in _EQUATIONS[:40:3]],
    *[_case(*e, make=_half) for e in _EQUATIONS[:40:5]],
    *[_case(*e, make=_long) for e in _EQUATIONS[:40:5]],
    *[_case("ij,jk,kl->il", (2, 3), (3, 4), (4, 5), extra=f", optimize={o!r}") for o in ("optimal", "auto", "foo")],
    _case("ij,jk->ik", (2, 3), (3, 4), extra=", name='x'"),
    _case("ij,jk->ik", (2, 3), (3, 4), extra=", foo=1"),
    # errors
    _case("ii", (3, 2)),
    _case("ij,jk->ik", (2, 3), (4, 4)),
    _case("ij,jk->ik", (2, 1), (3, 4)),
    _case("ij,jk->ik", (2, 3, 4), (3, 4)),
    _case("...ij,jk->ik", (5, 2, 3), (3, 4)),
    _case("a...b->ba", (2, 3, 4)),
    _case("...ijk->...", (3, 3)),
    _case("ij,jk->iij", (2, 3), (3, 4)),
    _case("ij,jk->iz", (2, 3), (3, 4)),
    _case("ij,jk->ik", (2, 3)),
    _case("ij->ik", (2, 3), (3, 4)),
    _case("i1,jk->ik", (2, 3), (3, 4)),
    _case("i.j->j", (2, 3)),
    _case("ij->ik->x", (2, 3)),
    _case("......ij->...ij", (3, 3)),
    _case("ij->......ij", (3, 3)),
    case("tf.einsum('ij,jk->ik', a, b)", a=normal(2, 3), b=normal(3, 4, dtype="float64"), name="dtypes differ"),
    case("tf.einsum('ij,jk->ik', a, np.ones((3, 4)))", a=normal(2, 3)),
    case("tf.einsum('ij->ji')"),
    case("tf.raw_ops.Einsum(inputs=[a], equation='i->ii')", a=normal(3)),
    case("tf.raw_ops.Einsum(inputs=[a, a, a], equation='ij,jk,kl->il')", a=normal(3, 3)),
    case("tf.raw_ops.Einsum(inputs=[a, a], equation='ij,jk')", a=normal(3, 3)),
]
