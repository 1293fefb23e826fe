"""Rules about the change from one state of a CRD to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from opgen.schema.preflight.base import Document, Finding, Path, Rule, mapping, versions

_IMMUTABLE: tuple[Path, ...] = (
    ("spec", "group"),
    ("spec", "names", "plural"),
    ("spec", "scope"),
    ("spec", "names", "kind"),
)


class UpdateRule(Rule):
    """A rule about a CRD and the one that it replaces."""

    __slots__ = ()
    check: Callable[[Document, Document], Iterator[Finding]]


def _immutable(new: Document, old: Document) -> Iterator[Finding]:
    for path in _IMMUTABLE:
        was, is_now = _at(old, path), _at(new, path)
        if was != is_now:
            yield Finding(
                path,
                f"Invalid value: {is_now!r}: field is immutable",
                f"leave it {was!r}, or delete the CRD, and with it all its objects, first",
            )


def _stored(new: Document, old: Document) -> Iterator[Finding]:
    known = {version.get("name") for version in versions(new)}
    for index, name in enumerate(_stored_versions(old)):
        if name not in known:
            yield Finding(
                ("status", "storedVersions", index),
                f"missing from spec.versions; {name} was previously a storage version, and must "
                "remain in spec.versions until a storage migration ensures no data remains "
                f"persisted in {name} and removes {name} from status.storedVersions",
                f"keep {name} with served=False",
            )


def _stored_versions(old: Document) -> list[str]:
    """The versions in which objects may be stored: as the cluster says, or as the CRD itself."""
    told = mapping(old.get("status")).get("storedVersions")
    if told:
        return [str(name) for name in told]
    return [str(version.get("name")) for version in versions(old) if version.get("storage")]


def _at(document: Document, path: Path) -> object:
    found: object = document
    for step in path:
        found = mapping(found).get(str(step))
    return found


RULES = (
    UpdateRule("R15", "Group, plural, scope and kind stay", _immutable),
    UpdateRule("R15", "Stored versions stay", _stored),
)
