"""The journal of a change: what makes it all or nothing.

Everything that a change needs is first put into one folder of the project, `.opgen-transaction`:
the new files, the old ones under a second name, and last the journal. Until the journal stands
there, nothing in the project has changed; from then on the change is certain. Whoever finds a
journal, be it after a power cut, carries it out to its end (`Journal.forward`). A change that fails
on the way turns its journal around (`undo`) and is taken back.

Both directions may be repeated from any point. Neither touches a file that holds something else
than the old or the new content: it belongs to a person who was faster.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from opgen.api.errors import Location, Problems
from opgen.scaffold.disk import Disk
from opgen.scaffold.layout import STAGING
from opgen.scaffold.paths import Tree
from opgen.scaffold.plan import BACKUP_SUFFIX, digest

_REDO = "redo.json"
_UNDO = "undo.json"


@dataclass(frozen=True, slots=True)
class Step:
    """One file of a change: digests of its old and new content, empty where there is none."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Journal:
    """A change that is fully staged.

    Attributes:
        root: The project's folder.
        steps: The files, in order.
        folders: Folders that the change makes, parents first.
    """

    root: Path
    steps: tuple[Step, ...]
    folders: tuple[str, ...]

    @property
    def staging(self) -> Path:
        """The folder with everything the change needs."""
        return self.root / STAGING

    def commit(self, disk: Disk) -> None:
        """Make the change certain."""
        document = {
            "steps": [asdict(step) for step in self.steps],
            "folders": list(self.folders),
        }
        draft = self.staging / "draft.json"
        disk.write(draft, json.dumps(document).encode())
        # What has another name is a file of the project, which nobody has written.
        staged = sorted(self.staging.iterdir())
        disk.sync(path for path in staged if path.stat().st_nlink == 1)
        disk.replace(draft, self.staging / _REDO)

    def forward(self, disk: Disk) -> None:
        """Carry the change out, from wherever it stands."""
        for folder in self.folders:
            if not (self.root / folder).is_dir():
                disk.make_folder(self.root / folder)
        for number, step in enumerate(self.steps):
            self._do(disk, number, step)
        for emptied in self._emptied():
            disk.remove_folder(emptied)
        self.finish(disk)

    def undo(self, disk: Disk) -> None:
        """Take the change back, from wherever it stands."""
        redo = self.staging / _REDO
        if redo.exists():
            disk.replace(redo, self.staging / _UNDO)
        elif not (self.staging / _UNDO).exists():
            self.finish(disk)  # nothing has changed yet
            return
        for number, step in reversed(list(enumerate(self.steps))):
            self._take_back(disk, number, step)
        for folder in reversed(self.folders):
            path = self.root / folder
            if path.is_dir() and not any(path.iterdir()):
                disk.remove_folder(path)
        self.finish(disk)

    def finish(self, disk: Disk) -> None:
        """Forget the change."""
        disk.remove_tree(self.staging)

    def staged_new(self, number: int) -> Path:
        """Where the new content of a step waits."""
        return self.staging / f"{number}.new"

    def staged_old(self, number: int) -> Path:
        """Where the old file of a step is kept."""
        return self.staging / f"{number}.old"

    def _do(self, disk: Disk, number: int, step: Step) -> None:
        target, staged = self.root / step.path, self.staged_new(number)
        current = _digest_of(target)
        if step.new and staged.exists():
            if current not in ("", step.old, step.new):
                disk.copy(target, _free(target))
            disk.replace(staged, target)
        elif not step.new and current == step.old:
            disk.unlink(target)

    def _take_back(self, disk: Disk, number: int, step: Step) -> None:
        target, kept = self.root / step.path, self.staged_old(number)
        current = _digest_of(target)
        if not step.old and current == step.new:
            disk.unlink(target)
        elif step.old and kept.exists() and current in ("", step.old, step.new):
            if not target.parent.is_dir():
                target.parent.mkdir(parents=True)
            disk.replace(kept, target)

    def _emptied(self) -> Iterator[Path]:
        """Folders that hold nothing since their last file was deleted, children first."""
        for step in self.steps:
            if step.new:
                continue
            for parent in (self.root / step.path).parents:
                if parent == self.root or not parent.is_dir() or any(parent.iterdir()):
                    break
                yield parent


def recover(root: Path, disk: Disk | None = None) -> bool:
    """Bring an interrupted change of a project to its end; whether there was one.

    The caller holds the project's lock.

    Raises:
        OSError: the system does not allow it.
        Problems: what is there is nothing that opgen has left.
    """
    disk = disk or Disk()
    staging = root / STAGING
    if staging.is_symlink() or staging.is_file():
        raise Problems.of(
            f"{STAGING} is no folder, and opgen needs one of that name for each change",
            location=Location(STAGING),
            hint="move it away",
        )
    if not staging.is_dir():
        return False
    for name, direction in ((_UNDO, Journal.undo), (_REDO, Journal.forward)):
        if (staging / name).is_file():
            direction(_load(root, name), disk)
            return True
    disk.remove_tree(staging)
    return False


def _load(root: Path, name: str) -> Journal:
    """A journal, of which anybody may have written anything: it may come with a repository.

    Raises:
        Problems: it is none, or it would change something outside of the project.
    """
    try:
        document = json.loads((root / STAGING / name).read_bytes())
        steps = tuple(Step(**step) for step in document["steps"])
        journal = Journal(root, steps, tuple(document["folders"]))
        tree = Tree(root)
        for path in (*(step.path for step in steps), *(f"{one}/-" for one in journal.folders)):
            tree.read(path)
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError) as error:
        raise _foreign(name, "it is no journal") from error
    except Problems as error:
        raise _foreign(name, error.problems[0].message) from error
    return journal


def _foreign(name: str, why: str) -> Problems:
    return Problems.of(
        f"{STAGING}/{name} is not by opgen: {why}",
        location=Location(f"{STAGING}/{name}"),
        hint=f"if you know that no command of opgen was killed here, delete {STAGING}",
    )


def _digest_of(path: Path) -> str:
    return digest(path.read_bytes()) if path.is_file() else ""


def _free(path: Path) -> Path:
    number = 0
    while (candidate := path.with_name(f"{path.name}{BACKUP_SUFFIX}.{number}")).exists():
        number += 1
    return candidate
