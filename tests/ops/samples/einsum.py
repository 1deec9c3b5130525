from tests.ops.samples import real, sample

SAMPLES = {
    "Einsum": [
        sample(inputs=[real(2, 3), real(3, 4)], equation="ij,jk->ik"),
        sample(inputs=[real(2, 3, 4), real(2, 4, 5)], equation="bij,bjk->bki"),
        sample(inputs=[real(3, 3)], equation="ii->i"),
        sample(inputs=[real(2, 3), real(2)], equation="ij,i->"),
    ]
}
