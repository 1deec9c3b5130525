"""AutoGraph: Python's control flow in a traced function, on tensors, as part of its graph.

source.py     the syntax tree of a function
jumps.py      break, continue and return as variables
names.py      which variables statements bind, and which are read later
transform.py  branches, loops and operators as calls
operators.py  what is called: Python's meaning, or branches.py and loops.py where a tensor is traced
convert.py    all of it, once for each function
"""

from tenfold.tracing.autograph import convert as _convert
from tenfold.tracing.autograph import operators as _operators
from tenfold.tracing.autograph.convert import conversion as conversion
from tenfold.tracing.autograph.convert import converted as converted
from tenfold.tracing.autograph.convert import converted_if_on as converted_if_on

_convert.operators.cell_contents = _operators
