"""Resolving the conflicts of a plan by merging three sides.

Conflicts that remain are marked in files that can bear it; beside all others the new version is
put.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

import opgen
from opgen.scaffold.bases import Bases
from opgen.scaffold.insertions import Insertion
from opgen.scaffold.merge import Labels, merge
from opgen.scaffold.paths import File, Tree
from opgen.scaffold.plan import Action, Policy, Verb, as_on_disk, backup_path, compare, unix
from opgen.scaffold.project import Project
from opgen.scaffold.repository import Stages

NEW_SUFFIX = ".opgen-new"
MARKED = frozenset({".md", ".py", ".pyi", ".yaml", ".yml"})
"""The suffixes of files in which conflicts are marked."""


@dataclass(slots=True)
class Merger:
    """Resolves the conflicts of a plan by merging."""

    tree: Tree
    known: Project
    bases: Bases
    keeps_old: bool
    """Whether a file with markers is copied first, as no repository could bring it back."""
    stages: list[Stages] = field(default_factory=list)

    def resolve(self, action: Action, lines: tuple[Insertion, ...]) -> Iterator[Action]:
        """The actions in place of a conflict."""
        old, new = action.old, action.new
        assert old and new, "a conflict has two sides"
        recorded = self.known.files.get(action.path)
        base = self.bases.find(action.path, recorded, lines) if recorded else None
        if base is None:
            why = "it is not known what opgen wrote" if recorded else action.reason
            yield from self._beside(action, None, old, new, why)
            return
        ours, theirs = _alike(old.content), unix(new.content)
        merged = merge(base, ours, theirs, self._labels)
        executable = old.executable or new.executable
        if merged is None:
            yield from self._beside(action, base, old, new, "it is no text")
        elif merged.conflicts and not is_marked(action.path):
            why = f"{number(merged.conflicts)} with your edits"
            yield from self._beside(action, base, old, new, why)
        else:
            content = as_on_disk(merged.content, old.content)
            done = Action(Verb.MERGE, action.path, old, File(content, executable))
            yield self._marked(done, merged.conflicts, base, theirs) if merged.conflicts else done

    @property
    def _labels(self) -> Labels:
        before, now = self.known.opgen_version, opgen.__version__
        return Labels("yours", f"opgen {before}", f"opgen {now}")

    def _marked(self, action: Action, count: int, base: bytes, theirs: bytes) -> Action:
        assert action.old, "there is something to merge with"
        self._stage(action.path, base, action.old, theirs)
        backup = backup_path(self.tree, action.path, action.old) if self.keeps_old else ""
        reason = f"{number(count)} with your edits, marked in the file"
        return replace(action, reason=reason, clashes=count, backup=backup)

    def _beside(
        self, action: Action, base: bytes | None, old: File, new: File, why: str
    ) -> Iterator[Action]:
        path = action.path + NEW_SUFFIX
        self._stage(action.path, base, old, new.content)
        yield Action(Verb.SKIP, action.path, old, None, f"{why}: see {path}", clashes=1)
        yield compare(self.tree, path, new, Policy(generated=True))

    def _stage(self, path: str, base: bytes | None, old: File, theirs: bytes) -> None:
        self.stages.append(Stages(path, base, old.content, theirs, old.executable))


def _alike(content: bytes) -> bytes:
    """A person's version with opgen's line endings, if all of it has the other ones."""
    return unix(content) if content.count(b"\n") == content.count(b"\r\n") else content


def is_marked(path: str) -> bool:
    """Whether conflicts are marked in a file."""
    return PurePosixPath(path).suffix in MARKED


def number(conflicts: int) -> str:
    """So many conflicts, in words."""
    return "a conflict" if conflicts == 1 else f"{conflicts} conflicts"
