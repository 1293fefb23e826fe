"""All functions in one table, as an extension of the library."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from opgen.cel.functions import formats, lists, network, quantities, versions
from opgen.cel.functions.tagged import Tagged, kind, tagged

MARK = "$opgen: "
"""Written before the message of a function, so that it can be told from the library's own."""

_Row = tuple[str, str, Callable[..., Any], str]


def _order(value: Any) -> Any:
    """What quantities and versions are compared by."""
    if kind(value) == versions.KIND:
        return versions.order(value)
    return quantities.amount(value)


def _compare(left: Any, right: Any) -> int:
    own, other = _order(left), _order(right)
    return int(own > other) - int(own < other)


def _text(value: Tagged) -> str:
    reader = {network.IP: network.address, network.CIDR: network.network}.get(kind(value))
    if reader is None:
        raise ValueError("no such overload")
    return str(reader(value))


def _address_is(attribute: str) -> Callable[[Any], bool]:
    return lambda value: bool(getattr(network.address(value), attribute))


def _rows() -> list[_Row]:
    """Name, parameters (`.` in front of a receiver), implementation, result."""
    return [
        ("quantity", "s", quantities.quantity, "d"),
        ("isQuantity", "s", quantities.is_quantity, "b"),
        ("sign", "d", quantities.sign, "i"),
        ("asInteger", ".d", quantities.as_integer, "i"),
        ("isInteger", ".d", quantities.is_integer, "b"),
        ("asApproximateFloat", ".d", quantities.as_float, "f"),
        ("add", ".dd", quantities.add, "d"),
        ("sub", ".dd", quantities.sub, "d"),
        ("isGreaterThan", ".dd", lambda left, right: _compare(left, right) > 0, "b"),
        ("isLessThan", ".dd", lambda left, right: _compare(left, right) < 0, "b"),
        ("compareTo", ".dd", _compare, "i"),
        ("semver", "s", versions.semver, "d"),
        ("semver", "sb", versions.semver, "d"),
        ("isSemver", "s", versions.is_semver, "b"),
        ("isSemver", "sb", versions.is_semver, "b"),
        ("major", ".d", lambda value: versions.number(value, 0), "i"),
        ("minor", ".d", lambda value: versions.number(value, 1), "i"),
        ("patch", ".d", lambda value: versions.number(value, 2), "i"),
        ("ip", "s", network.ip, "d"),
        ("ip", ".d", network.cidr_ip, "d"),
        ("isIP", "s", network.is_ip, "b"),
        ("ip.isCanonical", "s", network.is_canonical, "b"),
        ("family", ".d", network.family, "i"),
        ("isUnspecified", ".d", _address_is("is_unspecified"), "b"),
        ("isLoopback", ".d", _address_is("is_loopback"), "b"),
        ("isLinkLocalMulticast", ".d", lambda value: network.is_link_local(value, True), "b"),
        ("isLinkLocalUnicast", ".d", lambda value: network.is_link_local(value, False), "b"),
        ("isGlobalUnicast", ".d", network.is_global, "b"),
        ("string", "m", _text, "s"),
        ("cidr", "s", network.cidr, "d"),
        ("isCIDR", "s", network.is_cidr, "b"),
        ("containsIP", ".dd", network.contains_ip, "b"),
        ("containsCIDR", ".dd", network.contains_cidr, "b"),
        ("prefixLength", ".d", network.prefix_length, "i"),
        ("masked", ".d", network.masked, "d"),
        ("url", "s", network.url, "d"),
        ("isURL", "s", network.is_url, "b"),
        *(
            (name, ".d", functools.partial(network.url_part, name=name), "s")
            for name in ("getScheme", "getHost", "getHostname", "getPort", "getEscapedPath")
        ),
        ("getQuery", ".d", network.query, "d"),
        ("format.named", "s", formats.named, "d"),
        *(
            (f"format.{name}", "", functools.partial(tagged, formats.KIND, name), "d")
            for name in formats.NAMES
        ),
        ("validate", ".ds", formats.validate, "d"),
        ("isSorted", ".l", lists.is_sorted, "b"),
        ("sum", ".l", lists.total, "d"),
        ("min", ".l", lists.extreme("min", min), "d"),
        ("max", ".l", lists.extreme("max", max), "d"),
        ("indexOf", ".ld", lists.index_of, "i"),
        ("lastIndexOf", ".ld", lists.last_index_of, "i"),
        ("find", ".ss", lists.find, "s"),
        ("findAll", ".ss", lists.find_all, "l"),
        ("findAll", ".ssi", lists.find_all, "l"),
    ]


def extension(module: Any) -> Any:
    """The functions for an environment of the library.

    Args:
        module: The library's module.
    """
    types = module.Type
    letters = {
        "b": types.BOOL,
        "d": types.DYN,
        "f": types.DOUBLE,
        "i": types.INT,
        "l": types.LIST,
        "m": types.MAP,
        "s": types.STRING,
    }
    functions = [
        module.FunctionDecl(
            name,
            [
                module.Overload(
                    f"kubernetes_{name}_{parameters.strip('.')}_{parameters.count('.')}",
                    return_type=letters[result],
                    parameters=[letters[letter] for letter in parameters.strip(".")],
                    is_member=parameters.startswith("."),
                    impl=_marking(function),
                )
            ],
        )
        for name, parameters, function, result in _rows()
    ]
    return module.CelExtension("kubernetes", functions)


def _marking(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its errors marked."""

    def marked(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except ValueError as error:
            raise ValueError(f"{MARK}{error}") from None

    return marked
