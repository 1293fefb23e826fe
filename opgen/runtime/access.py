"""Asking at the start whether we may do what the controllers will do.

A missing right would otherwise show up as a failing reconcile, perhaps days later. Every verb that
follows from a declaration is asked for with a SelfSubjectAccessReview, which everybody may create.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from opgen.api.controllers import ControllerInfo, PolicyRule
from opgen.api.errors import Location, Problem, Problems
from opgen.api.resources import ResourceKind, kind_of
from opgen.k8s.kinds import has_status
from opgen.runtime.client import Client
from opgen.runtime.declared import CacheSpec
from opgen.runtime.errors import ApiError, Unreachable
from opgen.runtime.events import EVENT

log = logging.getLogger("opgen.access")

REVIEW = ResourceKind(
    "authorization.k8s.io",
    "v1",
    "SelfSubjectAccessReview",
    "selfsubjectaccessreviews",
    namespaced=False,
)
READ = ("list", "watch")
OWN = (*READ, "create", "patch")
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Right:
    """One verb on one resource, and the controller that needs it."""

    group: str
    resource: str
    verb: str
    namespaced: bool
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    location: Location | None = field(default=None, compare=False)

    @property
    def full_resource(self) -> str:
        """As rules of roles name it."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    @property
    def words(self) -> tuple[str, str]:
        """Verb and resource."""
        return self.verb, self.full_resource


def rights(controllers: Iterable[ControllerInfo]) -> list[Right]:
    """The rights that declarations ask for, each once."""
    return list(dict.fromkeys(right for info in controllers for right in _rights_of(info)))


def _rights_of(info: ControllerInfo) -> Iterator[Right]:
    own = kind_of(info.resource)
    verbs: tuple[str, ...] = (*READ, "patch") if info.finalizer is not None else READ
    needed = [(own, verbs)]
    if has_status(info.resource):
        yield Right(
            *(own.group, own.plural, "patch", own.namespaced, "status"), location=info.location
        )
    needed += [(kind_of(owned), OWN) for owned in info.owns]
    needed += [(kind_of(watch.kind), READ) for watch in info.watches]
    for kind, verbs in needed:
        for verb in verbs:
            yield Right(kind.group, kind.plural, verb, kind.namespaced, location=info.location)
    for verb in ("create", "patch"):
        yield Right(EVENT.group, EVENT.plural, verb, True, location=info.location)
    for rule in info.rbac:
        if not (rule.resource_names or rule.namespace):
            yield from rights_in(rule, info.location)


def rights_in(rule: PolicyRule, location: Location | None = None) -> Iterator[Right]:
    """The rights that a rule of a role gives, one by one."""
    for group in rule.groups:
        for resource in rule.resources:
            plural, _, subresource = resource.partition("/")
            for verb in rule.verbs:
                for name in rule.resource_names or ("",):
                    yield Right(
                        group, plural, verb, True, subresource, rule.namespace, name, location
                    )


async def check_access(
    client: Client,
    controllers: Iterable[ControllerInfo],
    namespace: str = "",
    rules: Iterable[PolicyRule] = (),
) -> None:
    """Ask for all rights.

    Args:
        client: The client whose rights are in question.
        controllers: What will be done.
        namespace: Where, if it is done in one namespace only.
        rules: What is needed besides, as in roles.

    Raises:
        Problems: some are missing; names the verb, the resource, and the rule to add.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def missing(right: Right) -> Problem | None:
        async with gate:
            return None if await _allowed(client, right, namespace) else _problem(right, namespace)

    wanted = [*rights(controllers), *(right for rule in rules for right in rights_in(rule))]
    found = await asyncio.gather(*map(missing, wanted))
    problems = [problem for problem in found if problem is not None]
    if problems:
        raise Problems(problems)


async def _allowed(client: Client, right: Right, namespace: str) -> bool:
    attributes = {"group": right.group, "resource": right.resource, "verb": right.verb}
    if right.subresource:
        attributes["subresource"] = right.subresource
    if right.name:
        attributes["name"] = right.name
    if where := _where(right, namespace):
        attributes["namespace"] = where
    try:
        answer = await client.create(REVIEW, {"spec": {"resourceAttributes": attributes}})
    except (ApiError, Unreachable) as error:
        # Whatever keeps the server from answering will show at the first list, which is retried.
        log.warning("whether %s %s is allowed is not known: %s", *right.words, error)
        return True
    return (answer.get("status") or {}).get("allowed") is not False


def _where(right: Right, namespace: str) -> str:
    return right.namespace or (namespace if right.namespaced else "")


def _problem(right: Right, namespace: str) -> Problem:
    group = f" in group {right.group}" if right.group else ""
    space = _where(right, namespace)
    where = f" in namespace {space}" if space else ""
    name = f" {right.name}" if right.name else ""
    rule = f'rbac(groups=["{right.group}"], resources=["{right.full_resource}"], '
    return Problem(
        f"not allowed to {right.verb} {right.full_resource}{name}{group}{where}",
        location=right.location,
        hint=f'the role needs {rule}verbs=["{right.verb}"]): run opgen make manifests and apply '
        "config/rbac",
    )


async def check_kinds(client: Client, specs: Iterable[CacheSpec]) -> None:
    """Ask whether the server has all kinds, so that nothing is begun if it lacks one.

    Raises:
        Problems: it does not serve some; says which versions of them it serves.
    """
    problems: list[Problem] = []
    for (group, version), kinds in _by_version(specs).items():
        served = await _served(client, group, version)
        if served is None:
            return
        missing = [spec for spec in kinds if spec.kind.plural not in served]
        problems += [await _missing(client, spec) for spec in missing]
    if problems:
        raise Problems(problems)


def _by_version(specs: Iterable[CacheSpec]) -> dict[tuple[str, str], list[CacheSpec]]:
    found: dict[tuple[str, str], list[CacheSpec]] = {}
    for spec in specs:
        found.setdefault((spec.kind.group, spec.kind.version), []).append(spec)
    return found


async def _served(client: Client, group: str, version: str) -> set[str] | None:
    """The plurals of a group's version; None if the server cannot be asked now."""
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    try:
        document = await client.request("GET", path)
    except ApiError as error:
        return set() if error.code == 404 else None
    except Unreachable:
        return None
    if document.get("kind") != "APIResourceList":
        return None
    return {resource["name"] for resource in document.get("resources") or ()}


async def _missing(client: Client, spec: CacheSpec) -> Problem:
    kind = spec.kind
    full = f"{kind.plural}.{kind.group}" if kind.group else kind.plural
    try:
        group = await client.request("GET", f"/apis/{kind.group}")
        versions = [version["version"] for version in group.get("versions") or ()]
        others = [
            v for v in versions if kind.plural in (await _served(client, kind.group, v) or ())
        ]
    except (ApiError, Unreachable):
        others = []
    if others:
        return Problem(
            f"the API server serves {full} in {', '.join(others)} and not in {kind.version}",
            location=spec.location,
            hint="install the newer CRD with opgen install, or use the version that is served",
        )
    return Problem(
        f"the API server has no kind {kind.kind} in {kind.api_version} ({full})",
        location=spec.location,
        hint="install its CRD with opgen install",
    )
