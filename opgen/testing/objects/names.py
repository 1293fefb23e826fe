"""Names: the rules of the API server for names, labels and annotations, with its texts."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from opgen.k8s.kinds import by_kind
from opgen.testing.errors import FieldError, forbidden_field, invalid_value, required

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DNS_1123_LABEL = re.compile(_LABEL)
_DNS_1123_SUBDOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_DNS_1035_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")

_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_DNS_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_QUALIFIED_TEXT = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_KEY_TEXT = (
    "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex "
    "used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS "
    "subdomain prefix and '/' (e.g. 'example.com/MyName')"
)
_LABEL_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  "
    "or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)


def _check(
    value: str, pattern: re.Pattern[str], limit: int, text: str, unit: str = "characters"
) -> list[str]:
    problems = [f"must be no more than {limit} {unit}"] if len(value) > limit else []
    return problems if pattern.fullmatch(value) else [*problems, text]


def subdomain_problems(name: str) -> list[str]:
    """What is wrong with a name as most objects have it."""
    return _check(name, _DNS_1123_SUBDOMAIN, 253, _SUBDOMAIN_TEXT)


def label_problems(name: str) -> list[str]:
    """What is wrong with a name that must be a DNS label, such as a namespace's."""
    return _check(name, _DNS_1123_LABEL, 63, _LABEL_TEXT)


def dns_1035_problems(name: str) -> list[str]:
    """What is wrong with a name that must start with a letter, such as a plural."""
    return _check(name, _DNS_1035_LABEL, 63, _DNS_1035_TEXT)


def port_name_problems(name: str) -> list[str]:
    """What is wrong with the name of a port. Source: IsValidPortName."""
    problems = []
    if len(name) > 15:
        problems.append("must be no more than 15 characters")
    if not re.fullmatch(r"[-a-z0-9]*", name):
        problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", name):
        problems.append("must contain at least one letter (a-z)")
    if "--" in name:
        problems.append("must not contain consecutive hyphens")
    if name.startswith("-") or name.endswith("-"):
        problems.append("must not begin or end with a hyphen")
    return problems


def path_problems(name: str) -> list[str]:
    """What is wrong with a name that need only fit into a path, such as a role's."""
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{sign}'" for sign in ("/", "%") if sign in name]


def qualified_name_problems(key: str) -> list[str]:
    """What is wrong with the key of a label or annotation."""
    if key.count("/") > 1:
        return [_KEY_TEXT]
    prefix, slash, name = key.rpartition("/")
    problems = []
    if slash:
        if not prefix:
            problems.append("prefix part must be non-empty")
        else:
            found = _check(prefix, _DNS_1123_SUBDOMAIN, 253, _SUBDOMAIN_TEXT, "bytes")
            problems += [f"prefix part {text}" for text in found]
    if not name:
        problems.append("name part must be non-empty")
    if len(name) > 63:
        problems.append("name part must be no more than 63 bytes")
    if not _QUALIFIED.fullmatch(name):
        problems.append(_QUALIFIED_TEXT)
    return problems


def label_value_problems(value: str) -> list[str]:
    """What is wrong with the value of a label."""
    return _check(value, _LABEL_VALUE, 63, _LABEL_VALUE_TEXT, "bytes")


_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
MAX_GENERATED_BASE = 58


def generate_name(base: str) -> str:
    """A name made from `metadata.generateName`."""
    return base[:MAX_GENERATED_BASE] + random_suffix(5)


def random_suffix(length: int) -> str:
    """Random characters that form no words and cannot be misread."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


# Kinds whose names follow another rule than that of DNS subdomains.
_RULES = {
    ("", "Namespace"): label_problems,
    ("", "Event"): path_problems,
    ("", "Service"): dns_1035_problems,
    ("rbac.authorization.k8s.io", "Role"): path_problems,
    ("rbac.authorization.k8s.io", "ClusterRole"): path_problems,
    ("rbac.authorization.k8s.io", "RoleBinding"): path_problems,
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): path_problems,
}


def metadata_problems(
    group: str,
    kind: str,
    metadata: dict[str, Any],
    name_problems: Callable[[str], list[str]] | None = None,
) -> Iterator[FieldError]:
    """What is wrong with an object's metadata; the rules for names are those of its kind."""
    name = metadata.get("name") or ""
    check = name_problems or _RULES.get((group, kind), subdomain_problems)
    if not name:
        yield required("metadata.name", "name or generateName is required")
    else:
        for text in check(name):
            yield invalid_value("metadata.name", name, text)
    for key, value in (metadata.get("labels") or {}).items():
        for text in qualified_name_problems(key):
            yield invalid_value("metadata.labels", key, text)
        for text in label_value_problems(value):
            yield invalid_value("metadata.labels", value, text)
    for key in metadata.get("annotations") or {}:
        for text in qualified_name_problems(key.lower()):
            yield invalid_value("metadata.annotations", key, text)
    strict = by_kind(group, kind) is not None and group not in _LENIENT_GROUPS
    yield from _finalizer_problems(metadata.get("finalizers") or [], strict=strict)
    yield from _owner_problems(metadata.get("ownerReferences") or [])


_STANDARD_FINALIZERS = ("orphan", "foregroundDeletion", "kubernetes")
# Served by other API servers within kube-apiserver, which take any qualified name.
_LENIENT_GROUPS = ("apiextensions.k8s.io", "apiregistration.k8s.io", "coordination.k8s.io")


def _finalizer_problems(finalizers: list[str], *, strict: bool) -> Iterator[FieldError]:
    for index, finalizer in enumerate(finalizers):
        for text in qualified_name_problems(finalizer):
            yield invalid_value("metadata.finalizers", finalizer, text)
        if strict and "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
            text = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid_value(f"metadata.finalizers[{index}]", finalizer, text)
    if {"orphan", "foregroundDeletion"} <= set(finalizers):
        text = "finalizer orphan and foregroundDeletion cannot be both set"
        yield invalid_value("metadata.finalizers", finalizers, text)


def _owner_problems(owners: list[dict[str, Any]]) -> Iterator[FieldError]:
    field = "metadata.ownerReferences"
    texts = {
        "apiVersion": "version must not be empty",
        "kind": "must not be empty",
        "name": "must not be empty",
        "uid": "must not be empty",
    }
    for owner in owners:
        for key, text in texts.items():
            if not owner.get(key):
                yield invalid_value(f"{field}.{key}", owner.get(key) or "", text)
    controllers = [owner for owner in owners if owner.get("controller")]
    if len(controllers) > 1:
        names = [f"{owner['kind']}/{owner['name']}" for owner in controllers[:2]]
        yield invalid_value(
            field,
            owners,
            "Only one reference can have Controller set to true. Found "
            f'"true" in references for {names[0]} and {names[1]}',
        )


def update_problems(new: dict[str, Any], old: dict[str, Any]) -> Iterator[FieldError]:
    """What is wrong with a change of an object's metadata."""
    if old.get("deletionTimestamp"):
        added = sorted(set(new.get("finalizers") or []) - set(old.get("finalizers") or []))
        if added:
            listed = ", ".join(f'"{finalizer}"' for finalizer in added)
            yield forbidden_field(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, "
                f"found new finalizers []string{{{listed}}}",
            )
    for name in ("deletionTimestamp", "deletionGracePeriodSeconds"):
        if new.get(name) != old.get(name):
            yield invalid_value(f"metadata.{name}", new[name], "field is immutable")
