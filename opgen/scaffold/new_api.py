"""`opgen create api`: a kind, its controller, sample, roles and tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from opgen.api.errors import Problem, Problems
from opgen.api.plurals import pluralize
from opgen.k8s.kinds import BUILT_IN
from opgen.scaffold import names
from opgen.scaffold.desired import resource_files
from opgen.scaffold.paths import Tree
from opgen.scaffold.plan import Plan
from opgen.scaffold.project import Project, Resource, not_a_project
from opgen.scaffold.record import finished_plan
from opgen.scaffold.templates import templates_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiOptions:
    """What `opgen create api` was told; None where it was told nothing."""

    version: str
    kind: str
    group: str | None = None
    plural: str | None = None
    scope: str | None = None
    resource: bool | None = None
    controller: bool | None = None
    pattern: str | None = None


def create_api(root: Path, options: ApiOptions, *, force: bool = False) -> Plan:
    """The plan that adds a kind to a project, or brings one to other answers.

    For a kind the project has already, what is not told is as PROJECT has it.

    Raises:
        Problems: everything that is wrong with the options, with PROJECT or with what is in the
            way.
    """
    tree = Tree(root)
    project = Project.load(tree)
    if project is None:
        raise not_a_project(root)
    problems = list(check(project, options))
    if problems:
        raise Problems(problems)
    old = project.resource((options.group or "", options.version, options.kind))
    new = _resource(project, options, old)
    wanted = project.with_resource(new)
    templates = templates_of(tree.root, project)
    obsolete = resource_files(templates, project, old) if old and old != new else None
    desired = resource_files(templates, wanted, new)
    return finished_plan(tree, wanted, desired, project, obsolete=obsolete, force=force)


def check(project: Project, options: ApiOptions) -> Iterator[Problem]:
    """Everything that is wrong with the options."""
    group = options.group or ""
    wrong = [
        *names.check_group(group, project.domain),
        *names.check_version(options.version),
        *names.check_kind(options.kind),
    ]
    if options.plural is not None:
        wrong += names.check_plural(options.plural, names.full_group(group, project.domain))
    if options.scope is not None:
        wrong += names.check_choice(options.scope, names.SCOPES, "--scope")
    if options.pattern is not None:
        wrong += names.check_choice(options.pattern, names.PATTERNS, "--pattern")
    yield from wrong
    if not wrong:
        yield from _clashes(project, options)


def _resource(project: Project, options: ApiOptions, old: Resource | None) -> Resource:
    sibling = _sibling(project, options)
    likeness = old or sibling
    kind = options.kind
    wants_controller = not other_controller(project, options)
    return Resource(
        group=options.group or "",
        version=options.version,
        kind=kind,
        plural=options.plural or (likeness.plural if likeness else pluralize(kind)),
        scope=options.scope or (likeness.scope if likeness else "Namespaced"),
        short_name=likeness.short_name if likeness else _short_name(project, kind),
        api=bool(old and old.api) or options.resource is not False,
        controller=bool(old and old.controller)
        or (wants_controller if options.controller is None else options.controller),
        pattern=options.pattern or (likeness.pattern if likeness else "workload"),
    )


def _short_name(project: Project, kind: str) -> str:
    taken = {name for built_in in BUILT_IN for name in built_in.short_names}
    taken |= {built_in.kind.plural for built_in in BUILT_IN}
    taken |= {resource.short_name for resource in project.resources}
    return names.short_name(kind, frozenset(taken))


def _sibling(project: Project, options: ApiOptions) -> Resource | None:
    """Another version of the kind."""
    group_kind = (options.group or "", options.kind)
    return next(
        (
            one
            for one in project.resources
            if (one.group, one.kind) == group_kind and one.version != options.version
        ),
        None,
    )


def other_controller(project: Project, options: ApiOptions) -> Resource | None:
    """Another resource whose controller has the file that this one's would have."""
    key = (options.group or "", options.version, options.kind)
    return next(
        (
            one
            for one in project.resources
            if one.controller
            and one.key != key
            and one.kind.lower() == options.kind.lower()
            and _share_files(project, one.group, key[0])
        ),
        None,
    )


def _share_files(project: Project, group: str, other: str) -> bool:
    """Whether equal kinds of two groups would have the same files."""
    return not project.multigroup or names.folder_of(group) == names.folder_of(other)


def _clashes(project: Project, options: ApiOptions) -> Iterator[Problem]:
    """What does not go together with the project's other kinds, or with itself."""
    yield from _nothing_to_do(project, options)
    key = (options.group or "", options.version, options.kind)
    new = _resource(project, options, project.resource(key))
    if (new.scope, new.pattern) == ("Cluster", "workload"):
        yield Problem(
            "--scope Cluster does not go with --pattern workload: a Deployment needs a namespace",
            hint="pass --pattern blank",
        )
    if new.scope == "Cluster" and project.namespaced:
        yield Problem(
            "--scope Cluster: the project's operator has rights in its own namespace only, and a "
            "cluster-wide kind belongs to none",
            hint="leave --scope out, or run: opgen edit --no-namespaced",
        )
    plural = options.plural or pluralize(options.kind)
    for other in project.resources:
        if other.key == key:
            continue
        if (other.group, other.kind) == (key[0], options.kind):
            yield from _unlike_version(other, options)
        else:
            yield from _unlike_kind(project, other, options, plural)
    if options.controller and (owner := other_controller(project, options)):
        yield Problem(
            f"--controller: {owner.kind} {owner.version} has the controller of this kind already",
            hint="pass --no-controller; one controller serves all versions of a kind",
        )


def _nothing_to_do(project: Project, options: ApiOptions) -> Iterator[Problem]:
    old = project.resource((options.group or "", options.version, options.kind))
    if options.resource is False and not (old and old.api):
        if options.controller is False:
            yield Problem(
                "--no-resource and --no-controller leave nothing to create",
                hint="leave one of them out",
            )
        else:
            yield Problem(
                f"--no-resource: the project has no types of {options.kind} {options.version}, "
                "which the controller needs",
                hint="leave --no-resource out",
            )


def _unlike_version(other: Resource, options: ApiOptions) -> Iterator[Problem]:
    for flag, told, has in (
        ("--plural", options.plural, other.plural),
        ("--scope", options.scope, other.scope),
    ):
        if told is not None and told != has:
            yield Problem(
                f"{flag} {told!r} differs from {has!r} of {other.kind} {other.version}, and all "
                "versions of a kind share it",
                hint=f"leave {flag} out",
            )


def _unlike_kind(
    project: Project, other: Resource, options: ApiOptions, plural: str
) -> Iterator[Problem]:
    kind, group = options.kind, options.group or ""
    shared = _share_files(project, other.group, group)
    named = f"{other.kind} {other.version}"
    if shared and other.kind.lower() == kind.lower() and other.kind != kind:
        yield Problem(
            f"--kind {kind!r} differs from {other.kind!r}, which the project has, in case only",
            hint=f"pass --kind {other.kind}, or a name of its own",
        )
    elif shared and other.kind == kind:
        yield Problem(
            f"--group {group!r}: the project has {named} in group {other.group!r}, and its files "
            "would be the same",
            hint="pass another --kind, or give each group a folder: opgen edit --multigroup",
        )
    elif other.group == group and other.plural == plural:
        yield Problem(
            f"--plural {plural!r} is the plural of {named} in the same group",
            hint=f"pass --plural with another name for {kind}",
        )
    elif other.group == group and (kind == f"{other.kind}List" or other.kind == f"{kind}List"):
        yield Problem(
            f"--kind {kind!r} and {named}: one is the name of the other's list",
            hint="pass another --kind",
        )
