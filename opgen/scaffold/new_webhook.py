"""`opgen create webhook`: defaulting, validation and conversion of a kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from opgen.api.errors import Problem, Problems
from opgen.scaffold.bases import Bases
from opgen.scaffold.graft import graft
from opgen.scaffold.insertions import Insertion
from opgen.scaffold.merger import Merger
from opgen.scaffold.paths import File, Tree
from opgen.scaffold.plan import Action, Plan, Verb, as_on_disk, unix
from opgen.scaffold.project import ADMISSION, Project, Resource, not_a_project
from opgen.scaffold.removal import known_resource
from opgen.scaffold.repository import Repository
from opgen.scaffold.templates import templates_of
from opgen.scaffold.transition import transition


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookOptions:
    """What `opgen create webhook` was told.

    Attributes:
        group: What the API group has before the domain.
        version: The version; for conversion, the hub.
        kind: The kind.
        defaulting: Fill in what users leave out.
        validation: Refuse what the schema alone cannot.
        conversion: Convert between the versions of the kind.
        spokes: Versions that are converted to the hub and back; all others of the kind if empty.
    """

    version: str
    kind: str
    group: str = ""
    defaulting: bool = False
    validation: bool = False
    conversion: bool = False
    spokes: tuple[str, ...] = ()

    @property
    def admission(self) -> tuple[str, ...]:
        """The kinds of admission webhooks, as PROJECT names them."""
        return tuple(name for name in ADMISSION if getattr(self, name))


def create_webhook(root: Path, options: WebhookOptions, *, force: bool = False) -> Plan:
    """The plan that adds webhooks to a kind; what the project has already stays.

    Modules that a person edited get what they lack and keep everything else.

    Raises:
        Problems: everything that is wrong with the options, with PROJECT or with what is in the
            way.
    """
    tree = Tree(root)
    project = Project.load(tree)
    if project is None:
        raise not_a_project(root)
    resource = known_resource(project, (options.group, options.version, options.kind))
    if problems := list(_wrong(project, resource, options)):
        raise Problems(problems)
    wanted = project.with_resource(_changed(project, resource, options))
    bases = Bases(templates_of(tree.root, project), project, Repository.find(tree.root))
    grafter = _Grafter(Merger(tree, project, bases, keeps_old=True))
    resolve = None if force else grafter.resolve
    with closing(bases):
        return transition(tree, project, wanted, force=force, resolve=resolve)


def _changed(project: Project, resource: Resource, options: WebhookOptions) -> Resource:
    admission = {*resource.webhooks, *options.admission}
    spokes = resource.spokes
    if options.conversion:
        spokes = tuple(sorted({*spokes, *(options.spokes or _others(project, resource))}))
    ordered = tuple(name for name in ADMISSION if name in admission)
    return replace(resource, webhooks=ordered, spokes=spokes)


def _others(project: Project, resource: Resource) -> tuple[str, ...]:
    """The other versions of a kind."""
    return tuple(one.version for one in project.versions_of(resource) if one.key != resource.key)


def _wrong(project: Project, resource: Resource, options: WebhookOptions) -> Iterator[Problem]:
    named = f"{resource.kind} {resource.version}"
    if not (options.admission or options.conversion):
        yield Problem(
            f"there is nothing to create for {named}",
            hint="pass --defaulting, --validation or --conversion",
        )
    if not resource.api:
        yield Problem(
            f"the project has no types of {named}, which its webhooks need",
            hint="run opgen create api with --resource first",
        )
    if options.spokes and not options.conversion:
        yield Problem("--spoke goes with --conversion only", hint="pass --conversion, too")
    if options.conversion:
        yield from _wrong_conversion(project, resource, options)


def _wrong_conversion(
    project: Project, resource: Resource, options: WebhookOptions
) -> Iterator[Problem]:
    others = _others(project, resource)
    example = f"opgen create api --version v2 --kind {resource.kind}"
    if not others:
        yield Problem(
            f"--conversion: {resource.kind} has no other version than {resource.version}",
            hint=f"create one first, as in {example}",
        )
    for spoke in options.spokes:
        if spoke not in others:
            known = f"pass one of {', '.join(others)}" if others else f"run {example}"
            yield Problem(f"--spoke {spoke!r} is no other version of {resource.kind}", hint=known)
    for one in project.versions_of(resource):
        if one.spokes and one.key != resource.key:
            yield Problem(
                f"--conversion: {one.version} is the hub of {resource.kind} already",
                hint=f"pass --version {one.version}, and --spoke {resource.version}",
            )


@dataclass(frozen=True, slots=True)
class _Grafter:
    """Resolves conflicts: Python modules by grafting, other files by merging."""

    merger: Merger

    def resolve(self, action: Action, lines: tuple[Insertion, ...]) -> Iterable[Action]:
        old, new = action.old, action.new
        if not (old and new and action.path.endswith(".py")):
            return self.merger.resolve(action, lines)
        return [_grafted(action.path, old, new)]


def _grafted(path: str, old: File, new: File) -> Action:
    try:
        ours = unix(old.content).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problems.of(f"{path} is not UTF-8", hint="save it as UTF-8") from error
    bom = "\ufeff" if old.content.startswith(b"\xef\xbb\xbf") else ""
    text = bom + graft(path, ours, unix(new.content).decode())
    content = as_on_disk(text.encode(), old.content)
    if content == old.content:
        return Action(Verb.SKIP, path, old, None, "you edited it, and it has all it needs")
    return Action(Verb.MERGE, path, old, File(content, old.executable), "added to your code")
