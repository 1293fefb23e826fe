"""The API server's own rules for CRDs, checked before the API server sees the document.

Every rule is one object with its number and the server's wording. Numbers are stable; they are
those by which the documentation speaks of the rules.

Start reading at `opgen.schema.preflight.rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from opgen.api.errors import Location, Problem
from opgen.api.markers import Marker, PrintColumn, Selectable
from opgen.schema.nodes import Array, Choice, Map, Object, Place, core
from opgen.schema.preflight.base import Path, Spot, dotted
from opgen.schema.preflight.compiled import UNCHECKED
from opgen.schema.preflight.limits import taken_names
from opgen.schema.preflight.rules import Found, run, run_update

__all__ = ["check", "conflicts", "findings", "once"]

_Told = TypeVar("_Told")
_SCHEMA_DEPTH = 5
"""How many steps of a path lead to a version's schema."""
_MARKED: dict[str, type[Marker]] = {
    "additionalPrinterColumns": PrintColumn,
    "selectableFields": Selectable,
}


def check(document: dict[str, Any], previous: dict[str, Any] | None = None) -> list[Problem]:
    """What the API server would not accept about a CRD, by the fields of the CRD.

    Args:
        document: The CRD.
        previous: What it replaces, as in a cluster or in an earlier commit.
    """
    found = [*run(document), *(run_update(document, previous) if previous else ())]
    return [
        Problem(finding.message, None, dotted(finding.path), finding.hint, rule.severity)
        for rule, finding in found
    ]


def once(problems: Iterable[_Told], message: Callable[[_Told], str]) -> Iterator[_Told]:
    """The problems of a run, of which those that are about the installation are told once.

    Args:
        problems: Problems, or what has one.
        message: The text of the problem.
    """
    is_told = False
    for problem in problems:
        if message(problem) == UNCHECKED:
            if is_told:
                continue
            is_told = True
        yield problem


def findings(
    document: dict[str, Any],
    roots: list[Object],
    location: Location,
    kube_version: str | None = None,
    examine: Callable[[Spot], Found] | None = None,
) -> list[Problem]:
    """The same for a document made from classes, with the places in the source.

    Args:
        document: The CRD; equal parts are one object.
        roots: The nodes of its versions.
        location: Where the kind is declared.
        kube_version: The oldest version of Kubernetes that it is for.
        examine: As for `run`.

    Raises:
        ValueError: `kube_version` is no version of Kubernetes.
    """
    problems: list[Problem] = []
    for rule, finding in run(document, kube_version, examine):
        place = _place(finding.path, roots) or _marked_field(finding.path, document, roots)
        place = place or Place(dotted(finding.path), location)
        problem = Problem(finding.message, place.location, place.path, finding.hint, rule.severity)
        if problem not in problems:
            problems.append(problem)
    return problems


def _marked_field(path: Path, document: dict[str, Any], roots: list[Object]) -> Place | None:
    """The field whose marker has made a column or a selectable field of a version."""
    if len(path) < _SCHEMA_DEPTH or path[3] not in _MARKED:
        return None
    entry = document["spec"]["versions"][path[2]][path[3]][path[4]]
    node: Any = roots[int(path[2])]
    field = None
    for name in str(entry.get("jsonPath", "")).removeprefix(".").split("."):
        properties = node.properties if isinstance(node, (Object, Choice)) else ()
        field = next((field for field in properties if field.name == name), None)
        if field is None:
            return None
        node = core(field.node)
    kind = _MARKED[str(path[3])]
    is_marked = field is not None and any(isinstance(marker, kind) for marker in field.markers)
    return field.place if field is not None and is_marked else None


def conflicts(
    documents: list[dict[str, Any]], locations: list[Location]
) -> Iterator[tuple[int, Problem]]:
    """Names (rule R16) that an earlier document of the same group has, with the position."""
    for position, finding in taken_names(documents):
        path = dotted(finding.path)
        yield position, Problem(finding.message, locations[position], path, finding.hint)


def _place(path: Path, roots: list[Object]) -> Place | None:
    """The declaration of what a path leads to, as deep as there is one."""
    if len(path) < _SCHEMA_DEPTH or not isinstance(path[2], int) or path[3] != "schema":
        return None
    node: Any = roots[path[2]]
    place: Place = node.place
    steps = iter(path[_SCHEMA_DEPTH:])
    for step in steps:
        node = core(node)
        if step == "properties" and isinstance(node, (Object, Choice)):
            name = next(steps, None)
            field = next((field for field in node.properties if field.name == name), None)
            if field is None:
                return place
            node, place = field.node, field.place
        elif step == "items" and isinstance(node, Array):
            node, place = node.items, node.place
        elif step == "additionalProperties" and isinstance(node, Map):
            node, place = node.values, node.place
        else:
            return place
    return place
