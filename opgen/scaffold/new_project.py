"""`opgen init`: a new project, or an existing one brought to its answers again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import opgen
from opgen.api.errors import Problem, Problems
from opgen.scaffold import names
from opgen.scaffold.desired import Desired, everything
from opgen.scaffold.origin import VENDOR, Origin, origin
from opgen.scaffold.paths import File, Tree, require_folder
from opgen.scaffold.plan import Plan
from opgen.scaffold.project import Project
from opgen.scaffold.record import finished_plan
from opgen.scaffold.rules import dashed
from opgen.scaffold.templates import check_overlay, recorded_path, templates_of


@dataclass(frozen=True, kw_only=True, slots=True)
class InitOptions:
    """What `opgen init` was told; None where it was told nothing."""

    domain: str | None = None
    project_name: str | None = None
    package: str | None = None
    owner: str | None = None
    license: str | None = None
    template_overlay: Path | None = None
    multigroup: bool | None = None
    namespaced: bool | None = None
    ha: bool | None = None
    prometheus: bool | None = None
    network_policy: bool | None = None
    cert_manager: bool | None = None


SWITCHES = ("multigroup", "namespaced", "ha", "prometheus", "network_policy", "cert_manager")
"""The options that are on or off; off is the default of each."""


@dataclass(frozen=True, slots=True)
class _Answers:
    values: dict[str, str]
    switches: dict[str, bool]
    flags: dict[str, str] = field(default_factory=dict)
    """How a problem calls each value."""


def init(root: Path, options: InitOptions, *, force: bool = False) -> Plan:
    """The plan that makes a folder a project.

    In a project, what is not told is as PROJECT has it, so `opgen init` alone restores files that
    were damaged and writes what a newer opgen has to add.

    Raises:
        Problems: everything that is wrong with the options, or with what is in the folder.
    """
    tree = Tree(root)
    require_folder(tree.root)
    known = Project.load(tree)
    answers = _answers(tree.root, options, known)
    problems = [*_wrong(answers), *_fixed(answers.values, known)]
    if options.template_overlay is not None:
        problems += check_overlay(options.template_overlay)
    problems += _moving(answers.switches, known)
    if problems:
        raise Problems(problems)
    source = _origin(known)
    project = _project(answers, known, source)
    desired = _desired(tree, project, source)
    switched = known and any(getattr(known, key) != getattr(project, key) for key in SWITCHES)
    obsolete = everything(templates_of(tree.root, known), known) if known and switched else None
    return finished_plan(tree, project, desired, known, obsolete=obsolete, force=force)


def _answers(root: Path, options: InitOptions, known: Project | None) -> _Answers:
    """Each value: as told, else as PROJECT has it, else the default."""
    folder = "--project-name (from the folder's name)"
    name = options.project_name or (known.name if known else dashed(root.name))
    told = options.project_name is not None
    values = {
        "name": name,
        "package": known.package if known else names.package_of(name),
        "domain": known.domain if known else "my.domain",
        "owner": known.owner if known else "",
        "license": known.license if known else "apache2",
        "overlay": known.overlay if known else "",
    }
    flags = {key: f"--{key}" for key in values}
    flags["name"] = "--project-name" if told or known else folder
    given = {
        "name": options.project_name,
        "package": options.package,
        "domain": options.domain,
        "owner": options.owner,
        "license": options.license,
        "overlay": recorded_path(options.template_overlay, root)
        if options.template_overlay
        else None,
    }
    switches = {key: getattr(options, key) for key in SWITCHES}
    return _Answers(
        values | {key: value for key, value in given.items() if value is not None},
        {
            key: bool(known and getattr(known, key)) if told is None else told
            for key, told in switches.items()
        },
        flags,
    )


def _wrong(answers: _Answers) -> Iterator[Problem]:
    values, flags = answers.values, answers.flags
    wrong_name = list(names.check_project_name(values["name"], flags["name"]))
    yield from _plain_hints(wrong_name, flags["name"])
    if not (wrong_name and values["package"] == names.package_of(values["name"])):
        yield from names.check_package(values["package"], flags["package"])
    yield from names.check_domain(values["domain"], flags["domain"])
    yield from names.check_owner(values["owner"], flags["owner"])
    yield from names.check_choice(values["license"], tuple(names.LICENSES), flags["license"])


def _plain_hints(problems: list[Problem], flag: str) -> Iterator[Problem]:
    """The problems with hints that name the flag alone, as one types it."""
    for problem in problems:
        yield replace(problem, hint=problem.hint.replace(flag, flag.split(" ")[0]))


def _fixed(values: dict[str, str], known: Project | None) -> Iterator[Problem]:
    """What cannot be changed any more."""
    if known and values["package"] != known.package:
        yield Problem(
            f"--package {values['package']!r} differs from the project's package "
            f"{known.package!r}, which cannot be changed any more",
            hint="leave --package out, or begin a project in another folder",
        )
    if known and known.resources and values["domain"] != known.domain:
        kinds = ", ".join(resource.kind for resource in known.resources)
        yield Problem(
            f"--domain {values['domain']!r} differs from the project's domain {known.domain!r}, "
            f"which cannot be changed any more because {kinds} belong to it",
            hint="leave --domain out, or begin a project in another folder",
        )


def renewed(tree: Tree, known: Project) -> tuple[Project, Desired]:
    """A project as this opgen would make it with the same answers, and its files.

    Raises:
        Problems: a template overlay is wrong.
    """
    source = _origin(known)
    project = _project(_answers(tree.root, InitOptions(), known), known, source)
    return project, _desired(tree, project, source)


def _moving(switches: dict[str, bool], known: Project | None) -> Iterator[Problem]:
    """What would be another layout for kinds that are there already."""
    if not known:
        return
    if known.resources and switches["multigroup"] != known.multigroup:
        flag = "--multigroup" if switches["multigroup"] else "--no-multigroup"
        yield Problem(
            f"{flag}: the project has kinds already, and their files would have to move",
            hint=f"run: opgen edit {flag}",
        )
    cluster_wide = [one.kind for one in known.resources if one.scope == "Cluster"]
    if cluster_wide and switches["namespaced"] and not known.namespaced:
        yield Problem(
            f"--namespaced: {', '.join(cluster_wide)} belong to no namespace, and an operator "
            "with rights in one namespace only cannot look at them",
            hint="leave --namespaced out",
        )


def _origin(known: Project | None) -> Origin:
    """Where the project gets opgen from.

    An opgen that was installed from the project's own `vendor/` cannot be told from one that came
    from an index, so there the project's answer stays.
    """
    source = origin()
    is_own = known and known.opgen_wheel and known.opgen_version == opgen.__version__
    if known and is_own and source.wheel is None and " @ " not in source.requirement:
        return Origin(known.opgen_requirement)
    return source


def _project(answers: _Answers, known: Project | None, source: Origin) -> Project:
    kept_wheel = known.opgen_wheel if known and source.requirement == "opgen" else ""
    changed = {
        **answers.values,
        **answers.switches,
        "opgen_version": opgen.__version__,
        "opgen_requirement": source.requirement,
        "opgen_wheel": source.wheel.name if source.wheel else kept_wheel,
    }
    return replace(known, **changed) if known else Project(**changed)  # type: ignore[arg-type]


def _desired(tree: Tree, project: Project, source: Origin) -> Desired:
    desired = everything(templates_of(tree.root, project), project)
    if source.wheel:
        wheel = f"{VENDOR}/{source.wheel.name}"
        desired.files[wheel] = File(source.wheel.content)
    elif project.opgen_wheel:
        wheel = f"{VENDOR}/{project.opgen_wheel}"
        if kept := tree.read(wheel):
            desired.files[wheel] = kept
    return desired
