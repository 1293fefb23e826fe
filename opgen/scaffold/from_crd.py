"""`opgen create api --from-crd`: a project around a kind that exists already.

The types are those that `opgen import crd` writes, for all versions of the CRD. They, the
controller and the sample belong to the person at once; PROJECT records the kind with the pattern
`imported`, for which the templates have roles and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from opgen.api.errors import Problem, Problems
from opgen.manifests.emitter import dump
from opgen.scaffold import names
from opgen.scaffold.crd_files import CrdFile, complete
from opgen.scaffold.desired import Desired, imported_files, resource_files
from opgen.scaffold.imported import group_of, module_files, modules, own_actions, versions_of
from opgen.scaffold.paths import File, Tree
from opgen.scaffold.plan import Plan, ordered
from opgen.scaffold.project import Project, Resource, not_a_project
from opgen.scaffold.record import finished_plan
from opgen.scaffold.templates import templates_of
from opgen.schema.samples import sample


def create_from_crd(
    root: Path,
    crd: CrdFile,
    version: str | None = None,
    *,
    controller: bool = True,
    force: bool = False,
) -> Plan:
    """The plan that adds the kind of a CRD to a project, with types, sample and controller.

    Args:
        root: The project.
        crd: The CRD.
        version: The version that the controller works with; the stored one if left out.
        controller: Whether a controller is written.
        force: Whether files that are in the way are replaced.

    Raises:
        Problems: everything that is wrong with the CRD, with PROJECT or with what is in the way.
    """
    tree = Tree(root)
    project = Project.load(tree)
    if project is None:
        raise not_a_project(root)
    complete([crd])
    main = version or _stored(crd)
    if problems := list(_unfit(project, crd, main)):
        raise Problems(problems)
    templates = templates_of(tree.root, project)
    resources = [
        _resource(project, crd, one, controller and one == main) for one in _order(crd, main)
    ]
    wanted = project
    for resource in resources:
        wanted = wanted.with_resource(resource)
    desired = Desired()
    for resource in resources:
        desired = desired.joined(resource_files(templates, wanted, resource))
    recorded = finished_plan(tree, wanted, desired, project, force=force)
    files = {
        path: file
        for path, file in module_files(wanted, modules([crd])).items()
        if path not in desired.files
    }
    for resource in resources:
        files[_sample_path(wanted, resource)] = File(_sample(wanted, crd, resource).encode())
        if resource.controller:
            files |= imported_files(templates, wanted, resource).files
    return Plan(tree.root, ordered([*recorded.actions, *own_actions(tree, files, force=force)]))


def _stored(crd: CrdFile) -> str:
    entries: list[Mapping[str, Any]] = crd.document["spec"]["versions"]
    return str(next((one["name"] for one in entries if one.get("storage")), entries[0]["name"]))


def _order(crd: CrdFile, main: str) -> list[str]:
    """The versions, the main one first."""
    return sorted(versions_of(crd), key=lambda version: version != main)


def _unfit(project: Project, crd: CrdFile, version: str) -> Iterator[Problem]:
    """Why a CRD cannot become a kind of a project."""
    spec = crd.document["spec"]
    group, kind = spec["group"], spec["names"]["kind"]
    if group != project.domain and not group.endswith(f".{project.domain}"):
        yield Problem(
            f"the group {group} of {crd.name} is not below the project's domain {project.domain}",
            crd.location,
            "spec.group",
            f"make a project for it: opgen init --domain {group}; or import the types alone: "
            "opgen import crd",
        )
    if version not in versions_of(crd):
        has = ", ".join(versions_of(crd))
        yield Problem(
            f"--version {version}: {crd.name} has no such version, but {has}",
            hint="pass one of them, or leave --version out",
        )
    yield from names.check_kind(kind)
    for one in versions_of(crd):
        yield from names.check_version(one)
    for known in project.resources:
        is_same = (project.group_of(known), known.kind) == (group, kind)
        if is_same and known.pattern != names.IMPORTED:
            yield Problem(
                f"the project has {kind} {known.version} already, with types of its own",
                hint="compare the two with: opgen diff crd",
            )


def _resource(project: Project, crd: CrdFile, version: str, controller: bool) -> Resource:
    spec = crd.document["spec"]
    short_names = spec["names"].get("shortNames") or [""]
    return Resource(
        group=group_of(project, spec["group"]),
        version=version,
        kind=spec["names"]["kind"],
        plural=spec["names"]["plural"],
        scope=spec["scope"],
        short_name=str(short_names[0]),
        controller=controller,
        pattern=names.IMPORTED,
    )


def _sample_path(project: Project, resource: Resource) -> str:
    folder = names.folder_of(resource.group) if project.multigroup else ""
    prefix = f"{folder}_" if folder else ""
    return f"config/samples/{prefix}{resource.version}_{resource.kind.lower()}.yaml"


def _sample(project: Project, crd: CrdFile, resource: Resource) -> str:
    """A minimal object of the kind as YAML."""
    document = sample(crd.document, resource.version, f"{resource.kind.lower()}-sample")
    labels = {
        "app.kubernetes.io/name": project.name,
        "app.kubernetes.io/managed-by": "kustomize",
    }
    document["metadata"] = {"labels": labels, **document["metadata"]}
    return dump(document)
