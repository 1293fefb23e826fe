"""`opgen destroy`: taking back what `opgen create` made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from opgen.api.errors import Problem, Problems
from opgen.scaffold.desired import own_paths
from opgen.scaffold.paths import Tree
from opgen.scaffold.plan import Action, Plan, Policy, ordered, remove
from opgen.scaffold.project import Project, Resource, not_a_project
from opgen.scaffold.transition import transition

CRDS = "config/crd/bases"
WEBHOOKS = "config/webhook/manifests.yaml"


def destroy_api(root: Path, key: tuple[str, str, str], *, force: bool = False) -> Plan:
    """The plan that takes a kind out of a project: its files, lines and generated CRD.

    Files that a person edited are conflicts, so that nothing is carried out, unless `force`.

    Args:
        root: The project.
        key: Group before the domain, version and kind.
        force: Whether edited files are deleted; a copy is kept beside them.

    Raises:
        Problems: the project has no such kind, or PROJECT is wrong.
    """
    tree = Tree(root)
    project = Project.load(tree)
    if project is None:
        raise not_a_project(root)
    resource = known_resource(project, key)
    rest = tuple(one for one in project.resources if one.key != key)
    after = replace(project, resources=rest)
    plan = transition(tree, project, after, force=force, strict=True)
    policy = Policy(strict=True, force=force)
    shared = {path for one in rest for path in own_paths(after, one)}
    own = [path for path in own_paths(project, resource) if path not in shared]
    plan = _with(plan, *(remove(tree, path, policy) for path in own))
    if any((one.group, one.kind) == (resource.group, resource.kind) for one in rest):
        return plan
    crd = f"{CRDS}/{project.group_of(resource)}_{resource.plural}.yaml"
    return _with(plan, remove(tree, crd, Policy(generated=True)))


def destroy_webhook(
    root: Path,
    key: tuple[str, str, str],
    *,
    admission: frozenset[str] = frozenset(),
    conversion: bool = False,
    force: bool = False,
) -> Plan:
    """The plan that takes webhooks of a kind out of a project: all, or those named.

    Args:
        root: The project.
        key: Group before the domain, version and kind.
        admission: Which of `defaulting` and `validation` go.
        conversion: Whether conversion goes.
        force: Whether edited files are deleted; a copy is kept beside them.

    Raises:
        Problems: the project has no such kind, it has no such webhooks, or PROJECT is wrong.
    """
    tree = Tree(root)
    project = Project.load(tree)
    if project is None:
        raise not_a_project(root)
    resource = known_resource(project, key)
    everything = not (admission or conversion)
    missing = sorted(admission - set(resource.webhooks))
    missing += ["conversion"] if conversion and not resource.spokes else []
    if everything and not (resource.webhooks or resource.spokes):
        missing = ["webhooks"]
    if missing:
        raise Problems(
            Problem(
                f"{resource.kind} {resource.version} has no {one}",
                hint="opgen list shows the webhooks of the project",
            )
            for one in missing
        )
    rest = () if everything else tuple(one for one in resource.webhooks if one not in admission)
    spokes = () if everything or conversion else resource.spokes
    after = project.with_resource(replace(resource, webhooks=rest, spokes=spokes))
    plan = transition(tree, project, after, force=force, strict=True)
    if after.has_webhooks:
        return plan
    return _with(plan, remove(tree, WEBHOOKS, Policy(generated=True)))


def _with(plan: Plan, *more: Action | None) -> Plan:
    """A plan with further actions, as far as there are any."""
    return Plan(plan.root, ordered([*plan.actions, *filter(None, more)]))


def known_resource(project: Project, key: tuple[str, str, str]) -> Resource:
    """The resource of a group, version and kind.

    Raises:
        Problems: there is none.
    """
    if found := project.resource(key):
        return found
    import difflib

    group, version, kind = key
    shown = {one.kind.lower(): _flags_of(*one.key) for one in project.resources}
    near = difflib.get_close_matches(kind.lower(), shown, n=1)
    hint = "opgen list shows the kinds of the project"
    if near:
        hint = f"did you mean {shown[near[0]]}?"
    raise Problems.of(f"the project has no kind with {_flags_of(group, version, kind)}", hint=hint)


def _flags_of(group: str, version: str, kind: str) -> str:
    """How a resource is named on the command line."""
    return f"{f'--group {group} ' if group else ''}--version {version} --kind {kind}"
