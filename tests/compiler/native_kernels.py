"""Compiles kernels and runs them on buffers that end where memory ends."""

import ctypes
import mmap

import numpy as np

from tenfold.compiler import codegen, loader
from tenfold.compiler.isa import Isa
from tenfold.compiler.pool import parallel_for_address

ISAS = {
    "sse2": Isa("sse2", 16, 16, False),
    "avx2": Isa("avx2", 32, 16, True),
    "avx512": Isa("avx512", 64, 32, True),
    "neon": Isa("neon", 16, 32, False),
}
_TILES = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
_PARALLEL = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
_PAGE = mmap.PAGESIZE


def compile_kernel(module, kernel):
    """The code, and pairs (address, tiles), one for each phase."""
    parallel_for_address()
    code = loader.load(loader.packed(codegen.object_files([str(module)])))
    return code, [(code.address(p.function.name), p.tiles) for p in kernel.phases]


class Guarded:
    """A copy of an array whose last byte is followed, and whose page is preceded, by memory that must not be touched."""

    def __init__(self, array, alignment=1):
        self.bytes = array.nbytes
        pages = -(-max(self.bytes, 1) // _PAGE)
        self.map = mmap.mmap(-1, (pages + 2) * _PAGE)
        self.start = ctypes.addressof(ctypes.c_char.from_buffer(self.map))
        end = self.start + (pages + 1) * _PAGE
        self.address = (end - self.bytes) // alignment * alignment
        place = self.address - self.start
        if self.bytes:
            self.map[place : place + self.bytes] = array.tobytes()
        self.array = np.frombuffer(self.map, array.dtype, array.size, place).reshape(array.shape)
        self.margin = np.frombuffer(self.map, np.uint8, place - _PAGE, _PAGE)
        self.margin[:] = 0xA5
        protect = ctypes.CDLL(None).mprotect
        protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        for page in (self.start, end):
            assert protect(page, _PAGE, 0) == 0

    def check(self):
        assert (self.margin == 0xA5).all(), "written before the beginning"


def run(module, kernel, a, b, c, *extra, splits=None):
    """C as a kernel leaves it; `splits` are the sizes of the groups in which the tiles are run, backwards."""
    engine, phases = compile_kernel(module, kernel)
    workspace = Guarded(np.full(kernel.workspace_bytes, 0xFF, np.uint8), alignment=64)
    operands = [Guarded(x) for x in (a, b, c)]
    others = [Guarded(x) for x in extra]
    pointers = (ctypes.c_void_p * (4 + len(extra)))(
        *[g.address for g in operands], workspace.address, *[g.address for g in others]
    )
    for address, tiles in phases:
        if splits is None:
            _PARALLEL(parallel_for_address())(address, ctypes.addressof(pointers), tiles, 1)
        else:
            edges = [*range(0, tiles, splits), tiles]
            for begin, end in reversed(list(zip(edges, edges[1:], strict=False))):
                _TILES(address)(ctypes.addressof(pointers), begin, end)
    for guarded in (*operands, *others, workspace):
        guarded.check()
    for given, guarded in ((a, operands[0]), (b, operands[1])):
        np.testing.assert_array_equal(given, guarded.array)
    del engine
    return operands[2].array.copy()
