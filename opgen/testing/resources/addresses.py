"""IP addresses and ranges as Kubernetes takes them. Source: apimachinery's validation of IPs."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterator

from opgen.testing.errors import FieldError, invalid_value

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_ZEROS = re.compile(r"(?<![\d.])0+(?=\d)|(?<=\.)0+(?=\d)")

_UNSPECIFIC = (
    ("is_loopback", "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
    ("is_link_local", "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
)
_LOCAL_MULTICAST = (ipaddress.ip_network("224.0.0.0/24"), ipaddress.ip_network("ff02::/16"))


def parse(text: str) -> Address | None:
    """An address, also one with leading zeros; None if it is none."""
    plain = _ZEROS.sub("", text) if "." in text and ":" not in text else text
    try:
        return None if "%" in plain else ipaddress.ip_address(plain)
    except ValueError:
        return None


def family(text: str) -> str:
    """`IPv4` or `IPv6`; `unknown` of what is no address."""
    if parse(text) is None:
        return "unknown"
    return "IPv6" if ":" in text else "IPv4"


def address_problems(field: str, text: str, before: Collection[str] = ()) -> Iterator[FieldError]:
    """What is wrong with an address, unless it was there `before`."""
    if text in before:
        return
    address = parse(text)
    if address is None:
        detail = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
        yield invalid_value(field, text, detail)
    elif isinstance(address, ipaddress.IPv4Address) and str(address) != text:
        yield invalid_value(field, text, "must not have leading 0s")
    elif getattr(address, "ipv4_mapped", None):
        yield invalid_value(field, text, "must not be an IPv4-mapped IPv6 address")


def endpoint_problems(field: str, text: str) -> Iterator[FieldError]:
    """Why a valid address cannot be reached from elsewhere."""
    address = parse(text)
    assert address is not None
    if address.is_unspecified:
        yield invalid_value(field, text, f"may not be unspecified ({text})")
    for name, detail in _UNSPECIFIC:
        if getattr(address, name):
            yield invalid_value(field, text, detail)
    if any(address in network for network in _LOCAL_MULTICAST):
        detail = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
        yield invalid_value(field, text, detail)


def range_problems(field: str, text: str, before: Collection[str] = ()) -> Iterator[FieldError]:
    """What is wrong with a range such as 10.0.0.0/8, unless it was there `before`."""
    if text in before:
        return
    first, _, bits = text.partition("/")
    address = parse(first)
    if address is None or not bits.isdecimal() or int(bits) > address.max_prefixlen:
        detail = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
        yield invalid_value(field, text, detail)
    elif bits != str(int(bits)) or (address.version == 4 and str(address) != first):
        yield invalid_value(field, text, "must not have leading 0s in IP or prefix length")
    elif getattr(address, "ipv4_mapped", None):
        yield invalid_value(field, text, "must not have an IPv4-mapped IPv6 address")
    elif ipaddress.ip_network((address, int(bits)), strict=False).network_address != address:
        yield invalid_value(field, text, "must not have bits set beyond the prefix length")


def address_warnings(field: str, text: str) -> Iterator[str]:
    """What to say of a valid address that is written in an unusual way."""
    address = parse(text)
    if address is not None and address.version == 6 and str(address) != text:
        yield (
            f'{field}: IPv6 address "{text}" should be in RFC 5952 canonical format ("{address}")'
        )
