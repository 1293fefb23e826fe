"""What the API server would say about CRDs from anywhere, with the lines to blame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opgen.api.errors import Problem, Problems
from opgen.scaffold.crd_files import CrdFile, load
from opgen.schema.preflight import conflicts, once
from opgen.schema.preflight.base import dotted
from opgen.schema.preflight.rules import malformed, run


@dataclass(frozen=True, slots=True)
class CrdProblem:
    """Something wrong with a CRD: its name, the number of the rule, and the problem."""

    crd: str
    rule: str
    problem: Problem


def lint(sources: Iterable[str], kube_version: str | None = None) -> tuple[int, list[CrdProblem]]:
    """How many CRDs there are, and what is wrong with them, in the order of files and lines.

    Raises:
        Problems: a file cannot be read, or has no CRD that could be checked.
    """
    crds: list[CrdFile] = []
    unreadable: list[Problem] = []
    for source in sources:
        try:
            crds += load(source)
        except Problems as error:
            unreadable += error.problems
    if unreadable:
        raise Problems(unreadable)
    findings = [one for crd in crds for one in _findings(crd, kube_version)]
    sound = [crd for crd in crds if not malformed(crd.document)]
    documents, places = [crd.document for crd in sound], [crd.location for crd in sound]
    for position, problem in conflicts(documents, places):
        findings.append(CrdProblem(sound[position].name, "R16", problem))
    return len(crds), list(once(findings, lambda one: one.problem.message))


def _findings(crd: CrdFile, kube_version: str | None) -> Iterator[CrdProblem]:
    found = list(run(crd.document, kube_version))
    if not found:
        return
    locations = crd.locations()
    placed = [
        CrdProblem(
            crd.name,
            rule.number,
            Problem(
                finding.message,
                locations.of((*crd.path, *finding.path)),
                f"{crd.name} {dotted(finding.path)}",
                finding.hint,
                rule.severity,
            ),
        )
        for rule, finding in found
    ]
    yield from sorted(dict.fromkeys(placed), key=_line)


def _line(one: CrdProblem) -> int:
    return one.problem.location.line if one.problem.location else 0
