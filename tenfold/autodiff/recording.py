"""What tapes record: the ops that ran, in their order, and what their gradient rules need.

An op that ran is an `Entry`, one step of a path that begins at a root. An entry says nothing of values, so a loop that does the
same each time walks the same path, and what is known of a path serves again: `Entry.gradients` holds programs that compute
the gradients of what has been recorded up to there. What differs from run to run is in the recording itself: the nodes that
came up, which entries call by their numbers, and the tensors that gradient rules need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from tenfold.core import dtypes
from tenfold.core.context import Recorder
from tenfold.core.dtypes import is_differentiable
from tenfold.core.op import Op
from tenfold.core.symbol import Spec
from tenfold.core.tensor import Tensor, new_node
from tenfold.ops.large import saves_much

# One op that ran, as (pulls, results, specs):
#   pulls    a tuple of (node, gradient rule, what it needs besides `dy`), one for each watched input; or, if the op has one
#            rule for all inputs, a list [nodes, rule, needs], with None for inputs that are not watched
#   results  the node of the output, or a tuple of nodes (None for what has no gradient) if the rules take `dys`
#   specs    shapes and dtypes of the outputs, each None if the rule takes None where nothing flows; None if there is just one
Record = tuple[Any, Any, Any]

_MOST_ENTRIES = 1 << 14  # on paths from the root; then it forgets them all
_FEW = 32  # ops, whose gradients together take about as long to compile as those of the large ones among them
_MOST_BRANCHES = 64  # after one entry, but the root: an attribute that is another each time would make ever more


_NONE: dict[tuple, Entry] = {}


class Entry:
    """An op that ran after those of the entries before it.

    Attributes:
      before: the entry before it; None for a root.
      following: those after it, by their signs, if the entry is shared. One that will not come again is not, and none after it.
      sign: the op, the numbers of the nodes that it reads and makes, shapes and dtypes of its inputs, its attributes.
      make: function of sign, attributes, nodes by number, and an iterator of saved tensors, that makes the record.
      attrs: the attributes.
      gradients: by target and sources, a function of the saved tensors that returns gradients, or how often it was asked for.
    """

    __slots__ = ("before", "following", "sign", "make", "attrs", "gradients")

    def __init__(
        self,
        before: Entry | None,
        sign: tuple = (),
        make: Callable[..., Record] | None = None,
        attrs: Any = None,
        is_shared: bool = False,
    ) -> None:
        self.before, self.sign, self.make, self.attrs = before, sign, make, attrs
        self.following: dict[tuple, Entry] = {} if is_shared else _NONE
        self.gradients: dict[tuple, Any] = {}

    def specs(self) -> list[Spec]:
        """The dtypes and shapes of what the op was given."""
        op, _, *parts = self.sign
        if type(parts[0]) is tuple:
            _, shapes, dtypes_of = parts[:3]
        else:
            end = 3 * len(op.inputs)
            shapes, dtypes_of = parts[1:end:3], parts[2:end:3]
        return [Spec(dtype, shape) for dtype, shape in zip(dtypes_of, shapes, strict=True)]


_ROOT = Entry(None, is_shared=True)
_count = [0]


def _follow(before: Entry, sign: tuple, make: Callable[..., Record], attrs: dict[str, Any]) -> Entry:
    """The entry that comes next. A new one stays for others to come the same way, unless an attribute cannot be hashed."""
    is_shared = before.following is not _NONE and (len(before.following) < _MOST_BRANCHES or before is _ROOT)
    try:
        hash(sign)
    except TypeError:
        try:
            sign = _hashable(sign)
            if known := before.following.get(sign):
                return known
        except TypeError:
            is_shared = False
    entry = Entry(before, sign, make, attrs, is_shared)
    if is_shared:
        before.following[sign] = entry
        _count[0] += 1
        if _count[0] > _MOST_ENTRIES:
            _count[0] = 0
            _ROOT.following.clear()
    return entry


def _hashable(x: Any) -> Any:
    """Attributes with tuples for lists and slices."""
    if type(x) is slice:
        return slice, x.start, x.stop, x.step
    return tuple([_hashable(y) for y in x]) if type(x) in (list, tuple) else x


class Recording:
    """Ops that ran, as far as they depend on what is watched."""

    is_graph = False
    _last: Entry | None = None  # None before it begins, and when it has been used up

    def _begin(self, nodes: dict[int, int], active: Sequence[Recorder]) -> None:
        """Begins with nodes, by number, while others record."""
        self._nodes = nodes
        self._values: list[Tensor] = []  # what the gradient rules need
        self._last = Entry(None) if active and active[0].is_graph else _ROOT  # what graphs have made goes with them

    def record(self, op: Any, inputs: tuple, attrs: dict[str, Any], outputs: tuple) -> None:
        (op.keep or _compile_keep(op))(inputs, attrs, outputs, self)

    def variable_read(self, variable: Any) -> None: ...

    def watched(self, tensor: Tensor) -> int | None:
        """Adds a tensor to those that are watched; its node, or None if its dtype has no gradients."""
        if not is_differentiable(tensor._array.dtype):
            return None
        node = tensor._node
        if node is None:
            node = tensor._node = new_node()
        self._nodes.setdefault(node, len(self._nodes))
        return node

    def enter(self, record: Record) -> None:
        """Enters what will not come again."""
        self._last = Entry(self._last, (), lambda *_: record)

    def records(self, values: Sequence[Tensor]) -> list[Record]:
        """All records, given what the rules need."""
        names, take = list(self._nodes), iter(values).__next__
        return [e.make(e.sign, e.attrs, names, take) for e in reversed([*self._entries()])]  # type: ignore[misc]

    def _entries(self) -> Iterator[Entry]:
        """What ran, the last first."""
        entry = self._last
        while entry is not None and entry.make is not None:
            yield entry
            entry = entry.before

    def _is_short_and_large(self) -> bool:
        """Whether few ops ran, on a path that others may go, and large arrays are machine code to one of them."""
        if self._last is None or self._last.following is _NONE:
            return False
        entries = [*islice(self._entries(), _FEW + 1)]
        return len(entries) <= _FEW and any(saves_much(e.sign[0], e.specs(), e.attrs) for e in entries)


# Both functions of an op are generated, as namedtuples are: looking up each time what each rule wants takes three times as long.

_FIXED = """
def keep(inputs, attrs, outputs, tape):
    nodes = tape._nodes
    {inputs}, = inputs
    {numbers}
    if {is_unwatched}:
        return
    sign = op, len(nodes), {parts}{specs}{attrs}
    {enter}
    values = tape._values
    {saves}
    {results_known}

def make(sign, attrs, names, take):
    pulls = ()
    {pulls}
    return pulls, {results}
"""
_VARIADIC = """
def keep(inputs, attrs, outputs, tape):
    nodes = tape._nodes
    numbers = tuple([nodes.get(x._node) for x in inputs])
    if {is_unwatched}:
        return
    sign = op, len(nodes), numbers, tuple([x._array.shape for x in inputs]), tuple([x._array.dtype for x in inputs]){specs}{attrs}
    {enter}
    values = tape._values
    {saves}
    {results_known}

def make(sign, attrs, names, take):
    numbers, shapes, dtypes = sign[2:5]
    {pulls}
    return pulls, {results}
"""
_ENTER = """try:
        tape._last = tape._last.following[sign]
    except (KeyError, TypeError):
        if {is_discrete}:
            return
        tape._last = follow(tape._last, sign, make, attrs)"""
_ONE_RESULT = """node = outputs[0]._node
    if node is None:
        node = outputs[0]._node = new_node()
    nodes[node] = sign[1]"""
_RESULTS = """for x in outputs:
        tape.watched(x)"""
# How what a rule wants is saved, and found again, by the kind that the op's plan gives it.
_SAVED = {
    "input": "values.append({inputs}[{0}])",
    "rest": "values.extend({inputs}[{0}:])",
    "out": "values.append(outputs[0])",
    "outs": "values.extend(outputs)",
}
_FOUND = {
    "input": "take()",
    "shape": "shapes[{0}]",
    "dtype": "by_numpy[dtypes[{0}]]",
    "rest": "tuple([take() for _ in numbers[{0}:]])",
    "rest shape": "list(shapes[{0}:])",
    "rest dtype": "[by_numpy[d] for d in dtypes[{0}:]]",
    "out": "take()",
    "outs": "tuple([take() for _ in sign[{specs}]])",
    "attrs": "attrs",
    "watched": "tuple([i is not None for i in numbers])",
    "attr": "attrs['{0}'] if '{0}' in attrs else defaults['{0}']",
}


def _compile_keep(op: Op) -> Callable[..., None]:
    """Sets and returns `op.keep`, which records a run of the op: inputs, attributes, outputs, and who records."""
    rules: Any = op.vjp if type(op.vjp) is tuple else (op.vjp,)
    has_one_rule = type(op.vjp) is not tuple and (len(op.inputs) != 1 or op.is_variadic)
    is_fixed = not op.is_variadic
    specs_at = 2 + 3 * len(op.inputs) if is_fixed else 5
    wanted = [i for i, plan in enumerate(op.saves) if plan is not None]
    if is_fixed and has_one_rule:
        wanted = [*range(len(op.inputs))]

    def saves(i: int) -> str:
        kinds = [(kind, key) for kind, key in op.saves[i] or () if kind in _SAVED]
        return "; ".join([_SAVED[kind].format(key, inputs="inputs") for kind, key in kinds]) or "pass"

    def needs(i: int) -> str:
        found = [_FOUND[kind].format(key, specs=specs_at) for kind, key in op.saves[i] or ()]
        return "".join([text + ", " for text in found])

    of_one_rule = f"pulls = [[None if i is None else names[i] for i in numbers], rule_0, ({needs(0)})]"
    if is_fixed:
        numbers = [f"i{i} = nodes.get(x{i}._node)" for i in wanted]
        is_unwatched = " and ".join([f"i{i} is None" for i in wanted])
        if has_one_rule:
            kept, pulls = [saves(0)], [of_one_rule]
        else:
            kept = [f"if i{i} is not None: {saves(i)}" for i in wanted if saves(i) != "pass"]
            pulls = [
                f"if numbers[{i}] is not None: pulls += ((names[numbers[{i}]], rule_{i}, ({needs(i)})),)"
                for i in wanted
            ]
        pulls.insert(0, f"numbers, shapes, dtypes = [sign[i:{specs_at}:3] for i in (2, 3, 4)]")
    elif has_one_rule:
        numbers, is_unwatched, kept = [], "numbers.count(None) == len(numbers)", [saves(0)]
        pulls = [of_one_rule]
    else:
        numbers = []
        is_unwatched = " and ".join([f"(len(numbers) <= {i} or numbers[{i}] is None)" for i in wanted])
        kept = [f"if len(numbers) > {i} and numbers[{i}] is not None: {saves(i)}" for i in wanted]
        pulls = ["pulls = ()"] + [
            f"if len(numbers) > {i} and numbers[{i}] is not None: pulls += ((names[numbers[{i}]], rule_{i}, ({needs(i)})),)"
            for i in wanted
        ]
    several = op.has_outputs
    text = (_FIXED if is_fixed else _VARIADIC).format(
        inputs=", ".join([f"x{i}" for i in range(len(op.inputs))]),
        numbers="\n    ".join(numbers),
        is_unwatched=f"({is_unwatched or 'True'})",
        parts=", ".join(
            [
                f"{f'i{i}' if i in wanted else 'None'}, x{i}._array.shape, x{i}._array.dtype"
                for i in range(len(op.inputs))
            ]
        ),
        specs=", tuple([(y._array.shape, y._array.dtype) for y in outputs])" if several else "",
        attrs=", *attrs, *attrs.values()" if op.attrs else "",
        saves="\n    ".join(kept),
        enter=_ENTER.format(is_discrete="False" if several else "not is_differentiable(outputs[0]._array.dtype)"),
        results_known=_RESULTS if several else _ONE_RESULT,
        pulls="\n    ".join(pulls),
        results=f"results_of(sign[1], sign[{specs_at}], names), sign[{specs_at}]"
        if several
        else "names[sign[1]], None",
    )
    names = {
        "op": op,
        **{f"rule_{i}": rule for i, rule in enumerate(rules)},
        "defaults": getattr(op.kernel, "__kwdefaults__", None) or {},
        "new_node": new_node,
        "is_differentiable": is_differentiable,
        "by_numpy": dtypes._BY_NUMPY,
        "results_of": _results,
        "follow": _follow,
    }
    exec(text, names)
    op.keep = names["keep"]
    return names["keep"]  # type: ignore[return-value]


def _results(first: int, specs: tuple, names: Sequence[int]) -> tuple[int | None, ...]:
    """The nodes of several outputs, of which the first with a gradient has this number."""
    numbers = iter(range(first, first + len(specs)))
    return tuple([names[next(numbers)] if is_differentiable(dtype) else None for _, dtype in specs])
