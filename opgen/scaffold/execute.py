"""Carrying out a plan: completely or not at all."""

from __future__ import annotations

import errno
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from opgen.api.errors import Location, Problem, Problems
from opgen.scaffold import journal
from opgen.scaffold.disk import Disk
from opgen.scaffold.journal import Journal, Step
from opgen.scaffold.layout import STAGING
from opgen.scaffold.lock import locked
from opgen.scaffold.paths import File, Tree
from opgen.scaffold.plan import Action, Plan, digest

_HINTS = {
    errno.EACCES: "check the permissions of the folder",
    errno.EPERM: "check the permissions of the folder",
    errno.EROFS: "use a folder on a disk that can be written",
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room on the disk",
}


class Conflicts(Problems):
    """A plan has conflicts; nothing was written."""


def execute(plan: Plan, disk: Disk | None = None) -> None:
    """Carry out a plan.

    If it fails half-way the project is brought back to what it was; if the process is killed, the
    next run brings the change to its end.

    Raises:
        Conflicts: the plan has conflicts.
        Problems: the system does not allow a write, the project was changed since the plan was
            made, or another run is at work.
    """
    if plan.conflicts:
        raise Conflicts(conflict_problems(plan))
    if not plan.changes:
        return
    disk = disk or Disk()
    with _system_errors(plan.root), _folder(plan.root, disk), locked(plan.root):
        journal.recover(plan.root, disk)
        _refuse_changed(plan)
        change = _journal(plan)
        try:
            _stage(change, plan, disk)
            change.commit(disk)
            change.forward(disk)
        except BaseException:
            if change.staging.is_dir():
                change.undo(disk)
            raise


def mend(root: Path) -> bool:
    """Bring an interrupted change of a project to its end; whether there was one.

    Raises:
        Problems: the system does not allow it, or another run is at work.
    """
    if not (root / STAGING).is_dir():
        return False
    with _system_errors(root), locked(root):
        return journal.recover(root)


def conflict_problems(plan: Plan) -> list[Problem]:
    """What keeps a plan from being carried out."""
    return [_conflict(action) for action in plan.conflicts]


def _conflict(action: Action) -> Problem:
    if action.new is None:
        return Problem(
            f"{action.path} would be deleted, and {action.reason}",
            location=Location(action.path),
            hint="pass --force to delete it all the same (a copy is kept beside it)",
        )
    return Problem(
        f"{action.path} is in the way: {action.reason}",
        location=Location(action.path),
        hint="look at the change with --diff; move the file away, or pass --force to replace it "
        "(the old one is kept beside it)",
    )


def _refuse_changed(plan: Plan) -> None:
    tree = Tree(plan.root)
    changed = [action.path for action in plan.changes if tree.read(action.path) != action.old]
    if changed:
        raise Problems(
            Problem(
                f"{path} was changed while the command was running",
                location=Location(path),
                hint="run the command again",
            )
            for path in changed
        )


def _journal(plan: Plan) -> Journal:
    steps: list[Step] = []
    for action in plan.changes:
        if action.backup and action.old and not (plan.root / action.backup).exists():
            steps.append(Step(action.backup, "", digest(action.old.content)))
        steps.append(Step(action.path, _digest(action.old), _digest(action.new)))
    return Journal(plan.root, tuple(steps), _missing_folders(plan.root, steps))


def _digest(file: File | None) -> str:
    return digest(file.content) if file else ""


def _missing_folders(root: Path, steps: list[Step]) -> tuple[str, ...]:
    """Folders that writing needs, parents first."""
    folders = {
        parent.as_posix()
        for step in steps
        if step.new
        for parent in PurePosixPath(step.path).parents
        if parent.parts and not (root / parent).is_dir()
    }
    return tuple(sorted(folders, key=lambda folder: (folder.count("/"), folder)))


def _stage(change: Journal, plan: Plan, disk: Disk) -> None:
    files = {action.path: (action.old, action.new) for action in plan.changes}
    files |= {action.backup: (None, action.old) for action in plan.changes if action.backup}
    disk.make_folder(change.staging)
    for number, step in enumerate(change.steps):
        old, new = files[step.path]
        if old:
            disk.keep(plan.root / step.path, change.staged_old(number))
        if new:
            mode = (plan.root / step.path).stat().st_mode if old else None
            disk.write(change.staged_new(number), new.content, _mode(mode, new))
            if mode is None and new.executable:
                _make_executable(change.staged_new(number))


def _mode(old: int | None, new: File) -> int | None:
    """The mode of a replaced file, which stays, with the right to run it where that is wanted."""
    if old is None:
        return None
    mode = stat.S_IMODE(old)
    return mode | ((mode & 0o444) >> 2) if new.executable else mode


def _make_executable(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    path.chmod(mode | ((mode & 0o444) >> 2))


@contextmanager
def _folder(root: Path, disk: Disk) -> Iterator[None]:
    """Make the project's folder; take it away again if the change fails."""
    missing = [path for path in (root, *root.parents) if not path.exists()]
    for path in reversed(missing):
        disk.make_folder(path)
    try:
        yield
    except BaseException:
        for path in missing:
            with suppress(OSError):  # somebody put a file into it, so it stays
                path.rmdir()
        raise


@contextmanager
def _system_errors(root: Path) -> Iterator[None]:
    """Turn the system's refusals into problems."""
    try:
        yield
    except OSError as error:
        path = Path(str(error.filename2 or error.filename or root))
        raise Problems.of(
            f"{path} cannot be written: {error.strerror or error}",
            hint=_HINTS.get(error.errno or 0, "mend that and run the command again"),
        ) from error
