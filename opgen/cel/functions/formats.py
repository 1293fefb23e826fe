"""The named formats, and why a text has not got one (`k8s.io/apimachinery/pkg/util/validation`)."""

from __future__ import annotations

import re
from typing import Any

from opgen.cel import timing
from opgen.cel.functions.network import is_url
from opgen.cel.functions.tagged import Tagged, content, tagged

KIND = "format"
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_NAME = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_UUID = r"(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
_BYTE = r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_LABEL_SAYS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character"
)
_SUBDOMAIN_SAYS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character"
)
_LABEL_1035_SAYS = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character"
)
_NAME_SAYS = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character"
)
_PATTERNS: dict[str, tuple[str, int, str]] = {
    "dns1123Label": (_LABEL, 63, _LABEL_SAYS),
    "dns1123Subdomain": (_SUBDOMAIN, 253, _SUBDOMAIN_SAYS),
    "dns1035Label": (_LABEL_1035, 63, _LABEL_1035_SAYS),
    "labelValue": (rf"({_NAME})?", 63, f"a valid label {_NAME_SAYS}"),
    "uuid": (_UUID, 2**63, "does not match the UUID format"),
    "byte": (_BYTE, 2**63, "invalid base64"),
}
NAMES = (
    *_PATTERNS,
    "qualifiedName",
    "dns1123LabelPrefix",
    "dns1123SubdomainPrefix",
    "dns1035LabelPrefix",
    "uri",
    "date",
    "datetime",
)


def named(name: str) -> list[Tagged]:
    """The function `format.named`, as a list of one or none."""
    return [tagged(KIND, name)] if name in NAMES else []


def validate(form: Any, text: str) -> list[list[str]]:
    """The function `validate`: a list with the list of mistakes, or none."""
    mistakes = _mistakes(content(form, KIND), text)
    return [mistakes] if mistakes else []


def _mistakes(name: str, text: str) -> list[str]:
    if name == "qualifiedName":
        return _qualified(text)
    if name in ("uri", "date", "datetime"):
        readers = {"uri": is_url, "date": timing.date, "datetime": timing.timestamp}
        return [] if readers[name](text) else [f"invalid {name}"]
    base = name.removesuffix("Prefix")
    if base != name and text.endswith("-"):
        # Something is to come after a prefix, and the dash is then no longer the end.
        text = f"{text[:-2]}a"
    pattern, longest, wording = _PATTERNS[base]
    found = [f"must be no more than {longest} characters"] if len(text) > longest else []
    if not re.fullmatch(pattern, text):
        found.append(wording)
    return found


def _qualified(text: str) -> list[str]:
    prefix, slash, name = text.rpartition("/")
    found: list[str] = []
    if slash:
        found += [f"prefix part {mistake}" for mistake in _mistakes("dns1123Subdomain", prefix)]
    if len(name) > 63:
        found.append("name part must be no more than 63 characters")
    if not re.fullmatch(_NAME, name):
        found.append(f"name part {_NAME_SAYS}")
    return found
