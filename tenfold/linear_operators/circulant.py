"""Operators of circulant matrices, which the Fourier transform makes diagonal."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenfold.core.convert import convert
from tenfold.core.dtypes import DType, as_dtype, complex64
from tenfold.core.shapes import TensorShape
from tenfold.core.tensor import Tensor, wrap
from tenfold.linear_operators.base import LinearOperator, as_parameter, check, log_of_abs
from tenfold.linear_operators.hints import require_hint
from tenfold.ops import array as array_ops
from tenfold.ops import cast as cast_ops
from tenfold.ops import elementwise, extremes, fft, matrices
from tenfold.ops import reduce as reduce_ops


def as_complex(x: Tensor) -> Tensor:
    """A real tensor as a complex one of the same precision."""
    if x.dtype.is_complex:
        return x
    return cast_ops.cast(x, "complex64" if x.dtype.size < 8 else "complex128")


class _Circulant(LinearOperator):
    """A matrix that the Fourier transform over one or more axes makes diagonal."""

    _depth: int

    def __init__(
        self,
        spectrum: Any,
        input_output_dtype: Any = complex64,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = True,
        name: str | None = None,
    ) -> None:
        require_hint("is_square", is_square, True, "A [[nested] block] circulant operator is always square.")
        self._spectrum = as_parameter(spectrum)
        if len(self._spectrum.shape) < self._depth:
            raise ValueError(f"Argument spectrum must have at least {self._depth} dimensions.  Found: {self._spectrum}")
        if not self._spectrum.dtype.is_complex:
            if is_self_adjoint is False:
                raise ValueError(
                    f"A real spectrum always corresponds to a self-adjoint operator. Found {is_self_adjoint=}."
                )
            is_self_adjoint = True
        super().__init__(
            as_dtype(input_output_dtype), None, is_non_singular, is_self_adjoint, is_positive_definite, True, name
        )

    @property
    def spectrum(self) -> Any:
        return self._spectrum

    @property
    def block_depth(self) -> int:
        return self._depth

    @property
    def block_shape(self) -> TensorShape:
        """The sizes of the axes that vectors have before they are written as vectors."""
        return self._spectrum.shape[-self._depth :]

    def block_shape_tensor(self) -> Tensor:
        return wrap(np.array(self.block_shape.as_list(), np.int32))

    def _shape(self) -> TensorShape:
        n = self.block_shape.num_elements()
        return TensorShape([*self._spectrum.shape[: -self._depth], n, n])

    def _values(self) -> Tensor:
        """The eigenvalues as a complex vector."""
        spectrum = as_complex(convert(self._spectrum))
        return array_ops.reshape(spectrum, (*self.batch_shape, self.shape[-1]))

    def _filtered(self, x: Tensor, scale: Tensor) -> Tensor:
        """Multiplies the transform of the columns of `x`."""
        x = cast_ops.cast(matrices.matrix_transpose(x), scale.dtype)
        shape = x._array.shape
        blocks = array_ops.reshape(x, (*shape[:-1], *self.block_shape))
        transformed = fft.fft_over(blocks, self._depth)
        scale = array_ops.reshape(scale, (*self.batch_shape, 1, *self.block_shape))
        out = fft.ifft_over(transformed * scale, self._depth)
        out = array_ops.reshape(out, (*out._array.shape[: -self._depth], shape[-1]))
        return matrices.matrix_transpose(_cast(out, self.dtype))

    def _matmul(self, x: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        values = elementwise.conj(self._values()) if adjoint else self._values()
        return self._filtered(matrices.adjoint(x) if adjoint_arg else x, values)

    def _solve(self, rhs: Tensor, adjoint: bool = False, adjoint_arg: bool = False) -> Tensor:
        values = elementwise.conj(self._values()) if adjoint else self._values()
        return self._filtered(matrices.adjoint(rhs) if adjoint_arg else rhs, 1.0 / values)

    def convolution_kernel(self, name: str = "convolution_kernel") -> Tensor:
        """What the operator convolves with: the inverse transform of the spectrum."""
        return _cast(fft.ifft_over(as_complex(convert(self._spectrum)), self._depth), self.dtype)

    def _determinant(self) -> Tensor:
        return _cast(reduce_ops.reduce_prod(self._values(), -1), self.dtype)

    def _log_abs_determinant(self) -> Tensor:
        return _cast(reduce_ops.reduce_sum(log_of_abs(self._values()), -1), self.dtype)

    def _trace(self) -> Tensor:
        return _cast(reduce_ops.reduce_sum(self._values(), -1), self.dtype)

    def _diag_part(self) -> Tensor:
        mean = array_ops.expand_dims(self._trace(), -1) / float(self.shape[-1])
        return array_ops.broadcast_to(mean, self.shape[:-1])

    def _eigvals(self) -> Tensor:
        return array_ops.reshape(self._spectrum, (*self.batch_shape, self.shape[-1]))

    def _cond(self) -> Tensor:
        size = elementwise.abs(self._values())
        return extremes.reduce_max(size, -1) / extremes.reduce_min(size, -1)

    def assert_hermitian_spectrum(self, name: str = "assert_hermitian_spectrum") -> None:
        """Raises InvalidArgumentError unless the operator's matrix is real."""
        imaginary = fft.ifft_over(as_complex(convert(self._spectrum)), self._depth)._array.imag
        limit = np.finfo(imaginary.dtype).eps * 5 * self.shape[-1] * np.abs(self._values()._array).max(initial=1.0)
        check((np.abs(imaginary) <= limit).all(), "Spectrum was not Hermitian.")

    def _of(self, spectrum: Tensor) -> LinearOperator:
        return type(self)(spectrum, self.dtype, **self._hints())  # type: ignore[arg-type]

    def _linop_adjoint(self) -> LinearOperator:
        return self._of(elementwise.conj(self._spectrum))

    def _linop_inverse(self) -> LinearOperator:
        return self._of(1.0 / self._spectrum)

    def _linop_matmul(self, left_operator: LinearOperator, right_operator: LinearOperator) -> LinearOperator:
        if type(right_operator) is type(left_operator):
            return type(self)(  # type: ignore[return-value]
                left_operator.spectrum * right_operator.spectrum,  # type: ignore[attr-defined, arg-type]
                self.dtype,  # type: ignore[arg-type]
                is_square=True,
            )
        return super()._linop_matmul(left_operator, right_operator)

    def _assert_non_singular(self) -> None:
        size = np.abs(self._values()._array)
        limit = np.finfo(size.dtype).eps * size.max(axis=-1, initial=0.0, keepdims=True)
        check((size > limit).all(), "Singular operator:  Spectrum contained zero values.")

    def _assert_positive_definite(self) -> None:
        check(
            (self._values()._array.real > 0).all(),
            "Not positive definite:  Real part of spectrum was not all positive.",
        )

    def _assert_self_adjoint(self) -> None:
        check(
            (self._values()._array.imag == 0).all(),
            "Not self-adjoint:  The spectrum contained non-zero imaginary part.",
        )

    @property
    def _experimental_parameter_ndims_to_matrix_ndims(self) -> dict[str, Any]:
        return {"spectrum": self._depth}


def _cast(x: Tensor, dtype: DType) -> Tensor:
    """A complex tensor as one of the operator's dtype: its real part if that is real."""
    if x.dtype.is_complex and not dtype.is_complex:
        x = cast_ops.real(x)
    return cast_ops.cast(x, dtype)


class LinearOperatorCirculant(_Circulant):
    """Convolution of a periodic signal.

    Args:
      spectrum: Tensor or Variable, shape `(..., n)`: the Fourier transform of what is convolved with.
      input_output_dtype: DType of the vectors.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints, see `tf.linalg.LinearOperator`.
      name: the operator's name.
    Raises:
      ValueError: the spectrum has too few axes, or a hint is impossible.
    Example:
      >>> operator = tf.linalg.LinearOperatorCirculant([6.0, 0.0, 0.0], input_output_dtype=tf.float32)
      >>> print(operator.matvec([1.0, 2.0, 3.0]).numpy())
      [12. 12. 12.]
    """

    _depth = 1


class LinearOperatorCirculant2D(_Circulant):
    """Convolution of a signal that is periodic along two axes; see `tf.linalg.LinearOperatorCirculant`."""

    _depth = 2


class LinearOperatorCirculant3D(_Circulant):
    """Convolution of a signal that is periodic along three axes; see `tf.linalg.LinearOperatorCirculant`."""

    _depth = 3
