"""The rules for CustomResourceDefinitions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from opgen.testing.errors import Document, FieldError, invalid_value, not_supported, required
from opgen.testing.objects.names import dns_1035_problems, subdomain_problems


def definition_problems(crd: Document) -> Iterator[FieldError]:
    """What is wrong with a CRD."""
    yield from _whole_problems(crd)
    yield from _schema_problems(crd)


def _whole_problems(crd: Document) -> Iterator[FieldError]:
    spec: dict[str, Any] = crd.get("spec") or {}
    group, names = spec.get("group") or "", spec.get("names") or {}
    plural = names.get("plural") or ""
    name = crd["metadata"].get("name", "")
    if name != f"{plural}.{group}":
        detail = 'must be spec.names.plural+"."+spec.group'
        yield invalid_value("metadata.name", name, detail)
    if not group:
        yield required("spec.group")
    elif "." not in group:
        yield invalid_value("spec.group", group, "should be a domain with at least one dot")
    else:
        for text in subdomain_problems(group):
            yield invalid_value("spec.group", group, text)
    if spec.get("scope") not in ("Cluster", "Namespaced"):
        yield not_supported("spec.scope", spec.get("scope", ""), ["Cluster", "Namespaced"])
    for text in dns_1035_problems(plural):
        yield invalid_value("spec.names.plural", plural, text)
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        detail = "kind and listKind may not be the same"
        yield invalid_value("spec.names.listKind", names["listKind"], detail)
    yield from _version_problems(spec)


def _version_problems(spec: Document) -> Iterator[FieldError]:
    versions = spec.get("versions") or []
    names = [version.get("name", "") for version in versions]
    if len(set(names)) != len(names):
        yield invalid_value("spec.versions", versions, "must contain unique version names")
    if sum(bool(version.get("storage")) for version in versions) != 1:
        detail = "must have exactly one version marked as storage version"
        yield invalid_value("spec.versions", versions, detail)
    for index, version in enumerate(versions):
        for text in dns_1035_problems(version.get("name", "")):
            yield invalid_value(f"spec.versions[{index}].name", version.get("name", ""), text)
        if not (version.get("schema") or {}).get("openAPIV3Schema"):
            yield required(f"spec.versions[{index}].schema.openAPIV3Schema", "schemas are required")


_REQUIRED = (
    "rule is not specified",
    "must not be empty",
    "must be specified",
    "schemas are required",
)
_KINDS = ("Required value", "Invalid value", "Forbidden", "Unsupported value", "Duplicate value")
_FORBIDDEN = ("cost exceeds budget", "contributed to estimated", "cost total")
_REASONS = {
    "Required value": "FieldValueRequired",
    "Forbidden": "FieldValueForbidden",
    "Unsupported value": "FieldValueNotSupported",
    "Duplicate value": "FieldValueDuplicate",
}
_SCHEMA = re.compile(r"spec\.versions\[\d+\]\.schema\.openAPIV3Schema")


def _schema_problems(crd: Document) -> Iterator[FieldError]:
    """What `opgen.schema` finds in the schemas, in the form of the server."""
    from opgen.schema import check

    single = len(crd["spec"].get("versions") or ()) == 1
    for problem in check(crd):
        if problem.severity != "error" or not _SCHEMA.match(problem.field):
            continue
        field, text = problem.field, problem.message
        keyword, separator, rest = text.partition(": ")
        if separator and keyword not in _KINDS and re.fullmatch(r"[\w$.\[\]-]+", keyword):
            field, text = f"{field}.{keyword}", rest
        if single:
            field = _SCHEMA.sub("spec.validation.openAPIV3Schema", field)
        kind = text.partition(":")[0]
        if kind not in _KINDS:
            kind = "Required value" if text.startswith(_REQUIRED) else "Invalid value"
            if any(part in text for part in _FORBIDDEN):
                kind = "Forbidden"
            text = f"{kind}: {text}"
        yield FieldError(_REASONS.get(kind, "FieldValueInvalid"), field, text)
