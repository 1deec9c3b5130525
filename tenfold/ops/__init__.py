"""The ops, one file per family.

Families need each other's functions in their gradients: they import one another as modules. Where one takes names from
another, that one must be whole by then, so the import of any family begins here, with these.
"""

from tenfold.ops import reduce as reduce  # brings creation, elementwise and exponential, in this order
