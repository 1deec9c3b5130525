"""Matrix products and the convolutions of ResNet-50, compiled, in one engine: `python -m benchmarks.kernels ENGINE KIND [seconds]`.

Prints GFLOP/s as JSON. Kinds: products, convolutions. Engines: tenfold, tensorflow, torch, jax; numpy for products.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from benchmarks.measure import library, microseconds

SIZES = (8, 16, 32, 64, 128, 256, 512, 1024, 2048)
LARGE_OPERATIONS = 2 * SIZES[-1] ** 3
IMAGES = 8


class Layer(NamedTuple):
    """A convolution of square images, which keeps their size but for the stride."""

    size: int
    channels: int
    taps: int
    filters: int
    stride: int = 1

    def __str__(self) -> str:
        stride = f", stride {self.stride}" if self.stride > 1 else ""
        return f"{self.taps}x{self.taps} {self.channels}->{self.filters}, {self.size}{stride}"

    @property
    def outputs(self) -> int:
        """The size of the resulting images."""
        return self.size // self.stride

    @property
    def operations(self) -> int:
        return 2 * IMAGES * self.outputs**2 * self.filters * self.taps**2 * self.channels


def resnet50() -> list[Layer]:
    """Its layers, each shape once; stages begin with a stride in the 3x3 convolution and beside it."""
    layers = [Layer(224, 3, 7, 64, 2)]
    channels, size = 64, 56
    for width, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [Layer(size, channels, 1, width), Layer(size, width, 3, width, stride)]
        layers += [Layer(size, channels, 1, 4 * width, stride)]
        channels, size = 4 * width, size // stride
        layers += [Layer(size, width, 1, channels), Layer(size, channels, 1, width), Layer(size, width, 3, width)]
    return list(dict.fromkeys(layers))


def product(engine: str, module: Any, a: np.ndarray, b: np.ndarray) -> Callable[[], Any]:
    """What multiplies two matrices."""
    if engine == "numpy":
        return lambda: module.matmul(a, b)
    if engine == "torch":
        x, y = module.from_numpy(a), module.from_numpy(b)
        return lambda: module.matmul(x, y)
    if engine == "jax":
        x, y, run = module.numpy.asarray(a), module.numpy.asarray(b), module.jit(module.numpy.matmul)
        return lambda: run(x, y).block_until_ready()
    x, y, run = module.constant(a), module.constant(b), module.function(lambda x, y: module.matmul(x, y))
    return lambda: run(x, y)


def convolution(engine: str, module: Any, layer: Layer) -> dict[str, Callable[[], Any]]:
    """What computes a layer, the gradient of its input, and that of its filter, from NHWC images or, in PyTorch, its own layout."""
    rng = np.random.default_rng(0)
    x = rng.random((IMAGES, layer.size, layer.size, layer.channels), np.float32)
    w = rng.random((layer.taps, layer.taps, layer.channels, layer.filters), np.float32)
    y = rng.random((IMAGES, layer.outputs, layer.outputs, layer.filters), np.float32)
    if engine == "torch":
        return _torch_convolution(module, layer, x, w, y)
    if engine == "jax":
        return _jax_convolution(module, layer, x, w, y)
    ops, sizes = module.raw_ops, {"strides": [1, layer.stride, layer.stride, 1], "padding": "SAME"}
    runs = {
        "forward": (lambda x, w: ops.Conv2D(input=x, filter=w, **sizes), x, w),
        "to input": (
            lambda y, w: ops.Conv2DBackpropInput(input_sizes=x.shape, filter=w, out_backprop=y, **sizes),
            y,
            w,
        ),
        "to filter": (
            lambda x, y: ops.Conv2DBackpropFilter(input=x, filter_sizes=w.shape, out_backprop=y, **sizes),
            x,
            y,
        ),
    }
    if engine == "tensorflow" and layer.taps < layer.stride:
        del runs["to filter"]  # TensorFlow 2.21 crashes
    compiled = {
        kind: (module.function(run), module.constant(a), module.constant(b)) for kind, (run, a, b) in runs.items()
    }
    return {kind: lambda run=run, a=a, b=b: run(a, b) for kind, (run, a, b) in compiled.items()}


def _torch_convolution(torch: Any, layer: Layer, *arrays: np.ndarray) -> dict[str, Callable[[], Any]]:
    x, w, y = (torch.from_numpy(a) for a in arrays)
    x, w, y = x.permute(0, 3, 1, 2).contiguous(), w.permute(3, 2, 0, 1).contiguous(), y.permute(0, 3, 1, 2).contiguous()
    stride, padding = [layer.stride] * 2, [layer.taps // 2] * 2

    def backward(*wanted: bool) -> Callable[[], Any]:
        run = torch.ops.aten.convolution_backward
        return lambda: run(y, x, w, None, stride, padding, [1, 1], False, [0, 0], 1, (*wanted, False))

    forward = torch.nn.functional.conv2d
    return {
        "forward": lambda: forward(x, w, None, stride, padding),
        "to input": backward(True, False),
        "to filter": backward(False, True),
    }


def _jax_convolution(jax: Any, layer: Layer, *arrays: np.ndarray) -> dict[str, Callable[[], Any]]:
    x, w, y = (jax.numpy.asarray(a) for a in arrays)

    def forward(x: Any, w: Any) -> Any:
        stride, layout = (layer.stride, layer.stride), ("NHWC", "HWIO", "NHWC")
        return jax.lax.conv_general_dilated(x, w, stride, "SAME", dimension_numbers=layout)

    runs = {
        "forward": (jax.jit(forward), x, w),
        "to input": (jax.jit(lambda y, w: jax.linear_transpose(lambda x: forward(x, w), x)(y)[0]), y, w),
        "to filter": (jax.jit(lambda x, y: jax.linear_transpose(lambda w: forward(x, w), w)(y)[0]), x, y),
    }
    return {kind: lambda run=run, a=a, b=b: run(a, b).block_until_ready() for kind, (run, a, b) in runs.items()}


def large_product() -> Callable[[], Any]:
    """A large sgemm, NumPy's, against which contractions are measured: `LARGE_OPERATIONS`."""
    a = np.random.default_rng(0).random((SIZES[-1], SIZES[-1]), np.float32)
    return product("numpy", np, a, a)


def main(engine: str, kind: str, seconds: float) -> None:
    module, rng = library(engine), np.random.default_rng(0)
    found = {}
    if kind == "products":
        for n in SIZES:
            run = product(engine, module, *(rng.random((n, n), np.float32) for _ in range(2)))
            found[str(n)] = 2e-3 * n**3 / microseconds(run, seconds)
    else:
        for layer in resnet50():
            for direction, run in convolution(engine, module, layer).items():
                found[f"{layer}, {direction}"] = 1e-3 * layer.operations / microseconds(run, seconds)
        found["sgemm"] = 1e-3 * LARGE_OPERATIONS / microseconds(large_product(), seconds)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]) if len(sys.argv) > 3 else 0.1)
