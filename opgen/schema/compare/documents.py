"""Two CRD documents compared: names, scope, versions, subresources, and each version's schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opgen.schema.compare.changes import Change, breaking, compatible, shown
from opgen.schema.compare.schemas import changes
from opgen.schema.compare.served import between_versions, has_webhook

Document = Mapping[str, Any]
_FIXED = (
    ("group",),
    ("scope",),
    ("names", "kind"),
    ("names", "listKind"),
    ("names", "plural"),
    ("names", "singular"),
)


def compare(old: Document, new: Document) -> list[Change]:
    """What has changed from one CRD to another, in the order of the document.

    Args:
        old: A CRD document, of which `status.storedVersions` counts as well.
        new: What it shall become.
    """
    found = [
        *_names(old["spec"], new["spec"]),
        *_conversion(old["spec"], new["spec"]),
        *_versions(old, new),
        *between_versions(old["spec"], new["spec"]),
    ]
    return list(dict.fromkeys(found))


def _names(old: Document, new: Document) -> Iterator[Change]:
    for keys in _FIXED:
        before, after = old, new
        for key in keys:
            before, after = before.get(key, {}), after.get(key, {})
        if before and before != after:
            message = f"was {shown(before)} and is {shown(after or None)}"
            yield Change("breaking", ".".join(("spec", *keys)), message)
    for field, verdict in (("shortNames", breaking), ("categories", compatible)):
        had, has = (spec.get("names", {}).get(field) or [] for spec in (old, new))
        for name in had:
            if name not in has:
                severity, message = verdict(f"{name} is gone")
                yield Change(severity, f"spec.names.{field}", message)
        for name in has:
            if name not in had:
                yield Change("compatible", f"spec.names.{field}", f"{name} is new")


def _conversion(old: Document, new: Document) -> Iterator[Change]:
    before, after = old.get("conversion") or {}, new.get("conversion") or {}
    path = "spec.conversion"
    if has_webhook(old) and not has_webhook(new):
        several = len(new["versions"]) > 1
        yield Change("breaking" if several else "compatible", path, "the webhook is gone")
    elif has_webhook(new) and not has_webhook(old):
        yield Change("compatible", path, "a webhook converts now")
    elif has_webhook(old) and before != after:
        yield Change("compatible", path, "the webhook has changed")
    if old.get("preserveUnknownFields") and not new.get("preserveUnknownFields"):
        words = "unknown fields are dropped now"
        yield Change("breaking", "spec.preserveUnknownFields", words)


def _versions(old: Document, new: Document) -> Iterator[Change]:
    before = {version["name"]: version for version in old["spec"]["versions"]}
    after = {version["name"]: version for version in new["spec"]["versions"]}
    stored = set(old.get("status", {}).get("storedVersions") or ())
    stored |= {name for name, version in before.items() if version.get("storage")}
    for name, version in before.items():
        if name not in after:
            why = ", and objects may be stored in it" if name in stored else ""
            yield Change("breaking", f"{name}: ", f"the version is gone{why}")
        else:
            yield from _version(name, version, after[name])
    for name in after:
        if name not in before:
            yield Change("compatible", f"{name}: ", "the version is new")


def _version(name: str, old: Document, new: Document) -> Iterator[Change]:
    path = f"{name}: "
    if bool(old.get("served")) != bool(new.get("served")):
        words = ("served now", "compatible") if new.get("served") else ("not served", "breaking")
        yield Change(words[1], path, f"the version is {words[0]}")
    if bool(new.get("storage")) and not old.get("storage"):
        yield Change("compatible", path, "the version is stored now; migrate what is stored")
    if bool(new.get("storage")) < bool(old.get("storage")):
        yield Change("compatible", path, "the version is not stored any more")
    yield from _deprecation(path, old, new)
    yield from _subresources(path, old.get("subresources") or {}, new.get("subresources") or {})
    yield from _selectable(path, old, new)
    if old.get("additionalPrinterColumns") != new.get("additionalPrinterColumns"):
        yield Change("compatible", path, "the printer columns have changed")
    before, after = (entry.get("schema", {}).get("openAPIV3Schema", {}) for entry in (old, new))
    yield from changes(before, after, path)


def _deprecation(path: str, old: Document, new: Document) -> Iterator[Change]:
    was, now = bool(old.get("deprecated")), bool(new.get("deprecated"))
    if was != now:
        words = "deprecated" if now else "not deprecated any more"
        yield Change("compatible", path, f"the version is {words}")
    elif old.get("deprecationWarning") != new.get("deprecationWarning"):
        yield Change("compatible", path, "the version warns in other words")


def _subresources(path: str, old: Document, new: Document) -> Iterator[Change]:
    for name in ("status", "scale"):
        if name in old and name not in new:
            yield Change("breaking", path, f"the subresource {name} is gone")
        elif name in new and name not in old:
            # Updates of the object itself ignore the status from now on.
            severity = "breaking" if name == "status" else "compatible"
            yield Change(severity, path, f"the subresource {name} is new")
        elif old.get(name) != new.get(name):
            words = f"the subresource {name} was {shown(old[name])} and is {shown(new[name])}"
            yield Change("breaking", path, words)


def _selectable(path: str, old: Document, new: Document) -> Iterator[Change]:
    before, after = (
        [entry.get("jsonPath") for entry in version.get("selectableFields") or ()]
        for version in (old, new)
    )
    for field in before:
        if field not in after:
            yield Change("breaking", path, f"{field} is not selectable any more")
    for field in after:
        if field not in before:
            yield Change("compatible", path, f"{field} is selectable now")
