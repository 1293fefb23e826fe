"""RBAC roles from what controllers declare.

A controller gets what the runtime does for it and no more: it reads its kind, its owned kinds and
the kinds it watches, writes status and owned objects, and records Events. Everything else has to be
asked for with `rbac(...)`. Rules are united as controller-gen unites them, but none is ever lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

from opgen.api.controllers import ControllerInfo, PolicyRule
from opgen.api.errors import Problem
from opgen.api.resources import kind_of
from opgen.k8s.kinds import has_status
from opgen.manifests.selectors import is_label, is_subdomain

READ = ("get", "list", "watch")
OWN = ("create", "delete", "get", "list", "patch", "watch")
EVENTS = PolicyRule(groups=("events.k8s.io",), resources=("events",), verbs=("create", "patch"))
_LISTS = ("groups", "resources", "resource_names", "urls")
_VERBS = """
* get list watch create update patch delete deletecollection use bind escalate impersonate approve
sign attest proxy head post put options
"""
"""Verbs that Kubernetes checks anywhere. Sources: "Request verbs and authorization" and the
chapters on certificates, policies and impersonation of its documentation."""
_NAMELESS = {"create", "deletecollection", "list", "watch"}


def role(
    controllers: Iterable[ControllerInfo], name: str, more: Iterable[PolicyRule] = ()
) -> list[dict[str, Any]]:
    """The ClusterRole of the operator, and a Role for each namespace that rules name.

    Args:
        controllers: The controllers that run in the operator.
        name: The name of all of them.
        more: Rules that no controller asks for.
    """
    return roles([*(rule for info in controllers for rule in rules_of(info)), *more], name)


def roles(rules: Iterable[PolicyRule], name: str) -> list[dict[str, Any]]:
    """The roles that hold some rules, by namespace and name; the ClusterRole `name` always exists.

    A rule goes into the role that it names, or else into that called `name`.
    """
    held: dict[tuple[str, str], list[PolicyRule]] = {("", name): []}
    for rule in rules:
        plain = replace(rule, role="")
        held.setdefault((rule.namespace, rule.role or name), []).append(plain)
    return [_document(held[space, role], role, space) for space, role in sorted(held)]


def rules_of(info: ControllerInfo) -> Iterator[PolicyRule]:
    """The rules that one controller needs."""
    kind = kind_of(info.resource)
    own = PolicyRule(groups=(kind.group,), resources=(kind.plural,), verbs=READ)
    yield own
    # The API server may ask for this right before it lets an owner block its deletion.
    yield replace(own, resources=(f"{kind.plural}/finalizers",), verbs=("update",))
    if has_status(info.resource):
        yield replace(own, resources=(f"{kind.plural}/status",), verbs=("patch",))
    if info.finalizer is not None:
        yield replace(own, verbs=("patch",))
    for owned in map(kind_of, info.owns):
        yield PolicyRule(groups=(owned.group,), resources=(owned.plural,), verbs=OWN)
    for watched in (kind_of(watch.kind) for watch in info.watches):
        yield PolicyRule(groups=(watched.group,), resources=(watched.plural,), verbs=READ)
    yield EVENTS
    yield from info.rbac


def check(controllers: Iterable[ControllerInfo]) -> list[Problem]:
    """What is wrong with the rules that controllers ask for."""
    asked = [(info, rule) for info in controllers for rule in info.rbac]
    return [
        Problem(message, location=info.location, hint=hint)
        for info, rule in asked
        for message, hint in _faults(rule)
    ] + [
        Problem(message, location=info.location, hint=hint, severity="warning")
        for info, rule in asked
        for message, hint in _doubts(rule)
    ]


def _doubts(rule: PolicyRule) -> Iterator[tuple[str, str]]:
    """What the API server takes, and what comes out is not what was meant."""
    known = _VERBS.split()
    for verb in rule.verbs:
        if verb not in known:
            import difflib

            near = difflib.get_close_matches(verb.lower(), known, n=1)
            hint = f"is {near[0]} meant?" if near else f"use one of {', '.join(known)}"
            yield f"rbac(...) has the verb {verb!r}, which Kubernetes does not know", hint


def _faults(rule: PolicyRule) -> Iterator[tuple[str, str]]:
    if not rule.verbs:
        yield "rbac(...) has no verbs", 'add verbs, such as verbs=["get"]'
    if rule.urls and rule.resources:
        yield "rbac(...) has both resources and urls", "make two rules of it"
    if rule.urls and rule.namespace:
        yield (
            "rbac(...) has urls and a namespace, but URLs belong to no namespace",
            ("leave the namespace out"),
        )
    if not rule.urls and not rule.resources:
        yield "rbac(...) has neither resources nor urls", "say what the verbs are for"
    if rule.namespace and not is_label(rule.namespace):
        yield f"{rule.namespace!r} is no namespace", "use lower case letters, digits and dashes"
    if rule.role and not is_subdomain(rule.role):
        yield f"{rule.role!r} is no name of a role", "use lower case letters, digits and dashes"
    if rule.resources and not rule.groups:
        yield "rbac(...) has resources without groups", 'add groups; the core group is ""'
    verbs = sorted(_NAMELESS & set(rule.verbs)) if rule.resource_names else []
    if verbs:
        yield (
            f"rbac(...) has resource_names, which have no meaning for {', '.join(verbs)}",
            "put these verbs into a rule without resource_names",
        )


def united(rules: Iterable[PolicyRule]) -> list[PolicyRule]:
    """Rules with what they have in common put together, sorted.

    First the verbs of equal resources are united, then resources with equal verbs, groups, and
    URLs. The last step unites the verbs of rules that have become equal on the way.
    """
    merged = [_normal(part) for rule in rules for part in _by_resource(rule)]
    for name in ("verbs", "resources", "groups", "urls", "verbs"):
        merged = _unite(merged, name)
    stars = [replace(rule, verbs=("*",)) if "*" in rule.verbs else rule for rule in merged]
    return sorted(stars, key=lambda rule: " + ".join("&".join(getattr(rule, n)) for n in _LISTS))


def _by_resource(rule: PolicyRule) -> Iterator[PolicyRule]:
    if not rule.resources:
        yield rule
    for resource in rule.resources:
        yield replace(rule, resources=(resource,))


def _normal(rule: PolicyRule) -> PolicyRule:
    """The rule with every list sorted, without repetition, and the core group's true name."""
    groups = ("" if group == "core" else group for group in rule.groups)
    lists = {name: getattr(rule, name) for name in (*_LISTS, "verbs")} | {"groups": groups}
    sorted_lists: dict[str, Any] = {name: tuple(sorted(set(lists[name]))) for name in lists}
    return replace(rule, **sorted_lists)


def _unite(rules: list[PolicyRule], name: str) -> list[PolicyRule]:
    """One rule for all those that differ in nothing but the list `name`."""
    others = [field.name for field in fields(PolicyRule) if field.name != name]
    alike: dict[tuple[Any, ...], list[PolicyRule]] = {}
    for rule in rules:
        alike.setdefault(tuple(getattr(rule, other) for other in others), []).append(rule)
    united: list[PolicyRule] = []
    for same in alike.values():
        values = sorted({value for rule in same for value in getattr(rule, name)})
        change: dict[str, Any] = {name: tuple(values)}
        united.append(replace(same[0], **change))
    return united


def _document(rules: list[PolicyRule], name: str, namespace: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role" if namespace else "ClusterRole",
        "metadata": metadata,
        "rules": [_rule(rule) for rule in united(rules)],
    }


def _rule(rule: PolicyRule) -> dict[str, list[str]]:
    lists = {
        "apiGroups": rule.groups,
        "nonResourceURLs": rule.urls,
        "resourceNames": rule.resource_names,
        "resources": rule.resources,
        "verbs": rule.verbs,
    }
    return {name: list(values) for name, values in lists.items() if values}
