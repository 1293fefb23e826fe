"""What a call costs, apart from its arguments, and how large its result is.

Two tables: functions of Kubernetes by name (`k8s.io/apiserver/pkg/cel/library/cost.go`) and those
of CEL by overload (cel-go's `checker/cost.go`, `ext/lists.go`, `ext/sets.go`). What is in neither
costs 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from opgen.cel.sizes import GREATEST, NOTHING, ONE, PATTERN, TRAVERSAL, UNKNOWN, Range, exactly
from opgen.cel.tree import Node, Type

_LIST = exactly(10)
_NAME_PATTERN = 128
_LONGEST_FORMAT = 64
_ADDRESS = Range(4, 16)


class Operand(NamedTuple):
    """A receiver or an argument: the expression, its type, and its size as far as known."""

    node: Node
    type: Type
    size: Range
    items: Range
    """For lists, the size of an item."""


class Call(NamedTuple):
    """A call of one overload."""

    overload: str
    target: Operand | None
    arguments: Sequence[Operand]

    @property
    def first(self) -> Operand | None:
        """The receiver, or the first argument of a function without one."""
        return self.target or (self.arguments[0] if self.arguments else None)


class Estimate(NamedTuple):
    """The cost of a call, and the size of its result if that is known."""

    cost: Range
    size: Range | None = None


_Estimator = Callable[[Call], Estimate | None]


def estimate(name: str, call: Call) -> Estimate | None:
    """The estimate for a call; None if nothing special is known of it."""
    for table, key in (
        (_BY_EXTENSION, call.overload),
        (_BY_NAME, name),
        (_BY_OVERLOAD, call.overload),
    ):
        estimator = table.get(key)
        found = estimator(call) if estimator else None
        if found:
            return found
    if name in ("sort", "@sortByAssociatedKeys"):
        return _sort(call)
    return None


def _nominal(_: Call) -> Estimate:
    return Estimate(ONE)


def _argument(factor: float, keeps_size: bool = False) -> _Estimator:
    """So much for each character of the first argument."""

    def estimator(call: Call) -> Estimate | None:
        if not call.arguments:
            return None
        size = call.arguments[0].size
        return Estimate(size.scaled(factor), size if keeps_size else None)

    return estimator


def _target(call: Call) -> Estimate | None:
    if call.target is None:
        return None
    return Estimate(call.target.size.scaled(TRAVERSAL), call.target.size)


def _comparing_items(call: Call) -> Estimate | None:
    target = call.target
    if target is None:
        return None
    if not target.type.parameters:
        return Estimate(target.size.scaled(TRAVERSAL))
    each = ONE
    if target.type.parameters[0].kind in ("string", "bytes"):
        each = each.plus(target.items.scaled(TRAVERSAL))
    return Estimate(target.size.times(each))


def _replace(call: Call) -> Estimate | None:
    if call.target is None or len(call.arguments) < 2:
        return None
    size, old, new = call.target.size, call.arguments[0].size, call.arguments[1].size
    most, kept_most = 0, 0
    if old.low == 0:
        most, kept_most = min(size.high + 1, GREATEST), size.high
    elif new.high <= old.low:
        kept_most = size.high
    else:
        most = _divided(size.high, old.low)
    least, kept_least = 0, 0
    if old.high == 0:
        least, kept_least = min(size.low + 1, GREATEST), size.low
    elif old.high <= new.low:
        kept_least = size.low
    else:
        least = _divided(size.low, old.high)
    result = Range(least, most).times(new).plus(Range(kept_least, kept_most))
    return Estimate(size.scaled(2 * TRAVERSAL), result)


def _divided(size: int, by: int) -> int:
    import math

    return min(math.ceil(float(size) / float(by)), GREATEST)


def _split(call: Call) -> Estimate | None:
    if call.target is None:
        return None
    size = call.target.size
    most = size.high
    if len(call.arguments) > 1:
        limit = call.arguments[1].node.value
        most = limit % 2**64 if type(limit) is int else most
    return Estimate(size.scaled(2 * TRAVERSAL), Range(0, most))


def _join(call: Call) -> Estimate | None:
    target = call.target
    if target is None:
        return None
    size = target.size.times(target.items) if target.type.parameters else NOTHING
    if call.arguments:
        between = Range(max(target.size.low - 1, 0), max(target.size.high - 1, 0))
        size = size.plus(call.arguments[0].size.times(between))
    return Estimate(size.scaled(TRAVERSAL), size)


def _searched(text: Range, pattern: Range) -> Range:
    return text.plus(ONE).scaled(TRAVERSAL).times(pattern.scaled(PATTERN))


def _find(call: Call) -> Estimate | None:
    if call.target is None or not call.arguments:
        return None
    size = call.target.size
    return Estimate(_searched(size, call.arguments[0].size), Range(0, size.high))


def _ip(call: Call) -> Estimate | None:
    return Estimate(ONE) if call.overload == "cidr_ip" else _argument(TRAVERSAL)(call)


def _contains_address(call: Call) -> Estimate | None:
    if not call.arguments:
        return None
    cost = _ADDRESS.plus(_ADDRESS).scaled(TRAVERSAL)
    if "contains_cidr" in call.overload:
        cost = cost.plus(_ADDRESS.scaled(TRAVERSAL)).plus(ONE)
    if call.overload.endswith("_string"):
        cost = cost.plus(call.arguments[0].size.scaled(TRAVERSAL))
    return Estimate(cost)


def _validate(call: Call) -> Estimate | None:
    if not call.arguments:
        return None
    size = call.arguments[0].size
    return Estimate(size.scaled(TRAVERSAL).scaled(_NAME_PATTERN * PATTERN))


def _equal_objects(call: Call) -> Estimate | None:
    """Equality of the types of Kubernetes' own libraries."""
    if len(call.arguments) != 2 or call.arguments[0].type != call.arguments[1].type:
        return None
    kind = call.arguments[0].type.kind
    if kind in ("net.IP", "net.CIDR", "kubernetes.Quantity", "kubernetes.Semver"):
        return Estimate(ONE)
    if kind == "kubernetes.NamedFormat":
        return Estimate(Range(1, _LONGEST_FORMAT).scaled(TRAVERSAL))
    if kind == "kubernetes.URL":
        return Estimate(Range(1, max(1, call.arguments[1].size.high)).scaled(TRAVERSAL))
    return None


def _formatted(call: Call) -> Estimate | None:
    return Estimate(call.target.size.scaled(TRAVERSAL)) if call.target else None


def _to_bytes(call: Call) -> Estimate:
    size = call.arguments[0].size
    return Estimate(size.scaled(TRAVERSAL), Range(size.low, size.high * 4 % 2**64))


def _to_text(call: Call) -> Estimate:
    size = call.arguments[0].size
    return Estimate(size.scaled(TRAVERSAL), Range(size.low // 4, size.high))


def _quoted(call: Call) -> Estimate:
    size = call.arguments[0].size
    most = (size.high * 2 + 2) % 2**64
    return Estimate(size.scaled(TRAVERSAL), Range(size.low + 2, most))


def _matches(call: Call) -> Estimate | None:
    if call.target is None or len(call.arguments) != 1:
        return None
    return Estimate(_searched(call.target.size, call.arguments[0].size))


def _contains(call: Call) -> Estimate | None:
    if call.target is None or len(call.arguments) != 1:
        return None
    text = call.target.size.scaled(TRAVERSAL)
    return Estimate(text.times(call.arguments[0].size.scaled(TRAVERSAL)))


def _in_list(call: Call) -> Estimate:
    return Estimate(call.arguments[1].size)


def _added(call: Call) -> Estimate:
    size = call.arguments[0].size.plus(call.arguments[1].size)
    is_list = call.overload == "add_list"
    return Estimate(ONE if is_list else size.scaled(TRAVERSAL), size)


def _compared(call: Call) -> Estimate:
    most = min(call.arguments[0].size.high, call.arguments[1].size.high)
    return Estimate(Range(min(most, 1), most).scaled(TRAVERSAL))


def _allocated(factor: float, size: Range) -> Estimate:
    return Estimate(size.scaled(factor).plus(ONE).plus(_LIST), size)


def _sort(call: Call) -> Estimate:
    keys = call.arguments[-1] if call.target is None or call.arguments else call.target
    is_text = bool(keys.type.parameters) and keys.type.parameters[0].kind in ("string", "bytes")
    return _allocated(2.0 + TRAVERSAL * is_text, keys.size.times(keys.size))


def _literal(operand: Operand, otherwise: int) -> int:
    value = operand.node.value
    is_number = operand.node.kind == "constant" and type(value) is int
    return max(value, 0) if is_number else otherwise


def _slice(call: Call) -> Estimate | None:
    if call.target is None or len(call.arguments) != 2:
        return None
    start = _literal(call.arguments[0], 0)
    end = _literal(call.arguments[1], call.target.size.high)
    return _allocated(1, exactly((end - start) % 2**64))


def _flatten(call: Call) -> Estimate | None:
    if call.target is None:
        return None
    depth = _literal(call.arguments[0], GREATEST) if call.arguments else 1
    return _allocated(float(depth), call.target.size)


def _distinct(call: Call) -> Estimate | None:
    size = call.target.size if call.target else UNKNOWN
    return _allocated(2.0, size.times(size))


def _sets(factor: float) -> _Estimator:
    def estimator(call: Call) -> Estimate:
        sizes = call.arguments[0].size.times(call.arguments[1].size)
        return Estimate(sizes.scaled(factor).plus(ONE))

    return estimator


_BY_EXTENSION: Mapping[str, _Estimator] = {
    "list_slice": _slice,
    "list_flatten": _flatten,
    "list_flatten_int": _flatten,
    "list_reverse": lambda call: _allocated(1, call.target.size if call.target else UNKNOWN),
    "list_distinct": _distinct,
    "list_sets_contains_list": _sets(1),
    "list_sets_intersects_list": _sets(1),
    "list_sets_equivalent_list": _sets(2),
}
_NOMINAL = """
masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast
isGlobalUnicast format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan
compareTo add sub major minor patch getScheme getHostname getHost getPort getEscapedPath getQuery
"""
_BY_NAME: Mapping[str, _Estimator] = {
    **dict.fromkeys(("isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"), _comparing_items),
    **dict.fromkeys(("lowerAscii", "upperAscii", "substring", "trim"), _target),
    **dict.fromkeys(("cidr", "isIP", "isCIDR"), _argument(TRAVERSAL)),
    **dict.fromkeys(("quantity", "isQuantity", "semver", "isSemver"), _argument(TRAVERSAL)),
    **dict.fromkeys(("containsIP", "containsCIDR"), _contains_address),
    **dict.fromkeys(("find", "findAll"), _find),
    **dict.fromkeys(_NOMINAL.split(), _nominal),
    "lists.range": lambda call: _allocated(1, exactly(_literal(call.arguments[0], GREATEST))),
    "url": _argument(TRAVERSAL, keeps_size=True),
    "replace": _replace,
    "split": _split,
    "join": _join,
    "ip": _ip,
    "ip.isCanonical": _argument(2 * TRAVERSAL),
    "validate": _validate,
    "_==_": _equal_objects,
}
_COMPARED = [
    f"{word}_{kind}"
    for word in ("less", "greater", "less_equals", "greater_equals")
    for kind in ("string", "bytes")
]
_BY_OVERLOAD: Mapping[str, _Estimator] = {
    **dict.fromkeys((*_COMPARED, "equals", "not_equals"), _compared),
    **dict.fromkeys(("add_string", "add_bytes", "add_list"), _added),
    **dict.fromkeys(("starts_with_string", "ends_with_string"), _argument(TRAVERSAL)),
    "string_format": _formatted,
    "string_to_bytes": _to_bytes,
    "bytes_to_string": _to_text,
    "strings_quote": _quoted,
    "in_list": _in_list,
    "matches_string": _matches,
    "contains_string": _contains,
}
