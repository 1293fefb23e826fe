"""From the versions of a kind to its CRD document.

What holds for the CRD as a whole (names, scope, annotations) is said in the decorator of each
version's class; it is an error if two of them disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from opgen.api.conversion import ConversionWebhook
from opgen.api.errors import Problem
from opgen.api.resources import ResourceInfo

if TYPE_CHECKING:
    from opgen.schema.derive import Version

_SHARED: Mapping[str, Callable[[ResourceInfo], Any]] = {
    "plural": lambda info: info.kind.plural,
    "singular": lambda info: info.singular,
    "list_kind": lambda info: info.list_kind,
    "scope": lambda info: info.scope,
    "short_names": lambda info: list(info.short_names),
    "categories": lambda info: list(info.categories),
    "conversion": lambda info: info.conversion.as_json() if info.conversion else None,
}


def assemble(
    versions: list[Version], problems: list[Problem], *, has_converter: bool = False
) -> dict[str, Any]:
    """The CRD document of a kind; what versions disagree on goes to `problems`."""
    shared = {name: _agreed(name, get, versions, problems) for name, get in _SHARED.items()}
    kind = versions[0].info.kind
    names: dict[str, Any] = {
        "kind": kind.kind,
        "listKind": shared["list_kind"] or f"{kind.kind}List",
        "plural": shared["plural"],
        "singular": shared["singular"],
    }
    if shared["short_names"]:
        names["shortNames"] = shared["short_names"]
    if shared["categories"]:
        names["categories"] = shared["categories"]
    if len(versions) == 1 and versions[0].info.storage is None:
        versions[0].document["storage"] = True
    if has_converter and shared["conversion"] is None:
        shared["conversion"] = ConversionWebhook().as_json()
    conversion = {"conversion": shared["conversion"]} if shared["conversion"] else {}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": _metadata(f"{shared['plural']}.{kind.group}", versions, problems),
        "spec": {
            **conversion,
            "group": kind.group,
            "names": names,
            "scope": shared["scope"],
            "versions": [version.document for version in versions],
        },
    }


def _agreed(
    name: str, get: Callable[[ResourceInfo], Any], versions: list[Version], problems: list[Problem]
) -> Any:
    """The value that all versions give; those that give an empty one have nothing to say."""
    agreed: Any = []
    for version in versions:
        value = get(version.info)
        if value and agreed and value != agreed:
            problems.append(
                _disagreement(version, f"{name} is {value!r} here and {agreed!r} in", versions[0])
            )
        agreed = agreed or value
    return agreed


def _disagreement(version: Version, words: str, other: Version) -> Problem:
    place = version.place
    return Problem(
        f"{words} version {other.info.kind.version}, but a kind has only one",
        place.location,
        place.path,
        "say the same in @resource of every version",
    )


def _metadata(name: str, versions: list[Version], problems: list[Problem]) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name}
    for field in ("annotations", "labels"):
        merged: dict[str, str] = {}
        for version in versions:
            given: Mapping[str, str] = getattr(version.info, field)
            for key, value in given.items():
                if merged.setdefault(key, value) != value:
                    words = f"{field[:-1]} {key} is {value!r} here and {merged[key]!r} in"
                    problems.append(_disagreement(version, words, versions[0]))
        if merged:
            metadata[field] = merged
    return metadata
