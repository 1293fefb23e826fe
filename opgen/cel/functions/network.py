"""Addresses, address ranges and URLs (`net/netip` and `net/url` of Go, by Python's own modules)."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from typing import Any

from opgen.cel.functions.tagged import Tagged, content, tagged

IP, CIDR, URL = "ip", "cidr", "url"
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Interface | ipaddress.IPv6Interface
_NOT_IN_URLS = r"[\x00-\x20\x7f]|%(?![0-9a-fA-F]{2})"


def _address(text: str) -> _Address:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(
            f'IP Address "{text}" parse error during conversion from string: '
            f'ParseAddr("{text}"): unable to parse IP'
        ) from None
    if isinstance(found, ipaddress.IPv6Address) and found.scope_id:
        raise ValueError(f'IP address "{text}" with zone value is not allowed')
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        raise ValueError(f'IPv4-mapped IPv6 address "{text}" is not allowed')
    return found


def _network(text: str) -> _Network:
    wrong = ValueError(
        "network address parse error during conversion from string: "
        f'netip.ParsePrefix("{text}"): no prefix'
    )
    if not re.fullmatch(r"[0-9a-fA-F:.]+/(0|[1-9]\d*)", text):
        raise wrong
    try:
        found = ipaddress.ip_interface(text)
    except ValueError:
        raise wrong from None
    if isinstance(found, ipaddress.IPv6Interface) and found.ip.ipv4_mapped:
        raise ValueError(f'IPv4-mapped IPv6 address "{text}" is not allowed')
    return found


def ip(text: str) -> Tagged:
    """The function `ip` of a string."""
    return tagged(IP, str(_address(text)))


def is_ip(text: str) -> bool:
    """The function `isIP`."""
    return _is(_address, text)


def is_canonical(text: str) -> bool:
    """The function `ip.isCanonical`."""
    return str(_address(text)) == text


def address(value: Any) -> _Address:
    """The address in a value that `ip` has made."""
    return ipaddress.ip_address(content(value, IP))


def family(value: Any) -> int:
    """The function `family`."""
    return address(value).version


def is_link_local(value: Any, multicast: bool) -> bool:
    """The functions `isLinkLocalMulticast` and `isLinkLocalUnicast`."""
    own = address(value)
    groups = {4: "224.0.0.0/24", 6: "ff02::/16"}
    if multicast:
        return own in ipaddress.ip_network(groups[own.version])
    return own.is_link_local


def is_global(value: Any) -> bool:
    """The function `isGlobalUnicast`: private addresses count as global, as in Go."""
    own = address(value)
    return not (
        own.is_unspecified
        or own.is_loopback
        or own.is_multicast
        or own.is_link_local
        or str(own) == "255.255.255.255"
    )


def cidr(text: str) -> Tagged:
    """The function `cidr`."""
    return tagged(CIDR, str(_network(text)))


def is_cidr(text: str) -> bool:
    """The function `isCIDR`."""
    return _is(_network, text)


def network(value: Any) -> _Network:
    """The range in a value that `cidr` has made, or in a string."""
    return (
        _network(value) if isinstance(value, str) else ipaddress.ip_interface(content(value, CIDR))
    )


def contains_ip(value: Any, other: Any) -> bool:
    """The function `containsIP`, with an address or a string."""
    own = network(value).network
    return (_address(other) if isinstance(other, str) else address(other)) in own


def contains_cidr(value: Any, other: Any) -> bool:
    """The function `containsCIDR`, with a range or a string."""
    own, inner = network(value).network, network(other).network
    if own.version != inner.version or inner.prefixlen < own.prefixlen:
        return False
    return inner.network_address in own


def cidr_ip(value: Any) -> Tagged:
    """The function `ip` of a range."""
    return tagged(IP, str(network(value).ip))


def prefix_length(value: Any) -> int:
    """The function `prefixLength`."""
    return network(value).network.prefixlen


def masked(value: Any) -> Tagged:
    """The function `masked`."""
    return tagged(CIDR, str(network(value).network))


def url(text: str) -> Tagged:
    """The function `url`."""
    _parts(text)
    return tagged(URL, text)


def is_url(text: str) -> bool:
    """The function `isURL`."""
    return _is(_parts, text)


def _parts(text: str) -> urllib.parse.SplitResult:
    """The parts of an absolute URL or path, as Go's ParseRequestURI demands it."""
    wrong = ValueError(
        f'URL parse error during conversion from string: parse "{text}": invalid URI for request'
    )
    path = re.split(r"[?#]", text, maxsplit=1)[0]
    if re.search(_NOT_IN_URLS, path) or not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:/|/", text):
        raise wrong
    try:
        parts = urllib.parse.urlsplit(text, allow_fragments=False)
        _ = parts.port
    except ValueError:
        raise wrong from None
    return parts


def url_part(value: Any, name: str) -> str:
    """The functions `getScheme`, `getHost`, `getHostname`, `getPort` and `getEscapedPath`."""
    parts = _parts(content(value, URL))
    host = parts.netloc.rpartition("@")[2]
    hostname, bracket, port = host.rpartition("]")
    hostname, port = (hostname.strip("["), port) if bracket else (host, "")
    if not bracket and ":" in host:
        hostname, _, port = host.partition(":")
    found = {
        "getScheme": parts.scheme,
        "getHost": host,
        "getHostname": hostname,
        "getPort": port.lstrip(":"),
        "getEscapedPath": urllib.parse.quote(parts.path, safe="/%:@!$&'()*+,;=~-._"),
    }
    return found[name]


def query(value: Any) -> dict[str, list[str]]:
    """The function `getQuery`."""
    return urllib.parse.parse_qs(_parts(content(value, URL)).query, keep_blank_values=True)


def _is(read: Any, text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True
