"""Modules of dataclasses made from CRDs, as desired files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from opgen.api.errors import Problem, Problems
from opgen.scaffold.crd_files import CrdFile, complete
from opgen.scaffold.names import folder_of
from opgen.scaffold.paths import File, Tree
from opgen.scaffold.plan import Action, Plan, Policy, compare, ordered
from opgen.scaffold.project import Project
from opgen.schema.importer import source


def modules(
    crds: Iterable[CrdFile], version: str | None = None
) -> Iterator[tuple[CrdFile, str, str]]:
    """The text of a module for each version of each CRD.

    Args:
        crds: The CRDs.
        version: The only version that is wanted; all if left out.

    Raises:
        Problems: a CRD is not complete, or none has the version.
    """
    crds = list(crds)
    complete(crds)
    found = False
    for crd in crds:
        for entry in crd.document["spec"]["versions"]:
            if version in (None, entry["name"]):
                found = True
                yield crd, entry["name"], source(crd.document, entry["name"])
    if not found:
        names = ", ".join(dict.fromkeys(name for crd in crds for name in versions_of(crd)))
        raise Problems.of(
            f"--version {version}: there is no such version, but {names}",
            hint="pass one of them, or leave --version out",
        )


def versions_of(crd: CrdFile) -> list[str]:
    """The names of a CRD's versions."""
    return [str(entry["name"]) for entry in crd.document["spec"]["versions"]]


def chosen(crds: list[CrdFile], names: Iterable[str], option: str = "--name") -> list[CrdFile]:
    """The CRDs of these names or kinds; all if there are no names.

    Args:
        crds: The CRDs to choose from.
        names: The names.
        option: Where the names were given, for messages.

    Raises:
        Problems: there is none of a name.
    """
    problems = []
    wanted: list[CrdFile] = []
    for name in names:
        found = [crd for crd in crds if name in (crd.name, _kind(crd))]
        wanted += found
        if not found:
            has = ", ".join(crd.name for crd in crds)
            hint = "pass one of them, or its kind"
            problems.append(Problem(f"{option} {name}: there is no such CRD, but {has}", hint=hint))
    if problems:
        raise Problems(problems)
    return wanted or crds


def _kind(crd: CrdFile) -> str:
    names: Mapping[str, Any] = crd.document.get("spec", {}).get("names", {})
    return str(names.get("kind"))


def folder_plan(
    folder: Path, crds: Iterable[CrdFile], version: str | None = None, *, force: bool = False
) -> Plan:
    """The plan that writes a module for each version into a folder, as `thing_v1.py`.

    Raises:
        Problems: as `modules`; or two modules would be the same file.
    """
    files = {f"{_kind(crd).lower()}_{name}.py": text for crd, name, text in modules(crds, version)}
    tree = Tree(folder)
    actions = [
        compare(tree, path, File(text.encode()), Policy(force=force))
        for path, text in files.items()
    ]
    return Plan(tree.root, ordered(actions))


def project_plan(
    root: Path,
    project: Project,
    crds: Iterable[CrdFile],
    version: str | None = None,
    *,
    force: bool = False,
) -> Plan:
    """The plan that writes the modules into a project, where `opgen create api` puts types.

    The modules belong to the person from then on: PROJECT does not record them, so that
    `opgen update` leaves them alone.

    Raises:
        Problems: as `modules`.
    """
    files = module_files(project, modules(crds, version))
    return Plan(root.resolve(), ordered(own_actions(Tree(root), files, force=force)))


def own_actions(tree: Tree, files: Mapping[str, File], *, force: bool) -> list[Action]:
    """What becomes of files that are the person's own once they are written."""
    policy = Policy(force=force, keep=("*/__init__.py",))
    return [compare(tree, path, file, policy) for path, file in files.items()]


def module_files(project: Project, found: Iterable[tuple[CrdFile, str, str]]) -> dict[str, File]:
    """The modules and the packages that they are in."""
    files: dict[str, File] = {}
    for crd, version, text in found:
        group = group_of(project, crd.document["spec"]["group"])
        folder = f"{project.package}/api"
        if project.multigroup:
            folder = f"{folder}/{folder_of(group)}"
            files[f"{folder}/__init__.py"] = File(_package(f"The API group {group}."))
        folder = f"{folder}/{version}"
        files[f"{folder}/__init__.py"] = File(_package(f"Version {version} of the API."))
        files[f"{folder}/{_kind(crd).lower()}_types.py"] = File(text.encode())
    return files


def group_of(project: Project, group: str) -> str:
    """What a CRD's group has before the project's domain; the whole group if it is another's."""
    if group == project.domain:
        return ""
    return group.removesuffix(f".{project.domain}")


def _package(text: str) -> bytes:
    return f'"""{text}"""\n'.encode()
