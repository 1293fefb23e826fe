"""Which version of the API server knows which function.

New rules of a CRD see what the server of the version before knew as well, so that the cluster can
be rolled back: a function that came with 1.29 can be used in new CRDs from 1.30 on. Functions that
are not in the table are as old as rules are. Source: `pkg/cel/environment/base.go` of
`k8s.io/apiserver`; `first`, `last`, `optional.unwrap` and `unwrapOpt` came with cel-go 0.23, and so
with 1.33.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opgen.cel.declarations import cross_type
from opgen.cel.tree import Node, Tree, below

_SINCE = {
    29: """
        quantity isQuantity sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan
        compareTo add sub optional.of optional.none optional.ofNonZeroValue hasValue value or
        orValue optMap optFlatMap
        """,
    30: "format strings.quote sets.contains sets.intersects sets.equivalent",
    31: """
        ip isIP ip.isCanonical family isUnspecified isLoopback isLinkLocalMulticast
        isLinkLocalUnicast isGlobalUnicast cidr isCIDR containsIP containsCIDR prefixLength masked
        """,
    32: """
        validate format.named format.dns1123Label format.dns1123Subdomain format.dns1035Label
        format.qualifiedName format.dns1123LabelPrefix format.dns1123SubdomainPrefix
        format.dns1035LabelPrefix format.labelValue format.uri format.uuid format.byte format.date
        format.datetime
        """,
    33: """
        first last optional.unwrap unwrapOpt existsOne transformList transformMap transformMapEntry
        """,
    34: "semver isSemver major minor patch",
    35: "slice flatten sort sortBy lists.range reverse distinct",
}
SINCE: Mapping[str, int] = {
    name: minor for minor, names in _SINCE.items() for name in names.split()
}
"""Functions and macros, and the minor version of the first API server that takes them."""
_WRITTEN = {
    "_?._": "optional field selection",
    "_[?_]": "optional indexing",
    "@sortByAssociatedKeys": "sortBy",
}
"""How people know what has another name in a checked expression."""
_OPTIONAL, _CROSS_TYPE, _TWO_VARIABLES = 29, 29, 33


def needs(tree: Tree) -> dict[str, int]:
    """What an expression uses that not every API server knows, and since which minor version."""
    found: dict[str, int] = {}
    waiting = [tree.root]
    while waiting:
        node = waiting.pop()
        waiting += reversed(list(below(node)))
        if node.loop and node.loop.second:
            found["a macro with two variables"] = _TWO_VARIABLES
        if node.kind == "call":
            found.update(_of_call(node, tree))
    return found


def _of_call(node: Node, tree: Tree) -> Iterator[tuple[str, int]]:
    name = _WRITTEN.get(node.name, node.name)
    if name in SINCE:
        yield f"{name}()", SINCE[name]
    elif node.name in _WRITTEN:
        yield name, _OPTIONAL
    overloads = tree.overloads.get(node.id, ())
    if overloads and cross_type().issuperset(overloads):
        yield "a comparison of different types of numbers", _CROSS_TYPE
