"""Limits beyond the schema: the size of a document, names in one group, older API servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from opgen.schema.preflight.base import (
    Document,
    DocumentRule,
    Finding,
    Path,
    Rule,
    mapping,
    spots,
    versions,
)

_ANNOTATION = 262_144
_NESTED = (Mapping, list, tuple)
# What is no JSON has no size, and is told by other rules.
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=repr)
_NAMES = ("plural", "singular", "shortNames", "kind", "listKind")
_WHERE_NAMES: Path = ("spec", "names")


def _fits(document: Document) -> Iterator[Finding]:
    found = size(document)
    if found > _ANNOTATION:
        yield Finding(
            ("spec", "versions"),
            f"the CRD has {found} bytes as JSON, more than the {_ANNOTATION} that fit into the "
            "annotation of a client-side kubectl apply",
            "use kubectl apply --server-side, or shorten descriptions with --max-desc-len",
        )


def size(value: Any, known: dict[int, int] | None = None) -> int:
    """The bytes of a value as JSON.

    Args:
        value: The value.
        known: The sizes of objects and arrays by their ids; what stands in several places is
            measured once.
    """
    known = {} if known is None else known
    if id(value) in known:
        return known[id(value)]
    below = 0
    if isinstance(value, Mapping):
        below = sum(size(part, known) - 1 for part in value.values() if isinstance(part, _NESTED))
        shallow: Any = {name: _alone(part) for name, part in value.items()}
    elif isinstance(value, (list, tuple)):
        below = sum(size(part, known) - 1 for part in value if isinstance(part, _NESTED))
        shallow = [_alone(part) for part in value]
    else:
        return len(_ENCODER.encode(value).encode())
    known[id(value)] = len(_ENCODER.encode(shallow).encode()) + below
    return known[id(value)]


def _alone(part: Any) -> Any:
    """A part as it is, or one byte in the place of an object or array."""
    return 0 if isinstance(part, _NESTED) else part


def taken_names(documents: Sequence[Document]) -> Iterator[tuple[int, Finding]]:
    """Names that an earlier CRD of the same group has already, with the document's position."""
    resources: dict[tuple[str, str], str] = {}
    kinds: dict[tuple[str, str], str] = {}
    for position, document in enumerate(documents):
        spec = mapping(document.get("spec"))
        group, names = str(spec.get("group")), mapping(spec.get("names"))
        own = str(names.get("kind"))
        for field in _NAMES:
            table = kinds if field in ("kind", "listKind") else resources
            said = names.get(field) or ()
            for name in [said] if isinstance(said, str) else said:
                other = table.setdefault((group, name), own)
                if other != own:
                    yield position, _taken(field, name, other)


def _unique(documents: Sequence[Document]) -> Iterator[Finding]:
    for _, finding in taken_names(documents):
        yield finding


UNIQUE = Rule("R16", "CRDs of one group share no names", _unique)
"""About all CRDs of a project."""


def _taken(field: str, name: str, other: str) -> Finding:
    message = f'{field}: "{name}" is already in use by {other}'
    return Finding((*_WHERE_NAMES, field), message, f"choose another {field} in @resource")


class Feature(NamedTuple):
    """Something that API servers before some minor version of Kubernetes 1 do not know."""

    name: str
    since: int
    find: Callable[[Document], Iterator[Path]]


def _rules_with(keyword: str) -> Callable[[Document], Iterator[Path]]:
    def find(document: Document) -> Iterator[Path]:
        for spot in spots(document):
            rules: Any = spot.schema.get("x-kubernetes-validations") or ()
            for index, rule in enumerate(rules):
                if keyword in rule:
                    yield (*spot.path, "x-kubernetes-validations", index)

    return find


def _formats(document: Document) -> Iterator[Path]:
    for spot in spots(document):
        if str(spot.schema.get("format", "")).startswith("k8s-"):
            yield spot.path


def _selectable(document: Document) -> Iterator[Path]:
    for index, version in enumerate(versions(document)):
        if version.get("selectableFields"):
            yield ("spec", "versions", index, "selectableFields")


FEATURES = (
    Feature("a CEL rule", 25, _rules_with("rule")),
    Feature("messageExpression", 27, _rules_with("messageExpression")),
    Feature("the reason of a CEL rule", 28, _rules_with("reason")),
    Feature("the fieldPath of a CEL rule", 28, _rules_with("fieldPath")),
    Feature("optionalOldSelf", 29, _rules_with("optionalOldSelf")),
    Feature("selectableFields", 31, _selectable),
    Feature("a format that starts with k8s-", 34, _formats),
)


def minor(version: str) -> int:
    """The minor version in a text such as `1.30` or `v1.30.2`.

    Raises:
        ValueError: it is no version of Kubernetes 1.
    """
    major, _, rest = version.removeprefix("v").partition(".")
    digits = rest.partition(".")[0].rstrip("+")
    if major != "1" or not digits.isdecimal():
        raise ValueError(f"{version!r} is no version of Kubernetes; write it like 1.30")
    return int(digits)


def unknown_features(document: Document, oldest: int) -> Iterator[Finding]:
    """What the CRD uses that an API server of this minor version would drop or refuse."""
    for feature in FEATURES:
        if feature.since > oldest:
            for path in feature.find(document):
                yield too_new(path, feature.name, feature.since, oldest)


def too_new(path: Path, name: str, since: int, oldest: int) -> Finding:
    """What is told of something that the oldest minor version to be supported has not got."""
    return Finding(
        path,
        f"{name} needs Kubernetes 1.{since}, and 1.{oldest} is to be supported",
        "leave it out, or raise --kube-version",
    )


RULES = (DocumentRule("R18", "The CRD fits into an annotation", _fits, severity="warning"),)
