"""What a tensor is: dtypes, shapes, conversion, variables, the op and the context it runs in."""

from tenfold.core import sequences as _sequences  # noqa: F401  it registers the conversion of lists and tuples
