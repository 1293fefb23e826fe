"""The rules for CustomResourceDefinitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opgen.testing.errors import Document, FieldError, invalid_value, not_supported, required
from opgen.testing.objects.names import dns_1035_problems, subdomain_problems
from opgen.testing.resources.crd_causes import causes


def definition_problems(crd: Document) -> Iterator[FieldError]:
    """What is wrong with a CRD."""
    yield from _whole_problems(crd)
    yield from causes(crd)


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
            if len(versions) == 1:
                yield invalid_value("spec.version", version.get("name", ""), text)
            yield invalid_value(f"spec.versions[{index}].name", version.get("name", ""), text)
