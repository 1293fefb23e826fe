"""Reading a project's files safely.

Whatever names a file, a template, PROJECT or a generator, goes through `Tree`, which never leaves
the project's folder: no absolute paths, no `..`, no symbolic links, nothing that would be another
file on a disk that does not tell `a` from `A`.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from opgen.api.errors import Location, Problem, Problems

FORBIDDEN = frozenset('<>:"|?*\\') | frozenset(map(chr, range(32)))
"""Characters that some file system does not allow in names."""


@dataclass(frozen=True, slots=True)
class File:
    """The content of a file, and whether it may be run."""

    content: bytes
    executable: bool = False


class Tree:
    """The files below a folder, which need not exist yet."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._names: dict[Path, frozenset[str]] = {}

    def read(self, path: str) -> File | None:
        """The file at a relative path with `/`, or None if there is none.

        Raises:
            Problems: the path leaves the folder, or something else than a file is in its place.
        """
        parts = checked_parts(path)
        place, mode = self.root, 0
        for depth, part in enumerate(parts):
            self._refuse_case_clash(place, part)
            place = place / part
            shown = "/".join(parts[: depth + 1])
            try:
                mode = place.lstat().st_mode
            except FileNotFoundError:
                return None
            except OSError as error:
                raise unreadable(shown, error) from error
            _refuse_odd(shown, mode, last=depth == len(parts) - 1)
        try:
            return File(place.read_bytes(), bool(mode & stat.S_IXUSR))
        except OSError as error:
            raise unreadable(path, error) from error

    def _refuse_case_clash(self, folder: Path, name: str) -> None:
        names = self._names_in(folder)
        if name in names:
            return
        for found in sorted(names):
            if found.casefold() == name.casefold():
                raise Problems.of(
                    f"{found} exists, and {name} would be the same file on some disks",
                    location=Location((folder / found).relative_to(self.root).as_posix()),
                    hint=f"rename {found} to {name}, or move it away",
                )

    def _names_in(self, folder: Path) -> frozenset[str]:
        if folder not in self._names:
            try:
                self._names[folder] = frozenset(os.listdir(folder))  # noqa: PTH208 - names only
            except (FileNotFoundError, NotADirectoryError):
                self._names[folder] = frozenset()
            except OSError as error:
                raise unreadable(folder.relative_to(self.root).as_posix(), error) from error
        return self._names[folder]


def require_folder(root: Path) -> None:
    """Make sure that a folder is there or can be made.

    Raises:
        Problems: something else is in its place, or in that of one above it.
    """
    for place in (root, *root.parents):
        if place.is_dir():
            return
        if place.exists() or place.is_symlink():
            raise Problems.of(
                f"{place} is no folder, and the project must go there",
                hint="pass another folder, or move it away",
            )


def checked_parts(path: str) -> tuple[str, ...]:
    """The parts of a relative path.

    Raises:
        Problems: the path is empty, absolute, leaves its folder, or cannot exist on some systems.
    """
    parts = PurePosixPath(checked_text(path)).parts
    if (
        not parts
        or path.startswith("/")
        or any(part == ".." or FORBIDDEN & set(part) or part[-1] in ". " for part in parts)
    ):
        raise _no_path(path)
    return parts


def checked_text(path: str) -> str:
    """A path that is text everywhere; Python has surrogates for the bytes that are none.

    Raises:
        Problems: it has bytes that are no text.
    """
    if any("\ud800" <= character <= "\udfff" for character in path):
        raise Problems.of(
            f"the name {path!r} holds bytes that are no text", hint="rename it, or move it away"
        )
    return path


def _no_path(path: str) -> Problems:
    return Problems.of(
        f"{path!r} is no path of a file below the project's folder",
        hint="use a relative path with / and without ..",
    )


def _refuse_odd(path: str, mode: int, *, last: bool) -> None:
    if stat.S_ISLNK(mode):
        raise Problems.of(
            f"{path} is a symbolic link, and opgen writes only real files and folders",
            location=Location(path),
            hint="replace the link by what it points to, or move it away",
        )
    if last and not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise Problems.of(
            f"{path} is {what}, and a file must go there",
            location=Location(path),
            hint=f"move {path} away",
        )
    if not last and not stat.S_ISDIR(mode):
        raise Problems.of(
            f"{path} is a file, and a folder must go there",
            location=Location(path),
            hint=f"move {path} away",
        )


def unreadable(path: str, error: OSError) -> Problems:
    """The problem that the system refused to let a file be read."""
    return Problems(
        [
            Problem(
                f"{path} cannot be read: {error.strerror or error}",
                location=Location(path),
                hint="check its permissions",
            )
        ]
    )
