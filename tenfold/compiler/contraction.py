"""Matrix products as machine code: `C[batch, m, n] = A[batch, m, k] @ B[batch, k, n]`, any strides of A and B.

    spec = Contraction.matmul((50, 784), (784, 100))
    kernel = emit(module, spec, "dense", epilogue=add_bias_and_relu, arguments=1)
    for phase in kernel.phases:            # one after the other
        parallel_for(phase.function, arguments, phase.tiles, 1)

Each phase is `void function(ptr arguments, i64 begin_tile, i64 end_tile)`. `arguments` points to pointers: A, B, C, a workspace of
`kernel.workspace_bytes` (which may be null if that is 0; nothing is kept in it between calls), then those for the epilogue. Tiles may be
run in any order, in any groups and on any threads; results are the same, bit for bit. C must overlap neither A nor B; its rows are
contiguous. A call with `kernel.phases == ()` has nothing to compute.

An epilogue is a Python function that emits code: it gets a `tiling.Finished`, a vector of C with its place, and returns the
vector to store, or None if it stored it elsewhere itself.

Where it pays, operands are packed first, or B part by part by the tiles that read it. A phase that `reads_b_only` packs B: the caller may
leave it out as long as B and the workspace stay as they were, as in the loop of a recurrent network, for which it asks by `packs_ahead`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

from tenfold.compiler.functions import Module
from tenfold.compiler.isa import Isa, host_isa
from tenfold.compiler.phases import MOST_TILES, Kernel, Phase, tile_function
from tenfold.compiler.plan import Plan
from tenfold.compiler.tiling import Epilogue
from tenfold.compiler.vectors import Vectors


@dataclass(frozen=True)
class Contraction:
    """What is to be computed. Strides are in elements; a stride of 0 repeats.

    Args:
      m: rows of A and C.
      n: columns of B and C.
      k: columns of A, rows of B.
      a_strides: of A's rows and columns.
      b_strides: of B's rows and columns.
      batch: sizes of leading axes.
      a_batch_strides: A's strides along them.
      b_batch_strides: B's strides along them.
      dtype: float32, float64 or an integer dtype.
      c_stride: distance of C's rows; n if None.
      c_rows: how many rows of C further a step along each axis of the batch, and along m, is; rows follow each other along m, then
        along the batch, if None.
      a_start: where in A's memory its first element is.
      b_start: likewise.
      accumulates: adds to what C holds.
      packs_ahead: the caller keeps a packed B from call to call, so a phase of its own packs it, if it is packed.
    """

    m: int
    n: int
    k: int
    a_strides: tuple[int, int]
    b_strides: tuple[int, int]
    batch: tuple[int, ...] = ()
    a_batch_strides: tuple[int, ...] = ()
    b_batch_strides: tuple[int, ...] = ()
    dtype: str = "float32"
    c_stride: int | None = None
    c_rows: tuple[int, ...] | None = None
    a_start: int = 0
    b_start: int = 0
    accumulates: bool = False
    packs_ahead: bool = False

    @classmethod
    def matmul(
        cls,
        a_shape: Sequence[int],
        b_shape: Sequence[int],
        transpose_a: bool = False,
        transpose_b: bool = False,
        dtype: str = "float32",
        accumulates: bool = False,
    ) -> Contraction:
        """The product of two contiguous arrays whose leading axes are broadcast.

        Example:
          >>> Contraction.matmul((3, 1, 4, 5), (2, 6, 5), transpose_b=True).batch
          (3, 2)
        """
        a_lines, b_lines = tuple(a_shape[-2:]), tuple(b_shape[-2:])
        m, k = a_lines[::-1] if transpose_a else a_lines
        other_k, n = b_lines[::-1] if transpose_b else b_lines
        if k != other_k:
            raise ValueError(f"Contraction.matmul: inner sizes differ: {k} and {other_k}, of {a_shape} and {b_shape}.")
        rank = max(len(a_shape), len(b_shape)) - 2
        a_outer, b_outer = ((1,) * (rank + 2 - len(s)) + tuple(s[:-2]) for s in (a_shape, b_shape))
        batch = tuple(y if x == 1 else x for x, y in zip(a_outer, b_outer, strict=True))
        if any(size not in (1, total) for s in (a_outer, b_outer) for size, total in zip(s, batch, strict=True)):
            raise ValueError(f"Contraction.matmul: leading axes of {a_shape} and {b_shape} cannot be broadcast.")
        return cls(
            m, n, k,
            a_strides=(1, a_lines[1]) if transpose_a else (a_lines[1], 1),
            b_strides=(1, b_lines[1]) if transpose_b else (b_lines[1], 1),
            batch=batch,
            a_batch_strides=_outer_strides(a_outer, prod(a_lines)),
            b_batch_strides=_outer_strides(b_outer, prod(b_lines)),
            dtype=dtype,
            accumulates=accumulates,
        )  # fmt: skip


def _outer_strides(sizes: Sequence[int], inner: int) -> tuple[int, ...]:
    strides = [inner * prod(sizes[at + 1 :]) for at in range(len(sizes))]
    return tuple(0 if size == 1 else stride for size, stride in zip(sizes, strides, strict=True))


def emit(
    module: Module,
    spec: Contraction,
    name: str,
    epilogue: Epilogue | None = None,
    arguments: int = 0,
    isa: Isa | None = None,
) -> Kernel:
    """Adds the functions of a matrix product to a module.

    Args:
      module: where to.
      spec: the product.
      name: of the functions: `name`, `name.b` and `name.a` if B and A are packed first, `name.add` if parts of a long sum are
        added last.
      epilogue: what is done with the finished vectors.
      arguments: how many pointers the epilogue is called with.
      isa: the processor; the one at hand if None.
    Raises:
      TypeError: there is no kernel for the dtype.
    """
    vectors = Vectors(isa or host_isa(), spec.dtype)
    if not spec.m * spec.n * prod(spec.batch):
        return Kernel(())
    plan = Plan(spec, vectors)
    phases = []
    if plan.packs_b == "first":
        pack = tile_function(module, f"{name}.b", plan.emit_pack_b)
        phases.append(Phase(pack, min(plan.b_items, MOST_TILES), 4 * plan.packed_elements, reads_b_only=True))
    if plan.packs_a:
        pack = tile_function(module, f"{name}.a", plan.emit_pack_a)
        phases.append(Phase(pack, min(plan.a_items, MOST_TILES), 4 * plan.copied_elements))
    in_run = None if plan.splits > 1 else epilogue
    run = tile_function(module, name, partial(plan.emit_run, epilogue=in_run), 4 + arguments)
    phases.append(Phase(run, plan.tiles, plan.multiply_adds // 2))
    if plan.splits > 1:
        add = tile_function(module, f"{name}.add", partial(plan.emit_add, epilogue=epilogue), 4 + arguments)
        phases.append(Phase(add, plan.add_tiles, (plan.splits + 1) * plan.sum_elements))
    return Kernel(tuple(phases), plan.workspace_bytes, plan.batch_of_tiles(spec) if len(phases) == 1 else None)
