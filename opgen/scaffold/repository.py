"""The git repository that a project is in, as far as an update needs it.

git is asked through its command. Where there is no git, or the project is in no repository, there
is simply no `Repository`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from opgen.api.errors import Problems

_UNFINISHED = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
}
_LOCK = "index.lock"
_REGULAR = {False: "100644", True: "100755"}
_COMMITS_SEEN = 500
"""How many commits are looked at for what opgen wrote once."""


@dataclass(frozen=True, slots=True)
class Stages:
    """The three sides of a conflict, for git's index. None: there is no such side."""

    path: str
    base: bytes | None
    ours: bytes | None
    theirs: bytes | None
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository.

    Attributes:
        git: The git program.
        root: The project's folder.
        prefix: Its path in the repository, empty or ending in `/`.
        folder: git's own folder.
    """

    git: str
    root: Path
    prefix: str
    folder: Path
    _known: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    _readers: list[subprocess.Popen[bytes]] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def find(cls, root: Path) -> Repository | None:
        """The repository that a folder is in, or None."""
        git = shutil.which("git")
        if git is None or not root.is_dir():
            return None
        asked = ("rev-parse", "--show-prefix", "--absolute-git-dir", "--is-inside-work-tree")
        done = _run(git, root, *asked)
        lines = os.fsdecode(done.stdout).splitlines()
        if done.returncode or len(lines) != 3 or lines[2] != "true":
            return None
        return cls(git, root, lines[0], Path(lines[1]))

    def refuse_unfinished(self) -> None:
        """Make sure that git is not in the middle of something.

        Raises:
            Problems: it is.
        """
        found = [what for name, what in _UNFINISHED.items() if (self.folder / name).exists()]
        if not found and self._ask("ls-files", "--unmerged", "--", "."):
            found = ["a merge"]
        if not found and (self.folder / _LOCK).exists():
            raise Problems.of(
                f"another git command is at work: there is {self.folder / _LOCK}",
                hint="wait until it has ended; if none is running, delete the file",
            )
        if found:
            raise Problems.of(
                f"git is in the middle of {found[0]}, and an update would mix with it",
                hint="finish it or call it off (git status tells how), then run the command again",
            )

    def commit(self) -> str:
        """The commit that is checked out; empty before the first one."""
        done = _run(self.git, self.root, "rev-parse", "--verify", "--quiet", "HEAD")
        return os.fsdecode(done.stdout).strip()

    def versions(self, path: str) -> Iterator[bytes]:
        """The contents that a file had in the commits, newest first, each once.

        Raises:
            Problems: git refuses.
        """
        for name in self._objects().get(self.prefix + path, ()):
            content = self._read(name)
            if content is not None:
                yield content

    def _read(self, name: str) -> bytes | None:
        """The content of an object; None where a shallow clone does not have it."""
        if not self._readers:
            command = [self.git, "cat-file", "--batch"]
            pipe = subprocess.PIPE
            self._readers.append(subprocess.Popen(command, cwd=self.root, stdin=pipe, stdout=pipe))
        reader = self._readers[0]
        assert reader.stdin and reader.stdout, "both are pipes"
        reader.stdin.write(f"{name}\n".encode())
        reader.stdin.flush()
        head = reader.stdout.readline().split()
        if len(head) != 3:
            return None
        return reader.stdout.read(int(head[2]) + 1)[:-1]

    def close(self) -> None:
        """End the process that reads contents; it is started again when it is needed."""
        while self._readers:
            self._readers.pop().communicate()

    def _objects(self) -> dict[str, tuple[str, ...]]:
        """The names of all contents that files had in the last commits, by path."""
        if not self._known:
            found: dict[str, dict[str, None]] = {}
            asked = ("log", f"-{_COMMITS_SEEN}", "--format=", "--raw", "--no-abbrev", "-z")
            log = _run(self.git, self.root, *asked, "--no-renames", "--", ".")
            # Each entry: ":old-mode new-mode old-name new-name status", NUL, path, NUL. It fails
            # before the first commit.
            entries = iter(log.stdout.split(b"\0"))
            for entry in entries:
                old, new = entry.split()[2:4] if entry.lstrip().startswith(b":") else (b"", b"")
                if old:
                    path = os.fsdecode(next(entries))
                    names = (name.decode() for name in (new, old) if name.strip(b"0"))
                    found.setdefault(path, {}).update(dict.fromkeys(names))
            self._known.update((path, tuple(names)) for path, names in found.items())
        return self._known

    def set_stages(self, conflicts: Iterable[Stages]) -> None:
        """Mark files as unmerged, with the three sides for merge tools.

        Raises:
            Problems: git refuses.
        """
        entries = [entry for conflict in conflicts for entry in self._entries(conflict)]
        if entries:
            self._ask("update-index", "-z", "--index-info", feed=b"".join(entries))

    def _entries(self, conflict: Stages) -> Iterator[bytes]:
        """The lines for `git update-index`: the plain entry goes, the stages come."""
        path = os.fsencode(self.prefix + conflict.path)
        mode = _REGULAR[conflict.executable].encode()
        sides = enumerate((conflict.base, conflict.ours, conflict.theirs), start=1)
        stored = {
            stage: self._store(conflict.path, side) for stage, side in sides if side is not None
        }
        length = max(map(len, stored.values()), default=40)
        yield b"0 %b\t%b\0" % (b"0" * length, path)
        for stage, name in stored.items():
            yield b"%b %b %d\t%b\0" % (mode, name, stage, path)

    def _store(self, path: str, content: bytes) -> bytes:
        """Store the content of a file as git would; returns the object's name."""
        asked = ("hash-object", "-w", "--stdin", "--path", path)
        return self._ask(*asked, feed=content).strip()

    def _ask(self, *arguments: str, feed: bytes | None = None) -> bytes:
        done = _run(self.git, self.root, *arguments, feed=feed)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().split("\n")[0]
            raise Problems.of(f"git {arguments[0]}: {said}", hint="see: git status")
        return done.stdout


def _run(
    git: str, root: Path, *arguments: str, feed: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    return subprocess.run(
        [git, *arguments],
        cwd=root,
        env=environment,
        input=feed or b"",
        capture_output=True,
        check=False,
    )
