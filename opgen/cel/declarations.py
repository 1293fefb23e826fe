"""The functions that rules of a CRD can call beyond CEL's own, as the checker is to know them.

One line for each overload: its id, and its signature as `receiver.name(arguments) result`. A single
capital letter stands for any type, the same one wherever it occurs; `::` writes the dot in a name
such as `ip.isCanonical`. Sources: the libraries in `k8s.io/apiserver/pkg/cel/library`, version 2 of
CEL's string library, and comparisons between the number types, which CEL's own table lacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

QUANTITY = "kubernetes.Quantity"
URL = "kubernetes.URL"
SEMVER = "kubernetes.Semver"
FORMAT = "kubernetes.NamedFormat"
IP = "net.IP"
CIDR = "net.CIDR"

_SHORT = {
    "quantity": QUANTITY,
    "url": URL,
    "semver": SEMVER,
    "format": FORMAT,
    "ip": IP,
    "cidr": CIDR,
    "optional": "optional_type",
}
_COMPARABLE = ("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes")
_SUMMABLE = ("int", "uint", "double", "duration")
_ORDERED = {"int": "int64", "uint": "uint64"}
_COMPARISONS = {"_<_": "less", "_<=_": "less_equals", "_>_": "greater", "_>=_": "greater_equals"}
_NUMBERS = ("int", "uint", "double")

_STRINGS = """
string_char_at_int                string.charAt(int) string
string_index_of_string            string.indexOf(string) int
string_index_of_string_int        string.indexOf(string, int) int
list_a_index_of_int               list<A>.indexOf(A) int
string_last_index_of_string       string.lastIndexOf(string) int
string_last_index_of_string_int   string.lastIndexOf(string, int) int
list_a_last_index_of_int          list<A>.lastIndexOf(A) int
string_lower_ascii                string.lowerAscii() string
string_replace_string_string      string.replace(string, string) string
string_replace_string_string_int  string.replace(string, string, int) string
string_split_string               string.split(string) list<string>
string_split_string_int           string.split(string, int) list<string>
string_substring_int              string.substring(int) string
string_substring_int_int          string.substring(int, int) string
string_trim                       string.trim() string
string_upper_ascii                string.upperAscii() string
string_format                     string.format(list<dyn>) string
strings_quote                     strings::quote(string) string
list_join                         list<string>.join() string
list_join_string                  list<string>.join(string) string
string_find_string                string.find(string) string
string_find_all_string            string.findAll(string) list<string>
string_find_all_string_int        string.findAll(string, int) list<string>
bool_to_string                    string(bool) string
int64_to_string                   string(int) string
uint64_to_string                  string(uint) string
double_to_string                  string(double) string
string_to_string                  string(string) string
bytes_to_string                   string(bytes) string
timestamp_to_string               string(timestamp) string
duration_to_string                string(duration) string
ip_to_string                      string(ip) string
cidr_to_string                    string(cidr) string
"""
_LIBRARIES = """
string_to_url                     url(string) url
is_url_string                     isURL(string) bool
url_get_scheme                    url.getScheme() string
url_get_host                      url.getHost() string
url_get_hostname                  url.getHostname() string
url_get_port                      url.getPort() string
url_get_escaped_path              url.getEscapedPath() string
url_get_query                     url.getQuery() map<string, list<string>>
string_to_quantity                quantity(string) quantity
is_quantity_string                isQuantity(string) bool
quantity_sign                     sign(quantity) int
quantity_is_greater_than          quantity.isGreaterThan(quantity) bool
quantity_is_less_than             quantity.isLessThan(quantity) bool
quantity_compare_to               quantity.compareTo(quantity) int
quantity_get_float                quantity.asApproximateFloat() double
quantity_get_int                  quantity.asInteger() int
quantity_is_integer               quantity.isInteger() bool
quantity_add                      quantity.add(quantity) quantity
quantity_add_int                  quantity.add(int) quantity
quantity_sub                      quantity.sub(quantity) quantity
quantity_sub_int                  quantity.sub(int) quantity
string_to_ip                      ip(string) ip
is_ip                             isIP(string) bool
ip_is_canonical                   ip::isCanonical(string) bool
ip_family                         ip.family() int
ip_is_unspecified                 ip.isUnspecified() bool
ip_is_loopback                    ip.isLoopback() bool
ip_is_link_local_multicast        ip.isLinkLocalMulticast() bool
ip_is_link_local_unicast          ip.isLinkLocalUnicast() bool
ip_is_global_unicast              ip.isGlobalUnicast() bool
string_to_cidr                    cidr(string) cidr
is_cidr                           isCIDR(string) bool
cidr_contains_ip_string           cidr.containsIP(string) bool
cidr_contains_ip_ip               cidr.containsIP(ip) bool
cidr_contains_cidr_string         cidr.containsCIDR(string) bool
cidr_contains_cidr                cidr.containsCIDR(cidr) bool
cidr_ip                           cidr.ip() ip
cidr_prefix_length                cidr.prefixLength() int
cidr_masked                       cidr.masked() cidr
format-validate                   format.validate(string) optional<list<string>>
format-named                      format::named(string) optional<format>
format.dns1123Label               format::dns1123Label() format
format.dns1123Subdomain           format::dns1123Subdomain() format
format.dns1035Label               format::dns1035Label() format
format.qualifiedName              format::qualifiedName() format
format.dns1123LabelPrefix         format::dns1123LabelPrefix() format
format.dns1123SubdomainPrefix     format::dns1123SubdomainPrefix() format
format.dns1035LabelPrefix         format::dns1035LabelPrefix() format
format.labelValue                 format::labelValue() format
format.uri                        format::uri() format
format.uuid                       format::uuid() format
format.byte                       format::byte() format
format.date                       format::date() format
format.datetime                   format::datetime() format
string_to_semver                  semver(string) semver
string_bool_to_semver             semver(string, bool) semver
is_semver_string                  isSemver(string) bool
is_semver_string_bool             isSemver(string, bool) bool
semver_is_greater_than            semver.isGreaterThan(semver) bool
semver_is_less_than               semver.isLessThan(semver) bool
semver_compare_to                 semver.compareTo(semver) int
semver_major                      semver.major() int
semver_minor                      semver.minor() int
semver_patch                      semver.patch() int
optional_unwrap                   optional::unwrap(list<optional<V>>) list<V>
optional_unwrapOpt                list<optional<V>>.unwrapOpt() list<V>
"""
_REPLACED = (*_COMPARISONS, "string")
"""CEL's own functions that are declared here with all their overloads."""


def config(words: frozenset[str]) -> dict[str, Any]:
    """The functions as the library's configuration of an environment has them.

    Args:
        words: The words of the expressions, and the operators `<` and `>` if they are there:
            functions with other names need no declaration, which takes the library time.
    """
    functions: dict[str, list[dict[str, Any]]] = {}
    for identifier, name, receiver, arguments, result in _overloads():
        if not words & {name, name.rpartition(".")[2], name[1:2]}:
            continue
        overload: dict[str, Any] = {"id": identifier, "return": _type(result)}
        overload["args"] = [_type(argument) for argument in arguments]
        if receiver:
            overload["target"] = _type(receiver)
        functions.setdefault(name, []).append(overload)
    return {
        "stdlib": {
            "exclude_functions": [{"name": name} for name in _REPLACED if name in functions]
        },
        "functions": [
            {"name": name, "overloads": overloads} for name, overloads in functions.items()
        ],
    }


@cache
def names() -> frozenset[str]:
    """All words by which `config` chooses."""
    known = {name for _, name, *_ in _overloads()}
    return frozenset({name.rpartition(".")[2] for name in known} | {"<", ">"})


@cache
def cross_type() -> frozenset[str]:
    """The overloads that compare numbers of different types."""
    return frozenset(
        _comparison(word, left, right)
        for word in _COMPARISONS.values()
        for left in _NUMBERS
        for right in _NUMBERS
        if left != right
    )


_Overload = tuple[str, str, str, list[str], str]


def _overloads() -> Iterator[_Overload]:
    for line in (_STRINGS.strip() + _LIBRARIES).strip().splitlines():
        identifier, signature = line.split(None, 1)
        found = re.fullmatch(r"(?:(.+)\.)?([\w:]+)\((.*)\) (.+)", signature)
        assert found, line
        receiver, name, arguments, result = found.groups()
        yield identifier, name.replace("::", "."), receiver or "", _split(arguments), result
    for name in _COMPARABLE:
        yield f"list_{name}_is_sorted_bool", "isSorted", f"list<{name}>", [], "bool"
        for function in ("min", "max"):
            yield f"list_{name}_{function}_{name}", function, f"list<{name}>", [], name
    for name in _SUMMABLE:
        yield f"list_{name}_sum_{name}", "sum", f"list<{name}>", [], name
    for operator, word in _COMPARISONS.items():
        for left in _COMPARABLE:
            for right in _NUMBERS if left in _NUMBERS else (left,):
                yield _comparison(word, left, right), operator, "", [left, right], "bool"


def _comparison(word: str, left: str, right: str) -> str:
    own, other = _ORDERED.get(left, left), _ORDERED.get(right, right)
    return f"{word}_{own}" if left == right else f"{word}_{own}_{other}"


def _split(arguments: str) -> list[str]:
    """The arguments of a signature, apart at the commas that stand in no angle brackets."""
    return [part.strip() for part in re.split(r",(?![^<]*>)", arguments) if part.strip()]


def _type(text: str) -> Mapping[str, Any]:
    if len(text) == 1:
        return {"type_name": text, "is_type_param": True}
    name, _, inner = text.partition("<")
    named: dict[str, Any] = {"type_name": _SHORT.get(name, name)}
    if inner:
        named["params"] = [_type(part) for part in _split(inner[:-1])]
    return named
