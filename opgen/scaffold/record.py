"""From desired files to a finished plan, PROJECT included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

from opgen.api.errors import Location, Problem, Problems
from opgen.scaffold.desired import Desired
from opgen.scaffold.insertions import Insertion, add_lines, compare_shared, take_out
from opgen.scaffold.layout import FILE
from opgen.scaffold.paths import File, Tree
from opgen.scaffold.plan import Action, Plan, Policy, Verb, compare, digest, ordered, remove
from opgen.scaffold.project import Project

Resolve = Callable[[Action, tuple[Insertion, ...]], Iterable[Action]]


def finished_plan(
    tree: Tree,
    project: Project,
    desired: Desired,
    known: Project | None,
    *,
    obsolete: Desired | None = None,
    force: bool = False,
    strict: bool = False,
    resolve: Resolve | None = None,
    decided: Mapping[str, Action] | None = None,
) -> Plan:
    """The plan that brings a project to what is desired.

    Args:
        tree: The files on disk.
        project: What PROJECT shall say, but for the digests of files.
        desired: The files and lines that shall be there; others are left alone.
        known: What PROJECT says now.
        obsolete: Files and lines that opgen wrote and does not want any more.
        force: Whether edited files are replaced.
        strict: Whether edited files that are obsolete are conflicts; else they stay.
        resolve: What becomes of conflicts, given the lines that belong into a shared file; without
            it they keep the plan from being carried out.
        decided: Actions that need no comparison, by path.

    Raises:
        Problems: a file cannot be compared, or a shared one has no place for a line.
    """
    recorded = dict(known.files) if known else {}
    policy = Policy(recorded=recorded, force=force, keep=desired.keep, strict=strict)
    obsolete = obsolete or Desired()
    gone = [path for path in obsolete.files if path not in desired.files]
    removed = [
        line
        for line in obsolete.insertions
        if line not in desired.insertions and line.path not in gone
    ]
    decided = decided or {}
    actions, problems = _compared(tree, desired, removed, policy, decided, resolve)
    for path in gone:
        bare = partial(take_out, insertions=obsolete.lines_of(path))
        if path not in decided and (removal := remove(tree, path, policy, bare)):
            actions.append(removal)
    try:
        actions.extend(_shared_only(tree, desired, removed))
    except Problems as error:
        problems.extend(error.problems)
    if problems:
        raise Problems(dict.fromkeys(problems))  # a folder is in the way of all files below it
    digests = _digests(policy, desired, actions, gone)
    actions.append(_project_action(tree, replace(project, files=digests)))
    return Plan(tree.root, ordered(actions))


def _compared(
    tree: Tree,
    desired: Desired,
    removed: list[Insertion],
    policy: Policy,
    decided: Mapping[str, Action],
    resolve: Resolve | None,
) -> tuple[list[Action], list[Problem]]:
    """Actions on the files that are desired, after those decided, and what is in their way."""
    actions: list[Action] = list(decided.values())
    problems: list[Problem] = []
    for path, wanted in desired.files.items():
        if path in decided:
            continue
        try:
            lines, out = desired.lines_of(path), [line for line in removed if line.path == path]
            action = (
                compare_shared(tree, path, wanted, lines, policy, out)
                if lines or out
                else compare(tree, path, wanted, policy)
            )
            clash = resolve and action.verb is Verb.CONFLICT
            actions.extend(resolve(action, lines) if resolve and clash else (action,))
        except Problems as error:
            problems.extend(error.problems)
    return actions, problems


def _shared_only(tree: Tree, desired: Desired, removed: list[Insertion]) -> list[Action]:
    """Actions on shared files that this command does not render."""
    paths = {line.path for line in (*desired.insertions, *removed)} - desired.files.keys()
    actions, problems = [], []
    for path in sorted(paths):
        old = tree.read(path)
        if old is None:
            if wanted := desired.lines_of(path):
                problems.append(_missing(path, wanted))
            continue
        try:
            out = [line for line in removed if line.path == path]
            actions.append(add_lines(path, old, desired.lines_of(path), out))
        except Problems as error:
            problems.extend(error.problems)
    if problems:
        raise Problems(problems)
    return actions


def _missing(path: str, lines: Iterable[Insertion]) -> Problem:
    wanted = ", ".join(repr(line.line) for line in lines)
    return Problem(
        f"{path} is missing, and {wanted} must go there",
        location=Location(path),
        hint="bring it back from version control, or with opgen init --force",
    )


def _digests(
    policy: Policy, desired: Desired, actions: list[Action], gone: list[str]
) -> dict[str, str]:
    """What PROJECT shall record: the digest of each file that opgen wrote, as it wrote it."""
    digests = {path: value for path, value in policy.recorded.items() if path not in gone}
    for action in actions:
        if action.path not in desired.files or policy.keeps(action.path):
            continue
        digests[action.path] = digest(desired.files[action.path].content)
    return digests


def _project_action(tree: Tree, project: Project) -> Action:
    old = tree.read(FILE)
    recorded = {FILE: digest(old.content)} if old else {}
    return compare(tree, FILE, File(project.text().encode()), Policy(recorded=recorded))
